"""An EXIF block in, the way the camera was held out."""

from __future__ import annotations

import struct

_ORIENTATION_TAG = 0x0112
_SHORT = 3
_MAX_ENTRIES = 512
"""Cameras write a few dozen entries; we look no further in a directory than this."""


def orientation(block: bytes | memoryview) -> int:
    r"""Read the orientation, 1 to 8, from the TIFF structure inside an EXIF block.

    Anything malformed counts as upright: a photo is not refused for its metadata.

    Args:
        block: Starts with ``II`` or ``MM``; a leading ``Exif\0\0`` is skipped.

    Source: EXIF 2.32 (CIPA DC-008), 4.6.4; TIFF 6.0, section 2.
    """
    view = memoryview(block)
    if bytes(view[:6]) == b"Exif\0\0":
        view = view[6:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(view[:4]))
    if order is None or len(view) < 8:
        return 1
    (start,) = struct.unpack_from(order + "I", view, 4)
    if start + 2 > len(view):
        return 1
    (entries,) = struct.unpack_from(order + "H", view, start)
    for index in range(min(entries, _MAX_ENTRIES)):
        place = start + 2 + 12 * index
        if place + 12 > len(view):
            return 1
        tag, kind, count, value = struct.unpack_from(order + "HHIH", view, place)
        if tag == _ORIENTATION_TAG:
            return value if kind == _SHORT and count == 1 and 1 <= value <= 8 else 1
    return 1


def swaps_sides(turn: int) -> bool:
    """Whether the upright photo is as wide as the stored one is high."""
    return turn >= 5
