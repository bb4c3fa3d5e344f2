"""Filed documents in, the authority records out: who signed each, which count, and when each ends.

Ask for `authorities` with `Snapshot.view`, which keeps it until something is filed. A record that too few
people signed, or two people in different words, covers nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from faceward.governance.charters.charter import GOVERNING, Role
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.documents.statements import Kind
from faceward.governance.documents.testimony import readable, signed_as
from faceward.governance.laws import authority
from faceward.governance.laws.authority import AuthorityRecord
from faceward.ports.ledger import JsonValue
from faceward.reading import Record

OPENERS = 2
"""Persons who must sign an authority record. Our choice: two persons means two people."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An authority record that was filed, in one wording.

    Attributes:
        record: What it says, ended where somebody ended it.
        signers: The persons who govern the installation and signed it in these words.
        operated: Whether an operator is among them.
    """

    record: AuthorityRecord
    signers: frozenset[str]
    operated: bool

    @property
    def counts(self) -> bool:
        """Whether enough people signed it, one of them an operator; it may be over all the same."""
        return self.operated and len(self.signers) >= OPENERS


def authorities(snapshot: Snapshot) -> tuple[Recorded, ...]:
    """Every authority record that somebody signed who may, in the order in which they were first filed."""
    signers: dict[AuthorityRecord, frozenset[str]] = {}
    operated: set[AuthorityRecord] = set()
    for document, record in readable(snapshot, Kind.AUTHORITY, _authority):
        said = signed_as(snapshot, document, *GOVERNING)
        if said and record.identifier == document.statement.identifier:
            signers[record] = signers.get(record, frozenset()) | said
            if signed_as(snapshot, document, Role.OPERATOR):
                operated.add(record)
    ends = _ends(snapshot)
    return tuple(
        Recorded(_ended(it, ends.get(it.identifier)), said, it in operated) for it, said in signers.items()
    )


def _ends(snapshot: Snapshot) -> Mapping[str, datetime]:
    """When each was ended first, by identifier."""
    found: dict[str, datetime] = {}
    for document in snapshot.of(Kind.AUTHORITY_END):
        if signed_as(snapshot, document, *GOVERNING):
            found.setdefault(document.statement.identifier, document.filed)
    return found


def _ended(it: AuthorityRecord, at: datetime | None) -> AuthorityRecord:
    moments = [end for end in (it.closed, at) if end is not None]
    return replace(it, closed=min(moments, default=None))


def _authority(body: Mapping[str, JsonValue]) -> AuthorityRecord:
    return authority.from_record(Record(dict(body), "authority", authority.REMEDY))
