"""What holds for every value, every note and every tree, not only for those in a table."""

from __future__ import annotations

import contextlib

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faceward.errors import InvalidValue
from faceward.transparency import canonical
from faceward.transparency.notes import Checkpoint, Note
from faceward.transparency.tree import (
    Frontier,
    completed_in,
    consistency_holds,
    consistency_proof,
    inclusion_holds,
    inclusion_proof,
    leaf_hash,
    root,
    root_of,
)

MOST = 10_000

texts = st.text(st.characters(codec="utf-8"), max_size=20)
scalars = st.none() | st.booleans() | st.integers(-canonical.LARGEST, canonical.LARGEST) | texts
keys = st.text(st.characters(max_codepoint=127), max_size=6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)

LEAVES = [leaf_hash(b"%d" % number) for number in range(MOST)]
_, ROWS = Frontier().grown(LEAVES)


def node(level: int, index: int) -> bytes:
    place, part = completed_in(level, index)
    return ROWS[place][part]


@given(values)
@example({"\x7f": '\x00\x1f"\\/\b\f\n\r\t\x7f\u2028é😀', "A": [], "a": {}, "": -canonical.LARGEST})
def test_every_value_is_written_as_the_standard_says(value):
    """As by another implementation of RFC 8785, to the byte; and it is read back."""
    content = canonical.encoded(value)
    assert content == rfc8785.dumps(value)
    assert canonical.decoded(content) == value


@given(st.binary(max_size=60) | values.map(rfc8785.dumps).flatmap(lambda it: st.just(b" " + it)))
def test_any_bytes_are_refused_or_are_written_so_again(content):
    try:
        value = canonical.decoded(content)
    except InvalidValue:
        return
    assert canonical.encoded(value) == content


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_refused_or_is_a_note_that_is_written_so_again(content):
    for words in (content, f"a\n\n{content}", f"a\n\n\u2014 {content}\n"):
        with contextlib.suppress(InvalidValue):
            assert str(Note.read(words)) == words
        with contextlib.suppress(InvalidValue):
            assert Checkpoint.read(words).text() == words


@given(st.integers(1, MOST), st.data())
@settings(max_examples=300)
def test_an_entry_of_any_tree_is_shown_to_be_in_it(size, data):
    place = data.draw(st.integers(0, size - 1))
    proof, of_root = inclusion_proof(place, size, node), root(size, node)
    assert inclusion_holds(LEAVES[place], place, size, proof, of_root)
    other = data.draw(st.integers(0, size - 1))
    assert other == place or not inclusion_holds(LEAVES[other], place, size, proof, of_root)
    assert other == place or not inclusion_holds(LEAVES[place], other, size, proof, of_root)
    assert len(proof) <= (size - 1).bit_length()


@given(st.integers(1, MOST), st.data())
@settings(max_examples=300)
def test_any_tree_is_shown_to_continue_a_smaller_one(new, data):
    old, between = sorted((data.draw(st.integers(1, new)), data.draw(st.integers(1, new))))
    proof = consistency_proof(old, new, node)
    assert consistency_holds(old, root(old, node), new, root(new, node), proof)
    assert old == between or not consistency_holds(between, root(old, node), new, root(new, node), proof)
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        wrong = bytearray(proof[at])
        wrong[bit // 8] ^= 1 << bit % 8
        altered = (*proof[:at], bytes(wrong), *proof[at + 1 :])
        assert not consistency_holds(old, root(old, node), new, root(new, node), altered)


@given(st.integers(0, 600), st.integers(0, 600))
def test_a_tree_that_grows_in_two_steps_is_the_tree_at_once(first, second):
    stop = first + second
    before = Frontier.read(first, node)
    after, rows = before.grown(LEAVES[first:stop])
    assert after.root() == root_of(LEAVES[:stop])
    assert rows == ROWS[first:stop]


class Odd(str):
    """A text of a kind of its own."""


@pytest.mark.parametrize(
    "value",
    [
        1.0, float("nan"), 2**53, -(2**53), b"bytes", {1: "a"}, {"ä": 1}, {None: 1}, {"a": {2, 3}}, object(),
        "\ud800", ["\udfff"], {"a": bytearray(2)},
    ],
)  # fmt: skip
def test_what_readers_may_take_in_two_ways_is_refused(value):
    for wrapped in (value, [value], {"a": [value]}):
        with pytest.raises(InvalidValue):
            canonical.encoded(wrapped)


def test_a_value_without_bottom_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(InvalidValue):
        canonical.encoded(value)


def test_mappings_sequences_and_words_of_other_kinds_are_written_as_their_content():
    from collections import UserDict, UserList
    from types import MappingProxyType

    from faceward.transparency.words import Action

    value = {"a": (1, UserList([Odd("x")])), "b": MappingProxyType({"c": UserDict({"d": Action.VERIFY})})}
    assert canonical.encoded(value) == b'{"a":[1,["x"]],"b":{"c":{"d":"verify"}}}'


@pytest.mark.parametrize(
    "content",
    [
        b"", b" 1", b"1 ", b"1.0", b"1e3", b"-0", b"NaN", b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'"\\u00e9"',
        b'"\\/"', b"\xff", b'"\\ud800"', b"9007199254740992", b"[" * 100_000, b"1" * 10_000, b"\xef\xbb\xbf1",
    ],
)  # fmt: skip
def test_what_is_not_written_canonically_is_not_read(content):
    with pytest.raises(InvalidValue):
        canonical.decoded(content)
