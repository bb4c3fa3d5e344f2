"""Writings in, receipts of what SQLite has on the disk out: the ledger that several processes may share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from faceward.adapters.ledger import database
from faceward.adapters.ledger.batch import Batch, Standing, planned, time_of
from faceward.adapters.ledger.checkpointing import Reminder, Signer
from faceward.adapters.ledger.group_commit import GroupCommit
from faceward.adapters.ledger.place import make_private
from faceward.adapters.ledger.proving import Proving
from faceward.errors import FacewardError, InvalidValue
from faceward.ports.clock import Clock
from faceward.ports.ledger import (
    Filing,
    LedgerCorrupt,
    LedgerUnavailable,
    Receipt,
    Transaction,
    Writing,
)
from faceward.transparency.tree import EMPTY_ROOT, Frontier, completed_in, leaf_hash

_ROWS = 128
"""Rows of one statement: each statement gives Python's lock away once, however many rows it has."""
_CHECKED = 1000
_REMEMBERED = 100_000
"""Counters remembered between commits. Our choice: some megabytes."""


class SqliteLedger(Proving):
    """Keeps entries, tree, counters, documents and checkpoints in one file, so that they change together.

    A commit is one transaction with one fsync, shared by all threads that wait. When one fails, nothing is
    written any more until the ledger is opened again: after a failed fsync nobody knows what the disk holds.

    Args:
        path: The file; it and its folder are made where they are missing, for this account alone.
        clock: Gives entries their time.
        signer: Signs checkpoints, and says how often.
        wait_seconds: How long to wait for another process that writes.

    Raises:
        LedgerUnavailable: It cannot be opened, or would not be durable.
        LedgerCorrupt: It does not hold what its newest checkpoint promises.
    """

    _SYNCHRONOUS: ClassVar[int] = database.FULL

    def __init__(self, path: Path, clock: Clock, signer: Signer, *, wait_seconds: float = 10.0) -> None:
        self._clock, self._signer = clock, signer
        self._writing, self._reading = Lock(), Lock()
        self._refusal: str | None = None
        self._version: int | None = None
        self._standing = Standing()
        self._counters: dict[str, int] = {}
        make_private(path)
        with ExitStack() as opened:
            try:
                self._writer = database.connection(path, wait_seconds, self._SYNCHRONOUS)
                opened.callback(self._writer.close)
                self._reader = database.connection(path, wait_seconds, self._SYNCHRONOUS)
                opened.callback(self._reader.close)
                self._reader.execute("PRAGMA query_only = ON")
                # What a process that died left in the journal is written anew, so it is surely on the disk.
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                is_covered = self._check_tree()
            except sqlite3.Error as error:
                raise database.fault(error) from error
            opened.pop_all()
        self._commits: GroupCommit[Writing, Receipt] = GroupCommit(self._commit)
        self._reminder = Reminder(signer.seconds, self.checkpoint)
        if not is_covered:
            self._reminder.remind()

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
        return int(self._read("SELECT coalesce(max(place), -1) + 1 FROM entries")[0][0])

    def entries(self, start: int = 0, stop: int | None = None) -> Sequence[bytes]:
        """Entries from place ``start`` up to and without ``stop``, as they were hashed."""
        if start < 0 or (stop is not None and stop < 0):
            raise InvalidValue("Places of entries begin with 0.")
        limit = -1 if stop is None else max(0, stop - start)
        rows = self._read("SELECT entry FROM entries WHERE place >= ? ORDER BY place LIMIT ?", start, limit)
        return [row[0] for row in rows]

    def checkpoint(self) -> str:
        """The newest signed checkpoint; one is made first where entries are not covered yet."""
        self.write(Writing((), checkpoint=True))
        return str(self._read("SELECT note FROM checkpoints ORDER BY number DESC LIMIT 1")[0][0])

    def checkpoints(self) -> tuple[str, ...]:
        """Every signed checkpoint, the oldest first."""
        return tuple(row[0] for row in self._read("SELECT note FROM checkpoints ORDER BY number"))

    def counters(self, names: Sequence[str]) -> tuple[int, ...]:
        """What counters stand at, in the order of ``names``."""
        marks = ", ".join("?" * len(names))
        found = dict(self._read(f"SELECT name, value FROM counters WHERE name IN ({marks})", *names))  # noqa: S608
        return tuple(int(found.get(name, 0)) for name in names)

    def revision(self) -> int:
        """A number that changes whenever a document was filed, by this process or another."""
        return int(self._read("SELECT number FROM revisions")[0][0])

    def filings(self, kind: str) -> Mapping[str, bytes]:
        """Every document of a kind, by identifier."""
        return dict(
            self._read("SELECT identifier, content FROM filings WHERE kind = ? ORDER BY identifier", kind)
        )

    def close(self) -> None:
        """Sign what is not covered yet, and give the files free."""
        self._reminder.end()
        if self._refusal is None:
            with suppress(FacewardError):
                self.checkpoint()
        with self._writing, self._reading:
            self._refusal = "The ledger was closed."
            self._writer.close()
            self._reader.close()

    def _node(self, level: int, index: int) -> bytes:
        place, part = completed_in(level, index)
        rows = self._read("SELECT nodes FROM entries WHERE place = ?", place)
        node: bytes = rows[0][0][part] if rows else b""
        if len(node) != part.stop - part.start:
            raise LedgerCorrupt("A node of the tree is missing.")
        return node

    def _read(self, question: str, *values: object) -> list[Any]:
        try:
            with self._reading:
                return self._reader.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise database.fault(error) from error

    def _commit(self, writings: Sequence[Writing]) -> Sequence[Receipt | FacewardError]:
        """Write what came together in one transaction; only one thread is ever here."""
        with self._writing:
            if self._refusal is not None:
                raise LedgerUnavailable(
                    self._refusal,
                    remedy="See that its disk is in order and has room, then start the service again.",
                )
            has_begun = False
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                has_begun = True
                batch = self._planned(writings)
                if batch.is_empty:
                    self._writer.execute("ROLLBACK")
                    return batch.outcomes
                covered = self._insert(batch)
                self._writer.execute("COMMIT")
            except sqlite3.Error as error:
                self._undo()
                if has_begun:
                    self._refusal = (
                        "A writing failed before, so nothing more is written until the next start."
                    )
                raise database.fault(error) from error
            except BaseException:
                self._undo()
                raise
            self._counters |= batch.counters
            if any(filing.content is None for filing in batch.filings):
                with suppress(sqlite3.Error):  # What was removed is not to stay in the journal either.
                    self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._standing = Standing(batch.standing.frontier, batch.standing.time, covered)
        if covered < batch.standing.frontier.size:
            self._reminder.remind()
        return batch.outcomes

    def _planned(self, writings: Sequence[Writing]) -> Batch:
        """Look where the ledger stands, which another process may have changed, and plan."""
        version = self._writer.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._standing = self._stored()
            self._version = version
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
        except Exception:
            run("ROLLBACK TO attempt")
            run("RELEASE attempt")
            raise
        run("RELEASE attempt")

    def _insert(self, batch: Batch) -> int:
        """Write a batch into the open transaction, and say how many entries a checkpoint then covers."""
        run = self._writer.execute
        rows = list(
            zip(range(batch.first, batch.standing.frontier.size), batch.entries, batch.nodes, strict=True)
        )
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            run(_insertion("entries", 3, len(part)), [value for row in part for value in row])
        counters = list(batch.counters.items())
        for start in range(0, len(counters), _ROWS):
            changed = counters[start : start + _ROWS]
            run(_insertion("counters", 2, len(changed)), [value for row in changed for value in row])
        if batch.filings:
            for filing in batch.filings:
                self._file(filing)
            run("UPDATE revisions SET number = number + 1")
        if not batch.needs_checkpoint:
            return batch.standing.covered
        size = batch.standing.frontier.size
        note = self._signer.signed(batch.standing.frontier)
        run("INSERT INTO checkpoints (size, note) VALUES (?, ?)", (size, note))
        return size

    def _file(self, filing: Filing) -> None:
        place = (filing.kind, filing.identifier)
        if filing.content is None:
            self._writer.execute("DELETE FROM filings WHERE kind = ? AND identifier = ?", place)
        else:
            self._writer.execute("INSERT OR REPLACE INTO filings VALUES (?, ?, ?)", (*place, filing.content))

    def _counter(self, name: str) -> int:
        if name not in self._counters:
            row = self._writer.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
            self._counters[name] = row[0] if row else 0
        return self._counters[name]

    def _undo(self) -> None:
        """Take back an open transaction, and forget what was remembered of the file."""
        self._version = None
        with suppress(sqlite3.Error):
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    def _stored(self) -> Standing:
        """Read where the ledger stands, within the open transaction."""
        run = self._writer.execute
        last = run("SELECT place, entry FROM entries ORDER BY place DESC LIMIT 1").fetchone()
        covered = run("SELECT size FROM checkpoints ORDER BY number DESC LIMIT 1").fetchone()
        covers = covered[0] if covered else -1
        if last is None:
            return Standing(covered=covers)

        def node(level: int, index: int) -> bytes:
            place, part = completed_in(level, index)
            found: bytes = run("SELECT nodes FROM entries WHERE place = ?", (place,)).fetchone()[0][part]
            return found

        return Standing(Frontier.read(last[0] + 1, node), time_of(last[1]), covers)

    def _check_tree(self) -> bool:
        """Hold the tree against the newest checkpoint and the entries since, and say if there are none."""
        size, covered = self.size(), 0
        newest = self._read("SELECT note FROM checkpoints ORDER BY number DESC LIMIT 1")
        if newest:
            checkpoint = self._signer.read(newest[0][0])
            covered = checkpoint.size
            if covered > size:
                raise LedgerCorrupt("Entries are missing that a checkpoint covers.")
            if (self.root(covered) if covered else EMPTY_ROOT) != checkpoint.root:
                raise LedgerCorrupt("The tree is not the one that the newest checkpoint covers.")
        frontier = Frontier.read(covered, self._node)
        for start in range(covered, size, _CHECKED):
            rows = self._read(
                "SELECT place, entry, nodes FROM entries WHERE place >= ? ORDER BY place LIMIT ?",
                start,
                _CHECKED,
            )
            frontier, nodes = frontier.grown(leaf_hash(row[1]) for row in rows)
            if [(row[0], row[2]) for row in rows] != list(enumerate(nodes, start)):
                raise LedgerCorrupt("Entries are missing, or are not those over which the tree was made.")
        for row in self._read("SELECT entry FROM entries ORDER BY place DESC LIMIT 1"):
            time_of(row[0])  # times must not fall, so it must be readable
        return covered == size


@cache
def _insertion(table: str, columns: int, rows: int) -> str:
    """A statement for many rows at once."""
    row = f"({', '.join('?' * columns)})"
    return f"INSERT {'OR REPLACE ' * (table == 'counters')}INTO {table} VALUES {', '.join([row] * rows)}"  # noqa: S608
