"""PNG bytes in, a header or pixels out; a photo near the limit is decoded band by band."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from faceward.adapters.codec import pillow
from faceward.adapters.codec.exif import orientation
from faceward.adapters.codec.headers import Header, charge
from faceward.errors import DamagedImage, LimitExceeded

if TYPE_CHECKING:
    from PIL.Image import Image

    from faceward.core.values import PixelArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_MAX_CHUNKS = 100_000
"""Enough for 64 MiB in the 1 KiB chunks of the most careful encoder; a file of empty ones is refused."""
_BAND_BYTES = 1024 * 1024


def read_header(data: bytes) -> Header:
    """Read size, orientation and frames, and find every chunk; nothing is inflated.

    Raises:
        DamagedImage: Cut short, or no usable ``IHDR``.
        LimitExceeded: More chunks than any encoder writes.

    Source: Portable Network Graphics (third edition), sections 5 and 11.
    """
    turn, frames, clear, spans = 1, 1, False, []
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise DamagedImage("The PNG file does not begin with its header.")
    width, height, depth, kind, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    if not width or not height or depth not in _DEPTHS.get(kind, ()):
        raise DamagedImage(f"The PNG header claims {width} × {height} pixels of {depth} bits, kind {kind}.")
    for name, start, end in _chunks(data):
        if name == b"eXIf":
            turn = orientation(data[start:end])
        elif name == b"acTL" and end - start >= 4:
            frames = max(1, int.from_bytes(data[start : start + 4], "big"))
        elif name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            clear = clear or name == b"tRNS"
            spans.append((name, start, end))
    peak, flat = _bytes_a_pixel(kind, depth, clear=clear)
    pixels = width * height
    frugal = None
    if not interlaced and (depth == 8 or (depth, kind) == (16, 0)):
        frugal = pixels * (1 if kind in (0, 4) and not clear else 3)
    return Header(
        "png",
        width,
        height,
        decode_bytes=charge(pixels, peak, flat, turn),
        frugal_bytes=frugal,
        frames=frames,
        orientation=turn,
        detail=tuple(spans),
    )


def decode(data: bytes, header: Header, *, packed: bool) -> Image | PixelArray:
    """Decode the still picture, as stored.

    Args:
        data: The whole file.
        header: As read from it.
        packed: Decode band by band to an array of three bytes a pixel (one if grey).

    Raises:
        DamagedImage: A chunk fails its check, or rows are missing.
    """
    for name, start, end in header.detail:
        if zlib.crc32(data[start - 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise DamagedImage(f"The PNG file was damaged: its {name.decode()} chunk fails the check.")
    if packed:
        return _decoded_in_bands(data, header)
    # Only what decoding needs is handed on: profiles and texts inflate to any size, and no pixel needs them.
    chunks = (data[start - 8 : end + 4] for _, start, end in header.detail)
    return pillow.flattened(_opened(b"".join((_SIGNATURE, *chunks)), header.width, header.height))


def _decoded_in_bands(data: bytes, header: Header) -> PixelArray:
    """Decode through small PNG files made from a band of rows each.

    A row is filtered against the row above it, so each small file begins with the last row of the band
    before, unfiltered, and that row is dropped again. The decoder's four bytes a pixel are then only
    ever held for one band.
    """
    import numpy as np

    ihdr = next(data[start:end] for name, start, end in header.detail if name == b"IHDR")
    extras = [data[start - 8 : end + 4] for name, start, end in header.detail if name in (b"PLTE", b"tRNS")]
    depth, kind = ihdr[8], ihdr[9]
    row_bytes = header.width * _CHANNELS[kind] * depth // 8
    rows = max(1, min(_BAND_BYTES, header.width * header.height // 32) // (row_bytes + 1))
    out: PixelArray | None = None
    above, top = bytes(1 + row_bytes), 0
    for filtered in _bands(data, header, row_bytes + 1, rows):
        count = len(filtered) // (row_bytes + 1)
        small = b"".join(
            (
                _SIGNATURE,
                _chunk(b"IHDR", struct.pack(">II", header.width, count + 1) + ihdr[8:]),
                *extras,
                _chunk(b"IDAT", zlib.compress(above + filtered, 0)),
                _chunk(b"IEND", b""),
            )
        )
        image = _opened(small, header.width, count + 1)
        last = image.crop((0, count, header.width, count + 1))
        above = b"\0" + (last.tobytes("raw", "I;16B") if depth == 16 else last.tobytes())
        band = np.asarray(pillow.flattened(image))[1:]
        if out is None:
            out = np.empty((header.height, *band.shape[1:]), np.uint8)
        out[top : top + count] = band
        top += count
    if out is None or top < header.height:
        raise DamagedImage("The PNG file ends early: a part of the picture is missing.")
    return out


def _bands(data: bytes, header: Header, stride: int, rows: int) -> Iterator[bytes]:
    """Inflate the picture a band of whole rows at a time; whatever follows the last row is not inflated."""
    inflater, left, waiting = zlib.decompressobj(), header.height, bytearray()
    try:
        for name, start, end in header.detail:
            piece = data[start:end] if name == b"IDAT" else b""
            while piece and left:
                want = min(rows, left) * stride
                waiting += inflater.decompress(piece, want - len(waiting))
                piece = inflater.unconsumed_tail
                if len(waiting) == want:
                    yield bytes(waiting)
                    waiting.clear()
                    left -= want // stride
        while left and not inflater.eof:
            want = min(rows, left) * stride
            more = inflater.decompress(b"", want - len(waiting))
            if not more:
                return
            waiting += more
            if len(waiting) == want:
                yield bytes(waiting)
                waiting.clear()
                left -= want // stride
    except zlib.error:
        raise DamagedImage("The PNG data cannot be inflated; it was damaged.") from None


def _opened(data: bytes, width: int, height: int) -> Image:
    from PIL.PngImagePlugin import PngImageFile

    return pillow.decode(PngImageFile, data, (width, height), "PNG")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give name, start and end of the content of each chunk, up to ``IEND``."""
    at = len(_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            raise DamagedImage("The PNG file ends early: a part of the picture is missing.")
        name = data[at + 4 : at + 8]
        yield name, at + 8, end
        if name == b"IEND":
            return
        at = end + 4
    raise LimitExceeded(f"The PNG file has more than {_MAX_CHUNKS} chunks.", remedy="Export the photo again.")


def _chunk(name: bytes, content: bytes) -> bytes:
    return b"".join(
        (struct.pack(">I", len(content)), name, content, struct.pack(">I", zlib.crc32(name + content)))
    )


def _bytes_a_pixel(kind: int, depth: int, *, clear: bool) -> tuple[int, int]:
    """Give the most bytes a pixel that decoding and flattening hold, and those of the result.

    Counted from what Pillow keeps: grey and palette 1, 16-bit grey 2, everything with more channels 4.
    """
    if kind == 0:
        return (8, 1) if depth == 16 else (10, 4) if clear else (2, 1)
    return {2: (13 if clear else 4, 4), 3: (10 if clear else 5, 4), 4: (7, 1), 6: (9, 4)}[kind]
