"""Settings in, everything that a server works with out, connected; whoever asks for it closes it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from faceward import wiring
from faceward.api.desk import Desk
from faceward.api.uploads import BodyLimits
from faceward.api.work import Workers
from faceward.core.decision import CalibrationTable
from faceward.governance.accounts.api_keys import ApiKeys
from faceward.governance.consent import receipts
from faceward.governance.dossier import RegisteredDossier
from faceward.governance.gate import Gate
from faceward.governance.particulars import particulars
from faceward.governance.reviews.standing import found
from faceward.operations.consenting import ConsentDesk
from faceward.operations.holding import Holding
from faceward.operations.publication import Publication
from faceward.operations.resources import Resources
from faceward.operations.service import RETENTION_JOB, Operations
from faceward.ports.gallery_store import GalleryStore
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
    with ExitStack() as opened:
        clock, keyring = wiring.clock(), wiring.keyring(settings)
        ledger = wiring.ledger(settings)
        opened.callback(ledger.close)
        store = gallery_store(settings)
        opened.callback(store.shut)
        keys = ApiKeys(ledger, keyring)
        registry = wiring.registry(settings, ledger)

        def member(account: str, deployment: str, at: datetime) -> bool:
            return account == RETENTION_JOB or keys.member(account, deployment, at)

        from faceward.adapters.holdings.store import StoreHoldings

        dossier = RegisteredDossier(
            registry, ledger, keyring, wiring.rulebooks(settings), StoreHoldings(store, member)
        )

        def minors(deployment: str) -> Minors:
            known = particulars(registry.snapshot(), deployment, clock.now(), registry.pseudonyms)
            return known.declared.minors

        consents = ConsentDesk(
            subject=dossier.subject,
            actor=registry.pseudonyms.actor,
            opening=lambda salt: receipts.opening(keyring.key("record", ""), salt.hex()),
            minors=minors,
            signer=loaded("receipts", keyring.key("receipt", "consents")),
        )
        operations = Operations(
            gate=Gate(ledger, clock, dossier),
            resources=resources(settings, store),
            ledger=ledger,
            deployments=dossier.deployment,
            tenant=lambda deployment: found(registry.snapshot(), deployment).customer,
            consents=consents,
        )
        operations.finish_erasures()
        log_key = verifying(wiring.log_key(settings)).text()
        workers = Workers(wiring.workers(), settings.waiting_requests)
        opened.callback(workers.close)
        desk = Desk(
            operations=operations,
            publication=Publication(ledger, lambda: registry.snapshot().charter, log_key),
            keys=keys,
            workers=workers,
            limits=BodyLimits(settings.body_bytes, settings.body_seconds),
            clock=clock,
        )
        return Serving(desk, opened.pop_all())


def gallery_store(settings: Settings) -> GalleryStore:
    """Where galleries are kept, in the database of the ledger; open the ledger first.

    Raises:
        DependencyError: It cannot be opened.
    """
    from faceward.adapters.gallery_store import SqlGalleryStore

    return SqlGalleryStore(settings.database or settings.state_folder / "ledger" / "ledger.db")


def resources(settings: Settings, store: GalleryStore) -> Resources:
    """What operations on galleries work with.

    Raises:
        DependencyError: A model or a key cannot be read.
    """
    from faceward.adapters.vault import KeyringVault
    from faceward.adapters.vector_index import ExactIndex

    parts = wiring.connect(settings)
    vault = KeyringVault(wiring.keyring(settings))

    def calibration(*precisions: str) -> CalibrationTable:
        return parts.calibration(*precisions)

    return Resources(
        recogniser=parts.recogniser,
        store=store,
        vault=vault,
        holding=Holding(store, vault, ExactIndex()),
        clock=wiring.clock(),
        calibration=calibration,
    )
