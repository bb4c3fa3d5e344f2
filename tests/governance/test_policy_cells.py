"""An answer that is kept is the answer that would be given: at every bound, beside it, and far from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from governance.cases import COUNTER, LAW
from hypothesis import given, settings
from hypothesis import strategies as st

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.adapters.policy_engine.cells import comparisons
from faceward.governance.facts import MOMENTARY, question, surroundings
from faceward.governance.policies.packs import active_packs, shipped_schema, shipped_stands
from faceward.ports.policy_engine import Surroundings
from faceward.transparency.words import Action, Function, Purpose, Sector

PACKS = active_packs(CedarLanguage(shipped_schema()), shipped_stands())
ENGINE = CedarEngine(PACKS.schema, PACKS.texts)
POLICE = replace(COUNTER.deployment, instrument=LAW)
AROUND = {"shop": surroundings(COUNTER.deployment), "police": surroundings(POLICE)}
DATES = [
    COUNTER.deployment.opened, COUNTER.deployment.review_until, LAW.effective, LAW.ends, LAW.window_closed,
    LAW.review_until, datetime(2020, 6, 10, tzinfo=UTC), datetime(2021, 6, 10, tzinfo=UTC),
]  # fmt: skip
LIMITS = [
    COUNTER.deployment.max_enrolled, COUNTER.deployment.max_daily, COUNTER.use.tier_enrolled,
    COUNTER.use.tier_daily, 0,
]  # fmt: skip

moments = st.builds(
    lambda date, beside: date + timedelta(microseconds=beside),
    st.sampled_from([it for it in DATES if it is not None]),
    st.sampled_from([-86_400_000_000, -1001, -1000, -999, -1, 0, 1, 999, 1000, 86_400_000_000]),
)
counts = st.builds(lambda limit, beside: max(0, limit + beside), st.sampled_from(LIMITS), st.integers(-2, 2))


def fresh(asked):
    """The same question about things that nobody asked about before."""
    return replace(asked, surroundings=Surroundings(asked.surroundings.entities))


@settings(max_examples=1500)
@given(
    whose=st.sampled_from(sorted(AROUND)),
    action=st.sampled_from([Action.COMPARE, Action.IDENTIFY, Action.ENROL, Action.ERASE, Action.INFER_TRAIT]),
    sector=st.sampled_from([Sector.COMMERCIAL, Sector.LAW_ENFORCEMENT]),
    now=moments,
    counted=st.tuples(counts, counts, counts, counts),
    member=st.booleans(),
)
def test_a_kept_answer_is_the_fresh_one(*, whose, action, sector, now, counted, member):
    """Verdict and rules, to the millisecond and to the last person."""
    people, daily, customer_people, customer_daily = counted
    use = replace(
        COUNTER.use, now=now, sector=sector, function=Function.VERIFY, purpose=Purpose.CRIMINAL_INVESTIGATION,
        enrolled_after=people, daily_after=daily, customer_enrolled_after=customer_people,
        customer_daily_after=customer_daily,
    )  # fmt: skip
    asked = question(action, use, AROUND[whose], member=member)
    first = ENGINE.answer(asked)
    assert first == ENGINE.answer(fresh(asked))
    assert first == ENGINE.answer(asked)


def test_every_use_of_time_and_counts_by_the_shipped_rules_is_a_comparison():
    """So every answer can be kept; a rule that reckons with them would make each question a new one."""
    language = CedarLanguage(shipped_schema())
    for text in PACKS.texts.values():
        found = comparisons([rule["conditions"] for rule in language.policies(text)])
        assert not found.exact & MOMENTARY
        assert not found.whole


def engine(condition: str) -> CedarEngine:
    schema = """
    entity House = { closes?: datetime, size: Long };
    entity Guest = { oldest: Long };
    entity Kind = { most: Long, name: String };
    type Visit = { now: datetime, people: Long, days: Long, kind: Kind };
    action enter appliesTo { principal: Guest, resource: House, context: Visit };
    """
    return CedarEngine(schema, {"x": f"""
    @id("x/yes") permit (principal, action, resource);
    @id("x/no") forbid (principal, action, resource) when {{ {condition} }};
    """})  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "changes"),
    [
        ("context.people * 2 > 6", {"people": (3, 4)}),
        ("context.people > context.days", {"people": (2, 3), "days": (2, 3)}),
        ("[3, 5].contains(context.people)", {"people": (3, 4)}),
        ("if context.people == 3 then context.days < 2 else false", {"people": (3, 4), "days": (1, 2)}),
        ("context.now.toTime() >= duration(\"12h\")", {"hour": (11, 12)}),
        ("context.people > resource.size", {"people": (5, 6)}),
        ("principal.oldest <= context.people", {"people": (6, 7)}),
        ("context.people >= context.kind.most", {"people": (3, 4)}),
        ("resource has closes && context.now >= resource.closes", {"hour": (17, 18)}),
        ("context.now != datetime(\"2026-01-01T12:00:00Z\")", {"hour": (11, 12)}),
        ("context == {now: datetime(\"2026-01-01T12:00:00Z\"), people: 3, days: 1, kind: context.kind}",
         {"people": (3, 4)}),
    ],
)  # fmt: skip
def test_rules_that_do_more_than_compare_are_answered_afresh(condition, changes):
    """Whatever a pack does with a number: never an answer that was given for another."""
    from itertools import product

    from faceward.ports.policy_engine import Entity, EntityName, Question

    it = engine(condition)
    guest, house, kind = EntityName("Guest", "g"), EntityName("House", "h"), EntityName("Kind", "k")
    closes = datetime(2026, 1, 1, 18, tzinfo=UTC)
    around = Surroundings((
        Entity(guest, {"oldest": 7}), Entity(house, {"closes": closes, "size": 5}),
        Entity(kind, {"most": 4, "name": "party"}),
    ))  # fmt: skip
    said = set()
    for values in product(*changes.values()):
        given_ = dict(zip(changes, values, strict=True))
        now = datetime(2026, 1, 1, given_.pop("hour", 12), tzinfo=UTC)
        context = {"now": now, "people": 3, "days": 1, "kind": kind} | given_
        asked = Question(guest, "enter", house, context, around)
        answer = it.answer(asked)
        assert answer == it.answer(fresh(asked)) == it.answer(asked)
        assert not answer.faults
        said.add(answer.allowed)
    assert said == {True, False}


@pytest.mark.parametrize("bad", [2**63, -(2**63) - 1, True, "3", None, 3.0])
def test_what_is_no_number_is_a_fault_even_where_an_answer_is_kept(bad):
    """A kept answer is for numbers that Cedar takes, and for no others."""
    asked = question(Action.COMPARE, COUNTER.use, AROUND["shop"], member=True)
    assert not ENGINE.answer(asked).faults
    wrong = ENGINE.answer(replace(asked, context={**asked.context, "daily_after": bad}))
    assert wrong.faults
    assert not wrong.allowed


def test_a_time_without_a_zone_is_a_fault_even_where_an_answer_is_kept():
    asked = question(Action.COMPARE, COUNTER.use, AROUND["shop"], member=True)
    naive = COUNTER.use.now.replace(tzinfo=None)
    assert ENGINE.answer(replace(asked, context={**asked.context, "now": naive})).faults
