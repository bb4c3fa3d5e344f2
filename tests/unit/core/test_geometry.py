"""Points in, affine maps and angles out."""

from __future__ import annotations

import itertools
from math import cos, radians, sin

import numpy as np
import pytest
from data.mirrors import mirrored_landmarks

from faceward.core import geometry
from faceward.core.geometry import apply, head_pose, inverse, scale_of, similarity


def _similarity_by_least_squares(points: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """The same fit as a linear system in a, b, c, d: x' = ax - by + c, y' = bx + ay + d."""
    rows, values = [], []
    for (x, y), (u, v) in zip(points, onto, strict=True):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        values += [u, v]
    a, b, c, d = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return np.array([[a, -b, c], [b, a, d]])


def _turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Rotation of a head that turns, then nods, then leans: right in the picture, down, to the viewer."""
    y, p, r = radians(yaw), radians(pitch), radians(roll)
    turn = np.array([[cos(y), 0, sin(y)], [0, 1, 0], [-sin(y), 0, cos(y)]])
    nod = np.array([[1, 0, 0], [0, cos(p), -sin(p)], [0, sin(p), cos(p)]])
    lean = np.array([[cos(r), -sin(r), 0], [sin(r), cos(r), 0], [0, 0, 1]])
    return lean @ nod @ turn


def _seen(rotation: np.ndarray, scale: float = 1.3) -> np.ndarray:
    """Landmarks of the mean head from far away, somewhere in a photo."""
    return ((geometry._MEAN_HEAD_MM @ rotation.T)[:, :2] * scale + [300, 200]).astype(np.float32)


@pytest.mark.parametrize("count", [2, 3, 5, 40])
def test_a_similarity_is_the_least_squares_fit(count: int):
    """Against a general solver, on points that no similarity maps exactly."""
    generator = np.random.default_rng(count)
    points, onto = generator.normal(50, 30, (2, count, 2))
    np.testing.assert_allclose(
        similarity(points, onto), _similarity_by_least_squares(points, onto), rtol=1e-9, atol=1e-9
    )


def test_a_similarity_never_mirrors():
    """Points seen in a mirror are fitted with a rotation, however badly."""
    points = np.random.default_rng(0).normal(0, 1, (5, 2))
    assert np.linalg.det(similarity(points, points * [-1, 1])[:, :2]) >= 0


def test_a_similarity_of_float32_points_far_from_the_origin_keeps_its_places():
    """Landmarks of a large photo, where float32 sums would lose hundredths of a pixel."""
    points = (np.random.default_rng(1).normal(0, 4, (5, 2)) + 30_000).astype(np.float32)
    onto = points.astype(np.float64) * 2 + [3, 4]
    np.testing.assert_allclose(apply(similarity(points, onto), points), onto, atol=1e-6)


def test_an_inverse_undoes_its_map():
    """In both orders."""
    affine = np.array([[1.2, -0.7, 30.0], [0.4, 0.9, -12.0]])
    points = np.random.default_rng(2).normal(0, 100, (7, 2))
    np.testing.assert_allclose(apply(inverse(affine), apply(affine, points)), points, atol=1e-9)
    np.testing.assert_allclose(apply(affine, apply(inverse(affine), points)), points, atol=1e-9)


def test_the_scale_of_a_similarity_is_how_much_longer_a_line_gets():
    """Whatever the rotation and shift."""
    affine = similarity(np.array([[0, 0], [10, 0]]), np.array([[5, 5], [5, 35]]))
    assert scale_of(affine) == pytest.approx(3)


def test_a_head_s_pose_is_recovered_from_where_its_landmarks_are_seen():
    """For a mean head from far away, over the whole range in which five landmarks are seen."""
    for yaw, pitch, roll in itertools.product((-75, -30, 0, 10, 60), (-50, -15, 0, 40), (-170, -45, 0, 90)):
        pose = head_pose(_seen(_turned(yaw, pitch, roll)))
        measured = (pose.yaw_degrees, pose.pitch_degrees, pose.roll_degrees)
        assert measured == pytest.approx((yaw, pitch, roll), abs=0.02), (yaw, pitch, roll)


def test_the_pose_does_not_depend_on_place_and_size():
    """A small face in a corner has the pose of a large one in the middle."""
    landmarks = _seen(_turned(20, -10, 5))
    large, small = head_pose(landmarks), head_pose(landmarks * 0.1 + 7)
    assert small.yaw_degrees == pytest.approx(large.yaw_degrees, abs=0.01)
    assert small.pitch_degrees == pytest.approx(large.pitch_degrees, abs=0.01)


# A face drawn by hand, so that signs do not rest on the model they are tested with.
_FRONTAL = np.array([[30, 40], [70, 40], [50, 62], [35, 80], [65, 80]], np.float32)


@pytest.mark.parametrize(
    ("nose_shift", "component", "sign"),
    [((12, 0), "yaw_degrees", 1), ((-12, 0), "yaw_degrees", -1), ((0, -12), "pitch_degrees", 1),
     ((0, 12), "pitch_degrees", -1)],
)  # fmt: skip
def test_a_head_looks_where_its_nose_points(nose_shift, component: str, sign: int):
    """Positive is towards the right edge of the picture, and up."""
    landmarks = _FRONTAL.copy()
    landmarks[2] += nose_shift
    change = getattr(head_pose(landmarks), component) - getattr(head_pose(_FRONTAL), component)
    assert change * sign > 5


def test_a_head_that_leans_to_the_right_edge_has_a_positive_roll():
    """The eye on the right is lower then."""
    lean = similarity(
        np.eye(2), np.eye(2) @ [[cos(radians(20)), sin(radians(20))], [-sin(radians(20)), cos(radians(20))]]
    )
    landmarks = apply(lean, _FRONTAL)
    assert landmarks[1, 1] > landmarks[0, 1]
    assert head_pose(landmarks).roll_degrees == pytest.approx(20, abs=1)


def test_a_mirror_turns_yaw_and_roll_around_and_leaves_pitch():
    """As for anyone in front of one."""
    landmarks = _seen(_turned(25, 10, -15))
    here, there = head_pose(landmarks), head_pose(mirrored_landmarks(landmarks, 640))
    assert there.yaw_degrees == pytest.approx(-here.yaw_degrees, abs=1)
    assert there.roll_degrees == pytest.approx(-here.roll_degrees, abs=1)
    assert there.pitch_degrees == pytest.approx(here.pitch_degrees, abs=1)


def test_landmarks_in_one_place_have_a_pose_without_meaning_and_no_error():
    """A detector may answer anything."""
    pose = head_pose(np.full((5, 2), 7, np.float32))
    assert np.isfinite([pose.yaw_degrees, pose.pitch_degrees, pose.roll_degrees]).all()
