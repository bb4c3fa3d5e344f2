"""What every codec promises; run on each adapter."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from data.images import (
    HEIGHT,
    WIDTH,
    animated_webp,
    encoded,
    endless_tiff,
    exif,
    flat_png,
    heic_samples,
    picture,
    samples,
    turned,
)

from faceward.adapters.codec import PhotoCodec
from faceward.errors import DamagedImage, FacewardError, InputError, LimitExceeded, UnsupportedFormat
from faceward.ports.codec import Codec, ImageLimits, Raster

LIMITS = ImageLimits()
SAMPLES = samples()
needs_heic = pytest.mark.skipif(
    importlib.util.find_spec("pillow_heif") is None, reason="needs the extra faceward[heic]"
)


@pytest.fixture(params=[PhotoCodec], ids=lambda make: make.__name__)
def codec(request: pytest.FixtureRequest) -> Codec:
    return request.param()


def _difference(raster: Raster, expected: np.ndarray) -> float:
    got = raster.pixels()
    assert got.shape == expected.shape
    return float(np.abs(got.astype(int) - expected.astype(int)).mean())


def _rgb() -> np.ndarray:
    return np.asarray(picture())


def _expected(name: str) -> np.ndarray:
    return np.repeat(np.asarray(picture().convert("L"))[..., None], 3, 2) if "grey" in name else _rgb()


# Formats


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_photo_opens_as_the_same_picture(codec: Codec, name: str):
    """8 and 16 bit, grey, alpha, palette and CMYK: the format is found and the pixels agree."""
    photo = codec.open(SAMPLES[name], LIMITS)
    assert photo.format == name.split("-", maxsplit=1)[0]
    assert photo.format in codec.formats
    assert (photo.width, photo.height) == (WIDTH, HEIGHT)
    assert _difference(photo.raster(), _expected(name)) < 3.0


@needs_heic
@pytest.mark.parametrize(("name", "size"), [("heic", (WIDTH, HEIGHT)), ("heic-grid", (300, 200))])
def test_heic_opens_where_the_extra_is_installed(codec: Codec, name: str, size: tuple[int, int]):
    """Whole and cut into tiles."""
    photo = codec.open(heic_samples()[name], LIMITS)
    assert photo.format == "heic"
    assert (photo.width, photo.height) == size
    assert _difference(photo.raster(), np.asarray(picture(*size))) < 4.0


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_way_the_camera_was_held_is_undone_once(codec: Codec, format_name: str, orientation: int):
    """All eight orientations give the same upright photo, at full size and scaled."""
    options = (
        {"lossless": True} if format_name == "WEBP" else {"quality": 95} if format_name == "JPEG" else {}
    )
    data = encoded(turned(orientation), format_name, exif=exif(orientation), **options)
    photo = codec.open(data, LIMITS)
    assert (photo.width, photo.height) == (WIDTH, HEIGHT)
    assert _difference(photo.raster(), _rgb()) < 3.0
    small = photo.raster(min_long_side=WIDTH // 2)
    assert _difference(small.resized(24, 16), np.asarray(picture().resize((24, 16), 4))) < 6.0


@needs_heic
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_held_sideways_is_turned_once(codec: Codec, orientation: int):
    """The turn is in the file's own properties; what EXIF repeats is not applied again."""
    data = encoded(turned(orientation), "HEIF", exif=exif(orientation), quality=95, chroma=444)
    photo = codec.open(data, LIMITS)
    assert (photo.width, photo.height) == (WIDTH, HEIGHT)
    assert _difference(photo.raster(), _rgb()) < 4.0


@pytest.mark.parametrize("levels", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 1), (9, 7, 3), (9, 7, 4)])
def test_arrays_of_every_allowed_shape_and_type_open(codec: Codec, shape: tuple[int, ...], levels: type):
    """White stays white and black stays black; an opaque alpha changes nothing."""
    top = np.iinfo(levels).max
    array = np.zeros(shape, levels)
    array[:4] = top
    if shape[-1] == 4:
        array[..., 3] = top
    photo = codec.open(array, LIMITS)
    pixels = photo.raster().pixels()
    assert photo.format == "array"
    assert pixels.shape == (9, 7, 3)
    assert (pixels[:4] == 255).all()
    assert (pixels[4:] == 0).all()


def test_an_array_may_be_changed_after_it_was_opened(codec: Codec):
    """The photo keeps what it was given."""
    for shape in ((5, 5), (5, 5, 3)):
        array = np.full(shape, 200, np.uint8)
        photo = codec.open(array, LIMITS)
        array[:] = 0
        assert (photo.raster().pixels() == 200).all()


def test_what_is_transparent_becomes_white(codec: Codec):
    """Half transparent becomes half white, whatever colour hides beneath."""
    array = np.zeros((4, 4, 4), np.uint8)
    array[:, 2:, 3] = 128
    pixels = codec.open(array, LIMITS).raster().pixels()
    assert (pixels[:, :2] == 255).all()
    assert np.abs(pixels[:, 2:].astype(int) - 127).max() <= 1


def test_grey_of_16_bits_is_scaled_and_not_clipped(codec: Codec):
    """Half of 65535 is half of 255."""
    array = np.array([[0, 257, 32896, 65535]], np.uint16)
    assert codec.open(array, LIMITS).raster().pixels()[0, :, 0].tolist() == [0, 1, 128, 255]


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros((0, 5, 3), np.uint8), "no pixels"),
        (np.zeros((5, 5, 2), np.uint8), "shape"),
        (np.zeros(5, np.uint8), "shape"),
        (np.zeros((2, 5, 5, 3), np.uint8), "shape"),
        (np.zeros((5, 5, 3), np.float32), "float32"),
        (np.zeros((5, 5, 3), np.int64), "int64"),
        (np.zeros((5, 5), bool), "bool"),
    ],
)
def test_an_array_that_is_no_photo_is_refused_with_its_shape_or_type(
    codec: Codec, array: np.ndarray, why: str
):
    """The error says what is wrong with it."""
    with pytest.raises(InputError, match=why):
        codec.open(array, LIMITS)


def test_only_the_first_frame_is_used(codec: Codec):
    """An animation and a document of several pages are photos of their first."""
    first, second = picture(), picture().rotate(180)
    for format_name in ("WEBP", "PNG", "TIFF"):
        options = {"lossless": True} if format_name == "WEBP" else {}
        data = encoded(first, format_name, save_all=True, append_images=[second, second], **options)
        assert _difference(codec.open(data, LIMITS).raster(), _rgb()) < 1.0


# Rasters


def _rasters(codec: Codec) -> dict[str, Raster]:
    """A photo kept in each of the ways a codec may keep it."""
    plain = encoded(picture(), "PNG")
    tight = ImageLimits(max_pixels=WIDTH * HEIGHT)
    return {
        "array": codec.open(_rgb(), LIMITS).raster(),
        "png": codec.open(plain, LIMITS).raster(),
        "png at the limit": codec.open(plain, tight).raster(),
        "sideways at the limit": codec.open(encoded(turned(6), "PNG", exif=exif(6)), tight).raster(),
    }


def _bilinear(image: np.ndarray, matrix: np.ndarray, width: int, height: int) -> np.ndarray:
    """The same in plain numpy, in float: the oracle for ``sampled``."""
    rows, columns = image.shape[:2]
    ys, xs = np.mgrid[:height, :width] + 0.5
    x, y = (matrix[i, 0] * xs + matrix[i, 1] * ys + matrix[i, 2] for i in (0, 1))
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    u, v = np.clip(x - 0.5, 0, columns - 1), np.clip(y - 0.5, 0, rows - 1)
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    a, b = (u - left)[..., None], (v - top)[..., None]
    upper = image[top, left] * (1 - a) + image[top, right] * a
    lower = image[bottom, left] * (1 - a) + image[bottom, right] * a
    return (upper * (1 - b) + lower * b) * inside[..., None]


_MAPS = {
    "identity": [[1, 0, 0], [0, 1, 0]],
    "half a pixel": [[1, 0, 0.5], [0, 1, 0.5]],
    "enlarged": [[0.3, 0, 20], [0, 0.3, 20]],
    "turned": [[0.8, -0.6, 40], [0.6, 0.8, 5]],
    "past the left top": [[1, 0, -20], [0, 1, -10]],
    "past the right bottom": [[1, 0, 70.2], [0, 1, 50.7]],
    "mirrored": [[-1, 0, WIDTH], [0, 1, 0]],
    "nowhere near": [[1, 0, 5000], [0, 1, 5000]],
}


@pytest.mark.parametrize("name", _MAPS)
def test_sampling_agrees_with_bilinear_interpolation_and_is_black_outside(codec: Codec, name: str):
    """To two grey levels, in coordinates in which the first pixel covers 0 to 1."""
    matrix = np.array(_MAPS[name], np.float32)
    expected = _bilinear(_rgb().astype(float), matrix, 40, 30)
    for kind, raster in _rasters(codec).items():
        got = raster.sampled(matrix, 40, 30)
        assert got.shape == (30, 40, 3)
        assert got.dtype == np.uint8
        assert got.flags.c_contiguous
        assert np.abs(got - expected).max() <= 2.0, kind


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_shrinking_averages_blocks_and_keeps_the_rest(codec: Codec, factor: int):
    """Block by block, counted from the upper left, and the blocks at the edges may be smaller."""
    whole = _rgb().astype(float)
    rows, columns = -(-HEIGHT // factor), -(-WIDTH // factor)
    expected = np.array(
        [
            [
                whole[y * factor : (y + 1) * factor, x * factor : (x + 1) * factor].mean((0, 1))
                for x in range(columns)
            ]
            for y in range(rows)
        ]
    )
    for kind, raster in _rasters(codec).items():
        small = raster.shrunk(factor)
        assert (small.width, small.height) == (columns, rows), kind
        assert np.abs(small.pixels() - expected).max() <= 1.0, kind


@pytest.mark.parametrize("factor", [4, 7, 10, 100])
def test_shrinking_a_lot_stays_within_what_each_block_holds(codec: Codec, factor: int):
    """One pixel of a block may stand for all of it, in the blocks at the edges too."""
    whole = _rgb().astype(int)
    rows, columns = -(-HEIGHT // factor), -(-WIDTH // factor)
    for kind, raster in _rasters(codec).items():
        small = raster.shrunk(factor)
        assert (small.width, small.height) == (columns, rows), kind
        pixels = small.pixels()
        for y in range(rows):
            for x in range(columns):
                block = whole[y * factor : (y + 1) * factor, x * factor : (x + 1) * factor]
                least, most = block.min((0, 1)) - 2, block.max((0, 1)) + 2
                assert (least <= pixels[y, x]).all(), (kind, x, y)
                assert (pixels[y, x] <= most).all(), (kind, x, y)


@pytest.mark.parametrize("turn", [0.0, 0.4])
def test_quick_samples_are_close_to_exact_ones(codec: Codec, turn: float):
    """In a picture without detail, which is what a raster of fitting scale is."""
    ramp = np.add.outer(np.arange(60) * 2, np.arange(80)).astype(np.uint8)
    raster = codec.open(np.stack([ramp, ramp[::-1], ramp], 2), ImageLimits()).raster()
    cosine, sine = 1.3 * np.cos(turn), 1.3 * np.sin(turn)
    matrix = np.array([[cosine, -sine, 20.0], [sine, cosine, 8.0]])
    exact, quick = (raster.sampled(matrix, 16, 12, quick=quick).astype(int) for quick in (False, True))
    assert np.abs(exact - quick).max() <= 3
    assert abs((exact - quick).mean()) <= 1.0  # Pillow rounds down where it interpolates


@pytest.mark.parametrize("size", [(48, 32), (10, 60), (200, 150), (1, 1)])
def test_resizing_keeps_the_whole_picture(codec: Codec, size: tuple[int, int]):
    """Smaller, larger or squeezed: the mean colour stays."""
    for raster in _rasters(codec).values():
        other = raster.resized(*size)
        assert (other.width, other.height) == size
        assert np.abs(other.pixels().mean((0, 1)) - _rgb().mean((0, 1))).max() < 4.0


def test_pixels_belong_to_the_caller(codec: Codec):
    """Writing on them changes no later answer."""
    for raster in _rasters(codec).values():
        first = raster.pixels()
        first[:] = 0
        sample = raster.sampled(np.array([[1, 0, 0], [0, 1, 0]], np.float32), 8, 8)
        sample[:] = 0
        assert _difference(raster, _rgb()) < 1.0


def test_a_grey_photo_gives_three_equal_channels(codec: Codec):
    """Nobody downstream needs to know that a photo was grey."""
    raster = codec.open(SAMPLES["jpeg-grey"], LIMITS).raster()
    for pixels in (
        raster.pixels(),
        raster.shrunk(2).pixels(),
        raster.sampled(np.array([[1, 0, 0], [0, 1, 0]], np.float32), 9, 9),
    ):
        assert pixels.shape[2] == 3
        assert (pixels == pixels[..., :1]).all()


@pytest.mark.parametrize("min_long_side", [1, 100, 399, 400, 401, 800, 1599, 1600, 5000])
def test_a_scaled_raster_is_the_whole_photo_and_large_enough(codec: Codec, min_long_side: int):
    """Never below what was asked for, unless the photo itself is."""
    photo = codec.open(encoded(picture(1600, 1000), "JPEG"), LIMITS)
    raster = photo.raster(min_long_side)
    assert min(min_long_side, 1600) <= raster.width <= 1600
    assert abs(raster.height / photo.height - raster.width / photo.width) < 0.002
    assert _difference(raster.resized(16, 10), np.asarray(picture(1600, 1000).resize((16, 10), 4))) < 5.0


def test_a_raster_may_be_sampled_from_several_threads(codec: Codec):
    """Eight threads get the same answer as one."""
    matrix = np.array([[0.5, 0.1, 3], [-0.1, 0.5, 9]], np.float32)
    for raster in _rasters(codec).values():
        alone = raster.sampled(matrix, 112, 112)
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda _, r=raster: r.sampled(matrix, 112, 112), range(64)))
        assert all((other == alone).all() for other in together)


# Paths


def test_a_path_may_hold_any_letters(codec: Codec, tmp_path: Path):
    """As text and as a path object."""
    path = tmp_path / "Zoë Ångström 東京 🙂.jpg"
    path.write_bytes(SAMPLES["jpeg-rgb"])
    assert codec.open(path, LIMITS).format == "jpeg"
    assert codec.open(str(path), LIMITS).format == "jpeg"


def test_a_path_that_leads_to_no_readable_file_is_refused_in_clear_words(codec: Codec, tmp_path: Path):
    """A missing file, a folder, a pipe that would never end, a device; and no message names the path."""
    pipe = tmp_path / "Jane Doe.jpg"
    os.mkfifo(pipe)
    cases = {
        tmp_path / "Jane.jpg": "no file",
        tmp_path: "folder",
        pipe: "pipe",
        Path("/dev/zero"): "device",
        "Jane\0.jpg": "path",
        tmp_path / ("Jane" * 300): "cannot be opened",
        "": "no file",
    }
    for path, words in cases.items():
        with pytest.raises(InputError, match=words) as caught:
            codec.open(path, LIMITS)
        assert "Jane" not in str(caught.value)


@pytest.mark.parametrize("source", [None, 7, ["a.jpg"], bytearray(b"x")])
def test_a_source_of_another_type_is_refused(codec: Codec, source: object):
    """Named by its type."""
    with pytest.raises(InputError, match=type(source).__name__):
        codec.open(source, LIMITS)  # type: ignore[arg-type]


# What is not a photo


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Dear Jane, here is the photo you asked for.\n", "text"),
        ("Grüße, ein Text\n".encode("utf-16"), "text"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"GIF89a" + bytes(20), "GIF"),
        (b"\0\0\0\x1cftypavif" + bytes(30), "AVIF"),
        (bytes(100), "zeros"),
        (b"\x8b\x07\x99\x1f" * 9, "no format we know"),
    ],
)
def test_content_that_is_no_photo_is_refused_with_what_it_looks_like(
    codec: Codec, tmp_path: Path, content: bytes, words: str
):
    """The content decides, also for a file called photo.jpg, and is never quoted."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    for source in (content, path):
        with pytest.raises(UnsupportedFormat, match=words) as caught:
            codec.open(source, LIMITS)
        assert "Jane" not in str(caught.value)


def test_an_empty_file_is_refused_as_empty(codec: Codec, tmp_path: Path):
    """From a path and from bytes."""
    path = tmp_path / "photo.jpg"
    path.touch()
    for source in (path, b""):
        with pytest.raises(DamagedImage, match="empty"):
            codec.open(source, LIMITS)


@pytest.mark.parametrize(
    ("suffix", "named", "kind"), [(".jpg", "jpg", "PNG"), (".GIF", "gif", "PNG"), (".heic", "heic", "PNG")]
)
def test_a_mislabelled_file_is_refused_with_both_names(
    codec: Codec, tmp_path: Path, suffix: str, named: str, kind: str
):
    """The error says what the name promises and what the file holds."""
    path = tmp_path / f"photo{suffix}"
    path.write_bytes(SAMPLES["png-rgb"])
    with pytest.raises(DamagedImage, match=f"{named}.*{kind}") as caught:
        codec.open(path, LIMITS)
    assert ".png" in caught.value.remedy


@pytest.mark.parametrize("name", ["photo", "photo.PNG", "photo.upload", "photo.png"])
def test_a_name_that_promises_no_other_format_is_no_obstacle(codec: Codec, tmp_path: Path, name: str):
    """No ending, any case, or an ending that is no picture's."""
    path = tmp_path / name
    path.write_bytes(SAMPLES["png-rgb"])
    assert codec.open(path, LIMITS).format == "png"


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_photo_is_refused_and_never_half_decoded(codec: Codec, name: str, share: float):
    """Cut anywhere, from the header to the last rows."""
    data = SAMPLES[name][: int(len(SAMPLES[name]) * share)]
    with pytest.raises(InputError) as caught:
        codec.open(data, LIMITS).raster()
    assert isinstance(caught.value, DamagedImage | UnsupportedFormat)


def test_one_bad_file_costs_that_file_only(codec: Codec):
    """The codec goes on after every kind of refusal."""
    good = SAMPLES["jpeg-rgb"]
    opened = 0
    for data in (good, b"", good, good[:200], good, b"text", good, good[:-900], good):
        try:
            codec.open(data, LIMITS).raster()
            opened += 1
        except InputError:
            continue
    assert opened == 5


# Limits


def _refuses(codec: Codec, data: object, limits: ImageLimits) -> bool:
    try:
        codec.open(data, limits)  # type: ignore[arg-type]
    except LimitExceeded:
        return True
    return False


_EDGES: dict[str, tuple[Callable[[], object], str, int]] = {
    "bytes": (lambda: SAMPLES["jpeg-rgb"], "max_bytes", len(SAMPLES["jpeg-rgb"])),
    "pixels": (lambda: SAMPLES["png-rgb"], "max_pixels", WIDTH * HEIGHT),
    "pixels of a JPEG": (lambda: SAMPLES["jpeg-rgb"], "max_pixels", WIDTH * HEIGHT),
    "pixels of an array": (_rgb, "max_pixels", WIDTH * HEIGHT),
    "side": (lambda: SAMPLES["png-rgb"], "max_side", WIDTH),
    "side of an array": (_rgb, "max_side", WIDTH),
    "frames": (lambda: animated_webp(64, 64, 5), "max_frames", 5),
    "pages": (lambda: endless_tiff(5), "max_frames", 5),
}


@pytest.mark.parametrize("edge", _EDGES)
def test_a_limit_is_the_largest_that_is_allowed(codec: Codec, edge: str):
    """Exactly the limit opens, one less is refused."""
    make, name, value = _EDGES[edge]
    data = make()
    assert not _refuses(codec, data, ImageLimits(**{name: value}))
    assert _refuses(codec, data, ImageLimits(**{name: value - 1}))


def test_a_file_that_is_too_large_is_not_read(codec: Codec, tmp_path: Path):
    """Half a terabyte of holes is refused at once."""
    path = tmp_path / "photo.jpg"
    with path.open("wb") as file:
        file.truncate(1 << 39)
    with pytest.raises(LimitExceeded, match="allowed"):
        codec.open(path, LIMITS)


def test_no_error_but_ours_escapes_a_limit(codec: Codec):
    """A limit of one pixel refuses everything and breaks nothing."""
    for data in (*SAMPLES.values(), flat_png(2000, 2000, 0)):
        with pytest.raises(FacewardError):
            codec.open(data, ImageLimits(max_pixels=1))
