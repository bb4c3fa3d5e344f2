"""A gallery store in, what the gate must know of the people in it out."""

from __future__ import annotations

from datetime import datetime

from faceward.ports.gallery_store import Gallery, GalleryStore, GalleryUnknown
from faceward.transparency.words import Ground, Purpose, Source


class StoreHoldings:
    """Knows what a gallery store keeps; it remembers nothing, for a gallery may be gone the next moment.

    Args:
        store: Where the galleries are.
    """

    def __init__(self, store: GalleryStore) -> None:
        self._store = store

    def owner(self, gallery: str, /) -> str:
        """The deployment that a gallery belongs to; empty where there is no such gallery."""
        found = self._found(gallery)
        return "" if found is None else found.deployment

    def source(self, gallery: str, /) -> Source:
        """Where the photos of a gallery come from; unknown where there is no such gallery."""
        found = self._found(gallery)
        return Source.UNKNOWN if found is None else found.source

    def ground(self, gallery: str, subjects: tuple[str, ...], purpose: Purpose, at: datetime, /) -> Ground:
        """The ground on which people of a gallery may be compared, the weakest of several."""
        return self._store.ground(gallery, subjects, purpose, at) if gallery else Ground.NONE

    def _found(self, gallery: str) -> Gallery | None:
        if not gallery:
            return None
        try:
            return self._store.gallery(gallery)
        except GalleryUnknown:
            return None
