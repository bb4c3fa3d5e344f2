"""What a person asks for in, when it is due and where it stands out.

Source: GDPR art. 12(3): within one month of receipt, which two further months may extend where necessary; the
person is told of the extension, with reasons, within the first month. Where a due date falls on a holiday the
law gives longer; we never do. Other laws may ask for less: the shorter date is the operator's to keep.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from faceward import reading
from faceward.errors import ConflictError, InvalidValue
from faceward.governance.consent.retention import months_after
from faceward.governance.documents.statements import day_and_second
from faceward.transparency import canonical
from faceward.transparency.canonical import JsonValue

FIRST_MONTHS = 1
FURTHER_MONTHS = 2

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SUBJECT = re.compile(r"s-[0-9a-f]{32}", re.ASCII)
_ACTOR = re.compile(r"a-[0-9a-f]{32}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PLACE = "request"
_REMEDY = "See docs/explanation/consent-and-retention.md for what people may ask, and by when."
_MOST_BYTES = 16 * 1024


class RightsRequestOver(ConflictError):
    """A person's request cannot be continued like this."""

    code = "rights_request_over"
    remedy = "Look at where the request stands; a new wish of the person is a new request."


class Right(StrEnum):
    """What a person may ask for."""

    ACCESS = "access"
    CORRECTION = "correction"
    OBJECTION = "objection"
    COMPLAINT = "complaint"
    ERASURE = "erasure"


class Stage(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    EXTENDED = "extended"
    ANSWERED = "answered"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a request takes longer, or is refused. Source: GDPR art. 12(2), 12(3), 12(5), 17(3)."""

    COMPLEX = "complex"
    MANY_REQUESTS = "many_requests"
    IDENTITY_NOT_SHOWN = "identity_not_shown"
    UNFOUNDED = "unfounded"
    EXCESSIVE = "excessive"
    LAW_REQUIRES_KEEPING = "law_requires_keeping"


_EXTENDING = frozenset({Reason.COMPLEX, Reason.MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Step:
    """What the operator did about a request.

    Attributes:
        stage: Where it stood after it: extended, answered or refused.
        at: When, UTC.
        actor: Pseudonym of the account that did it.
        letter_hash: SHA-256 of what the person was told.
        reason: Why it takes longer or is refused; none for an answer.
    """

    stage: Stage
    at: datetime
    actor: str
    letter_hash: str
    reason: Reason | None = None

    def __post_init__(self) -> None:
        _second("step.at", self.at)
        _need(_ACTOR.fullmatch(self.actor), "step.actor", "must be a pseudonym: a- and 32 digits")
        _need(_DIGEST.fullmatch(self.letter_hash), "step.letter_hash", "must be the letter's SHA-256")
        _need(self.stage is not Stage.OPEN, "step.stage", "must be extended, answered or refused")
        needs = self.stage is not Stage.ANSWERED
        _need(
            needs == (self.reason is not None), "step.reason", "is for extended and refused, and needed there"
        )
        extends = self.stage is Stage.EXTENDED
        fits = self.reason is None or extends == (self.reason in _EXTENDING)
        _need(fits, "step.reason", f"must be one of {', '.join(sorted(_EXTENDING))} to extend, else another")


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """What a person asked for, and what was done.

    Attributes:
        request_id: 32 hexadecimal digits.
        right: What for.
        subject_pseudonym: What the ledger calls the subject.
        received: When it arrived, UTC.
        steps: What was done, the oldest first.
    """

    request_id: str
    right: Right
    subject_pseudonym: str
    received: datetime
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        _need(_ID.fullmatch(self.request_id), "request_id", "must be 32 hexadecimal digits")
        _need(_SUBJECT.fullmatch(self.subject_pseudonym), "subject_pseudonym", "must be a pseudonym: s- …")
        _second("received", self.received)
        before: tuple[Step, ...] = ()
        for number, step in enumerate(self.steps):
            cause = _objection(self.received, before, step)
            _need(cause is None, f"steps[{number}]", cause or "")
            before = (*before, step)

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return self.steps[-1].stage if self.steps else Stage.OPEN

    @property
    def due(self) -> datetime:
        """By when it must be answered or refused."""
        extended = any(it.stage is Stage.EXTENDED for it in self.steps)
        return months_after(self.received, FIRST_MONTHS + (FURTHER_MONTHS if extended else 0))

    def is_overdue(self, at: datetime) -> bool:
        """Whether it is unanswered, or was answered late, as seen at a moment."""
        closed = self.stage in {Stage.ANSWERED, Stage.REFUSED}
        return (self.steps[-1].at if closed else at) > self.due

    def followed_by(self, step: Step) -> RightsRequest:
        """The request with one step more; this one stays as it is.

        Raises:
            RightsRequestOver: The step may not follow; the cause says why.
        """
        if cause := _objection(self.received, self.steps, step):
            raise RightsRequestOver(f"The step {cause}.")
        return replace(self, steps=(*self.steps, step))

    def written(self) -> bytes:
        """The request as canonical JSON, to be filed."""
        values: dict[str, JsonValue] = {
            "request_id": self.request_id,
            "right": self.right.value,
            "subject_pseudonym": self.subject_pseudonym,
            "received": day_and_second(self.received),
            "steps": [
                {
                    "stage": it.stage.value,
                    "at": day_and_second(it.at),
                    "actor": it.actor,
                    "letter_hash": it.letter_hash,
                    "reason": it.reason.value if it.reason else None,
                }
                for it in self.steps
            ],
        }
        return canonical.encoded(values)


def read(content: bytes) -> RightsRequest:
    """Read what `RightsRequest.written` gave.

    Raises:
        InvalidValue: It is no such request; the message quotes nothing of it.
    """
    found = None
    if len(content) <= _MOST_BYTES:
        try:
            found = _request(reading.read(content, _PLACE, _REMEDY))
        except InvalidValue:
            found = None
    if found is None or found.written() != content:
        raise InvalidValue("This is no filed request of a person, or it was rewritten.", remedy=_REMEDY)
    return found


def _request(it: reading.Record) -> RightsRequest:
    name, right, subject = it.text("request_id"), it.choice("right", Right), it.text("subject_pseudonym")
    steps = tuple(
        Step(
            one.choice("stage", Stage),
            one.moment("at"),
            one.text("actor"),
            one.sha256("letter_hash"),
            one.choice("reason", Reason) if one.has("reason") else None,
        )
        for one in it.records("steps")
    )
    return RightsRequest(name, right, subject, it.moment("received"), steps)


def _objection(received: datetime, before: tuple[Step, ...], step: Step) -> str | None:
    """Why a step may not follow some others, or nothing."""
    last = before[-1] if before else None
    if last is not None and last.stage is not Stage.EXTENDED:
        return f"may not follow {last.stage}"
    if step.at < (last.at if last else received):
        return "is older than what it follows"
    if step.stage is Stage.EXTENDED:
        if last is not None:
            return "extends what was extended already"
        if step.at > months_after(received, FIRST_MONTHS):
            return "extends after the first month, which is too late"
    return None


def _need(holds: object, place: str, why: str) -> None:
    if not holds:
        raise InvalidValue(f"{_PLACE}.{place} {why}.", remedy=_REMEDY)


def _second(place: str, at: datetime) -> None:
    whole = at.tzinfo is UTC and not at.microsecond and 1900 <= at.year <= 2999
    _need(whole, place, "must be a moment in UTC to the second, of the years 1900 to 2999")
