"""Recall and precision by size, and two detectors at one precision."""

import math

import numpy as np
import pytest

from faceward.errors import InvalidValue
from faceward.evaluation.detection_matches import AnnotatedFaces, DetectedFaces, match_detections
from faceward.evaluation.detection_rates import (
    ALL_SIZES,
    SIZE_RANGES,
    SizeRange,
    detection_rates,
    recall_at_equal_precision,
)


def row(sizes, top=0.0):
    """Square boxes of the given sizes, side by side."""
    sizes = np.asarray(sizes, float)
    left = np.arange(len(sizes)) * 1000.0
    return np.stack([left, np.full(len(sizes), top), left + sizes, top + sizes], axis=1)


def photo(sizes, hits, false=()):
    """One photo: face k is claimed with score hits[k] (0: not at all); false claims have sizes and scores."""
    boxes, hits = row(sizes), np.asarray(hits, float)
    wrong = row([size for size, _ in false], top=5000.0)
    scores = np.r_[hits[hits > 0], [score for _, score in false]]
    found = DetectedFaces(np.concatenate([boxes[hits > 0], wrong]), scores)
    return AnnotatedFaces(boxes, np.zeros(len(boxes), bool)), found


def matched(*photos):
    return match_detections(*zip(*photos, strict=True))


def test_sizes_fall_into_exactly_one_range():
    """The limits belong to the upper one."""
    sizes = np.array([0.0, 15.9, 16.0, 31.9, 32.0, 64.0, 128.0, 4000.0])
    members = np.array([sizes_of.holds(sizes) for sizes_of in SIZE_RANGES])
    assert members.sum(axis=0).tolist() == [1] * 8
    assert np.argmax(members, axis=0).tolist() == [0, 0, 1, 1, 2, 3, 4, 4]
    assert ALL_SIZES.holds(sizes).all()
    assert [str(sizes_of) for sizes_of in (ALL_SIZES, SIZE_RANGES[1], SIZE_RANGES[4])] == [
        "all sizes", "16 to below 32 px", "from 128 px",
    ]  # fmt: skip


def test_rates_count_by_size_at_a_score():
    """Hits by the size of the face, false claims by their own; a score equal to the threshold counts."""
    matches = matched(
        photo([10, 20, 20, 200], [0.5, 0.9, 0, 0.6], [(20, 0.7), (200, 0.4)]), photo([20], [0.59])
    )
    every = detection_rates(matches, 0.6)
    assert (every.faces, every.hits, every.false_claims) == (5, 2, 1)
    assert (every.recall, every.precision) == (0.4, 2 / 3)
    small = detection_rates(matches, 0.5, SIZE_RANGES[1])
    assert (small.faces, small.hits, small.false_claims) == (3, 2, 1)
    tiny = detection_rates(matches, 0.6, SIZE_RANGES[0])
    assert (tiny.recall, tiny.precision) == (0.0, 1.0)
    assert math.isnan(detection_rates(matches, 0.6, SizeRange(64, 128)).recall)


def test_a_detector_is_as_good_as_itself():
    """At its own precision it has its own recall or, where precision holds further down, more; never less."""
    generator = np.random.default_rng(0)
    photos = [
        photo(generator.uniform(8, 200, 6), generator.random(6).round(2), [(30, generator.random())])
        for _ in range(20)
    ]
    matches = matched(*photos)
    for comparison in recall_at_equal_precision(matches, matches, 0.5, np.random.default_rng(1), 200):
        assert comparison.first_recall >= comparison.second_recall
        assert comparison.difference.interval.lower >= 0.0


def test_the_first_detector_is_taken_at_the_lowest_score_of_equal_precision():
    """The second has 2 hits and 1 false claim at 0.5; the first keeps 2/3 down to 0.2 and loses it at 0.1."""
    second = matched(photo([20, 20, 20, 20], [0.9, 0.8, 0, 0.1], [(9, 0.6)]))
    first = matched(photo([20, 20, 20, 20], [0.9, 0.3, 0.3, 0.2], [(9, 0.95), (9, 0.2), (9, 0.1)]))
    every, size = recall_at_equal_precision(first, second, 0.5, np.random.default_rng(0), 10)
    assert every.first_threshold == 0.2
    assert (every.first_recall, every.second_recall, every.difference.estimate) == (1.0, 0.5, 0.5)
    assert (every.sizes, size.sizes) == (ALL_SIZES, SIZE_RANGES[1])
    assert every.faces == size.faces == 4


def test_claims_of_one_score_are_taken_together_or_not_at_all():
    """A hit and two false claims at 0.5: no threshold takes the hit alone."""
    second = matched(photo([20, 20], [0.9, 0], [(9, 0.8)]))
    first = matched(photo([20, 20], [0.9, 0.5], [(9, 0.5), (9, 0.5)]))
    every, _ = recall_at_equal_precision(first, second, 0.5, np.random.default_rng(0), 10)
    assert (every.first_threshold, every.first_recall) == (0.5, 1.0)
    worse = matched(photo([20, 20], [0.9, 0.5], [(9, 0.5), (9, 0.5), (9, 0.5)]))
    every, _ = recall_at_equal_precision(worse, second, 0.5, np.random.default_rng(0), 10)
    assert (every.first_threshold, every.first_recall) == (0.9, 0.5)


def test_a_detector_that_is_nowhere_precise_enough_finds_nothing():
    """It is not compared at a precision it does not have."""
    second = matched(photo([20], [0.9]))
    first = matched(photo([20], [0.5], [(9, 0.8)]))
    every, _ = recall_at_equal_precision(first, second, 0.5, np.random.default_rng(0), 10)
    assert (every.first_threshold, every.first_recall, every.second_recall) == (math.inf, 0.0, 1.0)
    silent = matched(photo([20], [0]))
    every, _ = recall_at_equal_precision(silent, second, 0.5, np.random.default_rng(0), 10)
    assert (every.first_threshold, every.first_recall) == (math.inf, 0.0)
    every, _ = recall_at_equal_precision(second, silent, 0.5, np.random.default_rng(0), 10)
    assert (every.first_threshold, every.first_recall, every.second_recall) == (0.9, 1.0, 0.0)


def slowly(first, second, second_threshold, generator, resamples):
    """The same comparison over all sizes, one resample after the other, photos repeated in fact."""
    differences = []
    for _ in range(resamples):
        drawn = np.repeat(
            np.arange(first.photos), generator.multinomial(first.photos, [1 / first.photos] * first.photos)
        )
        claims = {
            matches: [
                (score, hit)
                for place in drawn
                for score, hit in zip(
                    matches.claim_scores[matches.claim_photos == place],
                    matches.claim_hits[matches.claim_photos == place],
                    strict=True,
                )
            ]
            for matches in (first, second)
        }
        faces = sum(np.count_nonzero(first.face_photos == place) for place in drawn)
        theirs = [hit for score, hit in claims[second] if score >= second_threshold]
        best = 0
        for threshold in {score for score, _ in claims[first]}:
            mine = [hit for score, hit in claims[first] if score >= threshold]
            if not theirs or sum(mine) * len(theirs) >= sum(theirs) * len(mine):
                best = max(best, sum(mine))
        differences.append((best - sum(theirs)) / faces)
    return np.quantile(differences, [0.025, 0.975])


def test_each_resample_chooses_its_own_threshold():
    """Against a plain loop over repeated photos with the same draws."""
    generator = np.random.default_rng(3)
    photos = [
        [
            photo([20] * 5, (generator.random(5) * (generator.random(5) < found)).round(1), [(9, score)])
            for found, score in ((0.9, 0.4), (0.6, 0.6))
        ]
        for _ in range(12)
    ]
    first, second = (matched(*column) for column in zip(*photos, strict=True))
    every, _ = recall_at_equal_precision(first, second, 0.5, np.random.default_rng(4), 100)
    expected = slowly(first, second, 0.5, np.random.default_rng(4), 100)
    interval = every.difference.interval
    assert (interval.lower, interval.upper) == pytest.approx(tuple(expected), abs=1e-12)


def test_detectors_on_different_faces_are_not_compared():
    """Nor where there is no face at all."""
    one, other, empty = matched(photo([20], [0.9])), matched(photo([30], [0.9])), matched(photo([], []))
    with pytest.raises(InvalidValue):
        recall_at_equal_precision(one, other, 0.5, np.random.default_rng(0))
    with pytest.raises(InvalidValue):
        recall_at_equal_precision(empty, empty, 0.5, np.random.default_rng(0))
