"""What holds for rates, thresholds and intervals whatever the scores."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from faceward.core.decision import Standing
from faceward.evaluation.all_pairs import all_pairs
from faceward.evaluation.detection_matches import AnnotatedFaces, DetectedFaces, match_detections, overlaps
from faceward.evaluation.detection_rates import SIZE_RANGES, detection_rates
from faceward.evaluation.intervals import wilson
from faceward.evaluation.labels import Labels
from faceward.evaluation.operating_points import operating_points, standing, threshold_for
from faceward.evaluation.pairs_accuracy import best_threshold
from faceward.evaluation.rates import (
    det_curve,
    false_match_rates,
    false_non_match_rates,
    measured_false_match_rate,
    measured_false_non_match_rate,
)
from faceward.evaluation.search_rates import (
    false_positive_identification_rate,
    implied_false_match_rate,
    largest_gallery,
)
from faceward.evaluation.trials import allowed_false_matches

# The same examples each time, and no stopwatch: a busy machine must not fail a right answer.
unhurried = settings(deadline=None, derandomize=True, database=None)

RATES = st.floats(1e-7, 1.0)
# Few distinct values make ties; all float32 values make neighbours without room between them.
SCORES = hnp.arrays(
    np.float32,
    st.integers(1, 60),
    elements=st.one_of(
        st.integers(-4, 4).map(lambda quarter: quarter / 4), st.floats(-1.0, 1.0, width=32, allow_nan=False)
    ),
)


@st.composite
def trials(draw):
    """All pairs of unit templates with exact, often equal scores, and some labels known to be wrong."""
    signs = draw(hnp.arrays(np.bool_, st.tuples(st.integers(2, 24), st.just(4))))
    count = len(signs)
    subjects = draw(st.lists(st.sampled_from("abcdef"), min_size=count, max_size=count))
    items = tuple(f"x{item}" for item in range(count))
    wrong = frozenset(draw(st.sets(st.sampled_from(items), max_size=3)))
    names = sorted(set(subjects))
    same = tuple(draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=2)))
    features = np.where(signs, 0.5, -0.5).astype(np.float32)
    tile, largest_rate = draw(st.integers(1, 30)), draw(st.sampled_from([0.05, 0.3, 1.0]))
    labels = Labels(items, tuple(subjects), wrong, same)
    return all_pairs(features, labels, largest_rate=largest_rate, tile=tile), largest_rate


@unhurried
@given(SCORES, RATES)
def test_a_threshold_keeps_its_rate_and_no_lower_observed_one_does(scores, rate):
    """The rule itself, by trying every observed score."""
    threshold = threshold_for(rate, np.sort(scores)[::-1], len(scores))
    allowed = allowed_false_matches(rate, len(scores))
    assert np.count_nonzero(scores.astype(np.float64) >= threshold) <= allowed
    qualifying = [score for score in scores if np.count_nonzero(scores >= score) <= allowed]
    if qualifying:
        assert threshold == float(min(qualifying))
    else:
        assert threshold == float(np.nextafter(scores.max(), np.float32(np.inf)))


@unhurried
@given(SCORES, RATES, RATES)
def test_a_smaller_rate_never_has_a_lower_threshold(scores, one, other):
    """Nor a better standing."""
    ordered = np.sort(scores)[::-1]
    smaller, larger = sorted((one, other))
    assert threshold_for(smaller, ordered, len(scores)) >= threshold_for(larger, ordered, len(scores))
    rank = [Standing.REFUSED, Standing.PROVISIONAL, Standing.CALIBRATED].index
    assert rank(standing(smaller, 10_000)) <= rank(standing(larger, 10_000))


@unhurried
@given(RATES, st.integers(0, 10**9))
def test_allowed_false_matches_never_exceed_the_rate(rate, total):
    """One more would."""
    allowed = allowed_false_matches(rate, total)
    assert 0 <= allowed <= total
    assert allowed <= rate * total * (1 + 1e-12)
    assert allowed + 1 > rate * total * (1 - 1e-12)


@unhurried
@given(trials())
def test_points_of_tiled_trials_keep_their_rates(made):
    """Whatever the tile, the ties and the labels."""
    found, largest = made
    assume(found.mated_total and found.non_mated.total)
    points = operating_points(found, "test", (largest, largest / 10))
    for point in points:
        assert point.false_matches <= point.false_match_rate * point.non_mated_trials * (1 + 1e-12)
        assert 0.0 <= point.false_non_match_rate <= 1.0
    assert points[0].threshold <= points[1].threshold
    assert points[0].false_non_match_rate <= points[1].false_non_match_rate


@unhurried
@given(trials())
def test_trials_are_counted_once(made):
    """Every person's trials add up to all of them twice; nobody meets themselves among strangers."""
    found, _ = made
    assert found.non_mated.by_person.sum() == 2 * found.non_mated.total
    assert np.all(found.highest_people[:, 0] < found.highest_people[:, 1])
    assert np.all(np.diff(found.highest_non_mated) <= 0)
    assert np.all(np.diff(found.mated_scores) >= 0)
    if found.complete:
        pairs, counts = np.unique(found.highest_people, axis=0, return_counts=True)
        assert np.sum(counts**2) == found.non_mated.sum_of_squares
        assert len(pairs) <= found.people * (found.people - 1) // 2


@unhurried
@given(trials(), st.sampled_from([-0.5, 0.0, 0.5, 1.0, 1.5]))
def test_a_measured_rate_lies_within_its_interval(made, threshold):
    """And the interval within 0 and 1."""
    found, _ = made
    assume(found.mated_total and found.non_mated.total)
    measured = [measured_false_non_match_rate(found, threshold)]
    if found.complete or threshold > found.highest_non_mated[-1]:
        measured.append(measured_false_match_rate(found, threshold))
    for rate in measured:
        assert 0.0 <= rate.interval.lower <= rate.rate + 1e-12
        assert rate.rate - 1e-12 <= rate.interval.upper <= 1.0
        assert rate.variance >= 0.0


@unhurried
@given(trials())
def test_the_curve_trades_one_error_for_the_other(made):
    """Along rising thresholds, and equal to the rates of plain arrays."""
    found, _ = made
    assume(found.mated_total and found.non_mated.total)
    curve = det_curve(found)
    assert np.all(np.diff(curve.thresholds) > 0)
    assert np.all(np.diff(curve.false_match_rates) <= 0)
    assert np.all(np.diff(curve.false_non_match_rates) >= 0)
    if found.complete:
        assert np.array_equal(
            curve.false_match_rates, false_match_rates(found.highest_non_mated, curve.thresholds)
        )


@unhurried
@given(SCORES, st.floats(-1.5, 1.5))
def test_rates_are_shares_of_trials(scores, threshold):
    """A trial is either a match or a non-match."""
    matches = false_match_rates(scores, threshold)
    assert matches + false_non_match_rates(scores, threshold) == pytest.approx(1.0)
    assert matches == np.mean(scores.astype(np.float64) >= threshold)


@unhurried
@given(st.integers(0, 1000), st.integers(1, 1000))
def test_a_wilson_interval_holds_the_rate_and_narrows_with_trials(errors, trials_made):
    """More of the same evidence never says less."""
    assume(errors <= trials_made)
    rate = errors / trials_made
    wide, narrow = wilson(rate, trials_made), wilson(rate, 4 * trials_made)
    assert 0.0 <= wide.lower <= narrow.lower <= rate + 1e-12
    assert rate - 1e-12 <= narrow.upper <= wide.upper <= 1.0


@unhurried
@given(st.floats(1e-12, 0.5), st.integers(1, 10**6), st.floats(1e-9, 0.9))
def test_a_gallery_within_its_limit_keeps_it(rate, size, limit):
    """One more reference would not; and what a search rate implies gives it back."""
    searched = false_positive_identification_rate([rate], [size])
    assert rate * (1 - 1e-9) <= searched <= min(1.0, rate * size * (1 + 1e-9))
    if searched < 0.999:
        assert implied_false_match_rate(searched, size) == pytest.approx(rate, rel=1e-6)
    largest = largest_gallery(limit, rate)
    assert false_positive_identification_rate([rate], [largest]) <= limit * (1 + 1e-9)
    assert false_positive_identification_rate([rate], [largest + 1]) >= limit * (1 - 1e-9)


@unhurried
@given(SCORES, st.data())
def test_the_best_threshold_is_beaten_by_none(scores, data):
    """Not by any observed score, nor by one above all."""
    mated = data.draw(hnp.arrays(np.bool_, len(scores)))
    wide = scores.astype(np.float64)

    def right(threshold):
        return np.count_nonzero((wide >= threshold) == mated)

    assert right(best_threshold(scores, mated)) == max(right(threshold) for threshold in [*wide, 2.0])


BOXES = hnp.arrays(
    np.float64, st.tuples(st.integers(0, 8), st.just(4)), elements=st.integers(0, 24).map(float)
).map(lambda corners: np.hstack([corners[:, :2], corners[:, :2] + corners[:, 2:]]))


@unhurried
@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_a_share(first, second):
    """Between 0 and 1; a box with area overlaps itself wholly."""
    shared = overlaps(first, second)
    assert np.array_equal(shared, overlaps(second, first).T)
    assert np.all((shared >= 0) & (shared <= 1))
    area = np.prod(first[:, 2:] - first[:, :2], axis=1)
    assert np.array_equal(np.diag(overlaps(first, first)), (area > 0).astype(float))


@unhurried
@given(BOXES, BOXES, st.data())
def test_one_matching_serves_every_threshold(faces, boxes, data):
    """Matching only the claims from a score on counts the same as matching all and cutting there."""
    tenths = st.integers(1, 9).map(lambda tenth: tenth / 10)
    scores = data.draw(hnp.arrays(np.float64, len(boxes), elements=tenths))
    ignored = data.draw(hnp.arrays(np.bool_, len(faces)))
    threshold = data.draw(tenths)
    truth = [AnnotatedFaces(faces, ignored)]
    every = match_detections(truth, [DetectedFaces(boxes, scores)])
    high = scores >= threshold
    cut = match_detections(truth, [DetectedFaces(boxes[high], scores[high])])
    for sizes in SIZE_RANGES:
        assert detection_rates(every, threshold, sizes) == detection_rates(cut, threshold, sizes)
    assert np.count_nonzero(every.claim_hits) == np.count_nonzero(np.isfinite(every.found_at))
    assert len(every.face_sizes) == np.count_nonzero(~ignored)
