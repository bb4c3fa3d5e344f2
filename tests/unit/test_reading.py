"""JSON that people write is read strictly, and each message names the place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from faceward import reading
from faceward.errors import InvalidValue


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize("text", ["", "[]", "1", "{", '{"a": 1, "a": 2}', "[" * 100_000])
def test_what_is_no_object_is_refused(text: str):
    """Nor is one that says a thing twice, for readers disagree about which of the two holds."""
    with pytest.raises(InvalidValue, match=r"^law\.json "):
        reading.read(text, "law.json")


def test_a_message_names_the_place_and_the_remedy_of_its_page():
    """However deep it stands."""
    record = reading.read('{"a": [{"b": {"c": 1}}]}', "law.json", "See the page.")
    with pytest.raises(InvalidValue) as caught:
        record.records("a")[0].record("b").text("c")
    assert str(caught.value) == "law.json.a[0].b.c must be a text that is not blank. See the page."


def test_unknown_keys_are_refused():
    """A key with a slip in it would otherwise be left out in silence."""
    record = reading.read('{"a": "x", "b": 1, "c": 2}', "law.json")
    record.text("a")
    with pytest.raises(InvalidValue, match="unknown keys: b, c"):
        record.done()


def test_words_of_a_list_are_read_once_each():
    """An unknown word and a repeated one are errors."""
    record = reading.read('{"a": ["red", "blue"], "b": [], "c": ["red", "red"], "d": ["green"]}', "x")
    assert record.choices("a", Colour) == {Colour.RED, Colour.BLUE}
    assert record.choices("b", Colour) == frozenset()
    with pytest.raises(InvalidValue, match="twice"):
        record.choices("c", Colour)
    with pytest.raises(InvalidValue, match="is not one of: red, blue"):
        record.choices("d", Colour)


def test_a_moment_has_one_way_to_be_written():
    """UTC, to the second: two texts that differ are two moments."""
    record = reading.read('{"a": "2024-02-29T23:59:59Z"}', "x")
    assert record.moment("a") == datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30T00:00:00Z", "2024-02-29", "2024-02-29T00:00:00", "2024-02-29T00:00:00+00:00",
        "2024-02-29T00:00:00.0Z", "2024-02-29T24:00:00Z", " 2024-02-29T00:00:00Z", "0000-01-01T00:00:00Z",
        "0204-02-29T00:00:00Z", "9999-12-31T00:00:00Z",
    ],
)  # fmt: skip
def test_other_texts_are_no_moments(text: str):
    """A day that does not exist, another zone, a fraction."""
    with pytest.raises(InvalidValue, match=r"x\.a must be a moment"):
        reading.read(json.dumps({"a": text}), "x").moment("a")
