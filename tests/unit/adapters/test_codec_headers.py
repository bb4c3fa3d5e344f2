"""What our own readers of headers say, and what they refuse to believe."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from data.images import (
    animated_webp,
    encoded,
    endless_tiff,
    exif,
    flat_jpeg,
    flat_webp,
    jpeg_of_many_scans,
    picture,
    png,
    png_chunk,
    samples,
    tiff,
    zeros,
)

from faceward.adapters.codec import bmp, jpeg, webp
from faceward.adapters.codec import png as png_reader
from faceward.adapters.codec import tiff as tiff_reader
from faceward.adapters.codec.exif import orientation
from faceward.adapters.codec.headers import FORMATS, format_named, format_of
from faceward.errors import DamagedImage, LimitExceeded, UnsupportedFormat

SAMPLES = samples()


def _exif(order: str, entries: bytes, count: int, start: int = 8) -> bytes:
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return mark + struct.pack(order + "IH", start, count) + entries


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", range(1, 9))
def test_an_orientation_is_read_in_either_byte_order(order: str, value: int):
    """With the usual prefix and without."""
    block = _exif(order, struct.pack(order + "HHIHH", 0x0112, 3, 1, value, 0), 1)
    assert orientation(block) == value
    assert orientation(b"Exif\0\0" + block) == value


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\0\0",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        _exif("<", b"", 60_000),
        _exif("<", b"", 1, start=0xFFFFFFFF),
        _exif("<", struct.pack("<HHIHH", 0x0112, 3, 1, 0, 0), 1),
        _exif("<", struct.pack("<HHIHH", 0x0112, 3, 1, 9, 0), 1),
        _exif("<", struct.pack("<HHIHH", 0x0112, 2, 1, 6, 0), 1),
        _exif("<", struct.pack("<HHIHH", 0x0112, 3, 2, 6, 0), 1),
        b"no exif at all, but long enough to be read",
    ],
)
def test_malformed_exif_counts_as_upright(block: bytes):
    """A photo is not refused for its metadata."""
    assert orientation(block) == 1


@pytest.mark.parametrize("name", SAMPLES)
def test_a_format_is_told_from_content(name: str):
    """And every format that is told is one that is listed."""
    assert format_of(SAMPLES[name]) == name.partition("-")[0]
    assert format_of(SAMPLES[name]) in FORMATS


@pytest.mark.parametrize(
    ("suffix", "named"), [(".JPG", "jpeg"), (".tif", "tiff"), (".HEIF", "heic"), (".txt", None), ("", None)]
)
def test_a_file_name_promises_a_format_in_any_case(suffix: str, named: str | None):
    """Or none at all."""
    assert format_named(suffix) == named


def test_a_text_that_begins_like_a_bitmap_is_no_bitmap():
    """Two letters are not enough."""
    assert format_of(b"BMW drives past the camera at noon.") is None


def test_frames_and_pages_are_counted_without_decoding():
    """Animations and documents."""
    assert webp.read_header(animated_webp(64, 64, 12)).frames == 12
    assert tiff_reader.read_header(endless_tiff(9)).frames == 9
    moving = encoded(picture(), "PNG", save_all=True, append_images=[picture().rotate(9)] * 3)
    assert png_reader.read_header(moving).frames == 4


def test_pages_that_lead_in_a_circle_end():
    """The last page points back to the first."""
    data = bytearray(endless_tiff(3))
    data[-4:] = data[4:8]
    assert tiff_reader.read_header(bytes(data)).frames == 3


def test_a_jpeg_is_charged_for_the_coefficients_its_scans_keep():
    """Baseline keeps none; progressive keeps two bytes for each sample, also when it is decoded scaled."""
    plain, progressive = (
        jpeg.read_header(flat_jpeg(1000, 1000, subsampling=0, progressive=way)) for way in (False, True)
    )
    assert progressive.decode_bytes - plain.decode_bytes >= 6_000_000
    assert plain.frugal_bytes is not None
    assert plain.frugal_bytes < 4_000_000


def test_a_baseline_jpeg_of_separate_scans_is_charged_like_a_progressive_one():
    """What counts is whether the first scan holds all channels."""
    data = bytearray(flat_jpeg(1000, 1000, subsampling=0))
    scan = data.index(b"\xff\xda")
    together = jpeg.read_header(bytes(data)).decode_bytes
    data[scan + 4] = 1
    assert jpeg.read_header(bytes(data)).decode_bytes - together >= 6_000_000


def test_a_jpeg_of_more_scans_than_encoders_write_is_refused():
    """Each scan may walk over every block of the photo."""
    assert jpeg.read_header(jpeg_of_many_scans(32, 32, 50)).width == 32
    with pytest.raises(LimitExceeded, match="scans"):
        jpeg.read_header(jpeg_of_many_scans(32, 32, 150))


def _with_frame(marker: int, change: dict[int, int] | None = None) -> bytes:
    data = bytearray(flat_jpeg(16, 16))
    at = data.index(b"\xff\xc0")
    data[at + 1] = marker
    for offset, value in (change or {}).items():
        data[at + offset] = value
    return bytes(data)


def test_kinds_of_jpeg_that_are_not_decoded_are_refused_by_their_kind():
    """Lossless and 12 bit are not damaged, only not photos we open."""
    with pytest.raises(UnsupportedFormat, match="lossless"):
        jpeg.read_header(_with_frame(0xC3))
    with pytest.raises(UnsupportedFormat, match="12 bits"):
        jpeg.read_header(_with_frame(0xC1, {4: 12}))


@pytest.mark.parametrize("change", [{5: 0, 6: 0}, {7: 0, 8: 0}, {9: 2}, {11: 0x00}, {11: 0x99}])
def test_a_jpeg_frame_that_makes_no_sense_is_refused(change: dict[int, int]):
    """No rows, no columns, two channels, impossible sampling."""
    with pytest.raises(DamagedImage):
        jpeg.read_header(_with_frame(0xC0, change))


def test_bytes_between_the_segments_of_a_jpeg_are_passed_over():
    """As libjpeg does."""
    data = flat_jpeg(16, 16)
    at = data.index(b"\xff\xdb")
    assert jpeg.read_header(data[:at] + b"\0\1\2\xff\xff" + data[at + 1 :]).width == 16


@pytest.mark.parametrize(
    ("long_side", "factor"), [(None, 1), (1000, 1), (501, 1), (500, 2), (250, 4), (1, 8)]
)
def test_a_jpeg_is_shrunk_as_far_as_what_was_asked_for_allows(long_side: int | None, factor: int):
    """By powers of two."""
    header = jpeg.read_header(flat_jpeg(1000, 600))
    assert jpeg.scale_for(header, long_side) == factor


def test_a_png_chunk_that_fails_its_check_is_named():
    """The damage is found before the decoder sees it."""
    data = bytearray(SAMPLES["png-rgb"])
    data[data.index(b"IDAT") + 20] ^= 1
    with pytest.raises(DamagedImage, match="IDAT"):
        png_reader.decode(bytes(data), png_reader.read_header(bytes(data)), packed=False)


@pytest.mark.parametrize(("depth", "kind"), [(3, 0), (4, 2), (16, 3), (8, 5), (8, 1)])
def test_a_png_of_a_kind_that_does_not_exist_is_refused(depth: int, kind: int):
    """Depth and kind only come in certain pairs."""
    with pytest.raises(DamagedImage, match="header"):
        png_reader.read_header(png(4, 4, depth, kind, zeros(100)))


def test_a_profile_and_texts_are_not_handed_to_the_decoder():
    """A profile that is no profile does not spoil the picture."""
    extras = (png_chunk(b"iCCP", b"x\0\0" + b"nonsense"), png_chunk(b"zTXt", b"nonsense"))
    data = png(4, 4, 8, 0, zeros(20), *extras)
    assert png_reader.decode(data, png_reader.read_header(data), packed=False).size == (4, 4)


_DEEP = [name for name in SAMPLES if name.startswith("png") and name != "png-rgb-16"]


@pytest.mark.parametrize("name", _DEEP)
def test_a_png_decoded_in_bands_equals_one_decoded_whole(name: str):
    """Every kind of pixel, filtered across the seams."""
    data = SAMPLES[name]
    header = png_reader.read_header(data)
    whole = np.asarray(png_reader.decode(data, header, packed=False))
    assert header.frugal_bytes is not None
    assert (np.asarray(png_reader.decode(data, header, packed=True)) == whole).all()


def test_a_webp_whose_parts_disagree_about_its_size_is_refused():
    """The canvas and the picture."""
    data = bytearray(encoded(picture(), "WEBP", exif=exif(6)))
    at = data.index(b"VP8X") + 12
    data[at] ^= 3
    with pytest.raises(DamagedImage, match="size"):
        webp.read_header(bytes(data))
    assert webp.read_header(flat_webp(16_383, 9)).width == 16_383


@pytest.mark.parametrize(
    "data",
    [
        tiff(16, 16, bytes(256), t256=None),
        tiff(16, 16, bytes(256), t279=1000),
        tiff(16, 16, bytes(256), t273=10_000),
        tiff(16, 16, bytes(256), t278=0),
        tiff(16, 16, bytes(256), t278=4),
        tiff(16, 16, bytes(256), t322=17, t323=16, t324=8, t325=256),
        tiff(16, 16, bytes(256))[:-60],
        b"II*\0" + bytes(4),
    ],
)
def test_a_tiff_directory_that_does_not_fit_the_file_is_refused(data: bytes):
    """No size, strips outside the file, too few of them, or tiles of an impossible size."""
    with pytest.raises(DamagedImage):
        tiff_reader.read_header(data)


@pytest.mark.parametrize("changes", [{"t259": 6}, {"t259": 50_000}, {"t262": 8}, {"t339": 3}, {"t258": 32}])
def test_kinds_of_tiff_that_no_photo_has_are_refused_by_their_kind(changes: dict[str, int]):
    """Old JPEG, ZSTD, CIELAB, floating point, 32 bit."""
    with pytest.raises(UnsupportedFormat):
        tiff_reader.read_header(tiff(16, 16, bytes(256), **changes))


def test_white_is_zero_is_inverted_at_any_depth():
    """Scanners write it, and Pillow leaves 16 bits as they are."""
    for bits, pixels in ((8, bytes(16)), (16, bytes(32))):
        data = tiff(4, 4, pixels, t258=bits, t262=0)
        assert (np.asarray(tiff_reader.decode(data, tiff_reader.read_header(data))) == 255).all()


def test_a_bmp_may_be_stored_from_the_top():
    """A negative height turns nothing but the order of its rows."""
    data = bytearray(SAMPLES["bmp-rgb"])
    height = struct.unpack_from("<i", data, 22)[0]
    struct.pack_into("<i", data, 22, -height)
    header = bmp.read_header(bytes(data))
    assert header.height == height
    assert (np.asarray(bmp.decode(bytes(data), header))[::-1] == np.asarray(picture())).all()
