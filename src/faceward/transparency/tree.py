"""Hashes of entries in, roots and proofs of the Merkle tree over them out, and their check.

The tree is that of RFC 9162 (and RFC 6962). A *node* ``(level, index)`` is the root over the ``2**level``
entries from place ``index * 2**level``. A node never changes once these entries are there, so it is stored
with the last of them: an entry completes its leaf hash, then the nodes above it, one for each 1 at the end of
its place in binary. Proofs are read from stored nodes; nothing here needs the entries themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from faceward.errors import InvalidValue

HASH_BYTES = 32

EMPTY_ROOT = sha256(b"").digest()
"""The root over nothing. Source: RFC 9162, section 2.1.1."""

Nodes: TypeAlias = Callable[[int, int], bytes]
"""Level and index in, the hash of that node out."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry. Source: RFC 9162, section 2.1.1, as all hashes here."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two nodes to the one above them."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed of a tree to make it grow: the roots of its complete parts.

    Attributes:
        size: How many entries the tree has.
        peaks: A hash for each 1 in the binary form of ``size``, the largest part first.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, size: int, node: Nodes) -> Frontier:
        """Take the frontier from stored nodes."""
        return cls(size, tuple(node(level, start >> level) for start, level in _parts(0, size)))

    def root(self) -> bytes:
        """The root over all entries, 32 bytes."""
        if not self.peaks:
            return EMPTY_ROOT
        *others, root = self.peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root

    def grown(self, leaves: Iterable[bytes]) -> tuple[Frontier, list[bytes]]:
        """Append leaves.

        Args:
            leaves: Leaf hashes, in the order of their places.

        Returns:
            The new frontier, and for each leaf the nodes it completes, one after the other: 32 bytes for each
            level from 0. `completed_in` says where a node is found again.
        """
        size, peaks, completed = self.size, list(self.peaks), []
        for leaf in leaves:
            node, nodes, place = leaf, [leaf], size
            while place & 1:
                node = node_hash(peaks.pop(), node)
                nodes.append(node)
                place >>= 1
            peaks.append(node)
            completed.append(b"".join(nodes))
            size += 1
        return Frontier(size, tuple(peaks)), completed


def completed_in(level: int, index: int) -> tuple[int, slice]:
    """Say where a node is stored: the place of the entry that completes it, and which bytes of its nodes."""
    return ((index + 1) << level) - 1, slice(HASH_BYTES * level, HASH_BYTES * (level + 1))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes that are all at hand."""
    return Frontier().grown(leaves)[0].root()


def root(size: int, node: Nodes) -> bytes:
    """The root over the first ``size`` entries of a stored tree."""
    return Frontier.read(size, node).root()


def inclusion_proof(place: int, size: int, node: Nodes) -> tuple[bytes, ...]:
    """Prove that the entry at a place is among the first ``size``.

    Source: RFC 9162, section 2.1.3.1.

    Raises:
        InvalidValue: The place is not among them.
    """
    if not 0 <= place < size:
        raise InvalidValue(f"There is no entry {place} among the first {size}.")
    start, stop, path = 0, size, []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if place < middle:
            path.append(_over(middle, stop, node))
            stop = middle
        else:
            path.append(_over(start, middle, node))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, node: Nodes) -> tuple[bytes, ...]:
    """Prove that the first ``old`` entries are the beginning of the first ``new``.

    Source: RFC 9162, section 2.1.4.1. A proof from nothing, or from as many, is empty.

    Raises:
        InvalidValue: ``old`` is larger than ``new``, or below 0.
    """
    if not 0 <= old <= new:
        raise InvalidValue(f"A tree of {new} entries has no beginning of {old}.")
    if old in {0, new}:
        return ()
    start, stop, path = 0, new, []
    while stop != old:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(_over(middle, stop, node))
            stop = middle
        else:
            path.append(_over(start, middle, node))
            start = middle
    if start:
        path.append(_over(start, stop, node))
    return tuple(reversed(path))


def inclusion_holds(leaf: bytes, place: int, size: int, proof: Sequence[bytes], of_root: bytes) -> bool:
    """Whether a proof shows that a leaf hash stands at a place of the tree with that size and root.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= place < size or not _are_hashes((leaf, of_root, *proof)):
        return False
    node, last, found = place, size - 1, leaf
    for step in proof:
        if not last:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return not last and found == of_root


def consistency_holds(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the older of two trees is the beginning of the newer.

    Source: RFC 9162, section 2.1.4.2, and for a tree of nothing that it begins every tree.
    """
    if not 0 <= old <= new or not _are_hashes((old_root, new_root, *proof)):
        return False
    if not old:
        return not proof and old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    if old == new:
        return not proof and old_root == new_root
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    found_old = found_new = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if node & 1 or node == last:
            found_old, found_new = node_hash(step, found_old), node_hash(step, found_new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found_new = node_hash(found_new, step)
        node, last = node >> 1, last >> 1
    return not last and found_old == old_root and found_new == new_root


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _split(width: int) -> int:
    """The largest power of two below a width of at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def _parts(start: int, stop: int) -> Iterable[tuple[int, int]]:
    """The complete parts of a stretch that begins where a subtree does: start and level, largest first."""
    while start < stop:
        level = (stop - start).bit_length() - 1
        yield start, level
        start += 1 << level


def _over(start: int, stop: int, node: Nodes) -> bytes:
    """The root over a stretch that begins where a subtree does."""
    *others, found = [node(level, first >> level) for first, level in _parts(start, stop)]
    for other in reversed(others):
        found = node_hash(other, found)
    return found
