"""What every policy language promises: rules with their scope and words, and no pack that does not fit."""

from __future__ import annotations

import pytest

from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.ports.policy_engine import PolicyInvalid, PolicyLanguage

SCHEMA = """
entity House = { open: Bool, kind: String, rooms: Set<String>, closes?: datetime };
entity Guest in [House];
type Visit = { now: datetime, room: String };
action anything;
action visit in [anything];
action stay in [visit, anything];
action enter in [visit] appliesTo { principal: Guest, resource: House, context: Visit };
action sleep, "dine out" in [stay] appliesTo { principal: Guest, resource: House, context: Visit };
action paint appliesTo { principal: Guest, resource: House, context: Visit };
"""


@pytest.fixture(scope="module", params=[CedarLanguage], ids=lambda kind: kind.__name__)
def language(request) -> PolicyLanguage:
    return request.param(SCHEMA)


def rule(language: PolicyLanguage, scope: str = "action", condition: str = "true"):
    (one,) = language.rules(f"forbid (principal, {scope}, resource) when {{ {condition} }};")
    return one


def test_the_actions_are_those_that_can_be_done(language):
    """Groups are none."""
    assert language.actions == {"enter", "sleep", "dine out", "paint"}


def test_an_empty_text_has_no_rule(language):
    assert language.rules("") == ()
    assert language.rules("// nothing yet\n") == ()


def test_rules_come_in_the_order_of_the_text(language):
    """Also where there are more than ten, whose names would sort otherwise."""
    text = "".join(f'@id("r{number}") forbid (principal, action, resource);' for number in range(12))
    assert [one.annotations["id"] for one in language.rules(text)] == [f"r{number}" for number in range(12)]


def test_annotations_are_read_and_one_without_a_value_is_empty(language):
    (one,) = language.rules('@id("a/b") @says("It is.\\nSo.") @bare permit (principal, action, resource);')
    assert one.annotations == {"id": "a/b", "says": "It is.\nSo.", "bare": ""}
    assert one.permits
    assert not rule(language).permits
    assert not rule(language).annotations


@pytest.mark.parametrize(
    ("scope", "actions"),
    [
        ("action", {"enter", "sleep", "dine out", "paint"}),
        ('action == Action::"paint"', {"paint"}),
        ('action in Action::"paint"', {"paint"}),
        ('action in Action::"stay"', {"sleep", "dine out"}),
        ('action in Action::"visit"', {"enter", "sleep", "dine out"}),
        ('action in Action::"anything"', {"enter", "sleep", "dine out"}),
        ('action in [Action::"paint", Action::"stay"]', {"paint", "sleep", "dine out"}),
    ],
)
def test_a_scope_is_every_action_that_the_rule_can_speak_of(language, scope, actions):
    """Groups in groups included."""
    assert rule(language, scope).actions == actions


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("true", set()),
        ("resource.open", set()),
        ('resource.kind == "inn"', {"inn"}),
        ('"inn" != resource.kind || !(context.room == "hall")', {"inn", "hall"}),
        ('["bar", "hall"].contains(context.room)', {"bar", "hall"}),
        ('resource.rooms.containsAll(["bar", "hall"])', {"bar", "hall"}),
        ('if resource.open then context.room == "a" else resource.rooms.contains("b")', {"a", "b"}),
        ('resource.kind like "in*"', {"in*"}),
        ('resource has closes && resource.closes < datetime("2026-01-01")', set()),
        ('context.now.offset(duration("1d")) > datetime("2026-01-01")', set()),
        ('action == Action::"paint" || principal == Guest::"ann"', set()),
        ('{"one": context.room}["one"] == "bar"', {"bar"}),
    ],
)
def test_words_are_the_texts_that_facts_are_compared_with(language, condition, words):
    """Not the way a date is written, nor the names of entities."""
    assert rule(language, condition=condition).words == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("forbid", "cannot be read"),
        ("forbid (principal, action, resource)", "cannot be read"),
        ('@id("a") @id("a") forbid (principal, action, resource);', "duplicate annotation"),
        ("forbid (principal == ?principal, action, resource);", "template"),
        ('@id("a/b") forbid (principal, action, resource) when { resource.shut };', "a/b: .*shut"),
        ("permit (principal, action, resource); forbid (principal, action, resource) when { context.x };",
         "rule 2: .*`x`"),
        ("forbid (principal, action, resource) when { resource.kind == 1 };", "rule 1: "),
        ("forbid (principal, action, resource) when { resource.closes < context.now };", "optional"),
        ("forbid (principal, action, resource) when { resource.kind };", "rule 1"),
        ('forbid (principal, action == Action::"fly", resource);', "fly"),
        ('forbid (principal is Owner, action, resource);', "Owner"),
    ],
)  # fmt: skip
def test_a_pack_that_does_not_fit_is_refused_with_the_rule(language, text, words):
    with pytest.raises(PolicyInvalid, match=words) as caught:
        language.rules(text)
    assert "\n" not in caught.value.cause


def test_the_same_finding_is_said_once(language):
    """Though it holds for every action."""
    with pytest.raises(PolicyInvalid) as caught:
        rule(language, condition="context.x")
    assert caught.value.cause.count("`x`") == 1


@pytest.mark.parametrize("schema", ["entity", "action a in [b];", "entity A = { b: Strong };"])
def test_a_schema_that_cannot_be_read_makes_no_language(language, schema):
    with pytest.raises(PolicyInvalid, match="schema cannot be read"):
        type(language)(schema)
