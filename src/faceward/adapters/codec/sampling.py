"""Pixels as words of four bytes and an affine map in, pixels in between out, bilinear.

Pillow interpolates with doubles, a pixel and a channel at a time. Here the weights are whole 256ths and all
channels of a word are multiplied at once, in arrays: half of the time, and on a photo 0.01 grey levels'
difference.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceward.core.values import PixelArray

WordArray: TypeAlias = NDArray[np.uint32]

MOST_PIXELS = 1 << 14
"""Of a result: about ten arrays of it are in use, and they should stay in the second cache."""

_ONE = 1 << 16  # Places are kept in 65,536ths of a pixel.
_HALF_STEP = _ONE >> 9  # Weights are cut to 256ths; half of one more makes that rounding.
_BYTES_APART = np.uint64(0x00FF00FF00FF00FF)
_SECOND_BYTES = (1, 5, 3)  # Of red, green and blue: moved apart they are red, blue, green.
_INDICES = np.arange(512)


def bilinear(words: WordArray, coefficients: tuple[float, ...], width: int, height: int) -> PixelArray:
    """Sample where the result and a pixel around it lie wholly inside the picture.

    Args:
        words: Shape ``(h, w)``, contiguous: red is the lowest byte, then green and blue; the last is ignored.
        coefficients: The six numbers a, b, c, d, e, f of the map from a place ``(x, y)`` of the result to
            ``(a·x + b·y + c, d·x + e·y + f)`` in the picture, continuous as in the port.
        width: Columns of the result, at most 512, and at most `MOST_PIXELS` in all.
        height: Rows of the result, likewise.

    Returns:
        Shape ``(height, width, 3)``, uint8, RGB.
    """
    a, b, c, d, e, f = coefficients
    # Of a pixel's middle in the result, from a pixel's middle in the picture.
    across = _places(a, b, c + (a + b - 1) / 2, width, height)
    down = _places(d, e, f + (d + e - 1) / 2, width, height)
    stride = words.shape[1]
    first = (down >> 16) * stride
    first += across >> 16
    places = first.astype(np.intp)
    right, lower = _beyond(across), _beyond(down)
    both = right * lower
    both += 128
    both >>= 8
    right -= both
    lower -= both
    neither = 256 - right
    neither -= lower
    neither -= both
    # Sixteen bits for each channel: 255 times 256 fits.
    channels = words.reshape(-1).astype(np.uint64)
    channels |= channels << np.uint64(24)
    channels &= _BYTES_APART
    sums = np.zeros((height, width), np.uint64)
    for step, weight in ((0, neither), (1, right), (stride, lower), (stride + 1, both)):
        pixels = channels[step:].take(places)
        pixels *= weight.view(np.uint32)
        sums += pixels
    # The second byte of a sum of 256ths is the whole number; what is beyond it is cut off, as Pillow does.
    parts = sums.astype("<u8", copy=False).view(np.uint8).reshape(height, width, 8)
    result = np.empty((height, width, 3), np.uint8)
    for channel, byte in enumerate(_SECOND_BYTES):
        result[..., channel] = parts[..., byte]
    return result


def _places(along: float, aside: float, start: float, width: int, height: int) -> NDArray[np.int32]:
    """``along·x + aside·y + start`` of each whole x and y, shape ``(height, width)``, in 65,536ths."""
    columns = (_INDICES[:width] * (along * _ONE)).astype(np.int32)
    rows = (_INDICES[:height] * (aside * _ONE) + (start * _ONE + _HALF_STEP)).astype(np.int32)
    places: NDArray[np.int32] = rows[:, None] + columns
    return places


def _beyond(places: NDArray[np.int32]) -> NDArray[np.int32]:
    """How far places are beyond the start of their pixel, in 256ths; the places are lost."""
    places >>= 8
    places &= 255
    return places
