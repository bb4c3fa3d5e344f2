"""A photo in, faces in pixels of it out: small looks first, larger ones only where they can matter."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot

import numpy as np

from faceward.core.detection import Detections, Selection, none_found, selected, together, without_overlaps
from faceward.ports.runtime import Network
from faceward.recognition.placement import Placement
from faceward.recognition.plan import SearchPlan
from faceward.recognition.pyramid import Pyramid
from faceward.recognition.sight import Sight

_EDGE = 3.0  # Pixels; a box this near to the edge of a tile may be cut off by it. Our number.


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
        self.plan = plan
        self._sight = Sight(detector, plan)
        self._placement = Placement(self._sight, plan)

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
        row = selected(found, which, pyramid.photo.width, pyramid.photo.height)
        meant = found[row : row + 1]
        if not (len(looks) == 1 and self._sharp(looks[0], meant)):
            meant = self._placement.placed(pyramid, meant)
        return Search(meant, tuple(tried))

    def all(self, pyramid: Pyramid) -> Search:
        """Find every face, at full size and at twice that, and what is larger in smaller looks."""
        tried: list[str] = []
        plan, photo = self.plan, pyramid.photo
        factors = self._factors(pyramid)
        full = self._look(pyramid, factors[-1], tried, twice=True)
        supports = []
        for finer, factor in pairwise(reversed(factors)):
            look = self._look(pyramid, factor, tried, twice=True)
            supports.append(look.found[look.found.sizes >= plan.coarse_size * look.span * finer / factor])
        look = self._enlarged(pyramid, tried)
        supports.append(look.found[look.found.sizes <= plan.enlarged_size])
        look = self._from_afar(pyramid, 0.5, tried)
        supports.append(look.found[look.found.sizes >= min(photo.width, photo.height) / 2])
        found = together([full.found, *(support.above(plan.support_score) for support in supports)])
        found = without_overlaps(found, plan.max_overlap)
        if not len(found):
            found = self._last_resorts(pyramid, tried)
        return Search(self._placement.placed(pyramid, found), tuple(tried))

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
        pixels = raster.pixels()
        # The mirror image costs little where the picture is small.
        if twice or max(raster.width, raster.height) <= self.plan.crop_side:
            return _Look(span, self._sight.twice(pixels).moved(span), in_mirror_too=True)
        return _Look(span, self._sight.once(pixels).moved(span))

    def _tiled(self, pyramid: Pyramid, span: float, tried: list[str], *, twice: bool = False) -> _Look:
        """Look at the whole photo in tiles that overlap, ``span`` photo pixels to one of theirs."""
        tried.append(_size_in_words(span))
        side, margin = self.plan.tile_side, self.plan.tile_margin
        columns, rows = round(pyramid.photo.width / span), round(pyramid.photo.height / span)
        see = self._sight.twice if twice else self._sight.once
        found = []
        for top in _tile_starts(rows, side, margin):
            for left in _tile_starts(columns, side, margin):
                to_photo = np.array([[span, 0, left * span], [0, span, top * span]])
                width, height = min(side, columns - left), min(side, rows - top)
                seen = see(pyramid.sampled(to_photo, width, height))
                inner = (left > 0, top > 0, left + width < columns, top + height < rows)
                found.append(_whole(seen, width, height, inner).moved(span, left * span, top * span))
        return _Look(span, together(found))

    def _enlarged(self, pyramid: Pyramid, tried: list[str]) -> _Look:
        long_side = max(pyramid.photo.width, pyramid.photo.height)
        return self._tiled(pyramid, 0.5, tried, twice=long_side <= self.plan.enlarged_side)

    def _settles(self, look: _Look) -> bool:
        least = (self.plan.settling_size * look.span) ** 2
        return any(
            score >= self.plan.settling_score and (right - left) * (bottom - top) >= least
            for (left, top, right, bottom), score in zip(
                look.found.boxes_xyxy.tolist(), look.found.scores.tolist(), strict=True
            )
        )

    def _sharp(self, look: _Look, face: Detections) -> bool:
        """Whether a face of this look has landmarks as good as a crop's: upright, and of its size."""
        (left, upper), (right, lower) = face.landmarks[0, :2].tolist()
        across, down = right - left, lower - upper
        least, most = self.plan.sharp_eye_distances
        return (
            look.in_mirror_too
            and float(face.scores[0]) >= self.plan.upright_score
            and abs(down) <= self.plan.upright_slope * across
            and least <= hypot(across, down) / look.span <= most
        )

    def _last_resorts(self, pyramid: Pyramid, tried: list[str]) -> Detections:
        """Look from afar, larger, and at the photo turned; the first look that shows a face ends it."""
        for margin in (0.25, 1.0):
            look = self._from_afar(pyramid, margin, tried)
            if len(look.found):
                return look.found
        if pyramid.photo_pixels_per_decoded_pixel > 1:
            look = self._tiled(pyramid, 1.0, tried, twice=True)
            if len(look.found):
                return look.found
        look = self._enlarged(pyramid, tried)
        return look.found if len(look.found) else self._turned(pyramid, tried)

    def _turned(self, pyramid: Pyramid, tried: list[str]) -> Detections:
        """Look at the photo turned on either side and upside down: cameras forget to say so."""
        factor = self._factors(pyramid)[0]
        for smaller in (factor, max(factor // 2, 1)):
            span, raster = pyramid.shrunk(smaller)
            pixels = raster.pixels()
            for quarters in (1, 3, 2):
                tried.append(f"{_size_in_words(span)} turned by {90 * quarters}°")
                turned = np.ascontiguousarray(np.rot90(pixels, quarters))
                found = self._sight.once(turned)
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
        return _Look(span, self._sight.twice(pixels).moved(span, left, top))


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


def _whole(seen: Detections, width: int, height: int, inner: tuple[bool, bool, bool, bool]) -> Detections:
    """Leave out what an inner edge of a tile cuts off: it is whole in the next tile, or in a smaller look.

    Args:
        seen: In pixels of the tile.
        width: Columns of the tile.
        height: Rows of the tile.
        inner: Whether the photo goes on beyond its left, top, right and bottom edge.
    """
    room = np.array([0, 0, width, height], np.float32)
    inside = (seen.boxes_xyxy - room) * np.array([1, 1, -1, -1], np.float32) > _EDGE
    return seen[(inside | ~np.array(inner)).all(1)]


def _tile_starts(length: int, side: int, margin: int) -> list[int]:
    """Where tiles begin so that they cover a length and overlap by at least a margin."""
    if length <= side:
        return [0]
    count = ceil((length - margin) / (side - margin))
    return [int(start) for start in np.linspace(0, length - side, count)]
