"""Figures in, the way a photo is searched out."""

from __future__ import annotations

from dataclasses import dataclass


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
        tile_margin: How far tiles overlap, pixels: every face up to this size is whole in one of them.
        enlarged_side: Photos up to this longest side are searched at twice their size with their mirror
            image; larger ones without it.
        enlarged_size: From that look only faces up to this size count, in pixels of the photo.
        coarse_size: From a look at less than full size only faces count that have this size, in pixels,
            in the next finer one: what is smaller is seen better there.
        support_score: Where all faces are wanted, the least detection score in a look at any but full
            size: each such look also shows things that look like a face and are none.
        crop_eye_distance: Distance of the eyes, pixels, in the crop in which landmarks are found anew. It
            fills the smallest canvas.
        sharp_eye_distances: A look that saw the face in the mirror too, with its eyes this far apart, has
            landmarks as good as a crop's.
        upright_score: A face that scores less in its crop may be turned, and is tried in eight positions:
            of 120 upright portraits and press photos one scored less.
        upright_slope: Tangent of the tilt that a look may report of a face it is to be trusted with; it
            reports a small part of the true one.
    """

    min_score: float = 0.6
    min_mean_score: float = 0.6
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
    tile_margin: int = 320
    enlarged_side: int = 1600
    enlarged_size: float = 32.0
    coarse_size: float = 300.0
    support_score: float = 0.7
    crop_eye_distance: float = 24.0
    sharp_eye_distances: tuple[float, float] = (18.0, 34.0)
    upright_score: float = 0.9
    upright_slope: float = 0.05

    @property
    def crop_side(self) -> int:
        """Side of the smallest canvas, which is square."""
        return self.canvases[0][0]

    @property
    def tile_side(self) -> int:
        """Side of the largest picture that one look takes."""
        return self.canvases[-1][0]
