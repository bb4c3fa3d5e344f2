"""Photos of every format the codec opens, and files made to break it; all are written by this code."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 96, 64
UPRIGHT = "png-rgb"


def picture(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """A smooth picture whose every part differs: red grows to the right, green downwards; one corner blue."""
    red = np.tile(np.linspace(20, 220, width), (height, 1))
    green = np.tile(np.linspace(30, 200, height)[:, None], (1, width))
    blue = np.full((height, width), 60.0)
    blue[: height // 3, : width // 3] = 200
    return Image.fromarray(np.stack([red, green, blue], axis=2).astype(np.uint8))


def exif(orientation: int) -> bytes:
    """An EXIF block with an orientation and nothing else."""
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def encoded(image: Image.Image, format_name: str, **options: object) -> bytes:
    """A file as Pillow writes it; HEIC through pillow-heif."""
    target = io.BytesIO()
    if format_name == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(image).save(target, **options)
    else:
        image.save(target, format_name, **options)
    return target.getvalue()


def turned(orientation: int) -> Image.Image:
    """The picture as a camera held that way would store it."""
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    return picture() if orientation == 1 else picture().transpose(Image.Transpose(back[orientation]))


def samples() -> dict[str, bytes]:
    """One file for each format and kind of pixel, all of the same picture or its grey; no HEIC."""
    rgb, grey = picture(), picture().convert("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        "jpeg-rgb": encoded(rgb, "JPEG", quality=95, subsampling=0),
        "jpeg-progressive": encoded(rgb, "JPEG", quality=95, progressive=True),
        "jpeg-grey": encoded(grey, "JPEG", quality=95),
        "jpeg-cmyk": encoded(rgb.convert("CMYK"), "JPEG", quality=95),
        "png-rgb": encoded(rgb, "PNG"),
        "png-rgba": encoded(rgb.convert("RGBA"), "PNG"),
        "png-palette": encoded(rgb.quantize(255), "PNG"),
        "png-grey": encoded(grey, "PNG"),
        "png-grey-alpha": encoded(grey.convert("LA"), "PNG"),
        "png-grey-16": encoded(deep, "PNG"),
        "png-rgb-16": png_of_16_bits(np.asarray(rgb)),
        "webp": encoded(rgb, "WEBP", quality=95),
        "webp-lossless": encoded(rgb, "WEBP", lossless=True),
        "webp-alpha": encoded(rgb.convert("RGBA"), "WEBP", lossless=True),
        "bmp-rgb": encoded(rgb, "BMP"),
        "bmp-palette": encoded(rgb.quantize(255), "BMP"),
        "tiff-rgb": encoded(rgb, "TIFF"),
        "tiff-deflate": encoded(rgb, "TIFF", compression="tiff_deflate"),
        "tiff-lzw": encoded(rgb, "TIFF", compression="tiff_lzw"),
        "tiff-jpeg": encoded(rgb, "TIFF", compression="jpeg", quality=95),
        "tiff-rgba": encoded(rgb.convert("RGBA"), "TIFF"),
        "tiff-cmyk": encoded(rgb.convert("CMYK"), "TIFF"),
        "tiff-grey-16": encoded(deep, "TIFF"),
        "tiff-grey-16-big-endian": tiff_of_16_bits_big_endian(np.asarray(grey).astype(np.uint16) * 257),
    }


def heic_samples() -> dict[str, bytes]:
    """HEIC files, one whole and one cut into tiles; needs the extra."""
    return {
        "heic": encoded(picture(), "HEIF", quality=95, chroma=444),
        "heic-grid": encoded(picture(300, 200), "HEIF", quality=95, tile_size=128),
    }


def png_chunk(name: bytes, content: bytes) -> bytes:
    """A PNG chunk with its check."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, depth: int, kind: int, pixels: bytes, *extras: bytes) -> bytes:
    """A PNG file around a compressed picture, with chunks of any kind before it."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            *extras,
            png_chunk(b"IDAT", pixels),
            png_chunk(b"IEND", b""),
        )
    )


def zeros(count: int) -> bytes:
    """That many zero bytes, compressed without ever being held."""
    press, block = zlib.compressobj(6), bytes(1 << 20)
    pieces = [press.compress(block) for _ in range(count >> 20)]
    return b"".join((*pieces, press.compress(bytes(count & 0xFFFFF)), press.flush()))


def flat_png(width: int, height: int, kind: int = 2) -> bytes:
    """A black PNG of any size: grey (0), RGB (2) or RGBA (6)."""
    channels = {0: 1, 2: 3, 6: 4}[kind]
    return png(width, height, 8, kind, zeros((width * channels + 1) * height))


def png_of_16_bits(rgb: np.ndarray) -> bytes:
    """An RGB picture of 16 bits a channel."""
    rows = (rgb.astype(">u2") * 257).astype(">u2")
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    return png(rgb.shape[1], rgb.shape[0], 16, 2, zlib.compress(raw))


def tiff(width: int, height: int, pixels: bytes, *, order: str = "<", **changes: object) -> bytes:
    """A TIFF file of one strip; ``changes`` sets tags by number (``t322=…``) or removes them (``None``)."""
    tags: dict[int, tuple[int, int] | None] = {
        256: (4, width),
        257: (4, height),
        258: (3, 8),
        259: (3, 1),
        262: (3, 1),
        273: (4, 8),
        277: (3, 1),
        278: (4, height),
        279: (4, len(pixels)),
    }
    for name, value in changes.items():
        tags[int(name[1:])] = None if value is None else (4, value)  # type: ignore[assignment]
    entries = b"".join(
        struct.pack(order + "HHI", tag, entry[0], 1)
        + (struct.pack(order + "I", entry[1]) if entry[0] == 4 else struct.pack(order + "HH", entry[1], 0))
        for tag, entry in sorted(tags.items())
        if entry is not None
    )
    count = len(entries) // 12
    body = pixels + b"\0" * (len(pixels) % 2)
    return b"".join(
        (
            {"<": b"II*\0", ">": b"MM\0*"}[order],
            struct.pack(order + "I", 8 + len(body)),
            body,
            struct.pack(order + "H", count),
            entries,
            bytes(4),
        )
    )


def tiff_of_16_bits_big_endian(grey: np.ndarray) -> bytes:
    """A grey picture of 16 bits, the more significant byte first."""
    return tiff(grey.shape[1], grey.shape[0], grey.astype(">u2").tobytes(), order=">").replace(
        struct.pack(">HHIHH", 258, 3, 1, 8, 0), struct.pack(">HHIHH", 258, 3, 1, 16, 0)
    )


def endless_tiff(pages: int) -> bytes:
    """A TIFF with a chain of pages, each pointing to the next."""
    body = tiff(4, 4, bytes(16))
    start = struct.unpack_from("<I", body, 4)[0]
    length = 2 + 12 * struct.unpack_from("<H", body, start)[0] + 4
    page = body[start : start + length]
    chain = [page[:-4] + struct.pack("<I", start + (n + 1) * length) for n in range(pages - 1)]
    return body[:start] + b"".join((*chain, page))


def flat_webp(width: int, height: int) -> bytes:
    """A lossless WebP of one colour: 38 bytes at any size, because a colour alone needs no bits."""
    data = bytearray(encoded(Image.new("RGB", (16, 16), (9, 9, 9)), "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9
    bits = int.from_bytes(data[at : at + 4], "little") & ~0x0FFFFFFF
    data[at : at + 4] = (bits | (width - 1) | (height - 1) << 14).to_bytes(4, "little")
    return bytes(data)


def animated_webp(width: int, height: int, frames: int) -> bytes:
    """An animation on a canvas of any size, all frames the same flat picture of 16 × 16."""
    still = flat_webp(16, 16)
    frame = b"\0" * 6 + (15).to_bytes(3, "little") * 2 + b"\x64\0\0\0" + still[12:]
    body = b"".join(
        (
            b"WEBP",
            b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0",
            (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
            b"ANIM" + struct.pack("<I", 6) + bytes(6),
            *([b"ANMF" + struct.pack("<I", len(frame)) + frame] * frames),
        )
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated_gif(frames: int) -> bytes:
    """An animation in a format that is not on the list."""
    images = [Image.new("P", (64, 64), n % 256) for n in range(frames)]
    return encoded(images[0], "GIF", save_all=True, append_images=images[1:])


def flat_jpeg(width: int, height: int, **options: object) -> bytes:
    """A one-colour JPEG."""
    return encoded(Image.new("RGB", (width, height), (90, 120, 40)), "JPEG", **options)


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose header claims another size."""
    data = bytearray(flat_jpeg(16, 16))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_of_many_scans(width: int, height: int, scans: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    data = flat_jpeg(width, height, progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def bmp_run_length(width: int, height: int) -> bytes:
    """A BMP that is one end-of-bitmap code."""
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, 2, 0, 0, 256, 0)
    palette = bytes(1024)
    start = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + 2, 0, 0, start) + header + palette + b"\0\1"


def heic_claiming(width: int, height: int) -> bytes:
    """A HEIC whose main picture claims another size than what is coded."""
    data = bytearray(encoded(picture(), "HEIF", quality=50))
    at = data.index(b"ispe")
    data[at + 8 : at + 16] = struct.pack(">II", width, height)
    return bytes(data)


def heic_coded_larger(side: int) -> bytes:
    """A HEIC that claims 96 × 64 pixels and codes a flat square of another size."""
    data = bytearray(encoded(Image.new("RGB", (side, side)), "HEIF", quality=10))
    at = data.index(b"ispe")
    while at >= 0:
        data[at + 8 : at + 16] = struct.pack(">II", WIDTH, HEIGHT)
        at = data.find(b"ispe", at + 4)
    return bytes(data)


def heic_grid_claiming(width: int, height: int, *, in_grid_too: bool) -> bytes:
    """A HEIC of tiles whose whole claims another size, in its property and perhaps in its grid."""
    data = bytearray(encoded(picture(300, 200), "HEIF", quality=50, tile_size=128))
    at = data.index(struct.pack(">II", 300, 200))
    data[at : at + 8] = struct.pack(">II", width, height)
    grid = data.find(struct.pack(">HH", 300, 200))
    if in_grid_too and grid >= 0:
        data[grid : grid + 4] = struct.pack(">HH", min(width, 65535), min(height, 65535))
    return bytes(data)


@dataclass(frozen=True)
class Bomb:
    """A file made to take memory.

    Attributes:
        name: What it does.
        make: Writes it.
        opens: Whether the codec should decode it: it is small, or exactly as large as allowed.
    """

    name: str
    make: Callable[[], bytes]
    opens: bool = False


def bombs(max_side: int) -> Iterator[Bomb]:
    """Files that would take far more than a square photo of ``max_side`` allows; no HEIC."""
    far = 4 * max_side
    text = b"note\0\0" + zeros(32 << 20)
    translated = b"note\0\1\0\0\0" + zeros(32 << 20)
    one = zlib.compress(bytes(65 * 64))
    yield Bomb("PNG of too many pixels", lambda: flat_png(far, max_side, 0))
    yield Bomb("PNG of few bytes claiming 2^31 pixels a side", lambda: png(2**31 - 1, 2**31 - 1, 8, 2, one))
    yield Bomb(
        "PNG whose texts inflate", lambda: png(64, 64, 8, 0, one, *[png_chunk(b"zTXt", text)] * 20), True
    )
    yield Bomb(
        "PNG whose translations inflate",
        lambda: png(64, 64, 8, 0, one, *[png_chunk(b"iTXt", translated)] * 20),
        True,
    )
    profile = b"icc\0\0" + zeros(400 << 20)
    yield Bomb(
        "PNG whose profile inflates", lambda: png(64, 64, 8, 0, one, png_chunk(b"iCCP", profile)), True
    )
    yield Bomb("PNG of empty chunks", lambda: png(64, 64, 8, 0, one, png_chunk(b"teXt", b"") * 200_000))
    yield Bomb("PNG whose picture goes on", lambda: png(64, 64, 8, 0, zeros(600 << 20)), True)
    yield Bomb("TIFF of too many pixels", lambda: tiff(far, far, bytes(64)))
    yield Bomb(
        "TIFF of one huge tile",
        lambda: tiff(
            16,
            16,
            zeros(64 << 20),
            t259=8,
            t273=None,
            t278=None,
            t279=None,
            t322=60_000,
            t323=60_000,
            t324=8,
            t325=9,
        ),
    )
    yield Bomb("TIFF of too many pages", lambda: endless_tiff(70_000))
    yield Bomb("WebP of too many pixels", lambda: flat_webp(16_383, 16_383))
    yield Bomb("WebP of as many pixels as allowed", lambda: flat_webp(max_side, max_side))
    yield Bomb("WebP animated on a huge canvas", lambda: animated_webp(16_000, 16_000, 3))
    yield Bomb("WebP of too many frames", lambda: animated_webp(64, 64, 5_000))
    yield Bomb("GIF", lambda: animated_gif(300))
    yield Bomb("JPEG of too many pixels", lambda: jpeg_claiming(65_500, 65_500))
    yield Bomb("JPEG of too many scans", lambda: jpeg_of_many_scans(64, 64, 500))
    yield Bomb(
        "JPEG progressive, as large as allowed", lambda: flat_jpeg(max_side, max_side, progressive=True)
    )
    yield Bomb("BMP of too many pixels", lambda: bmp_run_length(far, far))
    yield Bomb("BMP run-length, as large as allowed", lambda: bmp_run_length(max_side, max_side))


def heic_bombs(max_side: int) -> Iterator[Bomb]:
    """The same for HEIC; needs the extra."""
    yield Bomb("HEIC of too many pixels", lambda: heic_claiming(4 * max_side, max_side))
    yield Bomb("HEIC claiming 2^32 pixels a side", lambda: heic_claiming(2**32 - 1, 2**32 - 1))
    yield Bomb("HEIC that codes more than it claims", lambda: heic_coded_larger(4096))
    for both in (False, True):
        words = "and its grid agrees" if both else "and its grid does not"
        yield Bomb(
            f"HEIC of tiles claiming too much, {words}",
            lambda both=both: heic_grid_claiming(16_000, 16_000, in_grid_too=both),  # type: ignore[misc]
        )


def largest(max_side: int) -> Iterator[Bomb]:
    """Files exactly as large as allowed, which must decode within the memory allowed."""
    yield Bomb("JPEG", lambda: flat_jpeg(max_side, max_side), True)
    yield Bomb("JPEG held sideways", lambda: flat_jpeg(max_side, max_side, exif=exif(6)), True)
    yield Bomb("TIFF grey of one strip", lambda: tiff(max_side, max_side, zeros(max_side**2), t259=8), True)
    yield Bomb("PNG grey", lambda: flat_png(max_side, max_side, 0), True)
    yield Bomb("PNG RGB", lambda: flat_png(max_side, max_side, 2), True)
    yield Bomb("PNG RGBA", lambda: flat_png(max_side, max_side, 6), True)


def charged(side: int) -> dict[str, Callable[[], bytes]]:
    """Photos of every kind whose decoding takes memory in a way of its own; no HEIC."""

    def flat(mode: str = "RGB") -> Image.Image:
        return Image.new(mode, (side, side))

    deep = {278: side}
    return {
        "jpeg": lambda: flat_jpeg(side, side),
        "jpeg sideways": lambda: flat_jpeg(side, side, exif=exif(6)),
        "jpeg progressive": lambda: flat_jpeg(side, side, progressive=True),
        "jpeg progressive 4:4:4": lambda: flat_jpeg(side, side, progressive=True, subsampling=0),
        "jpeg cmyk": lambda: encoded(flat("CMYK"), "JPEG"),
        "jpeg grey sideways": lambda: encoded(flat("L"), "JPEG", exif=exif(6)),
        "png rgba": lambda: flat_png(side, side, 6),
        "png rgba sideways": lambda: encoded(flat("RGBA"), "PNG", exif=exif(6)),
        "png grey alpha": lambda: encoded(flat("LA"), "PNG"),
        "png palette": lambda: encoded(flat("P"), "PNG"),
        "png palette clear": lambda: encoded(flat("P"), "PNG", transparency=0),
        "png colour clear": lambda: encoded(flat(), "PNG", transparency=(0, 0, 0)),
        "png grey clear": lambda: encoded(flat("L"), "PNG", transparency=0),
        "png bits": lambda: encoded(flat("1"), "PNG"),
        "png 16 bits": lambda: encoded(flat("I;16"), "PNG"),
        "webp": lambda: encoded(flat(), "WEBP", method=0),
        "webp lossless": lambda: flat_webp(side, side),
        "webp alpha": lambda: encoded(Image.new("RGBA", (side, side), (9, 9, 9, 9)), "WEBP", method=0),
        "webp sideways": lambda: encoded(flat(), "WEBP", method=0, exif=exif(6)),
        "bmp palette": lambda: encoded(flat("P"), "BMP"),
        "bmp alpha": lambda: encoded(flat("RGBA"), "BMP"),
        "bmp run-length": lambda: bmp_run_length(side, side),
        "tiff one strip": lambda: encoded(flat(), "TIFF", compression="tiff_deflate", tiffinfo=deep),
        "tiff one strip of jpeg": lambda: encoded(flat(), "TIFF", compression="jpeg", tiffinfo=deep),
        "tiff sideways": lambda: encoded(flat(), "TIFF", compression="tiff_lzw", exif=exif(6)),
        "tiff alpha": lambda: encoded(flat("RGBA"), "TIFF", compression="tiff_lzw"),
        "tiff cmyk": lambda: encoded(flat("CMYK"), "TIFF", compression="tiff_lzw"),
        "tiff palette": lambda: encoded(flat("P"), "TIFF", compression="tiff_lzw"),
        "tiff 16 bits": lambda: encoded(flat("I;16"), "TIFF", compression="tiff_lzw"),
        "tiff bits": lambda: encoded(flat("1"), "TIFF", compression="group4"),
    }


def charged_heic(side: int) -> dict[str, Callable[[], bytes]]:
    """The same for HEIC; needs the extra."""
    flat = Image.new("RGB", (side, side), (90, 120, 40))

    def deep() -> bytes:
        import pillow_heif

        target, levels = io.BytesIO(), np.zeros((side, side, 3), np.uint16)
        pillow_heif.encode("RGB;16", (side, side), levels.tobytes(), target, quality=10)
        return target.getvalue()

    return {
        "heic": lambda: encoded(flat, "HEIF", quality=10),
        "heic 4:4:4": lambda: encoded(flat, "HEIF", quality=10, chroma=444),
        "heic tiles": lambda: encoded(flat, "HEIF", quality=10, tile_size=512),
        "heic alpha": lambda: encoded(flat.convert("RGBA"), "HEIF", quality=10),
        "heic sideways": lambda: encoded(flat, "HEIF", quality=10, exif=exif(6)),
        "heic 10 bits": deep,
    }
