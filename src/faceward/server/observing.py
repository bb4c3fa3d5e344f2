"""Every request in, a line of the log and figures out; no body, no name and no key is ever in either."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from faceward.api.desk import Desk

LOG = logging.getLogger("faceward.server")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Observations:
    """Figures of one server: how many, how long, how much waits. No tenant and no person is in them."""

    def __init__(self, desk: Desk) -> None:
        """Watch what a desk works with."""
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("faceward_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram(
            "faceward_request_seconds",
            "From the first byte to the last.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        waiting = Gauge("faceward_work", "Operations that run or wait.", registry=self._registry)
        waiting.set_function(lambda: desk.workers.taken)
        held = Gauge("faceward_index_bytes", "Bytes of templates in memory.", registry=self._registry)
        held.set_function(desk.operations.memory_bytes)

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)


def observed(observations: Observations) -> Callable[[ASGIApp], ASGIApp]:
    """What goes around the whole application."""

    def around(app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            """Pass a request on, and note what came of it."""
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            identifier, started, status = secrets.token_hex(8), time.perf_counter(), 500
            scope["faceward.request"] = identifier  # type: ignore[typeddict-unknown-key]

            async def answered(message: Message) -> None:
                """Add what every reply has."""
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    own = (b"x-request-id", identifier.encode())
                    message["headers"] = [*message["headers"], *_HEADERS, own]
                await send(message)

            try:
                await app(scope, receive, answered)
            finally:
                seconds = time.perf_counter() - started
                route = str(scope.get("path_template") or "unknown")
                method = str(scope.get("method")) if scope.get("method") in _METHODS else "other"
                observations.note(method, route, status, seconds)
                _log(identifier, method, route, status, seconds, scope.get("faceward.key"))

        return watched

    return around


_METHODS = frozenset({"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"})
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


def _log(  # noqa: PLR0913, PLR0917 - what a line says
    identifier: str, method: str, route: str, status: int, seconds: float, key: Any
) -> None:
    words = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request": identifier,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "key": "" if key is None else key.identifier,
    }
    LOG.info(json.dumps(words))
