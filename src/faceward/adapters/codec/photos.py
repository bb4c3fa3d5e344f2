"""Paths, bytes and arrays in, photos that decode upright out."""
from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
import numpy as np
import struct
from faceward.adapters.codec.exif import orientation, swaps_sides
from faceward.adapters.codec.rasters import FastRaster
from faceward.errors import DamagedImage, InputError, LimitExceeded, UnsupportedFormat
from faceward.ports.codec import ImageLimits, Photo, Raster, Source


@dataclass(frozen=True, slots=True, eq=False)
class _Photo:
    format: str
    width: int
    height: int
    turn: int
    data: object

    def raster(self, min_long_side: int | None = None) -> Raster:
        from PIL import Image, ImageOps
        if self.format == "array":
            return FastRaster(self.data)
        try:
            if self.format == "jpeg":
                import simplejpeg
                factor = 1
                if min_long_side:
                    while factor < 8 and max(self.width, self.height) // (factor * 2) >= min_long_side:
                        factor *= 2
                a = simplejpeg.decode_jpeg(self.data, "RGBX", min_factor=factor)
                im = Image.frombuffer("RGBX", (a.shape[1], a.shape[0]), a, "raw", "RGBX", 0, 1)
            else:
                im = Image.open(io.BytesIO(self.data), formats=["PNG", "WEBP", "BMP", "TIFF"])
                im.load()
                if im.mode not in ("L", "RGB"):
                    im = im.convert("RGB")
        except (ValueError, OSError, SyntaxError) as e:
            raise DamagedImage(f"The {self.format} data is damaged: {e}.") from None
        m = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}.get(self.turn)
        return FastRaster(im if m is None else im.transpose(m))


class PhotoCodec:
    formats = ("jpeg", "png", "webp", "bmp", "tiff", "heic")

    def open(self, source: Source, limits: ImageLimits = ImageLimits()) -> Photo:
        from PIL import Image
        if isinstance(source, np.ndarray):
            im = Image.fromarray(source.copy())
            return _Photo("array", im.width, im.height, 1, im.convert("RGB"))
        if isinstance(source, bytes):
            data = source
        else:
            try:
                data = Path(source).read_bytes()
            except OSError as e:
                raise InputError(f"The file cannot be read: {e.strerror}.") from None
        if len(data) > limits.max_bytes:
            raise LimitExceeded("too many bytes")
        if not data:
            raise DamagedImage("The file is empty.")
        try:
            im = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
        except Exception:
            raise UnsupportedFormat("This is not a photo.") from None
        turn = im.getexif().get(0x112, 1)
        w, h = im.size
        if w * h > limits.max_pixels:
            raise LimitExceeded("too many pixels")
        if swaps_sides(turn):
            w, h = h, w
        return _Photo(im.format.lower(), w, h, turn, data)
