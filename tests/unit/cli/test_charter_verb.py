"""Founding an installation, and changing its promise with enough signatures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faceward.governance.charters import charter as charters


@pytest.fixture
def founded(faceward, tmp_path, monkeypatch):
    """The command line of an installation that Ann founded, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    assert faceward("charter", "init", "--account", "ann", "--origin", "faces.example/door").code == 0
    return faceward


@pytest.fixture
def pair(founded):
    """And Bob, who reviews."""
    founded("charter", "key", "new", "bob")
    founded("charter", "key", "add", "bob.pub", "--account", "bob", "--role", "reviewer", "-o", "next.json")
    founded("charter", "sign", "next.json")
    founded("charter", "sign", "next.json", "--key-file", "bob.key")
    assert founded("charter", "adopt", "next.json").code == 0
    return founded


def test_a_stranger_founds_an_installation(founded, tmp_path):
    run = founded("charter", "show", "--json")
    assert run.document["charter"]["origin"] == "faces.example/door"
    assert run.document["charter"]["stands"] == ["microsoft-2020"]
    assert run.document["people"] == {"ann": "ann"}
    key = tmp_path / "state" / "founder.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.with_suffix(".pub").read_text().startswith("ed25519 ")


def test_an_installation_is_founded_once(founded):
    run = founded("charter", "init")
    assert run.code == 2
    assert "already" in run.stderr


def test_without_a_charter_the_way_in_is_named(faceward):
    for words in (("charter", "show"), ("charter", "verify"), ("deployment", "trial", "--organisation", "A",
                  "--body", "company", "--purpose", "verify_worker", "--country", "DE")):  # fmt: skip
        run = faceward(*words)
        assert run.code == 2
        assert "charter" in run.stderr


def test_a_founder_may_bring_their_own_key(faceward, tmp_path):
    faceward("charter", "key", "new", tmp_path / "mine")
    run = faceward("charter", "init", "--key-file", tmp_path / "mine.key", "--json")
    assert run.code == 0
    public = (tmp_path / "mine.pub").read_text().split()[1]
    assert run.document["charter"]["keys"][0]["public"] == public


def test_a_private_key_that_others_can_read_is_not_used(founded, tmp_path):
    (tmp_path / "state" / "founder.key").chmod(0o644)
    founded("charter", "propose", "--add-stand", "ibm-2020", "-o", "next.json")
    run = founded("charter", "sign", "next.json", "--json")
    assert run.code == 2
    assert "Others can read" in run.error["cause"]


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\xff\x00"])
def test_a_file_that_is_no_key_is_named(founded, tmp_path, content):
    (tmp_path / "bad.key").write_bytes(content)
    (tmp_path / "bad.key").chmod(0o600)
    founded("charter", "propose", "--add-stand", "ibm-2020", "-o", "next.json")
    run = founded("charter", "sign", "next.json", "--key-file", "bad.key", "--json")
    assert run.code == 2
    assert run.error["path"] == "bad.key"


def test_a_second_person_joins_with_both_signatures(founded):
    founded("charter", "key", "new", "bob")
    founded("charter", "key", "add", "bob.pub", "--account", "bob", "--role", "reviewer", "-o", "next.json")
    run = founded("charter", "adopt", "next.json", "--json")
    assert run.code == 3
    assert run.error["code"] == "statement_refused"
    founded("charter", "sign", "next.json")
    run = founded("charter", "adopt", "next.json", "--json")
    assert run.code == 3
    assert "second person" in " ".join(run.error["reasons"])
    assert (
        founded("charter", "sign", "next.json", "--key-file", "bob.key", "--json").document["signatures"] == 2
    )
    assert founded("charter", "adopt", "next.json").code == 0
    assert founded("charter", "adopt", "next.json").code == 3
    assert founded("charter", "verify", "--json").document == {
        "schema": "faceward/charter-verify/1", "holds": True, "charters": 2, "documents": 2,
        "unrecorded": [], "undocumented": [],
    }  # fmt: skip
    assert founded("ledger", "verify").code == 0


def test_a_stand_is_added_by_one_and_removed_by_two(pair):
    pair("charter", "propose", "--add-stand", "no-government", "-o", "more.json")
    pair("charter", "sign", "more.json")
    assert pair("charter", "adopt", "more.json").code == 0
    run = pair("charter", "propose", "--remove-stand", "no-government", "-o", "less.json", "--json")
    assert run.document["weakens"] is True
    pair("charter", "sign", "less.json")
    run = pair("charter", "adopt", "less.json", "--json")
    assert run.code == 3
    pair("charter", "sign", "less.json", "--key-file", "bob.key")
    assert pair("charter", "adopt", "less.json").code == 0
    assert "removes no-government" in pair("ledger", "show").stdout


def test_a_whole_charter_can_be_written_by_hand(pair, tmp_path):
    values = pair("charter", "show", "--json").document
    charter = values["charter"] | {"predecessor": values["digest"], "stands": ["ibm-2020", "microsoft-2020"]}
    Path("mine.json").write_text(json.dumps(charter))
    assert pair("charter", "propose", "mine.json", "-o", "more.json").code == 0
    pair("charter", "sign", "more.json")
    assert pair("charter", "adopt", "more.json").code == 0
    Path("mine.json").write_text(json.dumps(charter | {"note": "x"}))
    run = pair("charter", "propose", "mine.json", "-o", "other.json", "--json")
    assert run.code == 2
    assert "unknown keys: note" in run.error["cause"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"statement": {}, "signatures": []}'])
def test_what_is_no_proposal_is_refused(founded, content):
    Path("bad.json").write_text(content)
    for words in (("sign", "bad.json"), ("adopt", "bad.json")):
        assert founded("charter", *words).code == 2


def test_an_altered_proposal_is_refused(pair):
    pair("charter", "propose", "--add-stand", "ibm-2020", "-o", "next.json")
    pair("charter", "sign", "next.json")
    text = Path("next.json").read_text().replace("ibm-2020", "no-government")
    Path("next.json").write_text(text)
    run = pair("charter", "adopt", "next.json", "--json")
    assert (run.code, run.error["code"]) == (3, "statement_refused")


def test_a_retired_key_is_listed_with_its_date_and_a_removed_one_is_gone(pair):
    for number, words in enumerate((("retire", "bob.pub", "--until", "2030-01-01"),)):
        name = f"{number}.json"
        assert pair("charter", "key", *words, "-o", name).code == 0
        pair("charter", "sign", name)
        pair("charter", "sign", name, "--key-file", "bob.key")
        assert pair("charter", "adopt", name).code == 0
    assert "2030-01-01" in pair("charter", "show").stdout
    run = pair("charter", "key", "remove", "bob.pub", "-o", "gone.json")
    assert run.code == 0
    pair("charter", "sign", "gone.json")
    pair("charter", "sign", "gone.json", "--key-file", "bob.key")
    run = pair("charter", "adopt", "gone.json", "--json")
    assert "Fewer than two" in " ".join(run.error["reasons"])


def test_a_key_is_added_once_and_removed_only_when_it_is_there(pair):
    pair("charter", "key", "new", "eve")
    run = pair("charter", "key", "remove", "eve.pub", "-o", "x.json", "--json")
    assert run.error["code"] == "conflict"
    run = pair(
        "charter", "key", "add", "bob.pub", "--account", "b", "--role", "tester", "-o", "x.json", "--json"
    )
    assert run.error["code"] == "conflict"
    assert pair("charter", "key", "new", "eve").code == 2
    assert pair("charter", "key", "add", "eve.key", "--account", "e", "--role", "tester", "-o", "x").code == 2


def test_own_packs_are_adopted_by_their_digest(pair, tmp_path):
    folder = tmp_path / "state" / "packs"
    folder.mkdir()
    rule = (
        '@id("house/closed")\n@says("The house is closed.")\n@change("Wait.")\n@source("House rules.")\n'
        'forbid (principal, action in Action::"recognise", resource);\n'
    )
    (folder / "house.cedar").write_text(rule)
    pair("charter", "propose", "--own-packs", "-o", "own.json")
    pair("charter", "sign", "own.json")
    assert pair("charter", "adopt", "own.json").code == 0
    assert "house" in pair("charter", "show").stdout
    assert "house" not in pair("ledger", "show").stdout
    (folder / "house.cedar").write_text(rule.replace("closed.", "shut."))
    run = pair("charter", "verify", "--json")
    assert (run.code, run.error["code"]) == (4, "policy_invalid")


def test_verify_names_documents_that_were_taken_away(pair, tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "state" / "ledger" / "ledger.db") as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        (table,) = [name for name in tables if "filing" in name or "document" in name]
        newest = f"SELECT max(rowid) FROM {table} WHERE kind = 'governance'"
        raw.execute(f"DELETE FROM {table} WHERE rowid = ({newest})")
    raw.close()
    run = pair("charter", "verify", "--json")
    assert (run.code, run.error["code"]) == (4, "ledger_corrupt")


def test_every_stand_that_ships_can_be_adopted():
    """The list of stands is that of the packs."""
    from faceward.governance.policies.packs import shipped_stands

    assert {str(it) for it in charters.Stand} == set(shipped_stands())


def test_the_digest_of_packs_is_that_of_the_engine():
    """Entries are written by either."""
    from faceward import wiring
    from faceward.adapters.policy_engine.cedar import CedarEngine
    from faceward.settings import Settings

    charter = charters.first("x", charters.Keyholder("a" * 64, "ann", frozenset({charters.Role.OPERATOR})))
    packs = wiring.packs(Settings(), charter)
    assert packs.digest == CedarEngine(packs.schema, packs.texts).digest
