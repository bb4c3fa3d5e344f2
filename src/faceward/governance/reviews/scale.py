"""How many people, uses, sites and what places in, the tier and its limits for a whole customer out.

Source: tiers of people and sites, and limits of uses a day, are our choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from faceward.transparency.words import Place

TRIAL = 0
LARGEST = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """How much.

    Attributes:
        people: People in galleries.
        daily: Uses a day.
    """

    people: int
    daily: int


LIMITS = (Scale(100, 1_000), Scale(1_000, 10_000), Scale(10_000, 100_000))
"""What tiers 0, 1 and 2 allow a whole customer. Tier 3 allows what was approved."""

_OPEN = frozenset({Place.PUBLIC, Place.UNKNOWN})


def tier(people: int, sites: int, places: Iterable[Place], daily: int = 0) -> int:
    """Say which tier a use belongs to, 0 to 3.

    Args:
        people: People in all galleries of the customer.
        sites: Different sites of the customer.
        places: Where photos are taken; what is not known counts as public.
        daily: Uses a day of the customer.
    """
    if sites > 1 or _OPEN & set(places):
        return LARGEST
    fitting = (i for i, most in enumerate(LIMITS) if people <= most.people and daily <= most.daily)
    return next(fitting, LARGEST)


def limits(of_tier: int, approved: Scale) -> Scale:
    """What a tier allows a whole customer.

    Args:
        of_tier: 0 to 3.
        approved: What was approved for all deployments of the customer together.
    """
    return LIMITS[of_tier] if of_tier < LARGEST else approved
