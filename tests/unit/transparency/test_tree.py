"""The tree of RFC 9162: known roots and proofs, and every proof of every small tree."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

import pytest

from faceward.errors import InvalidValue
from faceward.transparency.tree import (
    EMPTY_ROOT,
    Frontier,
    completed_in,
    consistency_holds,
    consistency_proof,
    inclusion_holds,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    root_of,
)

MOST = 64

# Source: the Merkle tree test of github.com/google/certificate-transparency, merkle_tree_test.cc, which
# came with RFC 6962 and which later implementations repeat.
CT_ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_INCLUSION = [  # place, size, proof
    (0, 1, []),
    (0, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (5, 8, [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (1, 5, [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]),
]  # fmt: skip
CT_CONSISTENCY = [  # old, new, proof
    (1, 1, []),
    (1, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (6, 8, [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 5, [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]),
]  # fmt: skip


class Stored:
    """Nodes as an adapter keeps them: with the entry that completes them."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.frontier, self.rows = Frontier().grown(leaves)

    def __call__(self, level: int, index: int) -> bytes:
        place, part = completed_in(level, index)
        found = self.rows[place][part]
        assert len(found) == 32
        return found


LEAVES = [leaf_hash(b"entry %d" % number) for number in range(MOST)]
NODE = Stored(LEAVES)


@cache
def by_definition(start: int, stop: int) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if stop - start == 0:
        return sha256(b"").digest()
    if stop - start == 1:
        return LEAVES[start]
    split = 1
    while 2 * split < stop - start:
        split *= 2
    left, right = by_definition(start, start + split), by_definition(start + split, stop)
    return sha256(b"\x01" + left + right).digest()


def altered(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Proofs that differ from one in a bit, a step, or their order."""
    changed = [
        (*proof[:at], bytes([step[0] ^ 1, *step[1:]]), *proof[at + 1 :]) for at, step in enumerate(proof)
    ]
    changed += [(*proof[:at], *proof[at + 1 :]) for at in range(len(proof))]
    changed += [(*proof, LEAVES[0]), (LEAVES[0], *proof), (*proof, b""), (*proof[:-1], b"short")]
    if len(set(proof)) > 1:
        changed.append(tuple(reversed(proof)))
    return changed


def test_hashes_of_nothing_and_of_an_empty_entry_are_those_of_the_standard():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == root(0, NODE) == Frontier().root() == EMPTY_ROOT
    assert leaf_hash(b"").hex() == CT_ROOTS[0]


def test_roots_are_those_of_certificate_transparency():
    leaves = [leaf_hash(entry) for entry in CT_ENTRIES]
    assert [root_of(leaves[: size + 1]).hex() for size in range(8)] == CT_ROOTS


@pytest.mark.parametrize(("place", "size", "proof"), CT_INCLUSION)
def test_inclusion_proofs_are_those_of_certificate_transparency(place, size, proof):
    leaves = [leaf_hash(entry) for entry in CT_ENTRIES]
    found = inclusion_proof(place, size, Stored(leaves))
    assert [step.hex() for step in found] == proof
    assert inclusion_holds(leaves[place], place, size, found, bytes.fromhex(CT_ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new", "proof"), CT_CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(old, new, proof):
    found = consistency_proof(old, new, Stored([leaf_hash(entry) for entry in CT_ENTRIES]))
    assert [step.hex() for step in found] == proof
    roots = [bytes.fromhex(CT_ROOTS[size - 1]) for size in (old, new)]
    assert consistency_holds(old, roots[0], new, roots[1], found)


def test_roots_of_stored_trees_are_those_of_the_definition():
    for size in range(MOST + 1):
        expected = by_definition(0, size)
        assert root(size, NODE) == root_of(LEAVES[:size]) == expected
        assert Frontier.read(size, NODE) == Frontier().grown(LEAVES[:size])[0]


def test_a_tree_may_grow_in_any_steps():
    """One by one, or all at once: the same frontier and the same nodes."""
    frontier, rows = Frontier(), []
    for leaf in LEAVES:
        frontier, completed = frontier.grown([leaf])
        rows += completed
    assert (frontier, rows) == (NODE.frontier, NODE.rows)


def test_every_inclusion_proof_holds_and_no_altered_one():
    for size in range(1, MOST + 1):
        of_root = by_definition(0, size)
        for place in range(size):
            proof = inclusion_proof(place, size, NODE)
            assert inclusion_holds(LEAVES[place], place, size, proof, of_root)
            assert not inclusion_holds(LEAVES[place - 1], place, size, proof, of_root) or size == 1
            assert not inclusion_holds(LEAVES[place], place, size, proof, LEAVES[0]) or size == 1
            assert not any(inclusion_holds(LEAVES[place], place, size, it, of_root) for it in altered(proof))
            for other in range(size):
                assert other == place or not inclusion_holds(LEAVES[place], other, size, proof, of_root)


def test_every_consistency_proof_holds_and_no_altered_one():
    for new in range(1, MOST + 1):
        new_root = by_definition(0, new)
        for old in range(1, new + 1):
            old_root, proof = by_definition(0, old), consistency_proof(old, new, NODE)
            assert consistency_holds(old, old_root, new, new_root, proof)
            assert not any(consistency_holds(old, old_root, new, new_root, it) for it in altered(proof))
            wrong = node_hash(old_root, new_root)
            assert not consistency_holds(old, wrong, new, new_root, proof)
            assert not consistency_holds(old, old_root, new, wrong, proof)
            assert not consistency_holds(old - 1, old_root, new, new_root, proof)


def test_every_tree_begins_with_nothing():
    assert consistency_proof(0, 5, NODE) == ()
    assert consistency_holds(0, EMPTY_ROOT, 5, by_definition(0, 5), ())
    assert consistency_holds(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())
    assert not consistency_holds(0, EMPTY_ROOT, 0, LEAVES[0], ())
    assert not consistency_holds(0, LEAVES[0], 5, by_definition(0, 5), ())
    assert not consistency_holds(0, EMPTY_ROOT, 5, by_definition(0, 5), (LEAVES[0],))


@pytest.mark.parametrize(("place", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_no_proof_of_what_is_not_there(place, size):
    with pytest.raises(InvalidValue):
        inclusion_proof(place, size, NODE)
    assert not inclusion_holds(LEAVES[0], place, size, (), LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_no_proof_that_the_larger_begins_the_smaller(old, new):
    with pytest.raises(InvalidValue):
        consistency_proof(old, new, NODE)
    assert not consistency_holds(old, LEAVES[0], new, LEAVES[0], ())
