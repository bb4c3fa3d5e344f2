"""``faceward witness``: it cosigns what grew, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from data.recordings import record

NAME = "witness.example.org/a"


@pytest.fixture
def log(faceward, tmp_path) -> Path:
    """The public key of a ledger with eight entries."""
    record(3)
    path = tmp_path / "log.vkey"
    path.write_text(faceward("ledger", "key").stdout)
    return path


@pytest.fixture
def own(faceward, tmp_path, log) -> tuple[object, ...]:
    """The options of a witness that knows the ledger."""
    folder = tmp_path / "witness"
    made = faceward("witness", "init", NAME, "--log", log, "--folder", folder)
    assert made.code == 0
    (tmp_path / "witness.vkey").write_text(made.stdout.splitlines()[0] + "\n")
    return ("--folder", folder)


def test_a_witness_has_a_folder_of_its_own(faceward, own, tmp_path):
    """Nobody else can enter it; its key is not the ledger's."""
    folder = tmp_path / "witness"
    assert folder.stat().st_mode & 0o777 == 0o700
    shown = faceward("witness", "show", *own, "--json").document
    assert shown["witness"] == NAME
    assert shown["key"] != faceward("ledger", "key").stdout.strip()
    assert [it["size"] for it in shown["logs"]] == [0]


def test_the_round_of_a_cosignature(faceward, own, log, tmp_path):
    """Export, cosign, take in, export again: a stranger who knows both keys verifies it."""
    line, key = tmp_path / "line", tmp_path / "witness.vkey"
    faceward("ledger", "export", tmp_path / "one")
    assert faceward("witness", "cosign", tmp_path / "one", "-o", line, *own).code == 0
    taken = faceward("ledger", "cosign", line, "--witness", key)
    assert taken.code == 0
    assert "cosigned 8 entries" in taken.stdout
    faceward("ledger", "export", tmp_path / "two")
    words = ("--key", log, "--witness", key)
    assert faceward("ledger", "verify", tmp_path / "two", *words).code == 0
    missing = faceward("ledger", "verify", tmp_path / "one", *words)
    assert missing.code == 1
    assert "cosignature_missing" in missing.stdout
    assert faceward("ledger", "verify", "--live", "--witness", key).code == 0
    document = faceward("witness", "show", *own, "--json").document
    assert document["logs"][0]["size"] == 8


def test_a_request_needs_no_entries(faceward, own, tmp_path):
    """A checkpoint and a proof are enough, and tell nothing of what happened."""
    request = tmp_path / "request"
    assert faceward("ledger", "request", 0, "-o", request).code == 0
    assert faceward("witness", "cosign", request, *own).stdout.startswith(f"— {NAME} ")
    record(2, first=3)
    stale = faceward("ledger", "request", 0, "-o", request)
    assert stale.code == 0
    refused = faceward("witness", "cosign", request, *own, "--json")
    assert (refused.code, refused.error["code"]) == (2, "proof_stale")
    assert faceward("ledger", "request", 8, "-o", request).code == 0
    assert faceward("witness", "cosign", request, *own, "--json").document["witness"] == NAME
    assert faceward("ledger", "request", 99).code == 2


def test_a_ledger_that_was_rolled_back_is_refused(faceward, own, tmp_path):
    """The witness remembers what the ledger forgot."""
    shutil.copytree(tmp_path / "state", tmp_path / "before")
    record(2, first=3)
    faceward("ledger", "export", tmp_path / "long")
    assert faceward("witness", "cosign", tmp_path / "long", *own).code == 0
    shutil.rmtree(tmp_path / "state")
    (tmp_path / "before").rename(tmp_path / "state")
    faceward("ledger", "export", tmp_path / "short")
    refused = faceward("witness", "cosign", tmp_path / "short", *own, "--json")
    assert (refused.code, refused.error["code"]) == (3, "ledger_rolled_back")
    record(4, first=8)
    faceward("ledger", "export", tmp_path / "forked")
    refused = faceward("witness", "cosign", tmp_path / "forked", *own, "--json")
    assert (refused.code, refused.error["code"]) == (3, "ledger_forked")
    assert "—" not in refused.stdout


def test_a_damaged_export_is_not_called_a_fork(faceward, own, tmp_path):
    """The ledger is not to blame for what happened to a copy."""
    faceward("ledger", "export", tmp_path / "one")
    entries = tmp_path / "one" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"kiosk", b"upload"))
    refused = faceward("witness", "cosign", tmp_path / "one", *own, "--json")
    assert (refused.code, refused.error["code"]) == (2, "export_damaged")


def test_a_ledger_that_it_does_not_know_is_refused(faceward, log, own, tmp_path, monkeypatch):
    """Whoever signs for the first that comes signs for anyone."""
    monkeypatch.setenv("FACEWARD_STATE_DIR", str(tmp_path / "other"))
    faceward("ledger", "export", tmp_path / "one")
    refused = faceward("witness", "cosign", tmp_path / "one", *own, "--json")
    assert (refused.code, refused.error["code"]) == (2, "checkpoint_unknown")


def test_a_line_of_nobody_is_not_taken_in(faceward, own, tmp_path):
    """Nor one that signs something else."""
    line = tmp_path / "line"
    line.write_text(f"— {NAME} QrBebAAAAABrBdO+oaJoPMVz7Q==\n")
    assert faceward("ledger", "cosign", line, "--witness", tmp_path / "witness.vkey").code == 2
    line.write_text("nothing\n")
    assert faceward("ledger", "cosign", line, "--witness", tmp_path / "witness.vkey").code == 2


def test_there_is_no_witness_before_it_is_made(faceward, tmp_path, log):
    """And a witness keeps its name; by default it is in the state folder."""
    assert faceward("witness", "show").code == 2
    assert faceward("witness", "init", NAME, "--log", log).code == 0
    assert (tmp_path / "state" / "witness").is_dir()
    assert faceward("witness", "show").code == 0
    other = faceward("witness", "init", "witness.example.org/b", "--log", log)
    assert other.code == 2
    assert faceward("witness", "init", "two words", "--log", log).code == 2
