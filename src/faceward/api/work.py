"""Work that takes a thread in, its result out; or "busy", at once, where too much waits already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from faceward.errors import DependencyError

T = TypeVar("T")


class Busy(DependencyError):
    """As much is waiting as may wait, so nothing more is taken."""

    code = "busy"
    remedy = "Try again after the seconds that Retry-After names."

    after = 1
    """Seconds to wait."""


class Workers:
    """Runs work beside the event loop.

    Args:
        threads: How many run at once.
        waiting: How many may wait for one of them.
    """

    def __init__(self, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="faceward")
        self._most = threads + waiting
        self._taken = 0
        self._lock = Lock()

    async def run(self, work: Callable[[], T]) -> T:
        """Run work and give its result.

        Work goes on where its caller leaves: what the gate allowed ends as the gate records it.

        Raises:
            Busy: Too much waits.
        """
        with self._lock:
            if self._taken >= self._most:
                raise Busy("As many requests are waiting as may wait.")
            self._taken += 1
        running = self._pool.submit(work)
        running.add_done_callback(self._over)
        return await asyncio.shield(asyncio.wrap_future(running))

    @property
    def taken(self) -> int:
        """How many run or wait."""
        return self._taken

    def close(self) -> None:
        """Let what runs end, and take nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=False)

    def _over(self, _running: Future[Any]) -> None:
        with self._lock:
            self._taken -= 1
