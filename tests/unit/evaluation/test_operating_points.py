"""The calibration rule, in its corners."""

import numpy as np
import pytest

from faceward.core.decision import Standing, decide
from faceward.errors import InvalidValue, OperatingPointUnsupported
from faceward.evaluation.labels import Labels
from faceward.evaluation.operating_points import (
    RATES,
    Provenance,
    calibration_table,
    operating_points,
    standing,
    threshold_for,
)
from faceward.evaluation.trials import listed_pairs

UP = np.float32(np.inf)


def descending(*scores):
    return np.array(scores, np.float32)


@pytest.mark.parametrize(
    ("rate", "scores", "threshold"),
    [
        (0.4, descending(0.9, 0.8, 0.7, 0.6, 0.5), 0.8),
        (0.59, descending(0.9, 0.8, 0.7, 0.6, 0.5), 0.8),
        (0.4, descending(0.9, 0.8, 0.8, 0.6, 0.5), 0.9),
        (0.6, descending(0.9, 0.8, 0.8, 0.6, 0.5), 0.8),
        (1.0, descending(0.9, 0.8, 0.8, 0.6, 0.5), 0.5),
        (0.4, descending(0.9, 0.9, 0.9, 0.6, 0.5), np.nextafter(np.float32(0.9), UP)),
        (0.1, descending(0.9, 0.8, 0.7, 0.6, 0.5), np.nextafter(np.float32(0.9), UP)),
        (0.5, descending(-0.9), np.nextafter(np.float32(-0.9), UP)),
        (0.5, descending(1.0), np.nextafter(np.float32(1.0), UP)),
    ],
    ids=[
        "the last one allowed",
        "a fraction allows nobody",
        "a tie across the limit is out",
        "a tie within it is in",
        "everybody may match",
        "the highest tied",
        "none allowed",
        "one trial",
        "above the highest cosine",
    ],
)
def test_the_threshold_is_the_smallest_observed_that_keeps_the_rate(rate, scores, threshold):
    """Where none is, the next number above the highest score."""
    assert threshold_for(rate, scores, len(scores)) == float(np.float32(threshold))


def test_a_threshold_needs_one_score_more_than_it_allows():
    """Only the next one shows where a tie ends."""
    assert threshold_for(0.02, descending(0.9, 0.8, 0.7), 100) == float(np.float32(0.8))
    with pytest.raises(InvalidValue, match="largest_rate"):
        threshold_for(0.03, descending(0.9, 0.8, 0.7), 100)
    with pytest.raises(InvalidValue):
        threshold_for(0.5, descending(), 0)


@pytest.mark.parametrize(
    ("rate", "trials", "expected"),
    [
        (1e-4, 300_000, Standing.CALIBRATED),
        (1e-4, 299_999, Standing.PROVISIONAL),
        (1e-5, 300_000, Standing.PROVISIONAL),
        (1e-5, 299_999, Standing.REFUSED),
        (1e-6, 0, Standing.REFUSED),
        (0.29, 100, Standing.PROVISIONAL),
        (0.3, 100, Standing.CALIBRATED),
    ],
)
def test_standing_follows_the_expected_false_matches(rate, trials, expected):
    """30 calibrate, 3 make provisional; exactly at the limits."""
    assert standing(rate, trials) is expected


def some_trials(mated, non_mated):
    """Trials between strangers, and of people with themselves."""
    total = len(mated) + len(non_mated)
    subjects = [f"m{at}" for at in range(len(mated)) for _ in "ab"]
    subjects += [f"n{at}{side}" for at in range(len(non_mated)) for side in "ab"]
    labels = Labels(tuple(f"item {at}" for at in range(2 * total)), tuple(subjects))
    scores = np.array([*mated, *non_mated], np.float32)
    return listed_pairs(
        np.arange(2 * total).reshape(-1, 2), np.zeros(total, np.int64), scores, labels
    ).as_trials()


GENERATOR = np.random.default_rng(0)
TRIALS = some_trials(
    GENERATOR.normal(0.6, 0.15, 500).clip(-1, 1), GENERATOR.normal(0, 0.15, 20_000).clip(-1, 1)
)
PROVENANCE = Provenance(
    "sface-2021dec", "flip-2", ("bf16", "f32"), "synthetic", "0" * 64, "2030-01-01", "faceward calibrate"
)


def test_points_carry_their_evidence():
    """Counts, standing and source of each; the largest rate first, the refused kept."""
    points = operating_points(TRIALS, "synthetic scores", tuple(reversed(RATES)))
    assert [point.false_match_rate for point in points] == list(RATES)
    assert [str(point.standing) for point in points] == [
        "calibrated", "provisional", "refused", "refused", "refused",
    ]  # fmt: skip
    assert [point.false_matches for point in points] == [200, 20, 2, 0, 0]
    assert {(point.non_mated_trials, point.mated_trials, point.report) for point in points} == {
        (20_000, 500, "synthetic scores")
    }
    for point in points:
        missed = sum(not decide(float(score), point).match for score in TRIALS.mated_scores)
        assert point.false_non_match_rate == missed / 500
        matched = sum(decide(float(score), point).match for score in TRIALS.highest_non_mated)
        assert point.false_matches == matched


def test_a_table_says_how_it_was_made_and_refuses_what_it_cannot_support():
    """A catalogue entry carries it as it is."""
    table = calibration_table(TRIALS, PROVENANCE)
    assert (table.model, table.preprocessing, table.precisions) == (
        "sface-2021dec",
        "flip-2",
        ("bf16", "f32"),
    )
    assert (table.dataset, table.dataset_sha256) == ("synthetic", "0" * 64)
    assert table.points[0].report == "synthetic; 2030-01-01; faceward calibrate"
    assert table.at(1e-2).standing is Standing.CALIBRATED
    with pytest.raises(OperatingPointUnsupported):
        table.at(1e-4)


@pytest.mark.parametrize(
    ("trials", "rates"),
    [
        (some_trials([], [0.1]), RATES),
        (some_trials([0.1], []), RATES),
        (TRIALS, (1e-2, 1e-2)),
        (TRIALS, (0.0,)),
    ],
    ids=["nobody twice", "one person", "a rate twice", "no rate"],
)
def test_a_calibration_without_evidence_is_refused(trials, rates):
    """Both kinds of trials are needed, and rates that are some."""
    with pytest.raises(InvalidValue):
        operating_points(trials, "test", rates)
