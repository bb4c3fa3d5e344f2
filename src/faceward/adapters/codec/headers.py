"""The first bytes of a file in, what it is and what decoding it would take out. Nothing is decoded here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FORMATS = ("jpeg", "png", "webp", "bmp", "tiff", "heic")
"""The formats that are opened at all; each has a module of its own."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about its first frame.

    Attributes:
        format: One of ``FORMATS``.
        width: Columns as stored, before the photo is turned upright.
        height: Rows as stored.
        decode_bytes: Most bytes of pixels held at once while the photo is decoded the fast way and
            turned upright, all copies and the decoder's own included.
        frugal_bytes: The same the frugal way, or ``None`` where there is none.
        frames: Frames, pages or images in the file.
        orientation: EXIF orientation, 1 to 8; 1 is upright.
        detail: What the module of the format wants to keep between reading and decoding.
    """

    format: str
    width: int
    height: int
    decode_bytes: int
    frugal_bytes: int | None = None
    frames: int = 1
    orientation: int = 1
    detail: Any = None


def charge(pixels: int, peak: int, flat: int, turn: int) -> int:
    """Give the most bytes held while a photo is decoded, flattened and turned.

    Args:
        pixels: Of the photo.
        peak: Bytes a pixel while decoding and flattening.
        flat: Bytes a pixel of the result.
        turn: EXIF orientation; turning holds the result twice.

    Returns:
        A sixteenth is added for what decoders keep beside the pixels; the share is ours.
    """
    return pixels * max(peak, flat if turn == 1 else 2 * flat) * 17 // 16


def format_of(data: bytes) -> str | None:
    """Tell which of ``FORMATS`` the content is, or ``None``; the name of the file is not asked."""
    if data[:2] == b"BM":
        return "bmp" if data[14:18] in _DIB_SIZES else None
    if data[:4] == b"RIFF":
        return "webp" if data[8:12] == b"WEBP" else None
    if data[4:8] == b"ftyp":
        brands = _brands(data)
        return "heic" if _HEIC_BRANDS.intersection(brands) and not _AVIF_BRANDS.intersection(brands) else None
    return next((name for start, name in _STARTS if data.startswith(start)), None)


def resemblance(data: bytes) -> str:
    """Say in a few words what content that is none of ``FORMATS`` looks like; never quotes it."""
    head = data[:512].lower()
    if data[4:8] == b"ftyp":
        words = "an AVIF picture" if _AVIF_BRANDS.intersection(_brands(data)) else "a video"
    elif not head.strip(b"\0"):
        words = "nothing but zeros"
    elif head.lstrip().startswith((b"<!doctype html", b"<html")):
        words = "a web page"
    elif b"<svg" in head:
        words = "an SVG drawing"
    else:
        otherwise = "text" if _is_text(data[:512]) else "no format we know"
        words = next((words for start, words in _OTHERS if data.startswith(start)), otherwise)
    return words


def format_named(suffix: str) -> str | None:
    """Tell which image format a file name promises, or ``None`` if it promises none.

    Args:
        suffix: Of the file name, with its dot, in any case.
    """
    return _SUFFIXES.get(suffix.lower())


def _brands(data: bytes) -> list[bytes]:
    size = min(int.from_bytes(data[:4], "big"), 512)
    return [data[8:12], *(data[at : at + 4] for at in range(16, size, 4))]


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    return all(byte >= 0x20 or byte in b"\t\n\r\f\x1b" for byte in head) and b"\x7f" not in head


_STARTS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)
_DIB_SIZES = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1"))
"""Brands of still images that may hold HEVC; which codec it really is stands in the ``meta`` box."""

_SUFFIXES = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "jpeg"),
    **dict.fromkeys((".png", ".apng"), "png"),
    **dict.fromkeys((".bmp", ".dib"), "bmp"),
    **dict.fromkeys((".tif", ".tiff"), "tiff"),
    **dict.fromkeys((".heic", ".heif", ".hif"), "heic"),
    ".webp": "webp",
    ".gif": "gif",
    ".avif": "avif",
    ".jxl": "jpeg xl",
    ".ico": "icon",
    ".svg": "svg",
}

_OTHERS = (
    (b"RIFF", "a sound or a video"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\x01\0", "an icon"),
    (b"II+\0", "a BigTIFF picture"),
    (b"MM\0+", "a BigTIFF picture"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"OggS", "a sound or a video"),
    (b"ID3", "a sound"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xff\xd8", "the start of a JPEG that ends at once"),
    (b"\x89PNG", "a PNG picture that was damaged in transfer"),
)
