"""Signed statements in, all that is in force at one moment out, each signature and each rule checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar, cast

from faceward.errors import ConflictError, InvalidValue, RefusedError
from faceward.governance.charters import charter as charters
from faceward.governance.charters import succession
from faceward.governance.charters.charter import Charter, Keyholder, Role
from faceward.governance.charters.succession import CharterRefused
from faceward.governance.documents.pseudonyms import keyed_digest
from faceward.governance.documents.statements import Kind, Signed, Statement, from_json
from faceward.ports.ledger import LedgerCorrupt
from faceward.reading import Record
from faceward.transparency import canonical, kinds

T = TypeVar("T")

EARLY = timedelta(minutes=10)
"""How far a statement's time may lie ahead of the clock. Our choice: clocks of two machines differ."""

LATE = timedelta(hours=1)
"""How old a statement may be when it is filed. Our choice: long enough to type, too short to backdate."""

CHARTER_LATE = timedelta(days=30)
"""How old a charter may be when it is adopted: its signatures are collected from several people."""

_VERSION = 1


class CharterMissing(ConflictError):
    """This installation has no charter yet, so nothing is allowed and nothing can be decided."""

    code = "charter_missing"
    remedy = "Run `faceward charter init`."


class StatementRefused(RefusedError):
    """A statement is not signed as it must be, or was made for another time or charter."""

    code = "statement_refused"
    remedy = "Sign it again, now, with a key that the charter in force lists."


@dataclass(frozen=True, slots=True)
class Document:
    """A statement that was filed.

    Attributes:
        sequence: Its place among all documents; the first charter has 0.
        filed: When it was filed, by this installation's clock; what runs from a document runs from here.
        policy: Digest of the charter and the packs in force, as its entry names it.
        signed: The statement with its signatures, all of which hold.
        key: Random key of its digest in the ledger.
    """

    sequence: int
    filed: datetime
    policy: str
    signed: Signed
    key: bytes = field(repr=False)

    @property
    def statement(self) -> Statement:
        """What is stated."""
        return self.signed.statement

    @property
    def keyed_digest(self) -> str:
        """How the ledger names it."""
        content = canonical.encoded(self.signed.as_json())
        return kinds.keyed(keyed_digest(self.key, content))


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Every document at one moment. It never changes; ask the registry for a newer one.

    Attributes:
        documents: In the order they were filed.
        charters: The charter that came into force with a document, by its sequence, in order.
    """

    documents: tuple[Document, ...]
    charters: Mapping[int, Charter]
    _views: dict[Callable[[Snapshot], Any], Any] = field(default_factory=dict, repr=False)
    _kinds: dict[Kind, tuple[Document, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for kind in Kind:
            self._kinds[kind] = tuple(it for it in self.documents if it.statement.kind is kind)

    @property
    def charter(self) -> Charter:
        """The charter in force.

        Raises:
            CharterMissing: There is none yet.
        """
        if not self.charters:
            raise CharterMissing("This installation has no charter.")
        return self.charters[max(self.charters)]

    def charter_at(self, sequence: int) -> Charter:
        """The charter that was in force when a document was filed; a charter itself counts from the next one.

        Raises:
            CharterMissing: There was none.
        """
        earlier = [place for place in self.charters if place < sequence]
        if not earlier:
            raise CharterMissing("There was no charter yet.")
        return self.charters[max(earlier)]

    def of(self, kind: Kind) -> tuple[Document, ...]:
        """The documents of one kind, in the order they were filed."""
        return self._kinds[kind]

    def view(self, make: Callable[[Snapshot], T]) -> T:
        """What a function makes of this snapshot; it is called once and its value is kept.

        Args:
            make: A function of a module, not one made on the spot.
        """
        found = self._views.get(make)
        if found is None:
            found = self._views.setdefault(make, make(self))
        return cast("T", found)

    def signers(self, document: Document) -> tuple[Keyholder, ...]:
        """Those who signed a document, as the charter of that time lists them."""
        listed = self.charter_at(document.sequence)
        return tuple(it for it in listed.keys if it.public in document.signed.keys)

    def signers_still(self, document: Document, role: Role) -> tuple[Keyholder, ...]:
        """Those who signed in a role that they had then, and whose key is still listed for it now."""
        now = self.charter
        return tuple(
            it
            for it in self.signers(document)
            if role in it.roles
            and (still := now.keyholder(it.public)) is not None
            and role in still.roles
            and still.account == it.account
        )


NOTHING = Snapshot((), MappingProxyType({}))
"""The snapshot of a new installation."""


def added(before: Snapshot, document: Document) -> Snapshot:
    """The snapshot with one document more, if that document holds.

    Raises:
        StatementRefused: It is not signed as it must be, or not for its time and the charter in force.
        CharterRefused: It is a charter that does not follow from the one in force.
        CharterMissing: There is no charter, and this is none.
    """
    return _with(before, (document,))


def read(filings: Mapping[str, bytes], known: Snapshot = NOTHING) -> Snapshot:
    """Read every document and check it, signatures first.

    Args:
        filings: Documents by their place, as the ledger keeps them.
        known: A snapshot that these documents continue; what it holds is not read again.

    Raises:
        LedgerCorrupt: A document is missing, damaged, forged, or was filed against the rules.
    """
    new = []
    try:
        for place, name in enumerate(sorted(filings)):
            if name != f"{place:08d}":
                raise InvalidValue("A document is missing.")
            if place >= len(known.documents):
                new.append(_decoded(place, filings[name]))
        return _with(known, tuple(new))
    except (InvalidValue, RefusedError, ConflictError):
        pass
    # Which rule it broke helps whoever broke it; the place helps whoever repairs it.
    raise LedgerCorrupt(
        f"A governance document does not hold; it is one of the last {len(new)} of {len(filings)}."
    )


def _with(before: Snapshot, new: tuple[Document, ...]) -> Snapshot:
    in_force = dict(before.charters)
    ever = {key.public: key for charter in in_force.values() for key in charter.keys}
    last = before.documents[-1].filed if before.documents else None
    now = in_force[max(in_force)] if in_force else None
    for document in new:
        if last is not None and document.filed < last:
            raise StatementRefused("A document is dated before the one that was filed before it.")
        _check(document, now, ever)
        last = document.filed
        if document.statement.kind is Kind.CHARTER:
            now = charter_of(document.statement)
            in_force[document.sequence] = now
            ever |= {key.public: key for key in now.keys}
    return Snapshot((*before.documents, *new), MappingProxyType(in_force))


def _check(document: Document, now: Charter | None, ever: Mapping[str, Keyholder]) -> None:
    statement, is_charter = document.statement, document.statement.kind is Kind.CHARTER
    if not document.signed.holds():
        raise StatementRefused("A signature below this statement is wrong; it was altered or forged.")
    if statement.charter != ("" if now is None else now.digest):
        raise StatementRefused("This statement was made under another charter than the one in force.")
    oldest = document.filed - (CHARTER_LATE if is_charter else LATE)
    if not oldest <= statement.time <= document.filed + EARLY:
        raise StatementRefused("This statement was not made now, by the clock of this installation.")
    if is_charter:
        after = charter_of(statement)
        succession.judged(now, after, document.signed.keys, document.filed, ever)
        if not document.signed.keys <= {
            key.public for it in (now, after) if it is not None for key in it.keys
        }:
            raise CharterRefused("A key signed this charter that neither it nor the one before lists.")
        return
    if now is None:
        raise CharterMissing("This installation has no charter.")
    for public in document.signed.keys:
        holder = now.keyholder(public)
        if holder is None:
            raise StatementRefused("A key signed this statement that the charter in force does not list.")
        if holder.until is not None and document.filed >= holder.until:
            raise StatementRefused("A key signed this statement after the date until which it may sign.")


def charter_of(statement: Statement) -> Charter:
    """The charter that a statement puts in force.

    Raises:
        InvalidValue: It is no charter.
    """
    return charters.from_record(Record(dict(statement.body), "charter", charters.REMEDY))


def encoded(document: Document) -> bytes:
    """Write a document as it is kept."""
    return canonical.encoded(
        {
            "v": _VERSION,
            "sequence": document.sequence,
            "filed": kinds.stamp(document.filed),
            "policy": document.policy,
            "key": document.key.hex(),
            "signed": document.signed.as_json(),
        }
    )


def _decoded(place: int, content: bytes) -> Document:
    values = canonical.decoded(content)
    record = Record(values, "document")
    record.whole("v", least=_VERSION, most=_VERSION)
    record.whole("sequence", least=place, most=place)
    key, policy = bytes.fromhex(record.sha256("key")), record.sha256("policy")
    try:
        filed = kinds.moment(record.text("filed"))
    except ValueError:
        raise InvalidValue("A document has no time.") from None
    signed = from_json(cast("Mapping[str, object]", values)["signed"] if record.has("signed") else None)
    record.done()
    return Document(place, filed, policy, signed, key)
