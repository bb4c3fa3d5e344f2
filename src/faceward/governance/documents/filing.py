"""A key in, whose it is out; and what its holder states in, a filed document out.

What every act that signs and files does in the same way stands here; who may do what, each act says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from faceward.governance.charters.charter import Keyholder
from faceward.governance.documents.registry import Event, Registry
from faceward.governance.documents.snapshots import Document, Snapshot, StatementRefused
from faceward.governance.documents.statements import Kind, Statement, signed
from faceward.ports.ledger import JsonValue
from faceward.transparency.signatures import SigningKey


def holder_of(on: Snapshot, key: SigningKey, at: datetime) -> Keyholder:
    """Whose key it is, by the charter in force.

    Args:
        on: What is in force.
        key: What they sign with.
        at: When they sign.

    Raises:
        CharterMissing: There is no charter yet.
        StatementRefused: The charter does not list the key, or no longer lets it sign.
    """
    holder = on.charter.keyholder(key.public.hex())
    if holder is None:
        raise StatementRefused("The charter in force does not list this key.")
    if holder.until is not None and at >= holder.until:
        raise StatementRefused("This key may sign nothing more since the date that the charter gives.")
    return holder


def file(  # noqa: PLR0913, PLR0917 - the parts of a document
    registry: Registry,
    on: Snapshot,
    kind: Kind,
    name: str,
    body: Mapping[str, JsonValue],
    key: SigningKey,
    event: Event,
) -> Document:
    """Sign a statement of this moment with one key, and file it.

    Args:
        registry: Where.
        on: What it was judged on.
        kind: What sort of document.
        name: Its identifier.
        body: What it holds.
        key: Who signs.
        event: What the ledger says about it.

    Raises:
        RegistryChanged: Somebody else filed something since; nothing was written.
        StatementRefused: It is not signed as it must be.
    """
    statement = Statement(kind, name, body, on.charter.digest, registry.now())
    return registry.file(on, signed(statement, key), event)
