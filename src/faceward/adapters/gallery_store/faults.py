"""Errors of SQLAlchemy and its drivers in, what they mean for the store out; no path, statement or value."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from faceward.errors import FacewardError
from faceward.ports.gallery_store import StoreCorrupt, StoreUnavailable

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH}
_WORDS = {
    sqlite3.SQLITE_FULL: "The disk of the store is full.",
    sqlite3.SQLITE_BUSY: "Another process has kept the store for too long.",
    sqlite3.SQLITE_LOCKED: "Another process has kept the store for too long.",
    sqlite3.SQLITE_READONLY: "The store may not be written here.",
    sqlite3.SQLITE_CANTOPEN: "The database of the store cannot be opened.",
    sqlite3.SQLITE_IOERR: "The disk of the store reports an error.",
}
# Source: postgresql.org/docs/current/errcodes-appendix.html; the first two signs are the class.
_CLASSES = {
    "08": "The database server cannot be reached.",
    "28": "The database server does not accept this account.",
    "3D": "The database server has no such database.",
    "40": "The database server undid a transaction; it can be tried again.",
    "42": "The account of this service may not use the tables of the store, or they are not there.",
    "53": "The database server has no room left on its disk, in its memory or for a connection.",
    "55": "Another process has kept the store for too long.",
    "57": "The database server was stopped, or stopped what was asked.",
    "58": "The disk of the database server reports an error.",
}
_GENERAL = "The database of the store does not work."


@contextmanager
def told() -> Iterator[None]:
    """Whatever a database says inside comes out as an error of ours, without a word of theirs."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise fault(error) from None


def fault(error: BaseException) -> FacewardError:
    """What an error means. One of ours that was met on the way to the database is given back as it is."""
    cause = error.orig if isinstance(error, StatementError) else error
    if isinstance(cause, FacewardError):
        return cause
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if isinstance(error, DBAPIError):
        return _of_server(getattr(cause, "sqlstate", None), error.connection_invalidated)
    return StoreUnavailable(_GENERAL)


def _of_sqlite(error: sqlite3.Error) -> FacewardError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DAMAGED:
        return StoreCorrupt("The database of the store is damaged.")
    return StoreUnavailable(_WORDS.get(code, _GENERAL))


def _of_server(state: str | None, is_lost: bool) -> FacewardError:
    if state is None:
        return StoreUnavailable(_CLASSES["08"] if is_lost else _GENERAL)
    # XX: the server found its own files damaged. 22 and 23: what no change of ours would have left there.
    if state[:2] in {"XX", "22", "23"}:
        return StoreCorrupt("The database of the store is damaged.")
    return StoreUnavailable(_CLASSES.get(state[:2], _GENERAL))
