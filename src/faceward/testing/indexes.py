"""Galleries in, hits by comparing everything out: the plainest index there can be."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from faceward.core.values import FloatArray
from faceward.ports.vector_index import Hit

_Rows = dict[str, tuple[str, FloatArray]]


class MemoryVectorIndex:
    """Compares a probe with every reference, one by one; what other indexes are held against."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, _Rows]] = {}
        self._lock = threading.Lock()

    def revision(self, gallery: str) -> int | None:
        """At which revision a gallery is held; ``None`` where it is not."""
        held = self._held.get(gallery)
        return None if held is None else held[0]

    def load(
        self,
        gallery: str,
        revision: int,
        references: Sequence[str],
        subjects: Sequence[str],
        features: FloatArray,
    ) -> None:
        """Hold a gallery, whatever was held of it before."""
        with self._lock:
            self._held[gallery] = revision, _rows(references, subjects, features)

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
        """Lead a gallery from one revision to a later one; removed first, then added."""
        with self._lock:
            at, rows = self._held.get(gallery, (None, {}))
            if at != before:
                return False
            kept = {reference: row for reference, row in rows.items() if reference not in set(removed)}
            self._held[gallery] = revision, kept | _rows(references, subjects, features)
            return True

    def search(
        self, gallery: str, probes: FloatArray, threshold: float, most: int
    ) -> tuple[int, tuple[tuple[Hit, ...], ...]]:
        """Find the references that reach a threshold, best first, ties in order of reference."""
        revision, rows = self._held[gallery]
        return revision, tuple(_best(rows, probe, threshold)[:most] for probe in probes)

    def drop(self, gallery: str) -> None:
        """Hold a gallery no more."""
        with self._lock:
            self._held.pop(gallery, None)

    def memory_bytes(self) -> int:
        """Bytes that vectors and their names take."""
        return sum(
            row[1].nbytes + len(reference) + len(row[0])
            for _, rows in tuple(self._held.values())
            for reference, row in rows.items()
        )


def _rows(references: Sequence[str], subjects: Sequence[str], features: FloatArray) -> _Rows:
    return {
        reference: (subject, row.copy())
        for reference, subject, row in zip(references, subjects, features, strict=True)
    }


def _best(rows: _Rows, probe: FloatArray, threshold: float) -> tuple[Hit, ...]:
    hits = [
        Hit(reference, subject, float(np.float32((row.astype(np.float64) * probe.astype(np.float64)).sum())))
        for reference, (subject, row) in rows.items()
    ]
    reached = [hit for hit in hits if hit.comparison_score >= threshold]
    return tuple(sorted(reached, key=lambda hit: (-hit.comparison_score, hit.reference)))
