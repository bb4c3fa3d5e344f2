"""What an operator wants to try with a few consenting people in, a trial out, or why there is none.

A trial (tier 0) needs no review and no audit, so it is small, short, open about itself in the ledger, and not
for anybody who has power over people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from faceward.governance.reviews.applications import EXCEPTIONS
from faceward.governance.reviews.factors import NEVER
from faceward.governance.reviews.organisations import REMEDY, country
from faceward.governance.reviews.scale import LIMITS, TRIAL, Scale
from faceward.ports.ledger import JsonValue
from faceward.reading import Record
from faceward.transparency.words import Body, Capture, Function, Place, Purpose, Safeguard, Sector, strictest

LASTS = timedelta(days=90)
"""How long a trial lasts. Our choice."""

PAUSE = timedelta(days=365)
"""How long after the end of a trial its customer has no other. Our choice: a trial is no way to work."""

SCALE: Scale = LIMITS[TRIAL]

PURPOSES = frozenset(Purpose) - EXCEPTIONS - NEVER
PLACES = frozenset({Place.PRIVATE, Place.SEMI_PUBLIC})
CAPTURES = frozenset(
    {Capture.UPLOAD, Capture.DOCUMENT, Capture.SUPERVISED, Capture.UNATTENDED, Capture.KIOSK}
)

PROMISES = (
    "Everyone whose template is made has consented to this trial, and can leave it.",
    "Nobody has to take part, and whoever does not has another way.",
    "A person decides, with at most three tries before, and nobody loses an account by machine.",
    "Nothing that affects a person rests on a comparison alone.",
)
"""What whoever opens a trial signs."""

_ONE_TO_ONE = frozenset({Purpose.LIVENESS, Purpose.VERIFY_ACCOUNT, Purpose.VERIFY_WORKER})
_GOVERNING = frozenset({Sector.GOVERNMENT, Sector.LAW_ENFORCEMENT})


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried.

    Attributes:
        customer: Identifier of the organisation.
        name: What it is called.
        body: What its operator declares it to be; a review on record wins.
        purpose: What for.
        country: ISO 3166-1 alpha-2.
        place: Where photos are taken.
        site: The one site.
        captures: What photos are taken with.
        promises: What the operator promises, in the words of `PROMISES`.
    """

    customer: str
    name: str
    body: Body
    purpose: Purpose
    country: str
    place: Place
    site: str
    captures: frozenset[Capture]
    promises: tuple[str, ...] = PROMISES

    @property
    def functions(self) -> frozenset[Function]:
        """What the purpose needs: no search where one person is compared with their own photo."""
        by_purpose = Function.VERIFY if self.purpose in _ONE_TO_ONE else Function.IDENTIFY
        return frozenset({Function.VERIFY, Function.ANALYSE, by_purpose})

    @property
    def safeguards(self) -> frozenset[Safeguard]:
        """All of them; they are among the promises."""
        return frozenset(Safeguard)


def parse(body: Mapping[str, JsonValue]) -> Trial:
    """Read a trial strictly.

    Raises:
        InvalidValue: A key is missing, unknown or wrong.
    """
    record = Record(dict(body), "trial", REMEDY)
    it = Trial(
        record.text("customer", longest=64),
        record.text("name", longest=200),
        record.choice("body", Body),
        record.choice("purpose", Purpose),
        country(record, "country"),
        record.choice("place", Place),
        record.text("site", longest=200),
        record.choices("captures", Capture),
        record.texts("promises"),
    )
    record.done()
    return it


def as_json(it: Trial) -> dict[str, JsonValue]:
    """A trial as JSON values."""
    return {
        "customer": it.customer,
        "name": it.name,
        "body": str(it.body),
        "purpose": str(it.purpose),
        "country": it.country,
        "place": str(it.place),
        "site": it.site,
        "captures": sorted(str(one) for one in it.captures),
        "promises": list(it.promises),
    }


def objections(it: Trial, reviewed: Body | None) -> tuple[str, ...]:
    """Why there can be no such trial, whoever asks; nothing where there can.

    Args:
        it: The trial.
        reviewed: What a review found the organisation to be; ``None`` where there was none.
    """
    reasons = []
    if strictest(it.body, *(() if reviewed is None else (reviewed,))) in _GOVERNING:
        reasons.append("Government bodies, the police and whoever is not known have no unreviewed trial.")
    if it.purpose not in PURPOSES:
        reasons.append(f"There are no trials for {it.purpose}.")
    if it.place not in PLACES:
        reasons.append("Trials take place where the public does not come by.")
    if not it.captures or not it.captures <= CAPTURES:
        reasons.append("In a trial people present themselves; no camera looks for them.")
    if it.promises != PROMISES:
        reasons.append("The promises that go with a trial are not those that were signed.")
    return tuple(reasons)
