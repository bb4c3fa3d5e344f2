"""Photos are compared as far as the permit goes: this probe, so many references, at this operating point."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from hashlib import sha256

import pytest
from data import photos
from governance.test_gate import CHECK, NOW, FixedEngine

from faceward.core.decision import OperatingPoint, Standing
from faceward.errors import InvalidValue, NoFaceFound
from faceward.governance.gate import Gate
from faceward.governance.permits import Permit, PermitRefused
from faceward.operations.verification import compare
from faceward.testing import MemoryLedger, SetClock
from faceward.testing.dossier import FixedDossier

AT = OperatingPoint(0.43, 1e-4, Standing.CALIBRATED, 1_000_000, 100, 0.01, 1000, "a test")
FACE = photos.jpeg(photos.portrait(), quality=90)
SAME = photos.jpeg(photos.portrait().resize((400, 400)), quality=80)
NOBODY = photos.jpeg(photos.nobody(), quality=90)
REQUEST = replace(CHECK, probe_sha256=sha256(FACE).digest(), operating_point=AT)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger(SetClock(NOW))


def asked(ledger, recogniser, request=REQUEST, probe=FACE, references=(SAME,)):
    gate = Gate(ledger, SetClock(NOW), FixedDossier(FixedEngine()))
    return gate.perform(request, partial(compare, recogniser=recogniser, probe=probe, references=references))


def outcome(ledger) -> dict:
    return json.loads(ledger.entries()[-1])["body"]


def test_a_person_is_compared_with_their_other_photo(ledger, recogniser):
    """At the permitted operating point; the record counts what was done and rounds the score."""
    (decision,) = asked(ledger, recogniser)
    assert decision.match
    assert decision.at is AT
    body = outcome(ledger)
    assert (body["comparisons"], body["faces"], body["candidates"], body["ending"]) == (1, 2, 1, "done")
    assert body["top_score_thousandths"] == round(decision.comparison_score * 1000)


def test_each_reference_gets_its_own_decision(ledger, recogniser):
    """In their order."""
    request = replace(REQUEST, comparisons=2)
    decisions = asked(ledger, recogniser, request, references=(SAME, FACE))
    assert [round(it.comparison_score, 3) for it in decisions][1] == 1.0
    assert outcome(ledger)["comparisons"] == 2


def test_a_permit_for_one_photo_opens_no_other(ledger, recogniser):
    """The probe is the one whose digest was judged."""
    with pytest.raises(PermitRefused, match="another photo"):
        asked(ledger, recogniser, probe=SAME)
    assert outcome(ledger)["error"] == "permit_refused"


@pytest.mark.parametrize("references", [(), (SAME, SAME)])
def test_no_reference_more_or_less_than_was_judged(ledger, recogniser, references):
    """Each comparison counts."""
    with pytest.raises(PermitRefused, match="comparisons"):
        asked(ledger, recogniser, references=references)


def test_without_an_operating_point_nothing_is_decided(ledger, recogniser):
    """A bare score decides nothing."""
    with pytest.raises(InvalidValue, match="operating point"):
        asked(ledger, recogniser, replace(REQUEST, operating_point=None))


def test_a_photo_of_nobody_is_an_error_on_record(ledger, recogniser):
    """The caller hears which; the record holds its code alone."""
    with pytest.raises(NoFaceFound):
        asked(ledger, recogniser, references=(NOBODY,))
    assert (outcome(ledger)["ending"], outcome(ledger)["error"]) == ("failed", "no_face")


def test_a_permit_made_by_hand_compares_nothing(recogniser):
    """The operation asks the register, not the object."""
    with pytest.raises(PermitRefused):
        compare(Permit(), recogniser=recogniser, probe=FACE, references=(SAME,))
