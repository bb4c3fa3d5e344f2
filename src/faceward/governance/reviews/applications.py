"""What somebody wants to use recognition for in, every factor of the review out, none of them left open."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from faceward.errors import InvalidValue
from faceward.governance.reviews.factors import FACTORS, Liveness
from faceward.governance.reviews.scale import Scale
from faceward.ports.ledger import JsonValue
from faceward.reading import Record
from faceward.transparency.words import (
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Safeguard,
    Source,
)

EXCEPTIONS = frozenset(
    {
        Purpose.MISSING_PERSON,
        Purpose.TRAFFICKING_VICTIM,
        Purpose.DECEASED_PERSON,
        Purpose.HUMANITARIAN,
        Purpose.EMERGENCY_LIFE,
        Purpose.CRIMINAL_INVESTIGATION,
    }
)
"""Purposes that take the enhanced review: two approvers, and a short time."""


class ApplicationIncomplete(InvalidValue):
    """An application leaves factors of the review open; `reasons` names each with what it asks."""

    code = "application_incomplete"
    remedy = "Answer every factor; `faceward deployment template` writes a file with all of them."

    def __init__(self, cause: str, *, reasons: tuple[str, ...] = (), remedy: str | None = None) -> None:
        super().__init__(cause, remedy=remedy)
        self.reasons = reasons

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process."""
        return _rebuilt, (self.cause, self.reasons, self.remedy)


def _rebuilt(cause: str, reasons: tuple[str, ...], remedy: str) -> ApplicationIncomplete:
    return ApplicationIncomplete(cause, reasons=reasons, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Application:
    """Every factor of a review. Texts are for reviewers, words for rules.

    Attributes:
        customer: The organisation that would operate it; its sector comes from its own review.
        recipients: Other organisations that get results; may be empty.
        functions: What recognition does: verify, identify, live, analyse.
        purposes: What it is for.
        country: ISO 3166-1 alpha-2.
        locality: Town or region.
        place: Where photos are taken.
        voluntary: Whether enrolment is optional.
        alternative: What people get who do not take part, or whom it fails.
        false_match: What happens to a person who is taken for another.
        false_non_match: What happens to a person who is not recognised.
        human: Whether a person decides, with the power to overrule.
        decides: Who decides, and how they were trained.
        vulnerable_people: Children, patients, people in dependence: who may be met, and what protects them.
        source: Where photos of the gallery come from.
        ground: On which legal ground.
        people: How many people are enrolled at most.
        uses_a_day: How many comparisons and searches a day at most.
        cameras: How many cameras or other devices.
        sites: Names of the sites.
        audit: Evidence of accuracy and fairness: identifier of the audit.
        retention_days: Days after which templates are erased.
        sharing: With whom anything is shared, and what.
        earlier_refusals: What was refused before, here or elsewhere, and why.
        safeguards: What protects those whom a comparison fails.
        captures: What photos are taken with.
        minors: Whether people below the age of majority may be met.
        instrument: Identifier of the law it rests on; ``none`` where it rests on none.
        liveness: What is done against photos of photos.
    """

    customer: str
    recipients: tuple[str, ...]
    functions: frozenset[Function]
    purposes: frozenset[Purpose]
    country: str
    locality: str
    place: Place
    voluntary: bool
    alternative: str
    false_match: str
    false_non_match: str
    human: bool
    decides: str
    vulnerable_people: str
    source: Source
    ground: Ground
    people: int
    uses_a_day: int
    cameras: int
    sites: tuple[str, ...]
    audit: str
    retention_days: int
    sharing: str
    earlier_refusals: str
    safeguards: frozenset[Safeguard]
    captures: frozenset[Capture]
    minors: Minors
    instrument: str
    liveness: Liveness

    @property
    def scale(self) -> Scale:
        """How much is applied for."""
        return Scale(self.people, self.uses_a_day)

    @property
    def enhanced(self) -> bool:
        """Whether the enhanced review is needed: for exceptions, and where minors may be met."""
        return bool(self.purposes & EXCEPTIONS) or self.minors is not Minors.NONE


def parse(record: Record) -> Application:
    """Read an application strictly.

    Raises:
        ApplicationIncomplete: A factor is open or answered with what is no answer; each is named.
        InvalidValue: It has keys that are no factors.
    """
    answers: dict[str, Any] = {}
    open_: list[str] = []
    for factor in FACTORS:
        try:
            answers[factor.name] = factor.read(record, factor.name)
        except InvalidValue as error:
            missing = not record.has(factor.name)
            why = "is not answered" if missing else error.cause.partition(f".{factor.name} ")[2].rstrip(".")
            open_.append(f"{factor.name} {why}. {factor.asks}")
    if open_:
        raise ApplicationIncomplete(f"{len(open_)} of {len(FACTORS)} factors are open.", reasons=tuple(open_))
    record.done()
    return Application(**answers)


def as_json(it: Application) -> dict[str, JsonValue]:
    """An application as JSON values."""
    return {field.name: _plain(getattr(it, field.name)) for field in fields(it)}


def _plain(value: Any) -> JsonValue:
    if isinstance(value, frozenset):
        return sorted(str(it) for it in value)
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, StrEnum) else value
