"""Turned templates of galleries in, the best scores of a probe out: exact, in memory, never authoritative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from faceward.core.values import FloatArray


@dataclass(frozen=True, slots=True)
class Hit:
    """A reference that reaches what was asked for.

    Attributes:
        reference: Its identifier.
        subject: The subject's name.
        comparison_score: Cosine in f32, -1 to 1.
    """

    reference: str
    subject: str
    comparison_score: float


class VectorIndex(Protocol):
    """Searches galleries. Every adapter passes tests/contracts/test_vector_index.py. Safe from many threads.

    It holds what it was told, at the revision that it was told; whoever searches compares that with the
    store's. A search that runs while a gallery changes sees it before or after, never half.
    """

    def revision(self, gallery: str) -> int | None:
        """At which revision a gallery is held; ``None`` where it is not."""

    def load(
        self,
        gallery: str,
        revision: int,
        references: Sequence[str],
        subjects: Sequence[str],
        features: FloatArray,
    ) -> None:
        """Hold a gallery, whatever was held of it before.

        Args:
            gallery: Its name.
            revision: The store's revision that this is.
            references: Identifiers, 32 hexadecimal digits, each once.
            subjects: Whose they are, in the same order.
            features: Shape ``(N, length)``, float32, rows of Euclidean length 1.
        """

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
        """Lead a gallery from one revision to a later one; removed first, then added.

        Returns:
            Whether it was held at ``before``; if not, nothing was done.
        """

    def search(
        self, gallery: str, probes: FloatArray, threshold: float, most: int
    ) -> tuple[int, tuple[tuple[Hit, ...], ...]]:
        """Find the references that reach a threshold.

        Args:
            gallery: Its name.
            probes: Shape ``(P, length)``, float32, turned like what is held.
            threshold: A score equal to it is a hit; compared in float64.
            most: The most hits for each probe, the best ones.

        Returns:
            The revision that was searched, and for each probe its hits, best first, ties in order of
            reference. Scores are those of f32, however the index keeps what it holds.

        Raises:
            KeyError: The gallery is not held.
        """

    def drop(self, gallery: str) -> None:
        """Hold a gallery no more; its memory is overwritten where that can be."""

    def memory_bytes(self) -> int:
        """Bytes that vectors and their names take, all galleries together."""
