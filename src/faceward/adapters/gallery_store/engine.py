"""The address of a database in, connections that only read out, and one that brings the tables up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from faceward.adapters.gallery_store.faults import told
from faceward.errors import DependencyMissing, InvalidValue
from faceward.ports.gallery_store import StoreUnavailable

_READERS = 8
_MOST_READERS = 32
_LEDGER = 0x66774C67
"""How SQLite shows that a file is a ledger of ours; the store lies in no other."""
_LOCK = 0x66775374
"""The advisory lock of PostgreSQL under which tables are changed; ours, "fwSt"."""


def address(place: Path | str) -> URL:
    """Where a store lies: the file of a SQLite ledger, or the address of a PostgreSQL database.

    Raises:
        InvalidValue: It is neither.
    """
    if isinstance(place, Path):
        return URL.create("sqlite", database=str(place.absolute()))
    try:
        url = make_url(place)
    except ArgumentError:
        url = URL.create("nothing")
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise InvalidValue("The address of the database does not begin with postgresql://.")
    return url.set(drivername="postgresql+psycopg")


def reading(url: URL, wait_seconds: float) -> Engine:
    """Connections that read, each statement by itself; `snapshot` gives one moment for several.

    Raises:
        DependencyMissing: The driver of PostgreSQL is not installed.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            "sqlite://", creator=lambda: _opened(url, wait_seconds, reads=True), isolation_level="AUTOCOMMIT",
            hide_parameters=True, **_pool(wait_seconds),
        )  # fmt: skip
    else:
        try:
            engine = create_engine(
                url, isolation_level="AUTOCOMMIT", hide_parameters=True, pool_pre_ping=True,
                connect_args={"connect_timeout": max(2, round(wait_seconds))}, **_pool(wait_seconds),
            )  # fmt: skip
        except ModuleNotFoundError:
            raise DependencyMissing(
                "PostgreSQL needs a driver.", remedy="Install faceward[postgres]."
            ) from None

        @event.listens_for(engine, "connect")
        def _reads_only(raw: Any, _record: object) -> None:
            raw.execute("SET default_transaction_read_only = on")

    return engine


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection to which everything is as it was at its first question."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection


@contextmanager
def changing(url: URL, wait_seconds: float) -> Iterator[Any]:
    """The driver's own connection in a transaction that nobody else who changes tables is in."""
    if url.get_backend_name() == "sqlite":
        raw = _opened(url, wait_seconds, reads=False)
        try:
            raw.execute("BEGIN IMMEDIATE")
            yield raw
            raw.execute("COMMIT")
        finally:
            raw.close()  # what was not committed is undone
        return
    lone = create_engine(url, hide_parameters=True, pool_size=1)
    try:
        with lone.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection.connection.driver_connection
    finally:
        lone.dispose()


def emptied_journal(url: URL, wait_seconds: float) -> bool:
    """Empty the write-ahead log of a SQLite file, and say whether that was done.

    While somebody reads it cannot be; and whoever waits for that keeps others from writing.
    """
    with told():
        raw = _opened(url, wait_seconds, reads=True)
        try:
            is_busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            raw.close()
    return not is_busy


def _pool(wait_seconds: float) -> dict[str, Any]:
    return {
        "poolclass": QueuePool,
        "pool_size": _READERS, "max_overflow": _MOST_READERS - _READERS, "pool_timeout": wait_seconds
    }  # fmt: skip


def _opened(url: URL, wait_seconds: float, *, reads: bool) -> sqlite3.Connection:
    """Open the file of a ledger, which must be there: the ledger makes it, and says how durable it is."""
    path = Path(url.database or "")
    opened = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=wait_seconds, isolation_level=None,
        check_same_thread=False, cached_statements=300,
    )  # fmt: skip
    try:
        if opened.execute("PRAGMA application_id").fetchone()[0] != _LEDGER:
            raise StoreUnavailable(
                "The file is no ledger of faceward, and the store lies in no other.",
                remedy="Open the ledger first, and name the same file.",
            )
        for setting in (
            "journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "checkpoint_fullfsync = ON",
            "secure_delete = ON", "trusted_schema = OFF", "foreign_keys = ON",
            f"query_only = {'ON' if reads else 'OFF'}",
        ):  # fmt: skip
            opened.execute(f"PRAGMA {setting}").fetchall()
    except BaseException:
        with suppress(sqlite3.Error):
            opened.close()
        raise
    return opened
