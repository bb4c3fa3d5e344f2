"""``faceward stand``: what can be refused, in words."""

from __future__ import annotations

from faceward.governance.charters.charter import Stand


def test_before_anything_is_founded_only_the_base_is_active(faceward):
    """And asking leaves no ledger behind."""
    stands = {it["name"]: it for it in faceward("stand", "list", "--json").document["stands"]}
    assert set(stands) == {"base", *Stand}
    assert [name for name, it in stands.items() if it["active"]] == ["base"]
    assert faceward("charter", "show").code == 2


def test_the_default_stand_is_active_once_an_installation_is_founded(faceward):
    assert faceward("charter", "init").code == 0
    shown = faceward("stand", "list", "--json").document["stands"]
    assert [it["name"] for it in shown if it["active"]] == ["base", "microsoft-2020"]


def test_a_stand_is_shown_rule_by_rule(faceward):
    """What it refuses, what would change it, and whose position it is."""
    rules = faceward("stand", "show", "microsoft-2020", "--json").document["rules"]
    assert {it["name"] for it in rules} >= {"microsoft-2020/law-enforcement"}
    assert all(it["says"] and it["change"] and it["source"] for it in rules)
    assert rules[0]["says"] in faceward("stand", "show", "microsoft-2020").stdout


def test_a_stand_that_nobody_takes_is_an_error(faceward):
    assert faceward("stand", "show", "acme-2020", "--json").code == 2
