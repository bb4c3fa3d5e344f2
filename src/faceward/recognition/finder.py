"""A photo in, faces in pixels of it out: small looks first, larger ones only where they can matter."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np

from faceward.core.detection import (
    Detections,
    Selection,
    none_found,
    selected,
    together,
    without_overlaps,
    yunet_agreed,
    yunet_detections,
)
from faceward.core.geometry import apply, inverse, similarity
from faceward.core.templating import ARCFACE_LANDMARKS
from faceward.core.values import FloatArray, PixelArray
from faceward.ports.runtime import Network
from faceward.recognition.pyramid import Pyramid


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How a photo is searched; docs/decisions/0005-small-looks-first.md says what each figure buys.

    Attributes:
        min_score: The least detection score, 0 to 1, of a face in one look.
        min_mean_score: The least mean of two detection scores, one of them from the mirror image.
        max_overlap: Intersection over union from which two boxes are one face.
        canvases: Height and width of the pictures the detector is shown, the smallest first: few, because
            a runtime is a third faster on a shape it was compiled for. Larger pictures are cut into tiles.
        small_side: Longest side of the first look, pixels.
        settling_size: A face of this size in a look, in its pixels, ends the search for one face.
        settling_score: The detection score it must have for that.
        working_side: For one face, a photo is decoded scaled down to about this longest side.
        tile_margin: How far tiles overlap, pixels; larger faces are found in the smaller looks.
        enlarged_side: Photos up to this longest side are also searched at twice their size when all
            faces are wanted.
        enlarged_size: From that look only faces up to this size count, in pixels of the photo.
        coarse_size: From a look at less than full size only faces count that have this size, in pixels,
            in the next finer one: what is smaller is seen better there.
        support_score: Where all faces are wanted, the least detection score in a look at any but full
            size: each such look also shows things that look like a face and are none.
        crop_eye_distance: Distance of the eyes, pixels, in the crop in which landmarks are found anew. It
            fills the smallest canvas.
        sharp_eye_distances: A look that saw the face in the mirror too, with its eyes this far apart, has
            landmarks as good as a crop's.
    """

    min_score: float = 0.6
    min_mean_score: float = 0.55
    max_overlap: float = 0.3
    canvases: tuple[tuple[int, int], ...] = (
        (128, 128), (192, 256), (256, 192), (256, 256),
        (384, 512), (512, 384), (512, 512),
        (768, 1024), (1024, 768), (1024, 1024),
    )  # fmt: skip
    small_side: int = 256
    settling_size: float = 16.0
    settling_score: float = 0.7
    working_side: int = 1024
    tile_margin: int = 128
    enlarged_side: int = 1600
    enlarged_size: float = 32.0
    coarse_size: float = 300.0
    support_score: float = 0.7
    crop_eye_distance: float = 24.0
    sharp_eye_distances: tuple[float, float] = (18.0, 34.0)

    @property
    def crop_side(self) -> int:
        """Side of the smallest canvas, which is square."""
        return self.canvases[0][0]

    @property
    def tile_side(self) -> int:
        """Side of the largest picture that one look takes."""
        return self.canvases[-1][0]


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What a search found, and what was tried.

    Attributes:
        found: In pixels of the photo.
        tried: Each look in words, for the reply that says that there is no face.
    """

    found: Detections
    tried: tuple[str, ...]


class Finder:
    """Finds faces with one detector network. Safe to use from many threads."""

    def __init__(self, detector: Network, plan: SearchPlan) -> None:
        """Search with a network that takes pictures and answers as YuNet does."""
        self._detector = detector
        self.plan = plan
        centred = (ARCFACE_LANDMARKS - ARCFACE_LANDMARKS.mean(0)) / np.ptp(ARCFACE_LANDMARKS[:2, 0])
        self._crop_landmarks = centred * plan.crop_eye_distance + plan.crop_side / 2

    def one(self, pyramid: Pyramid, which: Selection) -> Search:
        """Find the face that is meant; looks end as soon as a larger one could not change the answer."""
        tried: list[str] = []
        looks: list[_Look] = []
        for factor in self._factors(pyramid):
            looks.append(self._look(pyramid, factor, tried))
            if self._settles(looks[-1]):
                break
        found = without_overlaps(together([look.found for look in looks]), self.plan.max_overlap)
        if not len(found):
            found = self._last_resorts(pyramid, tried)
        if not len(found):
            return Search(found, tuple(tried))
        meant = found[[selected(found, which, pyramid.photo.width, pyramid.photo.height)]]
        if not (len(looks) == 1 and self._sharp(looks[0], meant)):
            meant = self._placed(pyramid, meant)
        return Search(meant, tuple(tried))

    def all(self, pyramid: Pyramid) -> Search:
        """Find every face, at full size and, in photos that are not large, at twice that."""
        tried: list[str] = []
        factors = self._factors(pyramid)
        plan = self.plan
        full = self._look(pyramid, factors[-1], tried, twice=True)
        supports = []
        for finer, factor in pairwise(reversed(factors)):
            look = self._look(pyramid, factor, tried, twice=True)
            supports.append(look.found[look.found.sizes >= plan.coarse_size * look.span * finer / factor])
        if self._may_enlarge(pyramid):
            look = self._tiled(pyramid, 0.5, tried, twice=True)
            supports.append(look.found[look.found.sizes <= plan.enlarged_size])
        look = self._from_afar(pyramid, 0.5, tried)
        supports.append(look.found[look.found.sizes >= min(pyramid.photo.width, pyramid.photo.height) / 2])
        found = together([full.found, *(support.above(plan.support_score) for support in supports)])
        found = without_overlaps(found, plan.max_overlap)
        if not len(found):
            found = self._last_resorts(pyramid, tried)
        return Search(self._placed(pyramid, found), tuple(tried))

    def _placed(self, pyramid: Pyramid, found: Detections) -> Detections:
        """Find the landmarks of each face anew, in an upright crop of one size and its mirror image.

        A face whose crop shows none in the middle keeps the landmarks it had.
        """
        landmarks = [self._landmarks(pyramid, points) for points in found.landmarks]
        placed = np.array(landmarks, np.float32).reshape(-1, 5, 2)
        return Detections(found.boxes_xyxy, placed, found.scores)

    def _landmarks(self, pyramid: Pyramid, known: FloatArray) -> FloatArray:
        side = self.plan.crop_side
        to_photo = inverse(similarity(known, self._crop_landmarks))
        crop = pyramid.sampled(to_photo, side, side, quick=True)
        # The crop is known to show a face, so half the usual score will do.
        seen = self._seen_twice(crop, self.plan.min_mean_score / 2)
        if not len(seen):
            return known
        offsets = np.abs(seen.landmarks.mean(1) - side / 2).sum(1)
        nearest = int(np.argmin(offsets))
        # Beyond a quarter of the crop it is somebody else.
        return apply(to_photo, seen.landmarks[nearest]) if offsets[nearest] <= side / 4 else known

    def _factors(self, pyramid: Pyramid) -> list[int]:
        """Whole factors to shrink the decoded photo by, the smallest picture first, ending at 1."""
        long_side = max(pyramid.decoded.width, pyramid.decoded.height)
        least = 2 if long_side > self.plan.small_side / 2 else 1
        factors = [max(ceil(long_side / self.plan.small_side), least)]
        while factors[-1] > 1:
            factors.append(factors[-1] // 2)
        return factors

    def _look(self, pyramid: Pyramid, factor: int, tried: list[str], *, twice: bool = False) -> _Look:
        """Look at the decoded photo shrunk by a factor."""
        span, raster = pyramid.shrunk(factor)
        if max(raster.width, raster.height) > self.plan.tile_side:
            return self._tiled(pyramid, span, tried, twice=twice)
        tried.append(_size_in_words(span))
        # The mirror image costs little where the picture is small.
        twice = twice or max(raster.width, raster.height) <= self.plan.crop_side
        return _Look(span, self._seen(raster.pixels(), twice=twice).moved(span), in_mirror_too=twice)

    def _tiled(self, pyramid: Pyramid, span: float, tried: list[str], *, twice: bool = False) -> _Look:
        """Look at the whole photo in tiles that overlap, ``span`` photo pixels to one of theirs."""
        tried.append(_size_in_words(span))
        side, margin = self.plan.tile_side, self.plan.tile_margin
        columns, rows = round(pyramid.photo.width / span), round(pyramid.photo.height / span)
        found = []
        for top in _tile_starts(rows, side, margin):
            for left in _tile_starts(columns, side, margin):
                to_photo = np.array([[span, 0, left * span], [0, span, top * span]])
                tile = pyramid.sampled(to_photo, min(side, columns - left), min(side, rows - top))
                found.append(self._seen(tile, twice=twice).moved(span, left * span, top * span))
        return _Look(span, together(found))

    def _seen(self, pixels: PixelArray, *, twice: bool = False) -> Detections:
        """Look at a picture that fits one of the canvases and, where wanted, at its mirror image."""
        if twice:
            return self._seen_twice(pixels, self.plan.min_mean_score)
        picture = self._on_canvas(pixels)
        height, width = picture.shape[1:3]
        cells = self._detector.run(picture)["cells"]
        found = yunet_detections(cells[0], width, height, self.plan.min_score)
        return without_overlaps(found, self.plan.max_overlap)

    def _seen_twice(self, pixels: PixelArray, min_mean_score: float) -> Detections:
        """Look at a picture and at its mirror image."""
        picture = self._on_canvas(pixels)
        height, width = picture.shape[1:3]
        views = (picture, np.ascontiguousarray(picture[:, :, ::-1]))
        if (height, width) == self.plan.canvases[0]:
            cells = self._detector.run(np.concatenate(views))["cells"]
        else:
            # Two runs: for larger pictures a batch is no faster, and it would be one more shape to compile.
            cells = np.concatenate([self._detector.run(view)["cells"] for view in views])
        return yunet_agreed(cells, width, height, self.plan.max_overlap, min_mean_score)

    def _on_canvas(self, pixels: PixelArray) -> PixelArray:
        """Put a picture into the top left of the smallest canvas that holds it; the rest is black."""
        height, width = pixels.shape[:2]
        rows, columns = next(
            canvas for canvas in self.plan.canvases if canvas[0] >= height and canvas[1] >= width
        )
        if (rows, columns) == (height, width):
            return pixels[None]
        picture = np.zeros((1, rows, columns, 3), np.uint8)
        picture[0, :height, :width] = pixels
        return picture

    def _settles(self, look: _Look) -> bool:
        large = look.found.sizes >= self.plan.settling_size * look.span
        return bool((large & (look.found.scores >= self.plan.settling_score)).any())

    def _sharp(self, look: _Look, face: Detections) -> bool:
        """Whether a face of this look has landmarks as good as a crop's."""
        least, most = self.plan.sharp_eye_distances
        eyes = face.landmarks[0, 1] - face.landmarks[0, 0]
        return look.in_mirror_too and least <= float(np.hypot(*eyes)) / look.span <= most

    def _last_resorts(self, pyramid: Pyramid, tried: list[str]) -> Detections:
        """Look from afar, larger, and at the photo turned; the first look that shows a face ends it."""
        for margin in (0.25, 1.0):
            look = self._from_afar(pyramid, margin, tried)
            if len(look.found):
                return look.found
        decoded_smaller = pyramid.photo_pixels_per_decoded_pixel > 1
        for span, sensible in ((1.0, decoded_smaller), (0.5, self._may_enlarge(pyramid))):
            if sensible:
                look = self._tiled(pyramid, span, tried, twice=True)
                if len(look.found):
                    return look.found
        return self._turned(pyramid, tried)

    def _may_enlarge(self, pyramid: Pyramid) -> bool:
        return max(pyramid.photo.width, pyramid.photo.height) <= self.plan.enlarged_side

    def _turned(self, pyramid: Pyramid, tried: list[str]) -> Detections:
        """Look at the photo turned on either side and upside down: cameras forget to say so."""
        factor = self._factors(pyramid)[0]
        for smaller in (factor, max(factor // 2, 1)):
            span, raster = pyramid.shrunk(smaller)
            pixels = raster.pixels()
            for quarters in (1, 3, 2):
                tried.append(f"{_size_in_words(span)} turned by {90 * quarters}°")
                turned = np.ascontiguousarray(np.rot90(pixels, quarters))
                found = self._seen(turned)
                if len(found):
                    height, width = turned.shape[:2]
                    return found.turned(4 - quarters, width, height).moved(span)
        return none_found()

    def _from_afar(self, pyramid: Pyramid, margin: float, tried: list[str]) -> _Look:
        """Look at the whole photo with a black margin, as a share of its longest side, on every side."""
        photo, side = pyramid.photo, self.plan.small_side
        tried.append(f"with a margin of {margin:.0%} around it")
        span = max(photo.width, photo.height) * (1 + 2 * margin) / side
        left, top = (photo.width - side * span) / 2, (photo.height - side * span) / 2
        pixels = pyramid.sampled(np.array([[span, 0, left], [0, span, top]]), side, side)
        return _Look(span, self._seen(pixels, twice=True).moved(span, left, top))


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """Faces, in pixels of the photo, found in a picture one of whose pixels spans ``span`` of those."""

    span: float
    found: Detections
    in_mirror_too: bool = False


def _size_in_words(span: float) -> str:
    if span == 1:
        return "at full size"
    return f"at 1/{span:.3g} of its size" if span > 1 else f"at {1 / span:.3g} times its size"


def _tile_starts(length: int, side: int, margin: int) -> list[int]:
    """Where tiles begin so that they cover a length and overlap by at least a margin."""
    if length <= side:
        return [0]
    count = ceil((length - margin) / (side - margin))
    return [int(start) for start in np.linspace(0, length - side, count)]
