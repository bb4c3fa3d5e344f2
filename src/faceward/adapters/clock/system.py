"""Nothing in, the time of this machine out."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Tells what the clock of the machine shows."""

    def now(self) -> datetime:
        """The time in UTC, aware of its zone, to the microsecond."""
        return datetime.now(UTC)
