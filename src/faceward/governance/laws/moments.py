"""Dates of the law in, moments that rules can compare out; what has no date has a word, and never counts for.

A date without an hour is a moment in UTC that is late enough: a law begins no earlier, a ban no later.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from faceward.reading import Record

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands for the beginning of what has none that is known."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the end of what may have ended, for all that is known."""


class Undated(StrEnum):
    """Why there is no date."""

    NONE = "none"  # there is none
    UNKNOWN = "unknown"  # there may be one


Dated: TypeAlias = datetime | Undated
"""A moment in UTC, or why there is none."""


def dated(record: Record, key: str) -> Dated:
    """Read a moment, ``none`` or ``unknown``.

    Raises:
        InvalidValue: It is something else.
    """
    return Undated(text) if (text := record.text(key)) in tuple(Undated) else record.moment(key)


def written(moment: Dated) -> str:
    """The text that `dated` or `Record.moment` reads."""
    if isinstance(moment, Undated):
        return str(moment)
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def a_year_after(moment: datetime) -> datetime:
    """The same day and hour of the next year; after 29 February, 28 February."""
    try:
        return moment.replace(year=moment.year + 1)
    except ValueError:
        return moment.replace(year=moment.year + 1, day=28)


def begins(moment: Dated) -> datetime:
    """When something begins for a rule: never, where its beginning is not known."""
    return NEVER if isinstance(moment, Undated) else moment


def expires(moment: Dated) -> datetime:
    """When something that must end ends for a rule: long ago, where its end is not known."""
    return LONG_AGO if isinstance(moment, Undated) else moment


def ends(moment: Dated) -> datetime | None:
    """When something that may last for ever ends for a rule; ``None`` where it does not."""
    return None if moment is Undated.NONE else expires(moment)
