"""Records and what happened since in, when they end, when erasure is due and by which clock out.

Clocks are data. All that apply run at once, and the earliest decides. A deadline says what this product does;
whether that is what a law asks for in a case, only lawyers can say.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from faceward.errors import InvalidValue
from faceward.governance.consent.records import ConsentRecord, State

LONGEST_HOURS = 24
"""Hours from withdrawal to erasure at most. Our choice, for "without undue delay" has no number."""


class Since(StrEnum):
    """What a clock counts from."""

    START = "given or last renewed"
    PROMISE = "the end that the record promises"
    CONTACT = "last contact"
    PURPOSE = "end of the purpose"
    WITHDRAWAL = "withdrawal or refusal"


@dataclass(frozen=True, slots=True)
class Clock:
    """How long something may be kept after something else.

    Attributes:
        name: Short name.
        places: Whose law: ISO 3166 codes; a country counts for all its parts. Empty for everywhere.
        since: What it counts from.
        months: Calendar months.
        time: What is added to them.
        source: Where it comes from.
    """

    name: str
    places: frozenset[str]
    since: Since
    months: int
    time: timedelta
    source: str

    def runs_in(self, jurisdiction: str) -> bool:
        """Whether it counts under the law of a place."""
        return not self.places or bool({jurisdiction, jurisdiction[:2]} & self.places)

    def due(self, start: datetime) -> datetime:
        """When it has run down."""
        return months_after(start, self.months) + self.time


_NOTHING = timedelta(0)
_EEA = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)
_GDPR = _EEA | {"GB"}  # the United Kingdom keeps the same words in its own law

STATUTES: tuple[Clock, ...] = (
    Clock(
        "bipa-purpose",
        frozenset({"US-IL"}),
        Since.PURPOSE,
        0,
        _NOTHING,
        "BIPA, 740 ILCS 14/15(a): destroyed when the initial purpose has been satisfied",
    ),
    Clock(
        "bipa-contact",
        frozenset({"US-IL"}),
        Since.CONTACT,
        36,
        _NOTHING,
        "BIPA, 740 ILCS 14/15(a): or within 3 years of the last interaction, whichever occurs first",
    ),
    Clock(
        "cubi-purpose",
        frozenset({"US-TX"}),
        Since.PURPOSE,
        12,
        _NOTHING,
        "CUBI, Texas Bus. & Com. Code 503.001(c)(3): at most a year after the purpose expires",
    ),
    Clock(
        "gdpr-purpose",
        _GDPR,
        Since.PURPOSE,
        0,
        timedelta(hours=24),
        "GDPR art. 17(1)(a): no longer necessary, erased without undue delay; 24 hours is our reading",
    ),
    Clock(
        "gdpr-withdrawal",
        _GDPR,
        Since.WITHDRAWAL,
        0,
        timedelta(hours=24),
        "GDPR art. 17(1)(b): consent withdrawn, erased without undue delay; 24 hours is our reading",
    ),
)
"""Clocks of statutes, as outer limits."""


@dataclass(frozen=True, slots=True)
class OwnClocks:
    """What an operator promises beyond the statutes; it can only shorten.

    Attributes:
        withdrawal_hours: Hours from withdrawal or refusal to erasure, 0 to 24.
        retention_days: Days from when it was given or last renewed to erasure; none for no such promise.
    """

    withdrawal_hours: int = LONGEST_HOURS
    retention_days: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.withdrawal_hours <= LONGEST_HOURS:
            raise InvalidValue(f"withdrawal_hours must be a whole number from 0 to {LONGEST_HOURS}.")
        if self.retention_days is not None and not 1 <= self.retention_days <= 3650:
            raise InvalidValue("retention_days must be a whole number from 1 to 3650.")

    def clocks(self) -> tuple[Clock, ...]:
        """Them as clocks, with the one of the record itself."""
        everywhere: frozenset[str] = frozenset()
        hours = timedelta(hours=self.withdrawal_hours)
        own = (
            Clock("own-withdrawal", everywhere, Since.WITHDRAWAL, 0, hours, "the operator's promise"),
            Clock("record", everywhere, Since.PROMISE, 0, _NOTHING, "the retention that the record states"),
        )
        if self.retention_days is None:
            return own
        days = timedelta(days=self.retention_days)
        return (*own, Clock("own-days", everywhere, Since.START, 0, days, "the operator's retention days"))


@dataclass(frozen=True, slots=True)
class Course:
    """What happened beside the record.

    Attributes:
        last_contact: When the person last had to do with the operator, UTC; none where nothing is known.
        purpose_ended: When the purpose was satisfied or given up, UTC; none while it lasts.
    """

    last_contact: datetime | None = None
    purpose_ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a record ends, and what rests on it alone.

    Attributes:
        until: From when it is no ground any more, UTC.
        erase_by: When what rests on it alone must be gone, UTC.
        clock: Which clock says so.
        why: The same in words.
    """

    until: datetime
    erase_by: datetime
    clock: Clock
    why: str


def deadline(record: ConsentRecord, course: Course | None = None, own: OwnClocks | None = None) -> Deadline:
    """When a record ends and erasure is due: the earliest of all clocks that run.

    Args:
        record: The record, which says jurisdiction, promise, withdrawal and refusal.
        course: What happened beside it; nothing by default.
        own: What the operator promises; 24 hours after withdrawal by default.
    """
    course, own = course or Course(), own or OwnClocks()
    starts = _starts(record, course)
    running = [
        (clock.due(starts[clock.since]), clock)
        for clock in (*own.clocks(), *STATUTES)
        if clock.since in starts and clock.runs_in(record.processing.jurisdiction)
    ]
    erase_by, clock = min(running, key=lambda it: it[0])
    ends = [starts[it] for it in (Since.PROMISE, Since.PURPOSE, Since.WITHDRAWAL) if it in starts]
    why = f"{clock.name}, counted from {clock.since}: {clock.source}."
    return Deadline(min(erase_by, *ends), erase_by, clock, why)


def months_after(start: datetime, months: int) -> datetime:
    """The same day some months later, or the last of that month where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    day = min(start.day, monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def _starts(record: ConsentRecord, course: Course) -> Mapping[Since, datetime]:
    """What clocks count from; what has not happened is not there."""
    first, promise = record.events[0].at, record.until
    begun = record.last(State.GIVEN, State.RENEWED)
    start = begun.at if begun else first
    starts = {Since.START: start, Since.PROMISE: promise}
    # To agree or renew is a contact too, and the only one that is known for sure.
    starts[Since.CONTACT] = max(start, course.last_contact or start)
    if course.purpose_ended is not None:
        starts[Since.PURPOSE] = course.purpose_ended
    if ended := record.last(State.WITHDRAWN, State.REFUSED):
        starts[Since.WITHDRAWAL] = ended.at
    return starts
