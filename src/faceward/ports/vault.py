"""A template and its place in, bytes that open only in that place out; and back.

Nothing of a template leaves the process but through here. Whoever moves a row, restores an old one or swaps
two finds that it does not open. When a subject is forgotten, nobody opens anything of theirs any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from faceward.core.values import FloatArray, TemplateContract
from faceward.errors import DependencyError


class VaultRefused(DependencyError):
    """What is kept does not open in its place: changed, moved, or its key is gone."""

    code = "vault_refused"
    remedy = (
        "The row was changed or moved outside of faceward, or a key is missing. Restore both from one "
        "backup; docs/how-to/keys.md says what else can be done."
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where something closed belongs; it opens nowhere else.

    Attributes:
        tenant: The organisation whose key closes it.
        gallery: The gallery's name.
        subject: The subject's name.
        reference: The reference's identifier.
        contract: What the template was made by.
        epoch: Which key of the tenant closes it, from 1.
    """

    tenant: str
    gallery: str
    subject: str
    reference: str
    contract: TemplateContract
    epoch: int


class Vault(Protocol):
    """Closes what is kept of people. Every adapter passes tests/contracts/test_vault.py. Thread-safe."""

    def epoch(self, tenant: str) -> int:
        """Which key of a tenant closes what is new; 1 until it was rotated."""

    def rotate(self, tenant: str) -> int:
        """Give a tenant a new key for what is new, and say its epoch. What is old opens as before."""

    def retire(self, tenant: str, epoch: int) -> None:
        """Destroy an earlier key: nothing that was closed with it opens any more.

        Raises:
            InvalidValue: It is the key that closes what is new.
        """

    def closed(self, features: FloatArray, place: Place) -> bytes:
        """Close a template.

        Args:
            features: Shape ``(length,)``, float32, Euclidean length 1.
            place: Where it will lie.
        """

    def opened(self, sealed: Sequence[bytes], places: Sequence[Place]) -> FloatArray:
        """Open templates of one contract, many at once as cheaply as can be.

        Returns:
            Shape ``(N, length)``, float32.

        Raises:
            VaultRefused: One of them does not open in its place.
        """

    def closed_photo(self, photo: bytes, place: Place) -> bytes:
        """Close a photo."""

    def opened_photo(self, sealed: bytes, place: Place) -> bytes:
        """Open a photo. Raises `VaultRefused`."""

    def turned(self, features: FloatArray, tenant: str) -> FloatArray:
        """Turn templates by the secret orthogonal matrix of a tenant: cosines stay, coordinates do not.

        Args:
            features: Shape ``(N, length)`` or ``(length,)``, float32.
            tenant: Whose matrix; the same ever after, for the same length.
        """

    def forget(self, gallery: str, subject: str) -> bool:
        """Destroy the key of a subject for good, and say whether there was one."""
