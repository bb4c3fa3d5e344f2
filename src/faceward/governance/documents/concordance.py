"""Documents and entries in, each without its counterpart out: what is kept was recorded, and all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from faceward.governance.documents.snapshots import Document, Snapshot
from faceward.governance.documents.statements import Kind
from faceward.transparency.entries import POLICY_CHANGE, decode


@dataclass(frozen=True, slots=True)
class Concordance:
    """What was held against each other.

    Attributes:
        documents: How many documents were held against the ledger.
        unrecorded: Places of documents that no entry names.
        undocumented: Numbers of entries that name a document nobody has.
    """

    documents: int
    unrecorded: tuple[int, ...]
    undocumented: tuple[int, ...]

    @property
    def holds(self) -> bool:
        """Whether each has its counterpart."""
        return not (self.unrecorded or self.undocumented)


def concordance(snapshot: Snapshot, entries: Iterable[bytes]) -> Concordance:
    """Hold every document against the entry that was written with it, and the other way round.

    Raises:
        EntryRefused: An entry is none.
    """
    named: dict[str, int] = {}
    for content in entries:
        entry = decode(content)
        name = _named(entry.type, entry.body)
        if name:
            named[name] = entry.seq
    kept = {_name(document): document.sequence for document in snapshot.documents}
    return Concordance(
        len(snapshot.documents),
        tuple(place for name, place in kept.items() if name not in named),
        tuple(number for name, number in named.items() if name not in kept),
    )


def _named(type_: str, body: Mapping[str, object]) -> str:
    if type_ == POLICY_CHANGE:
        # What nobody signed announces packs that changed with a new version; there is no document of it.
        return str(body["charter"]) if body["signers"] else ""
    return str(body.get("document", ""))


def _name(document: Document) -> str:
    return document.policy if document.statement.kind is Kind.CHARTER else document.keyed_digest
