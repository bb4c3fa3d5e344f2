"""Accuracy of listed pairs, each fold decided without its own help."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from faceward.errors import InvalidValue
from faceward.evaluation.labels import Labels
from faceward.evaluation.pairs_accuracy import accuracy_at, accuracy_over_folds, best_threshold
from faceward.evaluation.trials import listed_pairs

EVAL = os.environ.get("FACEWARD_EVAL")


def pair_trials(mated, scores, folds):
    """Pairs of strangers, and of people with themselves."""
    count = len(scores)
    subjects = [f"p{pair}{'' if same else side}" for pair, same in enumerate(mated) for side in "ab"]
    labels = Labels(tuple(f"item {at}" for at in range(2 * count)), tuple(subjects))
    return listed_pairs(np.arange(2 * count).reshape(-1, 2), np.asarray(folds), np.asarray(scores), labels)


@pytest.mark.parametrize(
    ("scores", "mated", "threshold"),
    [
        ([0.2, 0.8], [0, 1], 0.5),
        ([0.2, 0.3, 0.7, 0.8], [0, 0, 1, 1], 0.5),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0, 1, 0, 1, 0, 1], 0.35),
        ([0.2, 0.8], [1, 1], 0.2),
        ([0.2, 0.8], [0, 0], np.nextafter(0.8, 1)),
        ([0.5, 0.5, 0.5], [1, 1, 0], 0.5),
        ([0.5, np.nextafter(0.5, 1)], [0, 1], np.nextafter(0.5, 1)),
    ],
    ids=["two", "the middle of a gap", "the middle of three", "match all", "match none", "tied", "no room"],
)
def test_the_best_threshold_lies_in_the_middle_of_what_is_best(scores, mated, threshold):
    """At the edge of the range it would rest on one pair."""
    found = best_threshold(np.array(scores), np.array(mated, bool))
    assert found == pytest.approx(threshold, abs=1e-15)


def test_no_threshold_decides_more_pairs_rightly():
    """Against every threshold that could, on scores with ties."""
    generator = np.random.default_rng(0)
    for _ in range(50):
        scores = generator.integers(8, size=20) / 8
        mated = generator.random(20) < 0.5
        candidates = np.append(scores, 2.0)
        best = max(np.count_nonzero((scores >= threshold) == mated) for threshold in candidates)
        assert np.count_nonzero((scores >= best_threshold(scores, mated)) == mated) == best


def test_each_fold_is_decided_at_the_threshold_of_the_others():
    """Fold 1 alone would choose 0.5 and be right throughout; fold 2 would have it at 0.85."""
    trials = pair_trials([0, 1, 0, 1], [0.2, 0.8, 0.8, 0.9], [1, 1, 2, 2])
    accuracy = accuracy_over_folds(trials)
    assert [(fold.fold, fold.right, fold.pairs) for fold in accuracy.folds] == [(1, 1, 2), (2, 1, 2)]
    assert [fold.threshold for fold in accuracy.folds] == pytest.approx([0.85, 0.5])
    assert (accuracy.mean, accuracy.standard_error) == (0.5, 0.0)


def test_the_mean_counts_folds_alike_and_has_a_standard_error():
    """None right of one, and three right of four."""
    trials = pair_trials([1, 1, 1, 0, 0], [0.3, 0.8, 0.9, 0.4, 0.1], [1, 2, 2, 2, 2])
    accuracy = accuracy_over_folds(trials)
    assert [fold.accuracy for fold in accuracy.folds] == [0.0, 0.75]
    assert accuracy.mean == 0.375
    assert accuracy.standard_error == pytest.approx(0.375)


def test_a_fixed_threshold_decides_all_pairs():
    """The figure a user gets, who has one threshold for everything."""
    trials = pair_trials([0, 1, 0, 1], [0.2, 0.8, 0.8, 0.9], [1, 1, 2, 2])
    assert accuracy_at(trials, 0.8) == 0.75


def test_too_little_data_gives_no_accuracy():
    """One fold has no others, and no pair has no threshold."""
    with pytest.raises(InvalidValue):
        accuracy_over_folds(pair_trials([0, 1], [0.2, 0.8], [1, 1]))
    with pytest.raises(InvalidValue):
        best_threshold(np.empty(0), np.empty(0, bool))
    with pytest.raises(InvalidValue):
        accuracy_at(pair_trials([], [], np.empty(0, int)), 0.5)


@pytest.mark.skipif(not EVAL, reason="FACEWARD_EVAL is not set")
def test_published_scores_of_sface_give_its_published_accuracy():
    """1,200 pairs of LFW in two folds; the model's authors report 0.994 on the whole set."""
    with (Path(EVAL) / "scores" / "sface_lfw_pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items = sorted({row[column] for row in rows for column in ("image1", "image2")})
    place = {item: at for at, item in enumerate(items)}
    labels = Labels(tuple(items), tuple(item.split("/")[0] for item in items))
    trials = listed_pairs(
        np.array([[place[row["image1"]], place[row["image2"]]] for row in rows]),
        np.array([int(row["fold"]) for row in rows]),
        np.array([float(row["score"]) for row in rows]),
        labels,
    )
    assert trials.mated.tolist() == [row["same"] == "1" for row in rows]
    accuracy = accuracy_over_folds(trials)
    assert [fold.pairs for fold in accuracy.folds] == [600, 600]
    assert 0.985 <= accuracy.mean <= 1.0
