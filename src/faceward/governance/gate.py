"""A request and the work it asks for in; the work's result out, once what happened is on record.

Decide, write the decision durably, run the work, write the outcome durably, hand the result out. What ends
anywhere in between leaves records that tell where: a denial, a decision whose work failed or was interrupted,
or, after a crash, a decision without an outcome.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Generic, TypeVar

from faceward.errors import DependencyError, FacewardError, RefusedError
from faceward.governance.considerations import Considered, Dossier, UnknownDeployment
from faceward.governance.facts import question
from faceward.governance.outcomes import Counts, Pending, Performed
from faceward.governance.permits import Permit, Scope, issue, revoke
from faceward.governance.policies.reasons import (
    CONTESTED,
    ENGINE_FAULT,
    NOTHING_PERMITS,
    REASONS,
    UNKNOWN_DEPLOYMENT,
)
from faceward.governance.records import Ended, Record, decision_body, named, outcome_body
from faceward.governance.requests import Request
from faceward.governance.rulebook import Rulebook
from faceward.ports.clock import Clock
from faceward.ports.ledger import (
    Claim,
    ClaimExceeded,
    Draft,
    JsonValue,
    Ledger,
    Receipt,
    Settled,
    Transaction,
    Writing,
)
from faceward.ports.policy_engine import Answer
from faceward.transparency.entries import DECISION, OUTCOMES
from faceward.transparency.words import Action, Ending, Verdict

T = TypeVar("T")

PERMIT_SECONDS = 60
"""How long work may run before its permit is over; our choice: far longer than any one operation takes."""
_TRIES = 4
"""How often a decision is taken anew when somebody else used up the day's quota meanwhile."""


class PermitUnspent(DependencyError):
    """Work ended without spending its permit, so nobody knows what it touched; its result is withheld."""

    code = "permit_unspent"
    remedy = (
        "Let the operation spend its permit before it touches anything. This is a fault of the operation."
    )


class ScopeExceeded(DependencyError):
    """Work did more than its permit allows; its result is withheld."""

    code = "scope_exceeded"
    remedy = "State every comparison and every enrolment in the request, so that they can be judged."


@dataclass(frozen=True, slots=True)
class OnRecord(Generic[T]):
    """What came of a request, and where the ledger says so.

    Attributes:
        result: What the work gave.
        request: What the ledger calls the request.
        decision: Place of the entry with the decision.
        outcome: Place of the entry with the outcome.
        time: When the outcome was recorded, UTC.
    """

    result: T
    request: str
    decision: int
    outcome: int
    time: datetime


@dataclass(frozen=True, slots=True)
class _Judged:
    """A decision that is on record."""

    request: Request
    considered: Considered
    record: Record
    receipt: Receipt


class Gate:
    """The only maker of permits. Safe from many threads."""

    _testing: ClassVar[bool] = False
    """Whether records are marked as made without judging; only `faceward.testing` says yes."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        dossier: Dossier,
    ) -> None:
        """Stand between requests and whatever acts on them.

        Args:
            ledger: Keeps what was judged and what came of it.
            clock: The one clock of this process.
            dossier: Knows what requests are held against, and the rules.

        Raises:
            CharterMissing: There is no charter, so nothing is allowed.
            PolicyInvalid: The product can do something that the rules do not know, so it must not start.
        """
        dossier.rulebook()
        self._ledger = ledger
        self._clock = clock
        self._dossier = dossier

    def perform(self, request: Request, work: Callable[[Permit], Performed[T] | Pending[T]]) -> T:
        """Do what is asked, if it may be done.

        Args:
            request: What is asked.
            work: Does it. Called at most once, with a permit that ends when it returns. What it leaves
                pending is settled in the transaction that records the outcome.

        Returns:
            What the work gives, after the record of its outcome is durable.

        Raises:
            RefusedError: A rule forbids it or none permits it. The refusal is on record.
            DependencyError: It cannot be judged or recorded, so nothing was done, or nothing is handed out.
            PermitUnspent: The work never spent its permit.
            ScopeExceeded: The work did more than it may.
        """
        return self.perform_on_record(request, work).result

    def perform_on_record(
        self, request: Request, work: Callable[[Permit], Performed[T] | Pending[T]]
    ) -> OnRecord[T]:
        """Do what `perform` does, and say where the ledger says so."""
        judged = self._judge(request)
        permit, spent = issue(self._scope(judged), self._clock)
        start = self._clock.now()
        try:
            done = work(permit)
            if isinstance(done, Performed):
                _hold(request, done.counts, spent)
        except BaseException as error:
            revoke(permit)
            self._fail(judged, start, error)
            raise
        revoke(permit)
        if isinstance(done, Pending):
            return self._settle(judged, start, done, spent)
        end = max(start, self._clock.now())
        done_well = Ended(judged.receipt.first, Ending.DONE, "", start, end, done.counts, done.commitment)
        outcome = self._outcome(judged, done_well)
        receipt = self._ledger.write(Writing(outcome.drafts, outcome.claims, done.filings))
        return _on_record(judged, done.result, receipt)

    def _settle(
        self, judged: _Judged, start: datetime, pending: Pending[T], spent: list[Action]
    ) -> OnRecord[T]:
        """Settle what is pending and record the outcome, together."""
        results: list[T] = []

        def settle(transaction: Transaction) -> Settled:
            performed = pending.settle(transaction)
            _hold(judged.request, performed.counts, spent)
            results.append(performed.result)
            end = max(start, self._clock.now())
            ended = Ended(
                judged.receipt.first, Ending.DONE, "", start, end, performed.counts, performed.commitment
            )
            return replace(self._outcome(judged, ended), filings=performed.filings)

        try:
            receipt = self._ledger.write(Writing((), settle=settle))
        except BaseException as error:
            self._fail(judged, start, error)
            raise
        return _on_record(judged, results[-1], receipt)

    def _fail(self, judged: _Judged, start: datetime, error: BaseException) -> None:
        """Record that work ended without a result.

        What stopped the work is what the caller must hear, even where that cannot be recorded any more: a
        decision without an outcome says then that the work did not end.
        """
        with suppress(DependencyError):
            settled = self._outcome(judged, self._stopped(judged, start, error))
            self._ledger.write(Writing(settled.drafts, settled.claims))

    def _judge(self, request: Request) -> _Judged:
        for _ in range(_TRIES):
            record = self._record(request)
            try:
                # A clock behind the last entry stops everything here: the ledger takes no entry by it.
                considered = self._dossier.consider(request, self._clock.now())
            except UnknownDeployment:
                raise self._refusal(request, record, None, (UNKNOWN_DEPLOYMENT,)) from None
            answer = considered.rulebook.engine.answer(
                question(request.action, considered.use, considered.around, member=considered.member)
            )
            if not answer.allowed or request.action not in OUTCOMES:
                raise self._refusal(request, record, considered, _rules(answer))
            body = decision_body(request, considered, record, Verdict.ALLOW, answer.rules)
            draft = self._draft(record, considered.rulebook, DECISION, body)
            # Where another request was faster, what is known has changed: judge anew.
            with suppress(ClaimExceeded):
                receipt = self._ledger.write(Writing((draft,), considered.claims))
                return _Judged(request, considered, record, receipt)
        raise self._refusal(request, self._record(request), None, (CONTESTED,))

    def _record(self, request: Request) -> Record:
        salt = secrets.token_bytes(16)
        name = self._dossier.pseudonym
        return Record(
            request=f"r-{secrets.token_hex(16)}",
            salt=salt.hex(),
            deployment=name("deployment", request.deployment),
            actor=name("actor", request.actor),
            gallery=name("gallery", request.gallery),
            subjects=tuple(self._dossier.subject(request.gallery, it) for it in named(request)),
            on_behalf_of=name("organisation", request.on_behalf_of),
            recipient=name("organisation", request.recipient),
            authority=name("authority", request.authority),
            probe=self._dossier.digest(salt, request.probe_sha256),
            testing=self._testing,
        )

    def _refusal(
        self, request: Request, record: Record, considered: Considered | None, rules: tuple[str, ...]
    ) -> RefusedError:
        """Record a denial, and give what to raise."""
        body = decision_body(request, considered, record, Verdict.DENY, rules)
        rulebook = self._dossier.rulebook() if considered is None else considered.rulebook
        self._ledger.write(Writing((self._draft(record, rulebook, DECISION, body),)))
        kind = UnknownDeployment if rules == (UNKNOWN_DEPLOYMENT,) else RefusedError
        words = {**rulebook.words, **{name: rule.words for name, rule in REASONS.items()}}
        reasons = tuple(f"{rule}: {words.get(rule, 'see the policy pack.')}" for rule in rules)
        return kind(f"{request.action.value} is refused.", reasons=reasons)

    def _stopped(self, judged: _Judged, start: datetime, error: BaseException) -> Ended:
        unclear = isinstance(error, PermitUnspent | ScopeExceeded) or not isinstance(error, Exception)
        ending = Ending.INTERRUPTED if unclear else Ending.FAILED
        code = error.code if isinstance(error, FacewardError) else "unexpected"
        end = max(start, self._clock.now())
        return Ended(judged.receipt.first, ending, code, start, end, Counts())

    def _outcome(self, judged: _Judged, ended: Ended) -> Settled:
        """What records an outcome; what was reserved for people who were not enrolled is given back."""
        body = outcome_body(judged.considered, judged.record, ended)
        rulebook = judged.considered.rulebook
        draft = self._draft(judged.record, rulebook, OUTCOMES[judged.request.action], body)
        back = judged.request.enrolling - ended.counts.enrolled + ended.counts.erased
        # Work that was interrupted, or that did what it may not, may have enrolled people all the same.
        given = judged.considered.enrolled_counters if ended.ending is not Ending.INTERRUPTED else ()
        return Settled((draft,), tuple(Claim(counter, -back) for counter in given if back))

    def _scope(self, judged: _Judged) -> Scope:
        request = judged.request
        return Scope(
            action=request.action,
            deployment=request.deployment,
            purpose=request.purpose,
            gallery=request.gallery,
            subjects=request.subjects,
            operating_point=request.operating_point,
            probe_sha256=request.probe_sha256,
            comparisons=request.comparisons,
            enrolling=request.enrolling,
            capture=request.capture,
            ground=judged.considered.use.ground,
            expires=judged.receipt.time + timedelta(seconds=PERMIT_SECONDS),
        )

    @staticmethod
    def _draft(record: Record, rulebook: Rulebook, kind: str, body: Mapping[str, JsonValue]) -> Draft:
        return Draft(kind, record.deployment, record.actor, rulebook.policy, body)


def _on_record(judged: _Judged, result: T, receipt: Receipt) -> OnRecord[T]:
    return OnRecord(result, judged.record.request, judged.receipt.first, receipt.first, receipt.time)


def _rules(answer: Answer) -> tuple[str, ...]:
    if answer.faults:
        return (ENGINE_FAULT, *answer.rules)
    return answer.rules or (NOTHING_PERMITS,)


def _hold(request: Request, counts: Counts, spent: list[Action]) -> None:
    if not spent:
        raise PermitUnspent(f"The work of {request.action.value} did not spend its permit.")
    if counts.comparisons > max(request.comparisons, len(request.subjects)):
        raise ScopeExceeded("The work made more comparisons than were judged.")
    if counts.enrolled > request.enrolling:
        raise ScopeExceeded("The work enrolled more people than were judged.")
