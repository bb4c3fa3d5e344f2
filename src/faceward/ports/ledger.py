"""Entries in, receipts of what is durable out: an append-only ledger and what changes together with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from faceward.errors import ConflictError, DependencyError
from faceward.transparency import canonical

JsonValue: TypeAlias = canonical.JsonValue
"""What an entry may hold. There are no floats, for readers disagree about their last digit."""


class LedgerUnavailable(DependencyError):
    """The ledger cannot be read or written, so nothing may be done that it would have to record."""

    code = "ledger_unavailable"
    remedy = "Free space on its disk and check its permissions, then run `faceward ledger verify`."


class LedgerCorrupt(DependencyError):
    """The ledger does not hold what it once confirmed."""

    code = "ledger_corrupt"
    remedy = "Stop the service, keep the files as they are, and compare them with a witness or an export."


class ClockBehind(DependencyError):
    """The clock shows an earlier time than the last entry of the ledger, so no date can be trusted."""

    code = "clock_behind"
    remedy = "Correct the clock of this machine; nothing is decided before it has passed the last entry."


class ClaimExceeded(ConflictError):
    """A counter would go beyond what is allowed; nothing was written."""

    code = "claim_exceeded"
    remedy = "Wait for the next day, or have a larger scale reviewed."


class ChangeFailed(DependencyError):
    """What was to be settled in a transaction failed; it was undone, and nothing of its writing is there."""

    code = "change_failed"
    remedy = (
        "Try again. If it fails again, this is a fault of faceward: report it with the log of the server."
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that has no place and no time yet.

    Attributes:
        type: What happened, one of the types of `faceward.transparency.schema`.
        deployment: Pseudonym of the deployment; empty where none is concerned.
        actor: Pseudonym of who asked.
        policy: Digest of the charter and the policies in force, 64 hexadecimal digits.
        body: What happened in closed words, numbers, pseudonyms and keyed digests; never free text.
    """

    type: str
    deployment: str
    actor: str
    policy: str
    body: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Claim:
    """A change of a counter that is made together with an entry, or not at all.

    Attributes:
        counter: Name of the counter; one that was never claimed stands at 0.
        amount: What is added; negative gives back. A counter never falls below 0, whatever is given back.
        most: What the counter may stand at afterwards; ``None`` where there is no limit.
    """

    counter: str
    amount: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """A document that is kept beside the tree, and never leaves with it.

    Attributes:
        kind: What sort of document.
        identifier: Which one of its kind; a later filing of the same replaces it.
        content: The document; ``None`` removes it.
    """

    kind: str
    identifier: str
    content: bytes | None


Transaction: TypeAlias = object
"""An open transaction of a ledger. Only a store in the same database knows what to do with it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of work inside a transaction.

    Attributes:
        drafts: Entries that record it.
        claims: Changes of counters that belong to it.
        filings: Documents that belong to it.
    """

    drafts: tuple[Draft, ...]
    claims: tuple[Claim, ...] = ()
    filings: tuple[Filing, ...] = ()


Settle: TypeAlias = Callable[[Transaction], Settled]
"""Changes a store that lies in the ledger's database, and says what to record of that.

It runs once, in whichever thread commits, while everybody else who writes waits: it must be short. What it
raises undoes what it did, and nothing of its writing is there; the other writings of the transaction stay.
"""


@dataclass(frozen=True, slots=True)
class Writing:
    """What is written together: all of it is durable, or none of it is there.

    Attributes:
        drafts: Entries, in the order they get their places.
        claims: Changes of counters, tried in order.
        filings: Documents, replaced or removed in order.
        checkpoint: Whether a signed checkpoint must cover the entries before `Ledger.write` returns.
        settle: What is changed in the same transaction; its entries and claims come after those above.
    """

    drafts: tuple[Draft, ...]
    claims: tuple[Claim, ...] = ()
    filings: tuple[Filing, ...] = ()
    checkpoint: bool = False
    settle: Settle | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where the entries of one writing stand.

    Attributes:
        first: Place of the first entry; the first of all has 0.
        count: How many entries there are.
        time: The time that all of them carry.
    """

    first: int
    count: int
    time: datetime


class Ledger(Protocol):
    """Keeps entries for ever. Every adapter passes tests/contracts/test_ledger.py. Safe from many threads.

    Entries are the canonical JSON of `faceward.transparency.entries`; the tree over them is that of RFC 9162.
    """

    def write(self, writing: Writing) -> Receipt:
        """Write entries, counters and documents together, and return when they are on the disk.

        Entries get their time from the ledger's clock when they get their place, so times never fall.

        Raises:
            ClaimExceeded: A counter would exceed its limit; nothing was written.
            ClockBehind: The clock is behind the last entry; nothing was written. A writing that asks for a
                checkpoint and for nothing else is done all the same, for a checkpoint has no time.
            EntryRefused: A draft does not fit `faceward.transparency.entries`; nothing was written.
            FacewardError: What `Writing.settle` raised; nothing was written.
            LedgerUnavailable: It could not be made durable, and nothing may be taken as written, though it
                may be there. Nothing more is written before what is there was read anew: a ledger in a file
                has to be opened again for that, one on a server asks it.
        """

    def size(self) -> int:
        """How many entries are durable."""

    def entries(self, start: int = 0, stop: int | None = None) -> Sequence[bytes]:
        """Entries from place ``start`` up to and without ``stop``, as they were hashed."""

    def root(self, size: int | None = None) -> bytes:
        """Root of the tree over the first ``size`` entries, 32 bytes; over all where it is ``None``."""

    def inclusion(self, place: int, size: int) -> tuple[bytes, ...]:
        """RFC 9162 proof that an entry is among the first ``size``."""

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """RFC 9162 proof that the first ``old`` entries are a beginning of the first ``new``."""

    def checkpoint(self) -> str:
        """The newest signed checkpoint; one is made first where entries are not covered yet."""

    def checkpoints(self) -> tuple[str, ...]:
        """Every signed checkpoint, the oldest first."""

    def counters(self, names: Sequence[str]) -> tuple[int, ...]:
        """What counters stand at, in the order of ``names``."""

    def revision(self) -> int:
        """A number that changes whenever a document was filed, by this process or another. Cheap."""

    def filings(self, kind: str) -> Mapping[str, bytes]:
        """Every document of a kind, by identifier."""

    def close(self) -> None:
        """Give the files free; a closed ledger cannot be used again."""
