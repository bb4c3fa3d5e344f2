"""A desk in, the ASGI application out: routes, who is let in, how errors are answered, what is observed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from faceward import __version__
from faceward.api import problem
from faceward.api.desk import PUBLIC, SCOPES, Desk, admit, caller, key_of, run
from faceward.api.document import describing
from faceward.api.idempotency import Replies, once
from faceward.api.routes import ROUTES
from faceward.errors import FacewardError
from faceward.governance.accounts.api_keys import KeyRefused, Scope
from faceward.governance.accounts.sessions import SessionOver
from faceward.server.addresses import NO_PROXIES, Proxies
from faceward.server.cookies import SessionCookie
from faceward.server.limits import RequestRate, timely
from faceward.server.observing import Observations, observed

LOG = logging.getLogger("faceward.server")

FAILURES_PER_MINUTE = 60
"""How often somebody at one address may present no live key. Our choice; whoever has one is not held up, for
others may be at the same address."""
RETENTION_SECONDS = 60.0
"""How often clocks of retention are looked at. Our choice: every promise of them is in hours or days."""


def application(at: Desk, requests_per_minute: int, proxies: Proxies = NO_PROXIES) -> Litestar:
    """Make the application.

    Args:
        at: What its routes work with.
        requests_per_minute: Of one key.
        proxies: In front of the server; their word about addresses is taken.
    """
    observations, rate = Observations(at), RequestRate(requests_per_minute)
    failures = RequestRate(FAILURES_PER_MINUTE, burst=FAILURES_PER_MINUTE)

    cookie = SessionCookie(behind_proxy=bool(proxies.networks))

    async def enter(request: Request[Any, Any, Any]) -> None:
        """Let whoever asks in, or raise."""
        if request.method == "OPTIONS":  # Litestar's own answer: the methods there are, which are no secret.
            return
        if "faceward.key" in request.scope:  # Whoever repeats a request was let in before its body was read.
            return
        if request.route_handler.opt.get(PUBLIC):
            return
        try:
            # Keys lie in the ledger: a database that is slow to answer must not hold up everybody else.
            await asyncio.to_thread(admit, request, cookie.shown(request))
        except (KeyRefused, SessionOver):
            peer = "" if request.client is None else request.client.host
            failures.take(proxies.asker(peer, request.headers.getall("x-forwarded-for", [])))
            raise
        rate.take(key_of(request).identifier)

    @get("/metrics", opt={SCOPES: frozenset({Scope.AUDITOR})}, include_in_schema=False)
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Figures for Prometheus; no tenant is in them."""
        who = caller(request)
        await run(request, lambda it: it.look_at_figures(who))
        return Response(observations.text(), media_type="text/plain; version=0.0.4")

    app = Litestar(
        [*ROUTES, describing(ROUTES, __version__), metrics],
        before_request=enter,
        exception_handlers={
            FacewardError: problem.of_error,
            HTTPException: problem.of_http,
            Exception: _of_fault,
        },
        lifespan=[_jobs],
        middleware=[once(Replies(), enter)],
        openapi_config=None,  # Litestar's own routes for it would answer what nobody knows, as HTML.
        request_max_body_size=at.limits.bytes,
        state=State({"desk": at}),
        logging_config=None,
    )
    # Around everything, so that an address that is none is observed as well.
    app.asgi_handler = observed(observations)(cookie.around(timely(app.asgi_handler, at.limits.seconds)))
    return app


def _of_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    # What the error says may hold what was sent, so the log gets its type and where it arose, and no message.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
    LOG.error("fault %s %s at %s", request.scope.get("faceward.request", ""), type(error).__name__, where)
    return problem.of_fault(request, error)


@asynccontextmanager
async def _jobs(app: Litestar) -> AsyncIterator[None]:
    """Run what runs by itself, while the server does."""
    running = asyncio.create_task(_retain(app.state.desk))
    try:
        yield
    finally:
        running.cancel()


async def _retain(at: Desk) -> None:
    """Erase those whose clocks have run out, again and again."""
    while True:
        try:
            await at.workers.run(at.operations.enforce_retention)
        except Exception as error:  # Whatever it is, the next round must come.
            code = error.code if isinstance(error, FacewardError) else type(error).__name__
            LOG.error("retention %s", code)
        await asyncio.sleep(RETENTION_SECONDS)
