"""Templates in, bytes that open only in their place out, by secrets of a keyring."""

from __future__ import annotations

from faceward.adapters.vault.closing import KeyringVault

__all__ = ["KeyringVault"]
