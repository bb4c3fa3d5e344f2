"""Faces found in looks at a picture in, the same moved, put together or chosen from out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import hypot

import numpy as np
from numpy.typing import NDArray

from faceward.core.values import Face, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Faces found in one look, as arrays, the highest detection score first.

    Attributes:
        boxes_xyxy: Shape ``(n, 4)``, float32, pixels of whatever was looked at.
        landmarks: Shape ``(n, 5, 2)``, float32, in the order of `Face.landmarks`.
        scores: Shape ``(n,)``, float32, 0 to 1.
    """

    boxes_xyxy: FloatArray
    landmarks: FloatArray
    scores: FloatArray

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def sizes(self) -> FloatArray:
        """Square root of each box's area, shape ``(n,)``."""
        sides = self.boxes_xyxy[:, 2:] - self.boxes_xyxy[:, :2]
        return np.asarray(np.sqrt(np.maximum(sides.prod(1), 0)), np.float32)

    def __getitem__(self, rows: slice | list[int] | NDArray[np.intp] | NDArray[np.bool_]) -> Detections:
        return Detections(self.boxes_xyxy[rows], self.landmarks[rows], self.scores[rows])

    def moved(self, scale: float, left: float = 0.0, top: float = 0.0) -> Detections:
        """Scale every place, then shift it."""
        factor = np.float32(scale)
        boxes, landmarks = self.boxes_xyxy * factor, self.landmarks * factor
        if left or top:
            boxes += np.array([left, top, left, top], np.float32)
            landmarks += np.array([left, top], np.float32)
        return Detections(boxes, landmarks, self.scores)

    def turned(self, quarters: int, width: float, height: float) -> Detections:
        """Say where the faces of a picture are once it is turned anticlockwise by quarter turns.

        Args:
            quarters: How often the picture is turned by 90°.
            width: Width of the picture before it is turned.
            height: Height of the picture before it is turned.
        """
        corners = self.boxes_xyxy.reshape(-1, 2, 2)
        landmarks = self.landmarks
        for _ in range(quarters % 4):
            corners = np.stack((corners[..., 1], width - corners[..., 0]), -1)
            landmarks = np.stack((landmarks[..., 1], width - landmarks[..., 0]), -1)
            width, height = height, width
        boxes = np.concatenate((corners.min(1), corners.max(1)), 1)
        return Detections(boxes.astype(np.float32), landmarks.astype(np.float32), self.scores)

    def above(self, min_score: float) -> Detections:
        """The faces with at least this detection score."""
        enough = self.scores >= min_score
        return self if enough.all() else self[enough]

    def faces(self) -> tuple[Face, ...]:
        """Give them as values, in the same order."""
        return tuple(
            Face(tuple(box), landmarks, score)
            for box, landmarks, score in zip(
                self.boxes_xyxy.tolist(), self.landmarks, self.scores.tolist(), strict=True
            )
        )


def none_found() -> Detections:
    """No faces."""
    return Detections(np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros(0, np.float32))


def together(looks: list[Detections]) -> Detections:
    """Put the faces of several looks into one, the highest detection score first; nothing is removed."""
    looks = [look for look in looks if len(look)]
    if len(looks) < 2:
        return looks[0] if looks else none_found()
    found = Detections(
        np.concatenate([look.boxes_xyxy for look in looks]),
        np.concatenate([look.landmarks for look in looks]),
        np.concatenate([look.scores for look in looks]),
    )
    return found[np.argsort(-found.scores, kind="stable")]


def without_overlaps(found: Detections, max_overlap: float) -> Detections:
    """Keep, of faces that overlap more than allowed, the one with the highest detection score.

    Args:
        found: The highest detection score first.
        max_overlap: Intersection over union, 0 to 1.
    """
    if len(found) < 2:
        return found
    return found[[group[0] for group in overlapping([*map(tuple, found.boxes_xyxy.tolist())], max_overlap)]]


def overlapping(
    boxes_xyxy: Sequence[tuple[float, float, float, float]], max_overlap: float
) -> Iterator[list[int]]:
    """Group the boxes that belong to one face.

    Args:
        boxes_xyxy: Left, top, right and bottom of each, the best box first.
        max_overlap: Intersection over union, 0 to 1.

    Yields:
        Rows, face by face, the best first: each overlaps the best of its own by more than allowed.
    """
    # Plain floats: of a look there are about ten boxes, and of a crowd most are far apart.
    left = [(row, *box) for row, box in enumerate(boxes_xyxy)]
    while left:
        best, x0, y0, x1, y1 = left[0]
        area = (x1 - x0) * (y1 - y0)
        same, others = [best], []
        for other in left[1:]:
            row, u0, v0, u1, v1 = other
            if u0 < x1 and x0 < u1 and v0 < y1 and y0 < v1:
                shared = (min(x1, u1) - max(x0, u0)) * (min(y1, v1) - max(y0, v0))
                if shared > max_overlap * (area + (u1 - u0) * (v1 - v0) - shared):
                    same.append(row)
                    continue
            others.append(other)
        yield same
        left = others


class Selection(StrEnum):
    """Which face is meant when one is needed and several are there."""

    PROMINENT = "prominent"
    LARGEST = "largest"
    CENTRAL = "central"


def selected(found: Detections, which: Selection, width: float, height: float) -> int:
    """Choose one face.

    Args:
        found: At least one face, in pixels of a picture.
        which: `Selection.PROMINENT` weighs size against distance from the centre: a face at the edge
            must be twice the size of one in the middle. A photographer puts the person that matters
            there, and a bystander nearer the lens is often larger.
        width: Width of that picture.
        height: Height of that picture.

    Returns:
        Its row; of equals the one with the higher detection score.
    """
    if len(found) == 1:
        return 0
    if which is Selection.LARGEST:
        return int(np.argmax(found.sizes))
    centres = (found.boxes_xyxy[:, :2] + found.boxes_xyxy[:, 2:]) / 2
    offset = (centres - np.array([width, height], np.float32) / 2) / (hypot(width, height) / 2**1.5)
    distance = np.hypot(offset[:, 0], offset[:, 1])
    if which is Selection.CENTRAL:
        return int(np.argmin(distance))
    return int(np.argmax(found.sizes / (1 + distance)))
