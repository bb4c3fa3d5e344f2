"""Templates in, comparison scores and candidate lists out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceward.core.decision import OperatingPoint
from faceward.core.values import FloatArray, Template
from faceward.errors import ContractMismatch, InvalidValue


def comparison_score(probe: Template, reference: Template) -> float:
    """Cosine of two templates, -1 to 1.

    Raises:
        ContractMismatch: Their models or recipes differ. Whether two *precisions* may meet is for
            the catalogue to say, which has or has not a measurement of it.
    """
    require_comparable(probe, reference)
    return float(np.clip(probe.features @ reference.features, -1.0, 1.0))


def require_comparable(probe: Template, reference: Template) -> None:
    """Raise `ContractMismatch` where model or recipe differ."""
    if not probe.contract.differs_only_in_precision(reference.contract):
        raise ContractMismatch(
            f"A template of {probe.contract.model} ({probe.contract.preprocessing}) cannot be compared "
            f"with one of {reference.contract.model} ({reference.contract.preprocessing})."
        )


def comparison_scores(probes: FloatArray, references: FloatArray) -> FloatArray:
    """Compare all with all in one matrix product.

    Args:
        probes: Shape ``(P, length)`` or ``(length,)``, rows of length 1.
        references: Shape ``(N, length)``, rows of length 1.

    Returns:
        Shape ``(P, N)`` or ``(N,)``: cosines.
    """
    return np.asarray(probes @ references.T, np.float32)


def fused_score(scores: FloatArray) -> float:
    """Make one score of a probe against several references of one person: their mean.

    Args:
        scores: Shape ``(k,)``, k at least 1.

    The mean reaches a threshold only if at least one of the scores does, and strangers' scores scatter
    less around a mean. The best of k would reach it up to k times as often, and the false match
    rate behind the operating point would no longer be true.

    Raises:
        InvalidValue: There are no scores.
    """
    if not len(scores):
        raise InvalidValue("A score needs at least one reference.", remedy="Enrol a reference first.")
    return float(np.mean(scores))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject whose best score reaches the operating point: a claim to look at, not an identity."""

    subject: str
    comparison_score: float


def candidate_list(
    scores: FloatArray, subjects: tuple[str, ...], at: OperatingPoint, limit: int
) -> tuple[Candidate, ...]:
    """Keep the subjects whose best score reaches the operating point.

    Args:
        scores: Comparison scores, shape ``(N,)``, one for each reference.
        subjects: The N subjects those references belong to; repeats are normal.
        at: The operating point; a score equal to its threshold is a match.
        limit: The most candidates to return, at least 1.

    Returns:
        Candidates, best first, ties in order of subject. Empty means that nobody
        enrolled is claimed to be this person, and is a normal answer.

    Raises:
        InvalidValue: The lengths differ, or the limit is below 1.
    """
    if len(scores) != len(subjects):
        raise InvalidValue(
            f"{len(scores)} scores belong to {len(subjects)} subjects.", remedy="Send one subject a score."
        )
    if limit < 1:
        raise InvalidValue(f"A limit of {limit} asks for nothing.", remedy="Ask for at least 1.")
    best: dict[str, float] = {}
    # In float64, as `decide` compares: numpy would round the threshold to the float32 of the scores.
    for row in np.flatnonzero(np.asarray(scores, np.float64) >= at.threshold).tolist():
        score = float(scores[row])
        best[subjects[row]] = max(score, best.get(subjects[row], score))
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Candidate(subject, score) for subject, score in ranked[:limit])
