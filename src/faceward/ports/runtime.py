"""A prepared graph in, a network that can be run out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from faceward.core.values import FloatArray, PixelArray


@dataclass(frozen=True, slots=True)
class PreparedGraph:
    """A network in the one form that runtimes take.

    Attributes:
        model: Identifier of the catalogue entry it was prepared from.
        onnx: The ONNX file. Its one input ``image`` is uint8, ``(N, H, W, 3)``, RGB, N dynamic;
            scaling, channel order and layout are inside the graph. Outputs are float32.
        content_sha256: Digest of ``onnx``, checked when it was read.
    """

    model: str
    onnx: bytes
    content_sha256: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how a network should run.

    Attributes:
        device: ``cpu``, ``gpu``, ``cuda``, ``tensorrt``, ``coreml``, … as the runtime names them.
        precision: ``f32`` or ``bf16``; never left for a runtime to choose.
        threads: Threads for one run, at least 1.
        streams: Runs that may be under way at once, at least 1.
    """

    device: str = "cpu"
    precision: str = "f32"
    threads: int = 1
    streams: int = 1


class Network(Protocol):
    """A compiled graph. Safe to run from many threads at once."""

    @property
    def placement(self) -> Placement:
        """Where it really runs, as read back from the runtime."""

    def run(self, images: PixelArray) -> Mapping[str, FloatArray]:
        """Run once.

        Args:
            images: Shape ``(N, H, W, 3)``, uint8, RGB, contiguous.

        Returns:
            The outputs by name, float32, first dimension N; the caller owns them.

        Raises:
            DependencyError: The runtime failed.
        """


class Runtime(Protocol):
    """Compiles graphs. Every adapter passes tests/contracts/test_runtime.py."""

    @property
    def name(self) -> str:
        """``openvino`` or ``onnxruntime``."""

    @property
    def version(self) -> str:
        """Version of the library that really runs."""

    def devices(self) -> tuple[str, ...]:
        """The devices that can be asked for here."""

    def precisions(self, device: str) -> tuple[str, ...]:
        """The precisions a device computes natively, the preferred one first.

        Raises:
            DeviceMissing: The device is not there.
        """

    def load(
        self, graph: PreparedGraph, placement: Placement, expected: tuple[int, int, int, int] | None = None
    ) -> Network:
        """Compile a graph for a device.

        Args:
            graph: The network.
            placement: Where and how it should run.
            expected: The shape ``(N, H, W, 3)`` that nearly every run will have, so that it can be compiled
                for; ``None`` where shapes change. Other shapes run all the same.

        Raises:
            DeviceMissing: The device is not there, or cannot compute in that precision.
            ModelRefused: The runtime does not take the graph.
        """
