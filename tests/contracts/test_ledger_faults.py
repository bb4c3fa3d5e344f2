"""Whatever fails in a commit, at whichever statement: a change and its entry are both there, or neither."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from data.drafts import draft, number_of, signer

from faceward.adapters.clock import SystemClock
from faceward.adapters.ledger import SqliteLedger
from faceward.adapters.ledger.postgres import PostgresLedger
from faceward.errors import FacewardError
from faceward.ports.ledger import ChangeFailed, Claim, Filing, LedgerUnavailable, Settled, Writing


class Faulty:
    """A connection that is lost at its n-th statement; it counts them.

    Args:
        real: What it stands before.
        at: The number of the statement, the first is 0.
        before: Happens instead of that statement.
        after: Happens once it was carried out.
    """

    def __init__(self, real, at: int, before: Callable = lambda _: None, after: Callable = lambda _: None):
        self.real, self.at, self.count = real, at, 0
        self.before, self.after = before, after

    def execute(self, *arguments, **more):
        is_it, self.count = self.count == self.at, self.count + 1
        if is_it:
            self.before(self.real)
        answer = self.real.execute(*arguments, **more)
        if is_it:
            try:
                self.after(self.real)
            except BaseException:
                del answer  # or its traceback keeps a cursor open, for which the next one waits
                raise
        return answer

    def __getattr__(self, name: str):
        return getattr(self.real, name)


def interrupted(_connection) -> None:
    raise sqlite3.OperationalError("The disk failed.")


def stopped(_connection) -> None:
    """What Ctrl-C does, anywhere."""
    raise KeyboardInterrupt


def terminated(connection) -> None:
    """By an administrator; the next statement finds out."""
    with psycopg.connect(connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))


def unanswered(connection) -> None:
    """It was carried out, and the answer never came."""
    connection.close()
    raise psycopg.OperationalError("The server is gone.")


FAULTS = {
    "sqlite": {"before": [interrupted, stopped], "after": [interrupted, stopped]},
    "postgres": {"before": [terminated, unanswered, stopped], "after": [terminated, unanswered, stopped]},
}
CASES = [
    (kind, when, fault)
    for kind, moments in FAULTS.items()
    for when, faults in moments.items()
    for fault in faults
]


class Database:
    """A database that holds a ledger and a table of somebody else's."""

    def __init__(self, kind: str, folder: Path, url: str) -> None:
        self.kind, self.path, self.url = kind, folder / "ledger" / "file", url
        with closing(self.ledger()) as made:
            made.write(settling(0, made))
            self.mark = "?" if kind == "sqlite" else "%s"

    def ledger(self):
        if self.kind == "sqlite":
            return SqliteLedger(self.path, SystemClock(), signer(entries=3))
        return PostgresLedger(self.url, SystemClock(), signer(entries=3))

    def changes(self) -> list[int]:
        make = sqlite3.connect if self.kind == "sqlite" else psycopg.connect
        with closing(make(self.path if self.kind == "sqlite" else self.url)) as opened:
            return [row[0] for row in opened.execute("SELECT number FROM scratch ORDER BY number").fetchall()]


def settling(number: int, ledger, fails: bool = False) -> Writing:
    """A writing that changes a table of somebody else's, with everything else that a writing may have."""
    is_first = number == 0

    def settle(transaction) -> Settled:
        if is_first:
            transaction.execute("CREATE TABLE scratch (number integer)")
        transaction.execute(f"INSERT INTO scratch VALUES ({number})")
        if fails:
            transaction.execute("INSERT INTO nowhere VALUES (1)")
        return Settled((draft(number),), (Claim("changes", 1),))

    return Writing((), (), (Filing("last", "number", b"%d" % number),), settle=settle)


@pytest.fixture
def database(request, tmp_path) -> Iterator[Database]:
    kind = request.param
    return Database(kind, tmp_path, request.getfixturevalue("postgres_url") if kind == "postgres" else "")


@pytest.mark.parametrize(("database", "when", "fault"), CASES, indirect=["database"])
def test_there_is_no_third_state_whatever_fails_when(database: Database, when: str, fault):
    """Every statement of a commit in turn, until one goes through; the ledger that met the fault goes on."""
    done, at, failures = {0}, 0, 0
    while True:
        ledger = database.ledger()
        faulty = Faulty(ledger._writer, at, **{when: fault})
        ledger._writer = faulty
        number = at + 1
        try:
            ledger.write(settling(number, ledger))
            done.add(number)
        except (FacewardError, KeyboardInterrupt):
            failures += 1
        if ledger._writer is faulty:
            faulty.at = -1
        try:
            ledger.write(settling(1000 + number, ledger))
            done.add(1000 + number)
        except LedgerUnavailable:
            assert database.kind == "sqlite"
        ledger.close()
        with closing(database.ledger()) as again:
            entries = [number_of(entry) for entry in again.entries()]
            assert sorted(entries) == database.changes()
            assert done <= set(entries)
            assert len(set(entries)) == len(entries)
            assert again.counters(["changes"]) == (len(entries),)
            assert again.filings("last") == {"number": b"%d" % entries[-1]}
        if faulty.count <= at:
            break
        at += 1
    assert failures > 5
    assert at > 7


@pytest.mark.parametrize("database", FAULTS, indirect=True)
def test_a_change_that_fails_takes_nobody_along(database: Database):
    """Its own savepoint is undone, with an error of the database in it, too."""
    with closing(database.ledger()) as ledger:
        outcomes = ledger._commit([settling(1, ledger), settling(2, ledger, fails=True), settling(3, ledger)])
        assert isinstance(outcomes[1], ChangeFailed)
        assert [number_of(entry) for entry in ledger.entries()] == [0, 1, 3] == database.changes()


@pytest.mark.parametrize("database", FAULTS, indirect=True)
def test_a_change_that_hides_its_failure_fails(database: Database):
    """PostgreSQL takes nothing more in such a transaction, and would answer a commit with a rollback."""

    def settle(transaction) -> Settled:
        try:
            transaction.execute("INSERT INTO nowhere VALUES (1)")
        except (psycopg.Error, sqlite3.Error):
            return Settled((draft(7),))
        raise AssertionError

    with closing(database.ledger()) as ledger:
        (outcome,) = ledger._commit([Writing((), settle=settle)])
        is_there = [number_of(entry) for entry in ledger.entries()] == [0, 7]
        assert is_there == (not isinstance(outcome, ChangeFailed)) == (database.kind == "sqlite")
        assert ledger.write(settling(1, ledger)).count == 1
