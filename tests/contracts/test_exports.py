"""Whatever a ledger is kept in, its export verifies, and what happened to its files shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from data.drafts import signer
from data.histories import POLICY, change, decision, outcome, pseudonym, receipt

from faceward.adapters.ledger import FileLedger, SqliteLedger
from faceward.adapters.ledger.export import exported, notes, shown
from faceward.adapters.ledger.postgres import PostgresLedger
from faceward.errors import InputError, InvalidValue
from faceward.ports.ledger import Draft, Filing, Ledger, Writing
from faceward.testing import MemoryLedger, SetClock
from faceward.transparency.cosigning import COSIGNED, cosigned
from faceward.transparency.entries import decode
from faceward.transparency.export import opened
from faceward.transparency.notes import KeyType, Note, cosignature, verifying
from faceward.transparency.proofs import CosigningRequest, InclusionReceipt
from faceward.transparency.signatures import loaded
from faceward.transparency.verification import Trust, verified_receipt, verify
from faceward.transparency.witnessing import accepted

SIGNER = signer(entries=3)
WITNESS = loaded("witness.example/a", bytes([7] * 32))
TRUST = Trust((verifying(SIGNER.key),))
KINDS: dict[str, Callable[[Path], Ledger]] = {
    "sqlite": lambda folder: SqliteLedger(folder / "ledger" / "file", SetClock(), SIGNER),
    "file": lambda folder: FileLedger(folder / "ledger" / "file", SetClock(), SIGNER),
    "memory": lambda _: MemoryLedger(SetClock(), SIGNER),
}


@pytest.fixture(params=[*KINDS, "postgres"])
def ledger(request, tmp_path):
    """Ten entries: a charter, four works and a refusal."""
    kinds = KINDS | {
        "postgres": lambda _: PostgresLedger(request.getfixturevalue("postgres_url"), SetClock(), SIGNER)
    }
    with closing(kinds[request.param](tmp_path)) as made:
        write(made, "policy.change", change(POLICY))
        for number in range(4):
            place = write(made, "policy.decision", decision(number))
            write(made, "search", outcome(number, place))
        write(made, "policy.decision", decision(9, verdict="deny"))
        yield made


def write(ledger: Ledger, type_: str, body: dict[str, object]) -> int:
    draft = Draft(type_, pseudonym("d", 1), pseudonym("a", 1), POLICY, body)
    return ledger.write(Writing((draft,))).first


def test_an_export_verifies(ledger: Ledger, tmp_path):
    """And says of the ledger what it is."""
    newest = exported(ledger, tmp_path / "export")
    report = verify(opened(tmp_path / "export"), TRUST)
    assert report.findings == ()
    assert (report.entries, report.signed, newest.size) == (10, 10, 10)
    assert report.counts["allowed"] == 4
    assert report.counts["refused"] == 1


def test_an_empty_ledger_verifies(tmp_path):
    """There is nothing wrong with nothing."""
    for name, make in KINDS.items():
        with closing(make(tmp_path / name)) as empty:
            exported(empty, tmp_path / f"{name}-export")
            assert verify(opened(tmp_path / f"{name}-export"), TRUST).findings == ()


def test_a_ledger_in_use_verifies(ledger: Ledger):
    """Up to its newest checkpoint."""
    report = verify(shown(ledger), TRUST)
    assert report.findings == ()
    assert report.entries == 10


def test_an_export_is_whole_or_not_there(ledger: Ledger, tmp_path):
    """Nothing is written over, and nothing is left behind."""
    (tmp_path / "file").touch()
    with pytest.raises(InvalidValue):
        exported(ledger, tmp_path / "file")
    with pytest.raises(InputError):
        exported(ledger, tmp_path / "no" / "folder")
    assert {it.name for it in tmp_path.iterdir()} <= {"file", "ledger"}


def test_receipts_and_requests_are_those_of_the_tree(ledger: Ledger):
    """Made from stored nodes, they are what the entries give."""
    entries = ledger.entries()
    note = notes(ledger)[-1]
    for place in (0, 5, 9):
        made = InclusionReceipt(entries[place], place, tuple(ledger.inclusion(place, 10)), note)
        assert verified_receipt(made.text(), TRUST.logs) == made
        assert made.proof == receipt(entries, place).proof
        assert decode(made.entry).seq == place
    for old in (0, 3, 10):
        last = (
            None if not old else accepted(None, CosigningRequest(0, (), checkpoint(ledger, old)), TRUST.logs)
        )
        asked = CosigningRequest(old, tuple(ledger.consistency(old, 10)), note)
        assert accepted(last, asked, TRUST.logs).size == 10


def checkpoint(ledger: Ledger, size: int) -> Note:
    return next(it for it in notes(ledger) if it.text.split("\n")[1] == str(size))


def test_cosignatures_that_came_in_are_exported(ledger: Ledger, tmp_path):
    """Below the checkpoint that they sign."""
    older = checkpoint(ledger, 3)
    line = cosignature(older.text, WITNESS, 5).line()
    key = verifying(WITNESS, KeyType.COSIGNATURE_V1)
    taken = cosigned(line, notes(ledger), key)
    assert taken.text == older.text
    ledger.write(Writing((), filings=(Filing(COSIGNED, "3-x", str(taken).encode()),)))
    exported(ledger, tmp_path / "export")
    report = verify(opened(tmp_path / "export"), Trust(TRUST.logs, (key,)))
    assert report.witnessed == {WITNESS.name: 3}
    assert report.holds
    with pytest.raises(InvalidValue):
        cosigned(
            line, notes(ledger), verifying(loaded("witness.example/b", bytes(32)), KeyType.COSIGNATURE_V1)
        )


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (
            "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), 'kiosk', 'upload') AS BLOB) "
            "WHERE place = 3",
            "root_differs",
        ),
        ("DELETE FROM entries WHERE place = 3", "entry_dropped"),
    ],
)
def test_damage_to_the_database_shows_in_the_export(tmp_path, damage: str, code: str):
    """Whoever can write the file of the ledger can write anything but the log's signature."""
    with closing(KINDS["sqlite"](tmp_path)) as made:
        write(made, "policy.change", change(POLICY))
        for number in range(4):
            write(made, "search", outcome(number, write(made, "policy.decision", decision(number))))
        made.checkpoint()
    with closing(sqlite3.connect(tmp_path / "ledger" / "file")) as database:
        for (guard,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {guard}")
        database.execute(damage)
        database.commit()
    with closing(KINDS["sqlite"](tmp_path)) as made:
        report = verify(shown(made), TRUST)
    assert not report.holds
    assert code in {str(it.code) for it in report.findings}
