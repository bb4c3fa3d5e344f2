"""``/v1/galleries``: sets of people, searched, made and closed; and their mistakes corrected."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from faceward.api import replies
from faceward.api.bodies import Bar, Move, NewGallery
from faceward.api.described import PhotoOperation
from faceward.api.desk import SCOPES, caller, desk, run, word
from faceward.api.uploads import read_upload
from faceward.governance.accounts.api_keys import Scope
from faceward.operations.service import Terms
from faceward.transparency.words import Source

KEEPING = {SCOPES: frozenset({Scope.OPERATOR})}
LOOKING = {SCOPES: frozenset({Scope.OPERATOR, Scope.AUDITOR})}
SEARCHING = {SCOPES: frozenset({Scope.CLIENT})}

Most = Annotated[int, QueryParameter(ge=1, le=1000)]


@post("/v1/galleries", opt=KEEPING)
async def make(request: Request[Any, Any, Any], data: JSONBody[NewGallery]) -> replies.Gallery:
    """Make a gallery, bound to the model of this server and to rates that it promises."""
    who = caller(request)
    terms = Terms(
        data.false_match_rate,
        data.false_positive_identification_rate,
        word(Source, "source", data.source),
    )
    await run(request, lambda it: it.make_gallery(who, data.name, terms))
    return replies.gallery((await run(request, lambda it: it.gallery(who, data.name))).result)


@get("/v1/galleries", opt=LOOKING)
async def several(
    request: Request[Any, Any, Any], after: FromQuery[str] = "", most: Most = 100
) -> replies.Galleries:
    """A page of galleries, in order of name."""
    who = caller(request)
    found = (await run(request, lambda it: it.galleries(who, after, most))).result
    items = [replies.gallery(it) for it in found]
    return replies.Galleries(items=items, next=items[-1].name if len(items) == most else None)


@get("/v1/galleries/{gallery:str}", opt=LOOKING)
async def one(request: Request[Any, Any, Any], gallery: FromPath[str]) -> replies.Gallery:
    """A gallery as it stands."""
    who = caller(request)
    return replies.gallery((await run(request, lambda it: it.gallery(who, gallery))).result)


@delete("/v1/galleries/{gallery:str}", opt=KEEPING)
async def close(request: Request[Any, Any, Any], gallery: FromPath[str]) -> None:
    """Close a gallery with nobody in it."""
    who = caller(request)
    await run(request, lambda it: it.close_gallery(who, gallery))


@post("/v1/galleries/{gallery:str}/identify", status_code=200, opt=SEARCHING, operation_class=PhotoOperation)
async def identify(request: Request[Any, Any, Any], gallery: FromPath[str]) -> replies.Identification:
    """Search a gallery for every face of a photo. A candidate is somebody to look at, not an identity."""
    upload = await read_upload(request, desk(request).limits)
    photo, who = upload.photo("photo"), caller(request, upload)
    most = int(upload.number("most", 10, 1, 100))
    return replies.identification(await run(request, lambda it: it.identify(who, gallery, photo, most)))


@post("/v1/galleries/{gallery:str}/corrections/moves", opt=KEEPING)
async def move(
    request: Request[Any, Any, Any], gallery: FromPath[str], data: JSONBody[Move]
) -> replies.Correction:
    """Move references from one subject to another: some to split, all (none named) to merge."""
    who, references = caller(request), tuple(data.references)
    done = await run(request, lambda it: it.move(who, gallery, data.before, data.after, references))
    return replies.correction(done.result)


@post("/v1/galleries/{gallery:str}/corrections/bars", opt=KEEPING)
async def bar(
    request: Request[Any, Any, Any], gallery: FromPath[str], data: JSONBody[Bar]
) -> replies.Correction:
    """Remember that a reference of one subject does not show another."""
    who = caller(request)
    done = await run(request, lambda it: it.bar(who, gallery, data.before, data.after, data.reference))
    return replies.correction(done.result)


@get("/v1/galleries/{gallery:str}/corrections", opt=LOOKING)
async def corrections(
    request: Request[Any, Any, Any], gallery: FromPath[str], most: Most = 100
) -> replies.Corrections:
    """The newest corrections of a gallery, the newest first."""
    who = caller(request)
    found = (await run(request, lambda it: it.corrections(who, gallery, most))).result
    return replies.Corrections(items=[replies.correction(it) for it in found])


@delete("/v1/galleries/{gallery:str}/corrections/{correction:str}", status_code=200, opt=KEEPING)
async def undo(
    request: Request[Any, Any, Any], gallery: FromPath[str], correction: FromPath[str]
) -> replies.Correction:
    """Take a correction back, as long as what it changed is as it left it."""
    who = caller(request)
    return replies.correction((await run(request, lambda it: it.undo(who, gallery, correction))).result)


ROUTES = (make, several, one, close, identify, move, bar, corrections, undo)
