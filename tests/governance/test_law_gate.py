"""Only a perfect law, within its dates, opens the gate; whatever is missing or unknown keeps it shut."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from data import laws
from hypothesis import find, given, settings
from hypothesis import strategies as st

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.governance.facts import DeploymentFacts, InstrumentFacts, UseFacts, question, surroundings
from faceward.governance.laws import instruments, law_gate
from faceward.governance.laws.challenges import Outcome
from faceward.governance.laws.criteria import CORE, Answer, CriterionName
from faceward.governance.laws.instrument_reviews import Conflict, InstrumentReview, Opinion, ReviewerKind
from faceward.governance.laws.law_gate import Operator
from faceward.governance.laws.moments import LONG_AGO, NEVER, Undated
from faceward.governance.policies.packs import shipped_schema, shipped_stands
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Body,
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Safeguard,
    Sector,
    Source,
    Status,
)


def judged(law: instruments.Instrument, at: datetime = laws.MIDST) -> law_gate.Findings:
    return law_gate.satisfied(law, laws.POLICE, at, *laws.WHAT, signed=laws.holds)


@pytest.mark.parametrize(
    "at", [laws.BEGINS, laws.MIDST, laws.REVIEW_UNTIL - laws.SECOND], ids=lambda at: f"{at:%Y-%m-%d}"
)
def test_the_perfect_law_within_its_dates_is_satisfied(at: datetime):
    """From its first second to the last before its reviews are due."""
    found = judged(laws.perfect(), at)
    assert found.satisfied
    assert not found.missing


@pytest.mark.parametrize("why", laws.DENIED)
def test_a_law_with_one_fault_is_not_satisfied(why: str):
    """Each of them is perfect but for that."""
    law, at = laws.DENIED[why]
    found = judged(law, at)
    assert not found.satisfied
    assert all(it.remedy and it.record for it in found.missing)


def test_without_a_check_of_signatures_no_review_counts():
    """Who forgets to ask for signatures gets the safe answer."""
    found = law_gate.satisfied(laws.perfect(), laws.POLICE, laws.MIDST, *laws.WHAT)
    assert {it.name for it in found.missing} == {"reviewers", "public_interest", "window", "review_until"}


@pytest.mark.parametrize("name", CORE)
def test_each_core_criterion_is_needed(name: CriterionName):
    """The one that is not met is the one that is named, with what would change it."""
    found = judged(laws.answering(name, Answer.PARTLY))
    assert [it.name for it in found.missing] == [name.value]
    assert found.missing[0].record.startswith("The answer is partly")


@pytest.mark.parametrize("name", [name for name in CriterionName if not name.core])
def test_supporting_criteria_are_told_and_block_nothing(name: CriterionName):
    """They are in the findings all the same."""
    found = judged(laws.answering(name, Answer.NOT_MET))
    assert found.satisfied
    told = next(it for it in found.conditions if it.name == name.value)
    assert not told.holds
    assert not told.blocks


@pytest.mark.parametrize(
    ("who", "function", "purpose"),
    [
        (Operator("XB", Body.POLICE, frozenset()), *laws.WHAT),
        (Operator("", Body.POLICE, frozenset()), *laws.WHAT),
        (Operator("XA", Body.UNKNOWN, frozenset()), *laws.WHAT),
        (Operator("XA", Body.BORDER, frozenset()), *laws.WHAT),
        (laws.POLICE, Function.LIVE, Purpose.MISSING_PERSON),
        (laws.POLICE, Function.IDENTIFY, Purpose.CRIMINAL_INVESTIGATION),
        (laws.POLICE, Function.IDENTIFY, Purpose.UNKNOWN),
        (replace(laws.POLICE, functions=frozenset({Function.LIVE})), Function.UPKEEP, Purpose.MISSING_PERSON),
    ],
)
def test_what_a_law_does_not_name_it_does_not_allow(who: Operator, function: Function, purpose: Purpose):
    """Another country, body, function or purpose, or one that is not known."""
    assert not law_gate.satisfied(
        laws.perfect(), who, laws.MIDST, function, purpose, signed=laws.holds
    ).satisfied


def test_upkeep_is_allowed_where_all_that_it_serves_is():
    """To enrol people for a search is part of the search."""
    found = law_gate.satisfied(
        laws.perfect(), laws.POLICE, laws.MIDST, Function.UPKEEP, Purpose.MISSING_PERSON, signed=laws.holds
    )
    assert found.satisfied


@pytest.mark.parametrize("law", instruments.shipped().values(), ids=lambda law: law.identifier)
def test_no_shipped_law_is_satisfied(law: instruments.Instrument):
    """For nobody, nothing and no time, even for who believes every signature."""
    moments = [datetime(year, month, 15, tzinfo=UTC) for year in range(2000, 2040) for month in (1, 7)]
    who = [Operator(law.country, body, frozenset(Function)) for body in Body]
    for at in moments:
        facts = instruments.facts_of(law, at, signed=lambda _: True)
        assert not set(CORE) <= {CriterionName(name) for name in facts.met}
        assert facts.approvals == 0
        for operator, function, purpose in product(who, instruments.FUNCTIONS, Purpose):
            assert not all(law_gate.holding(facts, operator, at, function, purpose).values())


# What the Cedar rule microsoft-2020/law-enforcement lets pass, written down a second time.
def oracle(it: InstrumentFacts, who: Operator, at: datetime, function: Function, purpose: Purpose) -> bool:
    if it.level != "national" or it.country != who.country or it.status != "in_force":
        return False
    if at < it.effective or (it.ends is not None and it.ends <= at):
        return False
    functions = who.functions if function is Function.UPKEEP else {function}
    if who.agency not in it.agencies or purpose not in it.purposes or not functions <= it.functions:
        return False
    if any(f"HR-{number:02}" not in it.met for number in range(1, 15)):
        return False
    if it.approvals < 2 or it.public_interest < 1 or it.upheld_challenge:
        return False
    return it.window_closed <= at < it.review_until


AT = laws.MIDST
PERFECT = instruments.facts_of(laws.perfect(), AT, signed=laws.holds)
CHOICES: dict[str, list[object]] = {
    "level": ["national", "supranational", "subnational"],
    "country": ["XA", "XB"],
    "status": ["in_force", "bill", "enacted", "suspended", "repealed"],
    "effective": [AT, AT + laws.SECOND, NEVER],
    "ends": [None, AT + laws.SECOND, AT, LONG_AGO],
    "agencies": [frozenset({"police"}), frozenset({"border"}), frozenset()],
    "functions": [frozenset({"identify"}), frozenset({"verify", "live"}), frozenset()],
    "purposes": [frozenset({"missing_person"}), frozenset({"access_optin"}), frozenset()],
    "met": [PERFECT.met, *(PERFECT.met - {name} for name in sorted(PERFECT.met)), frozenset()],
    "approvals": [2, 1, 0],
    "public_interest": [1, 0],
    "window_closed": [AT, AT + laws.SECOND, NEVER],
    "upheld_challenge": [False, True],
    "review_until": [AT + laws.SECOND, AT, LONG_AGO],
}


DEPLOYED = DeploymentFacts(
    country="XA", agency=Body.POLICE, place=Place.SEMI_PUBLIC, tier=3, status=Status.APPROVED,
    opened=laws.SIGNED, review_until=laws.ENDS, purposes=frozenset(Purpose), functions=frozenset(),
    captures=frozenset(Capture), approvers=2, enhanced=True, factors=True, voluntary=True, human=True,
    safeguards=frozenset(Safeguard), max_enrolled=9, max_daily=9, instrument=None,
)  # fmt: skip
USED = UseFacts(
    now=AT, purpose=Purpose.MISSING_PERSON, function=Function.IDENTIFY, sector=Sector.LAW_ENFORCEMENT,
    capture=Capture.UPLOAD, live=False, targeted=True, own_gallery=True, source=Source.AUTHORITY,
    ground=Ground.OTHER, minors=Minors.NONE, authority=True, audit=AuditVerdict.PASS, banned=False,
    enrolled_after=1, daily_after=1, customer_enrolled_after=1, customer_daily_after=1, tier_enrolled=9,
    tier_daily=9, customer_tier=0,
)  # fmt: skip


def space() -> list[tuple[InstrumentFacts, Operator, Function, Purpose]]:
    """Every pair of choices away from what is satisfied, for some bodies, functions and purposes."""
    near = []
    names = list(CHOICES)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            near += [
                replace(PERFECT, **{first: one, second: other})  # type: ignore[arg-type]
                for one, other in product(CHOICES[first], CHOICES[second])
            ]
    asks = [
        (laws.POLICE, *laws.WHAT),
        (laws.POLICE, Function.UPKEEP, Purpose.MISSING_PERSON),
        (laws.POLICE, Function.LIVE, Purpose.MISSING_PERSON),
        (Operator("XA", Body.BORDER, frozenset({Function.IDENTIFY})), *laws.WHAT),
        (Operator("XB", Body.POLICE, frozenset({Function.IDENTIFY})), *laws.WHAT),
        (laws.POLICE, Function.IDENTIFY, Purpose.ACCESS_OPTIN),
    ]
    return [(facts, *ask) for facts, ask in product(dict.fromkeys(near), asks)]


def test_the_gate_and_its_oracle_agree_over_the_whole_space():
    """Both ways, and both answers occur."""
    said = [
        (all(law_gate.holding(facts, who, AT, function, purpose).values()),
         oracle(facts, who, AT, function, purpose))
        for facts, who, function, purpose in space()
    ]  # fmt: skip
    assert all(one == other for one, other in said)
    assert {one for one, _ in said} == {True, False}


def test_the_gate_and_the_cedar_rule_agree_over_the_whole_space():
    """What the engine refuses is what `holding` calls not satisfied, and nothing else."""
    schema, stand = shipped_schema(), shipped_stands()["microsoft-2020"]
    everything = '@id("test/everything") permit (principal, action, resource);'
    engine = CedarEngine(schema, {"microsoft-2020": stand, "test": everything})
    for facts, who, function, purpose in space():
        around = surroundings(replace(DEPLOYED, country=who.country, agency=who.agency,
                                      functions=who.functions, instrument=facts))  # fmt: skip
        asked = question(
            Action.IDENTIFY, replace(USED, function=function, purpose=purpose), around, member=True
        )
        answer = engine.answer(asked)
        assert not answer.faults
        refused = "microsoft-2020/law-enforcement" in answer.rules
        assert refused is not all(law_gate.holding(facts, who, AT, function, purpose).values()), (facts, who)


NAMES = st.sampled_from(["A", "B", "C", "D"])
REVIEWS = st.builds(
    InstrumentReview,
    reviewer=NAMES,
    organisation=NAMES,
    kind=st.sampled_from(ReviewerKind),
    conflict=st.sampled_from(Conflict),
    outcome=st.sampled_from(Opinion),
    reviewed_sha256=st.sampled_from([instruments.digest(laws.perfect()), "0" * 64]),
    signed_at=st.integers(-500, 500).map(lambda days: laws.MIDST + timedelta(days=days)),
    signature=st.sampled_from(["good", "good", "bad"]),
)
GOOD_REVIEWS = st.builds(
    laws.review,
    NAMES,
    kind=st.sampled_from([ReviewerKind.ACADEMIC, ReviewerKind.LEGAL]),
    reviewed_sha256=st.just(instruments.digest(laws.perfect())),
    signed_at=st.integers(-500, 500).map(lambda days: laws.MIDST + timedelta(days=days)),
)
MOMENTS = st.integers(-90, 90).map(lambda days: laws.MIDST + timedelta(days=days))


def test_the_properties_below_meet_laws_that_are_satisfied():
    """Or they would say nothing."""
    found = find(
        st.tuples(st.lists(st.one_of(GOOD_REVIEWS, REVIEWS), max_size=6), MOMENTS),
        lambda drawn: judged(replace(laws.perfect(), reviews=tuple(drawn[0])), drawn[1]).satisfied,
        settings=settings(max_examples=2000, derandomize=True, database=None, deadline=None),
    )
    assert len(found[0]) == 2


def disqualified(it: InstrumentReview) -> bool:
    return (
        it.signature != "good"
        or it.kind not in (ReviewerKind.ACADEMIC, ReviewerKind.CIVIL_SOCIETY, ReviewerKind.LEGAL)
        or it.conflict is not Conflict.NONE
        or it.outcome is not Opinion.APPROVE
        or it.reviewed_sha256 != instruments.digest(laws.perfect())
    )


@given(st.lists(st.one_of(GOOD_REVIEWS, REVIEWS), max_size=6), REVIEWS.filter(disqualified), MOMENTS)
def test_adding_a_disqualified_review_never_helps(reviews, extra, at):
    """Whatever else there is."""
    before = replace(laws.perfect(ends=Undated.NONE), reviews=tuple(reviews))
    after = replace(before, reviews=(*reviews, extra))
    if judged(after, at).satisfied:
        assert judged(before, at).satisfied


@given(st.lists(st.one_of(GOOD_REVIEWS, REVIEWS), max_size=6), MOMENTS, MOMENTS)
def test_facts_kept_for_later_allow_no_more_than_fresh_ones(reviews, early, late):
    """A rule that compares dates with a later now may use facts of an earlier moment."""
    law = replace(laws.perfect(), reviews=tuple(reviews))
    early, late = min(early, late), max(early, late)
    kept, fresh = (instruments.facts_of(law, at, signed=laws.holds) for at in (early, late))
    if all(law_gate.holding(kept, laws.POLICE, late, *laws.WHAT).values()):
        assert all(law_gate.holding(fresh, laws.POLICE, late, *laws.WHAT).values())


@given(st.lists(GOOD_REVIEWS, max_size=5))
def test_satisfied_is_one_stretch_of_time(reviews):
    """Nothing flickers: with reviews signed before, once it ends it stays ended."""
    signed_before = [replace(it, signed_at=laws.SIGNED - timedelta(days=n)) for n, it in enumerate(reviews)]
    law = replace(laws.perfect(), reviews=tuple(signed_before))
    days = [judged(law, laws.SIGNED + timedelta(days=day)).satisfied for day in range(0, 800, 5)]
    changes = sum(one != other for one, other in pairwise(days))
    assert changes in (0, 2)


UNKNOWNS = {
    "effective": Undated.UNKNOWN,
    "ends": Undated.UNKNOWN,
    "text_sha256": instruments.UNKNOWN,
    "window_closed_at": Undated.UNKNOWN,
    "review_until": Undated.UNKNOWN,
    "reviews": tuple(replace(it, kind=ReviewerKind.UNKNOWN) for it in laws.perfect().reviews),
    "challenges": (laws.challenge(Outcome.UNDECIDED),),
    **{
        name.value: tuple(
            replace(it, answer=Answer.UNKNOWN) if it.name is name else it for it in laws.perfect().criteria
        )
        for name in CORE
    },
}


@given(st.sets(st.sampled_from(sorted(UNKNOWNS)), min_size=1), st.booleans(), MOMENTS)
def test_nothing_unknown_is_ever_counted_for(names, signed_anew, at):
    """Whatever is set to unknown, in any number of places, whether or not reviewers signed that."""
    changes = {("criteria" if name in set(CORE) else name): UNKNOWNS[name] for name in names}
    law = replace(laws.perfect(), **changes)  # type: ignore[arg-type]
    assert not judged(laws.signed_anew(law) if signed_anew else law, at).satisfied
