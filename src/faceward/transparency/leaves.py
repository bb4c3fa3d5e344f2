"""Hashes of entries in their order in, roots over the first of them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from faceward.transparency.tree import EMPTY_ROOT, HASH_BYTES, Frontier, Nodes, completed_in

_AT_ONCE = 4096


@dataclass(slots=True)
class Leaves:
    """Hashes of entries, 32 bytes each and nothing around them: a million take 32 MB."""

    _content: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self._content) // HASH_BYTES

    def __getitem__(self, place: int) -> bytes:
        return bytes(self._content[HASH_BYTES * place : HASH_BYTES * (place + 1)])

    def append(self, leaf: bytes) -> None:
        """Take the next hash, 32 bytes."""
        self._content += leaf

    def roots(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """The root over the first entries, for those of some sizes that there are; and for nothing."""
        frontier, found = Frontier(), {0: EMPTY_ROOT}
        for size in sorted({size for size in sizes if 0 < size <= len(self)}):
            while frontier.size < size:
                stop = min(size, frontier.size + _AT_ONCE)
                frontier, _ = frontier.grown(self[place] for place in range(frontier.size, stop))
            found[size] = frontier.root()
        return found

    def nodes(self) -> Nodes:
        """What proofs are read from: every node of the tree over these hashes."""
        _, completed = Frontier().grown(self[place] for place in range(len(self)))

        def node(level: int, index: int) -> bytes:
            place, part = completed_in(level, index)
            return completed[place][part]

        return node
