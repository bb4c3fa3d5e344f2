"""What would be allowed on another day, under other policies, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.policies.archetypes import (
    FUNCTIONS,
    NEVER,
    PURPOSES,
    Archetype,
    archetypal,
    archetypes,
)
from faceward.governance.policies.matrix import ROWS, Column, Mark, matrix
from faceward.governance.policies.packs import active_packs, shipped_schema
from faceward.governance.policies.simulation import as_if_reviewed, diff, would_be_allowed
from faceward.ports.policy_engine import Answer, PolicyInvalid, Question
from faceward.transparency.words import Function, Purpose, Sector

ON = datetime(2026, 12, 1, tzinfo=UTC)
COMPANY = Archetype(Sector.COMMERCIAL, Function.VERIFY, Purpose.VERIFY_ACCOUNT)
POLICE = Archetype(Sector.LAW_ENFORCEMENT, Function.IDENTIFY, Purpose.MISSING_PERSON)


def engine(*stands: str) -> CedarEngine:
    packs = active_packs(CedarLanguage(shipped_schema()), stands)
    return CedarEngine(packs.schema, packs.texts)


class Broken:
    """An engine that judges nothing."""

    digest = ""
    actions: frozenset[str] = frozenset()

    def answer(self, question: Question) -> Answer:
        return Answer(False, (), ("It broke.",))


class TestArchetypes:
    def test_there_is_one_for_each_sector_function_and_purpose(self):
        assert len(archetypes(ON)) == len(Sector) * len(FUNCTIONS) * len(PURPOSES)
        assert set(PURPOSES) | NEVER == set(Purpose)

    def test_the_base_alone_allows_all_of_them(self):
        judge = engine()
        for kind, case in archetypes(ON).items():
            assert would_be_allowed(judge, case, on=ON).allowed, kind

    @pytest.mark.parametrize("purpose", sorted(NEVER))
    def test_the_base_alone_refuses_what_nothing_opens(self, purpose):
        for sector in Sector:
            case = archetypal(Archetype(sector, Function.IDENTIFY, purpose), ON)
            assert not would_be_allowed(engine(), case, on=ON).allowed


class TestOtherDays:
    def test_a_use_is_allowed_only_while_its_review_holds(self):
        case, judge = archetypal(COMPANY, ON), engine("microsoft-2020")
        for on, rules in (
            (case.deployment.opened - timedelta(seconds=1), ("base/not-yet",)),
            (case.deployment.opened, ("base/permit-member",)),
            (case.deployment.review_until, ("base/expired",)),
        ):
            assert would_be_allowed(judge, case, on=on).rules == rules

    def test_a_stranger_is_no_member_on_any_day(self):
        stranger = replace(archetypal(COMPANY, ON), member=False)
        assert would_be_allowed(engine(), stranger, on=ON) == Answer(False, ())

    @pytest.mark.parametrize("year", [1999, 2021, 2099])
    def test_a_review_can_be_moved_and_nothing_else_of_a_use(self, year):
        case, on = archetypal(COMPANY, ON), datetime(year, 6, 11, tzinfo=UTC)
        moved = as_if_reviewed(case, on)
        assert not would_be_allowed(engine(), case, on=on).allowed
        assert would_be_allowed(engine(), moved, on=on).allowed
        term = {"opened": case.deployment.opened, "review_until": case.deployment.review_until}
        assert replace(moved, deployment=replace(moved.deployment, **term)) == case

    def test_the_use_itself_is_left_as_it_is(self):
        case = archetypal(COMPANY, ON)
        would_be_allowed(engine(), case, on=ON + timedelta(days=1))
        assert case == archetypal(COMPANY, ON)

    def test_the_year_without_police_use_begins_and_ends(self):
        judge = engine("amazon-2020")
        kind = replace(POLICE, purpose=Purpose.CRIMINAL_INVESTIGATION)
        for on, allowed in (
            (datetime(2020, 6, 9, 23, 59, 59, tzinfo=UTC), True),
            (datetime(2020, 6, 10, tzinfo=UTC), False),
            (datetime(2021, 6, 9, 23, 59, 59, tzinfo=UTC), False),
            (datetime(2021, 6, 10, tzinfo=UTC), True),
        ):
            assert would_be_allowed(judge, archetypal(kind, on), on=on).allowed == allowed
            assert would_be_allowed(judge, archetypal(POLICE, on), on=on).allowed

    def test_an_engine_that_cannot_judge_is_an_error(self):
        """In the gate that means no; here it would look like a policy."""
        with pytest.raises(PolicyInvalid, match="It broke"):
            would_be_allowed(Broken(), archetypal(COMPANY, ON), on=ON)


class TestDifference:
    def test_equal_policies_differ_in_nothing(self):
        assert not diff(engine("ibm-2020"), engine("ibm-2020"), archetypes(ON))

    def test_what_a_stand_closes_is_named_with_its_rule(self):
        changes = diff(engine(), engine("microsoft-2020"), archetypes(ON))
        assert {kind.sector for kind in changes} == {Sector.LAW_ENFORCEMENT}
        for change in changes.values():
            assert change.verdict
            assert change.before.allowed
            assert change.after.rules == ("microsoft-2020/law-enforcement",)

    def test_another_reason_for_the_same_verdict_is_a_change_too(self):
        changes = diff(engine("microsoft-2020"), engine("no-government"), archetypes(ON))
        police = [change for kind, change in changes.items() if kind.sector is Sector.LAW_ENFORCEMENT]
        assert police
        assert not any(change.verdict for change in police)

    def test_the_order_is_that_of_the_cases(self):
        kinds = list(archetypes(ON))
        changed = list(diff(engine(), engine("ibm-2020"), archetypes(ON)))
        assert changed == [kind for kind in kinds if kind in set(changed)]


@pytest.fixture(scope="module")
def three():
    language = CedarLanguage(shipped_schema())
    packs = [active_packs(language, stands) for stands in ((), ("microsoft-2020",), ("ibm-2020",))]
    names = ("base alone", "microsoft-2020", "ibm-2020")
    return matrix(
        Column(name, it, CedarEngine(it.schema, it.texts), ON) for name, it in zip(names, packs, strict=True)
    )


class TestMatrix:
    def test_it_has_a_cell_for_everything(self, three):
        assert len(three.cells) == 3 * len(ROWS) * len(FUNCTIONS)

    def test_a_cell_says_what_is_left_and_what_refuses_the_rest(self, three):
        base, microsoft, ibm = three.columns
        police, with_law = ROWS[-2:]
        assert three.cell(base, police, Function.LIVE).words == "all 14 purposes"
        refused = three.cell(microsoft, police, Function.LIVE)
        assert (refused.mark, refused.words) == (Mark.NONE, "none: microsoft-2020/law-enforcement")
        assert three.cell(microsoft, with_law, Function.LIVE).mark is Mark.ALL
        some = three.cell(ibm, ROWS[0], Function.VERIFY)
        assert some.mark is Mark.SOME
        assert some.words == "2 of 14 purposes (verify account, verify worker): ibm-2020/named-purpose"

    def test_what_is_missing_is_named_where_it_is_less(self):
        packs = active_packs(CedarLanguage(shipped_schema()), ["amazon-2021"])
        made = matrix([Column("amazon-2021", packs, CedarEngine(packs.schema, packs.texts), ON)])
        cell = made.cell(made.columns[0], ROWS[-2], Function.IDENTIFY)
        assert cell.words == (
            "13 of 14 purposes (not criminal investigation): amazon-2021/criminal-investigation"
        )
