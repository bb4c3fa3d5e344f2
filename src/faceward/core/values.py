"""What the core speaks of: faces, templates and their contracts, complete when made and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]
PixelArray: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One detected face, in pixels of the upright photo at its full size.

    Attributes:
        box_xyxy: Left, top, right, bottom; may reach past the edge of the photo.
        landmarks: Shape ``(5, 2)``, float32, x then y: the eye on the left of the picture, the eye
            on the right, the nose tip, the left and the right corner of the mouth.
        detection_score: How sure the detector is that this is a face, 0 to 1. It says nothing about
            who it is and must not be mistaken for a comparison score.
    """

    box_xyxy: tuple[float, float, float, float]
    landmarks: FloatArray
    detection_score: float

    @property
    def width(self) -> float:
        """Width of the box in pixels of the photo."""
        return self.box_xyxy[2] - self.box_xyxy[0]

    @property
    def height(self) -> float:
        """Height of the box in pixels of the photo."""
        return self.box_xyxy[3] - self.box_xyxy[1]

    @property
    def size(self) -> float:
        """Side of the square of the same area as the box, in pixels of the photo."""
        return sqrt(max(self.width * self.height, 0.0))

    @property
    def inter_eye_distance(self) -> float:
        """Distance between the two eyes in pixels of the photo."""
        return float(np.hypot(*(self.landmarks[1] - self.landmarks[0])))


@dataclass(frozen=True, slots=True)
class TemplateContract:
    """What two templates must have in common before their scores mean anything.

    Attributes:
        model: Identifier of the catalogue entry, for example ``sface-2021dec``.
        model_sha256: Digest of the model file as its publisher ships it.
        preprocessing: Name of the alignment and averaging recipe, for example ``flip-2``.
        precision: Arithmetic the network ran in: ``f32`` or ``bf16``.
        length: Number of features.
    """

    model: str
    model_sha256: str
    preprocessing: str
    precision: str
    length: int

    def differs_only_in_precision(self, other: TemplateContract) -> bool:
        """Whether the two would be equal if they had run in the same arithmetic."""
        return (self.model, self.model_sha256, self.preprocessing, self.length) == (
            other.model,
            other.model_sha256,
            other.preprocessing,
            other.length,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Features together with the contract they were made under.

    Attributes:
        features: Shape ``(length,)``, float32, Euclidean length 1. Never shown, logged or sent out.
        contract: How they were made.
    """

    features: FloatArray
    contract: TemplateContract

    def __repr__(self) -> str:
        """Name the contract and never the features."""
        return f"Template(<{self.contract.length} features>, {self.contract})"
