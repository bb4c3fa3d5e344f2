"""Parts of an engine in, the same parts with a clock on each stage out; results stay what they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from faceward.core.values import FloatArray, PixelArray
from faceward.ports.codec import Codec, ImageLimits, Photo, Raster, Source
from faceward.ports.runtime import Network, Placement
from faceward.recognition.recogniser import Networks, Recogniser

STAGES = ("open", "decode", "look", "landmarks", "template")
"""``look``: the detector on the photo. ``landmarks``: the detector on a crop of a face found."""


@dataclass(slots=True)
class Stopwatch:
    """Seconds each stage took since the last `reset`. For one thread.

    Attributes:
        seconds: By stage.
        runs: How often it ran, by stage.
    """

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    runs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))

    def reset(self) -> None:
        """Start again from nothing."""
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self.runs = dict.fromkeys(STAGES, 0)

    def add(self, stage: str, started: float) -> None:
        """Count what was started at a time of `perf_counter` and has just ended."""
        self.seconds[stage] += perf_counter() - started
        self.runs[stage] += 1

    def on(self, codec: Codec, networks: Networks, limits: ImageLimits, crop_side: int) -> Recogniser:
        """A recogniser of these parts, each with the clock on it.

        Args:
            codec: Opens photos.
            networks: Its networks.
            limits: Of photos.
            crop_side: Side of the crops in which landmarks are found; a square look of that size in a
                batch of two counts as one.
        """
        timed = Networks(
            _TimedNetwork(self, networks.detector, crop_side),
            _TimedNetwork(self, networks.embedder, None),
            networks.contract,
        )
        return Recogniser(_TimedCodec(self, codec), timed, limits=limits)


@dataclass(frozen=True, slots=True)
class _TimedNetwork:
    watch: Stopwatch
    network: Network
    crop_side: int | None

    @property
    def placement(self) -> Placement:
        """Where it really runs."""
        return self.network.placement

    def run(self, images: PixelArray) -> Mapping[str, FloatArray]:
        """Run once, and say how long it took."""
        started = perf_counter()
        outputs = self.network.run(images)
        if self.crop_side is None:
            stage = "template"
        else:
            is_crop = images.shape[:3] == (2, self.crop_side, self.crop_side)
            stage = "landmarks" if is_crop else "look"
        self.watch.add(stage, started)
        return outputs


@dataclass(frozen=True, slots=True)
class _TimedCodec:
    watch: Stopwatch
    codec: Codec

    @property
    def formats(self) -> Sequence[str]:
        """The formats it opens."""
        return self.codec.formats

    def open(self, source: Source, limits: ImageLimits) -> Photo:
        """Read the header, and say how long it took."""
        started = perf_counter()
        photo = self.codec.open(source, limits)
        self.watch.add("open", started)
        return _TimedPhoto(self.watch, photo)


@dataclass(frozen=True, slots=True)
class _TimedPhoto:
    watch: Stopwatch
    photo: Photo

    @property
    def format(self) -> str:
        """As the photo says."""
        return self.photo.format

    @property
    def width(self) -> int:
        """Columns."""
        return self.photo.width

    @property
    def height(self) -> int:
        """Rows."""
        return self.photo.height

    def raster(self, min_long_side: int | None = None) -> Raster:
        """Decode, and say how long it took."""
        started = perf_counter()
        raster = self.photo.raster(min_long_side)
        self.watch.add("decode", started)
        return raster
