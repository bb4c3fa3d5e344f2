"""A key and a moment in, whether it may ask once more out."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from faceward.api.work import Busy

_MOST_KNOWN = 10_000


class RequestRate:
    """Lets each key ask so often in a minute, with a burst of a tenth of that.

    Args:
        per_minute: Requests of one key.
        now: Seconds of a clock that never goes back.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst = max(1.0, per_minute / 10)
        self._now = now
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, who: str) -> None:
        """Take one request of somebody's.

        Raises:
            Busy: They have asked too often.
        """
        now = self._now()
        with self._lock:
            left, then = self._known.pop(who, (self._burst, now))
            left = min(self._burst, left + (now - then) * self._per_second)
            self._known[who] = (left - 1 if left >= 1 else left, now)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        if left < 1:
            raise Busy("This key asks more often than it may.")
