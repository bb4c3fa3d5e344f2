"""A sector, a function and a purpose in, a use that is reviewed in all else out: for simulations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from faceward.governance.facts import DeploymentFacts, InstrumentFacts, UseFacts
from faceward.governance.policies.simulation import Case
from faceward.governance.policies.vocabulary import CORE_CRITERIA
from faceward.governance.reviews.factors import NEVER
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Body,
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Safeguard,
    Sector,
    Source,
    Status,
)

FUNCTIONS = {
    Function.VERIFY: Action.VERIFY,
    Function.IDENTIFY: Action.IDENTIFY,
    Function.LIVE: Action.IDENTIFY,
    Function.ANALYSE: Action.DETECT,
}
"""The functions that a use can be reviewed for, with the action that stands for each."""

PURPOSES = tuple(purpose for purpose in Purpose if purpose not in NEVER)
"""Purposes that a review can open."""

_BODIES = {
    Sector.COMMERCIAL: Body.COMPANY,
    Sector.NON_PROFIT: Body.NON_PROFIT,
    Sector.HEALTH: Body.HOSPITAL,
    Sector.EDUCATION: Body.SCHOOL,
    Sector.GOVERNMENT: Body.PUBLIC_AGENCY,
    Sector.LAW_ENFORCEMENT: Body.POLICE,
}
_MONTHS = timedelta(days=150)
_COUNTRY = "XX"  # no country's code: nobody is meant


@dataclass(frozen=True, slots=True)
class Archetype:
    """What tells one archetypal use from another.

    Attributes:
        sector: Who uses it.
        function: What it amounts to.
        purpose: What for.
    """

    sector: Sector
    function: Function
    purpose: Purpose


def archetypes(on: datetime, law: InstrumentFacts | None = None) -> Mapping[Archetype, Case]:
    """Every archetypal use: each sector, each function of `FUNCTIONS`, each of `PURPOSES`.

    Args:
        on: The moment of the use.
        law: The law that every deployment names; usually none, as none is known to be enough.
    """
    kinds = [
        Archetype(sector, function, purpose)
        for sector in Sector
        for function in FUNCTIONS
        for purpose in PURPOSES
    ]
    return {kind: archetypal(kind, on, law) for kind in kinds}


def archetypal(kind: Archetype, on: datetime, law: InstrumentFacts | None = None) -> Case:
    """One use that the base refuses nothing of, whatever its sector, function and purpose.

    Its review is the enhanced one, with two approvers, every factor and every safeguard; its audit has
    passed; an authority is open. People who do not present themselves are looked for by name, in a public
    place; all others are photographed in a private one.
    """
    live = kind.function is Function.LIVE
    capture = Capture.FIXED_CAMERA if live else Capture.SUPERVISED
    deployment = DeploymentFacts(
        country=_COUNTRY,
        agency=_BODIES[kind.sector],
        place=Place.PUBLIC if live else Place.PRIVATE,
        tier=3,
        status=Status.APPROVED,
        opened=on - _MONTHS,
        review_until=on + _MONTHS,
        purposes=frozenset({kind.purpose}),
        functions=frozenset({kind.function}),
        captures=frozenset({capture}),
        approvers=2,
        enhanced=True,
        factors=True,
        voluntary=True,
        human=True,
        safeguards=frozenset(Safeguard),
        max_enrolled=20_000,
        max_daily=20_000,
        instrument=law,
    )
    use = UseFacts(
        now=on,
        purpose=kind.purpose,
        function=kind.function,
        sector=kind.sector,
        capture=capture,
        live=live,
        targeted=True,
        own_gallery=True,
        source=Source.SUBJECTS,
        ground=Ground.CONSENT,
        minors=Minors.NONE,
        authority=True,
        audit=AuditVerdict.PASS,
        banned=False,
        enrolled_after=10_000,
        daily_after=1_000,
        customer_enrolled_after=10_000,
        customer_daily_after=1_000,
        tier_enrolled=20_000,
        tier_daily=20_000,
        customer_tier=3,
    )
    return Case(FUNCTIONS[kind.function], deployment, use)


def invented_law(on: datetime) -> InstrumentFacts:
    """A law that meets every demand of the law gate for every archetypal police use. There is no such law."""
    return InstrumentFacts(
        country=_COUNTRY,
        level="national",
        status="in_force",
        effective=on - _MONTHS,
        ends=None,
        agencies=frozenset({Body.POLICE.value}),
        functions=frozenset(function.value for function in FUNCTIONS),
        purposes=frozenset(purpose.value for purpose in PURPOSES),
        met=frozenset(CORE_CRITERIA),
        approvals=2,
        public_interest=1,
        window_closed=on - _MONTHS,
        upheld_challenge=False,
        review_until=on + _MONTHS,
    )
