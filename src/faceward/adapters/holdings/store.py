"""A gallery store in, what the gate must know of the people in it out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from faceward.ports.gallery_store import Gallery, GalleryStore, GalleryUnknown
from faceward.transparency.words import Ground, Purpose, Source


class StoreHoldings:
    """Knows what a gallery store keeps; it remembers nothing, for a gallery may be gone the next moment.

    Args:
        store: Where the galleries are.
        member: Says whether an account is one of a deployment at a moment; nobody is where it is not given.
    """

    def __init__(
        self, store: GalleryStore, member: Callable[[str, str, datetime], bool] = lambda *_: False
    ) -> None:
        self._store = store
        self._member = member

    def owner(self, gallery: str, /) -> str:
        """The deployment that a gallery belongs to; empty where there is no such gallery."""
        found = self._found(gallery)
        return "" if found is None else found.deployment

    def member(self, account: str, deployment: str, at: datetime, /) -> bool:
        """Whether an account is one of a deployment and open at a moment."""
        return self._member(account, deployment, at)

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
