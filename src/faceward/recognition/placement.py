"""Rough landmarks in, precise ones out: each face is looked at anew, upright and at one scale."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot, pi

import numpy as np

from faceward.core.detection import Detections
from faceward.core.geometry import apply, chained, inverse, similarity, turn
from faceward.core.templating import ARCFACE_LANDMARKS
from faceward.core.values import FloatArray
from faceward.recognition.plan import SearchPlan
from faceward.recognition.pyramid import Pyramid
from faceward.recognition.sight import Sight

# YuNet, shown a face 24 px between the eyes, reports this share of its tilt: measured by turning crops of
# 40 faces by 10 and 20°. At 96 px it reports all, for four times the work.
_SHARE_OF_TILT = 0.36

# Radians of tilt, and the factor of size, from which a face is looked at once more. Ours: below, what the
# share leaves uncertain costs more than the tilt.
_MOST_TILT = 0.21
_MOST_ZOOM = 1.25


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """A face in a crop.

    Attributes:
        score: Mean detection score of the crop and its mirror image.
        landmarks: In pixels of the photo; ``None`` where the crop shows no face in its middle.
        better: The crop that would show it better, where it is tilted, or larger or smaller than it should
            be; ``None`` where this one does.
    """

    score: float
    landmarks: FloatArray | None
    better: FloatArray | None


_NOTHING = _View(0.0, None, None)


class Placement:
    """Finds the landmarks of faces that were found. Safe to use from many threads."""

    def __init__(self, sight: Sight, plan: SearchPlan) -> None:
        """Look with the detector that found the faces."""
        self._sight = sight
        self._plan = plan
        centred = (ARCFACE_LANDMARKS - ARCFACE_LANDMARKS.mean(0)) / np.ptp(ARCFACE_LANDMARKS[:2, 0])
        self._in_crop = centred * plan.crop_eye_distance + plan.crop_side / 2

    def placed(self, pyramid: Pyramid, found: Detections) -> Detections:
        """Find the landmarks of each face anew; a face whose crops show none keeps those it had."""
        landmarks = [self._landmarks(pyramid, points) for points in found.landmarks]
        placed = np.array(landmarks, np.float32).reshape(-1, 5, 2)
        return Detections(found.boxes_xyxy, placed, found.scores)

    def _landmarks(self, pyramid: Pyramid, known: FloatArray) -> FloatArray:
        to_photo = self._crop(known)
        view = self._seen(pyramid, to_photo)
        if view.score < self._plan.upright_score:
            # A detector that knows upright faces puts upright landmarks on a face that lies on its side.
            position = self._best_position(pyramid, to_photo)
            if position is not None:
                view = max(view, self._seen(pyramid, position), key=lambda it: it.score)
        if view.better is not None:
            again = self._seen(pyramid, view.better)
            view = again if again.landmarks is not None else view
        return known if view.landmarks is None else view.landmarks

    def _crop(self, landmarks: FloatArray) -> FloatArray:
        """The map from an upright crop with the face in its middle to the photo."""
        return inverse(similarity(landmarks, self._in_crop))

    def _seen(self, pyramid: Pyramid, to_photo: FloatArray) -> _View:
        """Look at the face in the middle of a crop."""
        side = self._plan.crop_side
        crop = pyramid.sampled(to_photo, side, side, quick=True)
        # The crop is known to show a face, so half the usual score will do.
        seen = self._sight.twice(crop, self._plan.min_mean_score / 2)
        if not len(seen):
            return _NOTHING
        offsets = [_offset(points, side / 2) for points in seen.landmarks.tolist()]
        nearest = offsets.index(min(offsets))
        if offsets[nearest] > side / 4:  # Beyond a quarter of the crop it is somebody else.
            return _NOTHING
        (cosine, _, _), (sine, _, _) = similarity(seen.landmarks[nearest], self._in_crop).tolist()
        landmarks = apply(to_photo, seen.landmarks[nearest])
        zoom, tilt = hypot(sine, cosine), -atan2(sine, cosine) / _SHARE_OF_TILT
        better = None
        if abs(tilt) > _MOST_TILT:
            better = chained(turn(tilt, side / 2), to_photo)
        elif not 1 / _MOST_ZOOM <= zoom <= _MOST_ZOOM:
            better = self._crop(landmarks)
        return _View(float(seen.scores[nearest]), landmarks, better)

    def _best_position(self, pyramid: Pyramid, to_photo: FloatArray) -> FloatArray | None:
        """The crop, of seven turned about its middle, that looks more like an upright face than this one.

        They are looked at half as large: that is enough to tell which way is up. ``None`` where this one
        looks most like it.
        """
        side = self._plan.crop_side
        halves = np.array([2.0, 2.0, 1.0])
        maps = [chained(turn(radians, side / 2), to_photo) for radians in (0.0, pi / 4)]
        crops = [pyramid.sampled(it * halves, side // 2, side // 2, quick=True) for it in maps]
        views = [np.rot90(crop, quarters) for quarters in range(4) for crop in crops]
        best = int(np.argmax(self._sight.best_scores(views)))
        return chained(turn(best // 2 * pi / 2, side / 2), maps[best % 2]) if best else None


def _offset(points: list[tuple[float, float]], middle: float) -> float:
    """How far the mean of points lies from the middle of a crop, across and down together."""
    across, down = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    return abs(across - middle) + abs(down - middle)
