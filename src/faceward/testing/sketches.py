"""Names of people in, photos that are none out, and a recogniser that knows who is in them.

A sketch is a line of JSON that says who is to be seen. It lets tests tell stories of many people without a
photo of anybody, and without a network: templates of one person are near each other, those of two are not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from faceward.core.decision import CalibrationTable, OperatingPoint, Standing
from faceward.core.detection import Selection
from faceward.core.geometry import HeadPose
from faceward.core.quality import Quality, QualityLimits, Usability, usability
from faceward.core.values import Face, FloatArray, Template, TemplateContract
from faceward.errors import DamagedImage, NoFaceFound
from faceward.recognition.recogniser import Sighting

LENGTH = 128
CONTRACT = TemplateContract("sketch", hashlib.sha256(b"sketch").hexdigest(), "sketch-1", "f32", LENGTH)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One face of a sketch.

    Attributes:
        person: Who it is.
        likeness: How much like the person, 0 to 1; two faces of likeness l score about l².
        take: Tells photos of one person apart.
        sharp: Whether the face is fit for comparison.
    """

    person: str
    likeness: float = 0.9
    take: int = 0
    sharp: bool = True


def sketch(*faces: Drawn | str) -> bytes:
    """A photo of some people; a name alone is one good face of them."""
    drawn = [Drawn(it) if isinstance(it, str) else it for it in faces]
    return json.dumps([[it.person, it.likeness, it.take, it.sharp] for it in drawn]).encode()


@dataclass(frozen=True, slots=True)
class SketchPhoto:
    """A sketch that was opened."""

    faces: tuple[Drawn, ...]
    width: int = 640
    height: int = 480


@dataclass(frozen=True, slots=True, eq=False)
class SketchPortrait:
    """One face of a sketch, ready to be compared."""

    face: Face
    template: Template
    sharp: bool

    def usability(self, limits: QualityLimits) -> Usability:
        """Judge the face against limits."""
        quality = Quality(
            inter_eye_distance=80.0,
            sharpness=0.6 if self.sharp else 0.1,
            brightness=0.5,
            contrast=0.2,
            clipped_share=0.0,
            visible_share=1.0,
            pose=HeadPose(0.0, 0.0, 0.0),
        )
        return usability(quality, limits)


class SketchRecogniser:
    """Finds the faces that a sketch says are there."""

    contract = CONTRACT
    quality_limits = QualityLimits()

    def open(self, source: bytes) -> SketchPhoto:
        """Read a sketch.

        Raises:
            DamagedImage: It is none.
        """
        try:
            return SketchPhoto(tuple(Drawn(*it) for it in json.loads(source)))
        except (ValueError, TypeError):
            raise DamagedImage("This is no sketch.") from None

    def portrait(self, photo: SketchPhoto, which: Selection = Selection.PROMINENT) -> SketchPortrait:
        """The first face of a sketch.

        Raises:
            NoFaceFound: There is none.
        """
        del which
        if not photo.faces:
            raise NoFaceFound("No face in this sketch.")
        return _portrait(0, photo.faces[0])

    def portraits(self, photo: SketchPhoto) -> tuple[SketchPortrait, ...]:
        """Every face of a sketch."""
        return tuple(_portrait(place, it) for place, it in enumerate(photo.faces))

    def sightings(self, photo: SketchPhoto, which: Selection | None = None) -> tuple[Sighting, ...]:
        """Every face of a sketch and what it is fit for."""
        del which
        return tuple(Sighting(it.face, it.usability(self.quality_limits)) for it in self.portraits(photo))


def sketch_calibration(*_precisions: str) -> CalibrationTable:
    """Operating points for sketches: strangers score about 0 ± 0.09, so these are on the safe side."""
    thresholds = {1e-2: 0.25, 1e-3: 0.32, 1e-4: 0.38, 1e-5: 0.44, 1e-6: 0.50}
    standings = {1e-5: Standing.PROVISIONAL, 1e-6: Standing.REFUSED}
    points = tuple(
        OperatingPoint(
            threshold=threshold,
            false_match_rate=rate,
            standing=standings.get(rate, Standing.CALIBRATED),
            non_mated_trials=1_000_000,
            false_matches=round(rate * 1_000_000),
            false_non_match_rate=0.0,
            mated_trials=1000,
            report="sketches",
        )
        for rate, threshold in thresholds.items()
    )
    return CalibrationTable(
        "sketch", "sketch-1", ("f32", "f32"), "sketches", "0" * 64, "2026-01-01", "none", points
    )


def _portrait(place: int, it: Drawn) -> SketchPortrait:
    features = it.likeness * _direction(it.person, 0)
    other = _direction(it.person, 1 + it.take)
    other -= (other @ features) * features / max(float(features @ features), 1e-9)
    features = features + np.sqrt(1 - it.likeness**2) * other / np.linalg.norm(other)
    left = 20.0 + 100 * place
    landmarks = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)
    landmarks[:, 0] += left
    face = Face((left, 20.0, left + 90, 120.0), landmarks, 0.9)
    return SketchPortrait(face, Template(np.asarray(features, np.float32), CONTRACT), it.sharp)


def _direction(person: str, take: int) -> FloatArray:
    seed = int.from_bytes(hashlib.sha256(f"{person}/{take}".encode()).digest()[:8])
    drawn = np.random.default_rng(seed).normal(size=LENGTH)
    return np.asarray(drawn / np.linalg.norm(drawn), np.float64)
