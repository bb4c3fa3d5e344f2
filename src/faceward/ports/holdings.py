"""A gallery, the people in it or an account in, whose it is, where it came from and on which ground out."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from faceward.transparency.words import Ground, Purpose, Source


class Holdings(Protocol):
    """Knows what is kept of people, and for whom. Every adapter passes tests/contracts/test_holdings.py."""

    def owner(self, gallery: str, /) -> str:
        """The deployment that a gallery belongs to; empty where there is no such gallery."""

    def member(self, account: str, deployment: str, at: datetime, /) -> bool:
        """Whether an account is one of a deployment and open at a moment; no for one that nobody knows."""

    def source(self, gallery: str, /) -> Source:
        """Where the photos of a gallery come from, the worst of several; unknown where nothing says so."""

    def ground(self, gallery: str, subjects: tuple[str, ...], purpose: Purpose, at: datetime, /) -> Ground:
        """The ground on which people of a gallery may be compared, the weakest of several.

        Args:
            gallery: The gallery; empty for none.
            subjects: The people that are named; empty for all of the gallery.
            purpose: What for: a ground is for one purpose.
            at: When.
        """
