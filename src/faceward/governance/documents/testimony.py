"""Filed documents in, what can be read of them and which persons signed in which role out.

What was filed past every check says nothing: it cannot be read, or nobody signed it who may. It changes
nothing then, and keeps nobody else from being heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from faceward.errors import InvalidValue
from faceward.governance.charters.charter import Role, persons
from faceward.governance.documents.snapshots import Document, Snapshot
from faceward.governance.documents.statements import Kind
from faceward.ports.ledger import JsonValue

T = TypeVar("T")


def readable(
    snapshot: Snapshot, kind: Kind, read: Callable[[Mapping[str, JsonValue]], T]
) -> Iterator[tuple[Document, T]]:
    """Documents of a kind with what they say, in the order they were filed; those that say nothing left out.

    Args:
        snapshot: What is in force.
        kind: Which documents.
        read: Reads a body; an `InvalidValue` means that it says nothing.
    """
    for document in snapshot.of(kind):
        try:
            it = read(document.statement.body)
        except InvalidValue:
            continue
        yield document, it


def signed_as(snapshot: Snapshot, document: Document, *roles: Role) -> frozenset[str]:
    """The persons who signed a document in one of these roles, that they had then and have now."""
    who = snapshot.view(people)
    return frozenset(who[it.account] for role in roles for it in snapshot.signers_still(document, role))


def ever_held(snapshot: Snapshot, *roles: Role) -> frozenset[str]:
    """The persons who hold one of these roles or once did, with whichever key."""
    who, wanted = snapshot.view(people), set(roles)
    listed = (key for charter in snapshot.charters.values() for key in charter.keys)
    return frozenset(who[key.account] for key in listed if key.roles & wanted)


def people(snapshot: Snapshot) -> Mapping[str, str]:
    """For each account of any charter the person behind it: who ever made a key for another is that other."""
    return persons(key for charter in snapshot.charters.values() for key in charter.keys)
