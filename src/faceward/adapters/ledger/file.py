"""Writings in, receipts of what one append-only file has on the disk out: the ledger of a single process."""

from __future__ import annotations

import mmap
import os
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from faceward.adapters.ledger import records
from faceward.adapters.ledger.batch import Standing, planned, time_of
from faceward.adapters.ledger.checkpointing import Reminder, Signer
from faceward.adapters.ledger.disk import Disk
from faceward.adapters.ledger.group_commit import GroupCommit
from faceward.adapters.ledger.place import make_private
from faceward.adapters.ledger.proving import GrowingNodes, Proving
from faceward.adapters.ledger.records import Found, Record
from faceward.errors import FacewardError, InvalidValue
from faceward.ports.clock import Clock
from faceward.ports.ledger import LedgerCorrupt, LedgerUnavailable, Receipt, Writing
from faceward.transparency.tree import Frontier, leaf_hash


class FileLedger(Proving):
    """Keeps everything in one file, and in memory what proofs and counters need: 80 bytes for each entry.

    A commit is one record and one fsync, shared by all threads that wait. When one fails, nothing is written
    any more until the ledger is opened again.

    Args:
        path: The file; it and its folder are made where they are missing, for this account alone.
        clock: Gives entries their time.
        signer: Signs checkpoints, and says how often.
        disk: What writes and synchronises.

    Raises:
        LedgerUnavailable: It cannot be opened, or another process has it open.
        LedgerCorrupt: It does not hold what it once confirmed.
    """

    def __init__(self, path: Path, clock: Clock, signer: Signer, *, disk: Disk | None = None) -> None:
        self._clock, self._signer, self._disk = clock, signer, disk or Disk()
        self._writing = Lock()
        self._refusal: str | None = None
        self._standing, self._nodes = Standing(), GrowingNodes()
        self._starts, self._lengths = array("Q"), array("I")
        self._checkpoints: list[str] = []
        self._counters: dict[str, int] = {}
        self._filings: dict[tuple[str, str], bytes] = {}
        self._revision, self._end, self._is_settled = 0, 0, True
        make_private(path)
        try:
            self._file = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            raise _unavailable(error) from error
        try:
            self._lock()
            self._load()
        except OSError as error:
            os.close(self._file)
            raise _unavailable(error) from error
        except BaseException:
            os.close(self._file)
            raise
        self._commits: GroupCommit[Writing, Receipt] = GroupCommit(self._commit)
        self._reminder = Reminder(signer.seconds, self.checkpoint)
        if self._standing.covered < self._standing.frontier.size:
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
        self._check_open()
        return self._standing.frontier.size

    def entries(self, start: int = 0, stop: int | None = None) -> Sequence[bytes]:
        """Entries from place ``start`` up to and without ``stop``, as they were hashed."""
        there = self.size()
        if start < 0 or (stop is not None and stop < 0):
            raise InvalidValue("Places of entries begin with 0.")
        places = range(start, there if stop is None else min(stop, there))
        try:
            return [os.pread(self._file, self._lengths[place], self._starts[place]) for place in places]
        except OSError as error:
            raise _unavailable(error) from error

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
        with self._writing:
            return {name: content for (of, name), content in sorted(self._filings.items()) if of == kind}

    def close(self) -> None:
        """Sign what is not covered yet, say that all of it was confirmed, and give the file free."""
        self._reminder.end()
        if self._refusal is None:
            with suppress(FacewardError):
                self.checkpoint()
        with self._writing:
            if self._refusal is None and not self._is_settled:
                with suppress(OSError):
                    self._append(Record())
            if self._file >= 0:
                os.close(self._file)
            self._file, self._refusal = -1, "The ledger was closed."

    def _node(self, level: int, index: int) -> bytes:
        return self._nodes(level, index)

    def _check_open(self) -> None:
        if self._file < 0:
            raise LedgerUnavailable("The ledger was closed.")

    def _commit(self, writings: Sequence[Writing]) -> Sequence[Receipt | FacewardError]:
        """Write what came together as one record; only one thread is ever here."""
        with self._writing:
            if self._refusal is not None:
                raise LedgerUnavailable(
                    self._refusal,
                    remedy="See that its disk is in order and has room, then start the service again.",
                )
            batch = planned(
                writings, self._standing, self._clock.now(), lambda name: self._counters.get(name, 0),
                self._signer.entries,
            )  # fmt: skip
            if batch.is_empty:
                return batch.outcomes
            record = Record(
                batch.entries,
                batch.counters,
                tuple((it.kind, it.identifier, it.content) for it in batch.filings),
                self._signer.signed(batch.standing.frontier) if batch.needs_checkpoint else "",
            )
            try:
                found = self._append(record)
            except OSError as error:
                raise _unavailable(error) from error
            self._take_in(found, batch.nodes)
            covered = batch.standing.frontier.size if batch.needs_checkpoint else batch.standing.covered
            self._standing = Standing(batch.standing.frontier, batch.standing.time, covered)
        if covered < batch.standing.frontier.size:
            self._reminder.remind()
        return batch.outcomes

    def _append(self, record: Record) -> Found:
        """Have a record on the disk at the end of the file; after a failure nothing more is ever written."""
        found, content = records.written(record, self._end)
        refusal, self._refusal = (
            self._refusal,
            "A writing failed before, so nothing more is written until the next start.",
        )
        self._disk.write(self._file, content, self._end)
        self._disk.synchronise(self._file)
        self._refusal = refusal
        self._end, self._is_settled = found.stop, record.is_empty
        return found

    def _take_in(self, found: Found, nodes: Sequence[bytes]) -> None:
        """Remember what a record that is on the disk says."""
        at = found.entries_start
        for entry in found.record.entries:
            self._starts.append(at)
            self._lengths.append(len(entry))
            at += len(entry)
        self._nodes.extend(nodes)
        self._counters |= found.record.counters
        for kind, identifier, content in found.record.filings:
            self._filings.pop((kind, identifier), None)
            if content is not None:
                self._filings[kind, identifier] = content
        self._revision += bool(found.record.filings)
        if found.record.checkpoint:
            self._checkpoints.append(found.record.checkpoint)

    def _lock(self) -> None:
        """See that no other process has the file open, until this one lets go of it."""
        try:
            import fcntl
        except ImportError:
            raise LedgerUnavailable(
                "This system cannot lock a file for one process.", remedy="Use the SQLite ledger."
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerUnavailable(
                "Another process has the ledger open.",
                remedy="Stop the other process, or use the SQLite ledger, which several may share.",
            ) from None

    def _load(self) -> None:
        """Read the whole file, cut off what was never confirmed, and hold the tree against its checkpoint."""
        length = os.fstat(self._file).st_size
        content = memoryview(mmap.mmap(self._file, length, access=mmap.ACCESS_READ) if length else b"")
        beginning = bytes(content[: len(records.START)])
        if not records.START.startswith(beginning):
            raise LedgerUnavailable(
                "The file is no ledger of this version of faceward.",
                remedy="Name the right file, or use the version of faceward that wrote it.",
            )
        self._end = len(records.START)
        last, last_entry, covered, frontier = records.START, b"", -1, Frontier()
        for found in records.found(content, self._end):
            frontier, nodes = frontier.grown(map(leaf_hash, found.record.entries))
            self._take_in(found, nodes)
            last, self._end, self._is_settled = (
                bytes(content[found.start : found.stop]),
                found.stop,
                found.record.is_empty,
            )
            last_entry = (last_entry, *found.record.entries)[-1]
            if found.record.checkpoint:
                covered = frontier.size
        self._standing = Standing(frontier, time_of(last_entry) if last_entry else None, covered)
        if self._checkpoints:
            checkpoint = self._signer.read(self._checkpoints[-1])
            if (checkpoint.size, checkpoint.root) != (covered, self.root(covered)):
                raise LedgerCorrupt("The tree is not the one that the newest checkpoint covers.")
        if length > self._end:
            self._disk.cut(self._file, self._end)
        # The last record may be in memory only, left there by a process that died, so it is written anew.
        self._disk.write(self._file, last, self._end - len(last))
        self._disk.synchronise(self._file)


def _unavailable(error: OSError) -> LedgerUnavailable:
    """What an error of the system means for the ledger; the words hold no path."""
    return LedgerUnavailable(f"The disk of the ledger does not work: {error.strerror or 'unknown error'}.")
