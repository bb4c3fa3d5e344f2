"""What becomes of a gallery store whose database is new, old, too new, lost, full, busy or damaged."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from data.galleries import G, Installation, consent, gallery, identifier, reference, subject
from sqlalchemy import MetaData, create_engine, exc, func, insert, inspect, select

from faceward.adapters.gallery_store import SqlGalleryStore, engine
from faceward.adapters.gallery_store.faults import fault
from faceward.adapters.gallery_store.guests import guest
from faceward.adapters.gallery_store.migrations import steps, upgrade
from faceward.adapters.gallery_store.tables import HEAD, metadata
from faceward.errors import DependencyError, FacewardError, InvalidValue
from faceward.ports.gallery_store import StoreCorrupt, StoreUnavailable

SECRETS = ("anna", "/tmp", "ledger.db", "SELECT", "INSERT", G)


def is_clean(error: FacewardError) -> bool:
    """Whether no path, statement or value is in what is said."""
    return not [it for it in SECRETS if it in str(error)] and (
        error.__suppress_context__ or error.__context__ is None
    )


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    """Where a ledger lies that has no store yet."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    path = tmp_path / "ledger" / "ledger.db"
    made = Installation(path)
    with sqlite3.connect(path) as raw:  # as the ledger leaves it
        names = [it[0] for it in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for name in names:
            if name in {*metadata.tables, "alembic_version"}:
                raw.execute(f"DROP TABLE {name}")
    raw.close()
    made.close()
    return path


@pytest.fixture
def sqlite(tmp_path):
    made = Installation(tmp_path / "ledger" / "ledger.db")
    yield made
    made.close()


def fill(changes):
    changes.make(gallery())
    changes.introduce_all([subject("anna"), subject("ben")])
    changes.add(reference(1, "anna"))
    changes.record(consent(1, "anna"))


def opened(place):
    url = engine.address(place)
    return create_engine(url)


def rows_of(place) -> dict[str, int]:
    """How many rows each of the tables of the store has."""
    made = opened(place)
    with made.connect() as connection:
        there = MetaData()
        there.reflect(connection, only=lambda name, _: name in metadata.tables)
        counts = {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in there.tables.items()
        }
    made.dispose()
    return counts


class TestSchema:
    def test_the_newest_step_is_the_one_that_an_open_store_expects(self):
        assert steps()[-1] == HEAD

    @pytest.mark.parametrize("step", steps())
    def test_a_database_of_every_step_with_data_becomes_one_of_the_newest(self, place, step):
        """Each table has a row before and after, and what comes out is what the code works with."""
        url = engine.address(place)
        with engine.changing(url, 5) as raw:
            upgrade(guest(url.get_backend_name(), raw), step)
        made = opened(place)
        with made.begin() as connection:
            there = MetaData()
            there.reflect(connection)
            for table in there.sorted_tables:
                if table.name in metadata.tables and step == HEAD:
                    connection.execute(insert(table).values({it.name: sample(it) for it in table.c}))
        made.dispose()
        before = rows_of(place)
        SqlGalleryStore(place).shut()
        after = rows_of(place)
        assert {name: after.get(name) for name in before} == before
        made = opened(place)
        with made.connect() as connection:
            assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_object": lambda _o, name, kind, _r, _c: (
                        kind != "table" or name in metadata.tables
                    )
                },
            )
            assert compare_metadata(context, metadata) == []
        made.dispose()

    def test_tables_of_a_newer_version_are_left_alone(self, place):
        SqlGalleryStore(place).shut()
        made = opened(place)
        with made.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        made.dispose()
        with pytest.raises(StoreUnavailable, match="newer version"):
            SqlGalleryStore(place)

    def test_a_step_that_fails_leaves_nothing(self, place):
        """A table is in its way; so nothing was made, and no revision is noted."""
        made = opened(place)
        with made.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE consents (anna INTEGER)")
        with pytest.raises(StoreUnavailable) as caught:
            SqlGalleryStore(place)
        assert is_clean(caught.value)
        with made.connect() as connection:
            assert not {"galleries", "templates", "alembic_version"} & set(
                inspect(connection).get_table_names()
            )
        made.dispose()


def sample(column) -> object:
    """A value that fits a column; the same for each, so that rows of several tables fit together."""
    kind = column.type.python_type
    return {int: 1, str: "word", float: 0.5, bytes: b"0123456789abcdef"}[kind]


class TestFaults:
    @pytest.mark.parametrize("place", ["", "mysql://h/d", "no address", "sqlite:///x", "postgresql"])
    def test_an_address_is_that_of_postgresql_or_a_path(self, place):
        with pytest.raises(InvalidValue):
            SqlGalleryStore(place)

    def test_a_file_that_is_not_there_is_not_made(self, tmp_path):
        with pytest.raises(StoreUnavailable) as caught:
            SqlGalleryStore(tmp_path / "ledger.db")
        assert is_clean(caught.value)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("content", "error"), [(b"", StoreUnavailable), (b"no database " * 99, StoreCorrupt)]
    )
    def test_a_file_that_is_no_ledger_is_not_touched(self, tmp_path, content, error):
        path = tmp_path / "ledger.db"
        path.write_bytes(content)
        with pytest.raises(error) as caught:
            SqlGalleryStore(path)
        assert is_clean(caught.value)
        assert path.read_bytes() == content

    def test_a_server_that_is_not_there_is_said_to_be_away(self, tmp_path):
        with pytest.raises(StoreUnavailable) as caught:
            SqlGalleryStore(f"postgresql://anna@/x?host={tmp_path}", wait_seconds=1)
        assert is_clean(caught.value)

    def test_whoever_opens_a_new_store_waits_only_so_long_for_others(self, place):
        if not isinstance(place, str):
            with sqlite3.connect(place, isolation_level=None) as raw:
                raw.execute("BEGIN IMMEDIATE")
                with pytest.raises(StoreUnavailable, match="too long") as caught:
                    SqlGalleryStore(place, wait_seconds=0.05)
                raw.execute("ROLLBACK")
            raw.close()
            assert is_clean(caught.value)
        SqlGalleryStore(place).shut()

    def test_a_full_disk_undoes_the_change_and_says_so(self, sqlite):
        sqlite.settle(fill)
        before = sqlite.store.extent(G)

        def change(raw):
            pages = raw.execute("PRAGMA page_count").fetchone()[0]
            raw.execute(f"PRAGMA max_page_count = {pages + 3}")
            with pytest.raises(StoreUnavailable, match="full") as caught:
                sqlite.store.within(raw).add(reference(5, "ben", sealed=b"x" * 100_000))
            assert is_clean(caught.value)
            raw.execute("PRAGMA max_page_count = 4294967294")
            raise caught.value

        with pytest.raises(DependencyError):  # SQLite undid the whole transaction, so the ledger stops
            sqlite.settle_raw(change)
        assert sqlite.another().extent(G) == before

    def test_a_damaged_file_is_said_to_be_damaged(self, sqlite):
        sqlite.settle(fill)
        sqlite.settle(lambda changes: changes.add_all([reference(9 + it, "ben") for it in range(3000)]))
        sqlite.close()
        content = bytearray(sqlite.place.read_bytes())
        content[len(content) // 3 :] = b"\xff" * (len(content) - len(content) // 3)
        sqlite.place.write_bytes(content)
        with pytest.raises(StoreCorrupt) as caught:  # noqa: PT012 - whichever touches the damage first
            store = SqlGalleryStore(sqlite.place)
            list(store.everything(G)[1])
        assert is_clean(caught.value)

    def test_a_lost_connection_fails_the_change_and_the_next_is_another(self, postgres_url):
        made = Installation(postgres_url)
        made.settle(fill)

        def change(raw):
            changes = made.store.within(raw)
            changes.add(reference(2, "ben"))
            with psycopg.connect(postgres_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [raw.info.backend_pid])
            changes.add(reference(3, "ben"))

        with pytest.raises(StoreUnavailable) as caught:
            made.settle_raw(change)
        assert is_clean(caught.value)
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        assert made.store.extent(G).references == 1  # pooled connections are tried before they are used
        made.store.shut()

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (sqlite3.SQLITE_FULL, StoreUnavailable), (sqlite3.SQLITE_BUSY, StoreUnavailable),
            (sqlite3.SQLITE_IOERR, StoreUnavailable), (sqlite3.SQLITE_READONLY, StoreUnavailable),
            (sqlite3.SQLITE_CANTOPEN, StoreUnavailable), (sqlite3.SQLITE_ERROR, StoreUnavailable),
            (sqlite3.SQLITE_CORRUPT, StoreCorrupt), (sqlite3.SQLITE_NOTADB, StoreCorrupt),
            (sqlite3.SQLITE_CONSTRAINT_UNIQUE, StoreCorrupt),
        ],
    )  # fmt: skip
    def test_each_code_of_sqlite_has_a_meaning(self, code, error):
        cause = sqlite3.OperationalError("anna in /tmp/ledger.db")
        cause.sqlite_errorcode = code
        found = fault(exc.OperationalError("SELECT anna", {"name": "anna"}, cause))
        assert type(found) is error
        assert not [it for it in SECRETS if it in str(found)]

    @pytest.mark.parametrize(
        ("state", "error"),
        [
            ("53100", StoreUnavailable), ("57P01", StoreUnavailable), ("08006", StoreUnavailable),
            ("55P03", StoreUnavailable), ("40001", StoreUnavailable), ("42P01", StoreUnavailable),
            ("XX001", StoreCorrupt), ("23505", StoreCorrupt),
            (None, StoreUnavailable), ("99999", StoreUnavailable),
        ],
    )  # fmt: skip
    def test_each_class_of_postgresql_has_a_meaning(self, state, error):
        kind = psycopg.errors.lookup(state) if state not in {None, "99999"} else psycopg.OperationalError
        found = fault(exc.DBAPIError("SELECT anna", {"name": "anna"}, kind("anna in /tmp")))
        assert type(found) is error
        assert not [it for it in SECRETS if it in str(found)]

    def test_an_error_of_ours_on_the_way_to_the_database_is_given_back(self):
        ours = InvalidValue("no")
        assert fault(exc.StatementError("m", "SELECT anna", {}, ours)) is ours


def test_the_names_that_were_stored_are_in_no_error_of_a_change(sqlite):
    """Whatever is wrong with them."""
    sqlite.settle(fill)
    for change in (
        lambda changes: changes.introduce(subject("anna")),
        lambda changes: changes.add(reference(1, "anna")),
        lambda changes: changes.add(reference(2, "anna\0")),
        lambda changes: changes.bar(G, identifier(9), "anna"),
        lambda changes: changes.close(G),
    ):
        with pytest.raises(FacewardError) as caught:
            sqlite.settle(change)
        assert not [it for it in SECRETS if it in str(caught.value)]
