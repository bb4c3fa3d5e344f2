"""The catalogue that ships is complete and honest, and gives a calibration only where somebody measured."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from faceward.catalogue import calibration
from faceward.catalogue.bundles import DEFAULT, Catalogue, shipped
from faceward.catalogue.manifest import Task
from faceward.core.decision import CalibrationTable, OperatingPoint, Standing
from faceward.errors import ContractMismatch, InvalidValue, OperatingPointUnsupported


def table(*precisions: str) -> CalibrationTable:
    points = tuple(
        OperatingPoint(0.1 + 1 / 3, rate, standing, 1_000_003, 100, 0.0195, 12345, "made up for this test")
        for rate, standing in (
            (1e-2, Standing.CALIBRATED),
            (1e-4, Standing.PROVISIONAL),
            (1e-6, Standing.REFUSED),
        )
    )
    return CalibrationTable(
        "sface-2021dec", "flip-2", (precisions[0], precisions[1]), "none", "0" * 64, "2026-01-01", "x", points
    )


def test_the_default_pair_is_a_detector_and_an_embedder():
    """And both may be used commercially."""
    catalogue = shipped()
    pair = (catalogue.manifest(DEFAULT.detector), catalogue.manifest(DEFAULT.embedder))
    assert [entry.task for entry in pair] == [Task.DETECTOR, Task.EMBEDDER]
    assert all(entry.licence.commercial_use and entry.pin is not None for entry in pair)


def test_the_shipped_embedder_says_that_it_is_weak_on_children():
    """A user must be able to read it before somebody is harmed."""
    entry = shipped().manifest(DEFAULT.embedder)
    assert any("children" in limit for limit in entry.limits)
    assert any("children" in use for use in entry.forbidden_uses)


def test_an_unknown_model_is_refused_with_those_there_are():
    """The remedy is a list to choose from."""
    with pytest.raises(InvalidValue, match="sface-2021dec, yunet-2023mar"):
        shipped().manifest("facenet")


def test_a_table_survives_the_way_to_json_and_back():
    """Each float to its last bit, for a threshold decides."""
    for pair in (("f32", "f32"), ("bf16", "f32")):
        assert calibration.parse(calibration.as_text(table(*pair)), "x") == table(*pair)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"precisions": ["f32", "bf16"]}, "in order of name"),
        ({"precisions": ["f32"]}, "two precisions"),
        ({"extra": 1}, "unknown keys: extra"),
        ({"model": None}, "model is missing"),
        ({"dataset_sha256": "x"}, "64 lower-case"),
        ({"points": [{"threshold": 1}]}, "is missing"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(change, said):
    """A damaged table must not decide about anybody."""
    values = json.loads(calibration.as_text(table("f32", "f32"))) | change
    with pytest.raises(InvalidValue) as refused:
        calibration.parse(json.dumps(values), "x")
    assert said in str(refused.value)


def test_points_out_of_order_are_refused():
    """A rate given twice would be decided by whichever comes first."""
    first = table("f32", "f32")
    for points in (first.points[::-1], (first.points[0], first.points[0])):
        with pytest.raises(InvalidValue, match="not in order"):
            calibration.parse(calibration.as_text(replace(first, points=points)), "x")


def test_precisions_are_found_in_any_order():
    """bf16 against f32 is f32 against bf16."""
    catalogue = Catalogue((), (table("bf16", "f32"), table("f32", "f32")))
    for pair in (("bf16", "f32"), ("f32", "bf16")):
        assert catalogue.calibration("sface-2021dec", "flip-2", pair).precisions == ("bf16", "f32")


def test_a_mixed_pair_nobody_measured_must_not_be_compared():
    """Templates of two precisions differ; without a measurement nobody knows by how much."""
    with pytest.raises(ContractMismatch, match="one precision"):
        Catalogue((), (table("f32", "f32"),)).calibration("sface-2021dec", "flip-2", ("f32", "bf16"))


@pytest.mark.parametrize("asked", [("sface-2021dec", "flip-1"), ("other", "flip-2")])
def test_without_a_calibration_there_is_no_operating_point(asked):
    """The table of another model or recipe will not do."""
    with pytest.raises(OperatingPointUnsupported, match="faceward calibrate"):
        Catalogue((), (table("f32", "f32"),)).calibration(*asked, ("f32", "f32"))


def test_a_users_table_replaces_the_shipped_one():
    """Whoever calibrated on their own data wants those figures."""
    mine = replace(table("f32", "f32"), dataset="mine")
    joined = Catalogue((), (table("f32", "f32"),)).joined((), (mine,))
    assert joined.calibrations == (mine,)


def test_a_users_model_cannot_take_a_shipped_name():
    """Else a template's contract would name two models."""
    catalogue = shipped()
    with pytest.raises(InvalidValue, match="already"):
        catalogue.joined((catalogue.manifests[0],))


def test_the_shipped_manifests_say_what_is_unknown():
    """Training data that nobody documented is called unknown, not left out."""
    assert shipped().manifest(DEFAULT.embedder).training_data.startswith("Unknown")
