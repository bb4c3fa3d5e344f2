"""A photo in, its pixels at whatever scale is asked for out."""

from __future__ import annotations

import numpy as np
import pytest

from faceward.adapters.codec import PhotoCodec
from faceward.ports.codec import Photo, Raster
from faceward.recognition.pyramid import Pyramid


class ScalingPhoto:
    """A photo that decodes at a half, a quarter and an eighth as JPEG does, and notes what it decoded."""

    format = "jpeg"

    def __init__(self, pixels: np.ndarray) -> None:
        self._whole = PhotoCodec().open(pixels).raster()
        self.width, self.height = self._whole.width, self._whole.height
        self.decoded: list[int] = []

    def raster(self, min_long_side: int | None = None) -> Raster:
        long_side = max(self.width, self.height)
        enough = (
            factor for factor in (8, 4, 2) if min_long_side and -(-long_side // factor) >= min_long_side
        )
        self.decoded.append(next(enough, 1))
        return self._whole.shrunk(self.decoded[-1])


def ramp(width: int, height: int) -> np.ndarray:
    """A picture whose red is its column and whose green is its row, both as shares of 250."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.round(np.linspace(0, 250, width))
    pixels[..., 1] = np.round(np.linspace(0, 250, height))[:, None]
    return pixels


def window(scale: float, left: float = 0.0, top: float = 0.0) -> np.ndarray:
    """From pixel places of the result to places in the photo."""
    return np.array([[scale, 0, left], [0, scale, top]])


@pytest.mark.parametrize(
    ("min_long_side", "factor"), [(None, 1), (1600, 1), (801, 1), (800, 2), (401, 2), (400, 4), (100, 8)]
)
def test_a_photo_is_decoded_no_larger_than_it_must(min_long_side: int | None, factor: int):
    """The codec chooses; the pyramid asks once and no more."""
    photo = ScalingPhoto(ramp(1600, 900))
    pyramid = Pyramid(photo, min_long_side)
    assert photo.decoded == [factor]
    assert pyramid.photo_pixels_per_decoded_pixel == factor
    assert pyramid.decoded.width == 1600 // factor


def test_smaller_scales_come_from_what_was_decoded():
    """Nothing is decoded for them."""
    photo = ScalingPhoto(ramp(1600, 900))
    pyramid = Pyramid(photo, 800)
    span, raster = pyramid.shrunk(4)
    assert (span, raster.width, raster.height) == (8, 200, 113)
    assert pyramid.shrunk(1) == (2, pyramid.decoded)
    assert len(photo.decoded) == 1


@pytest.mark.parametrize(
    ("scale", "decoded"), [(4.0, [4]), (3.7, [4]), (2.0, [4, 2]), (1.0, [4, 1]), (0.5, [4, 1])]
)
def test_a_photo_is_decoded_again_only_where_the_detail_is_needed(scale: float, decoded: list[int]):
    """A tenth finer than what there is would only blur a little; enlarging needs the whole and no more."""
    photo = ScalingPhoto(ramp(1600, 900))
    pyramid = Pyramid(photo, 400)
    for _ in range(2):
        pyramid.sampled(window(scale, 300, 200), 50, 40)
    assert photo.decoded == decoded


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.7, 2.0, 3.0, 5.5, 8.0, 11.0])
@pytest.mark.parametrize("min_long_side", [None, 400])
def test_places_are_those_of_the_photo_at_every_scale(scale: float, min_long_side: int | None):
    """Whatever raster was sampled, a place of the result shows that place of the photo."""
    pyramid = Pyramid(ScalingPhoto(ramp(1600, 900)), min_long_side)
    left, top, width, height = 320.0, 160.0, 60, 40
    result = pyramid.sampled(window(scale, left, top), width, height).astype(float)
    columns = (left + (np.arange(width) + 0.5) * scale) / 1600 * 250
    rows = (top + (np.arange(height) + 0.5) * scale) / 900 * 250
    np.testing.assert_allclose(result[..., 0], np.tile(columns, (height, 1)), atol=1.6)
    np.testing.assert_allclose(result[..., 1], np.tile(rows[:, None], (1, width)), atol=1.6)


@pytest.mark.parametrize(
    ("width", "height"), [(6000, 201), (201, 6000), (9, 3001), (1, 1), (16, 16), (31, 7)]
)
def test_places_are_right_in_photos_of_every_shape(width: int, height: int):
    """Scaled decoding rounds a side of 201 up to 26: the far end of the long one must not move for it."""
    pyramid = Pyramid(ScalingPhoto(ramp(width, height)), 700)
    side = min(width, height, 8)
    left, top = width - side, height - side
    result = pyramid.sampled(window(side / 4, left, top), 4, 4).astype(float)
    for level, start, length in ((0, left, width), (1, top, height)):
        if length == max(width, height) > 1:
            places = start + (np.arange(4) + 0.5) * side / 4 - 0.5
            assert abs(result[..., level].mean() - places.mean() / (length - 1) * 250) < 1.5


@pytest.mark.parametrize("scale", [2.0, 3.0, 4.0, 7.0, 16.0])
@pytest.mark.parametrize("min_long_side", [None, 800])
def test_shrinking_does_not_alias(scale: float, min_long_side: int | None):
    """Noise becomes more even, as averaging makes it; picking pixels would keep it as it was.

    By the area up to a factor of 3, within a half; from 4 on the port allows the mean of four pixels.
    """
    noise = np.random.default_rng(0).integers(0, 256, (900, 1600, 3), np.uint8)
    pyramid = Pyramid(ScalingPhoto(noise), min_long_side)
    side = int(800 / scale)
    spread = pyramid.sampled(window(scale), side, side).astype(float).std()
    assert spread < noise.std() * max(1.5 / scale, 0.55)


def test_whole_scales_are_the_mean_of_the_area():
    """Exactly, to the rounding of levels."""
    noise = np.random.default_rng(1).integers(0, 256, (240, 330, 3), np.uint8)
    pyramid = Pyramid(ScalingPhoto(noise), None)
    area = noise.reshape(80, 3, 110, 3, 3).mean((1, 3))
    np.testing.assert_allclose(pyramid.sampled(window(3), 110, 80), area, atol=1)


def test_outside_the_photo_is_black():
    """So a close-up can be looked at from afar."""
    photo: Photo = PhotoCodec().open(np.full((20, 30, 3), 200, np.uint8))
    result = Pyramid(photo, None).sampled(window(1, -10, -10), 50, 40)
    assert (result[10:30, 10:40] == 200).all()
    assert (result[:9] == 0).all()
    assert (result[:, 41:] == 0).all()


def test_a_turned_view_is_sampled_at_its_scale_too():
    """A rotation by a right angle at a third of the size."""
    pyramid = Pyramid(ScalingPhoto(ramp(900, 900)), None)
    result = pyramid.sampled(np.array([[0, -3, 900], [3, 0, 0]]), 300, 300).astype(float)
    expected = np.rot90(Pyramid(ScalingPhoto(ramp(900, 900)), None).sampled(window(3), 300, 300), 1)
    assert np.abs(result - expected).mean() < 1
