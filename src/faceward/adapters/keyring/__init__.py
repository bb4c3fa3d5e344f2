"""What a secret is for in, the secret out, until it is destroyed."""

from __future__ import annotations

from faceward.adapters.keyring.files import FileKeyring

__all__ = ["FileKeyring"]
