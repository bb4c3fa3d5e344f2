"""A gallery, its size and a calibration in, the operating point of a comparison or a search out.

A search compares with everybody, so it errs more often than a comparison: FPIR = 1 - (1 - FMR)^N. The rate of
a single comparison follows from the one that the gallery promises for a search, and only rates that were
measured are used: nothing is interpolated, and nothing extrapolated.
"""

from __future__ import annotations

from dataclasses import dataclass

from faceward.core.decision import CalibrationTable, OperatingPoint, Standing
from faceward.errors import OperatingPointUnsupported
from faceward.evaluation.search_rates import (
    false_positive_identification_rate,
    implied_false_match_rate,
    largest_gallery,
)


@dataclass(frozen=True, slots=True)
class SearchPoint:
    """Where a search decides, and what that means.

    Attributes:
        at: The operating point of each of its comparisons.
        references: With how many templates a probe is compared.
        false_positive_identification_rate: How often a search for a stranger gives a candidate, 0 to 1.
        largest_gallery: The most references for which the evidence supports the rate that was promised.
    """

    at: OperatingPoint
    references: int
    false_positive_identification_rate: float
    largest_gallery: int


def search_point(
    table: CalibrationTable, promised: float, references: int, *, provisional: bool
) -> SearchPoint:
    """Find where a search of a gallery of some size keeps its promise.

    Args:
        table: What was measured.
        promised: The FPIR that the gallery promises, above 0 to below 1.
        references: Templates in the gallery.
        provisional: Whether a rate may be used that rests on 3 expected errors and not on 30.

    Raises:
        OperatingPointUnsupported: No rate that was measured is low enough for so large a gallery.
    """
    standings = {Standing.CALIBRATED, Standing.PROVISIONAL} if provisional else {Standing.CALIBRATED}
    usable = [it for it in table.points if it.standing in standings]
    most = max((largest_gallery(promised, it.false_match_rate) for it in usable), default=0)
    needed = implied_false_match_rate(promised, max(references, 1))
    fitting = [it for it in usable if it.false_match_rate <= needed * (1 + 1e-9)]
    if not fitting:
        raise OperatingPointUnsupported(
            f"A search of {references:,} templates that gives a stranger a candidate at most {promised:g} "
            f"of the time needs a false match rate of {needed:.1e}; the evidence supports galleries of "
            f"{most:,} at most.",
            remedy="Search a smaller gallery, promise less when you make it, or calibrate on more data.",
        )
    at = max(fitting, key=lambda it: it.false_match_rate)
    rate = false_positive_identification_rate((at.false_match_rate,), (references,))
    return SearchPoint(at, references, rate, most)


def duplicate_point(table: CalibrationTable, promised: float, references: int) -> OperatingPoint:
    """Where an enrolment takes a face for one that is enrolled already.

    The same point as a search, or the strictest that was measured where the gallery is too large for that: a
    person looks at each refusal, so that a false one costs a look and no more.
    """
    try:
        return search_point(table, promised, references, provisional=True).at
    except OperatingPointUnsupported:
        usable = [it for it in table.points if it.standing is not Standing.REFUSED]
        if not usable:
            raise
        return min(usable, key=lambda it: it.false_match_rate)
