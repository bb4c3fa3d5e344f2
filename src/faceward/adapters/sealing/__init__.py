"""Templates in, files that only their recipient can open out."""

from __future__ import annotations

from faceward.adapters.sealing.hpke import HpkeSealing

__all__ = ["HpkeSealing"]
