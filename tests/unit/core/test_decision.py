"""A comparison score and an operating point in, a decision that carries its evidence out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceward.core.decision import CalibrationTable, OperatingPoint, Standing, decide
from faceward.errors import OperatingPointUnsupported

POINT = OperatingPoint(0.42, 1e-4, Standing.CALIBRATED, 1_000_000, 97, 0.0195, 9_000, "a report")


def table(*points: OperatingPoint) -> CalibrationTable:
    return CalibrationTable(
        "sface", "recipe", ("bf16", "f32"), "data", "0" * 64, "2026-01-01", "make", points
    )


TABLE = table(
    replace(POINT, threshold=0.36, false_match_rate=1e-3),
    POINT,
    replace(POINT, threshold=0.5, false_match_rate=1e-5, standing=Standing.PROVISIONAL),
    replace(POINT, threshold=0.6, false_match_rate=1e-6, standing=Standing.REFUSED),
)


@pytest.mark.parametrize(
    ("score", "match"),
    [(-1.0, False), (0.41999999, False), (0.42, True), (0.42000001, True), (1.0, True),
     (float("nan"), False), (float("-inf"), False)],
)  # fmt: skip
def test_a_score_equal_to_the_threshold_is_a_match_and_no_number_is_none(score: float, match: bool):
    """A failed comparison must never open a door."""
    decision = decide(score, POINT)
    assert decision.match is match
    assert str(decision) == ("match" if match else "non-match")


def test_a_decision_carries_its_evidence():
    """The operating point it was decided at, whole."""
    assert decide(0.5, POINT).at is POINT


@pytest.mark.parametrize("rate", [1e-3, 1e-4, 1e-5])
def test_a_table_gives_the_point_of_a_rate_it_has(rate: float):
    """A provisional one too: it says so itself."""
    assert TABLE.at(rate).false_match_rate == pytest.approx(rate)


@pytest.mark.parametrize("rate", [1e-2, 5e-4, 1.0001e-4, 1e-6, 1e-7, 0.0, -1e-4, float("nan"), float("inf")])
def test_a_rate_without_evidence_is_refused_with_those_that_have_it(rate: float):
    """Nothing is interpolated or extrapolated, and a refused point has no use."""
    with pytest.raises(OperatingPointUnsupported) as caught:
        TABLE.at(rate)
    assert "bf16 against f32" in caught.value.cause
    for usable in ("1e-03", "1e-04", "1e-05"):
        assert usable in caught.value.remedy
    assert "1e-06" not in caught.value.remedy


def test_a_table_without_points_says_that_there_are_none():
    """And how to get some."""
    with pytest.raises(OperatingPointUnsupported, match=r"none.*faceward calibrate"):
        table().at(1e-4)
