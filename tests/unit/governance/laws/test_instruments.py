"""Laws as data: read strictly, written back whole, and digested so that reviews are about one record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from data import laws

from faceward.errors import InvalidValue
from faceward.governance.laws import instruments
from faceward.governance.laws.criteria import Answer, CriterionName
from faceward.governance.laws.instrument_reviews import judged
from faceward.governance.laws.moments import Undated

Values = dict[str, Any]


def text(change: Callable[[Values], object] = lambda _: None) -> str:
    values = instruments.as_json(laws.perfect())
    change(values)
    return json.dumps(values)


@pytest.mark.parametrize(
    "law",
    [*instruments.shipped().values(), laws.perfect(), laws.perfect(ends=Undated.NONE),
     laws.perfect(effective=Undated.UNKNOWN)],
    ids=lambda law: law.identifier,
)  # fmt: skip
def test_what_is_written_is_read_back_without_loss(law: instruments.Instrument):
    """And it is the same text again."""
    written = json.dumps(instruments.as_json(law))
    again = instruments.parse(written, "law.json")
    assert again == law
    assert json.dumps(instruments.as_json(again)) == written


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda law: law.pop("title"), r"law\.json\.title is missing"),
        (lambda law: law.update(titel="x"), "unknown keys: titel"),
        (lambda law: law.update(id="../x"), r"law\.json\.id"),
        (lambda law: law.update(id="a" * 32), r"law\.json\.id"),
        (lambda law: law.update(country="xa"), r"law\.json\.country"),
        (lambda law: law.update(country="XAX"), r"law\.json\.country"),
        (lambda law: law.update(level="local"), r"law\.json\.level is"),
        (lambda law: law.update(status="law"), r"law\.json\.status is"),
        (lambda law: law.update(effective="2030"), r"law\.json\.effective must be a moment"),
        (lambda law: law.update(ends=None), r"law\.json\.ends is missing"),
        (lambda law: law.update(text_sha256="abc"), r"law\.json\.text_sha256"),
        (lambda law: law["scope"].update(agencies=["unknown"]), r"law\.json\.scope"),
        (lambda law: law["scope"].update(purposes=["unknown"]), r"law\.json\.scope"),
        (lambda law: law["scope"].update(functions=["upkeep"]), r"law\.json\.scope"),
        (lambda law: law["scope"].update(agencies=["police", "police"]), "twice"),
        (lambda law: law["criteria"].pop(), r"law\.json\.criteria does not answer"),
        (lambda law: law["criteria"].append(law["criteria"][0]), r"law\.json\.criteria does not answer"),
        (lambda law: law["criteria"][3].update(answer="yes"), r"law\.json\.criteria\[3\]\.answer"),
        (lambda law: law["criteria"][3].pop("pinpoint"), r"law\.json\.criteria\[3\] is met"),
        (lambda law: law["reviews"][0].pop("sig"), r"law\.json\.reviews\[0\]\.sig is missing"),
        (lambda law: law["reviews"][0].update(kind="friend"), r"law\.json\.reviews\[0\]\.kind"),
        (lambda law: law["challenges"][0].update(by=" "), r"law\.json\.challenges\[0\]\.by"),
        (lambda law: law["challenges"][0].update(outcome="won"), r"law\.json\.challenges\[0\]\.outcome"),
    ],
)
def test_a_mistake_is_refused_and_its_place_named(change: Callable[[Values], object], message: str):
    """Nothing is guessed, and nothing is left out in silence."""
    with pytest.raises(InvalidValue, match=message):
        instruments.parse(text(change), "law.json")


def test_the_digest_changes_with_every_part_that_reviewers_judge():
    """Status and dates included; reviews and challenges are not part of what is judged."""
    law = laws.perfect()
    changes: Values = {
        "title": "x", "citation": "x", "country": "XB", "level": instruments.Level.SUBNATIONAL,
        "status": instruments.LawStatus.ENACTED, "effective": laws.ENDS, "ends": Undated.NONE,
        "text_sha256": "b" * 64, "source_title": "x", "scope": laws.scope(purposes=frozenset()),
        "criteria": laws.answering(CriterionName.HR_18, Answer.PARTLY).criteria, "identifier": "xa-other",
    }  # fmt: skip
    digests = {instruments.digest(replace(law, **{name: value})) for name, value in changes.items()}
    assert len(digests | {instruments.digest(law)}) == len(changes) + 1
    kept: Values = {"reviews": (), "challenges": (), "window_closed_at": Undated.NONE}
    assert {instruments.digest(replace(law, **{name: value})) for name, value in kept.items()} == {
        instruments.digest(law)
    }


def test_each_review_says_why_it_does_not_count():
    """All reasons, not the first alone."""
    law = laws.with_reviews(
        laws.review(),
        replace(laws.BAR, kind=laws.ReviewerKind.VENDOR, conflict=laws.Conflict.DECLARED),
        replace(laws.WATCH, signature="bad"),
    )
    counts, vendor, forged = judged(law.reviews, instruments.digest(law), laws.MIDST, laws.holds)
    assert counts.faults == ()
    assert vendor.faults == ("the organisation is a vendor", "the conflict of interest is declared")
    assert len(forged.faults) == 1


def test_a_forged_review_does_no_harm():
    """Or anybody could stop a law by signing badly in the name of its reviewers."""
    forged = replace(laws.BAR, outcome=laws.Opinion.REFUSE, signature="bad")
    facts = instruments.facts_of(
        laws.with_reviews(laws.review(), laws.BAR, forged), laws.MIDST, signed=laws.holds
    )
    assert facts.approvals == 2


def test_renewed_reviews_carry_a_law_on_without_a_gap():
    """The window stays closed, and the newest review of each organisation decides how long it holds."""
    renewed = [replace(it, signed_at=laws.MIDST) for it in (laws.review(), laws.BAR)]
    law = laws.perfect(reviews=(laws.review(), laws.BAR, *renewed), review_until=laws.ENDS)
    facts = instruments.facts_of(law, laws.MIDST, signed=laws.holds)
    assert facts.window_closed == laws.WINDOW
    assert facts.review_until == laws.ENDS
    assert facts.approvals == 2


def test_shipped_laws_have_no_review_and_meet_nothing():
    """Each says what it is and where it was read, and no text is pinned."""
    shipped = instruments.shipped()
    assert len(shipped) == 9
    for name, law in shipped.items():
        assert name == law.identifier
        assert not law.reviews
        assert all(it.answer is not Answer.MET for it in law.criteria)
        assert all(it.note for it in law.criteria)
