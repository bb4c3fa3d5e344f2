"""Counts or resampled statistics in, intervals out: what a measured figure leaves open."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceward.errors import InvalidValue

RealArray: TypeAlias = NDArray[np.float64]

# A statistic of resampled clusters: weights of shape (B, C) in, values of shape (B, S) out, one row for
# each resample; NaN where a resample leaves a value undefined.
Statistic: TypeAlias = Callable[[RealArray], RealArray]

# Two-sided 95 % of the normal distribution.
Z_95 = 1.959963984540054

# Source: the rule of 30 (Doddington et al., "The NIST speaker recognition evaluation", 2000).
RULE_OF_30 = 30

# Resamples handed to a statistic at once: bounds memory, and changes no result.
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value lies with 95 % confidence, both ends included."""

    lower: float
    upper: float

    def __contains__(self, value: float) -> bool:
        return self.lower <= value <= self.upper


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """How much the first of two statistics exceeds the second on the same clusters.

    Attributes:
        estimate: First minus second, on the clusters as they are.
        interval: Percentile interval over the resamples.
        resamples: How many resamples had a value; others left it undefined and do not count.
    """

    estimate: float
    interval: Interval
    resamples: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the two differ beyond what the choice of clusters explains."""
        return 0.0 not in self.interval


def wilson(rate: float, trials: float, z: float = Z_95) -> Interval:
    """Give the Wilson score interval of a proportion.

    Args:
        rate: The observed proportion, 0 to 1.
        trials: Independent trials, or as many as the trials are worth (n_eff); above 0.
        z: Quantile of the normal distribution; the default gives 95 %.

    Raises:
        InvalidValue: An argument is out of range.

    Source: E. B. Wilson, "Probable inference", JASA 22 (1927).
    """
    if not 0.0 <= rate <= 1.0 or not trials > 0 or not math.isfinite(trials):
        raise InvalidValue(f"No interval exists for a rate of {rate} in {trials} trials.")
    centre = rate + z * z / (2 * trials)
    reach = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # Rounding must not move an end past 0 or 1, nor past a rate that is exactly there.
    lower = 0.0 if rate == 0.0 else max(0.0, (centre - reach) / scale)
    upper = 1.0 if rate == 1.0 else min(1.0, (centre + reach) / scale)
    return Interval(lower, upper)


def rule_of_three(independent_trials: int) -> float:
    """Give the upper 95 % bound of a rate of which no error was seen: 3 / n, at most 1.

    Source: Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249 (1983).
    """
    return min(1.0, 3.0 / independent_trials) if independent_trials > 0 else 1.0


def enough_errors(errors: int) -> bool:
    """Whether a rate is known within 30 % with 90 % confidence; with fewer, a ratio says too little."""
    return errors >= RULE_OF_30


def paired_differences(
    first: Statistic,
    second: Statistic,
    clusters: int,
    generator: np.random.Generator,
    resamples: int = 2000,
) -> tuple[PairedDifference, ...]:
    """Compare two statistics of the same clusters by resampling whole clusters for both at once.

    Clusters, such as photos or people, are drawn with replacement; what is inside one stays together, so
    that dependent trials are not counted as evidence twice. The quantiles are plain percentiles.

    Args:
        first: Statistic of the first system. Row b of its weights says how often each cluster was drawn.
        second: Statistic of the second system, of as many values.
        clusters: C, at least 1.
        generator: Where the randomness comes from; the same state gives the same intervals.
        resamples: B, at least 1. 2000 puts about 50 resamples beyond each end of the interval (our choice).

    Returns:
        One difference for each of the S values.

    Raises:
        InvalidValue: There is no cluster or resample, or a value is undefined on the clusters as they are.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 8 and 13.
    """
    if clusters < 1 or resamples < 1:
        raise InvalidValue(f"{clusters} clusters and {resamples} resamples give no interval.")
    once = np.ones((1, clusters))
    estimates = (first(once) - second(once))[0]
    if np.any(np.isnan(estimates)):
        raise InvalidValue("A statistic is undefined on the data as they are.")
    shares = np.full(clusters, 1.0 / clusters)
    drawn = []
    for start in range(0, resamples, _AT_ONCE):
        count = min(_AT_ONCE, resamples - start)
        weights = generator.multinomial(clusters, shares, size=count).astype(np.float64)
        drawn.append(first(weights) - second(weights))
    differences = np.concatenate(drawn)
    return tuple(
        _difference(float(estimate), column)
        for estimate, column in zip(estimates, differences.T, strict=True)
    )


def _difference(estimate: float, resampled: RealArray) -> PairedDifference:
    defined = resampled[~np.isnan(resampled)]
    if not len(defined):
        raise InvalidValue("A statistic is undefined in every resample.")
    lower, upper = np.quantile(defined, [0.025, 0.975])
    return PairedDifference(estimate, Interval(float(lower), float(upper)), len(defined))
