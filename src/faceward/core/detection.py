"""Outputs of a face detector in, faces out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import hypot

import numpy as np

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
        return np.sqrt(np.maximum(sides.prod(1), 0))

    def __getitem__(self, rows: object) -> Detections:
        return Detections(self.boxes_xyxy[rows], self.landmarks[rows], self.scores[rows])  # type: ignore[index]

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

    def at(self, box_xyxy: FloatArray, min_overlap: float) -> Detections:
        """The face that overlaps a box most, or none where the overlap is not above the limit."""
        if not len(self):
            return self
        shared = overlaps(box_xyxy, self.boxes_xyxy)
        best = int(np.argmax(shared))
        return self[best : best + int(shared[best] > min_overlap)]

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
    return Detections(
        np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros(0, np.float32)
    )


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


def yunet_detections(
    outputs: Mapping[str, FloatArray], width: int, min_score: float, row: int = 0
) -> Detections:
    """Read the outputs of YuNet for one picture of a batch.

    Args:
        outputs: ``cls_s``, ``obj_s`` of shape ``(N, A, 1)``, ``bbox_s`` ``(N, A, 4)``, ``kps_s`` ``(N, A, 10)``
            for each stride ``s``, where A counts the cells of a grid, row by row.
        width: Width of the network's input in pixels, a multiple of 32.
        min_score: The least detection score to keep, 0 to 1.
        row: Which picture of the batch.

    Returns:
        What was found, before any suppression of overlaps.

    Source:
        Wu et al., "YuNet: a tiny millisecond-level face detector", 2023; the layout is that of
        ``face_detection_yunet_2023mar`` in OpenCV Zoo. The score is the geometric mean of the two heads.
    """
    looks = []
    for stride in STRIDES:
        product = outputs[f"cls_{stride}"][row, :, 0] * outputs[f"obj_{stride}"][row, :, 0]
        cells = np.flatnonzero(product >= min_score * min_score)
        if not len(cells):
            continue
        down, across = np.divmod(cells, width // stride)
        origin = np.stack((across, down), 1).astype(np.float32)
        box = outputs[f"bbox_{stride}"][row, cells]
        centre = (origin + box[:, :2]) * stride
        half = np.exp(np.minimum(box[:, 2:], 10)) * (stride / 2)
        points = outputs[f"kps_{stride}"][row, cells].reshape(-1, 5, 2) + origin[:, None]
        looks.append(
            Detections(
                np.concatenate((centre - half, centre + half), 1),
                points * np.float32(stride),
                np.sqrt(np.minimum(product[cells], 1)),
            )
        )
    return together(looks)


def without_overlaps(found: Detections, max_overlap: float) -> Detections:
    """Keep, of faces that overlap more than allowed, the one with the highest detection score.

    Args:
        found: The highest detection score first.
        max_overlap: Intersection over union, 0 to 1.
    """
    if len(found) < 2:
        return found
    left = np.arange(len(found))
    kept = []
    while len(left):
        kept.append(left[0])
        rest = left[1:]
        left = rest[overlaps(found.boxes_xyxy[left[0]], found.boxes_xyxy[rest]) <= max_overlap]
    return found[np.array(kept)]


def agreed(
    plain: Detections, mirror: Detections, width: float, max_overlap: float, min_score: float
) -> Detections:
    """Put together what was found in a picture and in its mirror image.

    Args:
        plain: Found in the picture, the highest detection score first.
        mirror: Found in the mirror image, in the mirror's coordinates, in the same order.
        width: Width of the picture in pixels.
        max_overlap: Intersection over union from which two boxes are one face.
        min_score: The least mean detection score to keep.

    Returns:
        Faces whose boxes and landmarks are the mean of the two views. So is the score, where a view that
        does not show the face counts as 0: what is seen in one view only is seldom a face.

    A detector's landmarks err differently in the two views: their mean errs less, and a photo and
    its mirror image get the same template.
    """
    views = [without_overlaps(view, max_overlap) for view in (plain, mirror.mirrored(width))]
    if all(len(view) == 1 for view in views):
        here, there = views
        if overlaps(here.boxes_xyxy[0], there.boxes_xyxy)[0] > max_overlap:
            return _mean(views, 2).above(min_score)
    found = without_overlaps(together(views), max_overlap)
    faces = [_mean([view.at(box, max_overlap) for view in views], 2) for box in found.boxes_xyxy]
    return together(faces).above(min_score)


def _mean(views: list[Detections], count: int) -> Detections:
    """The mean of one face as several of ``count`` views show it; each view has one face or none."""
    boxes = np.concatenate([view.boxes_xyxy for view in views])
    landmarks = np.concatenate([view.landmarks for view in views])
    scores = np.concatenate([view.scores for view in views])
    shown = len(boxes)
    return Detections(
        boxes.sum(0, keepdims=True) / shown,
        landmarks.sum(0, keepdims=True) / shown,
        scores.sum(keepdims=True) / count,
    )


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
    if which is Selection.LARGEST:
        return int(np.argmax(found.sizes))
    centres = (found.boxes_xyxy[:, :2] + found.boxes_xyxy[:, 2:]) / 2
    offset = (centres - np.array([width, height], np.float32) / 2) / (hypot(width, height) / 2**1.5)
    distance = np.hypot(offset[:, 0], offset[:, 1])
    if which is Selection.CENTRAL:
        return int(np.argmin(distance))
    return int(np.argmax(found.sizes / (1 + distance)))
