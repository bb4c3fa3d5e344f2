"""What a reviewer or operator decides about a deployment in, typed and checked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from faceward.errors import InvalidValue
from faceward.governance.documents.statements import day_and_second
from faceward.ports.ledger import JsonValue
from faceward.reading import Record

LONGEST = timedelta(days=365)
"""The longest that an approval holds."""

LONGEST_ENHANCED = timedelta(days=90)
"""The longest that an approval of the enhanced review holds. Our choice."""


class Act(StrEnum):
    """What may be decided."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    REFUSE = "refuse"
    NEED_MORE = "need_more"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"

    @property
    def approves(self) -> bool:
        """Whether it opens something."""
        return self in {Act.APPROVE, Act.APPROVE_WITH_CONDITIONS}

    @property
    def judges(self) -> bool:
        """Whether it is about one version of an application."""
        return self.approves or self in {Act.REFUSE, Act.NEED_MORE}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    Attributes:
        act: What is decided.
        reason: Why, in words.
        application: Digest of the statement of the application that was judged; empty for other acts.
        conditions: Under which conditions, in words.
        people: The most people, if fewer than were applied for.
        uses_a_day: The most uses a day, if fewer than were applied for.
        until: When an approval runs out.
    """

    act: Act
    reason: str
    application: str = ""
    conditions: tuple[str, ...] = ()
    people: int | None = None
    uses_a_day: int | None = None
    until: datetime | None = None

    @property
    def conditions_counted(self) -> int:
        """How many conditions, limits among them."""
        return len(self.conditions) + (self.people is not None) + (self.uses_a_day is not None)


def parse(body: Mapping[str, JsonValue]) -> Decision:
    """Read a decision strictly.

    Raises:
        InvalidValue: A key is missing, unknown or wrong, or does not go with the act.
    """
    record = Record(dict(body), "decision")
    it = Decision(
        record.choice("act", Act),
        record.text("reason"),
        record.sha256("application") if record.has("application") else "",
        record.texts("conditions"),
        record.whole("people", least=1) if record.has("people") else None,
        record.whole("uses_a_day", least=1) if record.has("uses_a_day") else None,
        record.moment("until") if record.has("until") else None,
    )
    record.done()
    if it.act.judges != bool(it.application) or it.act.approves != (it.until is not None):
        raise InvalidValue(
            "A decision does not name what it needs.",
            remedy="Judge a named application; give a date for an approval, and for nothing else.",
        )
    if bool(it.conditions_counted) != (it.act is Act.APPROVE_WITH_CONDITIONS):
        raise InvalidValue(
            "Conditions and limits go with an approval under conditions, and with nothing else.",
            remedy="Leave them out, or name at least one.",
        )
    return it


def as_json(it: Decision) -> dict[str, JsonValue]:
    """A decision as JSON values."""
    return {
        "act": str(it.act),
        "reason": it.reason,
        "application": it.application or None,
        "conditions": list(it.conditions),
        "people": it.people,
        "uses_a_day": it.uses_a_day,
        "until": None if it.until is None else day_and_second(it.until),
    }
