"""API keys from the command line: who gets one, where its secret goes, and first keys."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path

import pytest

TRIAL = ("deployment", "trial", "--purpose", "access_optin", "--organisation", "Acme Ltd",
         "--body", "company", "--country", "DE")  # fmt: skip
ISSUE = ("access", "issue", "door", "--deployment", "trial", "--scope", "client")
SECRET = re.compile(r"fwk_[0-9a-f]{16}_[0-9a-f]{64}_[0-9a-f]{6}")


@pytest.fixture
def opened(faceward, tmp_path, monkeypatch):
    """An installation with a trial."""
    monkeypatch.chdir(tmp_path)
    assert faceward("charter", "init", "--account", "ann").code == 0
    assert faceward(*TRIAL).code == 0
    return faceward


def test_a_secret_goes_to_a_private_file(opened):
    """And nowhere else; the list knows who made it."""
    run = opened(*ISSUE, "--out", "door.key", "--json")
    assert run.code == 0
    assert not SECRET.search(run.stdout + run.stderr)
    assert SECRET.fullmatch(Path("door.key").read_text().strip())
    assert Path("door.key").stat().st_mode & 0o777 == 0o600
    (key,) = opened("access", "list", "--deployment", "trial", "--json").document["keys"]
    assert (key["key"], key["account"], key["minted_by"]) == (run.document["key"], "door", "ann")


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_what_is_no_terminal_is_shown_no_secret(opened, words):
    """It may be a log; and no key is made."""
    run = opened(*ISSUE, *words)
    assert (run.code, run.stdout) == (2, "")
    assert "--out" in run.stderr
    assert opened("access", "list", "--deployment", "trial", "--json").document["keys"] == []


def test_a_terminal_is_shown_it(opened, monkeypatch):
    """Once."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert SECRET.search(opened(*ISSUE).stdout)


def test_a_first_key_lives_an_hour(opened):
    """Whatever the one that takes its place does."""
    assert opened(*ISSUE, "--exchange", "--days", "30", "--out", "first.key").code == 0
    (key,) = opened("access", "list", "--deployment", "trial", "--json").document["keys"]
    left = datetime.fromisoformat(key["until"]) - datetime.now().astimezone()
    assert 3500 < left.total_seconds() <= 3600


def test_a_key_is_revoked(opened):
    """And is in no list any more."""
    made = opened(*ISSUE, "--out", "door.key", "--json").document["key"]
    assert opened("access", "revoke", made, "--deployment", "trial").code == 0
    assert opened("access", "list", "--deployment", "trial", "--json").document["keys"] == []
    assert opened("access", "revoke", made, "--deployment", "trial").code == 2
