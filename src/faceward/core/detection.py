"""Outputs of a face detector in, faces out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import hypot

import numpy as np
from numpy.typing import NDArray

from faceward.core.geometry import mirrored, overlaps
from faceward.core.values import Face, FloatArray

STRIDES = (8, 16, 32)


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
        shift = np.array([left, top], np.float32)
        boxes = self.boxes_xyxy * np.float32(scale) + np.tile(shift, 2)
        return Detections(boxes, self.landmarks * np.float32(scale) + shift, self.scores)

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

    def mirrored(self, width: float) -> Detections:
        """Say where the faces of a mirror image are in the picture itself, ``width`` pixels wide."""
        boxes = self.boxes_xyxy[:, [2, 1, 0, 3]]
        boxes[:, [0, 2]] = width - boxes[:, [0, 2]]
        return Detections(boxes, mirrored(self.landmarks, width), self.scores)

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
    if not looks:
        return none_found()
    found = Detections(
        np.concatenate([look.boxes_xyxy for look in looks]),
        np.concatenate([look.landmarks for look in looks]),
        np.concatenate([look.scores for look in looks]),
    )
    return found[np.argsort(-found.scores, kind="stable")]


def yunet_detections(cells: FloatArray, width: int, height: int, min_score: float) -> Detections:
    """Read what YuNet says of one picture.

    Args:
        cells: Shape ``(A, 16)``: a row for each cell of the three grids, stride 8 first, row by row. Its
            columns are the two score heads, the box (offset of its centre, logarithm of its sides) and
            the five landmarks, all in units of the stride.
        width: Width of the network's input in pixels, a multiple of 32.
        height: Height of it, likewise.
        min_score: The least detection score to keep, 0 to 1.

    Returns:
        What was found, the highest detection score first, before any suppression of overlaps.

    Source:
        Wu et al., "YuNet: a tiny millisecond-level face detector", 2023; the heads are those of
        ``face_detection_yunet_2023mar`` in OpenCV Zoo. The score is the geometric mean of two of them.
    """
    products = cells[:, 0] * cells[:, 1]
    rows = np.flatnonzero(products >= min_score * min_score)
    if not len(rows):
        return none_found()
    if len(rows) > 1:
        rows = rows[np.argsort(-products[rows], kind="stable")]
    return _decoded(cells[rows], _grid(width, height)[rows], products[rows])


def yunet_agreed(
    cells: FloatArray, width: int, height: int, max_overlap: float, min_score: float
) -> Detections:
    """Read what YuNet says of a picture and of its mirror image, and put the two together.

    Args:
        cells: Shape ``(2, A, 16)``: the picture, then its mirror image, each as for `yunet_detections`.
        width: Width of the network's input in pixels, a multiple of 32.
        height: Height of it, likewise.
        max_overlap: Intersection over union from which two boxes are one face, 0 to 1.
        min_score: The least mean detection score to keep, 0 to 1.

    Returns:
        Faces without overlaps, the highest detection score first, in pixels of the picture. Boxes and
        landmarks are the mean of the views that show the face. The score is the mean of both views,
        and a view that does not show it counts as 0: what is seen in one only is seldom a face.

    A detector's landmarks err differently in the two views: their mean errs less, and a photo and
    its mirror image get the same template.
    """
    products = (cells[..., 0] * cells[..., 1]).reshape(-1)
    least = min_score / 2
    rows = np.flatnonzero(products >= least * least)
    if not len(rows):
        return none_found()
    rows = rows[np.argsort(-products[rows], kind="stable")]
    views, places = np.divmod(rows, cells.shape[1])
    found = _decoded(cells.reshape(-1, 16)[rows], _grid(width, height)[places], products[rows])
    there = np.flatnonzero(views)
    back = found[there].mirrored(width)
    found.boxes_xyxy[there], found.landmarks[there] = back.boxes_xyxy, back.landmarks
    faces = [_mean(found, [group[views[group] == view][:1] for view in (0, 1)])
             for group in _overlapping(found, max_overlap)]  # fmt: skip
    return together(faces).above(min_score)


def _mean(found: Detections, views: list[NDArray[np.intp]]) -> Detections:
    """The mean of one face over the views; of each view, the row that shows it best, or no row."""
    rows = np.concatenate(views)
    return Detections(
        found.boxes_xyxy[rows].mean(0, keepdims=True),
        found.landmarks[rows].mean(0, keepdims=True),
        found.scores[rows].sum(keepdims=True) / len(views),
    )


def _decoded(found: FloatArray, grid: FloatArray, products: FloatArray) -> Detections:
    origin, stride = grid[:, :2], grid[:, 2:]
    centre = origin + found[:, 2:4] * stride
    half = np.exp(np.minimum(found[:, 4:6], 10)) * (stride / 2)
    landmarks = found[:, 6:].reshape(-1, 5, 2) * stride[:, None] + origin[:, None]
    boxes = np.concatenate((centre - half, centre + half), 1, dtype=np.float32)
    return Detections(boxes, landmarks, np.sqrt(np.minimum(products, 1)))


@lru_cache(maxsize=64)
def _grid(width: int, height: int) -> FloatArray:
    """Left, top and stride of each cell of a picture of that size, shape ``(A, 3)``, float32, pixels."""
    grids = []
    for stride in STRIDES:
        down, across = np.divmod(np.arange((height // stride) * (width // stride)), width // stride)
        grids.append(np.stack((across * stride, down * stride, np.full_like(down, stride)), 1))
    return np.concatenate(grids).astype(np.float32)


def without_overlaps(found: Detections, max_overlap: float) -> Detections:
    """Keep, of faces that overlap more than allowed, the one with the highest detection score.

    Args:
        found: The highest detection score first.
        max_overlap: Intersection over union, 0 to 1.
    """
    if len(found) < 2:
        return found
    return found[np.array([group[0] for group in _overlapping(found, max_overlap)])]


def _overlapping(found: Detections, max_overlap: float) -> Iterator[NDArray[np.intp]]:
    """Rows that belong to one face, the best first, face by face: each row overlaps the best of its own."""
    left = np.arange(len(found))
    while len(left):
        same = overlaps(found.boxes_xyxy[left[0]], found.boxes_xyxy[left]) > max_overlap
        same[0] = True
        yield left[same]
        left = left[~same]


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
