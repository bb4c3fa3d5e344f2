"""Faces in, the same faces seen in a mirror out: by the definition, for tests to compare with."""

from __future__ import annotations

import numpy as np

from faceward.core.detection import Detections


def mirrored_landmarks(landmarks: np.ndarray, width: float) -> np.ndarray:
    """Landmarks, shape ``(..., 5, 2)``, in a mirror ``width`` pixels wide: left ones become right ones."""
    seen = landmarks[..., [1, 0, 2, 4, 3], :].copy()
    seen[..., 0] = width - seen[..., 0]
    return seen


def mirrored(found: Detections, width: float) -> Detections:
    """Where the faces of a mirror image are in the picture itself, ``width`` pixels wide."""
    boxes = found.boxes_xyxy[:, [2, 1, 0, 3]]
    boxes[:, [0, 2]] = width - boxes[:, [0, 2]]
    return Detections(boxes, mirrored_landmarks(found.landmarks, width), found.scores)
