"""A connected pipeline in, the same with somebody watching at every port out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from faceward import wiring
from faceward.core.values import FloatArray, PixelArray
from faceward.ports.codec import Codec, ImageLimits, Photo, Raster, Source
from faceward.ports.runtime import Network, Placement
from faceward.recognition.recogniser import Networks, Recogniser
from faceward.wiring import Parts

PARTS = ("decode", "detector", "embedder")


@dataclass
class Observer:
    """What was seen of one photo's way through the pipeline; not for several threads.

    Attributes:
        recording: Whether to keep the networks' inputs.
        seconds: Time spent in each of `PARTS`.
        decoded: Rows and columns of each raster that was decoded.
        runs: Each run of a network, in order: its name, the network, the pixels it was given.
    """

    recording: bool = False
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    decoded: list[tuple[int, int]] = field(default_factory=list)
    runs: list[tuple[str, Network, PixelArray]] = field(default_factory=list)

    def watch(self, parts: Parts) -> Recogniser:
        """The recogniser of these parts, on the very same networks, timed and kept."""
        networks = parts.networks
        detector, embedder = (
            _ObservedNetwork(self, name, network)
            for name, network in (("detector", networks.detector), ("embedder", networks.embedder))
        )
        return Recogniser(
            _ObservedCodec(self, wiring.codec()),
            Networks(detector, embedder, networks.contract),
            limits=parts.recogniser.limits,
        )

    def forget(self) -> None:
        """Begin with the next photo."""
        # Parts that a photo does not reach take no time, which is a figure too.
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self.decoded.clear()
        self.runs.clear()


class _ObservedNetwork:
    def __init__(self, observer: Observer, name: str, network: Network) -> None:
        self._observer = observer
        self._name = name
        self._network = network

    @property
    def placement(self) -> Placement:
        return self._network.placement

    def run(self, images: PixelArray) -> Mapping[str, FloatArray]:
        started = time.perf_counter()
        outputs = self._network.run(images)
        self._observer.seconds[self._name] += time.perf_counter() - started
        if self._observer.recording:
            self._observer.runs.append((self._name, self._network, images.copy()))
        return outputs


class _ObservedCodec:
    def __init__(self, observer: Observer, codec: Codec) -> None:
        self._observer = observer
        self._codec = codec

    @property
    def formats(self) -> Sequence[str]:
        return self._codec.formats

    def open(self, source: Source, limits: ImageLimits) -> Photo:
        started = time.perf_counter()
        photo = self._codec.open(source, limits)
        self._observer.seconds["decode"] += time.perf_counter() - started
        return _ObservedPhoto(self._observer, photo)


@dataclass(frozen=True, slots=True, eq=False)
class _ObservedPhoto:
    observer: Observer
    photo: Photo

    @property
    def format(self) -> str:
        return self.photo.format

    @property
    def width(self) -> int:
        return self.photo.width

    @property
    def height(self) -> int:
        return self.photo.height

    def raster(self, min_long_side: int | None = None) -> Raster:
        started = time.perf_counter()
        raster = self.photo.raster(min_long_side)
        self.observer.seconds["decode"] += time.perf_counter() - started
        self.observer.decoded.append((raster.height, raster.width))
        return raster
