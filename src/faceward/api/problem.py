"""An error in, a problem reply (RFC 9457) out. The cause and the remedy go along, and nothing else does."""

from __future__ import annotations

import re
from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct, to_builtins

from faceward.api.uploads import BodyRefused, BodySlow, BodyTooLarge, HttpRequest
from faceward.api.work import Busy
from faceward.errors import (
    ConflictError,
    DependencyError,
    FacewardError,
    ImageError,
    InputError,
    InvalidValue,
    LimitExceeded,
    NoFaceFound,
    RefusedError,
    UnsupportedFormat,
)
from faceward.governance.accounts.api_keys import KeyRefused
from faceward.governance.accounts.sessions import SessionOver
from faceward.operations.administration import KeyUnknown
from faceward.operations.rights import ConsentUnknown
from faceward.ports.gallery_store import CorrectionUnknown, GalleryUnknown, ReferenceUnknown, SubjectUnknown

STATUSES: tuple[tuple[type[FacewardError], int], ...] = (
    (KeyRefused, 401),
    (SessionOver, 401),
    (GalleryUnknown, 404),
    (SubjectUnknown, 404),
    (ConsentUnknown, 404),
    (CorrectionUnknown, 404),
    (ReferenceUnknown, 404),
    (KeyUnknown, 404),
    (BodySlow, 408),
    (BodyTooLarge, 413),
    (BodyRefused, 415),
    (LimitExceeded, 413),
    (UnsupportedFormat, 415),
    (NoFaceFound, 422),
    (ImageError, 422),
    (InvalidValue, 400),
    (InputError, 422),
    (RefusedError, 403),
    (ConflictError, 409),
    (Busy, 429),
    (DependencyError, 503),
    (FacewardError, 500),
)
"""Which status an error has: that of the first family it belongs to."""

_NAMED = re.compile(r"Object (?:missing required|contains unknown) field `([^`]{1,64})`").match
_FIELD = re.compile(r"([a-z][a-z_0-9]{0,40}): ").match
MEDIA_TYPE = "application/problem+json"
_REMEDIES = {
    404: "See /openapi.json for the addresses there are.",
    405: "See /openapi.json for the methods of this address.",
    413: "Send less at once; /openapi.json says how much is allowed.",
    415: "Send multipart/form-data or application/json.",
}


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, for programs and for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    reasons: list[str] | None = None
    field: str | None = None
    reference: str | None = None


def status_of(error: FacewardError) -> int:
    """The HTTP status of an error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def of_error(request: HttpRequest, error: FacewardError) -> Response[Any]:
    """Answer with an error of ours."""
    del request
    status = status_of(error)
    field = _FIELD(error.cause)
    return _response(
        Problem(
            type=f"urn:faceward:problem:{error.code}",
            title=(type(error).__doc__ or error.code).split("\n", 1)[0].replace("``", ""),
            status=status,
            detail=error.cause,
            code=error.code,
            remedy=error.remedy,
            reasons=list(error.reasons) if isinstance(error, RefusedError) and error.reasons else None,
            field=field[1] if field else None,
        ),
        after=error.after if isinstance(error, Busy) else 1,
    )


def of_http(request: HttpRequest, error: HTTPException) -> Response[Any]:
    """Answer with an error of the web framework: no such address, not this method, not this body."""
    del request
    field, detail = None, str(error.detail)
    if isinstance(error, ValidationException):
        first = next(iter(error.extra if isinstance(error.extra, list) else ()), None)
        if isinstance(first, dict):
            detail = str(first.get("message", detail))
            named = _NAMED(detail)
            field = named[1] if named else first.get("key")
    code = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "media_type"}.get(
        error.status_code, "request_invalid" if error.status_code < 500 else "unexpected"
    )
    return _response(
        Problem(
            type=f"urn:faceward:problem:{code}",
            title="The request cannot be used as it is." if error.status_code < 500 else "A fault of ours.",
            status=error.status_code,
            detail=detail if error.status_code < 500 else "The server failed.",
            code=code,
            remedy=_REMEDIES.get(error.status_code, "Correct the request; /openapi.json describes it."),
            field=field,
        )
    )


def of_fault(request: HttpRequest, error: Exception) -> Response[Any]:
    """Answer with a fault of ours: the caller learns a reference, under which the log knows more."""
    del error
    reference = str(request.scope.get("faceward.request", ""))
    return _response(
        Problem(
            type="urn:faceward:problem:unexpected",
            title="A fault of ours.",
            status=500,
            detail="The server failed in a way that nobody foresaw. See what is there before you try again.",
            code="unexpected",
            remedy="Report it with the reference, under which the log of the server knows more.",
            reference=reference,
        )
    )


def _response(problem: Problem, after: int = 1) -> Response[Any]:
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="faceward"'
    if problem.status == 429:
        headers["Retry-After"] = str(after)
    return Response(to_builtins(problem), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)
