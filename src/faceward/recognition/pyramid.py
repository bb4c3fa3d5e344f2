"""A photo in, its pixels at whatever scale is asked for out, decoded no larger than that needs."""

from __future__ import annotations

from math import ceil

import numpy as np

from faceward.core.geometry import scale_of
from faceward.core.values import FloatArray, PixelArray
from faceward.ports.codec import Photo, Raster

# Sampling a raster more than a tenth finer than it is only blurs.
_FINER = 1.1


class Pyramid:
    """The scales of one photo. Places are always given in pixels of the upright photo at full size."""

    def __init__(self, photo: Photo, min_long_side: int | None) -> None:
        """Decode a photo, scaled where the codec can and ``min_long_side`` allows."""
        self.photo = photo
        self._decode(min_long_side)

    def _decode(self, min_long_side: int | None) -> None:
        self.decoded: Raster = self.photo.raster(min_long_side)
        # By the long side: scaled decoding rounds both up, and the short one may be only a few pixels.
        long_side = max(self.decoded.width, self.decoded.height)
        self.photo_pixels_per_decoded_pixel = max(self.photo.width, self.photo.height) / long_side

    def shrunk(self, factor: int) -> tuple[float, Raster]:
        """How many photo pixels a pixel spans, and the decoded raster shrunk by that whole factor."""
        return self.photo_pixels_per_decoded_pixel * factor, self.decoded.shrunk(factor)

    def sampled(self, matrix: FloatArray, width: int, height: int, *, quick: bool = False) -> PixelArray:
        """Sample as `Raster.sampled` does, and decode larger where only that has the detail.

        Args:
            matrix: Shape ``(2, 3)``: from pixel places of the result to places in the photo.
            width: Columns of the result.
            height: Rows of the result.
            quick: As `Raster.sampled` takes it.

        Returns:
            Shape ``(height, width, 3)``, uint8, RGB; black outside the photo.
        """
        wanted = max(scale_of(matrix), 1.0)
        if self.photo_pixels_per_decoded_pixel > wanted * _FINER:
            self._decode(ceil(max(self.photo.width, self.photo.height) / wanted))
        in_decoded = np.asarray(matrix / self.photo_pixels_per_decoded_pixel, np.float32)
        return self.decoded.sampled(in_decoded, width, height, quick=quick)
