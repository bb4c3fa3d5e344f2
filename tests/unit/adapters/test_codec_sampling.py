"""Sampling in words gives what Pillow gives, and what one can work out by hand."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest
from data.images import picture
from PIL import Image

from faceward.adapters.codec import sampling
from faceward.adapters.codec.rasters import FastRaster

WIDTH, HEIGHT = 300, 240


def turned(degrees: float, scale: float, left: float, top: float) -> tuple[float, ...]:
    """From places of the result to places of the picture: a turn, a scale and a shift."""
    c, s = scale * cos(radians(degrees)), scale * sin(radians(degrees))
    return (c, -s, left, s, c, top)


def words(pixels: np.ndarray) -> np.ndarray:
    """Four bytes a pixel; what stands in the fourth must not matter."""
    noise = np.random.default_rng(5).integers(0, 256, (*pixels.shape[:2], 1), np.uint8)
    return np.concatenate((pixels, noise), 2).view("<u4")[..., 0]


def pillow(pixels: np.ndarray, coefficients: tuple[float, ...], width: int, height: int) -> np.ndarray:
    image = Image.fromarray(pixels).transform(
        (width, height), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(image)


@pytest.mark.parametrize("degrees", [0, 7, -33, 90, 180, 200])
@pytest.mark.parametrize("scale", [0.4, 1, 1.3, 1.9])
@pytest.mark.parametrize(("width", "height"), [(16, 16), (112, 112), (60, 100), (30, 5)])
def test_what_is_sampled_is_what_pillow_samples(degrees, scale, width, height):
    """To two grey levels and 0.2 in the mean: its weights are doubles, ours are 256ths."""
    a, b, _, d, e, _ = turned(degrees, scale, 0, 0)
    spread = 150 + int(3 * scale * max(width, height))
    pixels = np.asarray(picture(2 * spread, 2 * spread))
    middle = (spread - (a * width + b * height) / 2 + 0.37, spread - (d * width + e * height) / 2 - 0.21)
    coefficients = (a, b, middle[0], d, e, middle[1])
    given = sampling.bilinear(words(pixels), coefficients, width, height)
    wanted = pillow(pixels, coefficients, width, height)
    difference = np.abs(given.astype(int) - wanted)
    assert given.shape == (height, width, 3)
    assert difference.max() <= 2
    assert difference.mean() < 0.2


def test_whole_places_give_the_pixels_themselves():
    """Every value of every channel, the highest too."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    pixels[3:9, 5:9] = 255
    given = sampling.bilinear(words(pixels), (1, 0, 4, 0, 1, 2), 40, 30)
    assert (given == pixels[2:32, 4:44]).all()


def test_half_way_between_four_pixels_lies_their_mean():
    """Channel by channel, and none spills into another."""
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[1, 1], pixels[1, 2], pixels[2, 1], pixels[2, 2] = (
        (255, 0, 8),
        (255, 0, 0),
        (255, 4, 0),
        (255, 0, 0),
    )
    assert sampling.bilinear(words(pixels), (1, 0, 1.5, 0, 1, 1.5), 1, 1).tolist() == [[[255, 1, 2]]]


@pytest.mark.parametrize("mode", ["RGBX", "RGB", "L"])
@pytest.mark.parametrize("left", [-30.0, 0.0, 40.0, 215.0])
def test_a_raster_samples_alike_inside_and_over_its_edges(mode, left):
    """Outside is black; where a face meets the edge nothing jumps."""
    grey = picture(WIDTH, HEIGHT).convert("L")
    source = np.asarray(grey.convert("RGB"))
    raster = FastRaster(
        grey
        if mode == "L"
        else Image.fromarray(words(source).view(np.uint8).reshape(HEIGHT, WIDTH, 4), "RGBX").convert(mode)
    )
    matrix = np.array(turned(5, 1.2, left, 60.0)).reshape(2, 3)
    given = raster.sampled(matrix, 112, 112)
    wanted = pillow(source, tuple(matrix.ravel()), 112, 112)
    assert np.abs(given.astype(int) - wanted).max() <= 2
    assert given.flags.c_contiguous
    assert (given[:, 0] == 0).all() == (left < 0)
