"""What a session needs to be kept in a browser in, the cookie that does it out."""

from __future__ import annotations

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from faceward.api.desk import FRESH_TOKEN
from faceward.api.uploads import HttpRequest
from faceward.governance.accounts.sessions import LONGEST


class SessionCookie:
    """Reads and writes the cookie. No script of a page can read it, and no page of another site sends it.

    Args:
        behind_proxy: Whether a proxy does TLS for the server, so that it sees none itself.
    """

    def __init__(self, *, behind_proxy: bool) -> None:
        self._behind_proxy = behind_proxy

    def shown(self, request: HttpRequest) -> str:
        """The token that a browser shows; empty where it shows none."""
        return request.cookies.get(self._name(request.scope), "")

    def around(self, app: ASGIApp) -> ASGIApp:
        """An application whose replies set the cookie where there is a new token."""

        async def remembering(scope: Scope, receive: Receive, send: Send) -> None:
            """Serve, and set the cookie where that gave a new token."""

            async def answered(message: Message) -> None:
                """Put the cookie with the head of the reply."""
                fresh = scope.get(FRESH_TOKEN)
                if message["type"] == "http.response.start" and isinstance(fresh, str):
                    line = self._line(scope, fresh).encode()
                    message["headers"] = [*message["headers"], (b"set-cookie", line)]
                await send(message)

            await app(scope, receive, answered)

        return remembering

    def _is_secure(self, scope: Scope) -> bool:
        # Without TLS and without a proxy the server is reached from this machine alone; see `running.door`.
        return self._behind_proxy or scope.get("scheme") == "https"

    def _name(self, scope: Scope) -> str:
        """A browser takes ``__Host-`` from this very host alone, and over TLS."""
        return "__Host-faceward" if self._is_secure(scope) else "faceward"

    def _line(self, scope: Scope, token: str) -> str:
        seconds = int(LONGEST.total_seconds()) if token else 0
        secure = "; Secure" if self._is_secure(scope) else ""
        return f"{self._name(scope)}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
