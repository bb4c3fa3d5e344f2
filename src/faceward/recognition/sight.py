"""A picture of any size up to a tile in, the faces that one look at it shows out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from faceward.core.cells import yunet_agreed, yunet_detections
from faceward.core.detection import Detections
from faceward.core.templating import mirrored_pairs
from faceward.core.values import PixelArray
from faceward.ports.runtime import Network
from faceward.recognition.plan import SearchPlan


class Sight:
    """Looks at pictures with one detector network. Safe to use from many threads."""

    def __init__(self, detector: Network, plan: SearchPlan) -> None:
        """Look with a network that takes pictures and answers as YuNet does."""
        self._detector = detector
        self._plan = plan

    def once(self, pixels: PixelArray) -> Detections:
        """Look at a picture of shape ``(h, w, 3)`` that fits one of the canvases."""
        picture = self._on_canvas(pixels)
        height, width = picture.shape[1:3]
        cells = self._detector.run(picture)["cells"]
        return yunet_detections(cells[0], width, height, self._plan.max_overlap, self._plan.min_score)

    def twice(self, pixels: PixelArray, min_mean_score: float | None = None) -> Detections:
        """Look at a picture and at its mirror image, and agree on what both show."""
        views = mirrored_pairs(self._on_canvas(pixels))
        height, width = views.shape[1:3]
        if (height, width) == self._plan.canvases[0]:
            cells = self._detector.run(views)["cells"]
        else:
            # Two runs: for larger pictures a batch is no faster, and it would be one more shape to compile.
            cells = np.concatenate([self._detector.run(view)["cells"] for view in (views[:1], views[1:])])
        least = self._plan.min_mean_score if min_mean_score is None else min_mean_score
        return yunet_agreed(cells, width, height, self._plan.max_overlap, least)

    def best_scores(self, crops: Sequence[PixelArray]) -> list[float]:
        """The highest detection score in each of several crops of one size, a multiple of 32 pixels."""
        views = np.empty((len(crops), *crops[0].shape), np.uint8)
        for view, crop in zip(views, crops, strict=True):
            # Channel by channel: numpy moves three bytes at a time in four times as long.
            for channel in range(3):
                view[..., channel] = crop[..., channel]
        cells = self._detector.run(views)["cells"]
        return [float(score) for score in np.sqrt((cells[..., 0] * cells[..., 1]).max(1))]

    def _on_canvas(self, pixels: PixelArray) -> PixelArray:
        """Put a picture into the top left of the smallest canvas that holds it; the rest is black."""
        height, width = pixels.shape[:2]
        rows, columns = next(
            canvas for canvas in self._plan.canvases if canvas[0] >= height and canvas[1] >= width
        )
        if (rows, columns) == (height, width):
            return pixels[None]
        picture = np.zeros((1, rows, columns, 3), np.uint8)
        picture[0, :height, :width] = pixels
        return picture
