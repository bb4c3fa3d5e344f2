"""Error rates, their curve, and intervals that know who was compared."""

import itertools
import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import det_curve as sklearn_det_curve
from sklearn.metrics import roc_curve

from faceward.errors import InvalidValue
from faceward.evaluation.all_pairs import all_pairs
from faceward.evaluation.intervals import wilson
from faceward.evaluation.labels import Labels
from faceward.evaluation.rates import (
    det_curve,
    false_match_rates,
    false_non_match_rates,
    measured_false_match_rate,
    measured_false_non_match_rate,
)
from faceward.evaluation.trials import listed_pairs

EVAL = os.environ.get("FACEWARD_EVAL")
needs_pack = pytest.mark.skipif(not EVAL, reason="FACEWARD_EVAL is not set")


def trials_of(people, scores):
    """Trials from scores between people: ``people`` are pairs of numbers, equal when mated."""
    people = np.asarray(people)
    items = tuple(f"{trial} {side}" for trial in range(len(people)) for side in "ab")
    labels = Labels(items, tuple(f"p{person:04d}" for person in people.reshape(-1)))
    places = np.arange(2 * len(people)).reshape(-1, 2)
    return listed_pairs(places, np.zeros(len(people), np.int64), np.asarray(scores), labels).as_trials()


def test_a_score_equal_to_the_threshold_is_a_match():
    """For both rates, at every threshold of an array, in its shape."""
    scores = np.array([0.4, 0.1, 0.3, 0.3])
    thresholds = np.array([[0.1, 0.3], [0.31, 0.5]])
    assert false_match_rates(scores, thresholds).tolist() == [[1.0, 0.75], [0.25, 0.0]]
    assert false_non_match_rates(scores, thresholds).tolist() == [[0.0, 0.25], [0.75, 1.0]]


def test_a_threshold_is_not_rounded_to_the_precision_of_scores():
    """0.1 in float32 lies above 0.1 in float64, and 0.3 in float32 above 0.3."""
    score = np.array([0.1], np.float32)
    assert false_match_rates(score, 0.1) == 1.0
    assert false_match_rates(score, np.nextafter(float(score[0]), 1.0)) == 0.0


def test_a_failure_to_make_a_template_is_a_non_match_at_any_threshold():
    """Leaving it out would make a model look better the more photos it gives up on."""
    assert false_non_match_rates(np.array([0.5, 0.9]), [-1.0, 0.6], failures=2).tolist() == [0.5, 0.75]
    assert false_non_match_rates(np.empty(0), 0.0, failures=3) == 1.0


@pytest.mark.parametrize("rates", [false_match_rates, false_non_match_rates])
@pytest.mark.parametrize("scores", [[], [0.5, float("nan")]], ids=["no trial", "no number"])
def test_no_rate_without_trials_and_finite_scores(rates, scores):
    """A score that is no number would pass for a match on one side and a non-match on the other."""
    with pytest.raises(InvalidValue):
        rates(np.array(scores), 0.5)


def test_the_interval_of_false_matches_agrees_with_the_dyadic_reference_vector():
    """4 people, 4 trials between any two, one false match each of 1 with 2 and of 2 with 3."""
    people = [pair for pair in itertools.combinations(range(4), 2) for _ in range(4)]
    scores = np.zeros(24)
    scores[people.index((0, 1))] = scores[people.index((1, 2))] = 0.9
    measured = measured_false_match_rate(trials_of(people, scores), 0.5)
    assert (measured.errors, measured.trials) == (2, 24)
    assert round(measured.rate, 8) == 0.08333333
    assert round(measured.variance, 8) == 0.00231481
    assert measured.effective_trials == pytest.approx(33, rel=1e-12)
    assert round(measured.interval.lower, 8) == 0.02751885
    assert round(measured.interval.upper, 8) == 0.22603948
    assert not measured.supports_ratios


def by_the_formula(trials, threshold, people):
    """Var(FMR) of the formula over full K x K matrices."""
    errors, compared = np.zeros((people, people)), np.zeros((people, people))
    for (i, j), score, count in zip(
        trials.highest_people, trials.highest_non_mated, trials.highest_comparisons, strict=True
    ):
        errors[i, j] += score >= threshold
        errors[j, i] = errors[i, j]
        compared[i, j] = compared[j, i] = count
    total = compared.sum() / 2
    residuals = errors - errors.sum() / 2 / total * compared
    squares = np.sum(np.triu(residuals) ** 2)
    return max(np.sum(residuals.sum(axis=1) ** 2) - squares, squares) / total**2


@pytest.mark.parametrize("seed", range(5))
def test_the_variance_of_false_matches_is_that_of_the_formula(seed):
    """Pairs of people without an error are summed without being listed; the sum must not notice."""
    generator = np.random.default_rng(seed)
    people = generator.integers(12, size=(400, 2))
    trials = trials_of(people, generator.random(400))
    for threshold in (0.3, 0.7, 0.95):
        measured = measured_false_match_rate(trials, threshold)
        assert measured.variance == pytest.approx(by_the_formula(trials, threshold, 12), rel=1e-9)


def test_a_kept_tail_gives_the_interval_of_all_scores():
    """What was dropped lies below the threshold, and is counted."""
    generator = np.random.default_rng(3)
    features = generator.standard_normal((200, 8)).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    names = tuple(f"x{item}" for item in range(200))
    labels = Labels(names, tuple(f"p{item // 3:02d}" for item in range(200)))
    whole, tail = (all_pairs(features, labels, largest_rate=rate) for rate in (1.0, 0.02))
    threshold = float(tail.highest_non_mated[50])
    assert measured_false_match_rate(tail, threshold) == measured_false_match_rate(whole, threshold)
    assert measured_false_match_rate(whole, threshold).variance == pytest.approx(
        by_the_formula(whole, threshold, whole.people), rel=1e-9
    )


def test_the_variance_of_false_non_matches_counts_people():
    """Two people with two trials each, one always missed, one never: no more than two observations."""
    trials = trials_of([(0, 0), (0, 0), (1, 1), (1, 1)], [0.1, 0.1, 0.9, 0.9])
    measured = measured_false_non_match_rate(trials, 0.5)
    assert measured.rate == 0.5
    assert measured.variance == 0.125
    assert measured.effective_trials == 2.0
    assert measured.interval == wilson(0.5, 2.0)


def test_without_errors_only_people_count():
    """Rule of three: floor(K / 2) comparisons share nobody; for mated trials, each person's are their own."""
    people = [*itertools.combinations(range(9), 2), *((person, person) for person in range(9))]
    trials = trials_of(people, np.r_[np.zeros(36), np.ones(9)])
    matches, non_matches = measured_false_match_rate(trials, 0.5), measured_false_non_match_rate(trials, 0.5)
    assert (matches.rate, matches.interval.lower, matches.interval.upper) == (0.0, 0.0, 0.75)
    assert (non_matches.rate, non_matches.interval.lower, non_matches.interval.upper) == (0.0, 0.0, 1 / 3)


def test_where_everything_errs_the_bound_is_mirrored():
    """An interval of no width around 1 would claim certainty."""
    people = list(itertools.combinations(range(12), 2))
    interval = measured_false_match_rate(trials_of(people, np.ones(66)), 0.5).interval
    assert (interval.lower, interval.upper) == (0.5, 1.0)


def test_people_who_err_exactly_alike_do_not_make_us_certain():
    """Everybody fails once in two: the variance over people is 0, the uncertainty is not."""
    people = [(person, person) for person in range(6) for _ in range(2)]
    measured = measured_false_non_match_rate(trials_of(people, [0.1, 0.9] * 6), 0.5)
    assert measured.variance == 0.0
    assert measured.interval == wilson(0.5, 12)


def test_thirty_errors_support_a_ratio():
    """The rule of 30."""
    people = [(2 * pair, 2 * pair + 1) for pair in range(60)]
    assert measured_false_match_rate(trials_of(people, [1.0] * 30 + [0.0] * 30), 0.5).supports_ratios
    assert not measured_false_match_rate(trials_of(people, [1.0] * 29 + [0.0] * 31), 0.5).supports_ratios


def test_a_rate_of_one_kind_needs_trials_of_that_kind():
    """0 of 0 is no rate."""
    mated, non_mated = trials_of([(0, 0)], [0.5]), trials_of([(0, 1)], [0.5])
    with pytest.raises(InvalidValue):
        measured_false_match_rate(mated, 0.5)
    with pytest.raises(InvalidValue):
        measured_false_non_match_rate(non_mated, 0.5)
    for trials in (mated, non_mated):
        with pytest.raises(InvalidValue):
            det_curve(trials)


def test_intervals_over_people_cover_the_truth_where_those_over_trials_do_not():
    """150 people with 2 photos, some of whom look like many others: 300 repetitions, seeded.

    s_ij = 0.45 (a_i + a_j) + noise with unit normal a and noise, so that the true FMR at any threshold is
    known: s is normal of variance 1 + 2 x 0.45^2. Over 2,000 repetitions intervals over people covered
    0.94, those over trials 0.27; the bounds are 4 standard errors of 300 repetitions away from that.
    """
    generator = np.random.default_rng(20)
    people = np.array(
        [pair for pair in itertools.combinations(range(300), 2) if pair[0] // 2 != pair[1] // 2]
    )
    template = trials_of(people // 2, np.zeros(len(people)))
    spread = np.sqrt(1 + 2 * 0.45**2)
    true_rate = 0.02275013194817921  # of a normal above 2
    of_people = of_trials = 0
    for _ in range(300):
        looks = generator.standard_normal(150)
        noise = generator.standard_normal(len(people))
        scores = 0.45 * looks[people // 2].sum(axis=1) + noise
        measured = measured_false_match_rate(with_scores(template, people // 2, scores), 2 * spread)
        of_people += true_rate in measured.interval
        of_trials += true_rate in wilson(measured.rate, measured.trials)
    assert 0.885 <= of_people / 300 <= 0.995
    assert of_trials / 300 <= 0.38


def with_scores(template, people, scores):
    """The same trials with other scores."""
    order = np.argsort(-scores, kind="stable")
    return type(template)(
        template.mated_scores,
        template.mated_people,
        scores[order],
        people[order],
        np.full(len(scores), 4),
        template.non_mated,
    )


def assert_same_curve(mated, non_mated):
    """Our rates at the thresholds of scikit-learn are its rates."""
    truth = np.r_[np.ones(len(mated)), np.zeros(len(non_mated))]
    scores = np.r_[mated, non_mated]
    fmr, fnmr, thresholds = sklearn_det_curve(truth, scores)
    assert np.abs(false_match_rates(non_mated, thresholds) - fmr).max() <= 1e-9
    assert np.abs(false_non_match_rates(mated, thresholds) - fnmr).max() <= 1e-9
    fmr, tmr, thresholds = roc_curve(truth, scores, drop_intermediate=False)
    assert np.abs(false_match_rates(non_mated, thresholds) - fmr).max() <= 1e-9
    assert np.abs(1 - false_non_match_rates(mated, thresholds) - tmr).max() <= 1e-9
    people = np.r_[np.zeros((len(mated), 2), int), np.tile([0, 1], (len(non_mated), 1))]
    curve = det_curve(trials_of(people, scores))
    # scikit-learn starts above every score, where nothing matches; ours starts at the lowest score.
    assert np.array_equal(curve.thresholds, thresholds[:0:-1])
    assert np.abs(curve.false_match_rates - fmr[:0:-1]).max() <= 1e-9
    assert np.abs(1 - curve.false_non_match_rates - tmr[:0:-1]).max() <= 1e-9


@pytest.mark.parametrize("decimals", [1, 2, 12], ids=["many ties", "some ties", "no ties"])
def test_rates_agree_with_scikit_learn(decimals):
    """To 1e-9, at every threshold it reports."""
    generator = np.random.default_rng(decimals)
    mated = generator.normal(0.6, 0.2, 400).round(decimals)
    assert_same_curve(mated, generator.normal(0.1, 0.2, 3000).round(decimals))


@needs_pack
@pytest.mark.parametrize("experiment", ["exp1", "exp2", "exp3"])
def test_rates_of_published_score_files_agree_with_scikit_learn(experiment):
    """Score files others publish to check such code against."""
    folder = Path(EVAL) / "scores" / "pyeer_examples" / "non_hist"
    mated, non_mated = (
        np.loadtxt(folder / f"{experiment}_{kind}.txt", ndmin=1) for kind in ("true", "false")
    )
    assert_same_curve(mated, non_mated)


def test_a_curve_of_a_kept_tail_is_the_upper_part_of_the_whole():
    """It ends where its rates would no longer be exact."""
    generator = np.random.default_rng(4)
    features = generator.standard_normal((150, 6)).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    names = tuple(f"x{item}" for item in range(150))
    labels = Labels(names, tuple(f"p{item // 2:02d}" for item in range(150)))
    trials = [all_pairs(features, labels, largest_rate=rate) for rate in (1.0, 0.05)]
    whole, part = map(det_curve, trials)
    above = whole.thresholds > trials[1].highest_non_mated[-1]
    assert np.array_equal(part.thresholds, whole.thresholds[above])
    assert np.array_equal(part.false_match_rates, whole.false_match_rates[above])
    assert np.array_equal(part.false_non_match_rates, whole.false_non_match_rates[above])
    assert np.all(np.diff(part.false_match_rates) <= 0)
    assert np.all(np.diff(part.false_non_match_rates) >= 0)
