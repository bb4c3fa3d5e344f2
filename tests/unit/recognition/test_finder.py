"""A photo in, faces in pixels of that photo out, with the networks that ship."""

from __future__ import annotations

import numpy as np
import pytest
from data.mirrors import mirrored
from PIL import Image

from faceward.adapters.codec import PhotoCodec
from faceward.core.detection import Detections, Selection
from faceward.evaluation.detection_matches import overlaps
from faceward.recognition.finder import Finder, Search
from faceward.recognition.plan import SearchPlan
from faceward.recognition.pyramid import Pyramid

# The face in the astronaut's photo, measured by hand from brow to chin: left, top, right, bottom.
FACE = np.array([181, 70, 271, 176], np.float32)
CUT = (slice(40, 210), slice(150, 305))  # around it, with hair and collar


@pytest.fixture(scope="module")
def finder(settings) -> Finder:
    from faceward import wiring
    from faceward.ports.runtime import Placement

    graph = wiring.models(settings).prepared(settings.detector)
    return Finder(wiring.runtime("openvino").load(graph, Placement(precision="f32")), SearchPlan())


def one(finder: Finder, pixels: np.ndarray, which: Selection = Selection.PROMINENT) -> Search:
    """As for a comparison."""
    return finder.one(Pyramid(PhotoCodec().open(pixels), finder.plan.working_side), which)


def every(finder: Finder, pixels: np.ndarray) -> Detections:
    """As for a detection."""
    return finder.all(Pyramid(PhotoCodec().open(pixels), None)).found


def scaled(pixels: np.ndarray, factor: float) -> np.ndarray:
    height, width = (max(round(side * factor), 1) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def pasted(pixels: np.ndarray, width: int, height: int, left: int, top: int) -> np.ndarray:
    """A picture on a grey ground."""
    ground = np.full((height, width, 3), 90, np.uint8)
    ground[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return ground


def assert_shows(found: Detections, *boxes: np.ndarray, overlap: float = 0.5) -> None:
    """As many faces as boxes, each over its own, with the landmarks inside and in order."""
    assert len(found) == len(boxes), found.boxes_xyxy
    for box in boxes:
        shared = overlaps(box, found.boxes_xyxy)[0]
        assert shared.max() > overlap, (box, found.boxes_xyxy)
        eye, other_eye, nose, corner, other_corner = found.landmarks[int(shared.argmax())]
        assert eye[0] < other_eye[0]
        assert corner[0] < other_corner[0]
        assert max(eye[1], other_eye[1]) < nose[1] < min(corner[1], other_corner[1])
        assert box[0] < nose[0] < box[2]


def test_the_face_of_a_photo_is_found_where_it_is(finder, astronaut):
    """By both searches."""
    assert_shows(one(finder, astronaut).found, FACE, overlap=0.8)
    assert_shows(every(finder, astronaut), FACE, overlap=0.8)


@pytest.mark.parametrize("height_px", [16, 20, 24, 32, 48, 64, 96, 128, 200, 300, 400])
def test_faces_from_16_pixels_upwards_are_found(finder, astronaut, height_px: int):
    """In a photo of 640 × 480, by both searches."""
    factor = height_px / 106
    cut = scaled(astronaut[CUT], factor)[:470]
    left, top = 10, 5
    picture = pasted(cut, 640, 480, left, top)
    box = (FACE - [150, 40, 150, 40]) * factor + [left, top, left, top]
    assert_shows(one(finder, picture).found, box)
    assert_shows(every(finder, picture), box)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0, 4.0, 8.0])
@pytest.mark.parametrize("margin", [-0.05, 0.0, 0.1, 0.3])
def test_a_face_that_fills_the_frame_is_found(finder, astronaut, factor: float, margin: float):
    """Cut at brow and chin, thumbnail or large."""
    width, height = FACE[2] - FACE[0], FACE[3] - FACE[1]
    left, top = round(FACE[0] - margin * width), round(FACE[1] - margin * height)
    right, bottom = round(FACE[2] + margin * width), round(FACE[3] + margin * height)
    picture = scaled(astronaut[top:bottom, left:right], factor)
    box = (FACE - [left, top, left, top]) * factor
    assert_shows(one(finder, picture).found, box)
    assert_shows(every(finder, picture), box)


@pytest.mark.parametrize(("width", "height"), [(6000, 200), (200, 6000), (4000, 3000), (3000, 4000)])
def test_a_face_is_found_in_panoramas_and_large_photos(finder, astronaut, width: int, height: int):
    """A face of 48 px far from the middle, at its own place."""
    factor = 48 / 106
    cut = scaled(astronaut[CUT], factor)
    left, top = int((width - cut.shape[1]) * 0.9), int((height - cut.shape[0]) * 0.9)
    picture = pasted(cut, width, height, left, top)
    box = (FACE - [150, 40, 150, 40]) * factor + [left, top, left, top]
    assert_shows(one(finder, picture).found, box)
    assert_shows(every(finder, picture), box)


@pytest.mark.parametrize("offset", [-48, -24, 0, 24, 48])
def test_a_face_on_a_seam_of_two_tiles_is_found_once(finder, astronaut, offset: int):
    """Wherever it is cut. In 2,000 pixels a tile begins at 976."""
    factor = 64 / 106
    cut = scaled(astronaut[CUT], factor)
    for seam in (976, 1024):
        left, top = seam + offset - cut.shape[1] // 2, 300
        picture = pasted(cut, 2000, 1200, left, top)
        assert_shows(every(finder, picture), (FACE - [150, 40, 150, 40]) * factor + [left, top, left, top])


def test_every_face_of_a_group_is_found(finder, astronaut):
    """Eight, half of them mirrored, each at its place; and again in pictures half and a quarter as large."""
    mirrored = astronaut[:, ::-1]
    row = np.concatenate((astronaut, mirrored, astronaut, mirrored), 1)
    group = np.concatenate((row, row))
    boxes = [
        (FACE if column % 2 == 0 else np.array([512 - FACE[2], FACE[1], 512 - FACE[0], FACE[3]]))
        + np.array([512 * column, 512 * line] * 2)
        for line in range(2)
        for column in range(4)
    ]
    for factor in (1, 0.5, 0.25):
        assert_shows(every(finder, scaled(group, factor)), *(box * factor for box in boxes))


@pytest.mark.parametrize(
    ("which", "meant"), [(Selection.LARGEST, 1), (Selection.CENTRAL, 0), (Selection.PROMINENT, 0)]
)
def test_the_face_that_is_meant_is_chosen(finder, astronaut, which: Selection, meant: int):
    """One in the middle, one half as large again at the edge."""
    middle, edge = scaled(astronaut[CUT], 0.8), scaled(astronaut[CUT], 1.2)
    picture = pasted(middle, 800, 600, 340, 230)
    picture[390 : 390 + edge.shape[0], 10 : 10 + edge.shape[1]] = edge
    boxes = [(FACE - [150, 40] * 2) * 0.8 + [340, 230] * 2, (FACE - [150, 40] * 2) * 1.2 + [10, 390] * 2]
    assert_shows(one(finder, picture, which).found, boxes[meant])


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (2, 1), (16, 16), (31, 7), (7, 31), (127, 129), (640, 480), (3000, 20)]
)
def test_a_photo_without_a_face_has_none(finder, width: int, height: int):
    """However small or narrow; and the search says what it tried, from small to full size and beyond."""
    picture = np.full((height, width, 3), 128, np.uint8)
    assert len(every(finder, picture)) == 0
    search = one(finder, picture)
    assert len(search.found) == 0
    tried = ", ".join(search.tried)
    for look in ("full size", "with a margin of 25%", "turned by 90°", "turned by 270°", "turned by 180°"):
        assert look in tried


def test_noise_and_stripes_are_no_faces(finder):
    """Pictures with much detail and nobody in them."""
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    stripes = np.tile(
        np.where(np.arange(640) // 20 % 2, 220, 30).astype(np.uint8)[None, :, None], (480, 1, 3)
    )
    for picture in (noise, stripes):
        assert len(one(finder, picture).found) == 0
        assert len(every(finder, picture)) == 0


def test_places_and_landmarks_do_not_depend_on_the_size_of_the_photo(finder, astronaut):
    """A photo at twice the size has its landmarks at twice the places, within a part of the eye distance."""
    small, large = one(finder, astronaut).found, one(finder, scaled(astronaut, 2)).found
    eyes = float(np.hypot(*(small.landmarks[0, 1] - small.landmarks[0, 0])))
    assert np.abs(large.landmarks / 2 - small.landmarks).max() < 0.05 * eyes


def test_a_mirror_image_has_mirrored_landmarks(finder, astronaut):
    """Nearly: the two views that are averaged change places."""
    here, there = one(finder, astronaut).found, mirrored(one(finder, astronaut[:, ::-1]).found, 512)
    eyes = float(np.hypot(*(here.landmarks[0, 1] - here.landmarks[0, 0])))
    assert np.abs(here.landmarks - there.landmarks).max() < 0.06 * eyes


def test_the_detector_is_shown_planned_shapes_only(settings, astronaut):
    """A runtime compiles for each shape: an unplanned one would cost a compilation in the middle of work."""

    class Listening:
        """A network that passes pictures on and remembers their shapes."""

        def __init__(self, network) -> None:
            self._network, self.shapes = network, set()

        @property
        def placement(self):
            return self._network.placement

        def run(self, images):
            self.shapes.add(images.shape[:3])
            assert images.flags.c_contiguous
            return self._network.run(images)

    from faceward import wiring
    from faceward.ports.runtime import Placement

    graph = wiring.models(settings).prepared(settings.detector)
    network = Listening(wiring.runtime("openvino").load(graph, Placement(precision="f32")))
    finder = Finder(network, SearchPlan())
    grey = np.full((700, 1500, 3), 128, np.uint8)
    for picture in (
        astronaut,
        astronaut[:90, :300],
        grey,
        grey[:, :333],
        np.full((1200, 1300, 3), 90, np.uint8),
    ):
        one(finder, picture)
        every(finder, picture)
    smallest, *others = finder.plan.canvases
    assert network.shapes <= {(2, *smallest), *((1, *canvas) for canvas in others)}


@pytest.mark.parametrize("degrees", [25, 45, 90, 135, 180, 270, 315])
def test_a_face_is_recognised_however_the_photo_was_turned(recogniser, astronaut, degrees: int):
    """Cameras forget to say which way is up, and people tilt their heads."""
    upright = recogniser.portrait(recogniser.open(astronaut)).template
    turned = np.asarray(Image.fromarray(astronaut).rotate(degrees, Image.Resampling.BILINEAR))
    template = recogniser.portrait(recogniser.open(turned)).template
    assert float(template.features @ upright.features) > 0.6


@pytest.mark.parametrize("height_px", [140, 220, 320, 420])
def test_a_large_face_on_a_seam_between_tiles_is_found_once(finder, astronaut, height_px: int):
    """The part of it in one tile is no second face."""
    face = scaled(astronaut[CUT], height_px / 106)
    for left in (500, 700, 850):
        assert len(every(finder, pasted(face, 2600, 1400, left, 300))) == 1, left
