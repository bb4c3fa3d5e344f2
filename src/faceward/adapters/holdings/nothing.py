"""No gallery in, no ground out: what an installation without a gallery store knows of people."""

from __future__ import annotations

from datetime import datetime

from faceward.transparency.words import Ground, Purpose, Source


class NothingHeld:
    """Keeps nobody. Whoever names a gallery or a subject names what is unknown, and that means no."""

    def owner(self, gallery: str) -> str:  # noqa: ARG002 - there is none, whatever its name
        """Nobody."""
        return ""

    def source(self, gallery: str) -> Source:  # noqa: ARG002
        """Unknown."""
        return Source.UNKNOWN

    def ground(
        self,
        gallery: str,
        subjects: tuple[str, ...],
        purpose: Purpose,
        at: datetime,  # noqa: ARG002
    ) -> Ground:
        """None."""
        return Ground.NONE
