"""Nothing in, the time out: the one place that time comes from."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Every adapter passes tests/contracts/test_clock.py."""

    def now(self) -> datetime:
        """The time in UTC, aware of its zone, to the microsecond."""
