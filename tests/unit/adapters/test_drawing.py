"""Marks on photos, and a face of nobody."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from faceward.adapters.drawing.annotation import Mark, annotated_png
from faceward.adapters.drawing.synthetic import drawn_face, drawn_photo
from faceward.core.values import Face

GREY = np.full((200, 300, 3), 128, np.uint8)


def face(left: float, top: float, right: float, bottom: float) -> Face:
    across, down = right - left, bottom - top
    points = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
    landmarks = np.array([(left + x * across, top + y * down) for x, y in points], np.float32)
    return Face((left, top, right, bottom), landmarks, 0.9)


def drawn(*marks: Mark, scale: float = 1.0) -> np.ndarray:
    with Image.open(io.BytesIO(annotated_png(GREY, scale, marks))) as image:
        return np.asarray(image.convert("RGB"))


def test_without_marks_the_pixels_stay_what_they_were():
    assert np.array_equal(drawn(), GREY)


def test_the_photo_given_is_left_alone():
    before = GREY.copy()
    drawn(Mark(face(100, 80, 160, 150), ("1",), True))
    assert np.array_equal(GREY, before)


def test_the_box_is_where_the_face_is():
    """Its edge is drawn, its middle left free for the eye to judge, all landmarks marked."""
    it = face(100, 80, 180, 170)
    picture = drawn(Mark(it, (), True))
    changed = (picture != 128).any(2)
    assert changed[80:171, 100].all()
    assert changed[80, 100:181].all()
    assert all(changed[round(y), round(x)] for x, y in it.landmarks.tolist())
    assert not changed[:70].any()
    assert changed[90:160, 110:170].mean() < 0.2


def test_places_are_scaled_with_the_photo():
    """A photo shown at half its size has its faces at half their places."""
    half = drawn(Mark(face(200, 160, 360, 340), (), True), scale=0.5)
    assert np.array_equal(half, drawn(Mark(face(100, 80, 180, 170), (), True)))


@pytest.mark.parametrize(
    "box", [(-20, -30, 40, 50), (280, 180, 340, 260), (0, 0, 300, 200), (10, 10, 12, 12), (100, 0, 180, 200)]
)
def test_a_face_at_the_edge_or_of_any_size_is_no_trouble(box):
    """Words stay inside the picture."""
    picture = drawn(Mark(face(*box), ("1  0.90", "check eye distance, sharpness"), False))
    assert picture.shape == GREY.shape
    assert (picture != 128).any()


def test_usable_and_not_differ_in_more_than_one_channel():
    """Told apart with any colour vision; the words say so too."""
    good, poor = (drawn(Mark(face(100, 80, 180, 170), (), it)) for it in (True, False))
    assert np.abs(good[80, 140].astype(int) - poor[80, 140]).sum() > 150


def test_letters_of_any_script_do_not_stop_it():
    assert drawn(Mark(face(100, 80, 180, 170), ("日本 Zoë",), True)).shape == GREY.shape


@pytest.mark.parametrize("side", [64, 250, 1024, 2048])
def test_the_drawn_face_is_found(recogniser, side):
    """One face, in the middle: enough to measure speed on, and nobody's."""
    (found,) = recogniser.sightings(recogniser.open(drawn_photo(side)), "prominent")
    left, top, right, bottom = found.face.box_xyxy
    assert left < side / 2 < right
    assert top < side / 2 < bottom
    assert drawn_face(side).shape == (side, side, 3)
