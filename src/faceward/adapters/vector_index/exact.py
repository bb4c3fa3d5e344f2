"""Galleries in, exactly the references that reach a threshold out: scanned in fp16, rescored in f32."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from faceward.adapters.vector_index.stretches import RowArray, Stretch
from faceward.core.values import FloatArray
from faceward.ports.vector_index import Hit

_SPARE_ROWS = 64
_LARGEST_ADDED = 65_536
_AT_ONCE = 8192
"""Rows rescored at once, so that a threshold that all reach takes no gigabytes."""
_FEW = 8
_MANY = 32
"""Rows that a scan gives at first. Keeping many costs a small stretch a third of its scan, and a large one
nothing, which then seldom has to be scanned again; `_LARGE` rows part the two. Measured: decision 0031."""
_LARGE = 10_000


def scan_error(probe: FloatArray) -> float:
    """How far a score scanned in half precision can lie from that of f32, for rows of length 1.

    Rounding a feature to fp16 moves it by at most 2^-11 of itself, or 2^-25 where it is subnormal; by
    Cauchy-Schwarz the product moves by 2^-11 |p| + 2^-25 sqrt(L) |p|. Adding L products in f32, in any order,
    errs by at most L 2^-24 |p| and the rounded result by 2^-24 |p|. One part in fifty is for terms of higher
    order and for rows whose length is 1 only to f32. For 128 features and a probe of length 1: 5.1e-4.
    """
    length = len(probe)
    wide = probe.astype(np.float64)
    norm = float(wide @ wide) ** 0.5
    return float(1.02 * norm * (2**-11 + 2**-25 * length**0.5 + (length + 2) * 2**-24))


def scores_of(rows: NDArray[np.floating], probe: FloatArray) -> FloatArray:
    """The cosines in f32 of rows with a probe; the same for a row whatever rows stand beside it."""
    wide = probe.astype(np.float64)
    scores = np.empty(len(rows), dtype=np.float32)
    for first in range(0, len(rows), _AT_ONCE):
        products = np.ascontiguousarray(rows[first : first + _AT_ONCE].astype(np.float64) * wide)
        scores[first : first + _AT_ONCE] = products.sum(axis=1)
    return scores


class _Gallery:
    """One gallery: stretches, where each reference lies, and who is scanning."""

    def __init__(self, revision: int, length: int) -> None:
        self.revision = revision
        self.length = length
        self.stretches: tuple[Stretch, ...] = ()
        self.places: dict[str, tuple[Stretch, int]] = {}
        self.dropped = False
        self.changing = threading.Lock()
        self._turn = threading.Condition()
        self._scanning = 0
        self._alone = False

    @contextmanager
    def scan(self) -> Iterator[tuple[int, tuple[tuple[Stretch, int], ...]]]:
        """Keep rows where they are; gives the revision and how many rows of each stretch belong to it."""
        with self._turn:
            self._turn.wait_for(lambda: not self._alone)
            if self.dropped:
                raise KeyError
            self._scanning += 1
            seen = self.revision, tuple((stretch, stretch.count) for stretch in self.stretches)
        try:
            yield seen
        finally:
            with self._turn:
                self._scanning -= 1
                self._turn.notify_all()

    @contextmanager
    def change(self, *, alone: bool) -> Iterator[None]:
        """Let nobody begin to scan; ``alone`` also waits for those who do. One at a time, by `changing`."""
        with self._turn:
            self._alone = alone
            self._turn.wait_for(lambda: not (alone and self._scanning))
            try:
                yield
            finally:
                self._alone = False
                self._turn.notify_all()

    def add(self, references: Sequence[str], subjects: Sequence[str], features: FloatArray) -> None:
        """Write rows into what is spare, then into new stretches."""
        done = 0
        while done < len(references):
            stretch = next((each for each in self.stretches if each.count < each.capacity), None)
            if stretch is None:
                stretch = self._grown(len(references) - done)
            first = stretch.count
            end = min(len(references), done + stretch.capacity - first)
            stretch.add(references[done:end], subjects[done:end], features[done:end])
            for row, reference in enumerate(references[done:end], first):
                self.places[reference] = (stretch, row)
            done = end

    def _grown(self, rows: int) -> Stretch:
        spare = min(max(len(self.places) // 8, _SPARE_ROWS), _LARGEST_ADDED)
        capacity = rows + _SPARE_ROWS if not self.stretches else max(rows, spare)
        stretch = Stretch(capacity, self.length)
        self.stretches = (*self.stretches, stretch)
        return stretch

    def remove(self, references: Sequence[str]) -> None:
        """Take rows out; one that is not there is gone already."""
        for reference in references:
            place = self.places.pop(reference, None)
            if place is not None:
                stretch, row = place
                moved = stretch.remove(row)
                if moved is not None:
                    self.places[moved] = (stretch, row)

    def drop(self) -> None:
        """Overwrite everything, when nobody scans any more."""
        with self.changing, self.change(alone=True):
            self.dropped = True
            for stretch in self.stretches:
                stretch.erase()
            self.places.clear()


class ExactIndex:
    """Holds galleries in memory, once for the process, on no disk; see decision 0031.

    A search waits for no other search, nor for rows that are added. Who removes waits for the searches under
    way in that gallery, and those that come meanwhile wait for it.
    """

    def __init__(self) -> None:
        self._galleries: dict[str, _Gallery] = {}
        self._naming = threading.Lock()

    def revision(self, gallery: str) -> int | None:
        """At which revision a gallery is held; ``None`` where it is not."""
        held = self._galleries.get(gallery)
        return None if held is None else held.revision

    def load(
        self,
        gallery: str,
        revision: int,
        references: Sequence[str],
        subjects: Sequence[str],
        features: FloatArray,
    ) -> None:
        """Hold a gallery; what was held of it before is searched until this is ready, then overwritten."""
        made = _Gallery(revision, features.shape[1])
        made.add(references, subjects, features)
        with self._naming:
            before = self._galleries.get(gallery)
            self._galleries[gallery] = made
        if before is not None:
            before.drop()

    def update(  # noqa: PLR0913, PLR0917 - a difference between two revisions
        self,
        gallery: str,
        before: int,
        revision: int,
        removed: Sequence[str],
        references: Sequence[str],
        subjects: Sequence[str],
        features: FloatArray,
    ) -> bool:
        """Lead a gallery to a later revision; a reference that is added again takes the old one's place."""
        held = self._galleries.get(gallery)
        if held is None:
            return False
        with held.changing:
            if held.dropped or held.revision != before:
                return False
            gone = [*removed, *(each for each in references if each in held.places)]
            with held.change(alone=bool(gone)):
                held.remove(gone)
                held.add(references, subjects, features)
                held.revision = revision
        return True

    def search(
        self, gallery: str, probes: FloatArray, threshold: float, most: int
    ) -> tuple[int, tuple[tuple[Hit, ...], ...]]:
        """Find the references that reach a threshold, best first, ties in order of reference."""
        asked = np.ascontiguousarray(probes, dtype=np.float32)
        while True:
            held = self._galleries[gallery]
            try:
                with held.scan() as (revision, parts):
                    return revision, hits_of(parts, asked, threshold, most)
            except KeyError:
                if self._galleries.get(gallery) is held:
                    raise

    def drop(self, gallery: str) -> None:
        """Hold a gallery no more, and overwrite its features."""
        with self._naming:
            held = self._galleries.pop(gallery, None)
        if held is not None:
            held.drop()

    def memory_bytes(self) -> int:
        """Bytes that vectors and their names take, all galleries together."""
        total = 0
        for held in tuple(self._galleries.values()):
            with held.changing:
                total += sum(stretch.memory_bytes() for stretch in held.stretches)
                total += sys.getsizeof(held.places) + 56 * len(held.places)  # 56: a tuple of two
        return total


def hits_of(
    parts: Sequence[tuple[Stretch, int]], probes: FloatArray, threshold: float, most: int
) -> tuple[tuple[Hit, ...], ...]:
    """For each probe its hits among the first rows of some stretches, whatever was written behind those."""
    found: list[list[Hit]] = [[] for _ in probes]
    if most > 0 and len(probes):
        errors = [scan_error(probe) for probe in probes]
        for stretch, count in parts:
            if count:
                for hits, more in zip(
                    found, _of_stretch(stretch, count, probes, errors, threshold, most), strict=True
                ):
                    hits.extend(more)
    return tuple(
        tuple(sorted(hits, key=lambda hit: (-hit.comparison_score, hit.reference))[:most]) for hits in found
    )


def _of_stretch(  # noqa: PLR0913, PLR0917 - what is scanned, and what for
    stretch: Stretch, count: int, probes: FloatArray, errors: list[float], threshold: float, most: int
) -> list[list[Hit]]:
    width = min(count, _FEW if count < _LARGE else _MANY)
    scores, rows = stretch.nearest(probes, width)
    found: list[list[Hit]] = []
    for at, (probe, error) in enumerate(zip(probes, errors, strict=True)):
        near, where = scores[at], rows[at]
        if near[0] < threshold - error:  # the best of all, those added since among them: nobody reaches it
            found.append([])
            continue
        while True:
            kept = (where >= 0) & (where < count)  # rows added since belong to a later revision
            cut, near_kept = threshold - error, near[kept]
            if len(near_kept) >= most:
                cut = max(cut, float(near_kept[most - 1]) - 2 * error)
            if len(near_kept) == count or float(near[-1]) < cut:
                break
            wider = min(count, 8 * len(near))
            if wider == count:  # rows added since may crowd out older ones, so all are scored here
                near, where = scores_of(stretch.halves[:count], probe), np.arange(count)
                order = np.argsort(-near, kind="stable")
                near, where = near[order], where[order]
            else:
                wide_scores, wide_rows = stretch.nearest(probe[None], wider)
                near, where = wide_scores[0], wide_rows[0]
        picked = where[kept][near_kept >= cut]
        found.append(_reaching(stretch, picked, probe, threshold))
    return found


def _reaching(stretch: Stretch, picked: RowArray, probe: FloatArray, threshold: float) -> list[Hit]:
    scores = scores_of(stretch.singles[picked], probe).astype(np.float64)
    return [
        Hit(stretch.references[row], stretch.subjects[row], score)
        for row, score in zip(picked.tolist(), scores.tolist(), strict=True)
        if score >= threshold
    ]
