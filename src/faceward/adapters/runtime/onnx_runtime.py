"""A prepared graph in, a network that ONNX Runtime runs out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from threading import BoundedSemaphore
from types import ModuleType
from typing import Any

import numpy as np

from faceward.adapters.runtime.checks import check_images, check_placement, last_line
from faceward.core.values import FloatArray, PixelArray
from faceward.errors import DependencyError, DependencyMissing, DeviceMissing, ModelRefused
from faceward.ports.runtime import Network, Placement, PreparedGraph

_PROVIDERS: dict[str, tuple[str, dict[str, str]]] = {
    "cpu": ("CPUExecutionProvider", {}),
    # By default these would multiply in TensorFloat-32 or half precision and call it float32.
    "cuda": ("CUDAExecutionProvider", {"use_tf32": "0"}),
    "tensorrt": ("TensorrtExecutionProvider", {"trt_fp16_enable": "0", "trt_int8_enable": "0"}),
    "coreml": (
        "CoreMLExecutionProvider",
        {
            "ModelFormat": "MLProgram",
            "MLComputeUnits": "CPUAndGPU",  # The neural engine knows half precision only.
            "AllowLowPrecisionAccumulationOnGPU": "0",
        },
    ),
    "rocm": ("ROCMExecutionProvider", {}),
    "directml": ("DmlExecutionProvider", {}),
}
"""Our device names, and the provider with the options that keep it in float32.

Source: ONNX Runtime's execution provider pages. Only ``cpu`` was run by this project.
"""


class OnnxRuntimeNetwork:
    """A session, and a limit on how many runs are under way at once."""

    def __init__(self, session: Any, failure: type[Exception], placement: Placement) -> None:
        self._session = session
        self._failure = failure
        self._placement = placement
        self._names = [output.name for output in session.get_outputs()]
        self._input = session.get_inputs()[0].name
        self._slots = BoundedSemaphore(placement.streams)

    @property
    def placement(self) -> Placement:
        """Where it really runs, as read back from ONNX Runtime."""
        return self._placement

    def run(self, images: PixelArray) -> Mapping[str, FloatArray]:
        """Run once; more callers than streams wait for their turn.

        Args:
            images: Shape ``(N, H, W, 3)``, uint8, RGB, contiguous.

        Returns:
            The outputs by name, float32, first dimension N; the caller owns them.

        Raises:
            InvalidValue: The array has another shape or type.
            DependencyError: ONNX Runtime failed.
        """
        check_images(images)
        try:
            with self._slots:
                values = self._session.run(self._names, {self._input: images})
        except self._failure as error:
            raise DependencyError(
                f"ONNX Runtime could not run images of shape {images.shape}: {last_line(error)}."
            ) from None
        return {name: np.asarray(value, np.float32) for name, value in zip(self._names, values, strict=True)}


class OnnxRuntimeRuntime:
    """ONNX Runtime on one named provider; it never moves to another one by itself."""

    @property
    def name(self) -> str:
        """``onnxruntime``."""
        return "onnxruntime"

    @property
    def version(self) -> str:
        """Version of the library that really runs."""
        return str(self._library.__version__)

    def devices(self) -> tuple[str, ...]:
        """The devices that can be asked for here."""
        available = set(self._library.get_available_providers())
        return tuple(device for device, (provider, _) in _PROVIDERS.items() if provider in available)

    def precisions(self, device: str) -> tuple[str, ...]:
        """``f32``: the prepared graphs are float32 and the provider is told to stay there.

        Raises:
            DeviceMissing: The device is not there.
        """
        if device not in self.devices():
            raise DeviceMissing(
                f"ONNX Runtime has no device {device!r} here.",
                remedy=f"Ask for one of: {', '.join(self.devices()) or 'none'}; "
                "another device needs the build of onnxruntime that brings it.",
            )
        return ("f32",)

    def load(
        self,
        graph: PreparedGraph,
        placement: Placement,
        expected: tuple[int, int, int, int] | None = None,  # noqa: ARG002 - nothing is gained by it here
    ) -> Network:
        """Make a session for a device.

        Raises:
            DeviceMissing: The device is not there, cannot compute in that precision, or could not take
                the whole graph.
            InvalidValue: The placement asks for less than one thread or stream.
            ModelRefused: ONNX Runtime does not take the graph.
        """
        check_placement(placement)
        precisions = self.precisions(placement.device)
        if placement.precision not in precisions:
            raise DeviceMissing(
                f"ONNX Runtime does not compute in {placement.precision!r} on {placement.device}.",
                remedy=f"Ask for one of: {', '.join(precisions)}.",
            )
        provider, options = _PROVIDERS[placement.device]
        try:
            session = self._library.InferenceSession(
                graph.onnx, self._options(placement), providers=[(provider, options)]
            )
        except self._failure as error:
            raise ModelRefused(f"ONNX Runtime does not take {graph.model}: {last_line(error)}.") from None
        if session.get_providers()[:1] != [provider]:
            raise DeviceMissing(
                f"ONNX Runtime could not start {placement.device} and fell back to "
                f"{', '.join(session.get_providers())}.",
                remedy="Install the driver and libraries this device needs.",
            )
        read = session.get_session_options()
        return OnnxRuntimeNetwork(
            session,
            self._failure,
            Placement(placement.device, "f32", read.intra_op_num_threads, placement.streams),
        )

    def _options(self, placement: Placement) -> Any:
        library = self._library
        options = library.SessionOptions()
        options.intra_op_num_threads = placement.threads
        options.inter_op_num_threads = 1
        options.execution_mode = library.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = library.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.enable_mem_pattern = False  # It plans for one shape; photos come in many.
        options.log_severity_level = 4
        # Waiting threads would otherwise burn the cores that the next stage needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Weights that are stored as integers become what they stand for once, and not at every run: it would
        # take a seventh longer.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        if placement.device != "cpu":
            options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
        return options

    @cached_property
    def _library(self) -> ModuleType:
        try:
            import onnxruntime
        except ImportError as error:
            raise DependencyMissing(
                f"onnxruntime cannot be imported ({error}).",
                remedy="Install the extra: `pip install 'faceward[onnxruntime]'`.",
            ) from None
        library: ModuleType = onnxruntime
        library.disable_telemetry_events()
        return library

    @cached_property
    def _failure(self) -> type[Exception]:
        """What ONNX Runtime raises; its own classes have no other ancestor in common."""
        return Exception
