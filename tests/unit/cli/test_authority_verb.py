"""``faceward authority``: two people file a record in equal words, and one of them ends it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest


@pytest.fixture
def staffed(faceward, tmp_path, monkeypatch):
    """Ann operates, Bob reviews, Dave audits; each has a key in this folder but Ann, who founded it."""
    monkeypatch.chdir(tmp_path)
    assert faceward("charter", "init", "--account", "ann").code == 0
    for name, role in (("bob", "reviewer"), ("dave", "auditor")):
        faceward("charter", "key", "new", name)
        faceward(
            "charter", "key", "add", f"{name}.pub", "--account", name, "--role", role, "-o", f"{name}.json"
        )
        faceward("charter", "sign", f"{name}.json")
        faceward("charter", "sign", f"{name}.json", "--key-file", "bob.key")
        assert faceward("charter", "adopt", f"{name}.json").code == 0
    return faceward


def filled(faceward, name: str = "warrant.toml", **answers: str) -> str:
    """A record with every example for an answer, but for those given; whom it names is left out."""
    text = faceward("authority", "template", "--json").document["template"]
    text = re.sub(r"(?m)^# ((?!subjects)\w+) = ", r"\1 = ", text)
    for key, value in answers.items():
        text = re.sub(rf"(?m)^(# )?{key} = .*$", f"{key} = {value}", text)
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_two_people_file_a_record_and_one_ends_it(staffed):
    """Each step shows in the list, and the ledger holds."""
    filled(staffed)
    run = staffed("authority", "open", "warrant.toml", "--json")
    assert run.code == 0, run.stderr
    assert run.document["standing"] == "a second signature is missing"
    assert "a second signature is missing" in staffed("authority", "list").stdout
    run = staffed("authority", "open", "warrant.toml", "--key-file", "bob.key", "--json")
    assert (run.document["standing"], run.document["counts"], run.document["signatures"]) == ("open", True, 2)
    (listed,) = staffed("authority", "list", "--json").document["authorities"]
    assert (listed["record"]["id"], listed["standing"]) == ("warrant-2026-17", "open")
    assert listed["record"]["subjects"] is None
    run = staffed(
        "authority", "end", "warrant-2026-17", "--reasons", "Found.", "--key-file", "bob.key", "--json"
    )
    assert run.code == 0
    (listed,) = staffed("authority", "list", "--json").document["authorities"]
    assert (listed["standing"], listed["until"]) == ("ended", run.document["until"])
    told = staffed("ledger", "show").stdout
    assert told.count("authority.opened") == 2
    assert told.count("authority.closed") == 1
    assert staffed("ledger", "verify").code == 0
    assert staffed("charter", "verify").code == 0


def test_a_record_without_an_operator_says_so(staffed):
    """And one that begins later, or is over."""
    now = datetime.now(UTC)
    filled(staffed, opened=f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}")
    staffed("authority", "open", "warrant.toml")
    run = staffed("authority", "open", "warrant.toml", "--key-file", "bob.key", "--json")
    assert run.document["standing"] == "not yet open"
    filled(
        staffed, "old.toml", id='"old"', opened="2026-01-01T00:00:00Z", expires="2026-01-02T00:00:00Z",
        subjects='["s-0123456789abcdef0123456789abcdef"]',
    )  # fmt: skip
    run = staffed("authority", "open", "old.toml")
    assert "old is on file: over." in run.stdout
    assert "There is no deployment 'harbour-search' yet" in run.stderr


def test_who_does_not_govern_files_and_ends_nothing(staffed):
    """With the reasons."""
    filled(staffed)
    run = staffed("authority", "open", "warrant.toml", "--key-file", "dave.key", "--json")
    assert (run.code, run.error["code"]) == (3, "authority_refused")
    staffed("authority", "open", "warrant.toml")
    run = staffed("authority", "open", "warrant.toml", "--json")
    assert "signed it already" in run.error["reasons"][0]
    end = ("authority", "end", "warrant-2026-17", "--reasons", "x", "--json")
    assert staffed(*end, "--key-file", "dave.key").code == 3
    run = staffed("authority", "end", "warrant-9", "--reasons", "x", "--json")
    assert (run.code, run.error["code"]) == (2, "authority_unknown")


@pytest.mark.parametrize(
    "answers",
    [
        {"kind": '"letter"'}, {"places": "[]"}, {"purposes": '["unknown"]'}, {"issued_by": '"operator"'},
        {"expires": "2020-01-01T00:00:00Z"}, {"kind": '"exigency"'}, {"judge": '"A. B."'},
    ],
)  # fmt: skip
def test_what_is_no_record_is_named(staffed, answers):
    """The file, and what is wrong in it."""
    filled(staffed, **{key: value for key, value in answers.items() if key != "judge"})
    if "judge" in answers:
        with Path("warrant.toml").open("a", encoding="utf-8") as file:
            file.write('judge = "A. B."\n')
    run = staffed("authority", "open", "warrant.toml", "--json")
    assert (run.code, run.error["path"]) == (2, "warrant.toml")
    assert staffed("authority", "list", "--json").document["authorities"] == []


def test_the_template_is_written_once(faceward, tmp_path, monkeypatch):
    """It leaves every part open, and replaces nothing."""
    monkeypatch.chdir(tmp_path)
    assert faceward("authority", "template", "-o", "warrant.toml").code == 0
    lines = Path("warrant.toml").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") for line in lines if line)
    assert faceward("authority", "template", "-o", "warrant.toml").code == 2
    assert "Where? Of: private" in faceward("authority", "template").stdout


def test_to_look_makes_no_ledger(faceward, tmp_path):
    """Who only asks leaves no trace."""
    run = faceward("authority", "list")
    assert (run.code, "no authority record" in run.stdout) == (0, True)
    assert not (tmp_path / "state").exists()
