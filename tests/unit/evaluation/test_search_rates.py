"""From comparisons to searches: the reference vectors and the edges."""

import pytest

from faceward.errors import InvalidValue
from faceward.evaluation.intervals import wilson
from faceward.evaluation.search_rates import (
    false_positive_identification_rate,
    implied_false_match_rate,
    largest_gallery,
)


@pytest.mark.parametrize(
    ("rates", "sizes", "expected"),
    [
        ([1e-6], [25_000], 0.02469010),
        ([1e-6, 1e-5], [9_000, 1_000], 0.01882069),
        ([], [], 0.0),
        ([1e-3], [0], 0.0),
        ([1.0], [0], 0.0),
        ([1.0, 1e-6], [1, 5], 1.0),
        ([0.0], [10**9], 0.0),
    ],
)
def test_a_search_errs_as_often_as_the_reference_vectors_say(rates, sizes, expected):
    """1 - prod (1 - FMR_h)^N_h, to the digits given."""
    assert round(false_positive_identification_rate(rates, sizes), 8) == expected


def test_small_rates_keep_their_digits():
    """1 - (1 - x) would lose all but a few of them."""
    assert false_positive_identification_rate([1e-14], [3]) == pytest.approx(3e-14, rel=1e-12)


@pytest.mark.parametrize(("rate", "size"), [(1e-6, 1000), (1e-5, 100), (1e-4, 10), (1e-2, 0)])
def test_the_largest_gallery_agrees_with_the_reference_vectors(rate, size):
    """At an FPIR of 1e-3."""
    assert largest_gallery(1e-3, rate) == size


def test_an_observed_search_rate_implies_a_false_match_rate():
    """ACLU 2018: 28 of 535 members of Congress in a gallery of 25,000."""
    observed = 28 / 535
    interval = wilson(observed, 535)
    assert (round(observed, 4), round(interval.lower, 4), round(interval.upper, 4)) == (
        0.0523,
        0.0365,
        0.0746,
    )
    implied = implied_false_match_rate(observed, 25_000)
    assert f"{implied:.2e}" == "2.15e-06"
    assert false_positive_identification_rate([implied], [25_000]) == pytest.approx(observed, rel=1e-12)
    assert implied_false_match_rate(1.0, 5) == 1.0


@pytest.mark.parametrize(("rates", "sizes"), [([1e-3], []), ([1.5], [1]), ([-1e-9], [1]), ([1e-3], [-1])])
def test_a_gallery_that_makes_no_sense_is_refused(rates, sizes):
    """Each part has one rate and one size."""
    with pytest.raises(InvalidValue):
        false_positive_identification_rate(rates, sizes)


@pytest.mark.parametrize(("limit", "rate"), [(1e-3, 0.0), (1e-3, 1.0), (1.0, 1e-3), (-0.1, 1e-3)])
def test_no_gallery_size_follows_from_a_rate_of_zero(limit, rate):
    """No error seen is no licence for a gallery without end."""
    with pytest.raises(InvalidValue):
        largest_gallery(limit, rate)


@pytest.mark.parametrize(("rate", "size"), [(0.1, 0), (1.1, 5)])
def test_nothing_is_implied_by_what_is_no_search(rate, size):
    """An empty gallery returns nobody."""
    with pytest.raises(InvalidValue):
        implied_false_match_rate(rate, size)
