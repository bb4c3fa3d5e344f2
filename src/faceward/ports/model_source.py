"""A catalogue entry in, its prepared graph out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from faceward.catalogue.manifest import Manifest
from faceward.ports.runtime import PreparedGraph


class Severity(StrEnum):
    """How bad a finding is."""

    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked.

    Attributes:
        about: Identifier of the model, or the part that was looked at.
        severity: Whether it is fine, costs something, or stops work.
        cause: What was found.
        remedy: What to do; empty where nothing needs doing.
    """

    about: str
    severity: Severity
    cause: str
    remedy: str


class ModelSource(Protocol):
    """Finds model files, checks them and prepares them."""

    def manifests(self) -> tuple[Manifest, ...]:
        """Every entry of the catalogue, in order of identifier."""

    def manifest(self, model: str) -> Manifest:
        """One entry.

        Raises:
            InvalidValue: There is no such entry; the remedy lists those there are.
        """

    def prepared(self, model: str) -> PreparedGraph:
        """The graph, ready to load, from the cache when its digest agrees.

        Raises:
            ModelRefused: The file is missing, or its digest is not the manifest's.
        """

    def verify(self) -> tuple[Finding, ...]:
        """Check every file of the catalogue against its digests; one finding for each, good ones too."""
