"""What a pipeline tells of its steps in, what one photo's way took and what the networks were given out."""

from __future__ import annotations

from dataclasses import dataclass, field

from faceward import wiring
from faceward.core.values import PixelArray
from faceward.ports.codec import Raster
from faceward.ports.runtime import Network
from faceward.recognition.listening import listened
from faceward.recognition.recogniser import Recogniser
from faceward.wiring import Parts

PARTS = ("decode", "detector", "embedder")


@dataclass
class Observer:
    """What was seen of one photo's way through the pipeline, as a listener; not for several threads.

    Attributes:
        recording: Whether to keep the networks' inputs.
        seconds: Time spent in each of `PARTS`.
        rasters: Rows and columns of each raster that was decoded.
        runs: Each run of a network, in order: its name, the network, the pixels it was given.
    """

    recording: bool = False
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    rasters: list[tuple[int, int]] = field(default_factory=list)
    runs: list[tuple[str, Network, PixelArray]] = field(default_factory=list)

    def watch(self, parts: Parts) -> Recogniser:
        """The recogniser of these parts, on the very same networks, timed and kept."""
        return listened(self, wiring.codec(), parts.networks, parts.recogniser.limits)

    def forget(self) -> None:
        """Begin with the next photo."""
        # Parts that a photo does not reach take no time, which is a figure too.
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self.rasters.clear()
        self.runs.clear()

    def opened(self, seconds: float) -> None:
        """Reading the file and its header counts as decoding."""
        self.seconds["decode"] += seconds

    def decoded(self, raster: Raster, seconds: float) -> None:
        """Keep how large it was decoded."""
        self.seconds["decode"] += seconds
        self.rasters.append((raster.height, raster.width))

    def detected(self, network: Network, images: PixelArray, seconds: float) -> None:
        """Keep what the detector was shown."""
        self._ran("detector", network, images, seconds)

    def embedded(self, network: Network, images: PixelArray, seconds: float) -> None:
        """Keep what the embedder was shown."""
        self._ran("embedder", network, images, seconds)

    def _ran(self, name: str, network: Network, images: PixelArray, seconds: float) -> None:
        self.seconds[name] += seconds
        if self.recording:
            self.runs.append((name, network, images.copy()))
