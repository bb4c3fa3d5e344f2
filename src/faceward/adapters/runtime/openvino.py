"""A prepared graph in, a network that OpenVINO runs out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from queue import SimpleQueue
from types import ModuleType
from typing import Any

import numpy as np

from faceward.adapters.runtime.images import check_images, check_placement, first_line
from faceward.core.values import FloatArray, PixelArray
from faceward.errors import DependencyError, DependencyMissing, DeviceMissing, ModelRefused
from faceward.ports.runtime import Network, Placement, PreparedGraph

_CAPABILITIES = {"bf16": "BF16", "f32": "FP32"}
"""Our precisions, the faster one first, in the words of OpenVINO's OPTIMIZATION_CAPABILITIES."""


class OpenVinoNetwork:
    """A compiled graph and as many infer requests as runs may be under way at once."""

    def __init__(self, compiled: Any, names: tuple[str, ...], placement: Placement) -> None:
        self._names = names
        self._placement = placement
        self._requests: SimpleQueue[Any] = SimpleQueue()
        for _ in range(placement.streams):
            self._requests.put(compiled.create_infer_request())

    @property
    def placement(self) -> Placement:
        """Where it really runs, as read back from OpenVINO."""
        return self._placement

    def run(self, images: PixelArray) -> Mapping[str, FloatArray]:
        """Run once; more callers than streams wait for their turn.

        Args:
            images: Shape ``(N, H, W, 3)``, uint8, RGB, contiguous.

        Returns:
            The outputs by name, float32, first dimension N; the caller owns them.

        Raises:
            InvalidValue: The array has another shape or type.
            DependencyError: OpenVINO failed.
        """
        check_images(images)
        request = self._requests.get()
        try:
            # Shared in: the pixels are not copied. Copied out: the next caller gets this request again.
            results = request.infer([images], share_inputs=True, share_outputs=True, decode_strings=False)
            return {name: np.array(results[index]) for index, name in enumerate(self._names)}
        except RuntimeError as error:
            raise DependencyError(
                f"OpenVINO could not run {images.shape} images: {first_line(error)}"
            ) from None
        finally:
            self._requests.put(request)


class OpenVinoRuntime:
    """OpenVINO, with nothing left for it to choose: device, precision, threads and streams are said."""

    @property
    def name(self) -> str:
        """``openvino``."""
        return "openvino"

    @property
    def version(self) -> str:
        """Version of the library that really runs."""
        return str(self._library.get_version())

    def devices(self) -> tuple[str, ...]:
        """The devices that can be asked for here, in lower case."""
        return tuple(device.lower() for device in self._core.available_devices)

    def precisions(self, device: str) -> tuple[str, ...]:
        """The precisions a device computes natively, the preferred one first.

        Raises:
            DeviceMissing: The device is not there.
        """
        if device not in self.devices():
            raise DeviceMissing(
                f"OpenVINO has no device {device!r} here.",
                remedy=f"Ask for one of: {', '.join(self.devices()) or 'none'}.",
            )
        capabilities = set(self._core.get_property(device.upper(), "OPTIMIZATION_CAPABILITIES"))
        return tuple(name for name, word in _CAPABILITIES.items() if word in capabilities)

    def load(self, graph: PreparedGraph, placement: Placement) -> Network:
        """Compile a graph for a device.

        Raises:
            DeviceMissing: The device is not there, or cannot compute in that precision.
            InvalidValue: The placement asks for less than one thread or stream.
            ModelRefused: OpenVINO does not take the graph.
        """
        check_placement(placement)
        precisions = self.precisions(placement.device)
        if placement.precision not in precisions:
            raise DeviceMissing(
                f"The device {placement.device} does not compute in {placement.precision!r}.",
                remedy=f"Ask for one of: {', '.join(precisions)}.",
            )
        config: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": placement.precision,
            "EXECUTION_MODE_HINT": "ACCURACY" if placement.precision == "f32" else "PERFORMANCE",
            "NUM_STREAMS": placement.streams,
        }
        if placement.device == "cpu":
            config["INFERENCE_NUM_THREADS"] = placement.threads * placement.streams
            # Pinned, two processes with one thread each share one core and leave the other idle.
            config["ENABLE_CPU_PINNING"] = False
        try:
            model = self._core.read_model(graph.onnx)
            names = tuple(output.get_any_name() for output in model.outputs)
            compiled = self._core.compile_model(model, placement.device.upper(), config)
        except RuntimeError as error:
            raise ModelRefused(f"OpenVINO does not take {graph.model}: {first_line(error)}") from None
        return OpenVinoNetwork(compiled, names, _read_back(compiled, placement))

    @cached_property
    def _library(self) -> ModuleType:
        return _imported()

    @cached_property
    def _core(self) -> Any:
        return self._library.Core()


def _read_back(compiled: Any, asked: Placement) -> Placement:
    """The placement that the compiled graph reports.

    Raises:
        DeviceMissing: It is another precision than was asked for.
    """
    precision = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    if precision != asked.precision:
        raise DeviceMissing(f"OpenVINO computes in {precision} though {asked.precision} was asked for.")
    streams = int(compiled.get_property("NUM_STREAMS"))
    threads = asked.threads
    if asked.device == "cpu":
        threads = int(compiled.get_property("INFERENCE_NUM_THREADS")) // max(streams, 1)
    return Placement(asked.device, precision, threads, streams)


def _imported() -> ModuleType:
    """Import openvino without its converter, and so without its telemetry.

    ``import openvino`` imports the model converter, which writes a client identifier into the home
    directory and reports the import over the network, unless a file there says no. We need neither: a
    ``None`` in ``sys.modules`` makes that one import fail, which openvino takes as "not installed".
    Source: openvino 2026.4.1, ``openvino/__init__.py``, last lines; ``openvino/tools/ovc/__init__.py``.

    Raises:
        DependencyMissing: openvino is not installed.
    """
    converter = "openvino.tools.ovc"
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    blocked = converter not in sys.modules
    if blocked:
        sys.modules[converter] = None  # type: ignore[assignment]
    try:
        import openvino
    except ImportError as error:
        raise DependencyMissing(
            f"openvino cannot be imported ({error}).", remedy="Run `pip install openvino`."
        ) from None
    finally:
        if blocked:
            del sys.modules[converter]
    module: ModuleType = openvino
    return module
