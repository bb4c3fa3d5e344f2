"""A law, who would act under it, and when in; whether it is satisfied out, condition by condition.

The rule ``microsoft-2020/law-enforcement`` says the same in Cedar; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from faceward.governance.facts import InstrumentFacts
from faceward.governance.laws import instruments
from faceward.governance.laws.criteria import CORE, Answer, CriterionName
from faceward.governance.laws.instrument_reviews import ENOUGH, ENOUGH_PUBLIC, SignatureCheck, nobody_signed
from faceward.governance.laws.instruments import Instrument
from faceward.governance.laws.law_explanations import Wanted, explained
from faceward.transparency.words import Body, Function, Purpose


class Operating(Protocol):
    """Who would act under a law: a deployment, or one that may come to be."""

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2."""

    @property
    def agency(self) -> Body:
        """Kind of body that operates."""

    @property
    def functions(self) -> frozenset[Function]:
        """What it may do at all; upkeep is judged by them."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who would act under a law, before any deployment exists.

    Attributes:
        country: ISO 3166-1 alpha-2.
        agency: Kind of body.
        functions: What it would do.
    """

    country: str
    agency: Body
    functions: frozenset[Function]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a law must be or do.

    Attributes:
        name: Which; ``HR-01`` to ``HR-18`` for a criterion.
        holds: Whether it holds.
        asks: What must hold, in words.
        record: What the record says.
        remedy: What would change it; empty where it holds.
        blocks: Whether the law is not satisfied without it.
    """

    name: str
    holds: bool
    asks: str
    record: str
    remedy: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found of one law for one use at one moment.

    Attributes:
        instrument: Identifier of the law.
        at: The moment.
        conditions: Every condition, in order.
    """

    instrument: str
    at: datetime
    conditions: tuple[Condition, ...]

    @property
    def satisfied(self) -> bool:
        """Whether every condition that blocks holds."""
        return all(it.holds for it in self.conditions if it.blocks)

    @property
    def missing(self) -> tuple[Condition, ...]:
        """What blocks and does not hold."""
        return tuple(it for it in self.conditions if it.blocks and not it.holds)


def satisfied(  # noqa: PLR0913 - the six things that the question is made of
    law: Instrument,
    deployment: Operating,
    at: datetime,
    function: Function,
    purpose: Purpose,
    *,
    signed: SignatureCheck = nobody_signed,
) -> Findings:
    """Say whether a law allows a body a use, and of each condition whether it holds and why.

    Args:
        law: The law.
        deployment: Who would act under it.
        at: When.
        function: What they would do.
        purpose: For what.
        signed: Whether a reviewer's signature holds. Without a check none does, and no law is satisfied.
    """
    facts = instruments.facts_of(law, at, signed=signed)
    held = holding(facts, deployment, at, function, purpose)
    wanted = Wanted(deployment.country, deployment.agency, judged_by(deployment, function), purpose)
    words = explained(law, facts, wanted)
    conditions = [Condition(name, *words[name].told(holds), blocks=True) for name, holds in held.items()]
    for name in (it for it in CriterionName if not it.core):
        met = law.answer(name).answer is Answer.MET
        conditions.append(Condition(name.value, *words[name.value].told(met), blocks=False))
    return Findings(law.identifier, at, tuple(conditions))


def holding(
    facts: InstrumentFacts, deployment: Operating, at: datetime, function: Function, purpose: Purpose
) -> dict[str, bool]:
    """Whether each condition that blocks holds, from the facts alone; the law is satisfied where all do."""
    return {
        "level": facts.level == "national",
        "country": facts.country == deployment.country,
        "status": facts.status == "in_force",
        "effective": facts.effective <= at,
        "ends": facts.ends is None or at < facts.ends,
        "agency": deployment.agency.value in facts.agencies,
        "function": facts.functions >= {it.value for it in judged_by(deployment, function)},
        "purpose": purpose.value in facts.purposes,
        **{name.value: name.value in facts.met for name in CORE},
        "reviewers": facts.approvals >= ENOUGH,
        "public_interest": facts.public_interest >= ENOUGH_PUBLIC,
        "window": facts.window_closed <= at,
        "challenges": not facts.upheld_challenge,
        "review_until": at < facts.review_until,
    }


def judged_by(deployment: Operating, function: Function) -> frozenset[Function]:
    """What a law must name: the function, or for upkeep every function that it serves."""
    return deployment.functions if function is Function.UPKEEP else frozenset({function})
