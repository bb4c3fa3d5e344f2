"""The shipped manifests and calibration tables in, a catalogue that can be asked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import resources

from faceward.catalogue import calibration, manifest
from faceward.catalogue.manifest import Manifest
from faceward.core.decision import CalibrationTable
from faceward.errors import ContractMismatch, InvalidValue, OperatingPointUnsupported


@dataclass(frozen=True, slots=True)
class Bundle:
    """Two models that work together."""

    detector: str
    embedder: str


DEFAULT = Bundle(detector="yunet-2023mar", embedder="sface-2021dec")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Models and what was measured with them.

    Attributes:
        manifests: One for each model, in order of identifier.
        calibrations: Tables; at most one for each model, recipe and pair of precisions.
    """

    manifests: tuple[Manifest, ...]
    calibrations: tuple[CalibrationTable, ...] = ()

    def manifest(self, model: str) -> Manifest:
        """One entry.

        Raises:
            InvalidValue: There is no such entry; the remedy lists those there are.
        """
        for entry in self.manifests:
            if entry.identifier == model:
                return entry
        names = ", ".join(entry.identifier for entry in self.manifests) or "none"
        raise InvalidValue(f"There is no model {model!r} in the catalogue.", remedy=f"There are: {names}.")

    def calibration(self, model: str, preprocessing: str, precisions: Iterable[str]) -> CalibrationTable:
        """The table behind every decision between templates of these two precisions.

        Args:
            model: Identifier of the embedder.
            preprocessing: Recipe part of the template contract.
            precisions: The two precisions, in any order.

        Raises:
            ContractMismatch: The precisions differ and nobody measured them against each other.
            OperatingPointUnsupported: They are equal and nobody calibrated them.
        """
        pair = tuple(sorted(precisions))
        for table in self.calibrations:
            if (table.model, table.preprocessing, table.precisions) == (model, preprocessing, pair):
                return table
        if len(set(pair)) > 1:
            raise ContractMismatch(
                f"Nobody measured templates of {model} ({preprocessing}) in {' against '.join(pair)}.",
                remedy="Make both templates with one precision, or run `faceward calibrate` on the pair.",
            )
        raise OperatingPointUnsupported(
            f"There is no calibration of {model} ({preprocessing}) in {pair[0] if pair else 'no precision'}.",
            remedy="Run `faceward calibrate` on labelled photos, or choose a calibrated model and precision.",
        )

    def joined(
        self, manifests: Iterable[Manifest] = (), calibrations: Iterable[CalibrationTable] = ()
    ) -> Catalogue:
        """This catalogue with more entries; a new table replaces one of the same model, recipe and pair.

        Raises:
            InvalidValue: An identifier is taken.
        """
        entries = {entry.identifier: entry for entry in self.manifests}
        for entry in manifests:
            if entry.identifier in entries:
                raise InvalidValue(
                    f"The catalogue has a model {entry.identifier!r} already.",
                    remedy="Give the new model another identifier.",
                )
            entries[entry.identifier] = entry
        tables = {_key(table): table for table in (*self.calibrations, *calibrations)}
        return replace(
            self,
            manifests=tuple(entries[name] for name in sorted(entries)),
            calibrations=tuple(tables[key] for key in sorted(tables)),
        )


def shipped() -> Catalogue:
    """Read the manifests and tables that come with the package.

    Raises:
        InvalidValue: One of them is damaged; the message names the file.
    """
    folder = resources.files(__package__)
    texts = {
        kind: [
            (entry.name, entry.read_bytes())
            for entry in sorted(folder.joinpath(kind).iterdir(), key=lambda entry: entry.name)
            if entry.name.endswith(".json")
        ]
        for kind in ("models", "calibrations")
    }
    return Catalogue(()).joined(
        (manifest.parse(text, name) for name, text in texts["models"]),
        (calibration.parse(text, name) for name, text in texts["calibrations"]),
    )


def _key(table: CalibrationTable) -> tuple[str, str, tuple[str, str]]:
    return table.model, table.preprocessing, table.precisions
