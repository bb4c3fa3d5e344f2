"""Points in, affine maps and angles out.

Every coordinate is continuous: the first pixel of a picture covers ``[0, 1)``, so a picture scaled by
``k`` has its points at ``k`` times where they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, hypot, sin
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceward.core.values import FloatArray

RealArray: TypeAlias = NDArray[np.floating[Any]]

# Mirroring a face swaps its two eyes and its two mouth corners.
MIRRORED_LANDMARKS = (1, 0, 2, 4, 3)


def similarity(points: RealArray, onto: RealArray) -> FloatArray:
    """Fit the rotation, scale and shift that bring one set of points closest to another.

    Args:
        points: Shape ``(n, 2)``, n at least 2, not all in one place.
        onto: Shape ``(n, 2)``.

    Returns:
        Shape ``(2, 3)``, float64: ``onto ≈ points @ m[:, :2].T + m[:, 2]`` in the least-squares sense.
        Reflections are not used.

    Source:
        Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
        IEEE TPAMI 13(4), 1991; in the plane it has this closed form.
    """
    # Plain floats: for five points they take a tenth of the time of arrays.
    a, b = points.tolist(), onto.tolist()
    count = len(a)
    ax, ay = sum(x for x, _ in a) / count, sum(y for _, y in a) / count
    bx, by = sum(x for x, _ in b) / count, sum(y for _, y in b) / count
    spread = cosine = sine = 0.0
    for (px, py), (qx, qy) in zip(a, b, strict=True):
        px, py, qx, qy = px - ax, py - ay, qx - bx, qy - by  # noqa: PLW2901 - centred
        spread += px * px + py * py
        cosine += px * qx + py * qy
        sine += px * qy - py * qx
    cosine, sine = cosine / (spread or 1.0), sine / (spread or 1.0)
    return np.array(
        [
            [cosine, -sine, bx - cosine * ax + sine * ay],
            [sine, cosine, by - sine * ax - cosine * ay],
        ]
    )


def inverse(affine: FloatArray) -> FloatArray:
    """Invert an affine map of shape ``(2, 3)``; one that maps all to a point gets a huge inverse."""
    (a, b, c), (d, e, f) = affine.tolist()
    area = a * e - b * d or 1e-12
    return np.array(
        [
            [e / area, -b / area, (b * f - c * e) / area],
            [-d / area, a / area, (c * d - a * f) / area],
        ]
    )


def turn(radians: float, centre: float) -> FloatArray:
    """The affine map, shape ``(2, 3)``, that turns the plane about ``(centre, centre)``, x towards y."""
    c, s = cos(radians), sin(radians)
    return np.array([[c, -s, centre * (1 - c + s)], [s, c, centre * (1 - c - s)]])


def chained(first: FloatArray, second: FloatArray) -> FloatArray:
    """The affine map, shape ``(2, 3)``, that does one and then the other."""
    (a, b, c), (d, e, f) = first.tolist()
    (g, h, i), (j, k, m) = second.tolist()
    return np.array(
        [
            [g * a + h * d, g * b + h * e, g * c + h * f + i],
            [j * a + k * d, j * b + k * e, j * c + k * f + m],
        ]
    )


def apply(affine: FloatArray, points: FloatArray) -> FloatArray:
    """Map points, shape ``(n, 2)``, through an affine map of shape ``(2, 3)``."""
    (a, b, c), (d, e, f) = affine.tolist()
    return np.array([(a * x + b * y + c, d * x + e * y + f) for x, y in points.tolist()]).reshape(-1, 2)


def scale_of(affine: FloatArray) -> float:
    """How many times longer a line gets under a similarity of shape ``(2, 3)``."""
    return hypot(float(affine[0, 0]), float(affine[1, 0]))


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Which way a head is turned, from five landmarks: good to about ten degrees, not more.

    Attributes:
        yaw_degrees: Positive when the person looks towards the right edge of the picture.
        pitch_degrees: Positive when the person looks up.
        roll_degrees: Positive when the head leans clockwise, towards the right edge of the picture.
    """

    yaw_degrees: float
    pitch_degrees: float
    roll_degrees: float


# Eyes, nose tip and mouth corners of a mean head in millimetres: right in the picture, down, towards the
# viewer. The first two axes are the mean of YuNet's landmarks in 146 official portraits (members of the US
# Congress, works of the US government), made symmetric and scaled to an eye distance of 63 mm (ANSUR II,
# median), so that a portrait counts as frontal. The depths are ours: the nose tip stands some 30 mm before
# the plane of the eyes, the corners of the mouth some 5 mm.
_MEAN_HEAD_MM = np.array(
    [[-31.5, 0.0, 0.0], [31.5, 0.0, 0.0], [0.0, 35.2, 30.0], [-27.1, 60.7, 5.0], [27.1, 60.7, 5.0]]
)
_MEAN_HEAD_MM = _MEAN_HEAD_MM - _MEAN_HEAD_MM.mean(0)
_MEAN_HEAD_INVERSE = np.linalg.pinv(_MEAN_HEAD_MM)


def head_pose(landmarks: FloatArray) -> HeadPose:
    """Estimate the pose under which a mean head would show these landmarks.

    Args:
        landmarks: Shape ``(5, 2)``, pixels.

    Returns:
        The angles of the closest rotation under scaled orthographic projection: the head turns (yaw),
        then nods (pitch), then leans (roll).

    Source:
        The first step of POSIT: DeMenthon and Davis, "Model-based object pose in 25 lines of code", 1995.
    """
    points = np.asarray(landmarks, np.float64)
    projection = (_MEAN_HEAD_INVERSE @ (points - points.mean(0))).T
    left, _, right = np.linalg.svd(projection, full_matrices=False)
    across, down = left @ right
    facing = np.cross(across, down)
    return HeadPose(
        yaw_degrees=degrees(atan2(-facing[0], facing[2])),
        pitch_degrees=degrees(asin(max(-1.0, min(1.0, float(facing[1]))))),
        roll_degrees=degrees(atan2(-across[1], down[1])),
    )
