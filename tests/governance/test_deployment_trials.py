"""A trial is small, short, one at a time, and not for anybody with power over people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from data.office import Office, holder
from governance.desk import decide, facts, open_trial, review

from faceward.governance.charters.charter import Role
from faceward.governance.reviews.decisions import Act
from faceward.governance.reviews.proceedings import ReviewRefused
from faceward.governance.reviews.standing import customer_limits, status_at
from faceward.governance.reviews.trials import PAUSE, PROMISES
from faceward.transparency.words import Body, Capture, Function, Place, Purpose, Safeguard, Status


@pytest.fixture
def alone() -> Office:
    """A new installation: Ann, and nobody else."""
    it = Office()
    it.found()
    return it


def refused(office: Office, words: str, **changes) -> None:
    before = len(office.ledger.entries())
    with pytest.raises(ReviewRefused) as caught:
        open_trial(office, **changes)
    assert words in " ".join(caught.value.reasons)
    assert len(office.ledger.entries()) == before


def test_one_operator_alone_opens_a_trial(alone):
    open_trial(alone)
    it = facts(alone, "try")
    assert (it.tier, it.status, it.approvers, it.max_enrolled, it.max_daily) == (
        0,
        Status.APPROVED,
        0,
        100,
        1000,
    )
    assert it.review_until - it.opened == timedelta(days=90)
    assert it.agency is Body.COMPANY
    assert it.safeguards == frozenset(Safeguard)
    assert it.functions == {Function.VERIFY, Function.ANALYSE}
    assert not it.enhanced
    assert it.factors  # its promises answer those that a trial asks


def test_a_search_is_allowed_only_where_the_purpose_needs_one(alone):
    open_trial(alone, purpose=Purpose.ACCESS_OPTIN)
    assert Function.IDENTIFY in facts(alone, "try").functions


@pytest.mark.parametrize("who", ["bob", "dave", "eve"])
def test_nobody_but_an_operator_opens_a_trial(office, who):
    refused(office, "role operator", by=who)


@pytest.mark.parametrize("body", [body for body in Body if body not in {
    Body.COMPANY, Body.NON_PROFIT, Body.HOSPITAL, Body.SCHOOL}])  # fmt: skip
def test_government_and_the_unknown_have_no_trial(alone, body):
    refused(alone, "no unreviewed trial", body=body)


@pytest.mark.parametrize("body", [Body.POLICE, Body.MINISTRY, Body.UNKNOWN])
def test_a_review_on_record_wins_over_what_is_declared(office, body):
    review(office, body=body)
    refused(office, "no unreviewed trial")


def test_a_review_that_ran_out_counts_as_unknown(office):
    review(office)
    office.clock.advance(days=301)
    refused(office, "no unreviewed trial")


def test_what_a_later_review_finds_counts_at_once(office):
    open_trial(office)
    review(office, body=Body.POLICE)
    assert facts(office, "try").agency is Body.POLICE


def test_a_review_does_not_make_a_trial_laxer_than_what_was_declared(office):
    open_trial(office, body=Body.SCHOOL)
    review(office, body=Body.COMPANY)
    assert facts(office, "try").agency is Body.SCHOOL


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"place": Place.PUBLIC}, "public"),
        ({"place": Place.UNKNOWN}, "public"),
        ({"place": Place.PROTECTED}, "public"),
        ({"purpose": Purpose.MISSING_PERSON}, "no trials for"),
        ({"purpose": Purpose.CRIMINAL_INVESTIGATION}, "no trials for"),
        ({"purpose": Purpose.MASS_SURVEILLANCE}, "no trials for"),
        ({"purpose": Purpose.UNKNOWN}, "no trials for"),
        ({"captures": frozenset({Capture.FIXED_CAMERA})}, "no camera looks"),
        ({"captures": frozenset()}, "no camera looks"),
        ({"promises": PROMISES[:-1]}, "promises"),
        ({"promises": ()}, "promises"),
    ],
)
def test_what_is_no_trial_is_refused(alone, change, words):
    refused(alone, words, **change)


def test_one_trial_at_a_time(alone):
    open_trial(alone)
    refused(alone, "at a time", name="try-2")
    refused(alone, "name already", customer="bolt")
    open_trial(alone, name="try-2", customer="bolt")


def test_a_trial_is_not_renewed_within_a_year(alone):
    """Neither when it ran out nor when it was closed early."""
    open_trial(alone)
    alone.clock.advance(days=90)
    assert status_at(alone.snapshot, "try", alone.now) is Status.PENDING
    refused(alone, "twelve months", name="try-2")
    alone.clock.advance(days=PAUSE.days - 1)
    refused(alone, "twelve months", name="try-2")
    alone.clock.advance(days=1)
    open_trial(alone, name="try-2")


def test_closing_a_trial_early_does_not_start_another(alone):
    open_trial(alone)
    alone.clock.advance(days=5)
    decide(alone, "ann", Act.CLOSE, "try")
    refused(alone, "twelve months", name="try-2")
    alone.clock.advance(days=PAUSE.days)
    open_trial(alone, name="try-2")


def test_an_operator_suspends_and_resumes_a_trial(alone):
    open_trial(alone)
    assert decide(alone, "ann", Act.SUSPEND, "try").status is Status.SUSPENDED
    assert facts(alone, "try").status is Status.SUSPENDED
    assert decide(alone, "ann", Act.RESUME, "try").status is Status.APPROVED


def test_the_customer_of_a_trial_has_its_limits(alone):
    open_trial(alone)
    assert customer_limits(alone.snapshot, "try", alone.now).people == 100


def test_a_trial_shows_in_the_ledger_as_what_it_is(alone):
    open_trial(alone)
    entry = alone.entries()[-1]
    assert (entry.type, entry.body["tier"], len(entry.body["approvers"])) == ("review.approved", 0, 1)


def test_facts_stay_the_same_value_until_something_changes(alone):
    """Engines keep what they made of it."""
    open_trial(alone)
    it = facts(alone, "try")
    alone.clock.advance(days=1)
    assert facts(alone, "try") is it
    alone.grow(holder("bob", Role.REVIEWER), signers=("ann", "bob"))
    assert facts(alone, "try") == it
