"""A time in, a clock that shows it until it is told otherwise out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SetClock:
    """Shows the time it was set to.

    Args:
        time: What it shows first, aware of its zone.
    """

    def __init__(self, time: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.time = time

    def now(self) -> datetime:
        """The time it was set to, in UTC."""
        return self.time.astimezone(UTC)

    def advance(self, *, seconds: float = 0, days: float = 0) -> None:
        """Move on, or back where that is negative."""
        self.time += timedelta(days=days, seconds=seconds)
