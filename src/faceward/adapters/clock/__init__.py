"""Nothing in, the time out."""

from __future__ import annotations

from faceward.adapters.clock.system import SystemClock

__all__ = ["SystemClock"]
