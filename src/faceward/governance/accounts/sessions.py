"""A key in, a session that a browser may go on with out; and the token of a session in, whose it is out.

A browser signs in once with a key and gets a token in a cookie, which is changed every few minutes. Sessions
live in the memory of one server: whoever restarts it signs everybody out.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from faceward.errors import RefusedError
from faceward.governance.accounts.api_keys import ApiKey

LONGEST = timedelta(hours=12)
"""How long a session lives at most. Source: NIST SP 800-63B revision 3, §4.2.3."""

IDLE = timedelta(minutes=30)
"""How long it lives while nobody asks anything. Source: as above."""

ROTATION = timedelta(minutes=5)
"""How long a token is used before the next one comes; our choice."""

GRACE = timedelta(seconds=30)
"""How long the one before is taken as well, for requests that were under way; our choice."""

MOST = 1_000
"""Sessions at once; the one that was silent for longest goes first. Our choice."""

_BYTES = 32


class SessionOver(RefusedError):
    """There is no such session, or it is over."""

    code = "session_over"
    remedy = "Sign in again: POST /v1/session with `Authorization: Bearer` and an API key."


class PageTokenMissing(RefusedError):
    """A browser wants to change something, and does not show that a page of ours asked for it."""

    code = "csrf_token_missing"
    remedy = "Send the csrf_token of GET /v1/session in the header X-CSRF-Token."


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it stands.

    Attributes:
        key: Identifier of the key that signed in; the session is over when the key is.
        page_token: What pages show with whatever changes something.
        until: When it is over in any case, UTC.
        seen: When somebody asked last, UTC.
        digest: Of the token that is in use.
        since: Since when, UTC.
        before: Of the token before; empty where there was none.
    """

    key: str
    page_token: str
    until: datetime
    seen: datetime
    digest: bytes
    since: datetime
    before: bytes = b""

    def __repr__(self) -> str:
        """Show nothing that opens."""
        return f"Session(key={self.key!r}, until={self.until!r})"


@dataclass(frozen=True, slots=True)
class Entered:
    """What a token opened.

    Attributes:
        session: The session.
        token: A new token that takes the place of the one that was shown; empty where that one goes on.
    """

    session: Session
    token: str

    def __repr__(self) -> str:
        """Show nothing that opens."""
        return f"Entered({self.session!r})"


class Sessions:
    """Knows every session of one server. Thread-safe."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Session] = OrderedDict()
        self._tokens: dict[bytes, int] = {}
        self._last = 0
        self._lock = Lock()

    def start(self, key: ApiKey, now: datetime) -> Entered:
        """Begin a session for whoever presented a key."""
        token = secrets.token_urlsafe(_BYTES)
        session = Session(
            key=key.identifier,
            page_token=secrets.token_urlsafe(_BYTES),
            until=min(now + LONGEST, key.until),
            seen=now,
            digest=_digest(token),
            since=now,
        )
        with self._lock:
            self._last += 1
            self._known[self._last] = session
            self._tokens[session.digest] = self._last
            if len(self._known) > MOST:
                self._drop(next(iter(self._known)))
        return Entered(session, token)

    def enter(self, token: str, now: datetime) -> Entered:
        """Go on with a session.

        A token that was replaced opens nothing after its grace. Whoever shows it then has an old copy, or
        somebody else has the new one, so the session ends.

        Raises:
            SessionOver: There is no such session any more.
        """
        shown = _digest(token)
        with self._lock:
            number = self._tokens.get(shown)
            if number is None:
                raise SessionOver("There is no such session.")
            session = self._known[number]
            stale = shown == session.before and now >= session.since + GRACE
            if stale or now >= session.until or now >= session.seen + IDLE:
                self._drop(number)
                raise SessionOver("The session is over.")
            fresh = ""
            if shown == session.digest and now >= session.since + ROTATION:
                fresh = secrets.token_urlsafe(_BYTES)
                self._tokens.pop(session.before, None)
                session = replace(session, digest=_digest(fresh), since=now, before=shown)
                self._tokens[session.digest] = number
            session = replace(session, seen=now)
            self._known[number] = session
            self._known.move_to_end(number)
        return Entered(session, fresh)

    def end(self, session: Session) -> None:
        """End a session, at once and for all of its tokens."""
        with self._lock:
            number = self._tokens.get(session.digest)
            if number is not None:
                self._drop(number)

    def _drop(self, number: int) -> None:
        session = self._known.pop(number)
        self._tokens.pop(session.digest, None)
        self._tokens.pop(session.before, None)


def check_page(session: Session, shown: str) -> None:
    """See that a page of ours asked, and not one of somebody else's that the browser shows as well.

    Raises:
        PageTokenMissing: Nothing shows it.
    """
    if not hmac.compare_digest(session.page_token.encode(), shown.encode("utf-8", "replace")):
        raise PageTokenMissing("The request does not show that a page of this server made it.")


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
