"""An aligned face in, what was measured of it and whether it is fit for comparison out.

These components are ours. They are not ISO/IEC 29794-5 measures and claim no conformance with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from faceward.core.geometry import HeadPose, head_pose
from faceward.core.values import Face, PixelArray


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of one face.

    Attributes:
        inter_eye_distance: Pixels of the photo.
        sharpness: Mean step between neighbouring pixels over the mean step between next neighbours, in
            the aligned chip: 0.5 where nothing is sharp, about 0.6 in a good photo, 1 in noise.
        brightness: Mean luminance of the face, 0 (black) to 1 (white).
        contrast: Standard deviation of that luminance.
        clipped_share: Share of the face that is pure black or pure white, 0 to 1.
        visible_share: Share of the face's box that lies inside the photo, 0 to 1.
        pose: Which way the head is turned.
    """

    inter_eye_distance: float
    sharpness: float
    brightness: float
    contrast: float
    clipped_share: float
    visible_share: float
    pose: HeadPose


class Component(StrEnum):
    """The parts of a usability finding."""

    EYE_DISTANCE = "eye_distance"
    SHARPNESS = "sharpness"
    BRIGHTNESS = "brightness"
    CONTRAST = "contrast"
    CLIPPING = "clipping"
    YAW = "yaw"
    PITCH = "pitch"
    FRAMING = "framing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why a face is not fit for comparison, and what to do about it.

    Attributes:
        component: What was measured.
        measured: The value, in the unit of `Quality`.
        needed: The limit that it misses.
        cause: In words, with both figures.
        remedy: What the person or the photographer can do.
    """

    component: Component
    measured: float
    needed: float
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Usability:
    """Whether a face is fit for comparison, and each reason why not."""

    quality: Quality
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What a usable face needs. We chose these; docs/explanation/quality.md shows on which photos.

    Attributes:
        min_inter_eye_distance: Pixels. SFace sees 34 between the eyes, so fewer than 40 in the photo
            leave it nothing to spare.
        min_sharpness: As `Quality.sharpness`.
        min_brightness: As `Quality.brightness`. Low on purpose: a limit that dark skin in good light could
            miss would refuse people for their skin.
        max_brightness: As `Quality.brightness`.
        min_contrast: As `Quality.contrast`. As low for the same reason: the darkest tone of the Monk scale
            keeps about a quarter of the contrast of a light one.
        max_clipped_share: As `Quality.clipped_share`.
        max_yaw_degrees: To either side.
        max_pitch_degrees: Up or down.
        min_visible_share: As `Quality.visible_share`.
    """

    min_inter_eye_distance: float = 40.0
    min_sharpness: float = 0.515
    min_brightness: float = 0.10
    max_brightness: float = 0.92
    min_contrast: float = 0.03
    max_clipped_share: float = 0.35
    max_yaw_degrees: float = 35.0
    max_pitch_degrees: float = 35.0
    min_visible_share: float = 0.80


# The middle of a chip of 112 × 112, from brow to chin and cheek to cheek, without hair and background.
_ROWS, _COLUMNS = slice(30, 104), slice(24, 88)

# Luminance weights in thousandths. Source: ITU-R BT.601.
_LUMINANCE = np.array([299, 587, 114], np.float32) / 255_000


def measured_quality(face: Face, chip: PixelArray, photo_width: int, photo_height: int) -> Quality:
    """Measure one face.

    Args:
        face: In pixels of the photo.
        chip: The aligned face, shape ``(112, 112, 3)``, uint8, RGB.
        photo_width: Columns of the photo.
        photo_height: Rows of the photo.
    """
    light = chip[_ROWS, _COLUMNS].astype(np.float32) @ _LUMINANCE
    near = np.abs(np.diff(light, axis=0)).mean() + np.abs(np.diff(light, axis=1)).mean()
    far = np.abs(light[2:] - light[:-2]).mean() + np.abs(light[:, 2:] - light[:, :-2]).mean()
    left, top, right, bottom = face.box_xyxy
    inside = max(min(right, photo_width) - max(left, 0.0), 0.0) * max(
        min(bottom, photo_height) - max(top, 0.0), 0.0
    )
    return Quality(
        inter_eye_distance=face.inter_eye_distance,
        sharpness=float(near / far) if far > 0 else 0.5,
        brightness=float(light.mean()),
        contrast=float(light.std()),
        clipped_share=float(((light <= 0.01) | (light >= 0.99)).mean()),
        visible_share=inside / max(face.width * face.height, 1e-6),
        pose=head_pose(face.landmarks),
    )


def usability(quality: Quality, limits: QualityLimits) -> Usability:
    """Judge a measured face against limits; findings come in the order of `Component`."""
    q = quality
    yaw, pitch = abs(q.pose.yaw_degrees), abs(q.pose.pitch_degrees)
    checks = (
        _below(
            Component.EYE_DISTANCE,
            q.inter_eye_distance,
            limits.min_inter_eye_distance,
            "Eyes {measured:.0f} px apart, need {needed:.0f}.",
            "Come closer, or send the photo at a higher resolution.",
        ),
        _below(
            Component.SHARPNESS,
            q.sharpness,
            limits.min_sharpness,
            "Blurred: sharpness {measured:.3f}, need {needed:.3f}.",
            "Hold still, clean the lens and let it focus on the face.",
        ),
        _below(
            Component.BRIGHTNESS,
            q.brightness,
            limits.min_brightness,
            "Too dark: brightness {measured:.2f}, need {needed:.2f}.",
            "Turn towards the light.",
        ),
        _above(
            Component.BRIGHTNESS,
            q.brightness,
            limits.max_brightness,
            "Too bright: brightness {measured:.2f}, at most {needed:.2f}.",
            "Move out of the glare or lower the exposure.",
        ),
        _below(
            Component.CONTRAST,
            q.contrast,
            limits.min_contrast,
            "Flat: contrast {measured:.3f}, need {needed:.3f}.",
            "Look for even light without haze, and clean the lens.",
        ),
        _above(
            Component.CLIPPING,
            q.clipped_share,
            limits.max_clipped_share,
            "{measured:.0%} of the face is pure black or white, at most {needed:.0%}.",
            "Avoid hard light from one side and lower the exposure.",
        ),
        _above(
            Component.YAW,
            yaw,
            limits.max_yaw_degrees,
            "Head turned {measured:.0f}° to the side, at most {needed:.0f}°.",
            "Face the camera.",
        ),
        _above(
            Component.PITCH,
            pitch,
            limits.max_pitch_degrees,
            "Head tipped {measured:.0f}° up or down, at most {needed:.0f}°.",
            "Hold the camera at the height of the eyes.",
        ),
        _below(
            Component.FRAMING,
            q.visible_share,
            limits.min_visible_share,
            "{measured:.0%} of the face is inside the photo, need {needed:.0%}.",
            "Move back until the whole face is in the picture.",
        ),
    )
    return Usability(quality, tuple(finding for finding in checks if finding is not None))


def _below(component: Component, measured: float, needed: float, cause: str, remedy: str) -> Finding | None:
    if measured >= needed:
        return None
    return Finding(component, measured, needed, cause.format(measured=measured, needed=needed), remedy)


def _above(component: Component, measured: float, needed: float, cause: str, remedy: str) -> Finding | None:
    if measured <= needed:
        return None
    return Finding(component, measured, needed, cause.format(measured=measured, needed=needed), remedy)
