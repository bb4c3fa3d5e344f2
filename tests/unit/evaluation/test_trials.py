"""Trials from lists of pairs."""

import numpy as np
import pytest

from faceward.errors import InvalidValue
from faceward.evaluation.labels import Labels
from faceward.evaluation.trials import allowed_false_matches, listed_pairs

ITEMS = ("a1", "a2", "b1", "b2", "c1", "d1")
SUBJECTS = ("a", "a", "b", "b", "c", "d")
PAIRS = np.array([[0, 1], [2, 3], [0, 2], [5, 1], [4, 5], [3, 0]])
SCORES = np.array([0.9, 0.8, 0.3, 0.2, 0.7, 0.1], np.float32)
FOLDS = np.array([1, 1, 1, 2, 2, 2])


@pytest.mark.parametrize(
    ("rate", "trials", "allowed"),
    [
        (0.29, 100, 29),
        (1e-4, 300_000, 30),
        (1e-6, 999_999, 0),
        (1e-6, 1_000_000, 1),
        (1.0, 7, 7),
        (0.5, 0, 0),
    ],
)
def test_allowed_false_matches_are_counted_exactly(rate, trials, allowed):
    """In floats 0.29 x 100 is 28.999…; a calibration must not lose a trial to that."""
    assert allowed_false_matches(rate, trials) == allowed


@pytest.mark.parametrize("rate", [0.0, -1e-3, 1.5, float("nan")])
def test_a_rate_that_is_none_is_refused(rate):
    """A rate is above 0 and at most 1."""
    with pytest.raises(InvalidValue):
        allowed_false_matches(rate, 10)


def test_listed_pairs_are_mated_when_their_subjects_agree():
    """Labels decide, in the order of the list."""
    trials = listed_pairs(PAIRS, FOLDS, SCORES, Labels(ITEMS, SUBJECTS))
    assert trials.mated.tolist() == [True, True, False, False, False, False]
    assert trials.folds.tolist() == FOLDS.tolist()
    assert trials.people.tolist() == [[0, 0], [1, 1], [0, 1], [0, 3], [2, 3], [0, 1]]


def test_pairs_that_labels_got_wrong_are_neither_mated_nor_non_mated():
    """c and d are one person; a1 shows somebody else."""
    labels = Labels(ITEMS, SUBJECTS, frozenset({"a1"}), (("c", "d"),))
    trials = listed_pairs(PAIRS, FOLDS, SCORES, labels)
    assert trials.scores.tolist() == SCORES[[1, 3]].tolist()
    assert trials.mated.tolist() == [True, False]


def test_folds_together_keep_every_score_and_count_pairs_of_people():
    """Scores are ordered; N_ij counts the trials between two people."""
    trials = listed_pairs(PAIRS, FOLDS, SCORES, Labels(ITEMS, SUBJECTS)).as_trials()
    assert trials.complete
    assert trials.mated_scores.tolist() == SCORES[[1, 0]].tolist()
    assert trials.mated_people.tolist() == [1, 0]
    assert trials.highest_non_mated.tolist() == SCORES[[4, 2, 3, 5]].tolist()
    assert trials.highest_people.tolist() == [[2, 3], [0, 1], [0, 3], [0, 1]]
    assert trials.highest_comparisons.tolist() == [1, 2, 1, 2]
    assert trials.non_mated.by_person.tolist() == [3, 2, 1, 2]
    assert (trials.non_mated.total, trials.non_mated.sum_of_squares) == (4, 6)


def test_a_list_without_pairs_makes_no_trials():
    """Empty in, empty out."""
    none = np.empty((0, 2), np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    trials = listed_pairs(*none, Labels(ITEMS, SUBJECTS)).as_trials()
    assert (trials.people, trials.mated_total, trials.non_mated.total) == (0, 0, 0)
    assert trials.false_matches(0.5) == trials.false_non_matches(0.5) == 0


def test_a_score_equal_to_the_threshold_is_a_match():
    """Also for a threshold given in float64 while scores are float32."""
    trials = listed_pairs(PAIRS, FOLDS, SCORES, Labels(ITEMS, SUBJECTS)).as_trials()
    assert trials.false_matches(float(SCORES[4])) == 1
    assert trials.false_matches(float(np.nextafter(np.float64(SCORES[4]), 1.0))) == 0
    assert trials.false_non_matches(float(SCORES[1])) == 0
    assert trials.false_non_matches(float(np.nextafter(np.float64(SCORES[1]), 1.0))) == 1


@pytest.mark.parametrize(
    ("pairs", "folds", "scores"),
    [
        ([[0, 1]], [1, 2], [0.5]),
        ([[0, 1]], [1], [float("nan")]),
        ([[0, 6]], [1], [0.5]),
        ([[-1, 1]], [1], [0.5]),
        ([[2, 2]], [1], [0.5]),
    ],
    ids=["numbers differ", "no number", "past the end", "negative place", "an item with itself"],
)
def test_a_list_that_makes_no_sense_is_refused(pairs, folds, scores):
    """A trial is two different items with a finite score."""
    with pytest.raises(InvalidValue):
        listed_pairs(np.array(pairs), np.array(folds), np.array(scores), Labels(ITEMS, SUBJECTS))
