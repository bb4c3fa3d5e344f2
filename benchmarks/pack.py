"""The folder of an evaluation pack in, its labelled photos out. README.md says what a pack holds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faceward import settings
from faceward.adapters.datasets.label_errors import KnownErrors, read_label_errors
from faceward.adapters.datasets.labelled_photos import LabelledPhoto, LabelledPhotos, from_manifest, rows
from faceward.evaluation.detection_matches import AnnotatedFaces
from faceward.evaluation.labels import IndexArray


@dataclass(frozen=True, slots=True)
class Pairs:
    """A list of pairs of photos.

    Attributes:
        images: Shape ``(P, 2)``: names of photos.
        folds: Shape ``(P,)``: the fold of each pair.
    """

    images: NDArray[np.str_]
    folds: IndexArray

    def places(self, images: tuple[str, ...]) -> tuple[IndexArray, IndexArray]:
        """The pairs as places in a list of photos, with their folds; without those of photos not listed."""
        place = {image: at for at, image in enumerate(images)}
        listed = np.array([one in place and other in place for one, other in self.images])
        known = [[place[image] for image in pair] for pair in self.images[listed]]
        return np.array(known, np.int64), self.folds[listed]


@dataclass(frozen=True, slots=True)
class Pack:
    """Photos for measurements, with what people say about them."""

    folder: Path

    def lfw(self) -> LabelledPhotos:
        """Press photos with the names of the people they are meant to show."""
        return from_manifest(self.folder / "lfw" / "images.csv", self.folder / "lfw" / "images")

    def lfw_errors(self, photos: LabelledPhotos) -> KnownErrors:
        """What is known to be wrong about those names."""
        return read_label_errors(self.folder / "lfw" / "known_label_errors.csv", photos)

    def lfw_pairs(self) -> Pairs:
        """The pairs that View 2 of LFW asks about."""
        lines = [row for _, row in rows(self.folder / "lfw" / "pairs.csv", ("fold", "image1", "image2"))]
        images = np.array([[row["image1"], row["image2"]] for row in lines])
        return Pairs(images, np.array([int(row["fold"]) for row in lines], np.int64))

    def wider(self) -> tuple[tuple[Path, AnnotatedFaces], ...]:
        """Crowded photos with a box around each face."""
        boxes: dict[str, list[list[float]]] = defaultdict(list)
        for _, row in rows(self.folder / "wider" / "faces.csv", ("file", "x", "y", "w", "h")):
            left, top, width, height = (float(row[side]) for side in "xywh")
            boxes[row["file"]].append([left, top, left + width, top + height])
        return tuple(
            (
                self.folder / "wider" / "images" / file,
                AnnotatedFaces(np.array(faces), np.zeros(len(faces), np.bool_)),
            )
            for file, faces in sorted(boxes.items())
        )

    def congress(self) -> LabelledPhotos:
        """Two official portraits of each person, about ten years apart."""
        return from_manifest(self.folder / "congress" / "images.csv", self.folder / "congress" / "images")

    def utkface(self) -> tuple[LabelledPhotos, dict[str, dict[str, str]]]:
        """Faces of all ages and, by photo, the group labels that came with them. Nobody's name is known."""
        root = self.folder / "utkface"
        lines = [row for _, row in rows(root / "images.csv", ("image", "age_band", "sex", "race"))]
        photos = [LabelledPhoto(row["image"], row["image"], root / "images" / row["image"]) for row in lines]
        return LabelledPhotos(tuple(photos)), {row["image"]: row for row in lines}


def evaluation_pack() -> Pack | None:
    """The pack that ``FACEWARD_EVAL`` names; says what is needed where there is none."""
    folder = settings.read().eval
    if folder and Path(folder).is_dir():
        return Pack(Path(folder))
    print(
        "Set FACEWARD_EVAL to the folder of an evaluation pack; benchmarks/README.md says what is in it."
        if not folder
        else "FACEWARD_EVAL names no folder."
    )
    return None
