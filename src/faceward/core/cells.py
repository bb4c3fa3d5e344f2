"""What YuNet says of each cell of a picture in, the faces that it shows out.

Of some hundred or thousand cells about twenty show a face. Those are found with arrays and read one by one
with plain floats: behind a network run, which leaves nothing in the caches, each further kind of operation on
arrays takes longer than reading a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import exp, sqrt

import numpy as np

from faceward.core.detection import Detections, none_found, overlapping
from faceward.core.geometry import MIRRORED_LANDMARKS
from faceward.core.values import FloatArray

STRIDES = (8, 16, 32)


def yunet_detections(
    cells: FloatArray, width: int, height: int, max_overlap: float, min_score: float
) -> Detections:
    """Read what YuNet says of one picture.

    Args:
        cells: Shape ``(A, 16)``: a row for each cell of the three grids, stride 8 first, row by row. Its
            columns are the two score heads, the box (offset of its centre, logarithm of its sides) and
            the five landmarks, all in units of the stride.
        width: Width of the network's input in pixels, a multiple of 32.
        height: Height of it, likewise.
        max_overlap: Intersection over union from which two boxes are one face, 0 to 1.
        min_score: The least detection score to keep, 0 to 1.

    Returns:
        Faces without overlaps, the highest detection score first: each as the cell that shows it best says.

    Source:
        Wu et al., "YuNet: a tiny millisecond-level face detector", 2023; the heads are those of
        ``face_detection_yunet_2023mar`` in OpenCV Zoo. The score is the geometric mean of two of them.
    """
    seen = _Candidates(cells[None], width, height, min_score)
    best = [group[0] for group in overlapping(seen.boxes_xyxy, max_overlap)]
    return seen.faces([(seen.scores[row], row, row) for row in best])


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
    seen = _Candidates(cells, width, height, min_score / 2)
    faces = []
    for group in overlapping(seen.boxes_xyxy, max_overlap):
        best = group[0]
        other = next((row for row in group if seen.mirror[row] != seen.mirror[best]), best)
        score = (seen.scores[best] + (seen.scores[other] if other != best else 0.0)) / 2
        if score >= min_score:
            faces.append((score, best, other))
    faces.sort(key=lambda face: -face[0])
    return seen.faces(faces)


class _Candidates:
    """The cells of a picture, and of its mirror image where that was looked at too, that score enough.

    Attributes:
        scores: The highest first; of equals the first cell, and the picture before its mirror image.
        boxes_xyxy: In pixels of the picture, in the same order.
        mirror: Whether it is the mirror image that shows them.
    """

    def __init__(self, cells: FloatArray, width: int, height: int, min_score: float) -> None:
        """Read the cells, shape ``(1 or 2, A, 16)``, of a picture of that size."""
        flat = cells.reshape(-1, cells.shape[2])
        products = flat[:, 0] * flat[:, 1]
        rows = (products >= min_score * min_score).nonzero()[0]
        read = zip(rows.tolist(), flat[rows].tolist(), _grid(width, height)[rows].tolist(), strict=True)
        seen = sorted(read, key=lambda one: -one[1][0] * one[1][1])
        self.scores = [sqrt(min(values[0] * values[1], 1.0)) for _, values, _ in seen]
        self.mirror = [row >= cells.shape[1] for row, _, _ in seen]
        self.boxes_xyxy = [_box(values, place) for _, values, place in seen]
        self._seen = seen

    def faces(self, chosen: list[tuple[float, int, int]]) -> Detections:
        """Give faces as the mean of two rows each, which may be the same: their scores and the rows."""
        if not chosen:
            return none_found()
        boxes = [_mean(self.boxes_xyxy[one], self.boxes_xyxy[other]) for _, one, other in chosen]
        landmarks = [_mean(self._landmarks(one), self._landmarks(other)) for _, one, other in chosen]
        return Detections(
            np.array(boxes, np.float32),
            np.array(landmarks, np.float32).reshape(-1, 5, 2),
            np.array([score for score, _, _ in chosen], np.float32),
        )

    def _landmarks(self, row: int) -> list[float]:
        """The five landmarks of a row, x then y, in pixels of the picture."""
        _, values, (left, top, right, down) = self._seen[row]
        order = MIRRORED_LANDMARKS if self.mirror[row] else range(5)
        places = [(left + values[6 + 2 * it] * right, top + values[7 + 2 * it] * down) for it in order]
        return [coordinate for place in places for coordinate in place]


def _mean(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return [(a + b) / 2 for a, b in zip(one, other, strict=True)]


def _box(values: list[float], place: list[float]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, in pixels of the picture."""
    left, top, right, down = place
    x, y = left + values[2] * right, top + values[3] * down
    across, upright = exp(min(values[4], 10.0)) * down / 2, exp(min(values[5], 10.0)) * down / 2
    return (x - across, y - upright, x + across, y + upright)


@lru_cache(maxsize=64)
def _grid(width: int, height: int) -> FloatArray:
    """Where the cells of a picture of that size are, and then those of its mirror image, in the picture.

    Returns:
        Shape ``(2A, 4)``, float32, pixels: left and top of each cell, and its stride to the right and down.
        In the mirror image cells begin at their right edge, and their stride to the right is negative.
    """
    grids = []
    for stride in STRIDES:
        down, across = np.divmod(np.arange((height // stride) * (width // stride)), width // stride)
        sides = np.full_like(down, stride)
        grids.append(np.stack((across * stride, down * stride, sides, sides), 1))
    plain = np.concatenate(grids).astype(np.float32)
    mirror = plain * np.array([-1, 1, -1, 1], np.float32) + np.array([width, 0, 0, 0], np.float32)
    return np.concatenate((plain, mirror))
