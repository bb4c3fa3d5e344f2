"""Paths, bytes and arrays in, photos that decode upright out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceward.adapters.codec import bmp, heic, jpeg, pillow, png, sources, tiff, webp
from faceward.adapters.codec.exif import swaps_sides
from faceward.adapters.codec.headers import FORMATS, Header
from faceward.adapters.codec.rasters import FastRaster, PackedRaster, upright_array, upright_image
from faceward.core.values import PixelArray
from faceward.errors import InputError, LimitExceeded
from faceward.ports.codec import ImageLimits, Photo, Raster, Source

if TYPE_CHECKING:
    from PIL.Image import Image

_READERS = {
    "jpeg": jpeg.read_header,
    "png": png.read_header,
    "webp": webp.read_header,
    "bmp": bmp.read_header,
    "tiff": tiff.read_header,
    "heic": heic.read_header,
}
_BYTES_A_PIXEL = 4
"""What each allowed pixel may cost in memory, all copies and the decoder's own taken together."""


class PhotoCodec:
    """Opens JPEG, PNG, WebP, BMP, TIFF and, with the extra ``faceward[heic]``, HEIC; nothing else.

    ``open`` reads a header with our own code, and refuses a photo whose *decoding* would hold more than
    4 bytes for each pixel of ``limits.max_pixels``. So a kind of file that decodes wastefully, such as
    WebP or progressive JPEG, is refused at fewer pixels than one that does not; what each is charged is
    in the module of its format. The encoded file, at most ``limits.max_bytes``, comes on top.

    Safe to use from many threads, and so are its photos and rasters.
    """

    @property
    def formats(self) -> Sequence[str]:
        """The formats this codec opens; it opens nothing else."""
        return FORMATS

    def open(self, source: Source, limits: ImageLimits | None = None) -> Photo:
        """Read the header and hold the limits; decode nothing. Arrays are copied.

        Args:
            source: A path, the encoded bytes, or pixels; see the port.
            limits: What to refuse; the defaults of ``ImageLimits`` where left out.

        Raises:
            UnsupportedFormat: The content is none of ``formats``, or HEIC without its extra.
            DamagedImage: The file is cut short, empty, or not what its name says.
            LimitExceeded: A limit would be broken.
            InputError: The path cannot be read, or the array has another shape or type.
        """
        limits = ImageLimits() if limits is None else limits
        if isinstance(source, np.ndarray):
            return _from_array(source, limits)
        path = None
        if isinstance(source, bytes):
            data = source
            sources.check_size(len(data), limits.max_bytes)
        elif isinstance(source, (str, os.PathLike)):
            path, data = source, sources.read(source, limits.max_bytes)
        else:
            raise InputError(
                f"A photo cannot be read from a {type(source).__name__}.",
                remedy="Give a path, bytes or an array.",
            )
        header = _READERS[sources.recognised(data, path)](data)
        _check(header.width, header.height, header.frames, limits)
        allowed = _BYTES_A_PIXEL * limits.max_pixels
        needed = min(header.decode_bytes, header.frugal_bytes or header.decode_bytes)
        if needed > allowed:
            raise LimitExceeded(
                f"Decoding this {header.format.upper()} file would take {needed:,} bytes of memory; "
                f"{allowed:,} are allowed, {_BYTES_A_PIXEL} for each of {limits.max_pixels:,} pixels."
            )
        return EncodedPhoto(data, header, allowed)


@dataclass(frozen=True, slots=True, eq=False)
class EncodedPhoto:
    """A photo whose header was read.

    Attributes:
        data: The encoded file.
        header: What was read from it.
        allowed_bytes: Most bytes of pixels that decoding may hold at once.
    """

    data: bytes
    header: Header
    allowed_bytes: int

    def __repr__(self) -> str:
        """Name the format and size, never the content."""
        return f"EncodedPhoto({self.format}, {self.width} × {self.height})"

    @property
    def format(self) -> str:
        """One of ``PhotoCodec.formats``."""
        return self.header.format

    @property
    def width(self) -> int:
        """Columns of the upright photo at full size."""
        return self.header.height if swaps_sides(self.header.orientation) else self.header.width

    @property
    def height(self) -> int:
        """Rows of the upright photo at full size."""
        return self.header.width if swaps_sides(self.header.orientation) else self.header.height

    def raster(self, min_long_side: int | None = None) -> Raster:
        """Decode, upright; a JPEG at the smallest eighth, quarter, half or whole that is large enough.

        Raises:
            DamagedImage: The data ends early or is not what the header says.
        """
        header = self.header
        packed = header.decode_bytes > self.allowed_bytes
        stored: Image | PixelArray
        if header.format == "jpeg":
            factor = jpeg.scale_for(header, min_long_side)
            stored = jpeg.decode(self.data, header, factor, packed=packed and factor == 1)
        elif header.format == "png":
            stored = png.decode(self.data, header, packed=packed)
        elif header.format == "heic":
            stored = heic.decode(self.data, header, packed=packed)
        else:
            stored = {"webp": webp, "bmp": bmp, "tiff": tiff}[header.format].decode(self.data, header)
        if isinstance(stored, np.ndarray):
            return PackedRaster(upright_array(stored, header.orientation))
        return FastRaster(upright_image(stored, header.orientation))


@dataclass(frozen=True, slots=True, eq=False)
class ArrayPhoto:
    """A photo that came as pixels; they were copied, so the caller may go on changing the array."""

    whole: FastRaster

    @property
    def format(self) -> str:
        """Always ``array``."""
        return "array"

    @property
    def width(self) -> int:
        """Columns."""
        return self.whole.width

    @property
    def height(self) -> int:
        """Rows."""
        return self.whole.height

    def raster(self, min_long_side: int | None = None) -> Raster:  # noqa: ARG002 - there is nothing to decode
        """Give all pixels, whatever is asked for."""
        return self.whole


def _check(width: int, height: int, frames: int, limits: ImageLimits) -> None:
    if max(width, height) > limits.max_side:
        raise LimitExceeded(
            f"The photo is {width:,} × {height:,} pixels; {limits.max_side:,} a side are allowed."
        )
    if width * height > limits.max_pixels:
        raise LimitExceeded(
            f"The photo has {width:,} × {height:,} = {width * height:,} pixels; "
            f"{limits.max_pixels:,} are allowed."
        )
    if frames > limits.max_frames:
        raise LimitExceeded(f"The file has {frames:,} frames or pages; {limits.max_frames:,} are allowed.")


def _from_array(array: PixelArray, limits: ImageLimits) -> ArrayPhoto:
    from PIL import Image

    grey = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 1)
    if not grey and not (array.ndim == 3 and array.shape[2] in (3, 4)):
        raise InputError(
            f"An array of shape {array.shape} is no photo.",
            remedy="Give shape (h, w), (h, w, 1), (h, w, 3) RGB or (h, w, 4) RGBA.",
        )
    if array.dtype not in (np.uint8, np.uint16):
        raise InputError(
            f"An array of {array.dtype} is no photo.",
            remedy="Give uint8 or uint16, over the whole range of the type.",
        )
    if not array.size:
        raise InputError(f"An array of shape {array.shape} has no pixels.")
    _check(array.shape[1], array.shape[0], 1, limits)
    levels = array.reshape(array.shape[:2]) if grey else array
    levels = pillow.eight_bit(levels) if levels.dtype == np.uint16 else np.array(levels, order="C")
    return ArrayPhoto(FastRaster(pillow.flattened(Image.fromarray(levels))))
