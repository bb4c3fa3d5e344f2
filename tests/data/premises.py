"""A database in, an installation with galleries and servers on it out: real gate, rules, vault and store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from data.drafts import SEED
from data.office import START, application, organisation

from faceward.adapters.gallery_store import SqlGalleryStore
from faceward.adapters.holdings.store import StoreHoldings
from faceward.adapters.ledger import Signer, SqliteLedger
from faceward.adapters.ledger.postgres import PostgresLedger
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.adapters.vault import KeyringVault
from faceward.adapters.vector_index import ExactIndex
from faceward.governance.accounts.api_keys import ApiKeys, Scope, Wanted
from faceward.governance.consent import receipts
from faceward.governance.consent.records import LegalGround, Method, State
from faceward.governance.documents.registry import Registry
from faceward.governance.dossier import RegisteredDossier
from faceward.governance.gate import Gate
from faceward.governance.policies.packs import active_packs, shipped_schema
from faceward.governance.reviews.proceedings import record_audit
from faceward.governance.reviews.standing import found
from faceward.operations.consenting import ConsentDesk, Told
from faceward.operations.holding import Holding
from faceward.operations.publication import Publication
from faceward.operations.resources import Resources
from faceward.operations.service import RETENTION_JOB, Caller, Operations, Terms
from faceward.ports.gallery_store import Consent, Majority
from faceward.ports.ledger import Writing
from faceward.testing import MemoryKeyring, SetClock
from faceward.testing.installation import AUDITOR, Audited, SampleInstallation, key_of, sample_shelf
from faceward.testing.sketches import CONTRACT, SketchRecogniser, sketch, sketch_calibration
from faceward.transparency import notes, signatures
from faceward.transparency.words import Capture, Minors, Purpose

DOOR, YARD = "door", "yard"
GATE = Caller("client", DOOR, Purpose.ACCESS_OPTIN, Capture.KIOSK)
YARD_GATE = replace(GATE, deployment=YARD)
ORIGIN = "log.example/tests"
DAY = timedelta(days=1)
THRESHOLDS = (0.38, 0.32, 0.25)
"""Of which an audit is on record: where sketches are verified, and where searches of them decide."""
_LANGUAGE = CedarLanguage(shipped_schema())


@dataclass
class Server:
    """One process of an installation, as `wiring.serving` connects it.

    Attributes:
        operations: The one door.
        resources: What operations work with; the index is behind `resources.holding`.
        index: Of this process alone.
        ledger: Its connection.
        registry: Its view of the documents.
        keys: Its view of the API keys.
        gate: Its gate.
        publication: What it shows of the ledger.
    """

    operations: Operations
    resources: Resources
    index: ExactIndex
    ledger: Any
    registry: Registry
    keys: ApiKeys
    gate: Any
    publication: Publication

    def know(self, subject: str, gallery: str = "staff", caller: Caller = GATE, **told_: Any) -> Consent:
        """Record a consent of somebody."""
        at = self.resources.clock.now()
        return self.operations.record_consent(caller, gallery, subject, told(at, **told_)).result

    def enrol(self, subject: str, photo: bytes = b"", gallery: str = "staff", **told_: Any) -> str:
        """Record a consent and enrol a photo of somebody; gives the reference."""
        self.know(subject, gallery, **told_)
        return self.add(subject, photo, gallery)

    def add(self, subject: str, photo: bytes = b"", gallery: str = "staff", caller: Caller = GATE) -> str:
        """Enrol one more photo of somebody."""
        return self.operations.enrol(caller, gallery, subject, photo or sketch(subject)).result.reference

    def candidates(self, photo: bytes, gallery: str = "staff") -> list[list[str]]:
        """Who each face of a photo may be."""
        found_ = self.operations.identify(GATE, gallery, photo).result
        return [[it.subject for it in face.candidates] for face in found_.faces]


def told(now: datetime, **changes: Any) -> Told:
    """A consent to the door for sixty days, without photos."""
    made = Told(
        purposes=frozenset({Purpose.ACCESS_OPTIN}), until=now.replace(microsecond=0) + 60 * DAY,
        state=State.GIVEN, method=Method.WRITTEN, evidence_sha256=_sha("signed"), notice_version="1",
        notice_sha256=_sha("notice"), language="de", jurisdiction="DE", photos=False,
        ground=LegalGround.CONSENT, reference_sha256="", controller="Acme Ltd", contact="dpo@acme.example",
        majority=Majority.ADULT,
    )  # fmt: skip
    return replace(made, **changes)


class Premises:
    """An installation with two reviewed deployments, each with a gallery ``staff``.

    Args:
        place: File of a SQLite database that is to be made, or address of an empty PostgreSQL database.
        keyring: In memory where none is given.
        people: How many people the door may enrol.
    """

    def __init__(self, place: Path | str, keyring: Any = None, people: int = 250) -> None:
        self.place, self.clock = place, SetClock(START)
        self.keyring = MemoryKeyring() if keyring is None else keyring
        self._close: list[Callable[[], None]] = []
        ledger = self._ledger()
        installation = SampleInstallation(ledger, self.keyring, self.clock)
        for name in (DOOR, YARD):
            applied = application(
                functions=["verify", "identify"], purposes=["access_optin"], people=people, audit=f"a-{name}"
            )
            installation.review(name, organisation(), applied, Audited(CONTRACT.model_sha256, THRESHOLDS[0]))
            for number, threshold in enumerate(THRESHOLDS[1:]):
                audit = installation._audit(applied, Audited(CONTRACT.model_sha256, threshold))
                record_audit(installation.registry, f"a-{name}-{number}", audit, key_of(AUDITOR))
        keys = ApiKeys(ledger, self.keyring)
        for name in (DOOR, YARD):
            wanted = Wanted("client", name, frozenset({Scope.OPERATOR}), self.clock.now() + 300 * DAY, "ann")
            key, _ = keys.made(wanted, self.clock.now())
            ledger.write(Writing((), filings=(key.filing(),)))
        self.server = self.another(ledger=ledger)
        for caller in (GATE, YARD_GATE):
            self.server.operations.make_gallery(caller, "staff", Terms())

    def another(self, wrap: Callable[[Any], Any] = lambda it: it, **parts: Any) -> Server:
        """One more server on the same database, which remembers nothing.

        Args:
            wrap: Puts a double around the gate.
            parts: Instead of what it would make: ``ledger``, ``index``, ``vault``, ``store``, ``recogniser``.
        """
        ledger = parts.get("ledger") or self._ledger()
        store = parts.get("store") or self._store()
        index = parts.get("index") or ExactIndex()
        vault = parts.get("vault") or KeyringVault(self.keyring)
        registry = Registry(ledger, self.keyring, self.clock, lambda it: _packs_digest(it.stands))
        keys = ApiKeys(ledger, self.keyring)

        def member(account: str, deployment: str, at: datetime) -> bool:
            return account == RETENTION_JOB or keys.member(account, deployment, at)

        dossier = RegisteredDossier(
            registry, ledger, self.keyring, sample_shelf(), StoreHoldings(store, member)
        )
        gate = wrap(Gate(ledger, self.clock, dossier))
        resources = Resources(
            recogniser=parts.get("recogniser") or SketchRecogniser(), store=store, vault=vault,
            holding=Holding(store, vault, index), clock=self.clock, calibration=sketch_calibration,
        )  # fmt: skip
        consents = ConsentDesk(
            subject=dossier.subject, actor=registry.pseudonyms.actor,
            opening=lambda salt: receipts.opening(self.keyring.key("record", ""), salt.hex()),
            minors=lambda _: Minors.NONE, signer=self.receipt_signer,
        )  # fmt: skip
        operations = Operations(
            gate, resources, ledger, dossier.deployment,
            lambda deployment: found(registry.snapshot(), deployment).customer, consents,
        )  # fmt: skip
        publication = Publication(ledger, lambda: registry.snapshot().charter, self.log_key.text())
        return Server(operations, resources, index, ledger, registry, keys, gate, publication)

    @property
    def receipt_signer(self) -> signatures.SigningKey:
        """Signs consent receipts."""
        return signatures.loaded("receipts", self.keyring.key("receipt", "consents"))

    @property
    def log_key(self) -> notes.VerifyingKey:
        """Public key of the log."""
        return notes.verifying(signatures.loaded(ORIGIN, SEED))

    def close(self) -> None:
        """Give everything free."""
        for it in reversed(self._close):
            it()
        self._close.clear()

    def _ledger(self) -> Any:
        signer = Signer(signatures.loaded(ORIGIN, SEED), entries=1)
        kind: Any = SqliteLedger if isinstance(self.place, Path) else PostgresLedger
        made = kind(self.place, self.clock, signer)
        self._close.append(made.close)
        return made

    def _store(self) -> SqlGalleryStore:
        made = SqlGalleryStore(self.place, wait_seconds=5)
        self._close.append(made.shut)
        return made


@contextmanager
def premises(place: Path | str, **other: Any) -> Iterator[Premises]:
    """An installation, closed at the end."""
    made = Premises(place, **other)
    try:
        yield made
    finally:
        made.close()


@cache
def _packs_digest(stands: Any) -> str:
    return active_packs(_LANGUAGE, stands).digest


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
