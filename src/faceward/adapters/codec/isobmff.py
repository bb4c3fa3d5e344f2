"""The boxes of a HEIC file in, its items with their properties out; only what limits need is read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from faceward.errors import DamagedImage, LimitExceeded

_MAX_ITEMS = 4096
_MAX_BOXES = 65_536
"""Of one level. A 48 Mpx phone photo has some 200 items with about ten kinds of properties between them."""


@dataclass(slots=True)
class Item:
    """One entry of the file: a coded picture, a grid of others, metadata.

    Attributes:
        kind: Four characters: ``hvc1``, ``grid``, ``Exif``, …
        kind_at: Where those four stand in the file.
        hidden: Not meant to be shown by itself.
        properties: Name, start and end of the content of each property, in the order they apply.
        references: For each kind of reference, the items it leads to.
        spans: Start and end, in the file, of the pieces of its data.
    """

    kind: bytes
    kind_at: int
    hidden: bool
    properties: list[tuple[bytes, int, int]] = field(default_factory=list)
    references: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def property(self, name: bytes) -> tuple[int, int] | None:
        """Start and end of the first property of that name."""
        return next(((start, end) for found, start, end in self.properties if found == name), None)


@dataclass(slots=True)
class Meta:
    """The primary item's number, and all items by their numbers."""

    primary: int
    items: dict[int, Item]


def read_meta(data: bytes) -> Meta:
    """Read the ``meta`` box.

    Raises:
        DamagedImage: Cut short, or a box that makes no sense.
        LimitExceeded: More items than any camera writes.

    Source: ISO/IEC 14496-12:2022, 8.11; ISO/IEC 23008-12:2022, 6 and 9.
    """
    try:
        top = {name: (start, end) for name, start, end in boxes(data, 0, len(data))}
        start, end = top[b"meta"]
        parts = {name: (at, to) for name, at, to in boxes(data, start + 4, end)}
        items = dict(_items(data, *parts[b"iinf"]))
        at, _ = parts[b"pitm"]
        primary = _number(data, at + 4, 2 if data[at] == 0 else 4)
        _read_references(data, parts, items)
        _read_properties(data, parts, items)
        _read_places(data, parts, items)
    except (KeyError, IndexError, struct.error):
        raise DamagedImage("The HEIC file has no usable directory of its pictures.") from None
    return Meta(primary, items)


def boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Give name, start and end of the content of each box between two places."""
    for _ in range(_MAX_BOXES):
        if at + 8 > end:
            return
        size, name, head = _number(data, at, 4), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = _number(data, at + 8, 8), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise DamagedImage("The HEIC file ends early: a part of the picture is missing.")
        yield name, at + head, at + size
        at += size
    raise LimitExceeded(f"The HEIC file has more than {_MAX_BOXES} boxes.", remedy="Export the photo again.")


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise DamagedImage("The HEIC file ends early: a part of the picture is missing.")
    return int.from_bytes(data[at : at + size], "big")


def _items(data: bytes, start: int, end: int) -> Iterator[tuple[int, Item]]:
    wide = data[start] != 0
    for count, (name, at, _) in enumerate(boxes(data, start + (8 if wide else 6), end)):
        if count >= _MAX_ITEMS:
            raise LimitExceeded(
                f"The HEIC file has more than {_MAX_ITEMS} items.", remedy="Export the photo again."
            )
        version = data[at]
        if name != b"infe" or version not in (2, 3):
            raise DamagedImage("The HEIC file has no usable directory of its pictures.")
        size = 2 if version == 2 else 4
        kind_at = at + 4 + size + 2
        yield _number(data, at + 4, size), Item(data[kind_at : kind_at + 4], kind_at, bool(data[at + 3] & 1))


def _read_references(data: bytes, parts: dict[bytes, tuple[int, int]], items: dict[int, Item]) -> None:
    if b"iref" not in parts:
        return
    start, end = parts[b"iref"]
    size = 2 if data[start] == 0 else 4
    left = 16 * _MAX_ITEMS
    for name, at, _ in boxes(data, start + 4, end):
        source, count = _number(data, at, size), _number(data, at + size, 2)
        left -= count
        if left < 0:
            raise LimitExceeded("The HEIC file has more references than any camera writes.")
        places = range(at + size + 2, at + size + 2 + count * size, size)
        if source in items:
            items[source].references[name] = tuple(_number(data, place, size) for place in places)


def _read_properties(data: bytes, parts: dict[bytes, tuple[int, int]], items: dict[int, Item]) -> None:
    inner = list(boxes(data, *parts[b"iprp"]))
    containers = {name: (start, end) for name, start, end in inner}
    properties = list(boxes(data, *containers[b"ipco"]))
    left = 32 * _MAX_ITEMS
    for start in (start for name, start, _ in inner if name == b"ipma"):
        wide_item, wide_index = data[start] > 0, data[start + 3] & 1
        at = start + 8
        for _ in range(_number(data, start + 4, 4)):
            item = items.get(_number(data, at, 4 if wide_item else 2))
            at += 4 if wide_item else 2
            count = data[at]
            left -= count + 1
            if left < 0:
                raise LimitExceeded("The HEIC file has more properties than any camera writes.")
            at += 1
            for _ in range(count):
                index = _number(data, at, 2) & 0x7FFF if wide_index else data[at] & 0x7F
                at += 2 if wide_index else 1
                if item is not None and index:
                    item.properties.append(properties[index - 1])


def _read_places(data: bytes, parts: dict[bytes, tuple[int, int]], items: dict[int, Item]) -> None:
    start, _ = parts[b"iloc"]
    version, sizes = data[start], _number(data, start + 4, 2)
    offset_size, length_size, base_size, index_size = (
        sizes >> 12,
        sizes >> 8 & 15,
        sizes >> 4 & 15,
        sizes & 15,
    )
    wide = 4 if version == 2 else 2
    inside = parts.get(b"idat", (0, 0))
    at, left = start + 6 + wide, 4 * _MAX_ITEMS
    for _ in range(_number(data, start + 6, wide)):
        item = items.get(_number(data, at, wide))
        at += wide
        method = 0
        if version:
            method, at = _number(data, at, 2) & 15, at + 2
        base, extents = _number(data, at + 2, base_size), _number(data, at + 2 + base_size, 2)
        at += 4 + base_size
        left -= extents + 1
        if left < 0:
            raise LimitExceeded("The HEIC file has more pieces than any camera writes.")
        for _ in range(extents):
            at += index_size if version else 0
            begin = base + _number(data, at, offset_size) + (inside[0] if method == 1 else 0)
            length = _number(data, at + offset_size, length_size)
            at += offset_size + length_size
            end = begin + length if length else (inside[1] if method == 1 else len(data))
            if end > len(data) or method > 1:
                raise DamagedImage("The HEIC file ends early: a part of the picture is missing.")
            if item is not None:
                item.spans.append((begin, end))
