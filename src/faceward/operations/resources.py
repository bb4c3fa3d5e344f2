"""Adapters and calibration in, what operations on galleries work with out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from faceward.core.decision import CalibrationTable, OperatingPoint
from faceward.core.values import FloatArray
from faceward.errors import ContractMismatch, InvalidValue
from faceward.governance.permits import PermitRefused, Scope
from faceward.operations.holding import Holding
from faceward.ports.clock import Clock
from faceward.ports.gallery_store import Gallery, GalleryStore, Reference
from faceward.ports.vault import Place, Vault
from faceward.recognition.recogniser import Recogniser


@dataclass(frozen=True, slots=True)
class Resources:
    """What operations on galleries work with. They take what they may touch from their permit alone.

    Attributes:
        recogniser: Makes templates of photos.
        store: Keeps galleries.
        vault: Closes and opens templates.
        holding: Holds galleries in memory for searches.
        clock: The one clock.
        calibration: Gives the calibration table for templates of two precisions.
    """

    recogniser: Recogniser
    store: GalleryStore
    vault: Vault
    holding: Holding
    clock: Clock
    calibration: Callable[[str, str], CalibrationTable]

    def gallery(self, scope: Scope) -> Gallery:
        """The gallery of a permit, whose templates this engine can be compared with.

        Raises:
            GalleryUnknown: There is none.
            ContractMismatch: Another model or recipe made its templates.
        """
        gallery = self.store.gallery(scope.gallery)
        if not gallery.contract.differs_only_in_precision(self.recogniser.contract):
            raise ContractMismatch(
                f"The gallery holds templates of {gallery.contract.model}, and this engine makes those of "
                f"{self.recogniser.contract.model}.",
                remedy="Re-template the gallery, or run the engine with its model.",
            )
        return gallery

    def table(self, gallery: Gallery) -> CalibrationTable:
        """The calibration for templates of this engine against those of a gallery.

        Raises:
            ContractMismatch: The precisions differ and nobody measured them against each other.
            OperatingPointUnsupported: There is no calibration.
        """
        pair = sorted((gallery.contract.precision, self.recogniser.contract.precision))
        return self.calibration(pair[0], pair[1])

    def opened(self, gallery: Gallery, references: tuple[Reference, ...]) -> FloatArray:
        """The features of references, shape ``(N, length)``.

        Raises:
            VaultRefused: One does not open in its place.
        """
        return self.vault.opened(
            [it.sealed for it in references], [place_of(gallery, it) for it in references]
        )


def place_of(gallery: Gallery, reference: Reference) -> Place:
    """Where a reference's template opens."""
    return Place(
        gallery.tenant,
        gallery.name,
        reference.subject,
        reference.identifier,
        gallery.contract,
        reference.epoch,
    )


def hold_probe(scope: Scope, probe: bytes) -> None:
    """See that a photo is the one that was judged.

    Raises:
        PermitRefused: It is another.
    """
    if sha256(probe).digest() != scope.probe_sha256:
        raise PermitRefused("This permit is for another photo.", reasons=("gate/permit",))


def operating_point(scope: Scope) -> OperatingPoint:
    """Where a permit lets decide.

    Raises:
        InvalidValue: It names none.
    """
    if scope.operating_point is None:
        raise InvalidValue(
            "A comparison was asked for without an operating point.",
            remedy="Name the false match rate; the threshold follows from it.",
        )
    return scope.operating_point


def only_subject(scope: Scope) -> str:
    """The one subject of a permit.

    Raises:
        PermitRefused: It is for nobody, or for several.
    """
    if len(scope.subjects) != 1:
        raise PermitRefused("This permit is not for one subject.", reasons=("gate/permit",))
    return scope.subjects[0]
