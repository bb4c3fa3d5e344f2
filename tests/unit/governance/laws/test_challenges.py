"""Objections count where they are in doubt or right, against a law sooner than against a customer."""

from __future__ import annotations

import json

import pytest
from data import laws

from faceward import reading
from faceward.governance.laws import challenges
from faceward.governance.laws.challenges import Outcome


@pytest.mark.parametrize(
    ("outcome", "law", "deployment"),
    [
        (Outcome.UNDECIDED, True, False),
        (Outcome.UPHELD, True, True),
        (Outcome.REJECTED, False, False),
        (Outcome.WITHDRAWN, False, False),
    ],
)
def test_what_a_challenge_does(outcome: Outcome, law: bool, deployment: bool):
    """One among others is enough."""
    several = [laws.challenge(Outcome.REJECTED), laws.challenge(outcome)]
    assert challenges.counts_against_law(several) is law
    assert challenges.suspends_deployment(several) is deployment


def test_nothing_is_against_what_nobody_challenged():
    """Neither law nor deployment."""
    assert not challenges.counts_against_law([])
    assert not challenges.suspends_deployment([])


def test_a_challenge_is_read_back_without_loss():
    """In the words of who filed it."""
    it = laws.challenge(Outcome.UNDECIDED)
    assert challenges.challenge(reading.read(json.dumps(challenges.as_json(it)), "c.json")) == it
