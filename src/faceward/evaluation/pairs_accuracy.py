"""Pair trials with folds in, the share decided rightly out, each threshold chosen on the other folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceward.errors import InvalidValue
from faceward.evaluation.trials import PairTrials, ScoreArray


@dataclass(frozen=True, slots=True)
class FoldAccuracy:
    """One fold, decided at the threshold that was best on all others.

    Attributes:
        fold: Its number.
        threshold: Chosen without this fold.
        right: Pairs decided rightly.
        pairs: Pairs in the fold.
    """

    fold: int
    threshold: float
    right: int
    pairs: int

    @property
    def accuracy(self) -> float:
        """Pairs decided rightly as a share of all, 0 to 1."""
        return self.right / self.pairs


@dataclass(frozen=True, slots=True)
class PairsAccuracy:
    """Accuracy over folds, at least two, in order of their number."""

    folds: tuple[FoldAccuracy, ...]

    @property
    def mean(self) -> float:
        """The mean of the folds' accuracies, each fold counting alike as LFW prescribes."""
        return float(np.mean([fold.accuracy for fold in self.folds]))

    @property
    def standard_error(self) -> float:
        """Standard error of the mean over folds."""
        spread = np.std([fold.accuracy for fold in self.folds], ddof=1)
        return float(spread / np.sqrt(len(self.folds)))


def accuracy_over_folds(trials: PairTrials) -> PairsAccuracy:
    """Decide each fold at the threshold that was best on the others, as View 2 of LFW asks.

    Raises:
        InvalidValue: There are fewer than two folds.

    Source: Huang et al., "Labeled Faces in the Wild", UMass Amherst TR 07-49 (2007).
    """
    numbers = np.unique(trials.folds)
    if len(numbers) < 2:
        raise InvalidValue("A threshold chosen on other folds needs at least two folds.")
    folds = []
    for number in numbers:
        inside = trials.folds == number
        threshold = best_threshold(trials.scores[~inside], trials.mated[~inside])
        right = _right(trials.scores[inside], trials.mated[inside], threshold)
        folds.append(FoldAccuracy(int(number), threshold, right, int(np.count_nonzero(inside))))
    return PairsAccuracy(tuple(folds))


def accuracy_at(trials: PairTrials, threshold: float) -> float:
    """Give the share of all pairs decided rightly at one threshold that was fixed beforehand.

    Raises:
        InvalidValue: There is no pair.
    """
    if not len(trials.scores):
        raise InvalidValue("An accuracy needs at least one pair.")
    return _right(trials.scores, trials.mated, threshold) / len(trials.scores)


def best_threshold(scores: ScoreArray, mated: NDArray[np.bool_]) -> float:
    """Give a threshold that decides the most pairs rightly.

    Often a whole range of thresholds is best, or several. We take the middle of the middle one (our
    choice): at its edge the threshold would rest on one pair.

    Args:
        scores: Shape ``(P,)``, finite.
        mated: Shape ``(P,)``, bool.

    Returns:
        A threshold between two neighbouring scores; the lowest score where matching all is best, and the
        next number above the highest where matching none is.

    Raises:
        InvalidValue: There is no pair.
    """
    if not len(scores):
        raise InvalidValue("A threshold needs at least one pair.")
    seen, which = np.unique(np.asarray(scores, np.float64), return_inverse=True)
    mated_at = np.bincount(which, mated, len(seen))
    non_mated_at = np.bincount(which, ~mated, len(seen))
    # Cut c lies below the c-th distinct score: right are the non-mated below it and the mated from it on.
    right = np.concatenate([[0.0], np.cumsum(non_mated_at)])
    right += mated_at.sum() - np.concatenate([[0.0], np.cumsum(mated_at)])
    best = np.flatnonzero(right == right.max())
    cut = int(best[(len(best) - 1) // 2])
    if cut == 0:
        return float(seen[0])
    if cut == len(seen):
        return float(np.nextafter(seen[-1], np.inf))
    middle = float(seen[cut - 1] / 2 + seen[cut] / 2)
    # Between neighbouring numbers there is no middle, and the lower one would move its own pair across.
    return middle if middle > seen[cut - 1] else float(seen[cut])


def _right(scores: ScoreArray, mated: NDArray[np.bool_], threshold: float) -> int:
    return int(np.count_nonzero((scores >= np.float64(threshold)) == mated))
