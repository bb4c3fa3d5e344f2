"""On the real ledger: what one process files, another sees; both cannot decide on one state."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from data.drafts import signer
from data.office import PACKS, START, Office, key_of, organisation

from faceward.adapters.keyring import FileKeyring
from faceward.adapters.ledger import FileLedger, SqliteLedger
from faceward.adapters.ledger.postgres import PostgresLedger
from faceward.governance.documents.registry import Registry, RegistryChanged
from faceward.governance.documents.statements import Kind
from faceward.governance.reviews import proceedings
from faceward.ports.keyring import KeyUnreadable
from faceward.ports.ledger import LedgerCorrupt
from faceward.testing.clocks import SetClock


@dataclass(frozen=True)
class Place:
    """Where a ledger and the keys lie: in a folder, and where there is a URL, in that database."""

    path: Path
    url: str = ""


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    (tmp_path / "ledger").mkdir(mode=0o700)
    return Place(tmp_path / "ledger" / "ledger.db", url)


@pytest.fixture
def path(tmp_path):
    return Place(tmp_path / "ledger" / "ledger.db")


def opened(place, clock=None) -> Office:
    clock = clock or SetClock(START)
    ledger = (
        PostgresLedger(place.url, clock, signer()) if place.url else SqliteLedger(place.path, clock, signer())
    )
    office = Office(ledger)
    office.keyring = FileKeyring(place.path.parent / "keys")
    office.registry = office.another_process()
    return office


def test_documents_survive_the_process(place):
    office = opened(place)
    office.staff()
    office.ledger.close()
    again = opened(place)
    assert len(again.snapshot.documents) == 3
    assert len(again.snapshot.charter.keys) == 5
    again.ledger.close()


def test_another_process_decides_and_this_one_knows(place):
    """The other one is a real process."""
    office = opened(place)
    office.staff()
    before = office.snapshot
    program = f"""
        from pathlib import Path, PosixPath
        from governance.test_two_processes import Place, opened
        from data.office import key_of, organisation
        from faceward.governance.reviews import proceedings
        office = opened({place!r})
        proceedings.review_organisation(office.registry, "acme", organisation(), key_of("bob"))
        office.ledger.close()
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], check=True, timeout=60,
        cwd=__file__.rsplit("/", 2)[0],
    )  # fmt: skip
    after = office.snapshot
    assert after is not before
    assert len(after.of(Kind.ORGANISATION)) == 1
    office.ledger.close()


def test_of_many_at_once_one_decides(place):
    office = opened(place)
    office.staff()
    seen = office.snapshot

    class Stuck(Registry):
        """Still looks at what was there before."""

        def snapshot(self):
            return seen

    def one(number: int) -> bool:
        registry = Stuck(office.ledger, office.keyring, office.clock, lambda _charter: PACKS)
        try:
            proceedings.review_organisation(registry, f"acme{number}", organisation(), key_of("bob"))
        except RegistryChanged:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(16))) == 1
    assert len(office.snapshot.of(Kind.ORGANISATION)) == 1
    office.ledger.close()


def test_with_an_unreadable_secret_nothing_is_filed(path):
    """A record without a pseudonym would say nothing, or a name."""
    office = opened(path)
    office.staff()
    size = office.ledger.size()
    office.keyring.close()
    for file in (path.path.parent / "keys").iterdir():
        file.chmod(0o644)
    office.registry = office.another_process()
    with pytest.raises(KeyUnreadable):
        proceedings.review_organisation(office.registry, "acme", organisation(), key_of("bob"))
    assert office.ledger.size() == size
    office.ledger.close()


def test_an_altered_file_stops_everything(path):
    import sqlite3

    office = opened(path)
    office.staff()
    office.ledger.close()
    with sqlite3.connect(path.path) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        (table,) = [name for name in tables if "filing" in name or "document" in name]
        newest = f"SELECT max(rowid) FROM {table} WHERE kind = 'governance'"
        changed = raw.execute(f"DELETE FROM {table} WHERE rowid = ({newest})").rowcount
    raw.close()
    assert changed == 1
    again = opened(path)
    with pytest.raises(LedgerCorrupt):
        again.snapshot  # noqa: B018 - asking is the test
    again.ledger.close()


def test_the_ledger_in_one_file_does_as_well(tmp_path):
    clock = SetClock(START)
    office = Office(FileLedger(tmp_path / "ledger", clock, signer()))
    office.staff()
    assert len(office.snapshot.charter.keys) == 5
    office.ledger.close()
