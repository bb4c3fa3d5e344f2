"""Rows of features in, memory that faiss scans in half precision and we rescore in single out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceward.core.values import FloatArray

RowArray: TypeAlias = NDArray[np.int64]
"""Numbers of rows."""


class Stretch:
    """A part of a gallery, of fixed capacity, so that its memory never moves and can be overwritten.

    Rows before ``count`` do not change while somebody scans: adding writes behind them, and whoever removes
    has to see that nobody scans.
    """

    def __init__(self, capacity: int, length: int) -> None:
        import faiss

        self._codes: Any = faiss.IndexScalarQuantizer(
            length, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._codes.is_trained = True
        self._codes.codes.resize(capacity * length * 2)
        memory = faiss.rev_swig_ptr(self._codes.codes.data(), capacity * length * 2)
        self.halves = memory.view(np.float16).reshape(capacity, length)
        self._pointer = faiss.swig_ptr
        self._one_thread = faiss.omp_set_num_threads
        self.singles = np.zeros((capacity, length), dtype=np.float32)
        self.references: list[str] = []
        self.subjects: list[str] = []
        self.capacity = capacity

    @property
    def count(self) -> int:
        """How many rows are held."""
        return len(self.references)

    def add(self, references: Sequence[str], subjects: Sequence[str], features: FloatArray) -> None:
        """Write rows behind those that are held."""
        first, end = self.count, self.count + len(references)
        self.halves[first:end] = features
        self.singles[first:end] = features
        self.subjects.extend(subjects)
        self.references.extend(references)
        self._codes.ntotal = end

    def remove(self, row: int) -> str | None:
        """Overwrite a row with the last one, and that with zeros; returns the reference that moved."""
        last = self.count - 1
        moved = None if row == last else self.references[last]
        for rows in (self.halves, self.singles):
            rows[row] = rows[last]
            rows[last] = 0
        for names in (self.references, self.subjects):
            names[row] = names[last]
            names.pop()
        self._codes.ntotal = last
        return moved

    def erase(self) -> None:
        """Overwrite everything."""
        self._codes.ntotal = 0
        self.halves[:] = 0
        self.singles[:] = 0
        self.references.clear()
        self.subjects.clear()

    def nearest(self, probes: FloatArray, most: int) -> tuple[FloatArray, RowArray]:
        """Scan on the calling thread alone; scores in half precision and rows, each ``(P, most)``."""
        scores = np.empty((len(probes), most), dtype=np.float32)
        rows = np.empty((len(probes), most), dtype=np.int64)
        self._one_thread(1)  # it counts for the calling thread only, so each says it
        self._codes.search_c(
            len(probes), self._pointer(probes), most, self._pointer(scores), self._pointer(rows)
        )
        return scores, rows

    def memory_bytes(self) -> int:
        """Bytes of both arrays and of the names, each name counted as if it were held here alone."""
        names = sum(map(sys.getsizeof, self.references)) + sum(map(sys.getsizeof, self.subjects))
        lists = sys.getsizeof(self.references) + sys.getsizeof(self.subjects)
        return self.halves.nbytes + self.singles.nbytes + names + lists
