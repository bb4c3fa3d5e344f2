"""Files, bytes and arrays in, upright photos that can be sampled out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Protocol, TypeAlias

from faceward.core.values import FloatArray, PixelArray

Source: TypeAlias = "str | PathLike[str] | bytes | PixelArray"


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is refused before anything is decoded.

    Attributes:
        max_bytes: Size of the encoded file.
        max_pixels: Width times height as the header states them, of one frame.
        max_frames: Frames or pages in the file; only the first is ever decoded.
        max_side: Longest side in pixels.
    """

    max_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 64_000_000
    max_frames: int = 256
    max_side: int = 32_768


class Raster(Protocol):
    """Decoded pixels of one photo at one scale: upright, RGB, 8 bit, alpha laid on white."""

    @property
    def width(self) -> int:
        """Columns."""

    @property
    def height(self) -> int:
        """Rows."""

    def shrunk(self, factor: int) -> Raster:
        """Average blocks of ``factor`` × ``factor`` pixels; a rest at the right and bottom is kept.

        A pixel ``(x, y)`` of the result covers ``[x·factor, (x+1)·factor)`` of this raster. From a factor
        of 4 on, an adapter may let one pixel in the middle of a block stand for all of it.
        """

    def resized(self, width: int, height: int) -> Raster:
        """Resample the whole to a given size, averaging when it gets smaller."""

    def sampled(self, matrix: FloatArray, width: int, height: int, *, quick: bool = False) -> PixelArray:
        """Sample through an affine map, bilinear, black outside.

        Where the map shrinks by two or more, blocks are averaged first, so that nothing aliases.

        Args:
            matrix: Shape ``(2, 3)``. Maps a pixel centre of the *result* to a place in this raster,
                both in continuous coordinates in which the first pixel covers ``[0, 1)``.
            width: Columns of the result.
            height: Rows of the result.
            quick: Average the pixels nearest to four places in each pixel of the result instead: two and
                a half times as fast, and good enough to find a face in.

        Returns:
            Shape ``(height, width, 3)``, uint8, RGB, contiguous.
        """

    def pixels(self) -> PixelArray:
        """Give all pixels, shape ``(height, width, 3)``, uint8, RGB, contiguous."""


class Photo(Protocol):
    """A photo whose header was read and found within the limits; nothing is decoded yet."""

    @property
    def format(self) -> str:
        """``jpeg``, ``png``, ``webp``, ``bmp``, ``tiff``, ``heic`` or ``array``."""

    @property
    def width(self) -> int:
        """Columns of the upright photo at full size."""

    @property
    def height(self) -> int:
        """Rows of the upright photo at full size."""

    def raster(self, min_long_side: int | None = None) -> Raster:
        """Decode, upright, at full size or at any scale whose long side is at least ``min_long_side``.

        A codec that cannot decode scaled may give full size. The raster is the photo scaled as a
        whole: ``raster.width / photo.width`` is the scale.

        Raises:
            DamagedImage: The data ends early or is not what the header says.
        """


class Codec(Protocol):
    """Opens photos. Every adapter passes tests/contracts/test_codec.py."""

    @property
    def formats(self) -> Sequence[str]:
        """The formats this codec opens; it opens nothing else."""

    def open(self, source: Source, limits: ImageLimits) -> Photo:
        """Read the header and hold the limits; decode nothing.

        Args:
            source: A path, the encoded bytes, or pixels: shape ``(h, w)``, ``(h, w, 1)``, ``(h, w, 3)``
                RGB or ``(h, w, 4)`` RGBA, uint8 or uint16.
            limits: What to refuse.

        Raises:
            UnsupportedFormat: The content is none of ``formats``.
            DamagedImage: The file is missing its header, empty, or not what its name says.
            LimitExceeded: A limit would be broken.
            InputError: The path cannot be read, or the array has another shape or type.
        """
