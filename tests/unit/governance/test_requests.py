"""What a request amounts to, whatever it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceward.errors import InvalidValue
from faceward.governance.requests import MOST_SUBJECTS, Request
from faceward.transparency.words import Action, Function, Purpose

ONE = Request("amy", "drivers", Action.COMPARE, Purpose.VERIFY_WORKER, comparisons=1)


@pytest.mark.parametrize(
    ("changes", "function", "uses"),
    [
        ({}, Function.VERIFY, 1),
        ({"comparisons": 2}, Function.IDENTIFY, 2),
        ({"action": Action.VERIFY, "subjects": ("s1",), "comparisons": 0}, Function.VERIFY, 1),
        ({"action": Action.VERIFY, "subjects": ("s1", "s2"), "comparisons": 0}, Function.IDENTIFY, 2),
        ({"action": Action.VERIFY, "subjects": ("s1",), "comparisons": 5}, Function.IDENTIFY, 5),
        ({"action": Action.IDENTIFY, "comparisons": 0, "gallery": "staff"}, Function.IDENTIFY, 1),
        ({"action": Action.GROUP, "comparisons": 45}, Function.IDENTIFY, 45),
        ({"action": Action.FIND_SIMILAR, "comparisons": 9}, Function.IDENTIFY, 9),
        ({"live": True}, Function.LIVE, 1),
        ({"action": Action.IDENTIFY, "live": True}, Function.LIVE, 1),
        ({"action": Action.DETECT, "comparisons": 0}, Function.ANALYSE, 1),
        ({"action": Action.DETECT, "comparisons": 0, "live": True}, Function.ANALYSE, 1),
        ({"action": Action.ENROL, "comparisons": 0, "enrolling": 7}, Function.UPKEEP, 0),
        ({"action": Action.EXPORT, "comparisons": 0}, Function.UPKEEP, 0),
        ({"action": Action.ERASE, "comparisons": 0}, Function.RIGHT, 0),
        ({"action": Action.ACCESS, "live": True}, Function.RIGHT, 0),
        ({"action": Action.CONSENT, "comparisons": 0}, Function.RIGHT, 0),
        ({"action": Action.ARRANGE, "comparisons": 0}, Function.KEEPING, 0),
        ({"action": Action.READ, "comparisons": 9, "live": True}, Function.KEEPING, 0),
        ({"action": Action.ADMINISTER, "comparisons": 0}, Function.KEEPING, 0),
        ({"action": Action.INFER_TRAIT}, Function.TRAIT, 1),
    ],
)
def test_the_function_and_the_uses_of_a_request(changes, function, uses):
    """One probe with several targets is a search, and each comparison counts."""
    request = replace(ONE, **changes)
    assert (request.function, request.uses) == (function, uses)


def test_every_action_has_a_function():
    """None is forgotten."""
    for action in Action:
        assert replace(ONE, action=action).function in Function


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": ""},
        {"deployment": ""},
        {"actor": "a" * 257},
        {"action": "compare"},
        {"purpose": "verify_worker"},
        {"capture": "body"},
        {"live": 1},
        {"comparisons": -1},
        {"comparisons": 1.0},
        {"comparisons": True},
        {"comparisons": 0},
        {"enrolling": MOST_SUBJECTS + 1},
        {"probe_sha256": b"short"},
        {"probe_sha256": "a" * 32},
        {"subjects": ["s1"]},
        {"subjects": ("s",) * (MOST_SUBJECTS + 1)},
        {"gallery": None},
        {"action": Action.VERIFY, "comparisons": 0},
    ],
)
def test_a_request_that_means_nothing_is_an_error(changes):
    """And the error does not repeat what was sent."""
    with pytest.raises(InvalidValue) as raised:
        replace(ONE, **changes)
    for value in changes.values():
        assert not isinstance(value, str) or len(value) < 3 or value not in raised.value.cause
