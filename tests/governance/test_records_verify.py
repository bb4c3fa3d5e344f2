"""What the gate and the registry write verifies; what was written round the gate never does."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from data.drafts import signer
from data.office import Office

from faceward.adapters.ledger.export import shown
from faceward.errors import DamagedImage, RefusedError
from faceward.governance.gate import Gate
from faceward.governance.outcomes import Counts, Performed
from faceward.governance.requests import Request
from faceward.ports.ledger import Ledger
from faceward.ports.policy_engine import Answer
from faceward.testing import MemoryLedger, SetClock
from faceward.testing.dossier import FixedDossier
from faceward.testing.unsafe import UnsafeAllowEverything
from faceward.transparency.findings import Code, Report
from faceward.transparency.notes import verifying
from faceward.transparency.verification import Trust, verify
from faceward.transparency.words import Action, Capture, Purpose

SIGNER = signer()
REQUEST = Request(
    actor="amy",
    deployment="drivers",
    action=Action.COMPARE,
    purpose=Purpose.VERIFY_WORKER,
    comparisons=1,
    capture=Capture.SUPERVISED,
)


class Engine:
    """Allows everything but to enrol."""

    actions = frozenset(action.value for action in Action)
    digest = "0" * 64

    def answer(self, question):
        allowed = question.action != "enrol"
        return Answer(allowed=allowed, rules=("base/permit-member" if allowed else "base/purpose",))


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 2, 1, tzinfo=UTC))


@pytest.fixture
def ledger(clock) -> MemoryLedger:
    return MemoryLedger(clock, SIGNER)


def report(ledger: Ledger) -> Report:
    return verify(shown(ledger), Trust((verifying(SIGNER.key),)))


def compared(permit) -> Performed[None]:
    permit.spend(Action.COMPARE)
    return Performed(None, Counts(comparisons=1, top_score=0.5))


def damaged(_permit) -> Performed[None]:
    raise DamagedImage("It is cut short.")


def interrupted(_permit) -> Performed[None]:
    raise KeyboardInterrupt


def test_what_the_gate_writes_verifies(ledger, clock):
    """Done, refused, failed and interrupted, each told apart."""
    gate = Gate(ledger, clock, FixedDossier(Engine()))
    gate.perform(REQUEST, compared)
    for request, work in (
        (replace(REQUEST, action=Action.ENROL, comparisons=0, gallery="staff"), compared),
        (replace(REQUEST, deployment="nobody's"), compared),
        (REQUEST, damaged),
        (REQUEST, interrupted),
    ):
        with suppress(RefusedError, DamagedImage, KeyboardInterrupt):
            gate.perform(request, work)
    found = report(ledger)
    assert found.findings == ()
    assert found.counts == {
        "allowed": 3, "refused": 2, "done": 1, "failed": 1, "interrupted": 1, "unfinished": 0,
    }  # fmt: skip


def test_what_goes_round_the_gate_never_verifies(ledger, clock):
    """However well the log signed it."""
    UnsafeAllowEverything(ledger, clock, FixedDossier(Engine())).perform(REQUEST, compared)
    found = report(ledger)
    assert not found.holds
    assert {finding.code for finding in found.findings} == {Code.TESTING_ENTRY}


def test_charters_that_follow_from_one_another_verify():
    """Each names the one before it, and the policy is announced."""
    office = Office()
    office.ledger = MemoryLedger(office.clock, SIGNER)
    office.registry = office.another_process()
    office.staff()
    found = report(office.ledger)
    assert found.findings == ()
    assert len(found.policies) >= 1
