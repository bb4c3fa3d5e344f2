"""A permit is made by the gate alone, for one act, and is worth nothing in any other way."""

from __future__ import annotations

import ast
import contextlib
import copy
import pickle
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from governance.test_gate import CHECK, ENROL, NOW, FixedEngine, compared

import faceward
from faceward.governance.gate import PERMIT_SECONDS, Gate
from faceward.governance.outcomes import Performed
from faceward.governance.permits import Permit, PermitRefused
from faceward.testing import MemoryLedger, SetClock
from faceward.testing.dossier import FixedDossier
from faceward.transparency.words import Action


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def gate(clock):
    return Gate(MemoryLedger(clock), clock, FixedDossier(FixedEngine()))


def test_a_permit_says_what_was_judged(gate):
    """Operations take what they may touch from it."""
    request = replace(ENROL, subjects=("s1",))

    def work(permit):
        return permit.spend(Action.ENROL, gallery="staff")

    def performed(permit):
        return Performed(work(permit))

    scope = gate.perform(request, performed)
    assert (scope.gallery, scope.subjects, scope.purpose) == ("staff", ("s1",), request.purpose)
    assert (scope.probe_sha256, scope.operating_point) == (request.probe_sha256, None)
    assert (scope.enrolling, scope.comparisons) == (3, 0)


def made_by_hand(permit):
    return Permit()


def made_without_init(permit):
    return object.__new__(Permit)


@pytest.mark.parametrize("forge", [made_by_hand, made_without_init])
def test_a_permit_made_by_hand_is_worth_nothing(gate, forge):
    """It is in no register."""
    with pytest.raises(PermitRefused, match="register"):
        gate.perform(CHECK, lambda permit: compared(forge(permit)))


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, pickle.dumps, lambda it: it.__reduce_ex__(2)])
def test_a_permit_cannot_be_copied_or_pickled(gate, clone):
    """Nor sent to another process."""
    with pytest.raises(PermitRefused, match=r"copied|stored"):
        gate.perform(CHECK, clone)


def test_a_permit_is_spent_once(gate):
    """The second time it is in no register."""

    def twice(permit):
        permit.spend(Action.COMPARE)
        return compared(permit)

    with pytest.raises(PermitRefused, match="spent"):
        gate.perform(CHECK, twice)


@pytest.mark.parametrize("end", [compared, lambda permit: Performed(None), lambda permit: 1 / 0])
def test_a_permit_that_was_kept_ends_with_the_work(gate, end):
    """However the work ended."""
    kept = []

    def keep(permit):
        kept.append(permit)
        return end(permit)

    with contextlib.suppress(Exception):
        gate.perform(CHECK, keep)
    with pytest.raises(PermitRefused):
        kept[0].spend(Action.COMPARE)


def test_a_permit_expires(gate, clock):
    """Work that hangs for longer than any work takes cannot go on with an old judgement."""

    def late(permit):
        clock.time = NOW + timedelta(seconds=PERMIT_SECONDS)
        return compared(permit)

    with pytest.raises(PermitRefused, match="expired"):
        gate.perform(CHECK, late)


def test_a_permit_is_good_until_it_expires(gate, clock):
    """To the last microsecond."""

    def just_in_time(permit):
        clock.time = NOW + timedelta(seconds=PERMIT_SECONDS, microseconds=-1)
        return compared(permit)

    assert gate.perform(CHECK, just_in_time) == "match"


@pytest.mark.parametrize(
    ("action", "gallery"), [(Action.IDENTIFY, None), (Action.ENROL, "visitors"), (Action.ENROL, "")]
)
def test_a_permit_for_another_action_or_gallery_is_refused_and_used_up(gate, action, gallery):
    """Trying costs it."""

    def work(permit):
        with pytest.raises(PermitRefused, match="is for"):
            permit.spend(action, gallery)
        return permit.spend(Action.ENROL, "staff")

    with pytest.raises(PermitRefused, match="spent"):
        gate.perform(ENROL, work)


def test_two_threads_cannot_spend_one_permit_twice(gate):
    """Whoever is first has it."""
    spent = []

    def work(permit):
        def attempt():
            with contextlib.suppress(PermitRefused):
                spent.append(permit.spend(Action.COMPARE))

        threads = [Thread(target=attempt) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Performed(None)

    gate.perform(CHECK, work)
    assert len(spent) == 1


def test_only_the_gate_makes_permits():
    """No other module may even name what makes them."""
    makers = {"issue", "revoke", "_LIVE"}
    for module in Path(faceward.__file__).parent.rglob("*.py"):
        names = {
            name
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.ImportFrom) and node.module == "faceward.governance.permits"
                else [node.attr]
                if isinstance(node, ast.Attribute)
                else []
            )
        }
        if module.name not in {"gate.py", "permits.py"}:
            assert not names & makers, module
