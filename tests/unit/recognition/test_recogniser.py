"""Photos in, faces and templates out, with the networks that ship."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from faceward.core.comparison import comparison_score
from faceward.core.detection import Selection
from faceward.core.quality import Component
from faceward.errors import DamagedImage, NoFaceFound
from faceward.recognition.recogniser import Portrait

# Templates of different people reach 0.43 once in ten thousand comparisons (SFace, f32, docs/reference).
STRANGERS_SELDOM_REACH = 0.43


@pytest.fixture(scope="module")
def portrait(recogniser, astronaut):
    """A portrait of any photo, the astronaut's own by default."""

    def of(source: object = astronaut, which: Selection = Selection.PROMINENT) -> Portrait:
        return recogniser.portrait(recogniser.open(source), which)

    return of


def encoded(pixels: np.ndarray, format_name: str, **options: object) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, format_name, **options)
    return target.getvalue()


def scaled(pixels: np.ndarray, factor: float) -> np.ndarray:
    height, width = (round(side * factor) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def test_a_template_has_the_contract_of_its_recogniser(recogniser, portrait):
    """Length 1, the number of features it promises, and the precision it ran in."""
    template = portrait().template
    assert template.contract == recogniser.contract
    assert template.contract.precision == "f32"
    assert template.features.shape == (template.contract.length,)
    assert template.features.dtype == np.float32
    assert np.linalg.norm(template.features) == pytest.approx(1, abs=1e-6)


def test_the_same_photo_gives_the_same_template(portrait):
    """To the last bit, time after time."""
    assert (portrait().template.features == portrait().template.features).all()


def test_a_mirrored_photo_gives_nearly_the_same_template(portrait, astronaut):
    """Selfies are stored mirrored or not, as the phone likes it."""
    mirrored = portrait(np.ascontiguousarray(astronaut[:, ::-1]))
    assert comparison_score(portrait().template, mirrored.template) > 0.95


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda photo: encoded(photo, "PNG"), 0.9999),
        (lambda photo: encoded(photo, "JPEG", quality=90), 0.97),
        (lambda photo: encoded(photo, "JPEG", quality=30), 0.9),
        (lambda photo: encoded(photo, "WEBP", quality=80), 0.95),
        (lambda photo: scaled(photo, 3), 0.95),
        (lambda photo: scaled(photo, 0.5), 0.9),
        (lambda photo: scaled(photo, 0.25), 0.7),
        (lambda photo: encoded(scaled(photo, 6), "JPEG", quality=90), 0.95),
        (lambda photo: photo[40:210, 150:305], 0.9),
        (lambda photo: photo[60:190, 170:285], 0.9),
        (lambda photo: np.round(photo * 0.5).astype(np.uint8), 0.9),
        (lambda photo: np.repeat(photo.mean(2, keepdims=True).astype(np.uint8), 3, 2), 0.8),
    ],
    ids=[
        "png",
        "jpeg",
        "poor jpeg",
        "webp",
        "large",
        "half",
        "quarter",
        "18 Mpx jpeg",
        "cut",
        "close",
        "dark",
        "grey",
    ],
)
def test_one_person_stays_one_person_however_the_photo_is_sent(portrait, astronaut, change, least: float):
    """Far above what strangers reach."""
    score = comparison_score(portrait().template, portrait(change(astronaut)).template)
    assert score > least > STRANGERS_SELDOM_REACH


def test_a_photo_tilted_by_a_hand_is_still_the_same_person(portrait, astronaut):
    """Alignment turns the face upright."""
    for degrees in (-25, -10, 10, 25):
        tilted = np.asarray(Image.fromarray(astronaut).rotate(degrees, Image.Resampling.BICUBIC))
        assert comparison_score(portrait().template, portrait(tilted).template) > 0.7


def test_a_portrait_s_face_is_in_pixels_of_the_photo_as_it_was_sent(portrait, astronaut):
    """A JPEG of 18 million pixels is decoded smaller; its places are not."""
    small = portrait().face
    large = portrait(encoded(scaled(astronaut, 8), "JPEG", quality=90))
    assert (large.photo_width, large.photo_height) == (4096, 4096)
    np.testing.assert_allclose(np.array(large.face.box_xyxy) / 8, small.box_xyxy, atol=4)
    np.testing.assert_allclose(large.face.landmarks / 8, small.landmarks, atol=3)


def test_a_chip_shows_the_aligned_face(portrait):
    """112 × 112, RGB; a face aligned anew from its own chip stays where it is."""
    chip = portrait().chip
    assert chip.shape == (112, 112, 3)
    assert chip.dtype == np.uint8


def test_a_photo_without_a_face_says_what_was_tried(portrait):
    """Its size and every look; a person can tell a wrong file from a hard one."""
    with pytest.raises(NoFaceFound) as caught:
        portrait(np.full((300, 400, 3), 128, np.uint8))
    assert "400 × 300" in caught.value.cause
    assert "full size" in caught.value.cause
    assert "turned by 180°" in caught.value.cause


def test_a_photo_without_a_face_has_no_sightings_and_no_portraits(recogniser):
    """That is a normal answer where all faces are wanted."""
    photo = recogniser.open(np.full((300, 400, 3), 128, np.uint8))
    assert recogniser.sightings(photo) == ()
    assert recogniser.sightings(photo, Selection.LARGEST) == ()
    assert recogniser.portraits(photo) == ()


def test_a_photo_that_is_cut_short_is_damaged_and_not_empty(recogniser, astronaut):
    """A grey half must not become "no face"."""
    whole = encoded(astronaut, "JPEG", quality=90)
    with pytest.raises(DamagedImage):
        recogniser.portrait(recogniser.open(whole[: len(whole) // 3]))


def test_sightings_say_what_each_face_is_fit_for(recogniser, astronaut):
    """A thumbnail is too small, and says so; nothing of a template is in it."""
    (good,) = recogniser.sightings(recogniser.open(astronaut))
    assert good.usability.usable
    (small,) = recogniser.sightings(recogniser.open(scaled(astronaut, 0.25)))
    assert Component.EYE_DISTANCE in [finding.component for finding in small.usability.findings]
    assert not hasattr(small, "template")


def test_portraits_are_of_every_face(recogniser, astronaut):
    """Four times the same person, so four times the same template, nearly."""
    group = np.tile(astronaut, (2, 2, 1))
    portraits = recogniser.portraits(recogniser.open(group))
    features = np.stack([one.template.features for one in portraits])
    assert features.shape == (4, recogniser.contract.length)
    assert (features @ features.T).min() > 0.95
    scores = [one.face.detection_score for one in portraits]
    assert scores == sorted(scores, reverse=True)


def test_the_face_that_is_meant_is_the_one_compared(portrait, astronaut):
    """The smaller one in the middle or the larger at the edge."""
    picture = np.full((600, 800, 3), 90, np.uint8)
    middle, edge = scaled(astronaut[40:210, 150:305], 0.8), scaled(astronaut[40:210, 150:305], 1.2)
    picture[230 : 230 + middle.shape[0], 340 : 340 + middle.shape[1]] = middle
    picture[390 : 390 + edge.shape[0], 10 : 10 + edge.shape[1]] = edge
    assert portrait(picture, Selection.CENTRAL).face.box_xyxy[0] > 300
    assert portrait(picture, Selection.LARGEST).face.box_xyxy[0] < 200


def test_eight_threads_get_the_answers_of_one(portrait, astronaut):
    """The networks are shared; the photos are not."""
    photos = [
        np.ascontiguousarray(np.roll(astronaut, (3 * number, 5 * number), (0, 1))) for number in range(8)
    ]
    alone = [portrait(photo).template.features for photo in photos]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda photo: portrait(photo).template.features, photos * 4))
    for number, features in enumerate(together):
        assert (features == alone[number % 8]).all()
