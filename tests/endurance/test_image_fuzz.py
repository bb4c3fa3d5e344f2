"""Whatever is done to a file, the codec answers with pixels or with an error that is ours."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from data.images import (
    animated_webp,
    encoded,
    endless_tiff,
    exif,
    heic_samples,
    jpeg_of_many_scans,
    picture,
    samples,
    turned,
)
from sizes import size

from faceward.adapters.codec import PhotoCodec
from faceward.errors import InputError
from faceward.ports.codec import ImageLimits

LIMITS = ImageLimits(max_pixels=1_000_000, max_frames=50)
_HAS_HEIC = importlib.util.find_spec("pillow_heif") is not None


_CORPUS: dict[str, bytes] = {
    **samples(),
    **(heic_samples() if _HAS_HEIC else {}),
    "jpeg-turned": encoded(turned(6), "JPEG", exif=exif(6)),
    "jpeg-scans": jpeg_of_many_scans(64, 64, 5),
    "png-turned": encoded(turned(6), "PNG", exif=exif(6)),
    "png-animated": encoded(picture(), "PNG", save_all=True, append_images=[picture().rotate(180)]),
    "webp-animated": animated_webp(64, 64, 3),
    "webp-turned": encoded(turned(6), "WEBP", exif=exif(6)),
    "tiff-pages": endless_tiff(4),
}


def _damaged(data: bytes, dice: np.random.Generator) -> bytes:
    """Change a few bytes, numbers or stretches, more often near the start, where the headers are."""
    out = bytearray(data)
    for _ in range(int(dice.integers(1, 6))):
        reach = len(out) if dice.random() < 0.5 else min(len(out), 400)
        at = int(dice.integers(0, max(1, reach)))
        match int(dice.integers(0, 6)):
            case 0:
                out[at : at + 1] = bytes([int(dice.integers(256))])
            case 1:
                out[at : at + 4] = bytes([(0, 255, 127, 128)[int(dice.integers(4))]]) * int(
                    dice.integers(1, 5)
                )
            case 2:
                del out[at:]
            case 3:
                del out[at : at + int(dice.integers(1, 40))]
            case 4:
                out[at:at] = out[at : at + int(dice.integers(1, 200))]
            case _:
                out[at : at + 1] = bytes([out[at] ^ 1 << int(dice.integers(8))]) if at < len(out) else b""
    return bytes(out)


@pytest.mark.whole_size
@pytest.mark.parametrize("name", _CORPUS)
def test_a_damaged_file_gives_pixels_or_an_input_error(name: str):
    """Warnings count as failures here, and so does a raster of another size than the header promised."""
    codec, data, refused = PhotoCodec(), _CORPUS[name], 0
    dice = np.random.default_rng([7, *name.encode()])
    rounds = size(20_000)
    for number in range(rounds):
        hurt = _damaged(data, dice)
        limits = LIMITS if number % 2 else ImageLimits(max_pixels=6_200)
        try:
            photo = codec.open(hurt, limits)
            raster = photo.raster()
        except InputError:
            refused += 1
            continue
        assert (raster.width, raster.height) == (photo.width, photo.height)
        assert photo.width * photo.height <= limits.max_pixels
    assert refused > 0, "nothing was ever refused, so nothing was checked"


@pytest.mark.whole_size
@pytest.mark.parametrize(
    "start", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b"RIFF", b""]
)
def test_noise_behind_a_good_start_gives_an_input_error(start: bytes):
    """Random bytes after each signature."""
    codec, dice = PhotoCodec(), np.random.default_rng([11, *start])
    for _ in range(size(20_000)):
        with pytest.raises(InputError):
            codec.open(start + dice.bytes(int(dice.integers(0, 300))), LIMITS).raster()
