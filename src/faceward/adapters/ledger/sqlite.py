"""Writings in, receipts of what SQLite has on the disk out: the ledger that several processes may share."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from faceward.adapters.ledger import database
from faceward.adapters.ledger.checkpointing import Signer
from faceward.adapters.ledger.place import make_private
from faceward.adapters.ledger.relational import RelationalLedger
from faceward.adapters.ledger.statements import Statements
from faceward.errors import FacewardError
from faceward.ports.clock import Clock

_ROWS = 128
"""Rows of one statement: each statement gives Python's lock away once, however many rows it has."""


class SqliteLedger(RelationalLedger):
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

    _SQL = Statements()
    _ERROR = sqlite3.Error
    _UNLIMITED = -1
    _REMEDY = "See that its disk is in order and has room, then start the service again."
    _SYNCHRONOUS: ClassVar[int] = database.FULL

    def __init__(self, path: Path, clock: Clock, signer: Signer, *, wait_seconds: float = 10.0) -> None:
        super().__init__(clock, signer)
        self._version: int | None = None
        make_private(path)
        with ExitStack() as opened:
            try:
                self._writer: sqlite3.Connection = database.connection(path, wait_seconds, self._SYNCHRONOUS)
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
        if not is_covered:
            self._reminder.remind()

    def _read(self, question: str, *values: object) -> list[Any]:
        try:
            with self._reading:
                return self._reader.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise database.fault(error) from error

    def _begin(self) -> bool:
        self._writer.execute("BEGIN IMMEDIATE")
        before, self._version = self._version, self._writer.execute("PRAGMA data_version").fetchone()[0]
        return before == self._version

    def _cancel(self) -> None:
        self._writer.execute("ROLLBACK")

    def _end(self) -> None:
        self._writer.execute("COMMIT")

    def _undo(self) -> None:
        self._version = None
        with suppress(sqlite3.Error):
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    def _failed(self, error: Exception, *, has_begun: bool) -> FacewardError:
        if has_begun:
            self._refusal = "A writing failed before, so nothing more is written until the next start."
        return database.fault(error)

    def _insert_entries(self, rows: Sequence[tuple[int, bytes, bytes]]) -> None:
        self._insert_rows("entries", 3, rows)

    def _insert_counters(self, counters: Sequence[tuple[str, int]]) -> None:
        self._insert_rows("counters", 2, counters)

    def _insert_rows(self, table: str, columns: int, rows: Sequence[Sequence[object]]) -> None:
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            self._writer.execute(
                _insertion(table, columns, len(part)), [value for row in part for value in row]
            )

    def _removed(self) -> None:
        with suppress(sqlite3.Error):  # What was removed is not to stay in the journal either.
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _disconnect(self) -> None:
        self._writer.close()
        self._reader.close()


@cache
def _insertion(table: str, columns: int, rows: int) -> str:
    """A statement for many rows at once."""
    row = f"({', '.join('?' * columns)})"
    return f"INSERT {'OR REPLACE ' * (table == 'counters')}INTO {table} VALUES {', '.join([row] * rows)}"  # noqa: S608
