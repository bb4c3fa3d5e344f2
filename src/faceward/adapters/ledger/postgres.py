"""Writings in, receipts of what PostgreSQL has on the disk out: the ledger that several servers may share."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any

from faceward.adapters.ledger import postgres_connection
from faceward.adapters.ledger.batch import Standing
from faceward.adapters.ledger.checkpointing import Signer
from faceward.adapters.ledger.postgres_connection import BEGIN, REMEDY, SCHEMA, Connection, fault
from faceward.adapters.ledger.relational import CLOSED, RelationalLedger
from faceward.adapters.ledger.statements import Statements
from faceward.errors import FacewardError
from faceward.ports.clock import Clock
from faceward.ports.ledger import LedgerCorrupt, LedgerUnavailable
from faceward.transparency.tree import Frontier


class PostgresLedger(RelationalLedger):
    """Keeps entries, tree, counters, documents and checkpoints in a schema, so that they change together.

    Who writes holds an advisory lock of the database, so several servers write one tree. A commit is one
    transaction, shared by all threads of a process that wait.

    Where the connection is lost at a commit, nobody here knows whether it was done: whoever waits is told
    that it failed. The ledger need not be opened again, unlike one in a file. There, memory may differ from
    the disk after a failed fsync; here PostgreSQL itself starts anew from its journal, and what it then shows
    is what the disk has. So the next writing connects, waits by the lock until the lost transaction has ended
    either way, reads where the ledger stands, and refuses to go on unless that begins with everything this
    process was ever told of.

    Args:
        url: Where the database is, as libpq writes it; without a password, which a file of its own holds.
        clock: Gives entries their time.
        signer: Signs checkpoints, and says how often.
        wait_seconds: How long to wait for a connection, and for another process that writes.

    Raises:
        LedgerUnavailable: It cannot be reached, or would not be durable.
        LedgerCorrupt: It does not hold what its newest checkpoint promises.
    """

    _SQL = Statements(f"{SCHEMA}.", "%s")
    _REMEDY = "Start the service again."

    def __init__(self, url: str, clock: Clock, signer: Signer, *, wait_seconds: float = 10.0) -> None:
        super().__init__(clock, signer)
        self._ERROR = postgres_connection.library().Error  # known once it is loaded
        self._url, self._wait_seconds = url, wait_seconds
        self._version: int | None = None
        self._is_doubted = False
        with ExitStack() as opened:
            self._writer: Connection = self._connected()
            opened.callback(self._disconnect)
            self._reader: Connection = self._writer
            try:
                postgres_connection.set_up_tables(self._writer)
            except self._ERROR as error:
                raise fault(error) from error
            self._reader = self._connected_to_read()
            is_covered = self._check_tree()
            opened.pop_all()
        if not is_covered:
            self._reminder.remind()

    def _connected(self) -> Connection:
        return postgres_connection.connection(self._url, self._wait_seconds)

    def _connected_to_read(self) -> Connection:
        opened = self._connected()
        try:
            opened.execute("SET default_transaction_read_only = on")
        except self._ERROR as error:
            opened.close()
            raise fault(error) from error
        return opened

    def _read(self, question: str, *values: object) -> list[Any]:
        with self._reading:
            if self._refusal == CLOSED:
                raise LedgerUnavailable(CLOSED)
            try:
                try:
                    return self._reader.execute(question, values).fetchall()
                except self._ERROR:
                    if not self._reader.closed:
                        raise
                    # To ask twice does no harm, so a server that was started anew goes unnoticed.
                    self._reader = self._connected_to_read()
                    return self._reader.execute(question, values).fetchall()
            except self._ERROR as error:
                raise fault(error) from error

    def _begin(self) -> bool:
        try:
            commits = self._begun()
        except self._ERROR:
            if not self._writer.closed:
                raise
            # Nothing was written yet, so nothing is unknown but where the ledger stands by now.
            self._version, self._is_doubted = None, True
            self._writer = self._connected()
            commits = self._begun()
        is_known = self._version == commits - 1
        self._version = commits - 1
        return is_known

    def _begun(self) -> int:
        """Open a transaction behind the lock, and give the number of the commit it would be."""
        answers = self._writer.execute(BEGIN, prepare=False)
        while answers.nextset():
            pass
        row = answers.fetchone()
        if row is None:
            raise LedgerCorrupt("A table of the ledger was emptied.")
        return int(row[0])

    def _cancel(self) -> None:
        self._writer.execute("ROLLBACK")

    def _end(self) -> None:
        # PostgreSQL answers a commit of a transaction that failed before with a rollback, and no error.
        if self._writer.execute("COMMIT").statusmessage != "COMMIT":
            raise LedgerUnavailable("The database of the ledger took a writing back.", remedy=REMEDY)
        self._version = None if self._version is None else self._version + 1

    def _undo(self) -> None:
        self._version, self._is_doubted = None, True
        with suppress(self._ERROR):
            self._writer.execute("ROLLBACK")
            return
        self._writer.close()

    def _failed(self, error: Exception, *, has_begun: bool) -> FacewardError:  # noqa: ARG002 - both say the same
        return fault(error)

    def _stored(self) -> Standing:
        told = self._standing.frontier
        found = super()._stored()
        if self._is_doubted:
            # The server may have come back as an older copy of itself, and a tree must not fork.
            size = found.frontier.size
            if size < told.size or Frontier.read(told.size, self._node_inside).root() != told.root():
                raise LedgerCorrupt("The database does not hold what it once confirmed.")
            self._is_doubted = False
        return found

    def _insert_entries(self, rows: Sequence[tuple[int, bytes, bytes]]) -> None:
        places, entries, nodes = zip(*rows, strict=True)
        self._writer.execute(_ENTRIES, (list(places), list(entries), list(nodes)))

    def _insert_counters(self, counters: Sequence[tuple[str, int]]) -> None:
        names, values = zip(*counters, strict=True)
        self._writer.execute(_COUNTERS, (list(names), list(values)))

    def _disconnect(self) -> None:
        self._writer.close()
        self._reader.close()


def has_ledger(url: str) -> bool:
    """Whether a ledger was begun in a database; nothing is made by asking.

    Raises:
        LedgerUnavailable: It cannot be reached.
    """
    opened = postgres_connection.connection(url, 10.0)
    try:
        return postgres_connection.has_tables(opened)
    except postgres_connection.library().Error as error:
        raise fault(error) from error
    finally:
        opened.close()


# One text for any number of rows, so that the server plans it once.
_ENTRIES = f"INSERT INTO {SCHEMA}.entries SELECT * FROM unnest(%s::bigint[], %b::bytea[], %b::bytea[])"  # noqa: S608
_COUNTERS = (
    f"INSERT INTO {SCHEMA}.counters SELECT * FROM unnest(%s::text[], %s::bigint[]) "  # noqa: S608
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
