"""HEIC bytes in, a header or pixels out; decoded by libheif, which the extra ``faceward[heic]`` brings."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceward.adapters.codec import pillow
from faceward.adapters.codec.headers import Header
from faceward.adapters.codec.isobmff import Item, Meta, read_meta
from faceward.errors import DamagedImage, LimitExceeded, UnsupportedFormat

if TYPE_CHECKING:
    from PIL.Image import Image

    from faceward.core.values import PixelArray

_PICTURES = (b"hvc1", b"grid")
_TURNS = (b"irot", b"imir", b"clap")
_SPS = 33
_MAX_UNITS = 100_000
_SLACK = 128
"""Coded pictures are padded to whole blocks and cropped again; more than this is another picture."""
_SLACK_PIXELS = 1024 * 1024
"""Of tiles beyond the edge of a small grid: four of the 512 × 512 that phones write."""


@dataclass(frozen=True, slots=True)
class _Coding:
    """Size and bytes of the planes of a coded picture, from its sequence parameter set.

    The bytes are measured with libheif 1.23 as pillow-heif calls it: planes of 4:2:0 and 4:2:2, rounded up,
    and for 4:4:4 a second set of them while colours are converted; twice as many for more than 8 bits.
    """

    width: int
    height: int
    bytes_a_pixel: int
    deep: bool


@dataclass(frozen=True, slots=True)
class _Detail:
    """Size of the upright photo, whether there is alpha, and where the kinds of items to hide stand."""

    has_alpha: bool
    hide: tuple[int, ...]


def read_header(data: bytes) -> Header:
    """Read the size, turned and cropped as the file says, and check every picture that decoding touches.

    The orientation in EXIF is not applied: a HEIC file states its own, and the standard says it wins.

    Raises:
        UnsupportedFormat: The extra is not installed, or the pictures are not HEVC.
        DamagedImage: Cut short, or parts that contradict each other.
        LimitExceeded: More items than any camera writes.

    Source: ISO/IEC 23008-12:2022; the order of turning and cropping is that of the properties.
    """
    _require_decoder()
    meta = read_meta(data)
    if meta.primary not in meta.items:
        raise DamagedImage("The HEIC file names a main picture that it does not hold.")
    primary = meta.items[meta.primary]
    if primary.kind not in _PICTURES:
        raise UnsupportedFormat("The main picture of this HEIC file is of a kind that is not decoded.")
    width, height = _size(data, primary)
    coding = _check(data, meta, primary)
    alphas = [item for item in meta.items.values() if meta.primary in item.references.get(b"auxl", ())]
    alphas = [item for item in alphas if _is_alpha(data, item)]
    planes = width * height * coding.bytes_a_pixel
    for alpha in alphas:
        if _size(data, alpha) != (width, height):
            raise DamagedImage("The HEIC file says two different things about its size.")
        planes += width * height * _check(data, meta, alpha).bytes_a_pixel
    pixels = width * height
    wide = coding.deep
    out = (4 if alphas else 3) * (3 if wide else 1)
    upright = _upright(data, primary, width, height)
    if any(name in _TURNS for name, _, _ in primary.properties):
        planes *= 2  # libheif turns and crops planes, and holds both the old and the new.
    packed = (planes + out * pixels + (6 * pixels if alphas else 0)) * 17 // 16
    parts = {ref for item in meta.items.values() for ref in item.references.get(b"dimg", ())}
    shown = [
        number
        for number, item in meta.items.items()
        if item.kind in _PICTURES
        and not item.hidden
        and number not in parts
        and not item.references.keys() & _ASIDE
    ]
    return Header(
        "heic",
        *upright,
        decode_bytes=packed + 4 * pixels,
        frugal_bytes=packed,
        frames=max(1, len(shown)),
        detail=_Detail(
            bool(alphas), tuple(item.kind_at for item in meta.items.values() if item.kind not in _PICTURES)
        ),
    )


def decode(data: bytes, header: Header, *, packed: bool) -> Image | PixelArray:
    """Decode the main picture, upright, laid on white.

    Args:
        data: The whole file.
        header: As read from it.
        packed: Give an array of three bytes a pixel instead of an image of four.

    Raises:
        DamagedImage: The data is damaged.
    """
    import numpy as np
    import pillow_heif
    from PIL import Image

    # Texts and other items may inflate to any size and no pixel needs them: their kinds are made unknown.
    small = bytearray(data)
    for at in header.detail.hide:
        small[at : at + 4] = b"free"
    try:
        picture = pillow_heif.open_heif(bytes(small), convert_hdr_to_8bit=True)
        del small
        mode, content = picture.mode, picture.data
        size = picture.size
    except MemoryError:
        raise LimitExceeded("There is not enough memory to decode the HEIC file.") from None
    except Exception:  # libheif's errors come as several kinds, and its words are for its developers.
        raise DamagedImage("The HEIC data cannot be decoded; it was damaged or is of a rare kind.") from None
    channels = {"RGB": 3, "RGBA": 4, "RGBa": 4, "L": 1}.get(mode, 0)
    if size != (header.width, header.height) or not channels or len(content) < size[0] * size[1] * channels:
        raise DamagedImage("The HEIC file says two different things about its size.")
    if mode == "L":
        return (
            np.frombuffer(content, np.uint8).reshape(size[1], size[0])
            if packed
            else Image.frombytes(mode, size, content)
        )
    if mode == "RGB" and packed:
        return np.frombuffer(content, np.uint8, size[0] * size[1] * 3).reshape(size[1], size[0], 3)
    image = pillow.flattened(Image.frombytes(mode, size, content))
    return np.asarray(image) if packed else image


_ASIDE = frozenset((b"thmb", b"auxl"))


def _require_decoder() -> None:
    try:
        importlib.import_module("pillow_heif")
    except ImportError:
        raise UnsupportedFormat(
            "This is a HEIC photo, and what decodes those is not installed.",
            remedy="Run `pip install 'faceward[heic]'`, or export the photo as JPEG.",
        ) from None


def _size(data: bytes, item: Item) -> tuple[int, int]:
    span = item.property(b"ispe")
    if span is None or span[1] - span[0] < 12:
        raise DamagedImage("The HEIC file does not say how large its picture is.")
    width, height = (int.from_bytes(data[span[0] + at : span[0] + at + 4], "big") for at in (4, 8))
    if not width or not height:
        raise DamagedImage(f"The HEIC header claims {width} × {height} pixels.")
    return width, height


def _check(data: bytes, meta: Meta, item: Item) -> _Coding:
    """Hold what is really coded against the size the file states, for a picture and all tiles of a grid."""
    if item.kind == b"hvc1":
        return _check_coded(data, item)
    width, height = _size(data, item)
    start, end = item.spans[0] if item.spans else (0, 0)
    content = data[start:end]
    number = 4 if content[1:2] and content[1] & 1 else 2
    if len(content) < 4 + 2 * number:
        raise DamagedImage("The HEIC file has a grid without a size.")
    rows, columns = content[2] + 1, content[3] + 1
    stated = tuple(int.from_bytes(content[at : at + number], "big") for at in (4, 4 + number))
    tiles = [meta.items.get(number) for number in item.references.get(b"dimg", ())]
    if (
        stated != (width, height)
        or len(tiles) != rows * columns
        or any(t is None or t.kind != b"hvc1" for t in tiles)
    ):
        raise DamagedImage("The HEIC file has a grid that does not fit its tiles.")
    codings = [_check_coded(data, tile) for tile in tiles if tile is not None]
    sizes = {_size(data, tile) for tile in tiles if tile is not None}
    across, down = next(iter(sizes))
    covers = across * (columns - 1) < width <= across * columns and down * (rows - 1) < height <= down * rows
    if len(sizes) > 1 or not covers:
        raise DamagedImage("The HEIC file has a grid that does not fit its tiles.")
    if across * columns * down * rows > 2 * width * height + _SLACK_PIXELS:
        raise DamagedImage("The HEIC file has tiles far larger than their grid.")
    return _Coding(width, height, max(c.bytes_a_pixel for c in codings), any(c.deep for c in codings))


def _check_coded(data: bytes, item: Item) -> _Coding:
    width, height = _size(data, item)
    span = item.property(b"hvcC")
    if span is None or span[1] - span[0] < 23:
        raise DamagedImage("The HEIC file has a picture without its decoder settings.")
    codings = []
    try:
        codings = [_coding(unit) for unit in _settings(data, *span)]
        prefix = 1 + (data[span[0] + 21] & 3)
        codings += [_coding(unit) for unit in _units(data, item, prefix)]
    except IndexError:
        raise DamagedImage("The HEIC file has a picture with damaged decoder settings.") from None
    if not codings:
        raise DamagedImage("The HEIC file has a picture without its decoder settings.")
    if any(c.width > width + _SLACK or c.height > height + _SLACK for c in codings):
        raise DamagedImage("The HEIC file says two different things about its size.")
    return max(codings, key=lambda c: c.bytes_a_pixel)


def _settings(data: bytes, start: int, end: int) -> list[bytes]:
    """Give the sequence parameter sets in an ``hvcC`` box."""
    found, at = [], start + 23
    for _ in range(data[start + 22]):
        kind, count = data[at] & 0x3F, int.from_bytes(data[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            size = int.from_bytes(data[at : at + 2], "big")
            if at + 2 + size > end:
                raise IndexError
            if kind == _SPS or (size and data[at + 2] >> 1 & 0x3F == _SPS):
                found.append(data[at + 2 : at + 2 + min(size, 256)])
            at += 2 + size
    return found


def _units(data: bytes, item: Item, prefix: int) -> list[bytes]:
    """Give the sequence parameter sets among the coded data of an item, which would overrule the others."""
    found, left = [], _MAX_UNITS
    for begin, end in item.spans:
        at = begin
        while at + prefix < end:
            left -= 1
            if left < 0:
                raise LimitExceeded("The HEIC file has more coded units than any camera writes.")
            size = int.from_bytes(data[at : at + prefix], "big")
            at += prefix
            if data[at] >> 1 & 0x3F == _SPS:
                found.append(data[at : at + min(size, 256)])
            at += size
    return found


def _coding(unit: bytes) -> _Coding:
    """Read a sequence parameter set as far as the size and depth of its pictures.

    Source: ITU-T H.265, 7.3.2.2 and 7.3.3.
    """
    bits = _Bits(unit.replace(b"\0\0\3", b"\0\0"), 16)
    bits.take(4)
    layers = bits.take(3)
    bits.take(1 + 88 + 8)
    present = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for profile, level in present:
        bits.take(88 * profile + 8 * level)
    bits.golomb()
    chroma = bits.golomb()
    if chroma == 3:
        bits.take(1)
    width, height = bits.golomb(), bits.golomb()
    if bits.take(1):
        for _ in range(4):
            bits.golomb()
    deep = bits.golomb() or bits.golomb()
    planes = 6 if chroma == 3 else 2
    return _Coding(width, height, planes * (2 if deep else 1), bool(deep))


class _Bits:
    """Reads bits; past the end raises ``IndexError``."""

    def __init__(self, data: bytes, at: int) -> None:
        self._value, self._left = int.from_bytes(data, "big"), len(data) * 8 - at

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError
        return self._value >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


def _is_alpha(data: bytes, item: Item) -> bool:
    span = item.property(b"auxC")
    return span is None or b"alpha" in data[span[0] : span[1]] or b"auxid:1" in data[span[0] : span[1]]


def _upright(data: bytes, item: Item, width: int, height: int) -> tuple[int, int]:
    """Give the size after the cropping and turning that libheif applies, in the order of the properties."""
    for name, start, end in item.properties:
        if name == b"irot" and end > start and data[start] & 1:
            width, height = height, width
        elif name == b"clap" and end - start >= 16:
            across, over, down, under = (
                int.from_bytes(data[start + at : start + at + 4], "big") for at in (0, 4, 8, 12)
            )
            if not over or not under or not across or not down:
                raise DamagedImage("The HEIC file asks for an impossible crop.")
            width, height = min(width, across // over), min(height, down // under)
    return width, height
