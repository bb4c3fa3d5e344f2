"""``/v1/detect`` and ``/v1/compare``: photos in, faces and decisions out; nothing is kept."""

from __future__ import annotations

from litestar import post

from faceward.api import replies
from faceward.api.described import MOST_REFERENCES, PhotoOperation
from faceward.api.desk import SCOPES, caller, desk, run
from faceward.api.uploads import HttpRequest, read_upload
from faceward.governance.accounts.api_keys import Scope


@post(
    "/v1/detect",
    status_code=200,
    opt={SCOPES: frozenset({Scope.CLIENT})},
    operation_class=PhotoOperation,
    operation_id="detect_faces",
)
async def detect(request: HttpRequest) -> replies.Detection:
    """Find the faces of a photo and say what each is fit for."""
    upload = await read_upload(request, desk(request).limits)
    photo, who = upload.photo("photo"), caller(request, upload)
    return replies.detection(await run(request, lambda it: it.detect(who, photo)))


@post(
    "/v1/compare",
    status_code=200,
    opt={SCOPES: frozenset({Scope.CLIENT})},
    operation_class=PhotoOperation,
    operation_id="compare_photos",
)
async def compare(request: HttpRequest) -> replies.Comparisons:
    """Decide for each reference photo whether it shows the person of the probe."""
    upload = await read_upload(request, desk(request).limits)
    probe, who = upload.photo("probe"), caller(request, upload)
    references = upload.several("references", MOST_REFERENCES)
    rate = upload.number("false_match_rate", 1e-4, 1e-9, 1.0)
    return replies.comparisons(await run(request, lambda it: it.compare(who, probe, references, rate)))


ROUTES = (detect, compare)
