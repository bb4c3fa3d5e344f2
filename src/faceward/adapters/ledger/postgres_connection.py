"""A URL in, PostgreSQL connections that keep what they confirm out; and what its errors mean here."""

# ruff: noqa: S608 - the parts are names of our own, never what somebody gave

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from faceward.errors import DependencyMissing
from faceward.ports.ledger import LedgerCorrupt, LedgerUnavailable

if TYPE_CHECKING:
    from types import ModuleType

    import psycopg

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

SCHEMA = "faceward_ledger"
WRITER = 0x66774C67
"""Key of the advisory lock that only one writer of a database has; ours, "fwLg"."""
REMEDY = "See that the PostgreSQL server runs and is reached, then try again; nothing has to be started anew."

_VERSION = 1
_TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE {SCHEMA}.entries (place bigint PRIMARY KEY, entry bytea NOT NULL, nodes bytea NOT NULL);
CREATE TABLE {SCHEMA}.checkpoints (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, size bigint NOT NULL, note text NOT NULL
);
CREATE TABLE {SCHEMA}.counters (name text COLLATE "C" PRIMARY KEY, value bigint NOT NULL);
CREATE TABLE {SCHEMA}.filings (
    kind text COLLATE "C" NOT NULL, identifier text COLLATE "C" NOT NULL, content bytea NOT NULL,
    PRIMARY KEY (kind, identifier)
);
CREATE TABLE {SCHEMA}.revisions (version int NOT NULL, number bigint NOT NULL, commits bigint NOT NULL);
INSERT INTO {SCHEMA}.revisions VALUES ({_VERSION}, 0, 0);
CREATE FUNCTION {SCHEMA}.stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE restrict_violation USING MESSAGE = TG_TABLE_NAME || ' are never changed'; END
$$;
"""
# Against accidents only: who owns the tables can remove them, which the signed checkpoints show.
_STAYS = """
CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.stays();
"""
_SCHEMA = _TABLES + "".join(_STAYS.format(schema=SCHEMA, table=table) for table in ("entries", "checkpoints"))

_ALONE = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({WRITER})"
# Counting commits tells whether somebody else wrote since, whatever it was.
BEGIN = f"{_ALONE}; UPDATE {SCHEMA}.revisions SET commits = commits + 1 RETURNING commits"
"""Opens a transaction as the only writer; sent at once, and answered by statement."""

_DURABLE = ("fsync", "full_page_writes")


def library() -> ModuleType:
    """The package psycopg, loaded where a database was set and nowhere else.

    Raises:
        DependencyMissing: It is not installed.
    """
    try:
        import psycopg
    except ImportError:
        raise DependencyMissing(
            "A database was set, and the package psycopg is missing.",
            remedy="Install it with `pip install faceward[postgres]`.",
        ) from None
    return psycopg


def connection(url: str, wait_seconds: float) -> Connection:
    """Connect, and read back that what is confirmed will outlive a crash.

    Raises:
        LedgerUnavailable: The server is not reached, lets nobody in, or does not wait for its disk.
    """
    psycopg = library()
    opened: Connection | None = None
    refusal = ""
    try:
        opened = psycopg.connect(
            url, autocommit=True, connect_timeout=max(2, math.ceil(wait_seconds)),
            application_name="faceward", keepalives_idle=10, keepalives_interval=5, keepalives_count=3,
            tcp_user_timeout=30_000,
        )  # fmt: skip
        _set_up(opened, wait_seconds)
    except psycopg.Error as error:
        refusal = _unconnected(error)
    except BaseException:
        if opened is not None:
            opened.close()
        raise
    # Raised out here, for what libpq says may repeat a part of the URL, and is to be told to nobody.
    if opened is None or refusal:
        if opened is not None:
            opened.close()
        raise LedgerUnavailable(refusal, remedy=REMEDY)
    return opened


def _set_up(opened: Connection, wait_seconds: float) -> None:
    """Have this session wait for the disk and for locks, and see that the server does not cheat."""
    for setting, value in (
        ("lock_timeout", str(max(1, int(1000 * wait_seconds)))),
        # A commit must not be cut short, and one who stopped in a transaction must not stop all the others.
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "60000"),
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
    ):
        opened.execute("SELECT set_config(%s, %s, false)", (setting, value))
    if _setting(opened, "synchronous_commit") != "remote_apply":  # which is more than we ask for
        opened.execute("SET synchronous_commit = on")
    off = [name for name in _DURABLE if _setting(opened, name) != "on"]
    if off:
        raise LedgerUnavailable(
            f"The PostgreSQL server runs with {' and '.join(off)} off, so nothing would be safe.",
            remedy="Turn that on in its configuration; without it a loss of power can destroy the database.",
        )
    row = opened.execute("SELECT pg_is_in_recovery()").fetchone()
    if row is None or row[0]:
        raise LedgerUnavailable(
            "The PostgreSQL server is a standby, which takes no writing.",
            remedy="Name the primary in the setting database, or add target_session_attrs=read-write to it.",
        )


def set_up_tables(opened: Connection) -> None:
    """Make the tables of a new ledger, or see that they are ours; of several who come at once one makes them.

    Raises:
        LedgerUnavailable: There is a schema of that name which is not of this version.
        psycopg.Error: It cannot be done; `fault` says what that means.
    """
    opened.execute(_ALONE, prepare=False)
    try:
        if not has_tables(opened):
            opened.execute(_SCHEMA, prepare=False)
        row = opened.execute(f"SELECT version FROM {SCHEMA}.revisions").fetchone()
        if row != (_VERSION,):
            raise LedgerUnavailable(
                f"The schema {SCHEMA} is of no ledger of this version of faceward.",
                remedy="Name the right database, or use the version of faceward that wrote it.",
            )
        opened.execute("COMMIT")
    except BaseException:
        if not opened.closed:
            opened.execute("ROLLBACK")
        raise


def has_tables(opened: Connection) -> bool:
    """Whether a ledger was begun in this database."""
    row = opened.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{SCHEMA}.revisions",)).fetchone()
    return row is not None and bool(row[0])


def fault(error: Exception) -> LedgerCorrupt | LedgerUnavailable:
    """Say what an error of PostgreSQL means for the ledger; the words hold nothing of its own."""
    state = getattr(error, "sqlstate", None) or ""
    if state[:2] in {"23", "XX"}:
        return LedgerCorrupt("The database of the ledger is damaged, or somebody changed it.")
    words = {
        "53100": "The disk of the ledger is full.",
        "55P03": "Another process has kept the ledger for too long.",
        "25006": "The ledger may not be written here.",
        "42501": "The account may not use the ledger.",
        "42P01": "The tables of the ledger are gone.",
    }
    lost = "The connection to the database of the ledger was lost."
    return LedgerUnavailable(words.get(state, lost if _is_lost(error) else _DEFECT), remedy=REMEDY)


_DEFECT = "The database of the ledger does not work."


def _is_lost(error: Exception) -> bool:
    psycopg = library()
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))


def _setting(opened: Connection, name: str) -> str:
    row = opened.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return "" if row is None else str(row[0])


def _unconnected(error: psycopg.Error) -> str:
    """Say why there is no connection, in words that hold nothing of the URL."""
    if isinstance(error, library().ProgrammingError):
        return "The setting database is no URL that PostgreSQL's library understands."
    if (error.sqlstate or "").startswith("28"):
        return "The database of the ledger does not let this account in."
    return "The database of the ledger cannot be reached, or does not let this account in."
