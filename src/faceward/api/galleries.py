"""``/v1/galleries``: sets of people, searched, made and closed; and their mistakes corrected."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from faceward.api import replies
from faceward.api.bodies import Bar, Move, NewGallery
from faceward.api.described import PhotoOperation
from faceward.api.desk import PURPOSE, SCOPES, caller, desk, run, word
from faceward.api.uploads import HttpRequest, read_upload
from faceward.governance.accounts.api_keys import Scope
from faceward.operations.service import Terms
from faceward.transparency.words import Source

KEEPING = {SCOPES: frozenset({Scope.OPERATOR})}
CORRECTING = {**KEEPING, PURPOSE: True}
LOOKING = {SCOPES: frozenset({Scope.OPERATOR, Scope.AUDITOR})}
SEARCHING = {SCOPES: frozenset({Scope.CLIENT})}

Most = Annotated[int, QueryParameter(ge=1, le=1000)]
After = Annotated[str, QueryParameter(max_length=128)]


@post("/v1/galleries", opt=KEEPING, operation_id="make_gallery")
async def make(request: HttpRequest, data: JSONBody[NewGallery]) -> replies.Gallery:
    """Make a gallery, bound to the model of this server and to rates that it promises."""
    who = caller(request)
    terms = Terms(
        data.false_match_rate,
        data.false_positive_identification_rate,
        word(Source, "source", data.source),
    )
    await run(request, lambda it: it.make_gallery(who, data.name, terms))
    return replies.gallery((await run(request, lambda it: it.gallery(who, data.name))).result)


@get("/v1/galleries", opt=LOOKING, operation_id="list_galleries")
async def several(request: HttpRequest, after: After = "", most: Most = 100) -> replies.Galleries:
    """A page of galleries, in order of name."""
    who = caller(request)
    found = (await run(request, lambda it: it.galleries(who, after, most))).result
    items = [replies.gallery(it) for it in found]
    return replies.Galleries(items=items, next=items[-1].name if len(items) == most else None)


@get("/v1/galleries/{gallery:str}", opt=LOOKING, operation_id="get_gallery")
async def one(request: HttpRequest, gallery: FromPath[str]) -> replies.Gallery:
    """A gallery as it stands."""
    who = caller(request)
    return replies.gallery((await run(request, lambda it: it.gallery(who, gallery))).result)


@delete("/v1/galleries/{gallery:str}", opt=KEEPING, operation_id="close_gallery")
async def close(request: HttpRequest, gallery: FromPath[str]) -> None:
    """Close a gallery with nobody in it."""
    who = caller(request)
    await run(request, lambda it: it.close_gallery(who, gallery))


@post(
    "/v1/galleries/{gallery:str}/identify",
    status_code=200,
    opt=SEARCHING,
    operation_class=PhotoOperation,
    operation_id="identify",
)
async def identify(request: HttpRequest, gallery: FromPath[str]) -> replies.Identification:
    """Search a gallery for every face of a photo. A candidate is somebody to look at, not an identity."""
    upload = await read_upload(request, desk(request).limits)
    photo, who = upload.photo("photo"), caller(request, upload)
    most = int(upload.number("most", 10, 1, 100))
    return replies.identification(await run(request, lambda it: it.identify(who, gallery, photo, most)))


@post("/v1/galleries/{gallery:str}/corrections/moves", opt=CORRECTING, operation_id="move_references")
async def move(request: HttpRequest, gallery: FromPath[str], data: JSONBody[Move]) -> replies.Correction:
    """Move references from one subject to another: some to split, all (none named) to merge."""
    who, references = caller(request), tuple(data.references)
    done = await run(request, lambda it: it.move(who, gallery, data.before, data.after, references))
    return replies.correction(done.result)


@post("/v1/galleries/{gallery:str}/corrections/bars", opt=CORRECTING, operation_id="bar_reference")
async def bar(request: HttpRequest, gallery: FromPath[str], data: JSONBody[Bar]) -> replies.Correction:
    """Remember that a reference of one subject does not show another."""
    who = caller(request)
    done = await run(request, lambda it: it.bar(who, gallery, data.before, data.after, data.reference))
    return replies.correction(done.result)


@get("/v1/galleries/{gallery:str}/corrections", opt=LOOKING, operation_id="list_corrections")
async def corrections(request: HttpRequest, gallery: FromPath[str], most: Most = 100) -> replies.Corrections:
    """The newest corrections of a gallery, the newest first."""
    who = caller(request)
    found = (await run(request, lambda it: it.corrections(who, gallery, most))).result
    return replies.Corrections(items=[replies.correction(it) for it in found])


@delete(
    "/v1/galleries/{gallery:str}/corrections/{correction:str}",
    status_code=200,
    opt=CORRECTING,
    operation_id="undo_correction",
)
async def undo(request: HttpRequest, gallery: FromPath[str], correction: FromPath[str]) -> replies.Correction:
    """Take a correction back, as long as what it changed is as it left it."""
    who = caller(request)
    return replies.correction((await run(request, lambda it: it.undo(who, gallery, correction))).result)


ROUTES = (make, several, one, close, identify, move, bar, corrections, undo)
