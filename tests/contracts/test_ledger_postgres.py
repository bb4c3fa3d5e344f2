"""What only a ledger on a server can meet: lost connections, a crash of the server, other tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import psycopg
import pytest
from data.drafts import draft, number_of, signer
from data.postgres import server
from sizes import size

from faceward import wiring
from faceward.adapters.clock import SystemClock
from faceward.adapters.ledger.postgres import PostgresLedger, has_ledger
from faceward.errors import InvalidValue
from faceward.ports.ledger import LedgerCorrupt, LedgerUnavailable, Writing
from faceward.settings import Settings
from faceward.transparency import tree


def opened(url: str, **more) -> PostgresLedger:
    return PostgresLedger(url, SystemClock(), signer(entries=20), **more)


def numbers(ledger) -> list[int]:
    contents = list(ledger.entries())
    assert ledger.root() == tree.root_of([tree.leaf_hash(it) for it in contents])
    return [number_of(it) for it in contents]


def write(ledger, number: int) -> int:
    return ledger.write(Writing((draft(number),))).first


def test_entries_and_checkpoints_can_be_neither_changed_nor_removed(postgres_url):
    """Not by accident, and not all at once either."""
    with closing(opened(postgres_url)) as ledger:
        write(ledger, 1)
    with psycopg.connect(postgres_url, autocommit=True) as other:
        for table in ("entries", "checkpoints"):
            for statement in ("UPDATE {} SET size = 0", "DELETE FROM {}", "TRUNCATE {}"):
                text = statement.format(f"faceward_ledger.{table}")
                if table == "entries":
                    text = text.replace("size", "place")
                with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
                    other.execute(text)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM faceward_ledger.entries WHERE place >= 2",
        "UPDATE faceward_ledger.entries SET entry = '\\x00' WHERE place = 3",
        "UPDATE faceward_ledger.entries SET nodes = '\\x' WHERE place = 3",
        "UPDATE faceward_ledger.checkpoints SET note = 'none'",
    ],
)
def test_a_tree_that_is_not_what_was_signed_is_noticed(postgres_url, change):
    with closing(opened(postgres_url)) as ledger:
        for number in range(4):
            write(ledger, number)
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SET session_replication_role = replica")
        other.execute(change)
    with pytest.raises(LedgerCorrupt):
        opened(postgres_url)


def test_it_is_as_durable_as_it_says(postgres_url):
    """Whatever the account's own setting is."""
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(f"ALTER DATABASE {other.info.dbname} SET synchronous_commit = off")
    with closing(opened(postgres_url)) as ledger:
        assert ledger._writer.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_a_server_that_does_not_wait_for_its_disk_is_refused():
    with server(fsync=False) as careless:
        url = careless.new_database()
        with pytest.raises(LedgerUnavailable, match="fsync off"):
            opened(url)
        assert_nothing_was_made(url)


def assert_nothing_was_made(url: str) -> None:
    with psycopg.connect(url) as other:
        assert other.execute("SELECT to_regnamespace('faceward_ledger')").fetchone() == (None,)


def test_tables_of_another_version_are_left_as_they_are(postgres_url):
    opened(postgres_url).close()
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("UPDATE faceward_ledger.revisions SET version = 2")
    with pytest.raises(LedgerUnavailable, match="version"):
        opened(postgres_url)


def test_somebody_who_holds_the_lock_too_long_is_an_error_and_no_end(postgres_url):
    with closing(opened(postgres_url, wait_seconds=0.1)) as ledger, psycopg.connect(postgres_url) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({0x66774C67})")
        with pytest.raises(LedgerUnavailable, match="Another process"):
            write(ledger, 1)
        other.rollback()
        assert write(ledger, 1) == 0


def test_what_idle_connections_meet_goes_unnoticed(postgres_url):
    """A server that was started anew between two writings costs nobody an answer."""
    with closing(opened(postgres_url)) as ledger:
        write(ledger, 1)
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert write(ledger, 2) == 1
        assert numbers(ledger) == [1, 2]


def test_a_server_that_came_back_without_confirmed_entries_is_not_written(postgres_url):
    """As a standby does that had not got them: the tree would fork."""
    with closing(opened(postgres_url)) as ledger:
        for number in range(3):
            write(ledger, number)
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute("SET session_replication_role = replica")
            other.execute("DELETE FROM faceward_ledger.entries WHERE place = 2")
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (ledger._writer.info.backend_pid,))
        for _ in range(2):
            with pytest.raises(LedgerCorrupt, match="once confirmed"):
                write(ledger, 9)


@pytest.mark.whole_size
def test_what_was_answered_is_there_after_the_server_crashed():
    """Stopped in immediate mode under load, with fsync on; the ledger goes on by itself when it is back."""
    with server() as running:
        ledger = opened(running.new_database())
        answered: dict[int, int] = {}
        for crash in range(size(40)):
            over, enough = Event(), Event()

            def work(thread: int, crash=crash, over=over, enough=enough, answered=answered) -> None:
                number = 1_000_000 * crash + 10_000 * thread
                while not over.is_set():
                    try:
                        answered[write(ledger, number)] = number
                    except LedgerUnavailable:
                        if over.wait(0.01):
                            return
                    if len(answered) >= 100 * (crash + 1):
                        enough.set()
                    number += 1

            with ThreadPoolExecutor(8) as pool:
                futures = [pool.submit(work, thread) for thread in range(8)]
                assert enough.wait(60)
                running.stop()
                over.set()
                for future in futures:
                    future.result()
            running.start()
            found = numbers(ledger)
            assert all(found[place] == number for place, number in answered.items())
            assert len(found) <= len(answered) + 8 * (crash + 1)
            answered |= dict(enumerate(found))
        ledger.close()


def test_the_settings_choose_it(postgres_url, tmp_path):
    settings = Settings(state_dir=str(tmp_path / "state"), database=postgres_url)
    assert not wiring.has_ledger(settings)
    assert not has_ledger(postgres_url)
    with closing(wiring.ledger(settings)) as ledger:
        assert isinstance(ledger, PostgresLedger)
        assert wiring.has_ledger(settings)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:s3cret@db/faceward", "postgresql://anna@db/faceward?password=s3cret",
        "postgresql://anna@s3cret@db/faceward", "mysql://anna@s3cret/faceward", "s3cret", "postgresql://[s3cret",
    ],
)  # fmt: skip
def test_a_secret_in_the_setting_is_refused_and_not_shown(url):
    with pytest.raises(InvalidValue) as refused:
        Settings(database=url)
    assert "s3cret" not in str(refused.value) + refused.value.remedy


@pytest.mark.parametrize("url", ["postgresql:///x?host=/s3cret", "postgresql:///x?s3cret=1"])
def test_a_database_that_is_not_there_is_an_error_without_its_address(url):
    with pytest.raises(LedgerUnavailable) as refused:
        opened(url)
    assert "s3cret" not in str(refused.value) + str(refused.value.__context__)
