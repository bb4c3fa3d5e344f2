"""Trials and wanted rates in, operating points with their evidence out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faceward.core.decision import CalibrationTable, OperatingPoint, Standing
from faceward.errors import InvalidValue
from faceward.evaluation.intervals import RULE_OF_30
from faceward.evaluation.trials import ScoreArray, Trials, allowed_false_matches

RATES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)

# Fewer expected false matches than three, and the rate may as well be zero (rule of three).
_RULE_OF_3 = 3


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a calibration comes from; see ``CalibrationTable`` for each of these."""

    model: str
    preprocessing: str
    precisions: tuple[str, str]
    dataset: str
    dataset_sha256: str
    made_on: str
    command: str


def standing(rate: float, non_mated_trials: int) -> Standing:
    """Say what so many trials allow to be claimed about a rate.

    Returns:
        Calibrated from 30 expected false matches, provisional from 3, refused below.
    """
    expected = allowed_false_matches(rate, non_mated_trials)
    if expected >= RULE_OF_30:
        return Standing.CALIBRATED
    return Standing.PROVISIONAL if expected >= _RULE_OF_3 else Standing.REFUSED


def threshold_for(rate: float, highest_non_mated: ScoreArray, non_mated_trials: int) -> float:
    """Give the smallest observed non-mated score that at most ``floor(rate x M)`` of them reach.

    Where no observed score qualifies (the rate allows none, or the highest are tied beyond what it allows),
    it is the next number above the highest score, in the scores' own precision: the smallest threshold that
    no observed non-mated score reaches. Mated scores have no say, so the threshold cannot lean on them.

    Args:
        rate: The false match rate wanted, above 0 to 1.
        highest_non_mated: Descending; the ``floor(rate x M) + 1`` highest scores at least, or all.
        non_mated_trials: M, at least 1.

    Raises:
        InvalidValue: Too few scores were kept for this rate, or there are no trials.
    """
    allowed = allowed_false_matches(rate, non_mated_trials)
    kept = len(highest_non_mated)
    if not non_mated_trials or kept < min(allowed + 1, non_mated_trials):
        raise InvalidValue(
            f"A rate of {rate:g} in {non_mated_trials} trials needs more scores than the {kept} kept.",
            remedy="Build the trials with a larger largest_rate.",
        )
    if allowed == non_mated_trials:
        return float(highest_non_mated[-1])
    # This score and any equal to it are one too many: the threshold is the next higher one.
    barred = highest_non_mated[allowed]
    reaching = int(np.searchsorted(-highest_non_mated, -barred, side="left"))
    if not reaching:
        return float(np.nextafter(barred, highest_non_mated.dtype.type(np.inf)))
    return float(highest_non_mated[reaching - 1])


def operating_points(
    trials: Trials, report: str, rates: Sequence[float] = RATES
) -> tuple[OperatingPoint, ...]:
    """Find the threshold for each rate, and measure what it costs.

    Args:
        trials: On data that no part of the model was made or chosen with.
        report: Where the figures come from, in words.
        rates: False match rates, each above 0 to 1; no rate twice.

    Returns:
        Operating points, the largest rate first; those with too few trials are refused, and kept.

    Raises:
        InvalidValue: There are no mated or no non-mated trials, a rate is no rate or comes twice, or fewer
            scores were kept than a rate needs.
    """
    if not trials.mated_total or not trials.non_mated.total:
        raise InvalidValue(
            "An operating point needs comparisons of one person and of different people.",
            remedy="Calibrate on several people with at least two photos of one of them.",
        )
    if len(set(rates)) != len(rates):
        raise InvalidValue("A false match rate is asked for twice.")
    return tuple(_point(trials, rate, report) for rate in sorted(rates, reverse=True))


def calibration_table(
    trials: Trials, provenance: Provenance, rates: Sequence[float] = RATES
) -> CalibrationTable:
    """Make the table a catalogue entry carries.

    Raises:
        InvalidValue: As for ``operating_points``.
    """
    report = f"{provenance.dataset}; {provenance.made_on}; {provenance.command}"
    return CalibrationTable(
        model=provenance.model,
        preprocessing=provenance.preprocessing,
        precisions=provenance.precisions,
        dataset=provenance.dataset,
        dataset_sha256=provenance.dataset_sha256,
        made_on=provenance.made_on,
        command=provenance.command,
        points=operating_points(trials, report, rates),
    )


def _point(trials: Trials, rate: float, report: str) -> OperatingPoint:
    total = trials.non_mated.total
    threshold = threshold_for(rate, trials.highest_non_mated, total)
    return OperatingPoint(
        threshold=threshold,
        false_match_rate=float(rate),
        standing=standing(rate, total),
        non_mated_trials=total,
        false_matches=trials.false_matches(threshold),
        false_non_match_rate=trials.false_non_matches(threshold) / trials.mated_total,
        mated_trials=trials.mated_total,
        report=report,
    )
