"""What the gate lets run, what it leaves on record, and that nothing falls open."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from faceward.errors import DamagedImage, RefusedError
from faceward.governance.considerations import UnknownDeployment
from faceward.governance.gate import Gate, PermitUnspent, ScopeExceeded
from faceward.governance.outcomes import Counts, Performed
from faceward.governance.policies.reasons import (
    CONTESTED,
    ENGINE_FAULT,
    NOTHING_PERMITS,
    REASONS,
    UNKNOWN_DEPLOYMENT,
)
from faceward.governance.requests import Request
from faceward.ports.ledger import Claim, ClockBehind, LedgerUnavailable
from faceward.ports.policy_engine import Answer, PolicyInvalid
from faceward.testing import MemoryLedger, SetClock
from faceward.testing.dossier import FixedDossier
from faceward.testing.unsafe import UnsafeAllowEverything
from faceward.transparency.words import Action, Capture, Purpose

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
CHECK = Request(
    actor="amy",
    deployment="drivers",
    action=Action.COMPARE,
    purpose=Purpose.VERIFY_WORKER,
    comparisons=1,
    capture=Capture.SUPERVISED,
    probe_sha256=hashlib.sha256(b"photo").digest(),
)
ENROL = replace(CHECK, action=Action.ENROL, comparisons=0, enrolling=3, gallery="staff")


ALLOWS = Answer(allowed=True, rules=("base/permit-member",))


@dataclass
class FixedEngine:
    """Answers everything alike."""

    reply: Answer = ALLOWS
    actions: frozenset[str] = frozenset(action.value for action in Action)
    digest: str = "0" * 64

    def answer(self, question):
        return self.reply


DENIES = FixedEngine(Answer(allowed=False, rules=("base/expired", "base/purpose")))


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def ledger(clock) -> MemoryLedger:
    return MemoryLedger(clock)


def gate(ledger, clock, engine=None, **known) -> Gate:
    return Gate(ledger, clock, FixedDossier(engine or FixedEngine(), **known))


def compared(permit, result: object = "match", **counts: object) -> Performed[object]:
    permit.spend(Action.COMPARE)
    return Performed(result, Counts(**{"comparisons": 1, "top_score": 0.8126, **counts}))


def enrolled(permit, count: int = 3) -> Performed[int]:
    permit.spend(Action.ENROL)
    return Performed(count, Counts(enrolled=count))


def entries(ledger) -> list[dict]:
    return [json.loads(entry) for entry in ledger.entries()]


def test_what_is_allowed_runs_between_two_records(ledger, clock):
    """The decision is durable before the work starts, the outcome before its result is out."""
    seen = []

    def work(permit):
        seen.append(ledger.size())
        return compared(permit)

    assert gate(ledger, clock).perform(CHECK, work) == "match"
    assert seen == [1]
    decision, outcome = entries(ledger)
    assert (decision["type"], decision["body"]["verdict"]) == ("policy.decision", "allow")
    assert (outcome["type"], outcome["body"]["ending"], outcome["body"]["error"]) == ("verify", "done", "")
    assert outcome["body"]["decision"] == decision["seq"]
    assert outcome["body"]["request"] == decision["body"]["request"]
    assert outcome["body"]["top_score_thousandths"] == 813
    assert decision["policy"] == outcome["policy"] == FixedDossier(FixedEngine()).rulebook().policy


def test_what_is_refused_never_runs_and_says_why(ledger, clock):
    """In words, with what would change it; the refusal is on record with its rules."""
    with pytest.raises(RefusedError) as raised:
        gate(ledger, clock, DENIES).perform(CHECK, pytest.fail)
    assert raised.value.reasons[0] == "base/expired: The review is over. Have it reviewed again."
    (decision,) = entries(ledger)
    assert decision["body"]["verdict"] == "deny"
    assert decision["body"]["rules"] == ["base/expired", "base/purpose"]


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        (Answer(allowed=False, rules=()), NOTHING_PERMITS),
        (Answer(allowed=False, rules=(), faults=("missing attribute",)), ENGINE_FAULT),
    ],
)
def test_nothing_that_is_unclear_falls_open(ledger, clock, reply, rule):
    """No rule, or an engine in trouble, means no."""
    with pytest.raises(RefusedError) as raised:
        gate(ledger, clock, FixedEngine(reply)).perform(CHECK, pytest.fail)
    assert entries(ledger)[0]["body"]["rules"] == [rule]
    assert raised.value.reasons == (f"{rule}: {REASONS[rule].words}",)


def test_an_unknown_deployment_is_refused_as_the_strictest_sector(ledger, clock):
    """Nothing is known for it."""
    with pytest.raises(UnknownDeployment):
        gate(ledger, clock).perform(replace(CHECK, deployment="police"), pytest.fail)
    (decision,) = entries(ledger)
    assert decision["body"]["rules"] == [UNKNOWN_DEPLOYMENT]
    assert decision["body"]["sector"] == "law_enforcement"


def test_traits_are_refused_even_where_the_engine_would_allow_them(ledger, clock):
    """There is no operation behind the word."""
    with pytest.raises(RefusedError):
        gate(ledger, clock).perform(replace(CHECK, action=Action.INFER_TRAIT), pytest.fail)
    assert entries(ledger)[0]["body"]["verdict"] == "deny"


@pytest.mark.parametrize(
    ("error", "ending", "code"),
    [
        (DamagedImage("The file ends early."), "failed", "image_damaged"),
        (ValueError("something"), "failed", "unexpected"),
        (KeyboardInterrupt(), "interrupted", "unexpected"),
    ],
)
def test_an_error_is_told_apart_from_an_interruption(ledger, clock, error, ending, code):
    """And reaches the caller as it is; its message is not on record."""

    def work(permit):
        permit.spend(Action.COMPARE)
        raise error

    with pytest.raises(type(error)) as raised:
        gate(ledger, clock).perform(CHECK, work)
    assert raised.value is error
    decision, outcome = entries(ledger)
    assert (outcome["body"]["ending"], outcome["body"]["error"]) == (ending, code)
    assert outcome["body"]["decision"] == decision["seq"]


class FailingLedger(MemoryLedger):
    """A ledger whose disk is full from one write on."""

    fails_at = 0
    writes = 0

    def write(self, writing):
        self.writes += 1
        if self.writes > self.fails_at:
            raise LedgerUnavailable("The disk is full.")
        return super().write(writing)


def test_without_a_record_of_the_decision_nothing_runs(clock):
    """Neither what is allowed nor the saying of no."""
    with pytest.raises(LedgerUnavailable):
        gate(FailingLedger(clock), clock).perform(CHECK, pytest.fail)
    with pytest.raises(LedgerUnavailable):
        gate(FailingLedger(clock), clock, DENIES).perform(CHECK, pytest.fail)


def test_without_a_record_of_the_outcome_nothing_is_handed_out(clock):
    """The work ran, but its result stays inside."""
    ledger = FailingLedger(clock)
    ledger.fails_at = 1
    with pytest.raises(LedgerUnavailable):
        gate(ledger, clock).perform(CHECK, compared)
    assert len(entries(ledger)) == 1


def test_an_error_is_heard_even_if_its_outcome_cannot_be_recorded(clock):
    """A decision without an outcome says that the work did not end."""
    ledger = FailingLedger(clock)
    ledger.fails_at = 1

    def work(permit):
        raise DamagedImage("The file ends early.")

    with pytest.raises(DamagedImage):
        gate(ledger, clock).perform(CHECK, work)
    assert len(entries(ledger)) == 1


def test_a_clock_that_runs_backwards_stops_everything(ledger, clock):
    """No date can be trusted then, neither an expiry nor a quota."""
    it = gate(ledger, clock)
    it.perform(CHECK, compared)
    clock.time = NOW - timedelta(seconds=1)
    with pytest.raises(ClockBehind):
        it.perform(CHECK, pytest.fail)
    assert ledger.size() == 2
    clock.time = NOW
    assert it.perform(CHECK, compared) == "match"


@pytest.mark.parametrize("change", [{"identify"}, {"read_minds"}])
def test_an_operation_that_no_policy_knows_stops_the_start(ledger, clock, change):
    """And so does an action that no operation has."""
    engine = FixedEngine(actions=FixedEngine().actions ^ change)
    with pytest.raises(PolicyInvalid, match=change.copy().pop()):
        gate(ledger, clock, engine)


def test_work_that_does_not_spend_its_permit_gives_nothing(ledger, clock):
    """Nobody knows what it touched."""
    with pytest.raises(PermitUnspent):
        gate(ledger, clock).perform(CHECK, lambda permit: Performed("match"))
    assert entries(ledger)[1]["body"]["ending"] == "interrupted"


@pytest.mark.parametrize(
    ("request_", "work"),
    [(CHECK, lambda permit: compared(permit, comparisons=2)), (ENROL, lambda permit: enrolled(permit, 4))],
)
def test_work_that_does_more_than_was_judged_gives_nothing(ledger, clock, request_, work):
    """A second reference, a fourth person: each must stand in the request."""
    with pytest.raises(ScopeExceeded):
        gate(ledger, clock).perform(request_, work)
    assert entries(ledger)[1]["body"]["error"] == "scope_exceeded"


def test_the_days_quota_holds_however_many_ask_at_once(ledger, clock):
    """It is reserved together with the record of the decision."""
    it = gate(ledger, clock, claims=(Claim("daily", 1, most=10),))

    def ask(_):
        try:
            return it.perform(CHECK, compared)
        except RefusedError as refused:
            return refused.reasons[0].split(":")[0]

    with ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(ask, range(40)))
    assert answers == {"match": 10, CONTESTED: 30}
    assert ledger.counters(["daily"]) == (10,)


@pytest.mark.parametrize(
    ("work", "stands_at"),
    [
        (lambda permit: enrolled(permit, 3), 3),
        (lambda permit: enrolled(permit, 2), 2),
        (lambda permit: 1 / 0, 0),
        (lambda permit: (_ for _ in ()).throw(KeyboardInterrupt), 3),
        (lambda permit: enrolled(permit, 4), 3),
    ],
    ids=["all", "fewer", "failed", "interrupted", "too many"],
)
def test_what_was_reserved_and_not_used_is_given_back(ledger, clock, work, stands_at):
    """Unless nobody knows what was used: what is unknown counts."""
    known = {"claims": (Claim("people", 3, most=3),), "enrolled_counters": ("people",)}

    def run(permit):
        result = work(permit)
        return next(result) if hasattr(result, "__next__") else result

    with contextlib.suppress(ZeroDivisionError, KeyboardInterrupt, ScopeExceeded):
        gate(ledger, clock, **known).perform(ENROL, run)
    assert ledger.counters(["people"]) == (stands_at,)


def test_people_who_are_erased_count_no_more(ledger, clock):
    """The scale is measured, not remembered."""
    known = {"claims": (Claim("people", 3, most=3),), "enrolled_counters": ("people",)}
    gate(ledger, clock, **known).perform(ENROL, enrolled)

    def erased(permit):
        permit.spend(Action.ERASE)
        return Performed(None, Counts(erased=2))

    request = replace(ENROL, action=Action.ERASE, enrolling=0, subjects=("s1", "s2"))
    gate(ledger, clock, enrolled_counters=("people",)).perform(request, erased)
    assert ledger.counters(["people"]) == (1,)


def test_the_unsafe_gate_marks_what_it_lets_through(ledger, clock):
    """For ever, in the decision and in the outcome."""
    UnsafeAllowEverything(ledger, clock, FixedDossier(DENIES)).perform(CHECK, compared)
    assert [entry["body"]["testing"] for entry in entries(ledger)] == [True, True]


CANARY = "canary-Zoë-7f3a"


def test_no_name_reaches_the_ledger_or_a_message(ledger, clock, caplog):
    """A canary in every field, in an error and in its name: neither itself nor its SHA-256 is found."""
    caplog.set_level(logging.DEBUG)
    digest = hashlib.sha256(CANARY.encode())
    request = Request(
        actor=CANARY,
        deployment="drivers",
        action=Action.VERIFY,
        purpose=Purpose.VERIFY_WORKER,
        gallery=CANARY,
        subjects=(CANARY, CANARY + "2"),
        probe_sha256=digest.digest(),
        on_behalf_of=CANARY,
        recipient=CANARY,
        authority=CANARY,
        comparisons=2,
    )

    class NamedError(Exception):
        code = CANARY

    def fails(permit):
        permit.spend(Action.VERIFY)
        raise NamedError(CANARY)

    said = []
    for attempt in (
        lambda: gate(ledger, clock).perform(request, fails),
        lambda: gate(ledger, clock, DENIES).perform(request, fails),
        lambda: gate(ledger, clock).perform(replace(request, deployment=CANARY), fails),
        lambda: replace(request, action=CANARY),
        lambda: replace(request, probe_sha256=CANARY.encode()),
    ):
        with pytest.raises(Exception) as raised:  # noqa: PT011 - of any kind
            attempt()
        if not isinstance(raised.value, NamedError):  # the work's own error belongs to the caller
            said.append(str(raised.value) + str(getattr(raised.value, "reasons", "")))
    written = b"".join(ledger.entries()).decode() + caplog.text + "".join(said)
    assert ledger.size() == 4
    for trace in (CANARY, "Zo", digest.hexdigest(), digest.hexdigest()[:32]):
        assert trace not in written
