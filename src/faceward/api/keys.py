"""``/v1/keys``: who may ask. A secret is shown once, in the reply that made it."""

from __future__ import annotations

from datetime import timedelta

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from faceward.api import replies
from faceward.api.bodies import NewKey
from faceward.api.desk import ANY, EXCHANGE, SCOPES, caller, desk, key_of, run, word
from faceward.api.uploads import HttpRequest
from faceward.governance.accounts.api_keys import Scope, Wanted

_MINTING = {SCOPES: frozenset({Scope.OPERATOR})}


@get("/v1/keys", opt=_MINTING, operation_id="list_keys")
async def several(request: HttpRequest) -> replies.Keys:
    """The keys of this deployment, without any secret."""
    who, keys = caller(request), desk(request).keys
    found = (await run(request, lambda it: it.keys(who, keys))).result
    return replies.Keys(items=[replies.key(it) for it in found])


@post("/v1/keys", opt=_MINTING, operation_id="issue_key")
async def issue(request: HttpRequest, data: JSONBody[NewKey]) -> replies.IssuedKey:
    """Make a key for this deployment."""
    who, at = caller(request), desk(request)
    wanted = Wanted(
        account=data.account,
        deployment=who.deployment,
        scopes=frozenset(word(Scope, "scopes", it) for it in data.scopes),
        until=at.clock.now() + timedelta(days=data.days),
        minted_by=who.account,
    )
    done = await run(request, lambda it: it.issue_key(who, at.keys, wanted))
    return replies.IssuedKey(key=replies.key(done.result.key), secret=done.result.secret)


@post("/v1/keys/exchange", opt={SCOPES: ANY, EXCHANGE: True}, operation_id="exchange_key")
async def exchange(request: HttpRequest) -> replies.IssuedKey:
    """Make the key that lasts of the first one, which opens nothing else and lives an hour."""
    who, at, identifier = caller(request), desk(request), key_of(request).identifier
    done = await run(request, lambda it: it.exchange_key(who, at.keys, identifier))
    return replies.IssuedKey(key=replies.key(done.result.key), secret=done.result.secret)


@delete("/v1/keys/{key:str}", opt=_MINTING, operation_id="revoke_key")
async def revoke(request: HttpRequest, key: FromPath[str]) -> None:
    """Revoke a key: it opens nothing from then on."""
    who, keys = caller(request), desk(request).keys
    await run(request, lambda it: it.revoke_key(who, keys, key))


ROUTES = (several, issue, exchange, revoke)
