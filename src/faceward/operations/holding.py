"""A gallery's name in, its templates in the index as the store has them now out.

The index is never believed: before each search its revision is compared with the store's, and what changed
since, by this process or another, is read and opened first.
"""

from __future__ import annotations

from collections import defaultdict
from threading import Lock

import numpy as np

from faceward.core.values import FloatArray
from faceward.errors import FacewardError
from faceward.ports.gallery_store import Extent, Gallery, GalleryStore, Reference
from faceward.ports.vault import Place, Vault
from faceward.ports.vector_index import Hit, VectorIndex


class Holding:
    """Holds galleries in memory. Safe from many threads."""

    def __init__(self, store: GalleryStore, vault: Vault, index: VectorIndex) -> None:
        """Hold what the store keeps, as the vault opens it, in an index."""
        self._store, self._vault, self._index = store, vault, index
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self._door = Lock()

    def search(
        self, gallery: Gallery, probes: FloatArray, threshold: float, most: int
    ) -> tuple[Extent, tuple[tuple[Hit, ...], ...]]:
        """Search a gallery as the store has it now, or a moment later.

        Args:
            gallery: Which.
            probes: Shape ``(P, length)``, float32, as the recogniser makes them.
            threshold: A score equal to it is a hit.
            most: The most hits for each probe.

        Returns:
            The extent of the gallery, not later than what was searched, and the hits of each probe.

        Raises:
            GalleryUnknown: There is none.
            VaultRefused: A template does not open in its place, so none of this gallery is searched.
        """
        extent = self._store.extent(gallery.name)
        turned = self._vault.turned(probes, gallery.tenant)
        while True:
            self.lead(gallery, extent.revision)
            try:
                revision, hits = self._index.search(gallery.name, turned, threshold, most)
            except KeyError:  # Somebody dropped it in between.
                continue
            if revision >= extent.revision:
                return extent, hits

    def lead(self, gallery: Gallery, revision: int) -> None:
        """See that a gallery is held at a revision or a later one."""
        held = self._index.revision(gallery.name)
        if held is not None and held >= revision:
            return
        with self._door:
            lock = self._locks[gallery.name]
        with lock:
            held = self._index.revision(gallery.name)
            if held is None or (held < revision and not self._update(gallery, held)):
                self._load(gallery)

    def follow(self, gallery: str) -> None:
        """Let a gallery that is held follow the store, so that who was erased is not held any more."""
        if self._index.revision(gallery) is None:
            return
        try:
            self.lead(self._store.gallery(gallery), self._store.extent(gallery).revision)
        except FacewardError:  # It is gone, or something of it does not open: the next search says so.
            self.drop(gallery)

    def drop(self, gallery: str) -> None:
        """Hold a gallery no more."""
        self._index.drop(gallery)
        with self._door:
            self._locks.pop(gallery, None)

    def memory_bytes(self) -> int:
        """Bytes that all galleries take."""
        return self._index.memory_bytes()

    def _update(self, gallery: Gallery, held: int) -> bool:
        what = self._store.difference(gallery.name, held)
        return what is not None and self._index.update(
            gallery.name,
            held,
            what.revision,
            what.removed,
            [it.identifier for it in what.added],
            [it.subject for it in what.added],
            self._features(gallery, what.added),
        )

    def _load(self, gallery: Gallery) -> None:
        revision, portions = self._store.everything(gallery.name)
        references: list[str] = []
        subjects: list[str] = []
        features = []
        for portion in portions:
            references += [it.identifier for it in portion]
            subjects += [it.subject for it in portion]
            features.append(self._features(gallery, tuple(portion)))
        whole = np.concatenate(features) if features else self._features(gallery, ())
        self._index.load(gallery.name, revision, references, subjects, whole)

    def _features(self, gallery: Gallery, references: tuple[Reference, ...]) -> FloatArray:
        if not references:
            return np.empty((0, gallery.contract.length), np.float32)
        places = [
            Place(gallery.tenant, gallery.name, it.subject, it.identifier, gallery.contract, it.epoch)
            for it in references
        ]
        opened = self._vault.opened([it.sealed for it in references], places)
        return self._vault.turned(opened, gallery.tenant)
