"""``faceward verify``: the same comparison as ``compare``, through the gate."""

from __future__ import annotations

import pytest


@pytest.fixture
def trial(faceward):
    """An installation with a trial, opened in two commands."""
    assert faceward("charter", "init").code == 0
    opened = faceward(
        "deployment", "trial", "drivers", "--purpose", "verify_worker", "--organisation", "Rides Ltd",
        "--body", "company", "--country", "IE", "--place", "private", "--capture", "supervised",
    )  # fmt: skip
    assert opened.code == 0, opened.stderr


ASK = ("--deployment", "drivers", "--purpose", "verify_worker", "--capture", "supervised")


def test_a_trial_may_check_its_driver(faceward, trial, portrait, changed):
    """Code 0, with the decision; the ledger holds what was judged and what came of it, and verifies."""
    run = faceward("verify", portrait, changed, *ASK, "--json")
    assert run.code == 0, run.stderr
    assert run.document["decision"] == "match"
    assert (run.document["deployment"], run.document["purpose"]) == ("drivers", "verify_worker")
    shown = faceward("ledger", "show", "--json").document["entries"]
    decision, outcome = shown[-2:]
    assert (decision["type"], decision["body"]["verdict"]) == ("policy.decision", "allow")
    assert (outcome["type"], outcome["body"]["decision"]) == ("verify", decision["seq"])
    assert faceward("ledger", "verify", "--live").code == 0


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        (("--purpose", "verify_account"), "base/purpose"),
        (("--capture", "body"), "base/capture"),
        (("--on-behalf-of", "somebody"), "microsoft-2020/law-enforcement"),
        (("--deployment", "elsewhere"), "gate/unknown-deployment"),
    ],
)
def test_what_was_not_reviewed_is_refused_with_its_rule(faceward, trial, portrait, changes, rule):
    """Code 3; a purpose typed in opens nothing, and an organisation nobody knows counts as the police."""
    run = faceward("verify", portrait, portrait, *ASK, *changes, "--json")
    assert run.code == 3
    assert any(reason.startswith(f"{rule}: ") for reason in run.error["reasons"])
    assert faceward("ledger", "show", "--json").document["entries"][-1]["body"]["verdict"] == "deny"


def test_a_photo_of_nobody_is_an_error_on_record(faceward, trial, portrait, nobody):
    """The work failed; its record says how, and nothing of the photo."""
    run = faceward("verify", nobody, portrait, *ASK, "--json")
    assert (run.code, run.error["code"]) == (2, "no_face")
    body = faceward("ledger", "show", "--json").document["entries"][-1]["body"]
    assert (body["ending"], body["error"]) == ("failed", "no_face")


def test_without_a_charter_nothing_is_allowed(faceward, portrait, tmp_path):
    """And the remedy says how to found an installation."""
    assert faceward("charter", "key", "new", tmp_path / "me").code == 0
    run = faceward("verify", portrait, portrait, *ASK, "--key-file", tmp_path / "me.key", "--json")
    assert (run.code, run.error["code"]) == (2, "charter_missing")


def test_a_key_that_the_charter_does_not_list_asks_for_nothing(faceward, trial, portrait, tmp_path):
    """Whoever holds a key acts as its account; this one has none."""
    assert faceward("charter", "key", "new", tmp_path / "me").code == 0
    run = faceward("verify", portrait, portrait, *ASK, "--key-file", tmp_path / "me.key", "--json")
    assert run.code == 3
