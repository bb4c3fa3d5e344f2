"""``faceward law``: which laws are known, and why none of them opens the gate."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from data import laws
from data.office import trial

from faceward import wiring
from faceward.cli import keys
from faceward.governance.charters import adoption
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Keyholder, Role
from faceward.governance.documents.statements import signed
from faceward.governance.laws import instruments, place_bans
from faceward.governance.reviews import proceedings
from faceward.settings import read as read_settings

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


@pytest.fixture
def installation(faceward, monkeypatch, tmp_path: Path, settings):
    """Ann operates, Bob reviews, Uma and Lex are jurists; each has a key in this folder."""
    monkeypatch.setenv("FACEWARD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    roles = {
        "ann": Role.OPERATOR, "bob": Role.REVIEWER, "uma": Role.JURIST, "lex": Role.JURIST,
    }  # fmt: skip
    chosen = read_settings()
    holders = {}
    for name, role in roles.items():
        _, _, public = keys.new_signing_key(tmp_path / name)
        holders[name] = Keyholder(public, name, frozenset({role}))
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        for listed in (("ann",), ("ann", "bob"), tuple(roles)):
            on = registry.snapshot()
            lines = tuple(sorted((holders[name] for name in listed), key=lambda it: (it.account, it.public)))
            charter = (
                replace(charters.successor(on.charter), keys=lines)
                if on.charters
                else charters.first("faces.example/door", lines[0])
            )
            signers = [keys.signing_key(tmp_path / f"{name}.key") for name in ("ann", "bob")[: len(listed)]]
            adoption.adopt(registry, signed(adoption.propose(registry, charter), *signers))
    return faceward


def filed(faceward, tmp_path: Path) -> str:
    """File the perfect law, and give its digest."""
    law = replace(laws.perfect(), reviews=(), challenges=())
    (tmp_path / "law.json").write_text(json.dumps(instruments.as_json(law)), encoding="utf-8")
    run = faceward("law", "file", "law.json", "--key", "ann.key", "--json")
    assert run.code == 0, run.stderr
    return run.document["digest"]


def reviewed(faceward, digest: str, by: str, *words: str) -> Any:
    options = {
        "--organisation": f"Office of {by}",
        "--kind": "academic",
        "--conflict": "none",
        "--outcome": "approve",
    }
    options |= dict(zip(words[::2], words[1::2], strict=True))
    flat = [word for pair in options.items() for word in pair]
    return faceward("law", "review", "xa-perfect", "--digest", digest, *flat, "--key", f"{by}.key", "--json")


def test_a_law_is_filed_reviewed_and_challenged(installation, tmp_path: Path):
    """By people with keys, one after the other; what is filed shows at once."""
    digest = filed(installation, tmp_path)
    assert "xa-perfect" in installation("law", "list").stdout
    assert reviewed(installation, digest[:12], "uma").document["approvals"] == 1
    again = reviewed(installation, digest, "lex", "--kind", "legal").document
    assert (again["approvals"], again["public_interest"]) == (2, 1)
    (tmp_path / "why.txt").write_text("It forgets the children.\n", encoding="utf-8")
    run = installation(
        "law",
        "challenge",
        "xa-perfect",
        "--by",
        "A. Citizen",
        "--text",
        "why.txt",
        "--key",
        "bob.key",
        "--json",
    )
    challenge = run.document["challenge"]
    shown = installation("law", "show", "xa-perfect", "--json").document
    assert shown["challenges"] == [{"digest": challenge, "outcome": "undecided"}]
    assert shown["law"]["challenges"][0]["by"] == "A. Citizen"
    for by, outcome in (("uma", "undecided"), ("lex", "rejected")):
        run = installation(
            "law", "rule", "xa-perfect", challenge[:8], "--outcome", "rejected", "--reasons", "why.txt",
            "--key", f"{by}.key", "--json",
        )  # fmt: skip
        assert run.document["outcome"] == outcome
    check = ("--country", "XA", "--agency", "police", "--on", "2030-03-01", "--purpose", "missing_person")
    missing = {
        it["name"]
        for it in installation("law", "check", "xa-perfect", *check, "--json").document["conditions"]
        if not it["holds"]
    }
    assert missing <= {"reviewers", "public_interest", "window", "review_until"}


def test_a_deployment_is_asked_for_by_its_name(installation, tmp_path: Path):
    """Country and agency are those of its review; one that does not exist is an error."""
    chosen = read_settings()
    with closing(wiring.ledger(chosen)) as ledger:
        proceedings.open_trial(
            wiring.registry(chosen, ledger), "door", trial(), keys.signing_key(tmp_path / "ann.key")
        )
    asked = ("law", "check", "us-il-bipa", "--on", "2026-11-24", "--json", "--deployment")
    run = installation(*asked, "door")
    assert run.code == 3
    assert (run.document["country"], run.document["agency"]) == ("DE", "company")
    assert installation(*asked, "nothing").error["code"] == "deployment_unknown"


def test_who_may_not_sign_is_refused_with_reasons(installation, tmp_path: Path):
    """An operator reviews no law, a jurist files none."""
    digest = filed(installation, tmp_path)
    run = reviewed(installation, digest, "ann")
    assert run.code == 3
    assert any("jurist" in reason for reason in run.error["reasons"])
    assert installation("law", "file", "law.json", "--key", "uma.key").code == 3


def test_a_review_names_the_digest_of_what_was_read(installation, tmp_path: Path):
    """Of the record on file, in eight digits at least; and the law must be there."""
    digest = filed(installation, tmp_path)
    for wrong in ("0" * 64, digest[:7]):
        run = reviewed(installation, wrong, "uma")
        assert run.code == 2
        assert "digest" in run.error["cause"]
    run = installation(
        "law", "review", "xa-nothing", "--digest", digest, "--organisation", "X", "--kind", "legal",
        "--conflict", "none", "--outcome", "approve", "--key", "uma.key", "--json",
    )  # fmt: skip
    assert run.error["code"] == "law_unknown"


def test_a_text_that_is_none_is_refused(installation, tmp_path: Path):
    """Nothing is filed that people cannot read."""
    filed(installation, tmp_path)
    (tmp_path / "why.txt").write_bytes(b"\xff\xfe\x00")
    run = installation(
        "law", "challenge", "xa-perfect", "--by", "A", "--text", "why.txt", "--key", "ann.key", "--json"
    )
    assert run.code == 2
    assert run.error["path"] == "why.txt"


def test_to_look_at_laws_makes_no_ledger(faceward, monkeypatch, tmp_path: Path):
    """Who only asks leaves no trace."""
    monkeypatch.setenv("FACEWARD_STATE_DIR", str(tmp_path / "state"))
    assert faceward("law", "list").code == 0
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    "who", [(), ("--country", "US"), ("--agency", "police"), ("--deployment", "door", "--country", "US")]
)
def test_it_must_be_said_who_would_act(faceward, who):
    """A deployment, or a body of a country."""
    run = faceward("law", "check", "us-il-bipa", "--on", "2026-11-24", *who, "--json")
    assert run.code == 2
    assert "who would act" in run.error["cause"]
