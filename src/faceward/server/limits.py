"""A key and a moment in, whether it may ask once more out."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from faceward.api.uploads import BodySlow
from faceward.api.work import Busy

_MOST_KNOWN = 10_000


class RequestRate:
    """Lets each key, or whoever is meant, ask so often in a minute, with a burst.

    Args:
        per_minute: Requests of one key.
        burst: How many may come at once; a tenth of a minute's where it is ``None``.
        now: Seconds of a clock that never goes back.
    """

    def __init__(
        self, per_minute: int, burst: int | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = float(burst or max(1.0, per_minute / 10))
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
            busy = Busy("More was asked in a minute than may be.")
            busy.after = math.ceil((1 - left) / self._per_second)
            raise busy


def timely(app: ASGIApp, seconds: float) -> ASGIApp:
    """See that bodies arrive in time, whoever reads them."""

    async def passing(scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, whose body has so long."""
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        until, is_whole = time.monotonic() + seconds, False

        async def received() -> Any:
            """The next piece, in time."""
            nonlocal is_whole
            if is_whole:  # What comes now is that the caller has gone.
                return await receive()
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise BodySlow(f"The body did not arrive within {seconds:g} s.") from None
            is_whole = not message.get("more_body", False)
            return message

        await app(scope, received, send)

    return passing
