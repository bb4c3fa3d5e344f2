"""Writings in, receipts of what a database has on the disk out: what ledgers in databases share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, ClassVar

from faceward.adapters.ledger.batch import Batch, Standing, planned, time_of
from faceward.adapters.ledger.checkpointing import Reminder, Signer
from faceward.adapters.ledger.group_commit import GroupCommit
from faceward.adapters.ledger.proving import Proving
from faceward.adapters.ledger.statements import Statements
from faceward.errors import FacewardError, InvalidValue
from faceward.ports.clock import Clock
from faceward.ports.ledger import (
    ChangeFailed,
    Filing,
    LedgerCorrupt,
    LedgerUnavailable,
    Receipt,
    Transaction,
    Writing,
)
from faceward.transparency.tree import EMPTY_ROOT, Frontier, completed_in, leaf_hash

CLOSED = "The ledger was closed."
_CHECKED = 1000
_REMEMBERED = 100_000
"""Counters remembered between commits. Our choice: some megabytes."""


class RelationalLedger(Proving):
    """Keeps entries, tree, counters, documents and checkpoints in tables, so that they change together.

    What differs between databases is left to the one that knows it: how a transaction begins as the only one
    that writes, how it ends, and what an error means. `_writer` is its connection, in whose transactions all
    is written.
    """

    _SQL: ClassVar[Statements]
    _ERROR: type[Exception]
    """What the database raises."""
    _UNLIMITED: ClassVar[int | None] = None
    """What LIMIT is given where there is none."""
    _REMEDY: ClassVar[str] = LedgerUnavailable.remedy
    """What to do where a ledger refuses every writing."""

    _writer: Any

    def __init__(self, clock: Clock, signer: Signer) -> None:
        self._clock, self._signer = clock, signer
        self._writing, self._reading = Lock(), Lock()
        self._refusal: str | None = None
        self._standing = Standing()
        self._counters: dict[str, int] = {}
        self._commits: GroupCommit[Writing, Receipt] = GroupCommit(self._commit)
        self._reminder = Reminder(signer.seconds, self.checkpoint)

    def write(self, writing: Writing) -> Receipt:
        """Write entries, counters and documents together, and return when they are on the disk.

        Raises:
            ClaimExceeded: A counter would exceed its limit; nothing was written.
            ClockBehind: The clock is behind the last entry; nothing was written.
            EntryRefused: A draft does not fit the schema; nothing was written.
            LedgerUnavailable: It could not be made durable; nothing may be taken as written.
        """
        return self._commits.submit(writing)

    def size(self) -> int:
        """How many entries are durable."""
        return int(self._read(self._SQL.size)[0][0])

    def entries(self, start: int = 0, stop: int | None = None) -> Sequence[bytes]:
        """Entries from place ``start`` up to and without ``stop``, as they were hashed."""
        if start < 0 or (stop is not None and stop < 0):
            raise InvalidValue("Places of entries begin with 0.")
        limit = self._UNLIMITED if stop is None else max(0, stop - start)
        return [row[0] for row in self._read(self._SQL.entries, start, limit)]

    def checkpoint(self) -> str:
        """The newest signed checkpoint; one is made first where entries are not covered yet."""
        self.write(Writing((), checkpoint=True))
        return str(self._read(self._SQL.newest)[0][1])

    def checkpoints(self) -> tuple[str, ...]:
        """Every signed checkpoint, the oldest first."""
        return tuple(row[0] for row in self._read(self._SQL.notes))

    def counters(self, names: Sequence[str]) -> tuple[int, ...]:
        """What counters stand at, in the order of ``names``."""
        found = dict(self._read(self._SQL.counters(len(names)), *names)) if names else {}
        return tuple(int(found.get(name, 0)) for name in names)

    def revision(self) -> int:
        """A number that changes whenever a document was filed, by this process or another."""
        return int(self._read(self._SQL.revision)[0][0])

    def filings(self, kind: str) -> Mapping[str, bytes]:
        """Every document of a kind, by identifier."""
        return dict(self._read(self._SQL.filings, kind))

    def close(self) -> None:
        """Sign what is not covered yet, and give the connections free."""
        self._reminder.end()
        if self._refusal is None:
            with suppress(FacewardError):
                self.checkpoint()
        with self._writing, self._reading:
            self._refusal = CLOSED
            self._disconnect()

    def _begin(self) -> bool:
        """Open a transaction as the only one that writes, and say whether nobody else wrote meanwhile."""
        raise NotImplementedError

    def _cancel(self) -> None:
        """End a transaction in which nothing was written."""
        raise NotImplementedError

    def _end(self) -> None:
        """Commit, and return when that is on the disk."""
        raise NotImplementedError

    def _undo(self) -> None:
        """Take back a transaction that failed, as well as that can be done, and remember nothing of it."""
        raise NotImplementedError

    def _failed(self, error: Exception, *, has_begun: bool) -> FacewardError:
        """Say what it means that a transaction failed, before it had begun or after."""
        raise NotImplementedError

    def _read(self, question: str, *values: object) -> list[Any]:
        """Ask the connection on which nothing is written."""
        raise NotImplementedError

    def _disconnect(self) -> None:
        """Close what is connected; done twice, it does no harm."""
        raise NotImplementedError

    def _insert_entries(self, rows: Sequence[tuple[int, bytes, bytes]]) -> None:
        """Write places, entries and nodes."""
        raise NotImplementedError

    def _insert_counters(self, counters: Sequence[tuple[str, int]]) -> None:
        """Write what counters stand at now."""
        raise NotImplementedError

    def _removed(self) -> None:
        """Be told that documents were removed, and that this is on the disk."""

    def _node(self, level: int, index: int) -> bytes:
        place, part = completed_in(level, index)
        rows = self._read(self._SQL.node, place)
        node: bytes = rows[0][0][part] if rows else b""
        if len(node) != part.stop - part.start:
            raise LedgerCorrupt("A node of the tree is missing.")
        return node

    def _commit(self, writings: Sequence[Writing]) -> Sequence[Receipt | FacewardError]:
        """Write what came together in one transaction; only one thread is ever here."""
        with self._writing:
            if self._refusal is not None:
                raise LedgerUnavailable(self._refusal, remedy=self._REMEDY)
            has_begun = False
            try:
                is_known = self._begin()
                has_begun = True
                batch = self._planned(writings, is_known=is_known)
                if batch.is_empty:
                    self._cancel()
                    return batch.outcomes
                covered = self._insert(batch)
                self._end()
            except self._ERROR as error:
                self._undo()
                raise self._failed(error, has_begun=has_begun) from error
            except BaseException:
                self._undo()
                raise
            self._counters |= batch.counters
            if any(filing.content is None for filing in batch.filings):
                self._removed()
            self._standing = Standing(batch.standing.frontier, batch.standing.time, covered)
        if covered < batch.standing.frontier.size:
            self._reminder.remind()
        return batch.outcomes

    def _planned(self, writings: Sequence[Writing], *, is_known: bool) -> Batch:
        """Look where the ledger stands, which another process may have changed, and plan."""
        if not is_known:
            self._standing = self._stored()
            self._counters.clear()
        elif len(self._counters) > _REMEMBERED:
            self._counters.clear()
        return planned(
            writings, self._standing, self._clock.now(), self._counter, self._signer.entries, self._attempt
        )

    @contextmanager
    def _attempt(self) -> Iterator[Transaction]:
        """Give what settles the open transaction, and undo what it did if it raises."""
        run = self._writer.execute
        run("SAVEPOINT attempt")
        try:
            yield self._writer
            run("RELEASE SAVEPOINT attempt")
        except Exception as error:
            run("ROLLBACK TO SAVEPOINT attempt")
            run("RELEASE SAVEPOINT attempt")
            if isinstance(error, FacewardError):
                raise
            # PostgreSQL says here that something failed which the change itself kept to itself.
            raise ChangeFailed("A change failed in a way that nobody foresaw; it was undone.") from error

    def _insert(self, batch: Batch) -> int:
        """Write a batch into the open transaction, and say how many entries a checkpoint then covers."""
        run, size = self._writer.execute, batch.standing.frontier.size
        if batch.entries:
            self._insert_entries(list(zip(range(batch.first, size), batch.entries, batch.nodes, strict=True)))
        if batch.counters:
            self._insert_counters(list(batch.counters.items()))
        if batch.filings:
            for filing in batch.filings:
                self._file(filing)
            run(self._SQL.revised)
        if not batch.needs_checkpoint:
            return batch.standing.covered
        run(self._SQL.checkpoint, (size, self._signer.signed(batch.standing.frontier)))
        return size

    def _file(self, filing: Filing) -> None:
        place = (filing.kind, filing.identifier)
        if filing.content is None:
            self._writer.execute(self._SQL.removal, place)
        else:
            self._writer.execute(self._SQL.file, (*place, filing.content))

    def _counter(self, name: str) -> int:
        if name not in self._counters:
            row = self._writer.execute(self._SQL.counter, (name,)).fetchone()
            self._counters[name] = row[0] if row else 0
        return self._counters[name]

    def _stored(self) -> Standing:
        """Read where the ledger stands, within the open transaction."""
        run = self._writer.execute
        last = run(self._SQL.last).fetchone()
        newest = run(self._SQL.newest).fetchone()
        covers = newest[0] if newest else -1
        if last is None:
            return Standing(covered=covers)
        return Standing(Frontier.read(last[0] + 1, self._node_inside), time_of(last[1]), covers)

    def _node_inside(self, level: int, index: int) -> bytes:
        """A stored node, as the open transaction sees it."""
        place, part = completed_in(level, index)
        row = self._writer.execute(self._SQL.node, (place,)).fetchone()
        if row is None:
            raise LedgerCorrupt("A node of the tree is missing.")
        found: bytes = row[0][part]
        return found

    def _check_tree(self) -> bool:
        """Hold the tree against the newest checkpoint and the entries since, and say if there are none."""
        # The checkpoint is read first, for another process may write meanwhile.
        newest = self._read(self._SQL.newest)
        size, covered = self.size(), 0
        if newest:
            checkpoint = self._signer.read(newest[0][1])
            covered = checkpoint.size
            if covered > size:
                raise LedgerCorrupt("Entries are missing that a checkpoint covers.")
            if (self.root(covered) if covered else EMPTY_ROOT) != checkpoint.root:
                raise LedgerCorrupt("The tree is not the one that the newest checkpoint covers.")
        frontier = Frontier.read(covered, self._node)
        for start in range(covered, size, _CHECKED):
            rows = self._read(self._SQL.rows, start, _CHECKED)
            frontier, nodes = frontier.grown(leaf_hash(row[1]) for row in rows)
            if [(row[0], row[2]) for row in rows] != list(enumerate(nodes, start)):
                raise LedgerCorrupt("Entries are missing, or are not those over which the tree was made.")
        for row in self._read(self._SQL.last):
            time_of(row[1])  # times must not fall, so it must be readable
        return covered == size
