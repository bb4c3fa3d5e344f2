"""A manifest is read strictly, because a typing error in it must not become a default."""

from __future__ import annotations

import json
from typing import Any

import pytest
from data import graphs

from faceward.catalogue import manifest
from faceward.catalogue.bundles import shipped
from faceward.errors import InvalidValue


def described(**changes: Any) -> str:
    return json.dumps(graphs.manifest(b"", **changes))


def test_a_manifest_survives_the_way_to_json_and_back():
    """Nothing is lost or rounded, for the shipped ones and for a user's."""
    for entry in (*shipped().manifests, manifest.parse(described(), "x")):
        assert manifest.parse(json.dumps(manifest.as_json(entry)), entry.identifier) == entry


@pytest.mark.parametrize("key", sorted(graphs.manifest(b"")))
def test_a_missing_key_is_named(key):
    """No key has a default."""
    values = graphs.manifest(b"")
    del values[key]
    with pytest.raises(InvalidValue, match=f"x.json.{key} is missing"):
        manifest.parse(json.dumps(values), "x.json")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"licence_url": "x"}, "unknown keys: licence_url"),
        ({"input": graphs.manifest(b"")["input"] | {"stdev": 1}}, "x.input has unknown keys: stdev"),
        ({"identifier": "../etc"}, "identifier is '../etc'"),
        ({"identifier": "Big"}, "identifier is 'Big'"),
        ({"task": "age"}, "not one of: detector, embedder"),
        ({"task": "detector"}, "x.output.strides is missing"),
        ({"licence": {"spdx": "MIT", "notice": "x"}}, "commercial_use is missing"),
        ({"licence": {"spdx": "MIT", "notice": "x", "commercial_use": "yes"}}, "must be true or false"),
        ({"sha256": "AB"}, "64 lower-case"),
        ({"file": {"file": "/etc/passwd"}}, "leaves its folder"),
        ({"file": {"file": "../x.onnx"}}, "leaves its folder"),
        ({"file": {"file": "a/b.onnx"}}, "a/b.onnx"),
        ({"file": {"package": "p", "version": "1", "file": "a/../../b"}}, "leaves its folder"),
        ({"input": graphs.manifest(b"")["input"] | {"std": [0, 1, 1]}}, "std holds 0"),
        ({"input": graphs.manifest(b"")["input"] | {"mean": [1, 2]}}, "must hold 3 numbers"),
        ({"input": graphs.manifest(b"")["input"] | {"mean": [1, 2, True]}}, "finite number"),
        ({"input": graphs.manifest(b"")["input"] | {"height": 0}}, "whole number from 8"),
        ({"output": {"length": 2, "alignment": "arcface-112"}}, "whole number from 32"),
        ({"rates": [{"measure": "x", "value": 2, "dataset": "y", "measured_by": "z"}]}, "between 0 and 1"),
        ({"limits": [""]}, "not blank"),
        ({"title": " "}, "not blank"),
        ({"prepared": {"preparation": 0, "sha256": "0" * 64}}, "whole number from 1"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(changes, said):
    """The message names the place and what is wrong with it."""
    with pytest.raises(InvalidValue) as refused:
        manifest.parse(described(**changes), "x")
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"a": 1, "a": 2}', "{", "[" * 100_000, b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(text):
    """Also keys given twice, which readers disagree about, and nesting without end."""
    with pytest.raises(InvalidValue):
        manifest.parse(text, "x")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(number):
    """JSON readers take them; a mean of infinity would make every template the same."""
    text = described().replace("127.5", number, 1)
    with pytest.raises(InvalidValue, match="finite number"):
        manifest.parse(text, "x")
