"""``/v1/session``: a browser signs in with a key, and goes on with a cookie; no operation is done here."""

from __future__ import annotations

from litestar import delete, get, post

from faceward.api import replies
from faceward.api.desk import ANY, FRESH_TOKEN, SCOPES, desk, key_of, session_of
from faceward.api.uploads import HttpRequest
from faceward.governance.accounts.api_keys import KeyRefused
from faceward.governance.accounts.sessions import SessionOver

_PATH = "/v1/session"
_OPEN = {SCOPES: ANY}


@post(_PATH, opt=_OPEN, operation_id="sign_in")
async def sign_in(request: HttpRequest) -> replies.Session:
    """Begin a session with an API key; its cookie comes along."""
    at, key = desk(request), key_of(request)
    if session_of(request) is not None:
        raise KeyRefused("A session begins with a key, not with another session.")
    entered = at.sessions.start(key, at.clock.now())
    request.scope[FRESH_TOKEN] = entered.token  # type: ignore[literal-required]
    return replies.session(key, entered.session)


@get(_PATH, opt=_OPEN, operation_id="get_session")
async def current(request: HttpRequest) -> replies.Session:
    """The session as it stands, with what pages show to change something."""
    session = session_of(request)
    if session is None:
        raise SessionOver("A key was presented, and no session.")
    return replies.session(key_of(request), session)


@delete(_PATH, opt=_OPEN, operation_id="sign_out")
async def sign_out(request: HttpRequest) -> None:
    """End the session; without one there is nothing to end."""
    session = session_of(request)
    if session is not None:
        desk(request).sessions.end(session)
        request.scope[FRESH_TOKEN] = ""  # type: ignore[literal-required]


ROUTES = (sign_in, current, sign_out)
