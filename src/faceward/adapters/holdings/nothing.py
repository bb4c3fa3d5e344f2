"""No gallery in, no ground out: what an installation without a gallery store knows of people."""

from __future__ import annotations

from datetime import datetime

from faceward.transparency.words import Ground, Purpose, Source


class NothingHeld:
    """Keeps nobody. Whoever names a gallery or a subject names what is unknown, and that means no."""

    def owner(self, _gallery: str, /) -> str:
        """Nobody."""
        return ""

    def member(self, _account: str, _deployment: str, _at: datetime, /) -> bool:
        """No."""
        return False

    def source(self, _gallery: str, /) -> Source:
        """Unknown."""
        return Source.UNKNOWN

    def ground(
        self, _gallery: str, _subjects: tuple[str, ...], _purpose: Purpose, _at: datetime, /
    ) -> Ground:
        """None."""
        return Ground.NONE
