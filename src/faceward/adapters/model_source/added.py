"""A user's ONNX embedder and its manifest in, an entry of the user's own catalogue out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from faceward.adapters import private
from faceward.adapters.model_source import inspection, packages
from faceward.adapters.model_source.preparation import FEATURES, VERSION, prepare
from faceward.catalogue import calibration, manifest
from faceward.catalogue.bundles import Catalogue
from faceward.catalogue.manifest import FeatureOutput, FolderFile, Manifest, Pin, Task
from faceward.core.decision import CalibrationTable
from faceward.core.values import FloatArray, PixelArray
from faceward.errors import DependencyError, InvalidValue, ModelRefused
from faceward.ports.runtime import Network, Placement, PreparedGraph, Runtime

_MAX_JSON = 1 << 20
_NO_LICENCE = frozenset({"none", "noassertion", "unknown", "unlicensed", "licenseref-unknown"})


@dataclass(frozen=True, slots=True)
class AddedModels:
    """The user's folder: ``<identifier>.json`` and ``.onnx``, and tables in ``calibrations``.

    The manifests in it hold the digests that files are checked against, so nobody but this account and
    the administrator may be able to write there.

    Attributes:
        folder: Where; made when the first model is added.
    """

    folder: Path

    def catalogue(self, shipped: Catalogue) -> Catalogue:
        """The shipped entries and the user's.

        Raises:
            InvalidValue: A file in the folder makes no sense; the message names it.
            ModelRefused: Others may write to the folder.
        """
        if not self.folder.exists():
            return shipped
        return shipped.joined(
            tuple(manifest.parse(text, name) for name, text in self._texts(self.folder)), self.calibrations()
        )

    def calibrations(self) -> tuple[CalibrationTable, ...]:
        """The user's calibration tables.

        Raises:
            InvalidValue: A file makes no sense; the message names it.
            ModelRefused: Others may write to the folder.
        """
        tables = self.folder / "calibrations"
        if not tables.exists():
            return ()
        return tuple(calibration.parse(text, name) for name, text in self._texts(tables))

    def add(self, onnx: Path, description: Path, shipped: Catalogue, runtime: Runtime) -> Manifest:
        """Check a model, try it, and put it in the folder.

        Args:
            onnx: The model file; read once, and nothing it points to.
            description: Its manifest.
            shipped: The entries whose identifiers are taken.
            runtime: Where it is tried, on the CPU in f32.

        Returns:
            The manifest as installed, with the pin of the prepared graph. Its licence says whether
            commercial use is allowed; show it.

        Raises:
            InvalidValue: The manifest makes no sense, names no licence, or its identifier is taken.
            ModelRefused: The file is not what the manifest says, or of a kind that is not run.
        """
        text = private.read(description, _MAX_JSON)
        if text is None:
            raise InvalidValue(
                f"The manifest {description.name} cannot be read, or is larger than {_MAX_JSON >> 20} MiB.",
                remedy="Name a plain JSON file.",
            )
        entry = manifest.parse(text, description.name)
        _check_described(entry)
        self.catalogue(shipped).joined((entry,))
        source = packages.read_checked(
            onnx, entry, "Put the digest of the file you trust into the manifest.", inspection.MAX_BYTES
        )
        inspection.check_embedder(inspection.parse(source, entry.identifier), entry)
        content = prepare(source, entry)
        digest = hashlib.sha256(content).hexdigest()
        _try(runtime.load(PreparedGraph(entry.identifier, content, digest), Placement()), entry)
        installed = replace(entry, file=FolderFile(f"{entry.identifier}.onnx"), pin=Pin(VERSION, digest))
        self._install(installed, source)
        return installed

    def keep(self, table: CalibrationTable) -> Path:
        """Put a calibration table into the folder, in place of one of the same model, recipe and precisions.

        Returns:
            Where it lies. It wins over a shipped one from now on.

        Raises:
            ModelRefused: Others may write to the folder.
            DependencyError: It could not be written.
        """
        name = "-".join((table.model, table.preprocessing, *sorted(set(table.precisions))))
        path = self.folder / "calibrations" / f"{name}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.folder, path.parent):
                _check_trusted(folder)
            private.write(path, calibration.as_text(table).encode())
        except OSError as error:
            raise DependencyError(
                f"The calibration table could not be written ({error.strerror}).",
                remedy="Free some space, or set models_dir.",
            ) from None
        return path

    def _install(self, entry: Manifest, source: bytes) -> None:
        text = json.dumps(manifest.as_json(entry), indent=2, ensure_ascii=False) + "\n"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _check_trusted(self.folder)
            private.write(self.folder / f"{entry.identifier}.onnx", source)
            # The manifest last: without it the other file is not an entry.
            private.write(self.folder / f"{entry.identifier}.json", text.encode())
        except OSError as error:
            raise DependencyError(
                f"The model could not be written ({error.strerror}).",
                remedy="Free some space, or set models_dir.",
            ) from None

    def _texts(self, folder: Path) -> list[tuple[str, bytes]]:
        _check_trusted(folder)
        texts = [(path.name, private.read(path, _MAX_JSON)) for path in sorted(folder.glob("*.json"))]
        for name, text in texts:
            if text is None:
                raise InvalidValue(f"{name} is a link, too large, or cannot be read.", remedy="Remove it.")
        return [(name, text) for name, text in texts if text is not None]


def _check_trusted(folder: Path) -> None:
    if (why := private.tampering(folder)) is not None:
        raise ModelRefused(
            f"The folder of added models cannot be trusted: {why}.",
            remedy="Make it this account's own, with `chmod 700`, or set models_dir to one that is.",
        )


def _check_described(entry: Manifest) -> None:
    if entry.task is not Task.EMBEDDER or entry.input.sides is None:
        raise InvalidValue(
            f"{entry.identifier} is not described as an embedder with a height and a width.",
            remedy="Only embedders can be added; give input.height and input.width.",
        )
    if entry.licence.spdx.strip().lower() in _NO_LICENCE:
        raise InvalidValue(
            f"{entry.identifier} has no licence, so nobody may use it.",
            remedy="Ask its publisher, and give the SPDX expression or LicenseRef-… of the answer.",
        )


def _try(network: Network, entry: Manifest) -> None:
    """Run a few pictures and look whether what comes out can be features.

    Raises:
        ModelRefused: It cannot: another shape, no numbers, the same for all, probabilities, or rows
            that depend on their neighbours in the batch.
    """
    if not isinstance(entry.output, FeatureOutput) or entry.input.sides is None:
        raise ModelRefused(f"{entry.identifier} is not an embedder.")
    pictures = _pictures(*entry.input.sides)
    try:
        features = network.run(pictures)[FEATURES]
        alone = np.concatenate([network.run(pictures[i : i + 1])[FEATURES] for i in range(len(pictures))])
    except DependencyError as error:
        raise ModelRefused(f"{entry.identifier} does not run: {error.cause}") from None
    why = _unfit(features, alone, entry.output.length)
    if why is not None:
        raise ModelRefused(
            f"{entry.identifier} does not behave like an embedder: {why}.",
            remedy="Correct the manifest, or export the network up to its features, for any batch.",
        )


def _unfit(features: FloatArray, alone: FloatArray, length: int) -> str | None:
    if features.shape != alone.shape or features.shape[1:] != (length,):
        return f"its output has shape {features.shape}, the manifest says {length} features"
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or norms.min() < 1e-6:
        return "its output is zero or no number"
    units = features / norms
    if not np.allclose(units, alone / np.linalg.norm(alone, axis=1, keepdims=True), atol=1e-3):
        return "a picture's features depend on the others of its batch"
    if (units @ units.T).min() > 1 - 1e-6:
        return "its output is the same for every picture"
    if features.min() >= 0 and np.allclose(features.sum(1), 1, atol=1e-3):
        return "its output is a distribution over classes"
    return None


def _pictures(height: int, width: int) -> PixelArray:
    """Four pictures that have nothing in common, shape ``(4, height, width, 3)``; nobody is on them."""
    ramp = np.linspace(0, 255, width)[None, :, None] * np.ones((height, 1, 3))
    rings = 127 + 127 * np.sin(np.hypot(*np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]) * 20)
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3))
    pictures = (ramp, 255 - ramp.swapaxes(0, 1) if height == width else 255 - ramp, rings[..., None], noise)
    return np.stack([np.broadcast_to(picture, (height, width, 3)) for picture in pictures]).astype(np.uint8)
