"""A request in, who asks and what with out; and the way from there to the operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from faceward.api.uploads import BodyLimits, HttpRequest, Upload
from faceward.api.work import Workers
from faceward.errors import InvalidValue
from faceward.governance.accounts.api_keys import ApiKey, ApiKeys, Scope, ScopeMissing
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


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes work with.

    Attributes:
        operations: Everything the product does, behind the gate.
        publication: What anybody may see.
        keys: Who may ask.
        workers: Where operations run.
        limits: What is read of a body.
        clock: The one clock.
    """

    operations: Operations
    publication: Publication
    keys: ApiKeys
    workers: Workers
    limits: BodyLimits
    clock: Clock


def desk(request: HttpRequest) -> Desk:
    """What the routes work with."""
    found: Desk = request.app.state.desk
    return found


def admit(request: HttpRequest) -> None:
    """See who asks, before anything of the body is read.

    Raises:
        KeyRefused: No live key was presented.
        ScopeMissing: The key is not for this.
    """
    options = request.route_handler.opt
    if options.get(PUBLIC):
        return
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    at = desk(request)
    key = at.keys.presented(secret.strip() if scheme.lower() == "bearer" else "", at.clock.now())
    needed: frozenset[Scope] = options[SCOPES]
    request.scope["faceward.key"] = key  # type: ignore[typeddict-unknown-key]
    if not needed & key.scopes:
        raise ScopeMissing("The key is not for this.", reasons=tuple(sorted(f"scope/{it}" for it in needed)))


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
