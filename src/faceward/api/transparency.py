"""``/v1/transparency`` and what strangers check an installation by; no key is needed, nobody is named."""

from __future__ import annotations

import base64

from litestar import get
from litestar.params import FromQuery

from faceward.api import replies
from faceward.api.desk import PUBLIC, desk
from faceward.api.uploads import HttpRequest

_OPEN = {PUBLIC: True}


@get("/health", opt=_OPEN, operation_id="get_health")
async def health(request: HttpRequest) -> replies.Health:
    """Whether the server answers, and whether its ledger does."""
    at = desk(request)
    size = await at.workers.run(at.publication.size)
    return replies.Health(status="ok", entries=size)


@get("/v1/transparency", opt=_OPEN, operation_id="get_transparency")
async def statement(request: HttpRequest) -> replies.Transparency:
    """What this installation promises: its charter, its stands, and its newest checkpoint."""
    at = desk(request)
    return replies.transparency(await at.workers.run(at.publication.statement))


@get("/v1/checkpoints", opt=_OPEN, operation_id="list_checkpoints")
async def checkpoints(request: HttpRequest) -> replies.Checkpoints:
    """Every signed checkpoint, the oldest first."""
    at = desk(request)
    return replies.Checkpoints(items=list(await at.workers.run(at.publication.checkpoints)))


@get("/v1/proofs/inclusion", opt=_OPEN, operation_id="prove_inclusion")
async def inclusion(request: HttpRequest, place: FromQuery[int], size: FromQuery[int]) -> replies.Proof:
    """Prove that an entry is among the first so many (RFC 9162)."""
    at = desk(request)
    return _proof(await at.workers.run(lambda: at.publication.inclusion(place, size)))


@get("/v1/proofs/consistency", opt=_OPEN, operation_id="prove_consistency")
async def consistency(request: HttpRequest, old: FromQuery[int], new: FromQuery[int]) -> replies.Proof:
    """Prove that so many entries are a beginning of more (RFC 9162)."""
    at = desk(request)
    return _proof(await at.workers.run(lambda: at.publication.consistency(old, new)))


def _proof(hashes: tuple[bytes, ...]) -> replies.Proof:
    return replies.Proof(hashes=[base64.b64encode(it).decode() for it in hashes])


ROUTES = (health, statement, checkpoints, inclusion, consistency)
