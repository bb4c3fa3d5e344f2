"""A connection with an open transaction of somebody else in, ways to change the store inside of it out.

SQLAlchemy begins, commits, undoes and closes as it thinks fit; here it may not: all that is the ledger's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import StaticPool


class _Guest:
    """Ends nothing that it did not begin."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: a transaction is open."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing: whoever began commits."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing: whoever began undoes."""

    def do_close(self, dbapi_connection: Any) -> None:
        """Nothing: whoever opened closes."""

    def do_terminate(self, dbapi_connection: Any) -> None:
        """Nothing: whoever opened closes."""


class SqliteGuest(_Guest, SQLiteDialect_pysqlite):
    """A guest in a transaction of sqlite3."""

    supports_statement_cache = True


class PostgresGuest(_Guest, PGDialect_psycopg):
    """A guest in a transaction of psycopg."""

    supports_statement_cache = True


registry.register("sqlite.guest", __name__, "SqliteGuest")
registry.register("postgresql.guest", __name__, "PostgresGuest")


def guest(kind: str, raw: Any) -> Connection:
    """A connection of SQLAlchemy over an open one.

    Args:
        kind: ``sqlite`` or ``postgresql``.
        raw: The connection of the driver; it stays as it is, whatever happens to what is returned.
    """
    engine = create_engine(
        f"{kind}+guest://", creator=lambda: raw, poolclass=StaticPool, pool_reset_on_return=None,
        hide_parameters=True,
    )  # fmt: skip
    return engine.connect()
