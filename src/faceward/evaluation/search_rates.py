"""False match rates and gallery sizes in, how often a search errs out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from faceward.errors import InvalidValue


def false_positive_identification_rate(
    false_match_rates: Sequence[float], gallery_sizes: Sequence[int]
) -> float:
    """Give the chance that a search for somebody who is not enrolled returns a candidate.

    Args:
        false_match_rates: FMR of the probe against each part of the gallery, each 0 to 1.
        gallery_sizes: References in each part, in the same order; a gallery of one kind is one part.

    Returns:
        1 - prod (1 - FMR_h)^N_h, which takes the comparisons of one search for independent; computed so
        that rates near 0 keep their digits.

    Raises:
        InvalidValue: The lengths differ, a rate is no rate, or a size is negative.
    """
    if len(false_match_rates) != len(gallery_sizes) or any(size < 0 for size in gallery_sizes):
        raise InvalidValue("Each part of a gallery needs one rate and a size of 0 or more.")
    parts = [(_rate(rate), size) for rate, size in zip(false_match_rates, gallery_sizes, strict=True) if size]
    if any(rate == 1.0 for rate, _ in parts):
        return 1.0
    # Adding zero turns the -0.0 of an empty gallery into 0.0.
    return -math.expm1(math.fsum(size * math.log1p(-rate) for rate, size in parts)) + 0.0


def largest_gallery(identification_rate_limit: float, false_match_rate: float) -> int:
    """Give the most references that keep the FPIR at or below a limit.

    Args:
        identification_rate_limit: The FPIR not to be exceeded, 0 to below 1.
        false_match_rate: The highest FMR of any pair of groups, above 0 to below 1.

    Returns:
        floor(ln(1 - limit) / ln(1 - FMR)); 0 means that no search at all is within the limit.

    Raises:
        InvalidValue: A rate of 0 that would allow a gallery without end, or a rate that is none.
    """
    if not 0.0 < false_match_rate < 1.0 or not 0.0 <= identification_rate_limit < 1.0:
        raise InvalidValue(
            f"No gallery size follows from FMR {false_match_rate} and FPIR {identification_rate_limit}.",
            remedy="Where no false match was seen, use the upper bound of the FMR.",
        )
    return math.floor(math.log1p(-identification_rate_limit) / math.log1p(-false_match_rate))


def implied_false_match_rate(identification_rate: float, gallery_size: int) -> float:
    """Give the FMR that explains an observed FPIR: 1 - (1 - FPIR)^(1/N).

    Raises:
        InvalidValue: The rate is no rate, or the gallery is empty.
    """
    if gallery_size < 1:
        raise InvalidValue("An empty gallery implies no false match rate.")
    if _rate(identification_rate) == 1.0:
        return 1.0
    return -math.expm1(math.log1p(-identification_rate) / gallery_size) + 0.0


def _rate(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise InvalidValue(f"A rate lies from 0 to 1, not at {value}.")
    return value
