"""A photo in, its pixels at whatever scale is asked for out, each scale made once."""

from __future__ import annotations

import numpy as np

from faceward.core.geometry import scale_of
from faceward.core.values import FloatArray, PixelArray
from faceward.ports.codec import Photo, Raster

# Sampling a raster more than a tenth finer than it is only blurs; more than this coarser aliases.
_FINER = 1.1
_COARSER = 2.0


class Pyramid:
    """The scales of one photo. Places are always given in pixels of the upright photo at full size."""

    def __init__(self, photo: Photo, min_long_side: int | None) -> None:
        """Decode a photo, scaled where the codec can and ``min_long_side`` allows."""
        self.photo = photo
        self._levels: list[tuple[float, Raster]] = []
        self._decode(min_long_side)

    @property
    def decoded(self) -> Raster:
        """The finest raster so far."""
        return self._levels[0][1]

    @property
    def photo_pixels_per_decoded_pixel(self) -> float:
        """How coarse it is: 1 at full size, 2 where the photo was decoded at half its size."""
        return self._levels[0][0]

    def _decode(self, min_long_side: int | None) -> None:
        raster = self.photo.raster(min_long_side)
        # By the long side: scaled decoding rounds both up, and the short one may be only a few pixels.
        span = max(self.photo.width, self.photo.height) / max(raster.width, raster.height)
        self._levels.insert(0, (span, raster))

    def shrunk(self, factor: int) -> tuple[float, Raster]:
        """How many photo pixels a pixel spans, and the decoded raster averaged by that whole factor."""
        span = self._levels[0][0] * factor
        for known, raster in self._levels:
            if known == span:
                return span, raster
        raster = self.decoded.shrunk(factor)
        self._levels.append((span, raster))
        self._levels.sort(key=lambda level: level[0])
        return span, raster

    def sampled(self, matrix: FloatArray, width: int, height: int, *, quick: bool = False) -> PixelArray:
        """Sample without aliasing, and decode larger where only that has the detail.

        Args:
            matrix: Shape ``(2, 3)``: from pixel places of the result to places in the photo.
            width: Columns of the result.
            height: Rows of the result.
            quick: As `Raster.sampled` takes it.

        Returns:
            Shape ``(height, width, 3)``, uint8, RGB; black outside the photo.
        """
        wanted = scale_of(matrix)
        if self._levels[0][0] > max(wanted, 1.0) * _FINER:
            long_side = max(self.photo.width, self.photo.height)
            self._decode(int(np.ceil(long_side / max(wanted, 1.0))))
        fine_enough = (level for level in reversed(self._levels) if level[0] <= wanted * _FINER)
        span, raster = next(fine_enough, self._levels[0])
        if wanted / span >= _COARSER:
            factor = int(wanted / span)
            span, raster = span * factor, raster.shrunk(factor)
            self._levels.append((span, raster))
            self._levels.sort(key=lambda level: level[0])
        return raster.sampled(np.asarray(matrix / span, np.float64), width, height, quick=quick)
