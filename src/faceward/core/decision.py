"""A comparison score and an operating point in, a decision that carries its evidence out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from faceward.errors import OperatingPointUnsupported


class Standing(StrEnum):
    """How much evidence stands behind an operating point (rule of 30; rule of 3)."""

    CALIBRATED = "calibrated"
    PROVISIONAL = "provisional"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold that carries the evidence it was chosen on.

    Attributes:
        threshold: A comparison score equal to it or above is a match.
        false_match_rate: The rate that was asked for, 0 to 1.
        standing: What the number of non-mated trials allows to be said.
        non_mated_trials: Comparisons of different people behind it.
        false_matches: How many of them reach the threshold.
        false_non_match_rate: Share of the mated trials below the threshold, 0 to 1.
        mated_trials: Comparisons of one person behind that share.
        report: Where the figures come from: data set, date and command, in words.
    """

    threshold: float
    false_match_rate: float
    standing: Standing
    non_mated_trials: int
    false_matches: int
    false_non_match_rate: float
    mated_trials: int
    report: str


@dataclass(frozen=True, slots=True)
class CalibrationTable:
    """The operating points of one model, recipe and pair of precisions, on one set of data.

    Attributes:
        model: Identifier of the catalogue entry.
        preprocessing: The recipe part of the template contract.
        precisions: The arithmetic of the two templates that were compared, in order of name.
        dataset: Name of the data and how it was chosen.
        dataset_sha256: Digest over the names and digests of its images and its labels.
        made_on: ISO date.
        command: What made the table, so that anyone can make it again.
        points: Operating points, the largest rate first. Refused ones are kept, without a use.
    """

    model: str
    preprocessing: str
    precisions: tuple[str, str]
    dataset: str
    dataset_sha256: str
    made_on: str
    command: str
    points: tuple[OperatingPoint, ...]

    def at(self, false_match_rate: float) -> OperatingPoint:
        """Find the operating point for a rate; nothing is interpolated or extrapolated.

        Raises:
            OperatingPointUnsupported: The table has no such rate, or too few trials for it.
        """
        usable = [point for point in self.points if point.standing is not Standing.REFUSED]
        for point in usable:
            if abs(point.false_match_rate - false_match_rate) <= 1e-9 * point.false_match_rate:
                return point
        rates = ", ".join(f"{point.false_match_rate:.1e}".replace(".0e", "e") for point in usable) or "none"
        raise OperatingPointUnsupported(
            f"No evidence supports a false match rate of {false_match_rate:g} "
            f"for {self.model} in {' against '.join(dict.fromkeys(self.precisions))}.",
            remedy=f"Ask for one of these rates: {rates}; or run `faceward calibrate` on more data.",
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and on which evidence.

    Attributes:
        match: Whether the comparison score reaches the threshold.
        comparison_score: Cosine of the two templates, -1 to 1.
        at: The operating point it was decided at.
    """

    match: bool
    comparison_score: float
    at: OperatingPoint

    def __str__(self) -> str:
        return "match" if self.match else "non-match"


def decide(comparison_score: float, at: OperatingPoint) -> Decision:
    """Decide; a score equal to the threshold is a match, one that is no number is a non-match."""
    return Decision(bool(comparison_score >= at.threshold), float(comparison_score), at)
