"""Intervals: the reference vectors, the edges, and the bootstrap."""

import numpy as np
import pytest

from faceward.errors import InvalidValue
from faceward.evaluation.intervals import enough_errors, paired_differences, rule_of_three, wilson


def significant(value, digits=6):
    return float(f"{value:.{digits - 1}e}")


@pytest.mark.parametrize(
    ("errors", "trials", "lower", "upper"),
    [
        (0, 10_000, 0.0, 3.83998e-4),
        (3, 30_000, 3.40096e-5, 2.93997e-4),
        (30, 300_000, 7.00512e-5, 1.42751e-4),
    ],
)
def test_wilson_agrees_with_the_reference_vectors(errors, trials, lower, upper):
    """To every digit given."""
    interval = wilson(errors / trials, trials)
    assert significant(interval.lower) == lower
    assert significant(interval.upper) == upper


@pytest.mark.parametrize("rate", [0.0, 1.0])
@pytest.mark.parametrize("trials", [1, 3, 7, 33.3, 1e9])
def test_wilson_holds_a_rate_at_the_edge(rate, trials):
    """Rounding must not push the interval off 0 or 1."""
    assert rate in wilson(rate, trials)


@pytest.mark.parametrize(
    ("rate", "trials"),
    [(0.5, 0), (-0.1, 5), (1.1, 5), (0.5, float("inf")), (float("nan"), 5), (0.5, float("nan"))],
)
def test_wilson_refuses_what_is_no_proportion(rate, trials):
    """No trials, no interval."""
    with pytest.raises(InvalidValue):
        wilson(rate, trials)


@pytest.mark.parametrize(("trials", "bound"), [(300, 0.01), (3, 1.0), (1, 1.0), (0, 1.0)])
def test_rule_of_three_bounds_a_rate_without_errors(trials, bound):
    """Nothing seen in few trials says nothing."""
    assert rule_of_three(trials) == bound


@pytest.mark.parametrize(("errors", "enough"), [(0, False), (29, False), (30, True)])
def test_rule_of_30_wants_thirty_errors(errors, enough):
    """Errors, not trials."""
    assert enough_errors(errors) is enough


def share(hits, of):
    return lambda weights: ((weights @ hits) / (weights @ of))[:, None]


def test_a_difference_within_every_cluster_is_certain():
    """One system finds one more of ten in every photo: pairing leaves no doubt."""
    hits, of = np.array([3.0, 9.0, 0.0, 5.0, 7.0]), np.full(5, 10.0)
    (difference,) = paired_differences(share(hits + 1, of), share(hits, of), 5, np.random.default_rng(0), 200)
    assert difference.estimate == pytest.approx(0.1)
    assert (difference.interval.lower, difference.interval.upper) == pytest.approx((0.1, 0.1))
    assert difference.excludes_zero
    assert difference.resamples == 200


def test_systems_that_do_not_differ_show_no_difference():
    """Zero within the interval, ends included."""
    hits, of = np.array([3.0, 9.0, 0.0]), np.full(3, 10.0)
    (difference,) = paired_differences(share(hits, of), share(hits, of), 3, np.random.default_rng(0), 50)
    assert difference.estimate == 0.0
    assert not difference.excludes_zero


def test_the_same_generator_gives_the_same_interval():
    """Randomness comes from outside only, however the work is cut up."""
    hits, of = np.arange(12.0), np.full(12, 20.0)
    one, two = (
        paired_differences(share(hits, of), share(hits[::-1], of), 12, np.random.default_rng(7), 150)
        for _ in range(2)
    )
    assert one == two


def test_resamples_without_a_value_do_not_count():
    """Where only one of three photos has a face, about (2/3)^3 of the resamples have none."""
    of = np.array([4.0, 0.0, 0.0])

    def recall(hits):
        def statistic(weights):
            faces = weights @ of
            found = weights @ np.array([hits, 0.0, 0.0])
            return np.divide(found, faces, out=np.full_like(faces, np.nan), where=faces > 0)[:, None]

        return statistic

    (difference,) = paired_differences(recall(4.0), recall(3.0), 3, np.random.default_rng(1), 1000)
    assert difference.estimate == 0.25
    assert 650 < difference.resamples < 760


def test_a_percentile_interval_covers_about_as_often_as_it_says():
    """Two correlated measurements over 60 clusters, 600 times over; their means differ by 0.1 in truth.

    Percentile intervals are a little narrow on few clusters: over 12,000 repetitions they covered 0.93 to
    0.95. The bounds are 4 standard errors (0.010) away from 0.935.
    """
    generator = np.random.default_rng(11)
    mean = np.ones(60)
    covered = 0
    for _ in range(600):
        common = generator.standard_normal(60)
        one = 0.1 + common + 0.3 * generator.standard_normal(60)
        two = common + 0.3 * generator.standard_normal(60)
        (difference,) = paired_differences(share(one, mean), share(two, mean), 60, generator, 200)
        covered += 0.1 in difference.interval
    assert 0.895 <= covered / 600 <= 0.975


@pytest.mark.parametrize(("clusters", "resamples"), [(0, 10), (3, 0)])
def test_no_clusters_or_resamples_give_no_interval(clusters, resamples):
    """There is nothing to draw."""
    statistic = share(np.ones(clusters), np.ones(clusters))
    with pytest.raises(InvalidValue):
        paired_differences(statistic, statistic, clusters, np.random.default_rng(0), resamples)


def test_a_statistic_without_a_value_is_refused():
    """0 of 0 has no estimate to put an interval around."""

    def undefined(weights):
        return np.full((len(weights), 1), np.nan)

    with pytest.raises(InvalidValue):
        paired_differences(undefined, undefined, 3, np.random.default_rng(0), 10)
