"""BMP bytes in, a header or pixels out."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from faceward.adapters.codec import pillow
from faceward.adapters.codec.headers import Header, charge
from faceward.errors import DamagedImage, UnsupportedFormat

if TYPE_CHECKING:
    from PIL.Image import Image

_CORE_HEADER = 12
_PLAIN, _BITFIELDS, _ALPHA_BITFIELDS = 0, 3, 6
_COMPRESSIONS = (0, 1, 2, 3, 6)
_BITS = (1, 4, 8, 16, 24, 32)


def read_header(data: bytes) -> Header:
    """Read the size and check that an uncompressed picture is all there.

    Raises:
        DamagedImage: Cut short, or a header that makes no sense.
        UnsupportedFormat: A kind of BMP that only printers use.

    Source: Microsoft, ``BITMAPINFOHEADER`` and ``BITMAPV5HEADER``, read 2026-11.
    """
    if len(data) < 54 and len(data) < 14 + _CORE_HEADER:
        raise DamagedImage("The BMP file ends within its header.")
    start, size = struct.unpack_from("<II", data, 10)
    compression = _PLAIN
    if size == _CORE_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    elif len(data) < 14 + size:
        raise DamagedImage("The BMP file ends within its header.")
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
        height = abs(height)
    if width <= 0 or height <= 0 or bits not in _BITS:
        raise DamagedImage(f"The BMP header claims {width} × {height} pixels of {bits} bits.")
    if compression not in _COMPRESSIONS:
        raise UnsupportedFormat("This BMP file is compressed in a way that only printers use.")
    if compression in (_PLAIN, _BITFIELDS, _ALPHA_BITFIELDS):
        stride = (width * bits + 31) // 32 * 4
        if start + stride * height > len(data):
            raise DamagedImage("The BMP file ends early: a part of the picture is missing.")
    peak = 5 if bits <= 8 else 9 if bits == 32 else 4
    return Header("bmp", width, height, decode_bytes=charge(width * height, peak, 4, 1))


def decode(data: bytes, header: Header) -> Image:
    """Decode the picture.

    Raises:
        DamagedImage: The data is damaged.
    """
    from PIL.BmpImagePlugin import BmpImageFile

    return pillow.flattened(pillow.decode(BmpImageFile, data, (header.width, header.height), "BMP"))
