"""The facts in Python and the schema that rules are read against name the same things, of the same types."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

import pytest
from governance.cases import COUNTER, LAW
from governance.schema_types import attribute_types

from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.facts import (
    MOMENTARY,
    DeploymentFacts,
    InstrumentFacts,
    UseFacts,
    question,
    surroundings,
)
from faceward.governance.policies.packs import shipped_schema
from faceward.ports.policy_engine import EntityName
from faceward.transparency.words import Action

PLAIN = {str: "String", int: "Long", bool: "Bool", datetime: "datetime", InstrumentFacts: "Instrument"}
RECORDS = {"Instrument": InstrumentFacts, "Deployment": DeploymentFacts, "Use": UseFacts}


@pytest.fixture(scope="module")
def language() -> CedarLanguage:
    return CedarLanguage(shipped_schema())


def in_cedar(hint: object) -> str:
    """How a Python type is written in a schema."""
    if isinstance(hint, UnionType):
        (inner,) = set(get_args(hint)) - {NoneType}
        return f"{in_cedar(inner)}?"
    if get_origin(hint) is frozenset:
        return f"Set<{in_cedar(get_args(hint)[0])}>"
    assert isinstance(hint, type)
    return "String" if issubclass(hint, StrEnum) else PLAIN[hint]


@pytest.mark.parametrize("record", RECORDS)
def test_facts_and_schema_agree_name_for_name_and_type_for_type(language, record):
    hints = get_type_hints(RECORDS[record])
    ours = {field.name: in_cedar(hints[field.name]) for field in fields(RECORDS[record])}
    types = attribute_types(str(language.schema))
    theirs = dict(types[record])
    if record == "Use":  # what differs from request to request stands apart, beside the entity itself
        assert set(types["Moment"]) == {*MOMENTARY, "use"}
        theirs |= {name: kind for name, kind in types["Moment"].items() if name != "use"}
        assert not MOMENTARY & set(types["Use"])
    assert theirs == ours


def test_the_schema_has_no_other_record(language):
    """What nobody computes, no rule may speak of."""
    assert set(attribute_types(str(language.schema))) == {*RECORDS, "Moment"}


def test_requests_of_which_the_same_is_known_share_their_entities():
    """Whatever the time and the counts; engines read an entity once."""
    around = surroundings(COUNTER.deployment)

    def asked(**changes):
        return question(Action.VERIFY, replace(COUNTER.use, **changes), around, member=True)

    later = COUNTER.use.now + timedelta(seconds=1)
    assert asked().surroundings is asked(now=later, daily_after=7).surroundings
    assert asked().surroundings is not asked(live=True).surroundings
    assert asked(now=later).context["now"] == later


def test_the_schema_knows_every_action_and_no_other(language):
    assert language.actions == set(Action)


@pytest.mark.parametrize("law", [None, LAW, replace(LAW, ends=None)])
def test_what_is_not_known_is_left_out(law):
    """Rules ask whether it is there."""
    around = surroundings(replace(COUNTER.deployment, instrument=law))
    known = {entity.name: entity.attributes for entity in around.entities}
    assert ("instrument" in known[EntityName("Deployment", "this")]) == (law is not None)
    if law is not None:
        assert ("ends" in known[EntityName("Instrument", "this")]) == (law.ends is not None)


def test_only_members_belong_to_the_deployment():
    around = surroundings(COUNTER.deployment)
    parents = {entity.name: entity.parents for entity in around.entities}
    for member in (True, False):
        asked = question(Action.VERIFY, COUNTER.use, around, member=member)
        assert (asked.resource in parents[asked.principal]) == member
