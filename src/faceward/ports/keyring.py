"""What a secret is for in, the secret out; a secret that was destroyed never comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from faceward.errors import DependencyError


class KeyUnreadable(DependencyError):
    """A key file is missing, damaged, or readable by others, so it is not used."""

    code = "key_unreadable"
    remedy = "Restore the key file from its copy, with permissions 0600; a new key cannot take its place."


class KeyDestroyed(KeyUnreadable):
    """A key was destroyed on purpose, so what hung on it is gone."""

    code = "key_destroyed"
    remedy = "There is none: the key never comes back, and what it closed is gone."


class Keyring(Protocol):
    """Keeps secrets of 32 bytes. Every adapter passes tests/contracts/test_keyring.py."""

    def key(self, kind: str, identifier: str) -> bytes:
        """The secret for one thing, made when it is first asked for; 32 bytes, the same ever after.

        Raises:
            KeyDestroyed: It was destroyed.
            KeyUnreadable: It cannot be read or made.
        """

    def has(self, kind: str, identifier: str) -> bool:
        """Whether there is a secret for one thing; none is made.

        Raises:
            KeyDestroyed: There was one, or there must never be one: it was destroyed.
            KeyUnreadable: It cannot be reached.
        """

    def found(self, kind: str, identifiers: Sequence[str]) -> Sequence[bytes | None]:
        """The secrets of many things as cheaply as can be; none is made.

        Returns:
            One for each identifier, in their order; ``None`` where there is none or it was destroyed.

        Raises:
            KeyUnreadable: They cannot be read.
        """

    def keys(self, kind: str, identifiers: Sequence[str]) -> Sequence[bytes]:
        """The secrets of many things, made where there are none yet; cheaper than one by one.

        Raises:
            KeyDestroyed: One was destroyed; it is open which of the others were made.
            KeyUnreadable: They cannot be read or made.
        """

    def destroy(self, kind: str, identifier: str) -> bool:
        """Destroy a secret for good, and say whether there was one; it is gone when this returns.

        What never had a secret gets none later either.

        Raises:
            KeyUnreadable: It cannot be reached; nothing is known to be gone.
        """
