"""Settings in, connected parts out: the one module that knows every adapter."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faceward.catalogue.bundles import Catalogue, shipped
from faceward.catalogue.manifest import FeatureOutput
from faceward.core.decision import CalibrationTable, OperatingPoint
from faceward.core.templating import ALIGNMENT, CHIP_SIDE
from faceward.core.values import TemplateContract
from faceward.errors import InvalidValue
from faceward.governance.charters import adoption
from faceward.governance.charters.charter import Charter
from faceward.governance.documents.registry import Registry
from faceward.governance.dossier import RegisteredDossier
from faceward.governance.gate import Gate
from faceward.governance.policies.packs import (
    Pack,
    Packs,
    active_packs,
    own_packs,
    shipped_schema,
    shipped_stands,
)
from faceward.governance.rulebook import Shelf
from faceward.ports.clock import Clock
from faceward.ports.codec import Codec, ImageLimits
from faceward.ports.keyring import Keyring
from faceward.ports.ledger import Ledger
from faceward.ports.model_source import ModelSource
from faceward.ports.policy_engine import PolicyEngine
from faceward.ports.runtime import Placement, Runtime
from faceward.ports.sealing import Sealing
from faceward.ports.witness import Witness
from faceward.recognition.recogniser import PREPROCESSING, Networks, Recogniser
from faceward.settings import Settings
from faceward.transparency.signatures import SigningKey, loaded

if TYPE_CHECKING:
    from faceward.adapters.model_source.added import AddedModels


@dataclass(frozen=True, slots=True)
class Parts:
    """What one installation runs on.

    Attributes:
        recogniser: Photos to faces and templates.
        networks: What the recogniser runs, so that it can be measured apart.
        catalogue: Models and what was measured with them.
        placement: Where the networks really run, as read back from the runtime.
        runtime: Name and version of what runs them.
    """

    recogniser: Recogniser
    networks: Networks
    catalogue: Catalogue
    placement: Placement
    runtime: str

    def calibration(self, *precisions: str) -> CalibrationTable:
        """The calibration of this embedder for templates of two precisions; this engine's own by default.

        Raises:
            ContractMismatch: The precisions differ and nobody measured them against each other.
            OperatingPointUnsupported: There is no calibration.
        """
        contract = self.recogniser.contract
        pair = precisions or (contract.precision, contract.precision)
        return self.catalogue.calibration(contract.model, contract.preprocessing, pair)

    def operating_point(self, false_match_rate: float) -> OperatingPoint:
        """The operating point of this engine's own precision for a rate.

        Raises:
            OperatingPointUnsupported: There is no evidence for that rate.
        """
        return self.calibration().at(false_match_rate)


def connect(settings: Settings) -> Parts:
    """Load the networks that the settings name and put the parts together.

    Raises:
        DependencyError: A model, a device or a package is missing; nothing is used in its place.
        InvalidValue: The settings name a model that the catalogue has not, or that does something else.
    """
    chosen = runtime(settings.runtime)
    loaded = networks(settings, chosen)
    return Parts(
        Recogniser(codec(), loaded, limits=image_limits(settings)),
        loaded,
        catalogue(settings),
        loaded.embedder.placement,
        f"{chosen.name} {chosen.version}",
    )


def networks(settings: Settings, chosen: Runtime) -> Networks:
    """Load the two networks that the settings name.

    Raises:
        DependencyError: A model or a device is missing; nothing is used in its place.
        InvalidValue: The settings name a model that the catalogue has not, or that does something else.
    """
    source = models(settings)
    placement = Placement(
        device=settings.device,
        precision=_precision(settings, chosen),
        threads=settings.threads,
        streams=settings.streams or usable_cores(),
    )
    # Half of a cold start is compiling, and the two networks have nothing to do with each other.
    with ThreadPoolExecutor(2) as pool:
        detector, embedder = pool.map(
            lambda model, expected: chosen.load(source.prepared(model), placement, expected),
            (settings.detector, settings.embedder),
            (None, (2, CHIP_SIDE, CHIP_SIDE, 3)),
        )
    made_by = contract(source, settings.embedder, embedder.placement.precision)
    return Networks(detector, embedder, made_by)


def image_limits(settings: Settings) -> ImageLimits:
    """What is refused before anything is decoded."""
    return ImageLimits(settings.max_bytes, settings.max_pixels, settings.max_frames)


def catalogue(settings: Settings) -> Catalogue:
    """The shipped entries and those that the user added."""
    return added_models(settings).catalogue(shipped())


def added_models(settings: Settings) -> AddedModels:
    """The user's own models and calibration tables."""
    from faceward.adapters.model_source.added import AddedModels

    return AddedModels(settings.models_folder)


def models(settings: Settings) -> ModelSource:
    """Where the catalogue's files come from."""
    from faceward.adapters.model_source.cache import GraphCache
    from faceward.adapters.model_source.source import CatalogueModelSource

    return CatalogueModelSource(
        catalogue(settings), GraphCache(settings.cache_folder), settings.models_folder
    )


def codec() -> Codec:
    """What opens photos."""
    from faceward.adapters.codec import PhotoCodec

    return PhotoCodec()


def clock() -> Clock:
    """What tells the time."""
    from faceward.adapters.clock import SystemClock

    return SystemClock()


def keyring(settings: Settings) -> Keyring:
    """What keeps the secrets of this installation."""
    from faceward.adapters.keyring import FileKeyring

    return FileKeyring(settings.state_folder / "keys")


def log_key(settings: Settings) -> SigningKey:
    """What the ledger signs its checkpoints with, in its own name.

    Raises:
        InvalidValue: The settings give the ledger another name than it has.
        KeyUnreadable: The key cannot be read or made.
        LedgerUnavailable: The name cannot be read or written down.
    """
    from faceward.adapters.ledger.origin import origin

    name = origin(settings.state_folder / "ledger", settings.ledger_origin)
    return loaded(name, keyring(settings).key("log", "checkpoints"))


def has_ledger(settings: Settings) -> bool:
    """Whether there is a ledger already; to ask for it makes one.

    Raises:
        DependencyError: It lies in a database that cannot be asked.
    """
    if settings.database:
        from faceward.adapters.ledger.postgres import has_ledger as is_begun

        return is_begun(settings.database)
    return (settings.state_folder / "ledger" / "ledger.db").exists()


def ledger(settings: Settings, by: Clock | None = None) -> Ledger:
    """Where every decision is recorded; whoever asks for it closes it.

    Args:
        settings: Which database, or where its file lies.
        by: The clock that gives entries their time; this machine's where it is ``None``.

    Raises:
        InvalidValue: The settings give the ledger another name than it has.
        DependencyError: It cannot be opened, or does not hold what it once signed.
    """
    from faceward.adapters.ledger import Signer, SqliteLedger

    if settings.database:
        from faceward.adapters.ledger.postgres import PostgresLedger

        return PostgresLedger(settings.database, by or clock(), Signer(log_key(settings)))
    path = settings.state_folder / "ledger" / "ledger.db"
    return SqliteLedger(path, by or clock(), Signer(log_key(settings)))


def packs(settings: Settings, charter: Charter) -> Packs:
    """The policy packs that a charter makes active; those of an installation's own lie in its state folder.

    Raises:
        PolicyInvalid: An own pack is missing, is not the one that the charter names, or does what it may not.
    """
    from faceward.adapters.policy_engine.cedar_language import CedarLanguage

    own = adoption.own_packs_of(charter, packs_there(settings) if charter.packs else ())
    return active_packs(CedarLanguage(shipped_schema()), charter.stands, own)


def packs_of(stands: Iterable[str]) -> Packs:
    """The base and some of the shipped stands, without any pack of an installation's own.

    Raises:
        PolicyInvalid: There is no such stand.
    """
    from faceward.adapters.policy_engine.cedar_language import CedarLanguage

    return active_packs(CedarLanguage(shipped_schema()), stands)


def all_packs() -> Packs:
    """The base and every stand that ships, together; no installation has them all."""
    return packs_of(shipped_stands())


def packs_there(settings: Settings) -> tuple[Pack, ...]:
    """The own packs that lie in the state folder now, whether or not a charter names them.

    Raises:
        PolicyInvalid: They cannot be read, or one does what it may not.
    """
    from faceward.adapters.policy_engine.cedar_language import CedarLanguage

    return own_packs(CedarLanguage(shipped_schema()), settings.state_folder / "packs")


def registry(settings: Settings, of: Ledger, by: Clock | None = None) -> Registry:
    """What reads and files governance documents.

    Args:
        settings: Where keys and packs lie.
        of: The ledger, see `ledger`.
        by: The clock; this machine's where it is ``None``.
    """
    return Registry(of, keyring(settings), by or clock(), lambda charter: packs(settings, charter).digest)


@dataclass(frozen=True, slots=True)
class Installation:
    """What stands between requests and whatever acts on them. Whoever asks for it closes it.

    Attributes:
        ledger: Keeps what was judged and what came of it.
        registry: Signed documents of charters, reviews, audits and laws.
        dossier: What is known of a request.
        gate: The only maker of permits.
    """

    ledger: Ledger
    registry: Registry
    dossier: RegisteredDossier
    gate: Gate

    def __enter__(self) -> Installation:
        return self

    def __exit__(self, *_error: object) -> None:
        self.ledger.close()


def installation(settings: Settings) -> Installation:
    """Open the ledger of this installation, and put a gate before everything that acts.

    Where the policies that are in force now are not those that the ledger announced last, because the shipped
    packs changed with a new version, they are announced first: an entry that nobody signed.

    Raises:
        CharterMissing: There is no charter yet, so nothing is allowed.
        DependencyError: The ledger, a key or the rules cannot be read.
        InvalidValue: The settings give the ledger another name than it has.
    """
    kept = ledger(settings)
    try:
        held = registry(settings, kept)
        known = dossier(settings, kept, held)
        return Installation(kept, held, known, Gate(kept, clock(), known))
    except BaseException:
        kept.close()
        raise


def dossier(settings: Settings, of: Ledger, held: Registry) -> RegisteredDossier:
    """What knows the facts of a use; it reads, and writes nothing.

    Args:
        settings: Where keys and packs lie.
        of: The ledger, see `ledger`.
        held: Its documents, see `registry`.
    """
    from faceward.adapters.holdings.nothing import NothingHeld

    return RegisteredDossier(held, of, keyring(settings), rulebooks(settings), NothingHeld())


def rulebooks(settings: Settings) -> Shelf:
    """What gives the rules of a charter."""
    return Shelf(lambda charter: packs(settings, charter), engine)


def engine(active: Packs) -> PolicyEngine:
    """What judges by packs."""
    from faceward.adapters.policy_engine.cedar import CedarEngine

    return CedarEngine(active.schema, active.texts)


def witness(folder: Path, name: str = "") -> Witness:
    """A witness in its own folder.

    Args:
        folder: Where it keeps its key and what it saw.
        name: What a new witness is to be called.

    Raises:
        InvalidValue: There is no witness yet and no name for one, or it has another name.
        DependencyError: The folder cannot be used.
    """
    from faceward.adapters.keyring import FileKeyring
    from faceward.adapters.witness import FolderWitness
    from faceward.adapters.witness.folder import named

    known = named(folder, name)
    return FolderWitness(folder, loaded(known, FileKeyring(folder / "keys").key("witness", "cosignatures")))


def sealing() -> Sealing:
    """What closes templates for one recipient, and opens them again."""
    from faceward.adapters.sealing import HpkeSealing

    return HpkeSealing()


def runtime(name: str) -> Runtime:
    """What runs networks, by name.

    Raises:
        InvalidValue: There is no such runtime.
    """
    if name == "openvino":
        from faceward.adapters.runtime.openvino import OpenVinoRuntime

        return OpenVinoRuntime()
    if name == "onnxruntime":
        from faceward.adapters.runtime.onnx_runtime import OnnxRuntimeRuntime

        return OnnxRuntimeRuntime()
    raise InvalidValue(f"There is no runtime {name!r}.", remedy="Use openvino or onnxruntime.")


def contract(source: ModelSource, embedder: str, precision: str) -> TemplateContract:
    """What the templates of a catalogue entry are made by.

    Raises:
        InvalidValue: The entry is no embedder, or wants its faces aligned in another way.
    """
    manifest = source.manifest(embedder)
    if not isinstance(manifest.output, FeatureOutput):
        raise InvalidValue(
            f"{embedder} makes no templates.", remedy="Set embedder to a model whose task is embedder."
        )
    if (manifest.input.sides, manifest.output.alignment) != ((CHIP_SIDE, CHIP_SIDE), ALIGNMENT):
        raise InvalidValue(
            f"{embedder} wants faces aligned in another way than {ALIGNMENT}, {CHIP_SIDE} × {CHIP_SIDE}.",
            remedy="Set embedder to a model of the ArcFace family; faces are aligned in no other way yet.",
        )
    return TemplateContract(
        manifest.identifier, manifest.sha256, PREPROCESSING, precision, manifest.output.length
    )


def workers() -> int:
    """Threads that keep every core busy: while one computes, another reads, decodes and samples.

    Measured on two cores: two threads reach 1.6 times the throughput of one core, four 1.8 to 1.9 times.
    """
    return 2 * usable_cores()


def usable_cores() -> int:
    """Cores this process may run on, which a container or ``taskset`` can make fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _precision(settings: Settings, chosen: Runtime) -> str:
    """The precision to insist on: what was set, or else what the device computes natively and fastest."""
    return chosen.precisions(settings.device)[0] if settings.precision == "auto" else settings.precision
