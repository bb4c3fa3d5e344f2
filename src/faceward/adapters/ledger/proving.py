"""Stored nodes of a tree in, roots and proofs out: what every adapter answers in the same way."""

from __future__ import annotations

from collections.abc import Iterable

from faceward.errors import InvalidValue
from faceward.transparency import tree
from faceward.transparency.tree import HASH_BYTES


class Proving:
    """Roots and proofs for adapters that can find a node."""

    def size(self) -> int:
        """How many entries are durable."""
        raise NotImplementedError

    def _node(self, level: int, index: int) -> bytes:
        """A stored node; asked for only where it is there."""
        raise NotImplementedError

    def root(self, size: int | None = None) -> bytes:
        """Root of the tree over the first ``size`` entries, 32 bytes; over all where it is ``None``."""
        there = self.size()
        if size is None:
            size = there
        self._check(size, there)
        return tree.root(size, self._node)

    def inclusion(self, place: int, size: int) -> tuple[bytes, ...]:
        """RFC 9162 proof that an entry is among the first ``size``."""
        self._check(size, self.size())
        return tree.inclusion_proof(place, size, self._node)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """RFC 9162 proof that the first ``old`` entries are a beginning of the first ``new``."""
        self._check(new, self.size())
        return tree.consistency_proof(old, new, self._node)

    @staticmethod
    def _check(size: int, there: int) -> None:
        if not 0 <= size <= there:
            raise InvalidValue(f"The ledger has {there} entries, and {size} were asked for.")


class GrowingNodes:
    """Every node of a tree in memory, 64 bytes for each entry."""

    def __init__(self) -> None:
        self._levels: list[bytearray] = []

    def extend(self, completed: Iterable[bytes]) -> None:
        """Take in what entries complete, as `Frontier.grown` gives it."""
        for nodes in completed:
            for level, start in enumerate(range(0, len(nodes), HASH_BYTES)):
                if level == len(self._levels):
                    self._levels.append(bytearray())
                self._levels[level] += nodes[start : start + HASH_BYTES]

    def __call__(self, level: int, index: int) -> bytes:
        """The node at a level and index."""
        return bytes(self._levels[level][HASH_BYTES * index : HASH_BYTES * (index + 1)])
