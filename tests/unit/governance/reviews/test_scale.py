"""The tier follows from what is measured; nobody chooses it."""

from __future__ import annotations

import pytest

from faceward.governance.reviews.scale import LIMITS, Scale, limits, tier
from faceward.transparency.words import Place


@pytest.mark.parametrize(
    ("people", "sites", "places", "daily", "expected"),
    [
        (0, 0, [], 0, 0),
        (100, 1, [Place.PRIVATE], 1_000, 0),
        (101, 1, [Place.PRIVATE], 0, 1),
        (100, 1, [Place.PRIVATE], 1_001, 1),
        (1_000, 1, [Place.SEMI_PUBLIC], 10_000, 1),
        (1_001, 1, [Place.PRIVATE], 0, 2),
        (1, 1, [Place.PRIVATE], 10_001, 2),
        (10_000, 1, [Place.PRIVATE], 100_000, 2),
        (10_001, 1, [Place.PRIVATE], 0, 3),
        (1, 1, [Place.PRIVATE], 100_001, 3),
        (1, 2, [Place.PRIVATE], 0, 3),
        (1, 1, [Place.PUBLIC], 0, 3),
        (1, 1, [Place.PRIVATE, Place.PUBLIC], 0, 3),
        (1, 1, [Place.UNKNOWN], 0, 3),
    ],
)
def test_the_tier(people, sites, places, daily, expected):
    assert tier(people, sites, places, daily) == expected


def test_each_tier_limits_the_whole_customer():
    approved = Scale(50_000, 9)
    assert [limits(it, approved) for it in range(4)] == [*LIMITS, approved]
