"""The packs and the prose agree about every use, in the verdict and in the rules that decide it."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from governance.cases import ALLOWED, COMBINATIONS, STANDS, Tried, all_cases
from governance.oracle import REFUSALS, verdict

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.facts import question, surroundings
from faceward.governance.policies.packs import active_packs, shipped_schema, shipped_stands


@cache
def engine(stands: tuple[str, ...]) -> CedarEngine:
    packs = active_packs(CedarLanguage(shipped_schema()), stands)
    return CedarEngine(packs.schema, packs.texts)


def test_there_are_enough_uses_and_enough_of_them_are_allowed():
    """Agreement about refusals alone would prove little."""
    verdicts = [verdict(one.case, one.stands) for one in all_cases()]
    assert len(verdicts) >= 20_000
    assert sum(allowed for allowed, _ in verdicts) >= 2_000


def test_every_rule_is_the_only_reason_in_twenty_uses():
    """A rule that never decides alone could be deleted unseen."""
    alone = Counter(
        rule
        for allowed, rules in (verdict(one.case, one.stands) for one in all_cases())
        if not allowed and len(rules) == 1
        for rule in rules
    )
    names = {f"{pack}/{name}" for pack, rules in REFUSALS.items() for name in rules}
    assert set(alone) == names
    assert min(alone.values()) >= 20, alone.most_common()[-5:]


@pytest.mark.parametrize("stands", COMBINATIONS, ids=lambda stands: "+".join(stands) or "no stand")
def test_packs_and_prose_agree(stands: tuple[str, ...]):
    """Not once do they differ."""
    judge = engine(stands)
    known = {}
    differing = []
    for one in all_cases():
        if one.stands != stands:
            continue
        around = known.setdefault(one.case.deployment, None) or surroundings(one.case.deployment)
        known[one.case.deployment] = around
        answer = judge.answer(question(one.case.action, one.case.use, around, member=one.case.member))
        assert not answer.faults, (answer.faults, one.changed)
        if (answer.allowed, frozenset(answer.rules)) != verdict(one.case, stands):
            differing.append((one.changed, answer, verdict(one.case, stands)))
    assert not differing, (len(differing), differing[:5])


def test_the_oracle_knows_every_rule():
    """And no other."""
    packs = active_packs(CedarLanguage(shipped_schema()), STANDS)
    names = {f"{pack}/{name}" for pack, rules in REFUSALS.items() for name in rules}
    assert set(packs.rules) == names | {"base/permit-member"}
    assert set(STANDS) == set(shipped_stands())


@pytest.mark.parametrize("name", ALLOWED)
def test_what_the_cases_begin_with_is_allowed(name: str):
    """By the base alone: the oracle's word."""
    assert verdict(ALLOWED[name], ()) == (True, {"base/permit-member"})


def test_cases_differ():
    """None is counted twice."""
    cases = all_cases()
    assert len({(one.stands, one.case) for one in cases}) == len(cases)
    assert isinstance(cases[0], Tried)
