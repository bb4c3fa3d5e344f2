"""Writings in, receipts of what is in memory alone out: a ledger for tests, nothing of it is durable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock

from faceward.adapters.ledger.batch import Standing, planned
from faceward.adapters.ledger.checkpointing import Signer
from faceward.adapters.ledger.proving import GrowingNodes, Proving
from faceward.errors import FacewardError, InvalidValue
from faceward.ports.clock import Clock
from faceward.ports.ledger import LedgerUnavailable, Receipt, Writing
from faceward.transparency import signatures


class MemoryLedger(Proving):
    """Keeps everything until the process ends; safe from many threads.

    Args:
        clock: Gives entries their time.
        signer: Signs checkpoints; a key of its own, always the same, where nothing is given. It signs after
            entries and when asked, never after a time.

    Attributes:
        breaks: Set it to have every writing fail, as on a disk that is full.
    """

    def __init__(self, clock: Clock, signer: Signer | None = None) -> None:
        self.breaks = False
        self._clock = clock
        self._signer = signer or Signer(signatures.loaded("log.example/memory", bytes(32)))
        self._lock = Lock()
        self._standing, self._nodes = Standing(), GrowingNodes()
        self._entries: list[bytes] = []
        self._checkpoints: list[str] = []
        self._counters: dict[str, int] = {}
        self._filings: dict[tuple[str, str], bytes] = {}
        self._revision, self._is_closed = 0, False

    def write(self, writing: Writing) -> Receipt:
        """Write entries, counters and documents together.

        Raises:
            ClaimExceeded: A counter would exceed its limit; nothing was written.
            ClockBehind: The clock is behind the last entry; nothing was written.
            EntryRefused: A draft does not fit the schema; nothing was written.
            LedgerUnavailable: It was closed, or told to break.
        """
        with self._lock:
            self._check_open()
            if self.breaks:
                raise LedgerUnavailable("The ledger was told to break.")
            batch = planned(
                (writing,), self._standing, self._clock.now(), lambda name: self._counters.get(name, 0),
                self._signer.entries,
            )  # fmt: skip
            (outcome,) = batch.outcomes
            if isinstance(outcome, FacewardError):
                raise outcome
            self._entries += batch.entries
            self._nodes.extend(batch.nodes)
            self._counters |= batch.counters
            for filing in batch.filings:
                self._filings.pop((filing.kind, filing.identifier), None)
                if filing.content is not None:
                    self._filings[filing.kind, filing.identifier] = filing.content
            self._revision += bool(batch.filings)
            self._standing = batch.standing
            if batch.needs_checkpoint:
                self._checkpoints.append(self._signer.signed(batch.standing.frontier))
                self._standing = Standing(
                    batch.standing.frontier, batch.standing.time, batch.standing.frontier.size
                )
            return outcome

    def size(self) -> int:
        """How many entries there are."""
        self._check_open()
        return self._standing.frontier.size

    def entries(self, start: int = 0, stop: int | None = None) -> Sequence[bytes]:
        """Entries from place ``start`` up to and without ``stop``, as they were hashed."""
        self._check_open()
        if start < 0 or (stop is not None and stop < 0):
            raise InvalidValue("Places of entries begin with 0.")
        return tuple(self._entries[start:stop])

    def checkpoint(self) -> str:
        """The newest signed checkpoint; one is made first where entries are not covered yet."""
        self.write(Writing((), checkpoint=True))
        return self._checkpoints[-1]

    def checkpoints(self) -> tuple[str, ...]:
        """Every signed checkpoint, the oldest first."""
        self._check_open()
        return tuple(self._checkpoints)

    def counters(self, names: Sequence[str]) -> tuple[int, ...]:
        """What counters stand at, in the order of ``names``."""
        self._check_open()
        return tuple(self._counters.get(name, 0) for name in names)

    def revision(self) -> int:
        """A number that changes whenever a document was filed."""
        self._check_open()
        return self._revision

    def filings(self, kind: str) -> Mapping[str, bytes]:
        """Every document of a kind, by identifier."""
        self._check_open()
        with self._lock:
            return {name: content for (of, name), content in sorted(self._filings.items()) if of == kind}

    def close(self) -> None:
        """Be used no more."""
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise LedgerUnavailable("The ledger was closed.")

    def _node(self, level: int, index: int) -> bytes:
        return self._nodes(level, index)
