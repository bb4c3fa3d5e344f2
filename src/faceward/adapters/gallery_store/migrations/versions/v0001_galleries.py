"""The first tables: galleries, people, closed templates, consents and what follows from them."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, ForeignKey, Index, LargeBinary, MetaData, Table, UniqueConstraint
from sqlalchemy.sql.schema import SchemaItem

from faceward.adapters.gallery_store.columns import Identifier, Moment, Name, Number, Rate, Word

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s",
        }
    )  # fmt: skip

    def _table(name: str, *items: SchemaItem, **more: Any) -> None:
        Table(name, metadata, *items, sqlite_strict=True, **more)

    _table(
        "galleries",
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("name", Name, nullable=False, unique=True),
        Column("deployment", Name, nullable=False),
        Column("tenant", Name, nullable=False),
        Column("model", Name, nullable=False),
        Column("model_sha256", Name, nullable=False),
        Column("preprocessing", Name, nullable=False),
        Column("precision", Name, nullable=False),
        Column("length", Number, nullable=False),
        Column("false_match_rate", Rate, nullable=False),
        Column("false_positive_identification_rate", Rate, nullable=False),
        Column("source", Word, nullable=False),
        Column("created", Moment, nullable=False),
        Column("revision", Number, nullable=False),
        Column("complete_after", Number, nullable=False),
        Column("people", Number, nullable=False),
        Column("templates", Number, nullable=False),
        Column("removals", Number, nullable=False),
        Index(None, "deployment", "name"),
        sqlite_autoincrement=True,
    )
    _table(
        "subjects",
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("gallery", Number, ForeignKey("galleries.number"), nullable=False),
        Column("name", Name, nullable=False),
        Column("majority", Word, nullable=False),
        Column("created", Moment, nullable=False),
        Column("templates", Number, nullable=False),
        Column("failed_tries", Number, nullable=False),
        UniqueConstraint("gallery", "name"),
        sqlite_autoincrement=True,
    )
    _table(
        "templates",
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("identifier", Identifier, nullable=False, unique=True),
        Column("gallery", Number, ForeignKey("galleries.number"), nullable=False),
        Column("subject", Number, ForeignKey("subjects.number"), nullable=False, index=True),
        Column("revision", Number, nullable=False),
        Column("epoch", Number, nullable=False),
        Column("created", Moment, nullable=False),
        Column("name", Name, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Index(None, "gallery", "revision"),
    )
    _table(
        "photos",
        Column("template", Number, ForeignKey("templates.number"), primary_key=True, autoincrement=False),
        Column("content", LargeBinary, nullable=False),
    )
    _table(
        "removals",
        Column("gallery", Number, ForeignKey("galleries.number"), primary_key=True),
        Column("revision", Number, primary_key=True),
        Column("identifier", Identifier, primary_key=True),
        sqlite_with_rowid=False,
    )
    _table(
        "consents",
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("identifier", Identifier, nullable=False, unique=True),
        Column("subject", Number, ForeignKey("subjects.number"), nullable=False, index=True),
        Column("purposes", Word, nullable=False),
        Column("ground", Word, nullable=False),
        Column("photos", Number, nullable=False),
        Column("state", Word, nullable=False),
        Column("until", Moment, nullable=False),
        Column("erase_by", Moment, nullable=False, index=True),
        Column("document", LargeBinary, nullable=False),
    )
    _table(
        "grounds",
        Column("subject", Number, ForeignKey("subjects.number"), primary_key=True),
        Column("purpose", Word, primary_key=True),
        Column("ground", Word, primary_key=True),
        Column("gallery", Number, ForeignKey("galleries.number"), nullable=False),
        Column("begin", Moment, nullable=False),
        Column("until", Moment, nullable=False),
        Index(None, "gallery", "purpose", "ground", "begin", "until"),
        sqlite_with_rowid=False,
    )
    _table(
        "bars",
        Column("subject", Number, ForeignKey("subjects.number"), primary_key=True),
        Column("identifier", Identifier, primary_key=True),
        Column("gallery", Number, ForeignKey("galleries.number"), nullable=False),
        Index(None, "gallery", "identifier"),
        sqlite_with_rowid=False,
    )
    _table(
        "corrections",
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("identifier", Identifier, nullable=False, unique=True),
        Column("gallery", Number, ForeignKey("galleries.number"), nullable=False, index=True),
        Column("kind", Word, nullable=False),
        Column("before", Number, ForeignKey("subjects.number"), nullable=False, index=True),
        Column("after", Number, ForeignKey("subjects.number"), nullable=False, index=True),
        Column("templates", Word, nullable=False),
        Column("made", Moment, nullable=False),
        Column("undone", Number, nullable=False),
    )
    _table(
        "forgotten",
        Column("gallery", Name, primary_key=True),
        Column("name", Name, primary_key=True),
        sqlite_with_rowid=False,
    )
    metadata.create_all(op.get_bind(), checkfirst=False)
