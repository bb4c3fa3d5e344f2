"""The address of a database in, tables as this version needs them out, or why they cannot be had."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL, Engine

from faceward.adapters.gallery_store.engine import changing
from faceward.adapters.gallery_store.faults import told
from faceward.adapters.gallery_store.guests import guest
from faceward.adapters.gallery_store.tables import HEAD
from faceward.ports.gallery_store import StoreUnavailable


def prepare(engine: Engine, url: URL, wait_seconds: float) -> None:
    """Make the tables where there are none, or bring older ones up to date; others who open wait.

    Raises:
        StoreUnavailable: The tables were made by a newer version, or the database does not work.
    """
    with told():
        with engine.connect() as connection:
            if _found(connection) == HEAD:
                return
        with changing(url, wait_seconds) as raw:
            inside = guest(url.get_backend_name(), raw)
            found = _found(inside)  # another process may have been faster
            if found != HEAD:
                _bring(inside, found)


def _bring(connection: Connection, found: str | None) -> None:
    from faceward.adapters.gallery_store.migrations import steps, upgrade

    if found is not None and found not in steps():
        raise StoreUnavailable(
            "The tables of the store were made by a newer version of faceward.",
            remedy="Use that version, or restore a backup that this one wrote.",
        )
    upgrade(connection)


def _found(connection: Connection) -> str | None:
    """The revision of the tables; nothing where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
