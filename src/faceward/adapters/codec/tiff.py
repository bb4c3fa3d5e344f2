"""TIFF bytes in, a header or the pixels of the first page out."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceward.adapters.codec import pillow
from faceward.adapters.codec.headers import Header, charge
from faceward.errors import DamagedImage, UnsupportedFormat

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_OFFSETS, _ORIENTATION, _SAMPLES, _STRIP_ROWS, _STRIP_BYTES, _PLANES = 273, 274, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES, _EXTRA, _KIND = 322, 323, 324, 325, 338, 339
_PIXELS = (_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _PLANES, _EXTRA, _KIND)
_PIECES = (_STRIP_OFFSETS, _STRIP_ROWS, _STRIP_BYTES, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES)
_NEEDED = frozenset((*_PIXELS, *_PIECES, 266, 292, 293, 317, 320, 347, 529, 530, 531, 532))
"""What a decoder must know; 266 … 532: fill order, fax options, predictor, palette, JPEG tables, YCbCr."""

_COMPRESSIONS = frozenset((1, 2, 3, 4, 5, 7, 8, 32773, 32946))
"""None, fax, LZW, JPEG, deflate, PackBits. Old-style JPEG, ZSTD, WebP and the rest are not photos we meet."""
_JPEG = 7
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_CODES = {1: "u1", 3: "u2", 4: "u4"}
_LISTS = frozenset((_STRIP_OFFSETS, _STRIP_BYTES, _TILE_OFFSETS, _TILE_BYTES))
_MAX_VALUE_BYTES = 65_536
"""Of any value but the lists of strips and tiles; the largest we know, a JPEG table, has about 2 KB."""
_PIECE_BYTES = 512
"""What Pillow keeps for each strip or tile: two numbers and a named tuple, measured at about 400 bytes."""
_MAX_PAGES = 65_536
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6


@dataclass(frozen=True, slots=True)
class _Directory:
    """The entries of the first page that we know, each with its twelve bytes and its numbers."""

    order: str
    raw: dict[int, bytes]
    numbers: dict[int, NDArray[np.unsignedinteger]]

    def one(self, tag: int, default: int = 0) -> int:
        return int(self.numbers[tag][0]) if tag in self.numbers else default

    def all(self, tag: int) -> tuple[int, ...]:
        return tuple(self.numbers[tag].tolist()) if tag in self.numbers else ()


def read_header(data: bytes) -> Header:
    """Read the first page's directory, count the pages, and check that every strip or tile is there.

    Raises:
        DamagedImage: Cut short, or a directory that makes no sense.
        UnsupportedFormat: A compression or a kind of pixel that photos do not have.

    Source: TIFF 6.0 (Adobe, 1992) and its Technical Note 2.
    """
    order = "<" if data[:2] == b"II" else ">"
    directory, pages = _directory(data, order), _count_pages(data, order)
    width, height = directory.one(_WIDTH), directory.one(_HEIGHT)
    if not width or not height:
        raise DamagedImage(f"The TIFF header claims {width} × {height} pixels.")
    if directory.one(_COMPRESSION, 1) not in _COMPRESSIONS:
        raise UnsupportedFormat("This TIFF file is compressed in a way that is not decoded.")
    peak, flat = _bytes_a_pixel(directory)
    piece = _check_pieces(data, directory, width, height)
    turn = directory.one(_ORIENTATION, 1)
    turn = turn if 1 <= turn <= 8 else 1
    return Header(
        "tiff",
        width,
        height,
        decode_bytes=charge(width * height, peak, flat, turn) + piece,
        frames=pages,
        orientation=turn,
        detail=directory,
    )


def decode(data: bytes, header: Header) -> Image:
    """Decode the first page, as stored, laid on white.

    libtiff, beneath Pillow, writes its own words about damaged strips to the standard error stream; they
    name no file and hold no pixels, and neither Pillow nor we can stop them.

    Raises:
        DamagedImage: The data is damaged.
    """
    from PIL import ImageChops
    from PIL.TiffImagePlugin import TiffImageFile

    # Pillow gets a directory of our own with only what decoding needs: no other page, no metadata, and no
    # orientation, which it would apply by itself.
    directory: _Directory = header.detail
    start = len(data) + len(data) % 2
    entries = sorted((tag, raw) for tag, raw in directory.raw.items() if tag in _NEEDED)
    small = b"".join(
        (
            data[:4],
            struct.pack(directory.order + "I", start),
            data[8:].ljust(start - 8, b"\0"),
            struct.pack(directory.order + "H", len(entries)),
            *(raw for _, raw in entries),
            bytes(4),
        )
    )
    image = pillow.decode(TiffImageFile, small, (header.width, header.height), "TIFF")
    inverted = image.mode.startswith("I;16") and directory.one(_PHOTOMETRIC) == _WHITE_IS_ZERO
    flat = pillow.flattened(image)
    return ImageChops.invert(flat) if inverted else flat


def _directory(data: bytes, order: str) -> _Directory:
    (start,) = struct.unpack_from(order + "I", data.ljust(8, b"\0"), 4)
    if start < 8 or start + 2 > len(data):
        raise DamagedImage("The TIFF file ends before its directory.")
    (count,) = struct.unpack_from(order + "H", data, start)
    if start + 2 + 12 * count > len(data):
        raise DamagedImage("The TIFF file ends within its directory.")
    raw: dict[int, bytes] = {}
    numbers: dict[int, NDArray[np.unsignedinteger]] = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, length, value = struct.unpack_from(order + "HHII", data, at)
        if tag not in _NEEDED and tag != _ORIENTATION:
            continue
        size = _SIZES.get(kind, 0) * length
        place = at + 8 if size <= 4 else value
        if not size or place + size > len(data) or tag in raw:
            raise DamagedImage("The TIFF directory points outside the file or says things twice.")
        if tag not in _LISTS and size > _MAX_VALUE_BYTES:
            raise DamagedImage("The TIFF directory holds a value of impossible size.")
        raw[tag] = data[at : at + 12]
        if kind in _CODES:
            numbers[tag] = np.frombuffer(data, order + _CODES[kind], length, place)
    return _Directory(order, raw, numbers)


def _count_pages(data: bytes, order: str) -> int:
    """Follow the chain of directories; a chain that bites its tail ends there."""
    seen: set[int] = set()
    (at,) = struct.unpack_from(order + "I", data, 4)
    while at and at not in seen and at + 2 <= len(data) and len(seen) < _MAX_PAGES:
        seen.add(at)
        end = at + 2 + 12 * struct.unpack_from(order + "H", data, at)[0]
        at = struct.unpack_from(order + "I", data, end)[0] if end + 4 <= len(data) else 0
    return max(1, len(seen))


def _bytes_a_pixel(directory: _Directory) -> tuple[int, int]:
    """Give the most bytes a pixel that decoding and flattening hold, and those of the result.

    Raises:
        UnsupportedFormat: No kind of pixel a photo has.
    """
    samples, bits = directory.one(_SAMPLES, 1), set(directory.all(_BITS) or (1,))
    photometric = directory.one(_PHOTOMETRIC)
    allowed = {
        _WHITE_IS_ZERO: ((1,), (1, 2, 4, 8, 16)),
        _BLACK_IS_ZERO: ((1, 2), (1, 2, 4, 8, 16)),
        _RGB: ((3, 4, 5, 6), (8, 16)),
        _PALETTE: ((1, 2), (1, 2, 4, 8)),
        _CMYK: ((4, 5, 6), (8, 16)),
        _YCBCR: ((3,), (8,)),
    }.get(photometric, ((), ()))
    unsigned = set(directory.all(_KIND)) <= {1}
    if samples not in allowed[0] or len(bits) != 1 or not bits <= set(allowed[1]) or not unsigned:
        raise UnsupportedFormat("This TIFF file has a kind of pixel that photos do not have.")
    if photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO):
        return (9, 1) if bits == {16} else (7, 1) if samples == 2 else (2, 1)
    if photometric == _RGB:
        return (4 if samples == 3 else 13), 4
    return (10 if photometric == _PALETTE and samples == 2 else 5 if photometric == _PALETTE else 8), 4


def _check_pieces(data: bytes, directory: _Directory, width: int, height: int) -> int:
    """Check that all strips or tiles lie in the file, and give the bytes that handling them takes."""
    samples = directory.one(_SAMPLES, 1)
    bits = directory.one(_BITS, 1) * samples
    tiled = _TILE_OFFSETS in directory.raw or _TILE_WIDTH in directory.raw
    if tiled:
        across, down = directory.one(_TILE_WIDTH), directory.one(_TILE_HEIGHT)
    else:
        across, down = width, min(directory.one(_STRIP_ROWS, height), height)
    if not across or not down or (tiled and (across % 16 or down % 16)):
        raise DamagedImage("The TIFF directory has strips or tiles of an impossible size.")
    planes = samples if directory.one(_PLANES, 1) == 2 else 1
    wanted = -(-width // across) * -(-height // down) * planes
    names = (_TILE_OFFSETS, _TILE_BYTES) if tiled else (_STRIP_OFFSETS, _STRIP_BYTES)
    if any(len(directory.numbers.get(name, ())) != wanted for name in names):
        raise DamagedImage("The TIFF directory does not list the strips or tiles that the picture has.")
    offsets, sizes = (directory.numbers[name].astype(np.int64) for name in names)
    if int((offsets + sizes).max()) > len(data):
        raise DamagedImage("The TIFF file ends early: a part of the picture is missing.")
    if directory.one(_COMPRESSION, 1) == 1 and int(sizes.sum()) < width * height * bits // 8:
        raise DamagedImage("The TIFF file lists less data than the picture has.")
    # Pillow holds one decoded piece beside the image, if it is compressed; JPEG may add coefficients.
    pieces = across * down * bits // 8 * {1: 0, _JPEG: 3}.get(directory.one(_COMPRESSION, 1), 1)
    return pieces + wanted * _PIECE_BYTES
