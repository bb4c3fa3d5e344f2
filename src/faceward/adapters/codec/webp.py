"""WebP bytes in, a header or the pixels of the first frame out."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceward.adapters.codec import pillow
from faceward.adapters.codec.exif import orientation
from faceward.adapters.codec.headers import Header, charge
from faceward.errors import DamagedImage, LimitExceeded

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_CHUNKS = 100_000
_ANIMATED, _ALPHA = 0x02, 0x10
_NEEDED = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"))
_BYTES_A_PIXEL = 16
"""Measured with Pillow 13: two canvases of the animation decoder, one copy out of it and the image."""


@dataclass(slots=True)
class _Reading:
    """What the walk over the chunks has found so far."""

    width: int = 0
    height: int = 0
    flags: int = 0
    turn: int = 1
    frames: int = 0
    has_picture: bool = False
    lossless_alpha: bool = False


def read_header(data: bytes) -> Header:
    """Read size, orientation and frames; nothing is decoded.

    Raises:
        DamagedImage: Cut short, no picture, or a picture of another size than the file promises.
        LimitExceeded: More chunks than any encoder writes.

    Source: RFC 9649, section 2; RFC 6386, section 9.1 for the key frame.
    """
    found = _Reading()
    spans = []
    for name, start, end in _chunks(data):
        content = data[start : min(end, start + 32)]
        if name in _NEEDED and not (name == b"ANMF" and found.frames):
            spans.append((start, end))
        if name == b"VP8X" and len(content) >= 10:
            found.flags = content[0]
            found.width, found.height = (1 + int.from_bytes(content[at : at + 3], "little") for at in (4, 7))
        elif name in (b"VP8 ", b"VP8L") and not found.has_picture:
            _take_picture(found, name, content)
        elif name == b"ANMF":
            _take_frame(found, content)
        elif name == b"EXIF":
            found.turn = orientation(data[start:end])
    if not found.has_picture and not found.frames:
        raise DamagedImage("The WebP file holds no picture.")
    alpha = found.flags & _ALPHA or found.lossless_alpha
    return Header(
        "webp",
        found.width,
        found.height,
        decode_bytes=charge(
            found.width * found.height,
            _BYTES_A_PIXEL + (5 if alpha else 0) + (0 if found.turn == 1 else 4),
            4,
            found.turn,
        ),
        frames=max(1, found.frames),
        orientation=found.turn,
        detail=tuple(spans),
    )


def decode(data: bytes, header: Header) -> Image:
    """Decode the first frame, as stored, laid on white.

    Raises:
        DamagedImage: The data is damaged.
    """
    from PIL.WebPImagePlugin import WebPImageFile

    # Only the first frame is handed on, and no profile or text: nothing else can then be decoded.
    chunks = [bytearray(data[start - 8 : end + (end - start) % 2]) for start, end in header.detail]
    for chunk in chunks:
        if chunk[:4] == b"VP8X":
            chunk[8] &= _ANIMATED | _ALPHA
    body = b"WEBP" + b"".join(chunks)
    small = b"RIFF" + struct.pack("<I", len(body)) + body
    return pillow.flattened(pillow.decode(WebPImageFile, small, (header.width, header.height), "WebP"))


def _take_picture(found: _Reading, name: bytes, content: bytes) -> None:
    if name == b"VP8 " and content[3:6] == b"\x9d\x01\x2a" and len(content) >= 10:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", content, 6))
    elif name == b"VP8L" and content[:1] == b"\x2f" and len(content) >= 5:
        bits = int.from_bytes(content[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        found.lossless_alpha = bool(bits >> 28 & 1)
    else:
        raise DamagedImage("The WebP file has no usable picture header.")
    if not width or not height or (found.width and (found.width, found.height) != (width, height)):
        raise DamagedImage("The WebP file says two different things about its size.")
    found.width, found.height, found.has_picture = width, height, True


def _take_frame(found: _Reading, content: bytes) -> None:
    if len(content) < 16 or not found.flags & _ANIMATED:
        raise DamagedImage("The WebP file has a frame without the header of an animation.")
    x, y, width, height = (int.from_bytes(content[at : at + 3], "little") for at in (0, 3, 6, 9))
    if 2 * x + width + 1 > found.width or 2 * y + height + 1 > found.height:
        raise DamagedImage("The WebP file has a frame that reaches past its canvas.")
    found.frames += 1


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give name, start and end of the content of each chunk of the file."""
    whole = 8 + int.from_bytes(data[4:8], "little")
    if whole > len(data) or len(data) < 20:
        raise DamagedImage("The WebP file ends early: a part of the picture is missing.")
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > whole:
            return
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if end > whole:
            raise DamagedImage("The WebP file ends early: a part of the picture is missing.")
        yield data[at : at + 4], at + 8, end
        at = end + (end - at) % 2
    raise LimitExceeded(
        f"The WebP file has more than {_MAX_CHUNKS} chunks.", remedy="Export the photo again."
    )
