"""Settings in, everything that a server works with out, connected; whoever asks for it closes it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from faceward import wiring
from faceward.api.desk import Desk
from faceward.api.uploads import BodyLimits
from faceward.api.work import Workers
from faceward.core.decision import CalibrationTable
from faceward.governance.accounts.api_keys import ApiKeys
from faceward.governance.accounts.sessions import Sessions
from faceward.governance.consent import receipts
from faceward.governance.documents.registry import Registry
from faceward.governance.dossier import RegisteredDossier
from faceward.governance.gate import Gate
from faceward.governance.particulars import particulars
from faceward.governance.reviews.standing import found
from faceward.operations.consenting import ConsentDesk
from faceward.operations.holding import Holding
from faceward.operations.publication import Publication
from faceward.operations.resources import Resources
from faceward.operations.service import RETENTION_JOB, Operations
from faceward.ports.clock import Clock
from faceward.ports.gallery_store import GalleryStore
from faceward.ports.keyring import Keyring
from faceward.recognition.recogniser import Recogniser
from faceward.settings import Settings
from faceward.transparency.notes import verifying
from faceward.transparency.signatures import loaded
from faceward.transparency.words import Minors


@dataclass(frozen=True, slots=True)
class Serving:
    """A server's insides.

    Attributes:
        desk: What its routes work with.
        opened: Closes everything again, in the right order.
    """

    desk: Desk
    opened: ExitStack

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_error: object) -> None:
        self.opened.close()


def serving(settings: Settings) -> Serving:
    """Open the ledger and the store of this installation, and put a gate before everything that acts.

    Raises:
        CharterMissing: There is no charter yet, so nothing is allowed.
        DependencyError: The ledger, the store, a key or a model cannot be read.
        InvalidValue: The settings make no sense.
    """
    parts = wiring.connect(settings)
    return assembled(settings, parts.recogniser, parts.calibration)


def assembled(
    settings: Settings,
    recogniser: Recogniser,
    calibration: Callable[[str, str], CalibrationTable],
    by: Clock | None = None,
) -> Serving:
    """Put a server together around what makes templates.

    Args:
        settings: Everything else.
        recogniser: Makes templates of photos.
        calibration: Gives the calibration table for templates of two precisions.
        by: The one clock; this machine's where it is ``None``.

    Raises:
        CharterMissing: There is no charter yet, so nothing is allowed.
        DependencyError: The ledger, the store or a key cannot be read.
        InvalidValue: The settings make no sense.
    """
    from faceward.adapters.holdings.store import StoreHoldings
    from faceward.adapters.vault import KeyringVault
    from faceward.adapters.vector_index import ExactIndex

    with ExitStack() as opened:
        clock, keyring = by or wiring.clock(), wiring.keyring(settings)
        ledger = wiring.ledger(settings, clock)
        opened.callback(ledger.close)
        store = gallery_store(settings)
        opened.callback(store.shut)
        keys, vault = ApiKeys(ledger, keyring), KeyringVault(keyring)
        registry = wiring.registry(settings, ledger, clock)

        def member(account: str, deployment: str, at: datetime) -> bool:
            return account == RETENTION_JOB or keys.member(account, deployment, at)

        holdings = StoreHoldings(store, member)
        dossier = RegisteredDossier(registry, ledger, keyring, wiring.rulebooks(settings), holdings)
        resources = Resources(
            recogniser=recogniser,
            store=store,
            vault=vault,
            holding=Holding(store, vault, ExactIndex()),
            clock=clock,
            calibration=calibration,
        )
        operations = Operations(
            gate=Gate(ledger, clock, dossier),
            resources=resources,
            ledger=ledger,
            deployments=dossier.deployment,
            tenant=lambda deployment: found(registry.snapshot(), deployment).customer,
            consents=_consents(registry, dossier, keyring, clock),
        )
        operations.finish_erasures()
        workers = Workers(wiring.workers(), settings.waiting_requests)
        opened.callback(workers.close)
        log_key = verifying(wiring.log_key(settings)).text()
        desk = Desk(
            operations=operations,
            publication=Publication(ledger, lambda: registry.snapshot().charter, log_key),
            keys=keys,
            sessions=Sessions(),
            workers=workers,
            limits=BodyLimits(settings.body_bytes, settings.body_seconds),
            clock=clock,
        )
        return Serving(desk, opened.pop_all())


def _consents(registry: Registry, dossier: RegisteredDossier, keyring: Keyring, clock: Clock) -> ConsentDesk:
    def minors(deployment: str) -> Minors:
        known = particulars(registry.snapshot(), deployment, clock.now(), registry.pseudonyms)
        return known.declared.minors

    return ConsentDesk(
        subject=dossier.subject,
        actor=registry.pseudonyms.actor,
        opening=lambda salt: receipts.opening(keyring.key("record", ""), salt.hex()),
        minors=minors,
        signer=loaded("receipts", keyring.key("receipt", "consents")),
    )


def gallery_store(settings: Settings) -> GalleryStore:
    """Where galleries are kept, in the database of the ledger; open the ledger first.

    Raises:
        DependencyError: It cannot be opened.
    """
    from faceward.adapters.gallery_store import SqlGalleryStore

    return SqlGalleryStore(settings.database or settings.state_folder / "ledger" / "ledger.db")
