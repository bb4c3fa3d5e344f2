"""Templates and subjects in, the trials of every item against every other out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from faceward.core.values import FloatArray
from faceward.errors import InvalidValue
from faceward.evaluation.labels import IndexArray, Labels, numbered
from faceward.evaluation.trials import NonMatedTally, Trials, allowed_false_matches

# Templates are made unit length in float32 (error below 1e-6); anything further off is no template.
_LENGTH_TOLERANCE = 1e-3


def all_pairs(
    features: FloatArray,
    labels: Labels,
    *,
    references: FloatArray | None = None,
    largest_rate: float = 1e-2,
    tile: int = 1024,
) -> Trials:
    """Compare every item with every other once.

    The matrix of scores is made and dropped tile by tile, and of the non-mated scores only so many are kept
    as the largest rate can need. Nothing is approximated: thresholds and counts equal those of a full sort.
    The last bit of a score may depend on the tile, as matrix products add in an order of their own.

    Args:
        features: Shape ``(n, length)``, float32, rows of Euclidean length 1, in the order of ``labels``.
        labels: Who the n items show.
        references: The same items in another arithmetic, same shape. Item i of ``features`` then meets item
            j > i of these: as many trials as within one arithmetic, and no pair of photos twice.
        largest_rate: The largest false match rate that will be asked for, above 0 to 1; 1 keeps all scores.
        tile: Side of a tile, at least 1. 1024 keeps a tile (4 MiB) near the processor.

    Returns:
        Trials, the same for the same input, whatever ran before.

    Raises:
        InvalidValue: The shapes disagree, a row is not of length 1, or an argument makes no sense.
    """
    if tile < 1:
        raise InvalidValue(f"A tile has a side of at least 1, not {tile}.")
    usable, subjects, people = numbered(labels)
    probes = _unit_rows(features, len(labels.items))[usable]
    stored = probes if references is None else _unit_rows(references, len(labels.items))[usable]
    if probes.shape != stored.shape:
        raise InvalidValue("Features and references differ in length.")

    sizes = np.bincount(people).astype(np.int64)
    tally = _tally(sizes)
    tail = _Highest(min(allowed_false_matches(largest_rate, tally.total) + 1, tally.total))
    mated_scores: list[FloatArray] = [np.empty(0, np.float32)]
    mated_people: list[IndexArray] = [np.empty(0, np.int64)]
    for rows, columns in _tiles(len(people), tile):
        scores = probes[rows] @ stored[columns].T
        one_person = people[rows, None] == people[None, columns]
        if rows == columns:
            # Below and on the diagonal are pairs met elsewhere, and items against themselves.
            below = np.tri(*scores.shape, dtype=np.bool_)
            scores[below] = -np.inf
            one_person &= ~below
        i, j = np.nonzero(one_person)
        mated = subjects[rows][i] == subjects[columns][j]
        mated_scores.append(scores[i[mated], j[mated]])
        mated_people.append(people[rows][i[mated]])
        scores[i, j] = -np.inf
        tail.offer(scores, rows.start, columns.start)
    kept, where = tail.sorted()
    pairs = np.sort(people[where], axis=1)
    together = np.concatenate(mated_scores)
    order = np.argsort(together, kind="stable")
    return Trials(
        together[order],
        np.concatenate(mated_people)[order],
        kept,
        pairs,
        sizes[pairs[:, 0]] * sizes[pairs[:, 1]],
        tally,
    )


class _Highest:
    """The highest scores offered so far, with where they came from, in bounded memory."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        # Scores are finite; minus infinity marks what is no non-mated trial.
        self._floor = np.float32(-np.inf)
        self._scores: list[FloatArray] = []
        self._where: list[IndexArray] = []
        self._held = 0

    def offer(self, scores: FloatArray, first_row: int, first_column: int) -> None:
        """Take what lies above the floor: as many as are wanted already lie at it or above."""
        if not self._capacity:
            return
        places = np.flatnonzero(scores > self._floor)
        if not len(places):
            return
        i, j = np.divmod(places, scores.shape[1])
        self._scores.append(scores.reshape(-1)[places])
        self._where.append(np.stack([i + first_row, j + first_column], axis=1))
        self._held += len(places)
        # Twice the capacity makes the sorting out rare; the constant, when the capacity is small.
        if self._held > 2 * self._capacity + 65_536:
            self._sort_out()

    def sorted(self) -> tuple[FloatArray, IndexArray]:
        """Give the scores, descending, and their rows and columns; ties in the order they were offered."""
        if not self._scores:
            return np.empty(0, np.float32), np.empty((0, 2), np.int64)
        self._sort_out()
        return self._scores[0], self._where[0]

    def _sort_out(self) -> None:
        scores, where = np.concatenate(self._scores), np.concatenate(self._where)
        if len(scores) > self._capacity:
            floor = np.partition(scores, len(scores) - self._capacity)[len(scores) - self._capacity]
            above, level = np.flatnonzero(scores > floor), np.flatnonzero(scores == floor)
            # Of those level with the floor only enough to fill up: however many ties, memory is bounded.
            keep = np.concatenate([above, level[: self._capacity - len(above)]])
            scores, where, self._floor = scores[keep], where[keep], floor
        order = np.argsort(-scores, kind="stable")
        self._scores, self._where, self._held = [scores[order]], [where[order]], len(order)


def _tiles(n: int, side: int) -> Iterator[tuple[slice, slice]]:
    """Cover the pairs i < j of n items with rectangles; those on the diagonal have equal slices."""
    starts = range(0, n, side)
    for row in starts:
        for column in starts[row // side :]:
            yield slice(row, min(row + side, n)), slice(column, min(column + side, n))


def _tally(sizes: IndexArray) -> NonMatedTally:
    """Count non-mated trials from items per person: N_ij = n_i n_j, as all exclusions are within people."""
    squares = [int(size) ** 2 for size in sizes]
    items = int(sizes.sum())
    return NonMatedTally(
        (items**2 - sum(squares)) // 2,
        sizes * (items - sizes),
        (sum(squares) ** 2 - sum(square**2 for square in squares)) // 2,
    )


def _unit_rows(features: FloatArray, n: int) -> FloatArray:
    features = np.ascontiguousarray(features, np.float32)
    if features.ndim != 2 or len(features) != n:
        raise InvalidValue(f"Features have shape {features.shape} for {n} labelled items.")
    lengths = np.sqrt(np.einsum("ij,ij->i", features, features))
    if not np.all(np.abs(lengths - 1.0) <= _LENGTH_TOLERANCE):
        raise InvalidValue("A row of features is not a template: its Euclidean length is not 1.")
    return features
