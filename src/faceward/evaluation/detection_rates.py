"""Matched detections in, recall and precision by face size out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceward.errors import InvalidValue
from faceward.evaluation.detection_matches import Matches
from faceward.evaluation.intervals import PairedDifference, RealArray, paired_differences


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Faces from one size to below another.

    Attributes:
        from_px: Smallest size that belongs, in pixels; size is the root of a box's area.
        below_px: Smallest size that no longer does.
    """

    from_px: float = 0.0
    below_px: float = math.inf

    def holds(self, sizes: RealArray) -> NDArray[np.bool_]:
        """Say which sizes belong; same shape as the sizes."""
        return (sizes >= self.from_px) & (sizes < self.below_px)

    def __str__(self) -> str:
        if math.isinf(self.below_px):
            return f"from {self.from_px:g} px" if self.from_px else "all sizes"
        return f"{self.from_px:g} to below {self.below_px:g} px"


ALL_SIZES = SizeRange()
# Octaves (our choice).
SIZE_RANGES = (
    SizeRange(0, 16),
    SizeRange(16, 32),
    SizeRange(32, 64),
    SizeRange(64, 128),
    SizeRange(128),
)


@dataclass(frozen=True, slots=True)
class DetectionRates:
    """How a detector did on faces of one size.

    Attributes:
        sizes: Which sizes.
        faces: Annotated faces.
        hits: How many of them were found.
        false_claims: Claims of such size where no face is marked, or one already found.
    """

    sizes: SizeRange
    faces: int
    hits: int
    false_claims: int

    @property
    def recall(self) -> float:
        """Found faces as a share of the annotated; NaN where none is annotated."""
        return self.hits / self.faces if self.faces else math.nan

    @property
    def precision(self) -> float:
        """Right claims as a share of all; 1 where nothing was claimed, as nothing claimed was wrong."""
        claims = self.hits + self.false_claims
        return self.hits / claims if claims else 1.0


@dataclass(frozen=True, slots=True)
class RecallComparison:
    """Recall of two detectors on faces of one size, the first at the precision of the second.

    Attributes:
        sizes: Which sizes.
        faces: Annotated faces of that size.
        first_threshold: Lowest detection score at which the first detector is as precise as the second;
            infinity where it is at none.
        first_recall: Its recall there.
        second_recall: Recall of the second detector at its own threshold.
        difference: First minus second, with an interval over photos.
    """

    sizes: SizeRange
    faces: int
    first_threshold: float
    first_recall: float
    second_recall: float
    difference: PairedDifference


def detection_rates(matches: Matches, threshold: float, sizes: SizeRange = ALL_SIZES) -> DetectionRates:
    """Count hits, misses and false claims among the claims at or above a detection score."""
    faces = sizes.holds(matches.face_sizes)
    claimed = matches.claim_scores >= threshold
    false = claimed & ~matches.claim_hits & sizes.holds(matches.claim_sizes)
    return DetectionRates(
        sizes,
        int(np.count_nonzero(faces)),
        int(np.count_nonzero(faces & (matches.found_at >= threshold))),
        int(np.count_nonzero(false)),
    )


def recall_at_equal_precision(
    first: Matches,
    second: Matches,
    second_threshold: float,
    generator: np.random.Generator,
    resamples: int = 2000,
) -> tuple[RecallComparison, ...]:
    """Compare two detectors where neither buys recall with false claims.

    The second detector is taken at its threshold. The first is taken at the lowest of its scores at which
    its precision over all sizes is at least the second's; so let it claim well below its usual threshold.
    Each resample of the photos chooses that score anew, so that the intervals hold what the choice costs.

    Args:
        first: The detector in question.
        second: The one to compare with, on the same photos and annotated faces.
        second_threshold: Detection score at which the second is used.
        generator: Where the randomness comes from.
        resamples: How often the photos are drawn anew.

    Returns:
        One comparison for all sizes, then one for each of ``SIZE_RANGES`` that has faces.

    Raises:
        InvalidValue: The two were not matched with the same faces, or there is none.
    """
    if (
        first.photos != second.photos
        or not np.array_equal(first.face_photos, second.face_photos)
        or not np.array_equal(first.face_sizes, second.face_sizes)
    ):
        raise InvalidValue("Two detectors can be compared on the same annotated faces only.")
    used = [sizes for sizes in (ALL_SIZES, *SIZE_RANGES) if np.any(sizes.holds(first.face_sizes))]
    if not used:
        raise InvalidValue("A recall needs at least one annotated face.")

    def of_first(weights: RealArray) -> RealArray:
        return _recalls(first, _equal_thresholds(first, second, second_threshold, weights), weights, used)

    def of_second(weights: RealArray) -> RealArray:
        return _recalls(second, np.full(len(weights), second_threshold), weights, used)

    once = np.ones((1, first.photos))
    threshold = float(_equal_thresholds(first, second, second_threshold, once)[0])
    differences = paired_differences(of_first, of_second, first.photos, generator, resamples)
    return tuple(
        RecallComparison(
            sizes,
            int(np.count_nonzero(sizes.holds(first.face_sizes))),
            threshold,
            float(mine),
            float(theirs),
            difference,
        )
        for sizes, mine, theirs, difference in zip(
            used, of_first(once)[0], of_second(once)[0], differences, strict=True
        )
    )


def _equal_thresholds(
    first: Matches, second: Matches, second_threshold: float, weights: RealArray
) -> RealArray:
    """Find for each resample the lowest score at which the first is as precise as the second; ``(B,)``."""
    claimed = second.claim_scores >= second_threshold
    drawn = weights[:, second.claim_photos] * claimed
    their_hits, their_claims = drawn @ second.claim_hits, drawn.sum(axis=1)
    # Who claims nothing claims nothing wrong: a precision of 1, as in DetectionRates.
    their_hits, their_claims = np.where(their_claims > 0, [their_hits, their_claims], 1.0)
    drawn = weights[:, first.claim_photos]
    hits, claims = np.cumsum(drawn * first.claim_hits, axis=1), np.cumsum(drawn, axis=1)
    # Cross-multiplied whole numbers compare exactly; a quotient would not.
    precise = hits * their_claims[:, None] >= their_hits[:, None] * claims
    # A threshold takes all claims of its score or none: only the last of equal scores can be one.
    precise &= np.append(np.diff(first.claim_scores) < 0, True)[: len(first.claim_scores)]
    none = np.full((len(weights), 1), True)
    last = precise.shape[1] - np.argmax(np.hstack([none, precise])[:, ::-1], axis=1)
    result: RealArray = np.concatenate([[np.inf], first.claim_scores])[last]
    return result


def _recalls(
    matches: Matches, thresholds: RealArray, weights: RealArray, used: Sequence[SizeRange]
) -> RealArray:
    """Give the recall of each resample at its own threshold for each range of sizes; ``(B, S)``."""
    drawn = weights[:, matches.face_photos]
    found = drawn * (matches.found_at >= thresholds[:, None])
    belongs = np.stack([sizes.holds(matches.face_sizes) for sizes in used], axis=1).astype(np.float64)
    hits, faces = found @ belongs, drawn @ belongs
    return np.divide(hits, faces, out=np.full_like(hits, np.nan), where=faces > 0)
