"""JPEG bytes in, a header or pixels at a scale out; decoded by libjpeg-turbo through simplejpeg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceward.adapters.codec.exif import orientation
from faceward.adapters.codec.headers import Header, charge
from faceward.errors import DamagedImage, LimitExceeded, UnsupportedFormat

if TYPE_CHECKING:
    from PIL.Image import Image

    from faceward.core.values import PixelArray

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_LOSSLESS = frozenset((0xC3, 0xC5, 0xC7, 0xCB, 0xCD, 0xCF))
_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))
_MAX_SEGMENTS = 4096
"""Photos have about ten segments before the first scan; a file of empty ones must not take our time."""
_MAX_SCANS = 100
"""Encoders write about ten; each scan may walk over every block of the photo. The number is ours."""
_BENIGN = ("extraneous bytes", "Adobe", "JFIF", "revision")
"""What libjpeg warns of although every pixel is there."""


@dataclass(frozen=True, slots=True)
class _Detail:
    """Attributes: components (1, 3 or 4) and the bytes libjpeg keeps for the coefficients of all scans."""

    components: int
    coefficient_bytes: int


def read_header(data: bytes) -> Header:
    """Read size, orientation and kind from the segments before the first scan.

    Raises:
        DamagedImage: There is no frame header, or it makes no sense.
        UnsupportedFormat: Lossless, hierarchical or 12-bit JPEG.
        LimitExceeded: More scans than any encoder writes.

    Source: ITU-T T.81, annex B; for the memory, ``jpeg_has_multiple_scans`` of libjpeg.
    """
    at, turn, frame, marker = 2, 1, b"", 0
    for _ in range(_MAX_SEGMENTS):
        at = data.find(b"\xff", at)
        while at >= 0 and data[at + 1 : at + 2] == b"\xff":
            at += 1
        if at < 0 or at + 4 > len(data):
            break
        code = data[at + 1]
        if code in _WITHOUT_LENGTH or code == 0:
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if code == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            turn = orientation(data[at + 10 : end])
        elif code in _FRAME_MARKERS and not frame:
            frame, marker = data[at + 4 : end], code
        elif code == 0xDA:
            return _header(frame, marker, data[at + 4 : at + 5], turn, data)
        elif code == 0xD9:
            break
        at = end
    raise DamagedImage("The JPEG file ends before its picture begins.")


def _header(frame: bytes, marker: int, in_first_scan: bytes, turn: int, data: bytes) -> Header:
    if len(frame) < 6 or len(frame) < 6 + 3 * frame[5]:
        raise DamagedImage("The JPEG file has no usable frame header.")
    if marker in _LOSSLESS:
        raise UnsupportedFormat(
            "This is a lossless or hierarchical JPEG, as scanners and medical devices write."
        )
    if frame[0] != 8:
        raise UnsupportedFormat(f"This is a JPEG of {frame[0]} bits a channel; only 8 bits are decoded.")
    height, width, components = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big"), frame[5]
    if components not in (1, 3, 4) or not width or not height:
        raise DamagedImage(f"The JPEG header claims {components} channels and {width} × {height} pixels.")
    sampling = [(frame[7 + 3 * i] >> 4, frame[7 + 3 * i] & 15) for i in range(components)]
    if not all(1 <= h <= 4 and 1 <= v <= 4 for h, v in sampling):
        raise DamagedImage("The JPEG header has impossible sampling factors.")
    most = max(h for h, _ in sampling) * max(v for _, v in sampling)
    padded = (width + 32) * (height + 32)
    coefficients = 0
    if marker in _PROGRESSIVE or in_first_scan != bytes((components,)):
        if data.count(b"\xff\xda") > _MAX_SCANS:
            raise LimitExceeded(
                f"The JPEG file has more than {_MAX_SCANS} scans.", remedy="Export the photo again."
            )
        coefficients = 2 * padded * sum(h * v for h, v in sampling) // most
    pixels = width * height
    peak, flat, frugal = {1: (1, 1, 1), 3: (4, 4, 3), 4: (12, 4, 12)}[components]
    kept = coefficients * 17 // 16
    return Header(
        "jpeg",
        width,
        height,
        decode_bytes=charge(pixels, peak, flat, turn) + kept,
        frugal_bytes=charge(pixels, frugal, 0, 1) + kept,
        orientation=turn,
        detail=_Detail(components, coefficients),
    )


def scale_for(header: Header, min_long_side: int | None) -> int:
    """Choose the factor, 1, 2, 4 or 8, by which decoding shrinks and keeps the long side long enough.

    Other eighths exist, but libjpeg-turbo has fast code for these only: 3/8 took longer than 4/8 here.
    """
    long_side = max(header.width, header.height)
    return next((f for f in (8, 4, 2) if min_long_side and -(-long_side // f) >= min_long_side), 1)


def decode(data: bytes, header: Header, factor: int, *, packed: bool) -> Image | PixelArray:
    """Decode, as stored, shrunk by ``factor``.

    Args:
        data: The whole file.
        header: As read from it.
        factor: As ``scale_for`` gave it.
        packed: Give an array of three bytes a pixel (one if grey) instead of an image of four.

    Raises:
        DamagedImage: The data ends early or cannot be decoded.
    """
    from PIL import Image, ImageChops

    components = header.detail.components
    colours = {1: "GRAY", 3: "RGB" if packed else "RGBX", 4: "CMYK"}[components]
    decoded = _decoded(data, colours, -(-header.height // factor), -(-header.width // factor))
    if components == 1:
        decoded = decoded.reshape(decoded.shape[:2])
    if packed and components < 4:
        return decoded
    mode = {1: "L", 3: "RGBX", 4: "CMYK"}[components]
    image = Image.frombuffer(mode, (decoded.shape[1], decoded.shape[0]), decoded, "raw", mode, 0, 1)
    # Adobe stores the four inks inverted, and every program since assumes so, marker or not.
    return ImageChops.invert(image).convert("RGB") if components == 4 else image


def _decoded(data: bytes, colours: str, min_height: int, min_width: int) -> PixelArray:
    try:
        return _run(data, colours, min_height, min_width, strict=True)
    except ValueError as error:
        words = str(error)
    except MemoryError:
        raise LimitExceeded("There is not enough memory to decode the JPEG file.") from None
    if any(benign in words for benign in _BENIGN) and b"\xff\xd9" in data[-65536:]:
        try:
            return _run(data, colours, min_height, min_width, strict=False)
        except ValueError as error:
            words = str(error)
    if "remature" in words:
        raise DamagedImage("The JPEG file ends early: a part of the picture is missing.")
    raise DamagedImage(f"The JPEG data cannot be decoded ({words.strip().rstrip('.')}).")


def _run(data: bytes, colours: str, min_height: int, min_width: int, *, strict: bool) -> PixelArray:
    import simplejpeg

    # Colour at half resolution is repeated, not interpolated: a tenth of the time, 0.4 grey levels' change.
    decoded: PixelArray = simplejpeg.decode_jpeg(
        data, colours, min_height=min_height, min_width=min_width, strict=strict, fastupsample=True
    )
    return decoded
