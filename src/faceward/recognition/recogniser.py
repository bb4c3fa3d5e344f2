"""Photos in, faces and templates out: the pipeline that everything else in faceward stands on.

Templates leave it only towards code that keeps them: the public `faceward.Engine` has no way to them.
"""

from __future__ import annotations

from dataclasses import dataclass

from faceward.core.detection import Detections, Selection
from faceward.core.quality import Quality, QualityLimits, Usability, measured_quality, usability
from faceward.core.templating import CHIP_SIDE, averaged, chip_map, mirrored_pairs
from faceward.core.values import Face, PixelArray, Template, TemplateContract
from faceward.errors import NoFaceFound
from faceward.ports.codec import Codec, ImageLimits, Photo, Source
from faceward.ports.runtime import Network
from faceward.recognition.finder import Finder, Search
from faceward.recognition.plan import SearchPlan
from faceward.recognition.pyramid import Pyramid

PREPROCESSING = "arcface112-z97-flip2-r2"
"""Name of the recipe below: alignment, zoom, averaging, and the revision of how landmarks and chips are made.

It changes with anything that changes features.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One face of a photo, ready to be compared.

    Attributes:
        face: Where it is, in pixels of the photo.
        chip: The aligned face, shape ``(112, 112, 3)``, uint8, RGB.
        template: Its template.
        photo_width: Columns of the photo.
        photo_height: Rows of the photo.
    """

    face: Face
    chip: PixelArray
    template: Template
    photo_width: int
    photo_height: int

    def quality(self) -> Quality:
        """Measure the face."""
        return measured_quality(self.face, self.chip, self.photo_width, self.photo_height)

    def usability(self, limits: QualityLimits) -> Usability:
        """Judge the face against limits."""
        return usability(self.quality(), limits)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One face of a photo and whether it is fit for comparison; there is no template."""

    face: Face
    usability: Usability


@dataclass(frozen=True, slots=True)
class Networks:
    """The two networks, loaded, and what their templates are.

    Attributes:
        detector: Takes pictures and answers as YuNet does.
        embedder: Takes aligned chips and answers with features.
        contract: What the templates made of those features are made by.
    """

    detector: Network
    embedder: Network
    contract: TemplateContract


class Recogniser:
    """Finds faces and makes templates. Safe to use from many threads."""

    def __init__(
        self,
        codec: Codec,
        networks: Networks,
        plan: SearchPlan | None = None,
        limits: ImageLimits | None = None,
        quality_limits: QualityLimits | None = None,
    ) -> None:
        """Work with these parts; what is left out has its defaults."""
        self.contract = networks.contract
        self.limits = limits or ImageLimits()
        self.quality_limits = quality_limits or QualityLimits()
        self._codec = codec
        self._embedder = networks.embedder
        self._finder = Finder(networks.detector, plan or SearchPlan())

    def open(self, source: Source) -> Photo:
        """Read the header of a photo and hold the limits.

        Raises:
            InputError: The source is no photo that may be opened.
        """
        return self._codec.open(source, self.limits)

    def portrait(self, photo: Photo, which: Selection = Selection.PROMINENT) -> Portrait:
        """Make the template of the face that is meant.

        Raises:
            DamagedImage: The photo's data ends early or is not what its header says.
            NoFaceFound: There is no face; the cause says what was tried.
        """
        pyramid = Pyramid(photo, self._finder.plan.working_side)
        search = self._finder.one(pyramid, which)
        if not len(search.found):
            raise no_face(photo, search)
        return self._portraits(pyramid, search.found)[0]

    def portraits(self, photo: Photo) -> tuple[Portrait, ...]:
        """Make the templates of every face, the highest detection score first; none is a normal answer.

        Raises:
            DamagedImage: The photo's data ends early or is not what its header says.
        """
        pyramid = Pyramid(photo, None)
        return self._portraits(pyramid, self._finder.all(pyramid).found)

    def sightings(self, photo: Photo, which: Selection | None = None) -> tuple[Sighting, ...]:
        """Find faces and say what each is fit for; makes no template.

        Args:
            photo: What `open` returned.
            which: One face only; all where it is ``None``.

        Raises:
            DamagedImage: The photo's data ends early or is not what its header says.
        """
        pyramid = Pyramid(photo, None if which is None else self._finder.plan.working_side)
        search = self._finder.all(pyramid) if which is None else self._finder.one(pyramid, which)
        return tuple(
            Sighting(
                face,
                usability(measured_quality(face, chip, photo.width, photo.height), self.quality_limits),
            )
            for face, chip in zip(search.found.faces(), self._chips(pyramid, search.found), strict=True)
        )

    def _portraits(self, pyramid: Pyramid, found: Detections) -> tuple[Portrait, ...]:
        photo = pyramid.photo
        portraits = []
        for face, chip in zip(found.faces(), self._chips(pyramid, found), strict=True):
            features = self._embedder.run(mirrored_pairs(chip[None]))["features"]
            template = Template(averaged(features)[0], self.contract)
            portraits.append(Portrait(face, chip, template, photo.width, photo.height))
        return tuple(portraits)

    @staticmethod
    def _chips(pyramid: Pyramid, found: Detections) -> list[PixelArray]:
        return [pyramid.sampled(chip_map(points), CHIP_SIDE, CHIP_SIDE) for points in found.landmarks]


def no_face(photo: Photo, search: Search) -> NoFaceFound:
    """Say that there is no face, and every look that was taken for one."""
    return NoFaceFound(
        f"No face in this photo of {photo.width} × {photo.height} px; looked {', '.join(search.tried)}."
    )
