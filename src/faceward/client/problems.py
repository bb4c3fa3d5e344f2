"""A problem reply of the server in, an error of the right family out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faceward.errors import ConflictError, DependencyError, FacewardError, InputError, RefusedError


class ServerProblem(FacewardError):
    """The server said no; mixed into the family of errors that says who must act.

    Attributes:
        status: The HTTP status.
        server_code: The stable code of the server's error.
        field: The part of the request that is meant; empty where none is.
        retry_after: Seconds to wait; ``None`` where waiting does not help.
    """

    status: int = 0
    server_code: str = ""
    field: str = ""
    retry_after: float | None = None


class Rejected(ServerProblem, InputError):
    """The server cannot use what was sent."""


class Refused(ServerProblem, RefusedError):
    """The server may not do it; ``reasons`` say which rules."""


class Conflicted(ServerProblem, ConflictError):
    """The present state forbids it."""


class Unavailable(ServerProblem, DependencyError):
    """The server, or a part of it, does not work now."""


def problem(status: int, body: Mapping[str, Any], retry_after: str = "") -> ServerProblem:
    """Make an error of a problem reply (RFC 9457).

    Args:
        status: The HTTP status.
        body: Its JSON; empty where it is none.
        retry_after: The header of that name.
    """
    cause = str(body.get("detail") or body.get("title") or f"The server answered with status {status}.")
    remedy = str(body.get("remedy") or "See the log of the server.")
    made: ServerProblem
    if status in {401, 403}:
        made = Refused(cause, reasons=tuple(map(str, body.get("reasons", ()))), remedy=remedy)
    elif status == 409:
        made = Conflicted(cause, remedy=remedy)
    elif status == 429 or status >= 500:
        made = Unavailable(cause, remedy=remedy)
    else:
        made = Rejected(cause, remedy=remedy)
    made.status, made.server_code, made.field = status, str(body.get("code", "")), str(body.get("field", ""))
    made.retry_after = float(retry_after) if retry_after.isdigit() else None
    return made
