"""A request that may come twice in, one that is done once out: its second reply is the first, again.

Whoever lost the reply of a change does not know whether it was made. With ``Idempotency-Key`` they ask again:
the same key, route and body give the same reply, and nothing is done a second time.

What this does not do: it remembers in the memory of one process, so not across a restart or a second server;
it remembers what succeeded alone, for what failed changed nothing and may be tried again; and it remembers no
look at a photo, whose answer must be that of now: a candidate who has withdrawn since is none.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from faceward.api.desk import SCOPES, desk, key_of
from faceward.api.uploads import HttpRequest, content, whole
from faceward.errors import ConflictError, InputError, InvalidValue
from faceward.governance.accounts.api_keys import Scope as KeyScope

HEADER = "Idempotency-Key"
SECONDS = 3600.0
"""How long a reply is remembered. Our choice: longer than any client tries again by itself."""
MOST_BYTES = 16 * 2**20
"""Of remembered replies, all together; the oldest go first."""
MOST_REPLIES = 10_000

_KEY = re.compile(r"[!-~]{1,128}").fullmatch


class IdempotencyKeyReused(InputError):
    """The same Idempotency-Key came with another body."""

    code = "idempotency_key_reused"
    remedy = "Choose a new Idempotency-Key for each new request, and repeat a request without changing it."


class StillRunning(ConflictError):
    """The request that came first with this Idempotency-Key is not done yet."""

    code = "still_running"
    remedy = "Wait a moment, then send the same request again."


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered.

    Attributes:
        status: Of HTTP.
        headers: As they went out.
        body: As it went out.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


Name = tuple[str, ...]


class Replies:
    """Remembers replies, so many and so long. For one event loop.

    Args:
        seconds: How long each is remembered.
        most_bytes: Of their bodies, all together.
        now: Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds, self._most_bytes, self._now = seconds, most_bytes, now
        self._running: dict[Name, bytes] = {}
        self._done: OrderedDict[Name, tuple[bytes, float, Reply]] = OrderedDict()
        self._bytes = 0

    def begin(self, name: Name, digest: bytes) -> Reply | None:
        """Give the reply of a request that was done; without one, the request begins now.

        Args:
            name: Who asks where under which key.
            digest: Of the body.

        Raises:
            IdempotencyKeyReused: It had another body.
            StillRunning: It is not done yet.
        """
        self._forget()
        digest_before, _, reply = self._done.get(name, (self._running.get(name, digest), 0.0, None))
        if digest_before != digest:
            raise IdempotencyKeyReused("idempotency_key: it came before, with another body.")
        if reply is None and name in self._running:
            raise StillRunning("The request that came first is not done yet.")
        if reply is None:
            self._running[name] = digest
        return reply

    def done(self, name: Name, reply: Reply | None) -> None:
        """Remember what was answered; ``None`` means that nothing was done, and it may be tried again."""
        digest = self._running.pop(name)
        if reply is not None and len(reply.body) <= self._most_bytes:
            self._done[name] = (digest, self._now(), reply)
            self._bytes += len(reply.body)
            self._forget()

    @property
    def size(self) -> tuple[int, int]:
        """How many requests are known, and bytes of their replies."""
        return len(self._running) + len(self._done), self._bytes

    def _forget(self) -> None:
        """Forget what is over, and the oldest where there are too many."""
        oldest = self._now() - self._seconds
        while self._done:
            _, since, reply = next(iter(self._done.values()))
            full = self._bytes > self._most_bytes or len(self._done) > MOST_REPLIES
            if since > oldest and not full:
                break
            self._bytes -= len(reply.body)
            self._done.popitem(last=False)


def is_repeatable(handler: HTTPRouteHandler) -> bool:
    """Whether the replies of a route are remembered: it changes something, and looks at no probe."""
    scopes = handler.opt.get(SCOPES, frozenset())
    return bool(handler.http_methods & {"POST", "DELETE"}) and KeyScope.CLIENT not in scopes


def once(replies: Replies, enter: Callable[[HttpRequest], Awaitable[None]]) -> Callable[[ASGIApp], ASGIApp]:
    """What goes around every route.

    Args:
        replies: What is remembered.
        enter: Lets whoever asks in, or raises.
    """

    def around(app: ASGIApp) -> ASGIApp:
        async def passing(scope: Scope, receive: Receive, send: Send) -> None:
            """Let a request through once."""
            handler: Any = scope.get("route_handler")
            if scope["type"] != ScopeType.HTTP or not is_repeatable(handler):
                await app(scope, receive, send)
                return
            request: HttpRequest = Request(scope, receive)
            presented = request.headers.get(HEADER)
            if presented is None:
                await app(scope, receive, send)
                return
            if not _KEY(presented):
                raise InvalidValue(
                    "idempotency_key: must be 1 to 128 visible ASCII characters.",
                    remedy="Send a random identifier, such as a UUID.",
                )
            await enter(request)  # Nobody learns what was answered to another key.
            body = await whole(request, desk(request).limits)
            digest = hashlib.sha256(content(request, body)).digest()
            name = (
                key_of(request).identifier, request.method, request.url.path, request.url.query, presented,
            )  # fmt: skip
            reply = replies.begin(name, digest)
            if reply is not None:
                await _again(reply, send)
                return
            await _first(app, scope, body, send, lambda made: replies.done(name, made))

        return passing

    return around


async def _first(
    app: ASGIApp, scope: Scope, body: bytes, send: Send, done: Callable[[Reply | None], None]
) -> None:
    """Do a request, and say what came of it, whatever happens."""
    parts: list[Message] = []

    async def received() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def sent(message: Message) -> None:
        parts.append(message)
        await send(message)

    try:
        await app(scope, received, sent)
    finally:
        done(_reply(parts))


def _reply(parts: list[Message]) -> Reply | None:
    """What was answered, if all of it was and it says that something was done."""
    heads = [it for it in parts if it["type"] == "http.response.start"]
    bodies: list[MutableMapping[str, Any]] = [dict(it) for it in parts if it["type"] == "http.response.body"]
    if not heads or not bodies or bodies[-1].get("more_body") or not 200 <= heads[0]["status"] < 300:
        return None
    headers = tuple((bytes(name), bytes(value)) for name, value in heads[0].get("headers", ()))
    return Reply(heads[0]["status"], headers, b"".join(it.get("body", b"") for it in bodies))


async def _again(reply: Reply, send: Send) -> None:
    headers = [*reply.headers, (b"idempotent-replay", b"true")]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})
