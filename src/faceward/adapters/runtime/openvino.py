"""A prepared graph in, a network that OpenVINO runs out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from queue import SimpleQueue
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np

from faceward.adapters.runtime.checks import check_images, check_placement, last_line
from faceward.core.values import FloatArray, PixelArray
from faceward.errors import DependencyError, DependencyMissing, DeviceMissing, ModelRefused
from faceward.ports.runtime import Network, Placement, PreparedGraph

_CAPABILITIES = {"bf16": "BF16", "f32": "FP32"}
"""Our precisions, the faster one first, in the words of OpenVINO's OPTIMIZATION_CAPABILITIES."""

_FIRST_USE = Lock()
"""Held while openvino is imported and made ready: threads may come first together."""

_MOST_SHAPES = 16  # Each holds a few megabytes. Our number; the detector is shown twelve shapes.
_MOST_COUNTED = 1024  # Counting starts anew then, so that ever new shapes cannot fill memory.


class _Slot:
    """The infer requests of one run at a time, one for each compiled graph."""

    def __init__(self) -> None:
        self._requests: dict[tuple[int, ...] | None, Any] = {}

    def request(self, shape: tuple[int, ...] | None, compiled: Any) -> Any:
        """The request for what was compiled for a shape, or for any shape where that is ``None``."""
        if shape not in self._requests:
            self._requests[shape] = compiled.create_infer_request()
        return self._requests[shape]


class OpenVinoNetwork:
    """A graph, compiled for any shape and for the shapes that keep coming, and slots to run it in.

    OpenVINO prepares a graph for any shape anew whenever the shape changes: YuNet, shown pictures of
    changing sizes, takes 2 ms less a run where each size was compiled for, for 0.1 s once. The values
    stay the same, but for the last bit of a score (tested).
    """

    def __init__(
        self,
        model: Any,
        compile_for: Callable[[tuple[int, ...] | None], Any],
        placement: Placement,
        expected: tuple[int, ...] | None,
        settled_after: int,
    ) -> None:
        self._names = tuple(output.get_any_name() for output in model.outputs)
        self._compile_for = compile_for
        self._settled_after = settled_after
        first = compile_for(expected)
        self._placement = _read_back(first, placement)
        self._compiled: dict[tuple[int, ...] | None, Any] = {expected: first}
        self._seen: Counter[tuple[int, ...]] = Counter()
        self._compiling = Lock()
        self._slots: SimpleQueue[_Slot] = SimpleQueue()
        for _ in range(placement.streams):
            self._slots.put(_Slot())

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
        slot = self._slots.get()
        try:
            request = slot.request(*self._for(images.shape))
            # Shared in: the pixels are not copied. Copied out: the next caller gets this request again.
            results = request.infer(images, share_inputs=True, share_outputs=True, decode_strings=False)
            return {
                name: np.array(value) for name, value in zip(self._names, results.to_tuple(), strict=True)
            }
        except RuntimeError as error:
            raise DependencyError(
                f"OpenVINO could not run images of shape {images.shape}: {last_line(error)}."
            ) from None
        finally:
            self._slots.put(slot)

    def _for(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...] | None, Any]:
        """What to run for a shape: what was compiled for it, or else for any."""
        if shape in self._compiled:
            return shape, self._compiled[shape]
        with self._compiling:
            self._seen[shape] += 1
            if len(self._seen) > _MOST_COUNTED:
                self._seen.clear()
            settled = self._seen[shape] > self._settled_after and len(self._compiled) < _MOST_SHAPES
            key = shape if settled else None
            if key not in self._compiled:
                self._compiled[key] = self._compile_for(key)
            return key, self._compiled[key]


class OpenVinoRuntime:
    """OpenVINO, with nothing left for it to choose: device, precision, threads and streams are said."""

    def __init__(self, settled_after: int = 16) -> None:
        """Make a runtime; nothing is imported before it is used.

        Args:
            settled_after: How often a network sees a shape before it is compiled for. Compiling costs as
                much as 50 runs gain; our number, so that a command that looks at a few photos never
                pays and a service soon gains.
        """
        self._settled_after = settled_after

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

    def load(
        self, graph: PreparedGraph, placement: Placement, expected: tuple[int, int, int, int] | None = None
    ) -> Network:
        """Compile a graph for a device.

        Args:
            graph: The network.
            placement: Where and how it should run.
            expected: The one shape that nearly every run will have; ``None`` where shapes change.

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
        try:
            model = self._core.read_model(graph.onnx)
            compile_for = partial(self._compiled, model, placement)
            return OpenVinoNetwork(model, compile_for, placement, expected, self._settled_after)
        except RuntimeError as error:
            raise ModelRefused(f"OpenVINO does not take {graph.model}: {last_line(error)}.") from None

    def _compiled(self, model: Any, placement: Placement, shape: tuple[int, ...] | None) -> Any:
        config: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": placement.precision,
            "NUM_STREAMS": placement.streams,
        }
        if placement.device == "cpu":
            config["INFERENCE_NUM_THREADS"] = placement.threads * placement.streams
            # Pinned, two processes with one thread each share one core and leave the other idle.
            config["ENABLE_CPU_PINNING"] = False
            # Weights that are stored as integers must not make integers of what they are multiplied with.
            config["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = 0
        if shape is not None:
            model = model.clone()
            model.reshape(list(shape))
        return self._core.compile_model(model, placement.device.upper(), config)

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
        # OpenVINO takes no more threads than there are cores, and says so here.
        threads = max(int(compiled.get_property("INFERENCE_NUM_THREADS")) // max(streams, 1), 1)
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
    with _FIRST_USE:
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
        # The first look at a type's dtype fills a table in C++ that Python code has to help with. Two threads
        # that come first together wait for each other for ever: one holds the table, the other the GIL.
        # Source: openvino 2026.4.1; tests/unit/adapters/test_openvino_first_use.py hangs without this line.
        openvino.Type.u8.to_dtype()
    module: ModuleType = openvino
    return module
