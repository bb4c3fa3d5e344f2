"""What every policy engine promises: the rules that decided, and no whenever it is in doubt."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.ports.policy_engine import (
    Answer,
    Entity,
    EntityName,
    PolicyEngine,
    PolicyInvalid,
    Question,
    Surroundings,
)

SCHEMA = """
entity House = { open: Bool, closes?: datetime, rooms: Set<String>, owner?: Guest };
entity Guest in [House];
type Visit = { now: datetime, people: Long, room: String };
action visit;
action enter, leave in [visit] appliesTo { principal: Guest, resource: House, context: Visit };
action paint appliesTo { principal: Guest, resource: House, context: Visit };
"""
HOUSE = """
@id("house/guest") permit (principal, action in Action::"visit", resource) when { principal in resource };
@id("house/closed") forbid (principal, action == Action::"enter", resource) when { !resource.open };
@id("house/late") forbid (principal, action, resource)
when { resource has closes && context.now >= resource.closes };
@id("house/room") forbid (principal, action, resource) when { !resource.rooms.contains(context.room) };
@id("house/full") forbid (principal, action, resource) when { context.people * 2 > 20 };
"""
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
INN, ANN, BOB = EntityName("House", "inn"), EntityName("Guest", "ann"), EntityName("Guest", "bob")
YES = Answer(True, ("house/guest",))


def around(**changed: object) -> Surroundings:
    attributes = {"open": True, "closes": NOON, "rooms": frozenset({"hall", "bar"})} | changed
    known = {name: value for name, value in attributes.items() if value is not None}
    return Surroundings((Entity(INN, known), Entity(ANN, {}, (INN,)), Entity(BOB, {})))


def question(place: Surroundings | None = None, **changed: object) -> Question:
    context = {"now": NOON - timedelta(hours=1), "people": 3, "room": "hall"} | changed
    return Question(ANN, "enter", INN, context, place or around())


@pytest.fixture(scope="module", params=[CedarEngine], ids=lambda kind: kind.__name__)
def kind(request) -> type:
    return request.param


@pytest.fixture(scope="module")
def engine(kind) -> PolicyEngine:
    return kind(SCHEMA, {"house": HOUSE})


def doubted(answer: Answer) -> bool:
    """No, without a rule, and with something an operator can read."""
    return not answer.allowed and not answer.rules and all(answer.faults) and bool(answer.faults)


def test_what_a_rule_permits_is_allowed_in_its_name(engine):
    assert engine.answer(question()) == YES


@pytest.mark.parametrize(
    ("place", "changed", "rules"),
    [
        ({"open": False}, {}, ("house/closed",)),
        ({}, {"now": NOON}, ("house/late",)),
        ({}, {"room": "cellar", "people": 11}, ("house/full", "house/room")),
        ({"open": False, "rooms": frozenset()}, {"now": NOON}, ("house/closed", "house/late", "house/room")),
    ],
)
def test_every_rule_that_forbids_is_named_in_order(engine, place, changed, rules):
    """Whoever is refused learns all there is to change, not one thing after another."""
    assert engine.answer(question(around(**place), **changed)) == Answer(False, rules)


def test_what_no_rule_permits_is_refused_without_a_name(engine):
    assert engine.answer(replace(question(), principal=BOB)) == Answer(False, ())
    assert engine.answer(replace(question(), action="paint")) == Answer(False, ())


def test_a_forbidding_rule_is_named_where_none_permits(engine):
    assert engine.answer(replace(question(people=11), principal=BOB)) == Answer(False, ("house/full",))


def test_an_optional_attribute_may_be_left_out(engine):
    assert engine.answer(question(around(closes=None), now=NOON + timedelta(days=9))) == YES
    assert engine.answer(question(around(owner=BOB))) == YES


def test_times_of_every_zone_are_the_same_moment(engine):
    """And a bound counts from its very millisecond."""
    east = timezone(timedelta(hours=5, minutes=30))
    assert engine.answer(question(now=NOON.astimezone(east))).rules == ("house/late",)
    assert engine.answer(question(now=(NOON - timedelta(milliseconds=1)).astimezone(east))) == YES


@pytest.mark.parametrize(
    "changed",
    [
        {"mood": "fine"},
        {"people": "3"},
        {"people": True},
        {"people": 3.0},
        {"people": 2**70},
        {"people": 2**63 - 1},  # a valid number, whose double is none: the rule itself fails
        {"room": 7},
        {"room": NOON},
        {"room": None},
        {"room": ["hall"]},
        {"room": frozenset({"hall"})},
        {"room": INN},
        {"now": "noon"},
        {"now": 1},
        {"now": NOON.replace(tzinfo=None)},
        pytest.param({"now": object()}, id="now: an object"),
    ],
    ids=str,
)
def test_a_question_that_does_not_fit_is_a_fault(engine, changed):
    """An attribute nobody knows, or of the wrong kind."""
    assert doubted(engine.answer(question(**changed)))


@pytest.mark.parametrize("missing", ["now", "people", "room"])
def test_a_question_that_lacks_something_is_a_fault(engine, missing):
    asked = question()
    context = {name: value for name, value in asked.context.items() if name != missing}
    assert doubted(engine.answer(replace(asked, context=context)))


@pytest.mark.parametrize(
    "changed",
    [{"open": "yes"}, {"open": None}, {"rooms": frozenset({1})}, {"rooms": "hall"}, {"colour": "red"},
     {"closes": 3}, {"owner": INN}],
    ids=str,
)  # fmt: skip
def test_surroundings_that_do_not_fit_are_a_fault_each_time(engine, changed):
    place = around(**changed)
    assert doubted(engine.answer(question(place)))
    assert doubted(engine.answer(question(place)))


def test_entities_that_occur_twice_are_a_fault(engine):
    """Which of them would be meant?"""
    twice = Surroundings((*around().entities, Entity(INN, {"open": False, "rooms": frozenset()})))
    assert doubted(engine.answer(question(twice)))


@pytest.mark.parametrize("action", ["dance", "visit", "", 'enter"', "Enter"])
def test_an_action_the_schema_does_not_know_is_a_fault(engine, action):
    """A group of actions is none that anyone can do."""
    assert doubted(engine.answer(replace(question(), action=action)))


@pytest.mark.parametrize(
    "changed",
    [
        {"principal": EntityName("Guest", "eve")},
        {"principal": EntityName("Owner", "ann")},
        {"principal": INN},
        {"resource": EntityName("House", "other")},
        {"resource": ANN},
        {"surroundings": Surroundings(())},
    ],
    ids=str,
)
def test_an_entity_nobody_described_is_a_fault(engine, changed):
    """Nor may one stand where another kind belongs."""
    assert doubted(engine.answer(replace(question(), **changed)))


@pytest.mark.parametrize("broken", ["surroundings", "context", "principal"])
def test_nothing_is_ever_raised(engine, broken):
    assert doubted(engine.answer(replace(question(), **{broken: None})))


def test_the_actions_are_those_that_can_be_done(engine):
    assert engine.actions == {"enter", "leave", "paint"}


def test_the_digest_is_of_packs_and_schema(kind, engine):
    """So that a stranger can compute it with any library of RFC 8785, and any change shows."""
    import hashlib

    canonical = rfc8785.dumps({"packs": {"house": HOUSE}, "schema": SCHEMA})
    assert engine.digest == hashlib.sha256(canonical).hexdigest()
    changed = [(SCHEMA + " ", "house", HOUSE), (SCHEMA, "hut", HOUSE), (SCHEMA, "house", HOUSE + "\n")]
    others = [kind(schema, {name: text}) for schema, name, text in changed]
    assert len({engine.digest, kind(SCHEMA, {}).digest, *(other.digest for other in others)}) == 5


def test_the_order_of_packs_changes_nothing(kind):
    parts = HOUSE.strip().split(";\n")
    packs = {f"p{number}": f"{part.rstrip(';')};" for number, part in enumerate(parts)}
    one, other = kind(SCHEMA, packs), kind(SCHEMA, dict(reversed(packs.items())))
    assert one.digest == other.digest
    assert one.answer(question(people=11)) == other.answer(question(people=11))


@pytest.mark.parametrize(
    ("schema", "packs", "words"),
    [
        ("entity;", {}, "schema cannot be read"),
        ("", {"house": HOUSE}, "does not fit the schema"),
        (SCHEMA, {"house": HOUSE.replace("resource.open", "resource.opened")}, "house/closed"),
        (SCHEMA, {"house": HOUSE.replace("resource has closes &&", "")}, "house/late"),
        (SCHEMA, {"house": "forbid"}, "cannot be read"),
        (SCHEMA, {"house": "permit (principal, action, resource);"}, "no name"),
        (SCHEMA, {"house": "@id permit (principal, action, resource);"}, "no name"),
        (SCHEMA, {"house": HOUSE, "hut": HOUSE}, "two rules are called house/guest"),
        (SCHEMA, {"house": '@id("a") permit (principal == ?principal, action, resource);'}, "template"),
    ],
)
def test_what_does_not_fit_never_judges(kind, schema, packs, words):
    """A rule that is not understood might be the one that refuses."""
    with pytest.raises(PolicyInvalid, match=f"(?i){words}"):
        kind(schema, packs)


def test_many_threads_get_the_answers_of_one(engine):
    """Among them, surroundings that all of them see for the first time."""
    kinds = [(number % 2 == 0, 10 + number % 3) for number in range(400)]
    alone = [engine.answer(question(around(open=is_open), people=people)) for is_open, people in kinds]
    places = {is_open: around(open=is_open) for is_open in (True, False)}
    asked = [question(places[is_open], people=people) for is_open, people in kinds]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(engine.answer, asked * 5)) == alone * 5


def test_surroundings_are_let_go_with_their_owner(engine):
    """What an engine makes of them lives as long as they do."""
    place = around()
    engine.answer(question(place))
    watched = weakref.ref(place)
    del place
    gc.collect()
    assert watched() is None


class TestCedar:
    """What only this engine could do wrong."""

    def test_a_breakdown_of_the_engine_is_a_fault(self):
        """Its panic is no ordinary exception; an interrupt goes through."""
        panic = type("PanicException", (BaseException,), {})
        for error, caught in ((panic("broken"), True), (KeyboardInterrupt(), False), (MemoryError(), True)):
            engine = CedarEngine(SCHEMA, {"house": HOUSE})

            def breaking(*args: object, error: BaseException = error) -> None:
                raise error

            engine._is_authorized = breaking
            if caught:
                assert doubted(engine.answer(question()))
            else:
                with pytest.raises(KeyboardInterrupt):
                    engine.answer(question())

    def test_an_answer_that_is_neither_yes_nor_no_is_a_fault(self):
        import cedarpy

        engine = CedarEngine(SCHEMA, {"house": HOUSE})
        for said in (
            {"decision": "NoDecision", "diagnostics": {}},
            {"decision": "Allow", "diagnostics": {"errors": ["it failed"], "reason": ["house/guest"]}},
            {"decision": "Maybe"},
            {},
        ):
            engine._is_authorized = lambda *args, said=said: cedarpy.AuthzResult(said)
            assert doubted(engine.answer(question()))
