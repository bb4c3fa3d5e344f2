"""What a pipeline tells of its steps in, seconds by stage out."""

from __future__ import annotations

from dataclasses import dataclass, field

from faceward.core.values import PixelArray
from faceward.ports.codec import Raster
from faceward.ports.runtime import Network

STAGES = ("open", "decode", "look", "landmarks", "template")
"""``look``: the detector on the photo. ``landmarks``: the detector on a crop of a face found."""


@dataclass(slots=True)
class Stopwatch:
    """Seconds each stage took since the last `reset`, as a listener hears them. For one thread.

    Attributes:
        crop_side: Side of the crops in which landmarks are found; a square look of that size in a batch of
            two counts as one.
        seconds: By stage.
        runs: How often it ran, by stage.
    """

    crop_side: int
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    runs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))

    def reset(self) -> None:
        """Start again from nothing."""
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self.runs = dict.fromkeys(STAGES, 0)

    def opened(self, seconds: float) -> None:
        """Count a header."""
        self._add("open", seconds)

    def decoded(self, raster: Raster, seconds: float) -> None:  # noqa: ARG002 - whatever it shows
        """Count a decoding."""
        self._add("decode", seconds)

    def detected(self, network: Network, images: PixelArray, seconds: float) -> None:  # noqa: ARG002
        """Count a look, at the photo or at a crop."""
        is_crop = images.shape[:3] == (2, self.crop_side, self.crop_side)
        self._add("landmarks" if is_crop else "look", seconds)

    def embedded(self, network: Network, images: PixelArray, seconds: float) -> None:  # noqa: ARG002
        """Count a template."""
        self._add("template", seconds)

    def _add(self, stage: str, seconds: float) -> None:
        self.seconds[stage] += seconds
        self.runs[stage] += 1
