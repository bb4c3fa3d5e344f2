"""Laws that are there, drafts that never were, and one that nobody made: which of them open police use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.facts import InstrumentFacts
from faceward.governance.policies.archetypes import PURPOSES, Archetype, archetypal, archetypes, invented_law
from faceward.governance.policies.packs import active_packs, shipped_schema
from faceward.governance.policies.simulation import Case, would_be_allowed
from faceward.governance.policies.vocabulary import CORE_CRITERIA, SUPPORTING_CRITERIA
from faceward.ports.policy_engine import Answer
from faceward.transparency.words import Action, Body, Capture, Function, Purpose, Sector

NOW = datetime(2026, 12, 1, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
PERFECT = replace(invented_law(NOW), ends=NOW + 100 * DAY)
SEARCH = Archetype(Sector.LAW_ENFORCEMENT, Function.IDENTIFY, Purpose.CRIMINAL_INVESTIGATION)
REFUSED = Answer(False, ("microsoft-2020/law-enforcement",))

REAL = {
    "H.R.7120, Justice in Policing Act": ("US", "national", "bill"),
    "S.4084 and H.R.7356, Moratorium Act of 2020": ("US", "national", "bill"),
    "S.2052 and H.R.3907, Moratorium Act of 2021": ("US", "national", "bill"),
    "S.681 and H.R.1404, Moratorium Act of 2023": ("US", "national", "bill"),
    "H.R.4695": ("US", "national", "bill"),
    "Washington RCW 43.386": ("US", "subnational", "in_force"),
    "EU AI Act, for Germany": ("DE", "supranational", "in_force"),
    "EU AI Act, for the Union": ("EU", "supranational", "in_force"),
}
"""Country, level and status; all else is taken to be perfect, so that these alone must refuse."""

FLAWS: dict[str, dict[str, object]] = {
    "one second before it begins": {"effective": NOW + SECOND},
    "at the moment of its end": {"ends": NOW},
    "one day after its end": {"ends": NOW - DAY},
    "suspended": {"status": "suspended"},
    "enacted, not in force": {"status": "enacted"},
    "repealed": {"status": "repealed"},
    "of another country": {"country": "YY"},
    "for another agency": {"agencies": frozenset({"border"})},
    "for another function": {"functions": frozenset({"verify", "live"})},
    "for another purpose": {"purposes": frozenset(PURPOSES) - {Purpose.CRIMINAL_INVESTIGATION}},
    "two reviewers of one organisation": {"approvals": 1},
    "reviewed by nobody": {"approvals": 0, "public_interest": 0},
    "reviewed without civil society": {"public_interest": 0},
    "with an open challenge window": {"window_closed": NOW + SECOND},
    "with a challenge upheld": {"upheld_challenge": True},
    "with a stale review": {"review_until": NOW},
    "with only supporting criteria": {"met": frozenset(SUPPORTING_CRITERIA)},
} | {
    f"with {criterion} answered partly": {"met": frozenset(CORE_CRITERIA) - {criterion}}
    for criterion in CORE_CRITERIA
}


@pytest.fixture(scope="module")
def engine() -> CedarEngine:
    packs = active_packs(CedarLanguage(shipped_schema()))
    return CedarEngine(packs.schema, packs.texts)


def police(law: InstrumentFacts | None, country: str = "XX") -> Case:
    case = archetypal(SEARCH, NOW, law)
    return replace(case, deployment=replace(case.deployment, country=country))


def test_the_invented_law_opens_police_use(engine):
    """Without it there is no way, and with it this one."""
    assert would_be_allowed(engine, police(PERFECT), on=NOW).allowed
    assert would_be_allowed(engine, police(replace(PERFECT, ends=None)), on=NOW).allowed


def test_without_a_law_there_is_no_police_use(engine):
    assert would_be_allowed(engine, police(None), on=NOW) == REFUSED


@pytest.mark.parametrize("name", REAL)
def test_no_law_or_draft_of_today_opens_it(engine, name):
    country, level, status = REAL[name]
    law = replace(PERFECT, country=country, level=level, status=status)
    assert would_be_allowed(engine, police(law, country), on=NOW) == REFUSED


@pytest.mark.parametrize("flaw", FLAWS)
def test_one_flaw_is_enough_to_keep_it_shut(engine, flaw):
    assert would_be_allowed(engine, police(replace(PERFECT, **FLAWS[flaw])), on=NOW) == REFUSED


def test_it_opens_and_shuts_on_the_second(engine):
    law = replace(PERFECT, effective=NOW - 10 * DAY, window_closed=NOW - 5 * DAY, ends=NOW + 10 * DAY)
    for moment, allowed in (
        (law.window_closed - SECOND, False),
        (law.window_closed, True),
        (NOW + 10 * DAY - SECOND, True),
        (NOW + 10 * DAY, False),
    ):
        assert would_be_allowed(engine, police(law), on=moment).allowed == allowed


def test_enrolment_needs_a_law_for_every_approved_function(engine):
    """Or people would be enrolled for a search that the law does not know."""
    case = police(PERFECT)
    both = replace(case.deployment, functions=frozenset({Function.IDENTIFY, Function.VERIFY}))
    enrolment = replace(
        case, action=Action.ENROL, deployment=both, use=replace(case.use, function=Function.UPKEEP)
    )
    assert would_be_allowed(engine, enrolment, on=NOW).allowed
    narrow = replace(both, instrument=replace(PERFECT, functions=frozenset({"identify"})))
    assert would_be_allowed(engine, replace(enrolment, deployment=narrow), on=NOW) == REFUSED


@pytest.mark.parametrize("capture", [Capture.BODY, Capture.DASH, Capture.HANDHELD, Capture.UNKNOWN])
def test_no_law_opens_the_cameras_that_officers_carry(engine, capture):
    live = archetypal(replace(SEARCH, function=Function.LIVE), NOW, PERFECT)
    carried = replace(
        live,
        deployment=replace(live.deployment, captures=frozenset({capture})),
        use=replace(live.use, capture=capture),
    )
    assert would_be_allowed(engine, live, on=NOW).allowed
    assert would_be_allowed(engine, carried, on=NOW).rules == ("microsoft-2020/live-police-camera",)


def test_a_company_for_the_police_is_the_police(engine):
    """The sector decides, whoever operates it; and then the law must name the operator's kind of body too."""
    case = police(PERFECT)
    contractor = replace(case, deployment=replace(case.deployment, agency=Body.COMPANY))
    assert would_be_allowed(engine, contractor, on=NOW) == REFUSED


def test_nobody_else_needs_a_law(engine):
    for kind, case in archetypes(NOW).items():
        allowed = would_be_allowed(engine, case, on=NOW).allowed
        assert allowed == (kind.sector is not Sector.LAW_ENFORCEMENT), kind
