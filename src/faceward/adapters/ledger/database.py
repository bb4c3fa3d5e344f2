"""A path in, SQLite connections that keep what they confirm out; and what SQLite's errors mean here."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from faceward.errors import DependencyError
from faceward.ports.ledger import LedgerCorrupt, LedgerUnavailable

FULL = 2
"""``synchronous`` at which each commit in WAL mode is on the disk when it returns.

Source: sqlite.org/pragma.html#pragma_synchronous: with NORMAL, a commit may be undone by a loss of power.
"""

_VERSION = 1
_APPLICATION = 0x66774C67
"""Shows `file` and other tools whose database it is; ours, "fwLg"."""

_TABLES = """
CREATE TABLE entries (place INTEGER PRIMARY KEY, entry BLOB NOT NULL, nodes BLOB NOT NULL) STRICT;
CREATE TABLE checkpoints (number INTEGER PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE filings (
    kind TEXT NOT NULL, identifier TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (kind, identifier)
) STRICT;
CREATE TABLE revisions (number INTEGER NOT NULL) STRICT;
INSERT INTO revisions VALUES (0);
"""
# Against accidents only: who owns the file can remove them, which the signed checkpoints show.
_STAYS = """
CREATE TRIGGER {table}_{event} BEFORE {event} ON {table} BEGIN
    SELECT RAISE(ABORT, '{table} are never changed');
END;
"""
_SCHEMA = _TABLES + "".join(
    _STAYS.format(table=table, event=event)
    for table in ("entries", "checkpoints")
    for event in ("UPDATE", "DELETE")
)


def connection(path: Path, wait_seconds: float, synchronous: int = FULL) -> sqlite3.Connection:
    """Open a ledger, new or not, and read back that it is as durable as it was told to be.

    Raises:
        LedgerUnavailable: It is of another program or version, or SQLite does not keep to the settings.
        sqlite3.Error: It cannot be opened; `fault` says what that means.
    """
    opened = sqlite3.connect(
        path, timeout=wait_seconds, isolation_level=None, check_same_thread=False, cached_statements=300
    )
    try:
        _set_up(opened)
        journal = opened.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        # On macOS a plain fsync does not reach the disk. Source: sqlite.org/pragma.html#pragma_fullfsync.
        for setting in (
            f"synchronous = {synchronous}", "fullfsync = ON", "checkpoint_fullfsync = ON",
            "secure_delete = ON", "recursive_triggers = ON", "trusted_schema = OFF",
        ):  # fmt: skip
            opened.execute(f"PRAGMA {setting}").fetchall()
        real = opened.execute("PRAGMA synchronous").fetchone()[0]
        if (journal, real) != ("wal", synchronous):
            raise LedgerUnavailable(
                f"SQLite keeps its journal as {journal} with synchronous = {real}, so nothing would be safe.",
                remedy="Put the ledger on a local disk; SQLite does not do this on network drives.",
            )
    except BaseException:
        opened.close()
        raise
    return opened


def _set_up(opened: sqlite3.Connection) -> None:
    """Make the tables of a new ledger, or see that they are ours before anything else is done to the file."""
    opened.execute("BEGIN IMMEDIATE")
    found = tuple(
        opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    is_new = opened.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if is_new:
        for statement in _statements(_SCHEMA):
            opened.execute(statement)
        opened.execute(f"PRAGMA application_id = {_APPLICATION}")
        opened.execute(f"PRAGMA user_version = {_VERSION}")
    opened.execute("COMMIT")
    if not is_new and found != (_APPLICATION, _VERSION):
        raise LedgerUnavailable(
            "The file is no ledger of this version of faceward.",
            remedy="Name the right file, or use the version of faceward that wrote it.",
        )


def fault(error: Exception) -> DependencyError:
    """Say what an error of SQLite means for the ledger; the words hold no path."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT}:
        return LedgerCorrupt("The database of the ledger is damaged.")
    return LedgerUnavailable(
        {
            sqlite3.SQLITE_FULL: "The disk of the ledger is full.",
            sqlite3.SQLITE_BUSY: "Another process has kept the ledger for too long.",
            sqlite3.SQLITE_LOCKED: "Another process has kept the ledger for too long.",
            sqlite3.SQLITE_READONLY: "The ledger may not be written here.",
            sqlite3.SQLITE_CANTOPEN: "The ledger cannot be opened.",
            sqlite3.SQLITE_IOERR: "The disk of the ledger reports an error.",
        }.get(code, "The database of the ledger does not work.")
    )


def _statements(script: str) -> list[str]:
    found, rest = [], ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            found.append(rest)
            rest = ""
    return found
