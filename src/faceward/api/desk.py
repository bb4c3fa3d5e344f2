"""A request in, who asks and what with out; and the way from there to the operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from faceward.api.uploads import BodyLimits, HttpRequest, Upload
from faceward.api.work import Workers
from faceward.errors import InvalidValue
from faceward.governance.accounts.api_keys import ApiKey, ApiKeys, KeyUnexchanged, Scope, ScopeMissing
from faceward.governance.accounts.sessions import Session, Sessions, check_page
from faceward.operations.publication import Publication
from faceward.operations.service import Caller, Operations
from faceward.ports.clock import Clock
from faceward.transparency.words import Capture, Purpose

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)

SCOPES = "scopes"
"""Option of a route: the scopes of which a key needs one."""
PURPOSE = "purpose"
"""Option of a route without photos: that the gate asks for a purpose all the same, which the address says."""
PUBLIC = "public"
"""Option of a route: that it takes no key and no permit; a test pins which are."""
EXCHANGE = "exchange"
"""Option of a route: that it takes a key that has yet to be exchanged."""
ANY = frozenset(Scope)
"""Scopes of a route that every key may use."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing. Source: RFC 9110, section 9.2.1."""

FRESH_TOKEN = "faceward.fresh_token"  # noqa: S105 - a place, and no secret
"""Where a request notes the token that its browser has from then on; empty where it has none any more."""
_SESSION = "faceward.session"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes work with.

    Attributes:
        operations: Everything the product does, behind the gate.
        publication: What anybody may see.
        keys: Who may ask.
        sessions: Browsers that signed in.
        workers: Where operations run.
        limits: What is read of a body.
        clock: The one clock.
    """

    operations: Operations
    publication: Publication
    keys: ApiKeys
    sessions: Sessions
    workers: Workers
    limits: BodyLimits
    clock: Clock


def desk(request: HttpRequest) -> Desk:
    """What the routes work with."""
    found: Desk = request.app.state.desk
    return found


def admit(request: HttpRequest, token: str = "") -> None:
    """See who asks, before anything of the body is read.

    Args:
        request: What is asked.
        token: Of a session, which counts where no key is presented.

    Raises:
        KeyRefused: No live key was presented.
        SessionOver: The session is over.
        PageTokenMissing: A browser wants to change something, and no page of ours asked for it.
        KeyUnexchanged: The key has yet to be exchanged.
        ScopeMissing: The key is not for this.
    """
    options = request.route_handler.opt
    key = _of_session(request, token) if _is_session(request, token) else _of_header(request)
    request.scope["faceward.key"] = key  # type: ignore[typeddict-unknown-key]
    if key.exchange_days and not options.get(EXCHANGE):
        raise KeyUnexchanged("This key has yet to be exchanged for the one that lasts.")
    needed: frozenset[Scope] = options[SCOPES]
    if not needed & key.scopes:
        raise ScopeMissing("The key is not for this.", reasons=tuple(sorted(f"scope/{it}" for it in needed)))


def _is_session(request: HttpRequest, token: str) -> bool:
    return bool(token) and "authorization" not in request.headers


def _of_header(request: HttpRequest) -> ApiKey:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    at = desk(request)
    return at.keys.presented(secret.strip() if scheme.lower() == "bearer" else "", at.clock.now())


def _of_session(request: HttpRequest, token: str) -> ApiKey:
    at = desk(request)
    now = at.clock.now()
    entered = at.sessions.enter(token, now)
    request.scope[_SESSION] = entered.session  # type: ignore[literal-required]
    if entered.token:
        request.scope[FRESH_TOKEN] = entered.token  # type: ignore[literal-required]
    key = at.keys.live(entered.session.key, now)
    if request.method not in SAFE:
        check_page(entered.session, request.headers.get("x-csrf-token", ""))
    return key


def session_of(request: HttpRequest) -> Session | None:
    """The session of a browser; ``None`` where a key was presented."""
    found: Session | None = request.scope.get(_SESSION)  # type: ignore[assignment]
    return found


def key_of(request: HttpRequest) -> ApiKey:
    """The key that was presented."""
    found: ApiKey = request.scope["faceward.key"]  # type: ignore[typeddict-item]
    return found


def caller(request: HttpRequest, upload: Upload | None = None) -> Caller:
    """Who asks, as part of what, and what for.

    Raises:
        InvalidValue: Purpose or capture are none of the words.
    """
    key = key_of(request)
    said = upload or Upload(
        fields={name: it for name in ("purpose", "authority") if (it := _asked(request, name))}
    )
    return Caller(
        account=key.account,
        deployment=key.deployment,
        purpose=word(Purpose, "purpose", said.text("purpose", Purpose.UNKNOWN.value)),
        capture=word(Capture, "capture", said.text("capture", Capture.UNKNOWN.value)),
        authority=said.text("authority", ""),
    )


def _asked(request: HttpRequest, name: str) -> str:
    """What the address says, where no body does."""
    value = request.query_params.get(name, "")
    return value if isinstance(value, str) else ""


def word(words: type[Word], field: str, value: str) -> Word:
    """A word of a closed list.

    Raises:
        InvalidValue: It is none of them; what was sent is not repeated.
    """
    try:
        return words(value)
    except ValueError:
        raise InvalidValue(
            f"{field}: must be one of {', '.join(words)}.", remedy="Send one of these words."
        ) from None


async def run(request: HttpRequest, work: Callable[[Operations], T]) -> T:
    """Do something with the operations, beside the event loop."""
    at = desk(request)
    return await at.workers.run(lambda: work(at.operations))
