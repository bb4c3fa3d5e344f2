"""``faceward law``: which laws are known, and why none of them opens the gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from data import laws

from faceward.governance import instruments, place_bans

CHECK = ("--country", "US", "--agency", "police", "--on", "2026-11-24")


def test_every_shipped_law_and_ban_is_listed(faceward):
    """For people and for programs."""
    run = faceward("law", "list")
    document = faceward("law", "list", "--json").document
    assert run.code == 0
    for name in instruments.shipped():
        assert name in run.stdout
    assert [it["id"] for it in document["laws"]] == list(instruments.shipped())
    assert [it["id"] for it in document["bans"]] == [ban.identifier for ban in place_bans.shipped()]


def test_a_law_is_shown_whole(faceward):
    """As JSON it can be read again."""
    document = faceward("law", "show", "eu-2024-1689", "--json").document
    law = instruments.parse(json.dumps(document["law"]), "shown")
    assert law == instruments.shipped()["eu-2024-1689"]
    assert document["digest"] == instruments.digest(law)
    assert "Artificial Intelligence Act" in faceward("law", "show", "eu-2024-1689").stdout


@pytest.mark.parametrize("name", instruments.shipped())
def test_no_shipped_law_passes(faceward, name):
    """Exit code 3: refused, and every condition told."""
    run = faceward("law", "check", name, *CHECK)
    assert run.code == 3
    assert "not satisfied" in run.stdout
    document = faceward("law", "check", name, *CHECK, "--json").document
    assert document["satisfied"] is False
    told = {it["name"]: it for it in document["conditions"]}
    assert {f"HR-{number:02}" for number in range(1, 19)} < told.keys()
    assert all(it["remedy"] for it in told.values() if it["blocks"] and not it["holds"])


def test_a_file_is_checked_but_its_signatures_are_not_believed(faceward, tmp_path: Path):
    """A file can say anything; reviewers' keys are known to an installation alone."""
    path = tmp_path / "perfect.json"
    path.write_text(json.dumps(instruments.as_json(laws.perfect())), encoding="utf-8")
    words = ("--country", "XA", "--agency", "police", "--on", "2030-03-01", "--purpose", "missing_person")
    document = faceward("law", "check", path, *words, "--json").document
    missing = {it["name"] for it in document["conditions"] if not it["holds"]}
    assert missing == {"reviewers", "public_interest", "window", "review_until"}


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (("check", "us-nothing", *CHECK), "There is no law"),
        (("show", "us-nothing"), "There is no law"),
        (("check", "us-il-bipa", *CHECK, "--country", "usa"), "is no country"),
        (("check", "us-il-bipa", *CHECK, "--on", "soon"), "is no date"),
        (("check", "us-il-bipa", *CHECK, "--agency", "sheriff"), "invalid choice"),
        (("check", "us-il-bipa", *CHECK, "--function", "upkeep"), "invalid choice"),
        (("check", "us-il-bipa"), "required"),
        (("show", "missing.json"), "no file at this path"),
    ],
)
def test_what_makes_no_sense_is_an_input_error(faceward, words, cause):
    """With a remedy."""
    run = faceward("law", *words, "--json")
    assert run.code == 2
    assert cause.lower() in run.error["cause"].lower()
    assert run.error["remedy"]


def test_a_broken_file_is_named_with_its_place(faceward, tmp_path: Path):
    """The key that is wrong, and the page that describes it."""
    path = tmp_path / "law.json"
    path.write_text('{"id": 1}', encoding="utf-8")
    run = faceward("law", "show", path, "--json")
    assert run.error["cause"] == "law.json.id must be a text that is not blank."
    assert "docs/reference/laws.md" in run.error["remedy"]
    assert run.error["path"] == str(path)
