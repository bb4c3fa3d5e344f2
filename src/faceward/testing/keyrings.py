"""Kinds and identifiers in, secrets that are kept in memory alone out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from faceward.ports.keyring import KeyDestroyed


class MemoryKeyring:
    """Keeps secrets until the process ends; safe from many threads."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], bytes | None] = {}

    def key(self, kind: str, identifier: str) -> bytes:
        """The secret for one thing, made when it is first asked for; 32 bytes, the same ever after.

        Raises:
            KeyDestroyed: It was destroyed.
        """
        found = self._keys.setdefault((kind, identifier), secrets.token_bytes(32))
        if found is None:
            raise KeyDestroyed("The key was destroyed.")
        return found

    def has(self, kind: str, identifier: str) -> bool:
        """Whether there is a secret for one thing; none is made.

        Raises:
            KeyDestroyed: There was one, or there must never be one: it was destroyed.
        """
        if (kind, identifier) in self._keys and self._keys[kind, identifier] is None:
            raise KeyDestroyed("The key was destroyed.")
        return (kind, identifier) in self._keys

    def found(self, kind: str, identifiers: Sequence[str]) -> list[bytes | None]:
        """The secrets of many things; ``None`` where there is none or it was destroyed."""
        return [self._keys.get((kind, identifier)) for identifier in identifiers]

    def keys(self, kind: str, identifiers: Sequence[str]) -> list[bytes]:
        """The secrets of many things, made where there are none yet.

        Raises:
            KeyDestroyed: One was destroyed.
        """
        return [self.key(kind, identifier) for identifier in identifiers]

    def destroy(self, kind: str, identifier: str) -> bool:
        """Destroy a secret for good, and say whether there was one."""
        was_there = self._keys.get((kind, identifier)) is not None
        self._keys[kind, identifier] = None
        return was_there
