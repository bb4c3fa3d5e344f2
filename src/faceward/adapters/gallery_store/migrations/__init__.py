"""A database of any earlier schema in, one of the newest out; one step for each module of `versions`."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def steps() -> tuple[str, ...]:
    """Every revision of the schema, the first one first."""
    return tuple(it.revision for it in _script().walk_revisions())[::-1]


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the tables to a revision, in the transaction that is open."""
    script = _script()

    def way(revision: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        return script._upgrade_revs(to, revision)  # type: ignore[arg-type]

    with EnvironmentContext(Config(), script, fn=way) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


def _script() -> ScriptDirectory:
    folder = Path(__file__).parent
    return ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])
