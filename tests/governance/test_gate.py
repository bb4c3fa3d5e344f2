"""What the gate lets run, what it leaves on record, and that nothing falls open."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from data.drafts import signer

from faceward.adapters.ledger import FileLedger, SqliteLedger
from faceward.errors import DamagedImage, RefusedError
from faceward.governance.considerations import UnknownDeployment
from faceward.governance.gate import Gate, PermitUnspent, ScopeExceeded
from faceward.governance.outcomes import Counts, Pending, Performed
from faceward.governance.policies.reasons import (
    CONTESTED,
    ENGINE_FAULT,
    NOTHING_PERMITS,
    REASONS,
    UNKNOWN_DEPLOYMENT,
)
from faceward.governance.requests import Request
from faceward.ports.ledger import (
    ChangeFailed,
    Claim,
    ClaimExceeded,
    ClockBehind,
    LedgerUnavailable,
    Settled,
    Writing,
)
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


# Work that changes the store, or rests on what may have changed.


@pytest.fixture(params=["memory", "file", "sqlite"])
def any_ledger(request, clock, tmp_path):
    match request.param:
        case "memory":
            made = MemoryLedger(clock)
        case "file":
            made = FileLedger(tmp_path / "ledger" / "file", clock, signer())
        case _:
            made = SqliteLedger(tmp_path / "ledger" / "file", clock, signer())
    yield made
    made.close()


def pending(settle, action=Action.COMPARE):
    """Work that spends its permit and leaves the rest to be settled."""

    def work(permit):
        permit.spend(action)
        return Pending(settle)

    return work


def raising(error: BaseException):
    def settle(_):
        raise error

    return settle


def test_what_is_pending_is_settled_with_the_record_of_its_outcome(any_ledger, clock):
    """In its transaction: nobody sees the outcome before, and the result is out when it is durable."""
    seen = []

    def settle(transaction):
        seen.append((any_ledger.size(), isinstance(transaction, sqlite3.Connection)))
        clock.advance(seconds=0.25)
        return Performed("match", Counts(comparisons=1, top_score=0.5))

    assert gate(any_ledger, clock).perform(CHECK, pending(settle)) == "match"
    assert seen == [(1, isinstance(any_ledger, SqliteLedger))]
    decision, outcome = entries(any_ledger)
    assert outcome["body"]["decision"] == decision["seq"] == 0
    assert (outcome["type"], outcome["body"]["ending"], outcome["body"]["error"]) == ("verify", "done", "")
    assert (outcome["body"]["comparisons"], outcome["body"]["top_score_thousandths"]) == (1, 500)
    assert outcome["body"]["end"] == "2026-02-01T12:00:00.250000Z"


@pytest.mark.parametrize(
    ("error", "heard", "code"),
    [
        (DamagedImage("The file ends early."), DamagedImage, "image_damaged"),
        (ClaimExceeded("Too many."), ClaimExceeded, "claim_exceeded"),
        (ValueError("something"), ChangeFailed, "change_failed"),
    ],
)
def test_what_fails_while_it_is_settled_is_recorded_as_failed(any_ledger, clock, error, heard, code):
    """Once, with its code; the caller hears it, and nothing is handed out."""
    with pytest.raises(heard) as raised:
        gate(any_ledger, clock).perform(CHECK, pending(raising(error)))
    assert raised.value.cause == str(error.args[0]) or raised.value.__cause__ is error
    decision, outcome = entries(any_ledger)
    assert (outcome["body"]["ending"], outcome["body"]["error"]) == ("failed", code)
    assert outcome["body"]["decision"] == decision["seq"]
    assert outcome["body"]["comparisons"] == 0


def test_what_is_stopped_while_it_is_settled_is_recorded_as_interrupted(ledger, clock):
    with pytest.raises(KeyboardInterrupt):
        gate(ledger, clock).perform(CHECK, pending(raising(KeyboardInterrupt())))
    assert entries(ledger)[1]["body"]["ending"] == "interrupted"


def test_a_permit_is_over_when_its_work_settles(ledger, clock):
    """It was for the work; and who never spent it gives nothing."""

    def work(permit):
        return Pending(lambda _: compared(permit))

    with pytest.raises(RefusedError):
        gate(ledger, clock).perform(CHECK, work)
    with pytest.raises(PermitUnspent):
        gate(ledger, clock).perform(CHECK, lambda permit: Pending(lambda _: Performed("match")))
    assert [it["body"]["ending"] for it in entries(ledger)[1::2]] == ["failed", "interrupted"]


@pytest.fixture
def database(clock, tmp_path):
    """A ledger in a database with one table more, and what stands in that."""
    made = SqliteLedger(tmp_path / "ledger" / "file", clock, signer())
    made.write(Writing((), settle=lambda it: it.execute("CREATE TABLE scratch (it TEXT)") and Settled(())))

    def rows() -> list[str]:
        with contextlib.closing(sqlite3.connect(tmp_path / "ledger" / "file")) as other:
            return [row[0] for row in other.execute("SELECT it FROM scratch")]

    yield made, rows
    made.close()


def storing(row: str, then):
    def settle(transaction):
        transaction.execute("INSERT INTO scratch VALUES (?)", (row,))
        return then()

    return settle


def test_a_change_and_its_record_are_there_together_or_not_at_all(database, clock):
    """A row that was written goes again with whatever is raised after it."""
    ledger, rows = database
    known = {"claims": (Claim("people", 3, most=9),), "enrolled_counters": ("people",)}
    it = gate(ledger, clock, **known)

    def fails():
        raise DamagedImage("The file ends early.")

    done = pending(storing("kept", lambda: Performed(2, Counts(enrolled=2))), Action.ENROL)
    assert it.perform(ENROL, done) == 2
    assert (rows(), ledger.counters(["people"])) == (["kept"], (2,))
    with pytest.raises(DamagedImage):
        it.perform(ENROL, pending(storing("gone", fails), Action.ENROL))
    assert (rows(), ledger.counters(["people"])) == (["kept"], (2,))
    assert [it["body"].get("ending") for it in entries(ledger)] == [None, "done", None, "failed"]


def test_a_change_that_does_more_than_was_judged_is_undone(database, clock):
    """What was reserved for it stays reserved, as for all that is interrupted."""
    ledger, rows = database
    known = {"claims": (Claim("people", 3, most=9),), "enrolled_counters": ("people",)}
    too_many = storing("gone", lambda: Performed(4, Counts(enrolled=4)))
    with pytest.raises(ScopeExceeded):
        gate(ledger, clock, **known).perform(ENROL, pending(too_many, Action.ENROL))
    assert rows() == []
    outcome = entries(ledger)[1]["body"]
    assert (outcome["ending"], outcome["error"], outcome["enrolled"]) == ("interrupted", "scope_exceeded", 0)
    assert ledger.counters(["people"]) == (3,)


def test_without_a_record_of_what_was_settled_nothing_is_handed_out(clock):
    """The result stays inside, and the caller hears that the ledger failed."""
    settled = []

    class Full(MemoryLedger):
        def write(self, writing):
            if writing.settle is not None:
                writing.settle(None)
                raise LedgerUnavailable("The disk is full.")
            return super().write(writing)

    ledger = Full(clock)
    with pytest.raises(LedgerUnavailable):
        gate(ledger, clock).perform(CHECK, pending(lambda _: settled.append(1) or Performed("match")))
    assert settled == [1]
    assert [it["body"].get("error") for it in entries(ledger)] == [None, "ledger_unavailable"]


def test_those_that_settle_at_once_do_not_undo_one_another(database, clock):
    """Every third fails after it changed something."""
    ledger, rows = database
    it = gate(ledger, clock)

    def ask(number: int) -> object:
        def then():
            if number % 3 == 0:
                raise DamagedImage("The file ends early.")
            return Performed(number, Counts(comparisons=1))

        try:
            return it.perform(CHECK, pending(storing(str(number), then)))
        except DamagedImage:
            return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(48)))
    assert answers == [number if number % 3 else None for number in range(48)]
    assert sorted(map(int, rows())) == [number for number in range(48) if number % 3]
    assert Counter(it["body"].get("ending") for it in entries(ledger)) == {None: 48, "done": 32, "failed": 16}


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
