"""Trials and a threshold in, how often it errs out, with an interval that knows who was compared.

A score equal to the threshold is a match. Trials that share a person are not independent: an interval that
counts them as if they were is far too narrow, so intervals here are taken over people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from faceward.errors import InvalidValue
from faceward.evaluation.intervals import Interval, RealArray, enough_errors, rule_of_three, wilson
from faceward.evaluation.trials import ScoreArray, Trials


@dataclass(frozen=True, slots=True)
class MeasuredRate:
    """An error rate with what stands behind it.

    Attributes:
        errors: Trials that went wrong.
        trials: Trials in all.
        variance: Variance of the rate over people; 0 when no trial, or every trial, went wrong.
        effective_trials: Independent trials that would vary as much.
        interval: Where the true rate lies with 95 % confidence.
    """

    errors: int
    trials: int
    variance: float
    effective_trials: float
    interval: Interval

    @property
    def rate(self) -> float:
        """Errors as a share of trials, 0 to 1."""
        return self.errors / self.trials

    @property
    def supports_ratios(self) -> bool:
        """Whether the rule of 30 allows this rate in a ratio of rates."""
        return enough_errors(self.errors)


@dataclass(frozen=True, slots=True, eq=False)
class DetCurve:
    """Detection error trade-off: both error rates over every threshold that changes one of them.

    Attributes:
        thresholds: Shape ``(P,)``, float64, ascending.
        false_match_rates: Shape ``(P,)``, never rising.
        false_non_match_rates: Shape ``(P,)``, never falling.
    """

    thresholds: RealArray
    false_match_rates: RealArray
    false_non_match_rates: RealArray


def false_match_rates(non_mated_scores: ScoreArray, thresholds: ArrayLike) -> RealArray:
    """Give the share of non-mated scores at or above each threshold.

    Args:
        non_mated_scores: Shape ``(M,)``, all of them, in any order; M at least 1.
        thresholds: Any shape.

    Returns:
        Rates in the shape of the thresholds, 0 to 1.

    Raises:
        InvalidValue: There is no trial, or a score is not finite.
    """
    total = _checked_total(non_mated_scores)
    return (total - _below(non_mated_scores, thresholds)) / total


def false_non_match_rates(mated_scores: ScoreArray, thresholds: ArrayLike, failures: int = 0) -> RealArray:
    """Give the share of mated trials below each threshold.

    Args:
        mated_scores: Shape ``(G,)``, in any order.
        thresholds: Any shape.
        failures: Mated trials without a score, as a template could not be made: non-matches at any threshold.

    Returns:
        Rates in the shape of the thresholds, 0 to 1.

    Raises:
        InvalidValue: There is no trial, or a score is not finite.
    """
    total = _checked_total(mated_scores, failures)
    return (_below(mated_scores, thresholds) + failures) / total


def det_curve(trials: Trials) -> DetCurve:
    """Give both error rates at every score that was seen.

    Where only the highest non-mated scores were kept, the curve covers the thresholds above the lowest of
    them, which is where its rates are exact.

    Raises:
        InvalidValue: There is no mated or no non-mated trial.
    """
    if not trials.non_mated.total or not trials.mated_total:
        raise InvalidValue("A curve needs mated and non-mated trials.")
    seen = np.unique(np.concatenate([trials.mated_scores, trials.highest_non_mated])).astype(np.float64)
    if not trials.complete:
        seen = seen[seen > trials.highest_non_mated[-1]]
    kept = len(trials.highest_non_mated)
    reaching = kept - _below(trials.highest_non_mated, seen)
    return DetCurve(seen, reaching / trials.non_mated.total, false_non_match_rates(trials.mated_scores, seen))


def measured_false_match_rate(trials: Trials, threshold: float) -> MeasuredRate:
    """Measure the FMR at a threshold, with an interval over people.

    With r_ij = e_ij - p N_ij and S_i the sum of r_ij over j, the variance is
    max(sum S_i^2 - sum r_ij^2, sum r_ij^2) / M^2; the interval is Wilson's on p (1 - p) / variance trials.
    Without any error the upper bound is 3 / floor(K / 2): with K people, so many comparisons share nobody.

    Raises:
        InvalidValue: There is no non-mated trial, or scores as low as the threshold were not kept.

    Source: Aronow, Samii and Assenova, "Cluster-robust variance estimation for dyadic data", Political
        Analysis 23 (2015); the larger of the two terms keeps a chance negative covariance from narrowing it.
    """
    errors, total = trials.false_matches(threshold), trials.non_mated.total
    if not total:
        raise InvalidValue("A false match rate needs non-mated trials.")
    rate, people = errors / total, trials.people
    pairs = trials.highest_people[:errors]
    _, first, wrong = np.unique(pairs[:, 0] * people + pairs[:, 1], return_index=True, return_counts=True)
    compared = trials.highest_comparisons[:errors][first].astype(np.float64)
    one, other = pairs[first, 0], pairs[first, 1]
    # Pairs of people without an error have r_ij = -p N_ij; they are summed without being listed.
    error_free = trials.non_mated.sum_of_squares - float(np.sum(compared**2))
    squares = float(np.sum((wrong - rate * compared) ** 2)) + rate**2 * error_free
    of_person = np.bincount(one, wrong, people) + np.bincount(other, wrong, people)
    sums = of_person - rate * trials.non_mated.by_person
    variance = max(float(np.sum(sums**2)) - squares, squares) / total**2
    return _measured(errors, total, variance, people // 2)


def measured_false_non_match_rate(trials: Trials, threshold: float) -> MeasuredRate:
    """Measure the FNMR at a threshold, with an interval over people.

    The variance is the sum over people of (e_ii - p N_ii)^2, over G^2. Without any error the upper bound is
    3 / n, with n the people who have a mated trial: theirs share nobody.

    Raises:
        InvalidValue: There is no mated trial.
    """
    total = trials.mated_total
    if not total:
        raise InvalidValue("A false non-match rate needs mated trials.")
    wrong = trials.mated_scores < np.float64(threshold)
    errors = int(np.count_nonzero(wrong))
    compared = np.bincount(trials.mated_people)
    residuals = np.bincount(trials.mated_people, wrong) - errors / total * compared
    variance = float(np.sum(residuals**2)) / total**2
    return _measured(errors, total, variance, int(np.count_nonzero(compared)))


def _measured(errors: int, total: int, variance: float, independent: int) -> MeasuredRate:
    rate = errors / total
    if errors in {0, total}:
        # All people agree, so the variance says nothing; only the number of independent trials does.
        bound = rule_of_three(independent)
        interval = Interval(0.0, bound) if errors == 0 else Interval(1.0 - bound, 1.0)
        return MeasuredRate(errors, total, 0.0, float(independent), interval)
    # People who err exactly alike (variance 0) must not make us certain: then the trials themselves count.
    effective = rate * (1.0 - rate) / variance if variance > 0.0 else float(total)
    return MeasuredRate(errors, total, variance, effective, wilson(rate, effective))


def _checked_total(scores: ScoreArray, failures: int = 0) -> int:
    total = len(scores) + failures
    if failures < 0 or not total:
        raise InvalidValue("A rate needs at least one trial.")
    if not np.all(np.isfinite(scores)):
        raise InvalidValue("A comparison score is not a finite number.")
    return total


def _below(scores: ScoreArray, thresholds: ArrayLike) -> RealArray:
    # In float64, so that a threshold is not rounded to the scores' own precision first.
    ordered = np.sort(scores).astype(np.float64)
    return np.searchsorted(ordered, np.asarray(thresholds, np.float64), side="left").astype(np.float64)
