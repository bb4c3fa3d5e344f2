"""Subjects and scores in, labelled trials out.

A trial is one comparison of which we know whether one person or two people were compared. What the labels
are known to say wrongly is in no trial at all: neither mated nor non-mated.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceward.errors import InvalidValue
from faceward.evaluation.labels import IndexArray, Labels, numbered

ScoreArray: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class NonMatedTally:
    """How the non-mated trials are spread over people.

    Attributes:
        total: M, the number of non-mated trials.
        by_person: Shape ``(K,)``, int64: those that involve person k; they sum to 2 M.
        sum_of_squares: The sum over pairs of people i < j of N_ij squared.
    """

    total: int
    by_person: IndexArray
    sum_of_squares: int


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Scores of labelled comparisons. Of the non-mated ones only the highest need be kept.

    People are numbered 0 to K - 1; subjects known to be one person share a number.

    Attributes:
        mated_scores: Shape ``(G,)``, ascending.
        mated_people: Shape ``(G,)``, int64: who each of them is about.
        highest_non_mated: Shape ``(T,)``, descending: the T highest of all non-mated scores.
        highest_people: Shape ``(T, 2)``, int64: the two people of each, the lower number first.
        highest_comparisons: Shape ``(T,)``, int64: N_ij, the non-mated trials between those two people.
        non_mated: Counts over all M non-mated trials, kept or not.
    """

    mated_scores: ScoreArray
    mated_people: IndexArray
    highest_non_mated: ScoreArray
    highest_people: IndexArray
    highest_comparisons: IndexArray
    non_mated: NonMatedTally

    @property
    def people(self) -> int:
        """K, the number of different people."""
        return len(self.non_mated.by_person)

    @property
    def mated_total(self) -> int:
        """G, the number of mated trials."""
        return len(self.mated_scores)

    @property
    def complete(self) -> bool:
        """Whether every non-mated score was kept."""
        return len(self.highest_non_mated) == self.non_mated.total

    def false_matches(self, threshold: float) -> int:
        """Count the non-mated trials whose score is at or above a threshold.

        Raises:
            InvalidValue: Scores so low were not kept, so the count is not known.
        """
        if not self.complete and not threshold > self.highest_non_mated[-1]:
            raise InvalidValue(
                f"Of the non-mated scores only those above {self.highest_non_mated[-1]:.6f} were kept.",
                remedy="Build the trials with a larger largest_rate.",
            )
        return int(np.count_nonzero(self.highest_non_mated >= np.float64(threshold)))

    def false_non_matches(self, threshold: float) -> int:
        """Count the mated trials whose score is below a threshold."""
        return int(np.count_nonzero(self.mated_scores < np.float64(threshold)))


@dataclass(frozen=True, slots=True, eq=False)
class PairTrials:
    """Trials from a list of pairs, in the order of the list, without those the labels got wrong.

    Attributes:
        scores: Shape ``(P,)``.
        mated: Shape ``(P,)``, bool.
        folds: Shape ``(P,)``, int64.
        people: Shape ``(P, 2)``, int64: the two people of each, the lower number first; equal when mated.
    """

    scores: ScoreArray
    mated: NDArray[np.bool_]
    folds: IndexArray
    people: IndexArray

    def as_trials(self) -> Trials:
        """Put the folds together: the same trials, every score kept."""
        order = np.argsort(self.scores, kind="stable")
        mated = order[self.mated[order]]
        non_mated = order[~self.mated[order]][::-1]
        numbers, people = np.unique(self.people, return_inverse=True)
        people = people.reshape(self.people.shape)
        pairs, which, counts = np.unique(people[non_mated], axis=0, return_inverse=True, return_counts=True)
        by_person = np.zeros(len(numbers), np.int64)
        np.add.at(by_person, pairs, counts[:, None])
        return Trials(
            self.scores[mated],
            people[mated, 0],
            self.scores[non_mated],
            people[non_mated],
            counts[which.reshape(-1)],
            NonMatedTally(len(non_mated), by_person, int(np.sum(counts**2))),
        )


def allowed_false_matches(rate: float, non_mated_trials: int) -> int:
    """Count the false matches a rate allows: floor(rate x trials), in exact arithmetic.

    The rate is read as the decimal it is written as: 0.29 of 100 is 29, where floats would say 28.

    Raises:
        InvalidValue: The rate is not above 0 and at most 1.
    """
    if not 0.0 < rate <= 1.0:
        raise InvalidValue(f"A false match rate lies above 0 and at most at 1, not at {rate}.")
    return int(Fraction(repr(float(rate))) * non_mated_trials)


def listed_pairs(pairs: IndexArray, folds: IndexArray, scores: ScoreArray, labels: Labels) -> PairTrials:
    """Label the pairs of a list, such as View 2 of LFW.

    Args:
        pairs: Shape ``(P, 2)``, integers: the places of two different items in ``labels``.
        folds: Shape ``(P,)``, integers: the fold of each pair.
        scores: Shape ``(P,)``, finite: the comparison score of each pair.
        labels: Who the items show; pairs they got wrong are left out.

    Raises:
        InvalidValue: The shapes disagree, a score is not finite, or a pair names no two items.
    """
    scores = np.asarray(scores)
    pairs = np.asarray(pairs, np.int64).reshape(-1, 2)
    folds = np.asarray(folds, np.int64)
    if not scores.shape == folds.shape == (len(pairs),):
        raise InvalidValue("Pairs, folds and scores differ in number.")
    if not np.all(np.isfinite(scores)):
        raise InvalidValue("A comparison score is not a finite number.")
    n = len(labels.items)
    if np.any((pairs < 0) | (pairs >= n)) or np.any(pairs[:, 0] == pairs[:, 1]):
        raise InvalidValue("A pair names an item that is not there, or one item twice.")
    usable, some_subjects, some_people = numbered(labels)
    subjects, people = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    subjects[usable], people[usable] = some_subjects, some_people
    mated = subjects[pairs[:, 0]] == subjects[pairs[:, 1]]
    one_person = people[pairs[:, 0]] == people[pairs[:, 1]]
    keep = np.all(people[pairs] >= 0, axis=1) & (mated | ~one_person)
    return PairTrials(scores[keep], mated[keep], folds[keep], np.sort(people[pairs[keep]], axis=1))
