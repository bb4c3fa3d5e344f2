"""Trials, applications and reviews from the command line, each by the person whose key signs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TRIAL = ("deployment", "trial", "--purpose", "verify_worker", "--organisation", "Acme Ltd",
         "--body", "company", "--country", "DE")  # fmt: skip


@pytest.fixture
def founded(faceward, tmp_path, monkeypatch):
    """An installation with one person."""
    monkeypatch.chdir(tmp_path)
    assert faceward("charter", "init", "--account", "ann").code == 0
    return faceward


@pytest.fixture
def staffed(founded):
    """Ann operates, Bob and Cora review, Dave audits."""
    for name, role, second in (
        ("bob", "reviewer", "bob.key"), ("cora", "reviewer", "bob.key"), ("dave", "auditor", "bob.key"),
    ):  # fmt: skip
        founded("charter", "key", "new", name)
        proposal = f"{name}.json"
        founded("charter", "key", "add", f"{name}.pub", "--account", name, "--role", role, "-o", proposal)
        founded("charter", "sign", proposal)
        founded("charter", "sign", proposal, "--key-file", second)
        assert founded("charter", "adopt", proposal).code == 0
    return founded


def filled(faceward, name: str = "app.toml", **answers: str) -> str:
    """An application with every example for an answer, but for those given."""
    text = faceward("deployment", "template", "--json").document["template"]
    text = re.sub(r"(?m)^# (\w+) = ", r"\1 = ", text)
    for key, value in answers.items():
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
    Path(name).write_text(text)
    return name


def test_a_stranger_opens_a_trial(founded):
    run = founded(*TRIAL, "--json")
    assert run.code == 0
    assert (run.document["standing"], run.document["tier"], run.document["people"]) == ("approved", 0, 100)
    assert "You promised" not in run.stdout
    run = founded("deployment", "list")
    assert "trial" in run.stdout
    run = founded("deployment", "show", "trial", "--json")
    assert run.document["answers"]["name"] == "Acme Ltd"


def test_the_promises_are_shown(founded):
    run = founded(*TRIAL)
    assert "You promised:" in run.stdout
    assert "has consented" in founded("deployment", "trial", "--help").stdout


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"--body": "police"}, 3), ({"--body": "ministry"}, 3), ({"--body": "unknown"}, 3),
        ({"--body": "shop"}, 2), ({"--country": "Germany"}, 2), ({"--purpose": "missing_person"}, 2),
        ({"--organisation": " "}, 2),
    ],
)  # fmt: skip
def test_what_is_no_trial_is_refused(founded, change, code):
    words = list(TRIAL)
    for option, value in change.items():
        words[words.index(option) + 1] = value
    run = founded(*words)
    assert run.code == code
    assert not founded("deployment", "list", "--json").document["deployments"]


def test_one_customer_however_it_is_typed(founded):
    founded(*TRIAL)
    words = list(TRIAL)
    words[words.index("Acme Ltd")] = "  ACME,  ltd. "
    run = founded(*words[:2], "again", *words[2:], "--json")
    assert run.code == 3
    assert "at a time" in " ".join(run.error["reasons"])


def test_a_review_from_the_application_to_the_end(staffed):
    filled(staffed)
    assert staffed("deployment", "apply", "door", "app.toml").code == 0
    assert "1 of 1 approvals missing" in staffed("deployment", "list").stdout
    run = staffed("deployment", "approve", "door", "--reason", "Fine.", "--json")
    assert (run.code, run.error["code"]) == (3, "review_refused")
    by = ("--key-file", "bob.key")
    run = staffed("deployment", "approve", "door", "--reason", "Fine.", "--people", "100", *by, "--json")
    assert (run.code, run.document["standing"], run.document["people"]) == (0, "approved", 100)
    assert run.document["agency"] == "unknown"
    words = ("--name", "Acme", "--body", "company", "--country", "DE", "--evidence", "HRB 1")
    assert staffed("organisation", "review", "acme", *words).code == 3
    run = staffed("organisation", "review", "acme", *words, *by, "--json")
    assert run.document["counts_as"] == "company"
    assert staffed("organisation", "list", "--json").document["organisations"][0]["counts_as"] == "company"
    for act, who, standing in (
        ("suspend", (), "suspended"), ("resume", by, "approved"), ("close", (), "closed"),
    ):  # fmt: skip
        run = staffed("deployment", act, "door", "--reason", "So.", *who, "--json")
        assert (run.code, run.document["standing"]) == (0, standing)
    assert staffed("ledger", "verify").code == 0
    assert staffed("charter", "verify").code == 0


def test_a_larger_scale_takes_two(staffed):
    filled(staffed, people="5000")
    staffed("deployment", "apply", "door", "app.toml")
    run = staffed("deployment", "approve", "door", "--reason", "Fine.", "--key-file", "bob.key", "--json")
    assert run.document["standing"] == "pending, 1 of 2 approvals missing"
    run = staffed("deployment", "approve", "door", "--reason", "Fine.", "--key-file", "cora.key", "--json")
    assert (run.document["standing"], run.document["tier"]) == ("approved", 2)
    assert staffed("ledger", "verify").code == 0


@pytest.mark.parametrize(("act", "standing"), [("refuse", "refused"), ("more", "sent back")])
def test_what_is_not_approved_says_so(staffed, act, standing):
    filled(staffed)
    staffed("deployment", "apply", "door", "app.toml")
    run = staffed("deployment", act, "door", "--reason", "No.", "--key-file", "bob.key", "--json")
    assert run.document["standing"] == standing


def test_each_open_factor_has_a_line(founded):
    founded("deployment", "template", "-o", "app.toml")
    run = founded("deployment", "apply", "door", "app.toml")
    assert run.code == 2
    assert run.stderr.count("is not answered") == 29
    run = founded("deployment", "apply", "door", "app.toml", "--json")
    assert run.error["code"] == "application_incomplete"
    assert len(run.error["reasons"]) == 29


@pytest.mark.parametrize("text", ["customer = ", "a = 1\na = 2", "\x00", "when = 07:32:00"])
def test_a_file_that_is_no_application_is_named(founded, text):
    Path("app.toml").write_text(text)
    run = founded("deployment", "apply", "door", "app.toml", "--json")
    assert run.code == 2
    assert run.error["path"] == "app.toml"


def test_an_audit_is_filed_by_an_auditor_and_its_verdict_computed(staffed):
    cells = "".join(
        f'[[cells]]\nmeasure = "{measure}"\ngroup = "{group}"\nlower_ppb = 0\nupper_ppb = {limit}\n'
        for measure, limit in (("fmr", 100_000), ("fnmr", 10_000_000))
        for group in ("a", "b")
    ) + "".join(
        f'[[cells]]\nmeasure = "{it}"\ngroup = "all"\nlower_ppb = 0\nupper_ppb = 3000000000\n'
        for it in ("fmr_spread", "fnmr_spread")
    )
    head = (
        f'model = "{"a" * 64}"\nthreshold_millionths = 363000\nfunctions = ["verify"]\npeople = 1\n'
        f'purposes = ["verify_worker"]\ncaptures = ["kiosk"]\nreport = "{"b" * 64}"\n'
    )
    from datetime import UTC, datetime, timedelta

    until = f"until = {datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}\n"
    Path("audit.toml").write_text(head + until + cells)
    assert staffed("deployment", "audit", "audit-1", "audit.toml").code == 3
    run = staffed("deployment", "audit", "audit-1", "audit.toml", "--key-file", "dave.key", "--json")
    assert (run.code, run.document["verdict"]) == (0, "pass")
    Path("audit.toml").write_text(head + until + 'verdict = "pass"\n' + cells)
    assert staffed("deployment", "audit", "audit-2", "audit.toml", "--key-file", "dave.key").code == 2


def test_what_is_not_there_is_said(founded):
    run = founded("deployment", "show", "door", "--json")
    assert (run.code, run.error["code"]) == (2, "deployment_unknown")
    assert "no deployment yet" in founded("deployment", "list").stdout
    run = founded("deployment", "suspend", "door", "--reason", "So.", "--json")
    assert run.error["code"] == "deployment_unknown"


@pytest.fixture
def door(staffed):
    """An approved deployment."""
    filled(staffed)
    staffed("deployment", "apply", "door", "app.toml")
    run = staffed("deployment", "approve", "door", "--reason", "Fine.", "--key-file", "bob.key", "--json")
    assert run.document["standing"] == "approved"
    return staffed


def test_a_challenge_that_is_upheld_suspends(door):
    """Filed with any key, decided with a reviewer's, shown with the deployment."""
    Path("why.txt").write_text("They film the street.\n", encoding="utf-8")
    by = ("--by", "A. Citizen", "--key-file", "dave.key")
    run = door("deployment", "challenge", "door", *by, "--text-file", "why.txt", "--json")
    assert run.code == 0
    digest = run.document["challenge"]
    other = door("deployment", "challenge", "door", *by, "--text", "It is too large.", "--json").document
    run = door("deployment", "show", "door", "--json")
    assert run.document["standing"] == "approved"
    assert [(it["digest"], it["by"], it["text"], it["outcome"]) for it in run.document["challenges"]] == [
        (digest, "A. Citizen", "They film the street.", "undecided"),
        (other["challenge"], "A. Citizen", "It is too large.", "undecided"),
    ]
    rule = ("--reasons", "It is so.", "--json")
    run = door("deployment", "rule", "door", digest[:8], "upheld", *rule)
    assert (run.code, run.error["code"]) == (3, "review_refused")
    for who, outcome in (("bob", "undecided"), ("cora", "rejected")):
        run = door(
            "deployment", "rule", "door", other["challenge"], "rejected", *rule, "--key-file", f"{who}.key"
        )
        assert (run.code, run.document["outcome"]) == (0, outcome)
    run = door(
        "deployment", "rule", "door", digest[:8], "upheld", "--reasons", "So.", "--key-file", "bob.key"
    )
    assert (run.code, "suspended for good" in run.stdout) == (0, True)
    shown = door("deployment", "show", "door").stdout
    assert "suspended, for a challenge was upheld" in shown
    assert "upheld, by A. Citizen" in shown
    assert "suspended, for a challenge was upheld" in door("deployment", "list").stdout
    run = door("deployment", "resume", "door", "--reason", "Enough.", "--key-file", "cora.key", "--json")
    assert (run.code, "was upheld" in run.error["reasons"][0]) == (3, True)
    assert "review.challenged" in door("ledger", "show").stdout
    assert door("ledger", "verify").code == 0
    assert door("charter", "verify").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("challenge", "door", "--by", "A"), "value_invalid"),
        (("challenge", "door", "--text", "B"), "value_invalid"),
        (("challenge", "door", "--by", "A", "--text", "B", "--text-file", "why.txt"), "value_invalid"),
        (("challenge", "door", "--by", " ", "--text", "B"), "value_invalid"),
        (("challenge", "backdoor", "--by", "A", "--text", "B"), "deployment_unknown"),
        (("rule", "door", "0" * 64, "upheld", "--reasons", "x"), "challenge_unknown"),
        (("rule", "door", "0" * 64, "undecided", "--reasons", "x"), "value_invalid"),
    ],
)
def test_what_is_no_challenge_is_an_input_error(door, words, code):
    """With the code that says which."""
    run = door("deployment", *words, "--json")
    assert (run.code, run.error["code"]) == (2, code)


def test_a_challenge_that_is_no_text_is_named(door):
    """Nothing is filed that people cannot read."""
    Path("why.txt").write_bytes(b"\xff\xfe\x00")
    run = door("deployment", "challenge", "door", "--by", "A", "--text-file", "why.txt", "--json")
    assert (run.code, run.error["path"]) == (2, "why.txt")
