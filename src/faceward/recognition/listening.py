"""Parts of a pipeline in, the same parts telling a listener of each step out; results stay what they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from faceward.core.values import FloatArray, PixelArray
from faceward.ports.codec import Codec, ImageLimits, Photo, Raster, Source
from faceward.ports.runtime import Network, Placement
from faceward.recognition.recogniser import Networks, Recogniser


class Listener(Protocol):
    """Is told of each step as it ends, in the thread that took it; seconds are those of the step alone."""

    def opened(self, seconds: float) -> None:
        """The header of a photo was read."""

    def decoded(self, raster: Raster, seconds: float) -> None:
        """A photo was decoded."""

    def detected(self, network: Network, images: PixelArray, seconds: float) -> None:
        """The detector ran; the pixels are the pipeline's and may change afterwards."""

    def embedded(self, network: Network, images: PixelArray, seconds: float) -> None:
        """The embedder ran; likewise."""


def listened(listener: Listener, codec: Codec, networks: Networks, limits: ImageLimits) -> Recogniser:
    """A recogniser of these very parts that tells a listener of each step."""
    told = Networks(
        _Network(networks.detector, listener.detected),
        _Network(networks.embedder, listener.embedded),
        networks.contract,
    )
    return Recogniser(_Codec(codec, listener), told, limits=limits)


class _Ran(Protocol):
    def __call__(self, network: Network, images: PixelArray, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class _Network:
    network: Network
    ran: _Ran

    @property
    def placement(self) -> Placement:
        """Where it really runs."""
        return self.network.placement

    def run(self, images: PixelArray) -> Mapping[str, FloatArray]:
        """Run once."""
        started = perf_counter()
        outputs = self.network.run(images)
        self.ran(self.network, images, perf_counter() - started)
        return outputs


@dataclass(frozen=True, slots=True)
class _Codec:
    codec: Codec
    listener: Listener

    @property
    def formats(self) -> Sequence[str]:
        """The formats it opens."""
        return self.codec.formats

    def open(self, source: Source, limits: ImageLimits) -> Photo:
        """Read the header."""
        started = perf_counter()
        photo = self.codec.open(source, limits)
        self.listener.opened(perf_counter() - started)
        return _Photo(photo, self.listener)


@dataclass(frozen=True, slots=True)
class _Photo:
    photo: Photo
    listener: Listener

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
        """Decode."""
        started = perf_counter()
        raster = self.photo.raster(min_long_side)
        self.listener.decoded(raster, perf_counter() - started)
        return raster
