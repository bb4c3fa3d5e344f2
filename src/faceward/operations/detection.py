"""A photo and a permit in, where its faces are and what each is fit for out."""

from __future__ import annotations

from dataclasses import dataclass

from faceward.governance.outcomes import Counts, Performed
from faceward.governance.permits import Permit
from faceward.operations.resources import hold_probe
from faceward.recognition.recogniser import Recogniser, Sighting
from faceward.transparency.words import Action


@dataclass(frozen=True, slots=True)
class Detected:
    """The faces of a photo.

    Attributes:
        faces: The most surely found first.
        photo_width: Columns of the photo.
        photo_height: Rows of the photo.
    """

    faces: tuple[Sighting, ...]
    photo_width: int
    photo_height: int


def detect(permit: Permit, *, recogniser: Recogniser, photo: bytes) -> Performed[Detected]:
    """Find faces; no template is made.

    Args:
        permit: Allows `Action.DETECT` of this very photo.
        recogniser: Finds faces.
        photo: The encoded photo.

    Raises:
        PermitRefused: The permit is not for this, or for another photo.
        InputError: The photo cannot be opened.
    """
    scope = permit.spend(Action.DETECT)
    hold_probe(scope, photo)
    opened = recogniser.open(photo)
    faces = recogniser.sightings(opened)
    return Performed(Detected(faces, opened.width, opened.height), Counts(faces=len(faces)))
