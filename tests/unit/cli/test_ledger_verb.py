"""``faceward ledger``: what it shows, what it gives to strangers, and what it says of damage."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from data.recordings import record


@pytest.fixture
def recorded(faceward, tmp_path) -> Path:
    """The public key of a ledger with eight entries."""
    record(3)
    path = tmp_path / "log.vkey"
    path.write_text(faceward("ledger", "key").stdout)
    return path


def test_entries_are_shown_in_words(faceward, recorded):
    """Numbers, times and what happened; the newest last."""
    shown = faceward("ledger", "show")
    assert shown.code == 0
    lines = shown.stdout.splitlines()
    assert len(lines) == 8
    assert "policy changes: adds microsoft-2020" in lines[0]
    assert "allowed identify for access_optin, by base/permit-approved" in lines[1]
    assert "search done (100 comparisons, 1 face, 1 candidate), as entry 1 allowed" in lines[2]
    assert "refused identify for access_optin, by microsoft-2020/law" in lines[7]
    assert faceward("ledger", "show", "--last", 2).stdout.splitlines() == lines[-2:]


def test_one_entry_is_shown_with_all_its_parts(faceward, recorded):
    """Those that hold something."""
    shown = faceward("ledger", "show", 2)
    assert "top_score_thousandths  812" in shown.stdout
    assert "authority" not in shown.stdout
    document = faceward("ledger", "show", 2, "--json").document
    assert document["entries"][0]["body"]["decision"] == 1
    assert document["size"] == 8


@pytest.mark.parametrize("place", [8, 10**9])
def test_an_entry_that_is_not_there_is_an_error(faceward, recorded, place):
    """Which says how many there are."""
    for action in ("show", "prove"):
        gone = faceward("ledger", action, place)
        assert gone.code == 2
        assert "has 8 entries" in gone.stderr


def test_an_export_verifies_with_the_published_key(faceward, recorded, tmp_path):
    """And with no other, and not without one."""
    folder = tmp_path / "export"
    done = faceward("ledger", "export", folder, "--json").document
    assert (done["entries"], done["folder"]) == (8, str(folder))
    assert sorted(it.name for it in folder.iterdir()) == [
        "README.txt", "checkpoints", "entries.jsonl", "leaves"
    ]  # fmt: skip
    good = faceward("ledger", "verify", folder, "--key", recorded)
    assert good.code == 0
    assert good.stdout.endswith("VERIFIED\n")
    report = faceward("ledger", "verify", folder, "--key", recorded.read_text(), "--json").document
    assert report["verified"] is True
    assert report["counts"]["refused"] == 1
    assert faceward("ledger", "verify", folder).code == 2
    other = "faceward.invalid/other+80dcc6f9+AeVsr83WdyxdY718bisaMajFfvLDU/YR6P4ZylnDUd1+"
    assert faceward("ledger", "verify", folder, "--key", other).code == 2
    assert "KEY" not in (folder / "README.txt").read_text().replace("--key KEY", "")


def test_damage_gives_exit_code_one_and_says_which(faceward, recorded, tmp_path):
    """For people and for programs."""
    folder = tmp_path / "export"
    faceward("ledger", "export", folder)
    lines = (folder / "entries.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "entries.jsonl").write_bytes(b"".join(lines[:3] + lines[4:]))
    damaged = faceward("ledger", "verify", folder, "--key", recorded)
    assert damaged.code == 1
    assert "FAILS  entry_dropped  entry 3" in damaged.stdout
    assert damaged.stdout.endswith("DOES NOT VERIFY\n")
    report = faceward("ledger", "verify", folder, "--key", recorded, "--json")
    assert report.code == 1
    assert {"entry_dropped"} <= {it["code"] for it in report.document["findings"]}


def test_the_ledger_in_use_verifies(faceward, recorded):
    """By its own key, with or without saying so."""
    for words in ((), ("--live",)):
        live = faceward("ledger", "verify", *words)
        assert live.code == 0, live.stdout
        assert "8 are covered" in live.stdout


def test_an_export_is_never_written_over(faceward, recorded, tmp_path):
    """Nor is anything left behind."""
    folder = tmp_path / "export"
    folder.mkdir()
    again = faceward("ledger", "export", folder)
    assert again.code == 2
    assert "already" in again.stderr
    assert not list(folder.iterdir())
    missing = faceward("ledger", "export", tmp_path / "no" / "folder")
    assert missing.code == 2


def test_a_checkpoint_that_was_kept_shows_truncation(faceward, recorded, tmp_path, monkeypatch):
    """It is what a stranger should keep."""
    kept, folder = tmp_path / "kept", tmp_path / "export"
    faceward("ledger", "export", folder)
    record(2, first=3)
    assert faceward("ledger", "checkpoint", "-o", kept).code == 0
    assert kept.read_text().splitlines()[1] == "13"
    cut = faceward("ledger", "verify", folder, "--key", recorded, "--checkpoint", kept)
    assert cut.code == 1
    assert "entries_truncated  entries 8 to 12" in cut.stdout
    assert faceward("ledger", "checkpoint").stdout == kept.read_text()
    assert faceward("ledger", "checkpoint", "--json").document["size"] == 13


def test_a_receipt_is_checked_without_the_ledger(faceward, recorded, tmp_path, monkeypatch):
    """By whoever was given it, with the public key alone."""
    receipt = tmp_path / "receipt.tlog-proof"
    assert faceward("ledger", "prove", 2, "-o", receipt).code == 0
    assert faceward("ledger", "verify", "--receipt", receipt).code == 0  # with the ledger in use
    monkeypatch.setenv("FACEWARD_STATE_DIR", str(tmp_path / "another"))
    checked = faceward("ledger", "verify", "--receipt", receipt, "--key", recorded)
    assert checked.code == 0
    assert "search done" in checked.stdout
    values = faceward("ledger", "verify", "--receipt", receipt, "--key", recorded, "--json").document
    assert json.loads(values["entries"][0])["seq"] == 2
    receipt.write_text(receipt.read_text().replace("index 2", "index 3"))
    wrong = faceward("ledger", "verify", "--receipt", receipt, "--key", recorded)
    assert wrong.code == 1
    assert "DOES NOT VERIFY" in wrong.stdout
    assert not (tmp_path / "another").exists()


def test_the_verifier_is_the_same_file_each_time(faceward, tmp_path):
    """So that its digest can be published, and anyone can make it again."""
    first, second = tmp_path / "a.pyz", tmp_path / "b.pyz"
    digest = faceward("ledger", "verifier", "-o", first, "--json").document["sha256"]
    assert faceward("ledger", "verifier", "-o", second).code == 0
    assert first.read_bytes() == second.read_bytes()
    assert hashlib.sha256(first.read_bytes()).hexdigest() == digest
    assert faceward("ledger", "verifier", "-o", first).code == 2


def test_a_ledger_keeps_its_name(faceward, recorded, monkeypatch):
    """The first name it had, chosen or made up."""
    origin = faceward("ledger", "key", "--json").document["origin"]
    assert origin.startswith("faceward.invalid/")
    monkeypatch.setenv("FACEWARD_LEDGER_ORIGIN", "faces.example.org/ledger")
    other = faceward("ledger", "show")
    assert other.code == 2
    assert origin in other.stderr
    monkeypatch.setenv("FACEWARD_LEDGER_ORIGIN", origin)
    assert faceward("ledger", "show").code == 0


def test_a_ledger_gets_the_name_that_is_set(faceward, monkeypatch):
    """If it is one that can stand in a signature."""
    monkeypatch.setenv("FACEWARD_LEDGER_ORIGIN", "two words")
    assert faceward("ledger", "key").code == 2
    monkeypatch.setenv("FACEWARD_LEDGER_ORIGIN", "faces.example.org/ledger")
    assert faceward("ledger", "key").stdout.startswith("faces.example.org/ledger+")
    assert faceward("ledger", "verify").code == 0


def test_a_folder_that_others_may_enter_is_refused(faceward, tmp_path, monkeypatch):
    """A ledger is for the account that keeps it."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "ledger").mkdir(mode=0o777)
    (tmp_path / "state" / "ledger").chmod(0o777)
    open_to_all = faceward("ledger", "show")
    assert open_to_all.code == 4
    assert "ledger" in open_to_all.stderr
