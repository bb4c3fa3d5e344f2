"""Decoded pixels in, samples, smaller copies and arrays out: the two ways a photo is kept in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceward.adapters.codec import sampling
from faceward.core.values import FloatArray, PixelArray
from faceward.ports.codec import Raster

if TYPE_CHECKING:
    from PIL.Image import Image

_BAND_BYTES = 256 * 1024
"""Rows of a packed raster are worked on in bands of about this size, a small part of photos near a limit."""


@dataclass(frozen=True, slots=True, eq=False)
class FastRaster:
    """Keeps four bytes a pixel (one if grey), which Pillow samples without copying.

    Attributes:
        image: Mode ``RGBX``, ``RGB`` or ``L``; nobody else writes to it. Never ``RGBA``, which Pillow
            copies as a whole on every transform.
    """

    image: Image

    @property
    def width(self) -> int:
        """Columns."""
        return self.image.width

    @property
    def height(self) -> int:
        """Rows."""
        return self.image.height

    def shrunk(self, factor: int) -> Raster:
        """Average blocks of ``factor`` × ``factor`` pixels; a rest at the right and bottom is kept."""
        if factor <= 1:
            return self
        return FastRaster(self.image.reduce(factor) if factor < 4 else _every(self.image, factor))

    def resized(self, width: int, height: int) -> Raster:
        """Resample the whole to a given size, averaging when it gets smaller."""
        return FastRaster(_resized(self.image, width, height))

    def sampled(self, matrix: FloatArray, width: int, height: int, *, quick: bool = False) -> PixelArray:
        """Sample through an affine map, black outside; see the port for the coordinates."""
        return (_nearest_four if quick else _bilinear)(self.image, _coefficients(matrix), width, height)

    def pixels(self) -> PixelArray:
        """Give all pixels, shape ``(height, width, 3)``, uint8, RGB, contiguous; the caller owns them."""
        return _array(self.image)


@dataclass(frozen=True, slots=True, eq=False)
class PackedRaster:
    """Keeps three bytes a pixel (one if grey), for photos near the limit that four bytes would break.

    Attributes:
        packed: Shape ``(h, w, 3)`` RGB or ``(h, w)`` grey, uint8. Any strides: a turned or mirrored
            photo is a view, because turning it in memory would take the photo twice.
    """

    packed: PixelArray

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.packed.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.packed.shape[0])

    def shrunk(self, factor: int) -> Raster:
        """Average blocks of ``factor`` × ``factor`` pixels; a rest at the right and bottom is kept."""
        if factor <= 1:
            return self
        out = np.empty(
            (-(-self.height // factor), -(-self.width // factor), *self.packed.shape[2:]), np.uint8
        )
        rows = max(1, _BAND_BYTES // (4 * self.width * factor))
        for top in range(0, out.shape[0], rows):
            band = self._image(0, top * factor, self.width, min((top + rows) * factor, self.height))
            out[top : top + rows] = np.asarray(band.reduce(factor))
        return PackedRaster(out)

    def resized(self, width: int, height: int) -> Raster:
        """Resample the whole to a given size, averaging when it gets smaller."""
        factor = min(self.width // width, self.height // height) // 2
        if factor > 1:  # Averaging first keeps the whole from being copied, and the result close.
            return self.shrunk(factor).resized(width, height)
        return FastRaster(_resized(self._image(0, 0, self.width, self.height), width, height))

    def sampled(self, matrix: FloatArray, width: int, height: int, *, quick: bool = False) -> PixelArray:
        """Sample through an affine map, black outside; see the port for the coordinates."""
        a, b, c, d, e, f = coefficients = _coefficients(matrix)
        spare = max(1, math.ceil(max(math.hypot(a, d), math.hypot(b, e))))
        left, top, right, bottom = _region(coefficients, (width, height), (self.width, self.height), spare)
        if right <= left or bottom <= top:
            return np.zeros((height, width, 3), np.uint8)
        region = self._image(left, top, right, bottom)
        sample = _nearest_four if quick else _bilinear
        return sample(region, (a, b, c - left, d, e, f - top), width, height)

    def pixels(self) -> PixelArray:
        """Give all pixels, shape ``(height, width, 3)``, uint8, RGB, contiguous; the caller owns them."""
        rgb = (
            self.packed
            if self.packed.ndim == 3
            else np.broadcast_to(self.packed[..., None], (*self.packed.shape, 3))
        )
        return np.array(rgb, order="C")

    def _image(self, left: int, top: int, right: int, bottom: int) -> Image:
        from PIL import Image

        return Image.fromarray(np.ascontiguousarray(self.packed[top:bottom, left:right]))


_PILLOW_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""EXIF orientation to ``PIL.Image.Transpose``: how the stored picture is turned to stand upright."""


def upright_image(stored: Image, orientation: int) -> Image:
    """Turn a picture as its EXIF orientation, 1 to 8, asks."""
    from PIL.Image import Transpose

    return stored if orientation == 1 else stored.transpose(Transpose(_PILLOW_TURNS[orientation]))


def upright_array(stored: PixelArray, orientation: int) -> PixelArray:
    """Turn an array, shape ``(h, w, …)``, as its EXIF orientation, 1 to 8, asks, without copying it."""
    turned = stored.swapaxes(0, 1) if orientation >= 5 else stored
    return turned[:: -1 if orientation in (3, 4, 7, 8) else 1, :: -1 if orientation in (2, 3, 6, 7) else 1]


def _coefficients(matrix: FloatArray) -> tuple[float, ...]:
    """Give the six numbers Pillow wants; its continuous coordinates are the port's."""
    return tuple(np.asarray(matrix, np.float64)[:2].ravel().tolist())


def _bilinear(image: Image, coefficients: tuple[float, ...], width: int, height: int) -> PixelArray:
    from PIL.Image import Resampling, Transform

    a, b, c, d, e, f = coefficients
    factor = int(min(math.hypot(a, d), math.hypot(b, e)))
    if factor >= 2:
        left, top, right, bottom = _region(coefficients, (width, height), image.size, factor)
        if right <= left or bottom <= top:
            return np.zeros((height, width, 3), np.uint8)
        image = image.reduce(factor, (left, top, right, bottom))
        a, b, c, d, e, f = (it / factor for it in (a, b, c - left, d, e, f - top))
    if image.mode != "L" and width * height <= sampling.MOST_PIXELS and max(width, height) <= 512:
        corners = [(x, y) for x in (0, width) for y in (0, height)]
        xs, ys = [a * x + b * y + c for x, y in corners], [d * x + e * y + f for x, y in corners]
        left, top = math.floor(min(xs)) - 1, math.floor(min(ys)) - 1
        right, bottom = math.ceil(max(xs)) + 2, math.ceil(max(ys)) + 2
        if left >= 0 and top >= 0 and right <= image.width and bottom <= image.height:
            words = np.frombuffer(image.crop((left, top, right, bottom)).tobytes("raw", "RGBX"), "<u4")
            return sampling.bilinear(
                words.reshape(bottom - top, right - left), (a, b, c - left, d, e, f - top), width, height
            )
    return _array(image.transform((width, height), Transform.AFFINE, (a, b, c, d, e, f), Resampling.BILINEAR))


def _region(
    coefficients: tuple[float, ...], result: tuple[int, int], picture: tuple[int, int], spare: int
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what a map reads of a picture, and ``spare`` pixels around it.

    Args:
        coefficients: The six numbers of the map, from the result to the picture.
        result: Columns and rows of the result.
        picture: Columns and rows of the picture; nothing outside it is named.
        spare: Pixels, at least what interpolation reads around a place.
    """
    a, b, c, d, e, f = coefficients
    corners = [(x, y) for x in (0, result[0]) for y in (0, result[1])]
    xs, ys = [a * x + b * y + c for x, y in corners], [d * x + e * y + f for x, y in corners]
    (left, right), (top, bottom) = (
        (_clamped(math.floor(min(it)) - 2 * spare, side), _clamped(math.ceil(max(it)) + 2 * spare, side))
        for it, side in zip((xs, ys), picture, strict=True)
    )
    return left, top, right, bottom


def _clamped(place: int, side: int) -> int:
    return min(max(place, 0), side)


def _nearest_four(image: Image, coefficients: tuple[float, ...], width: int, height: int) -> PixelArray:
    from PIL.Image import Resampling, Transform

    a, b, c, d, e, f = coefficients
    finer = (a / 2, b / 2, c, d / 2, e / 2, f)
    # Pillow takes the nearest pixel with integers, and interpolates with doubles.
    return _array(
        image.transform((2 * width, 2 * height), Transform.AFFINE, finer, Resampling.NEAREST).reduce(2)
    )


def _every(image: Image, step: int) -> Image:
    """Keep one pixel of each ``step`` × ``step``, and of what is left over at the right and bottom."""
    from PIL.Image import Resampling, Transform

    width, height = -(-image.width // step), -(-image.height // step)
    # The pixel in the middle, or, where the last block is cut short, as far to the left and top as it needs.
    left = min(0.0, image.width - 0.5 - step * (width - 0.5))
    top = min(0.0, image.height - 0.5 - step * (height - 0.5))
    kept = (step, 0, left, 0, step, top)
    return image.transform((width, height), Transform.AFFINE, kept, Resampling.NEAREST)


def _resized(image: Image, width: int, height: int) -> Image:
    from PIL.Image import Resampling

    return image.resize((width, height), Resampling.BILINEAR, reducing_gap=2.0)


def _array(image: Image) -> PixelArray:
    rgb = image.convert("RGB") if image.mode == "L" else image
    packed = np.frombuffer(rgb.tobytes("raw", "RGB"), np.uint8)
    return packed.reshape(image.height, image.width, 3).copy()
