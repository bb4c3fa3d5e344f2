"""A ledger, a keyring and a clock in, an installation with people who sign for its deployments out.

Ann operates, Bob and Cora review, Dave audits; their keys are those of everybody who reads this. It is what
tests, benchmarks and the demonstration ask through the real gate, with the shipped rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from faceward.adapters.holdings.nothing import NothingHeld
from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.charters import adoption
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Charter, Keyholder, Role, Stand
from faceward.governance.documents.registry import Registry
from faceward.governance.documents.statements import signed
from faceward.governance.dossier import RegisteredDossier
from faceward.governance.gate import Gate
from faceward.governance.laws import authority_filings
from faceward.governance.laws.authority import AuthorityRecord
from faceward.governance.policies.packs import Packs, active_packs, shipped_schema
from faceward.governance.reviews import proceedings
from faceward.governance.reviews.applications import Application
from faceward.governance.reviews.audits import Audit, Cell, Measure
from faceward.governance.reviews.decisions import Act, Decision
from faceward.governance.reviews.organisations import Organisation
from faceward.governance.reviews.standing import found
from faceward.governance.reviews.trials import Trial
from faceward.governance.rulebook import Shelf
from faceward.ports.clock import Clock
from faceward.ports.keyring import Keyring
from faceward.ports.ledger import Ledger
from faceward.transparency import signatures
from faceward.transparency.signatures import SigningKey

OPERATOR, REVIEWERS, AUDITOR = "ann", ("bob", "cora"), "dave"
_ENGINES: dict[str, CedarEngine] = {}


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit is made for.

    Attributes:
        model: SHA-256 of the model.
        threshold: Threshold of the operating point.
    """

    model: str
    threshold: float


class SampleInstallation:
    """An installation, its people, and a gate that judges by the shipped rules.

    Attributes:
        registry: Signed documents.
        gate: Judges by the charter in force.
        dossier: What the gate knows.
    """

    def __init__(
        self, ledger: Ledger, keyring: Keyring, clock: Clock, stands: tuple[Stand, ...] | None = None
    ) -> None:
        """Found it: a charter that all five people are part of.

        Args:
            ledger: An empty one.
            keyring: Keeps the secrets behind pseudonyms.
            clock: The one clock.
            stands: The active stands; the default of a new charter where it is ``None``.
        """
        self._clock = clock
        shelf = sample_shelf()
        self.registry = Registry(ledger, keyring, clock, lambda charter: _packs(charter.stands).digest)
        self._found(stands)
        self.dossier = RegisteredDossier(
            self.registry,
            ledger,
            keyring,
            shelf,
            NothingHeld(),
        )
        self.gate = Gate(ledger, clock, self.dossier)

    def review(self, name: str, customer: Organisation, application: Application, audited: Audited) -> None:
        """Have a use reviewed by everybody it takes: organisation, application, audit and two approvals."""
        for who in REVIEWERS:
            proceedings.review_organisation(self.registry, application.customer, customer, key_of(who))
        proceedings.apply(self.registry, name, application, key_of(OPERATOR))
        newest = found(self.registry.snapshot(), name).newest
        assert newest is not None  # noqa: S101 - it was filed a line before
        decision = Decision(Act.APPROVE, "All factors were looked at.", newest.digest, until=self.until(80))
        for who in REVIEWERS[: newest.needed]:
            proceedings.decide(self.registry, name, decision, key_of(who))
        proceedings.record_audit(
            self.registry, application.audit, self._audit(application, audited), key_of(AUDITOR)
        )

    def open_trial(self, name: str, trial: Trial) -> None:
        """Open a trial: its operator alone does."""
        proceedings.open_trial(self.registry, name, trial, key_of(OPERATOR))

    def open_authority(self, record: AuthorityRecord) -> None:
        """Put an authority on record: two people file it in equal words."""
        for who in (OPERATOR, REVIEWERS[0]):
            authority_filings.open_authority(self.registry, record, key_of(who))

    def until(self, days: int) -> datetime:
        """A whole second, some days from now."""
        return self._clock.now().replace(microsecond=0) + timedelta(days=days)

    def _found(self, stands: tuple[Stand, ...] | None) -> None:
        first = charters.first("faces.example/sample", _holder(OPERATOR, Role.OPERATOR))
        self._adopt(first, OPERATOR)
        self._grow(_holder(REVIEWERS[0], Role.REVIEWER))
        self._grow(_holder(REVIEWERS[1], Role.REVIEWER), _holder(AUDITOR, Role.AUDITOR))
        if stands is not None:
            charter = replace(charters.successor(self.registry.snapshot().charter), stands=stands)
            self._adopt(charter, OPERATOR, REVIEWERS[0])

    def _grow(self, *new: Keyholder) -> None:
        before = self.registry.snapshot().charter
        keys = tuple(sorted((*before.keys, *new), key=lambda it: (it.account, it.public)))
        self._adopt(replace(charters.successor(before), keys=keys), OPERATOR, REVIEWERS[0])

    def _adopt(self, charter: Charter, *signers: str) -> None:
        proposal = adoption.propose(self.registry, charter)
        adoption.adopt(self.registry, signed(proposal, *(key_of(it) for it in signers)))

    def _audit(self, application: Application, audited: Audited) -> Audit:
        cells = tuple(
            Cell(measure, group, 0, measure.limit)
            for measure in Measure
            for group in (("women", "men") if measure.by_group else ("all",))
        )
        return Audit(
            model=audited.model,
            threshold_millionths=round(audited.threshold * 1e6),
            functions=application.functions,
            purposes=application.purposes,
            captures=application.captures,
            people=application.people,
            cells=cells,
            report=hashlib.sha256(b"report").hexdigest(),
            until=self.until(300),
        )


def sample_shelf() -> Shelf:
    """The shipped rules, which are compiled once for all sample installations of a process."""
    return Shelf(lambda charter: _packs(charter.stands), _engine)


def key_of(name: str) -> SigningKey:
    """The key of one of the people, the same each time."""
    return signatures.loaded(name, hashlib.sha256(f"sample {name}".encode()).digest())


def _holder(name: str, *roles: Role) -> Keyholder:
    return Keyholder(key_of(name).public.hex(), name, frozenset(roles))


@cache
def _packs(stands: tuple[Stand, ...]) -> Packs:
    return active_packs(CedarLanguage(shipped_schema()), stands)


def _engine(packs: Packs) -> CedarEngine:
    if packs.digest not in _ENGINES:
        _ENGINES[packs.digest] = CedarEngine(packs.schema, packs.texts)
    return _ENGINES[packs.digest]
