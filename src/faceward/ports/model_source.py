"""A catalogue entry in, its prepared graph out."""

from __future__ import annotations

from typing import Protocol

from faceward.catalogue.manifest import Manifest
from faceward.ports.runtime import PreparedGraph


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
