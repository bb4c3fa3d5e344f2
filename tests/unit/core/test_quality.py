"""An aligned face in, what was measured of it and whether it is fit for comparison out."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from faceward.core.geometry import HeadPose
from faceward.core.quality import (
    Component,
    Quality,
    QualityLimits,
    measured_quality,
    usability,
)
from faceward.core.templating import CHIP_LANDMARKS
from faceward.core.values import Face
from faceward.ports.codec import Photo

LIMITS = QualityLimits()
FRONTAL = (CHIP_LANDMARKS * 2 + 100).astype(np.float32)
FACE = Face((120.0, 100.0, 300.0, 320.0), FRONTAL, 0.9)
GOOD = Quality(70.0, 0.6, 0.5, 0.2, 0.0, 1.0, HeadPose(0.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def chip(recogniser, astronaut) -> np.ndarray:
    """A real face in good light, aligned."""
    photo: Photo = recogniser.open(astronaut)
    return recogniser.portrait(photo).chip


def measured(chip: np.ndarray, face: Face = FACE) -> Quality:
    return measured_quality(face, chip, 640, 480)


def causes(quality: Quality) -> list[Component]:
    return [finding.component for finding in usability(quality, LIMITS).findings]


def blurred(chip: np.ndarray, radius: float) -> np.ndarray:
    return np.asarray(Image.fromarray(chip).filter(ImageFilter.GaussianBlur(radius)))


def lit(chip: np.ndarray, light: float) -> np.ndarray:
    """The same skin under ``light`` times the light, or skin that returns that share of it.

    Source: the transfer curve of IEC 61966-2-1 (sRGB), there and back.
    """
    level = chip / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4) * light
    back = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(np.clip(back, 0, 1) * 255).astype(np.uint8)


def test_a_good_photo_is_usable(chip):
    """Nothing speaks against it."""
    verdict = usability(measured(chip), LIMITS)
    assert verdict.usable
    assert verdict.findings == ()


@pytest.mark.parametrize(
    ("change", "component", "words"),
    [
        ({"inter_eye_distance": 24.0}, Component.EYE_DISTANCE, "Eyes 24 px apart, need 40"),
        ({"sharpness": 0.505}, Component.SHARPNESS, "sharpness 0.505, need 0.515"),
        ({"brightness": 0.05}, Component.BRIGHTNESS, "Too dark: brightness 0.05"),
        ({"brightness": 0.96}, Component.BRIGHTNESS, "Too bright: brightness 0.96"),
        ({"contrast": 0.02}, Component.CONTRAST, "contrast 0.020, need 0.030"),
        ({"clipped_share": 0.5}, Component.CLIPPING, "50% of the face is pure black or white, at most 35%"),
        ({"pose": HeadPose(-50.0, 0.0, 0.0)}, Component.YAW, "turned 50° to the side, at most 35°"),
        ({"pose": HeadPose(50.0, 0.0, 0.0)}, Component.YAW, "turned 50° to the side, at most 35°"),
        ({"pose": HeadPose(0.0, 40.0, 0.0)}, Component.PITCH, "tipped 40° up or down, at most 35°"),
        ({"pose": HeadPose(0.0, -40.0, 0.0)}, Component.PITCH, "tipped 40° up or down, at most 35°"),
        ({"visible_share": 0.6}, Component.FRAMING, "60% of the face is inside the photo, need 80%"),
    ],
)
def test_each_component_says_what_is_wrong_and_what_to_do(change: dict, component: Component, words: str):
    """With the figure, the limit and a remedy; and it speaks alone."""
    verdict = usability(replace(GOOD, **change), LIMITS)
    assert not verdict.usable
    (finding,) = verdict.findings
    assert finding.component is component
    assert words in finding.cause
    assert len(finding.remedy) > 10
    assert finding.remedy.endswith(".")


@pytest.mark.parametrize(
    "change",
    [
        {"inter_eye_distance": 40.0}, {"sharpness": 0.515}, {"brightness": 0.10}, {"brightness": 0.92},
        {"contrast": 0.03}, {"clipped_share": 0.35}, {"pose": HeadPose(35.0, -35.0, 0.0)},
        {"visible_share": 0.80}, {"pose": HeadPose(0.0, 0.0, 180.0)},
    ],
)  # fmt: skip
def test_a_value_at_its_limit_is_good_enough(change: dict):
    """And a leaning head is no trouble at all: alignment turns it upright."""
    assert usability(replace(GOOD, **change), LIMITS).usable


def test_findings_come_in_the_order_of_the_components():
    """So that two replies can be compared."""
    worst = Quality(1.0, 0.4, 0.0, 0.0, 1.0, 0.0, HeadPose(90.0, 90.0, 0.0))
    assert causes(worst) == list(Component)


def test_limits_are_the_installation_s_to_choose():
    """A kiosk may ask for more."""
    assert not usability(GOOD, replace(LIMITS, min_inter_eye_distance=90.0)).usable


@pytest.mark.parametrize(
    ("spoilt", "component"),
    [
        (lambda chip: lit(chip, 0.004), Component.BRIGHTNESS),
        (lambda chip: np.maximum(chip, 250), Component.BRIGHTNESS),
        (lambda chip: blurred(chip, 3), Component.SHARPNESS),
        (lambda chip: (chip * 0.1 + 120).astype(np.uint8), Component.CONTRAST),
        (lambda chip: np.where(chip > 128, 255, 0).astype(np.uint8), Component.CLIPPING),
        (lambda chip: np.full_like(chip, 128), Component.CONTRAST),
    ],
    ids=["dark", "bright", "blurred", "hazy", "clipped", "blank"],
)
def test_a_photo_that_was_spoilt_is_found_out(chip, spoilt, component: Component):
    """Each real fault is measured as what it is."""
    assert component in causes(measured(spoilt(chip)))


def test_a_blank_chip_is_judged_without_dividing_by_its_nothing():
    """All of one colour has neither sharpness nor contrast, and both are numbers."""
    quality = measured(np.full((112, 112, 3), 128, np.uint8))
    assert (quality.sharpness, quality.contrast) == (0.5, pytest.approx(0, abs=1e-5))
    assert {Component.SHARPNESS, Component.CONTRAST} <= set(causes(quality))


def test_more_blur_is_less_sharp(chip):
    """At every step, down to where nothing is left."""
    sharpness = [measured(blurred(chip, radius)).sharpness for radius in (0, 0.5, 1, 1.5, 2, 3)]
    assert all(earlier > later for earlier, later in itertools.pairwise(sharpness)), sharpness
    assert sharpness[0] > LIMITS.min_sharpness > sharpness[-1]


def test_sharpness_does_not_depend_on_contrast(chip):
    """A soft light is no blur."""
    softer = np.round(chip * 0.4 + 80).astype(np.uint8)
    assert measured(softer).sharpness == pytest.approx(measured(chip).sharpness, abs=0.02)


def test_noise_looks_sharp_and_is_not_the_measure_of_a_good_photo():
    """The documented upper end: a step between neighbours is as large as any."""
    noise = np.random.default_rng(0).normal(128, 25, (112, 112, 1)).clip(0, 255).astype(np.uint8)
    assert measured(np.repeat(noise, 3, 2)).sharpness == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("light", [1.0, 0.6, 0.3, 0.15, 0.1, 0.045])
def test_nobody_is_refused_for_their_skin(chip, light: float):
    """Down to the darkest tone of the Monk scale under the same lamp and exposure, a face is as usable.

    The face in this photo returns 0.41 of the light and the darkest tone, #292420, returns 0.019: a
    factor of 0.045. Everything is darkened, eyes and highlights too, which is harder than a real face.
    Source: Monk, "The Monk Skin Tone Scale", 2023.
    """
    found = set(causes(measured(lit(chip, light))))
    assert not found & {Component.BRIGHTNESS, Component.CONTRAST, Component.CLIPPING, Component.SHARPNESS}


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((100.0, 100.0, 300.0, 300.0), 1.0),
        ((-100.0, 100.0, 100.0, 300.0), 0.5),
        ((540.0, 380.0, 740.0, 580.0), 0.25),
        ((700.0, 100.0, 800.0, 200.0), 0.0),
        ((-320.0, -240.0, 960.0, 720.0), 0.25),
    ],
)
def test_the_visible_share_is_that_of_the_box(box, share: float):
    """In a photo of 640 × 480; a box around the whole photo is cut off on every side."""
    face = replace(FACE, box_xyxy=box)
    chip = np.zeros((112, 112, 3), np.uint8)
    assert measured(chip, face).visible_share == pytest.approx(share)


def test_measures_are_in_their_documented_units(chip):
    """Luminance of grey is its level, whatever the colour weights."""
    grey = np.full((112, 112, 3), 51, np.uint8)
    assert measured(grey).brightness == pytest.approx(0.2, abs=1e-5)
    quality = measured(chip)
    assert quality.inter_eye_distance == pytest.approx(np.hypot(*(FRONTAL[1] - FRONTAL[0])))
    assert abs(quality.pose.yaw_degrees) < 1
    # The points that ArcFace aligns to are not those that YuNet finds in a frontal portrait.
    assert abs(quality.pose.pitch_degrees) < 12


@pytest.mark.parametrize(
    ("level", "share"), [(0, 1.0), (2, 1.0), (3, 0.0), (252, 0.0), (253, 1.0), (255, 1.0)]
)
def test_clipped_is_what_a_camera_could_not_tell_apart(level: int, share: float):
    """Within a hundredth of black or white."""
    assert measured(np.full((112, 112, 3), level, np.uint8)).clipped_share == share
