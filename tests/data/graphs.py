"""Small ONNX networks and their manifests, good ones and ones that must be refused; all made by this code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 16
LENGTH = 32


def _weights(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, shape).astype(np.float32)


def embedder(
    *,
    ending: str | None = None,
    batch: int | str = 1,
    layout: str = "nchw",
    norm: bool = True,
    bottleneck: bool = False,
) -> onnx.ModelProto:
    """An embedder as exporters write it: convolution, BatchNorm, PRelu, a Reshape for one image, Gemm.

    Args:
        ending: An operator to put after the features.
        batch: First dimension as exported.
        layout: Order of the axes it takes.
        norm: Whether there are BatchNorms.
        bottleneck: Whether the first convolution is read through a subtraction.
    """
    image = [batch, 3, SIDE, SIDE] if layout == "nchw" else [batch, SIDE, SIDE, 3]
    nodes, source = [], "data"
    if layout == "nhwc":
        nodes.append(helper.make_node("Transpose", ["data"], ["nchw"], perm=[0, 3, 1, 2]))
        source = "nchw"
    if bottleneck:
        nodes.append(helper.make_node("Sub", [source, "centre"], ["centred"]))
        source = "centred"
    nodes.append(helper.make_node("Conv", [source, "w1"], ["c1"], pads=[1, 1, 1, 1], strides=[2, 2]))
    last = "c1"
    if norm:
        nodes.append(helper.make_node("BatchNormalization", ["c1", "s", "b", "m", "v"], ["n1"], epsilon=2e-5))
        last = "n1"
    nodes += [
        helper.make_node("PRelu", [last, "slope"], ["p1"]),
        helper.make_node("Dropout", ["p1"], ["d1"]),
        helper.make_node("Reshape", ["d1", "flat"], ["r1"]),
        helper.make_node("Gemm", ["r1", "w2"], ["g1"], transB=1),
    ]
    last = "g1"
    if norm:
        nodes.append(
            helper.make_node("BatchNormalization", ["g1", "s2", "b2", "m2", "v2"], ["n2"], epsilon=2e-5)
        )
        last = "n2"
    if ending is not None:
        nodes.append(helper.make_node(ending, [last], ["ended"]))
        last = "ended"
    nodes[-1].output[0] = "features_out"
    half = SIDE // 2
    constants = {
        "w1": _weights((8, 3, 3, 3), 1),
        "s": 1 + _weights((8,), 2),
        "b": _weights((8,), 3),
        "m": _weights((8,), 4),
        "v": 1 + np.abs(_weights((8,), 5)),
        "slope": np.full((8, 1, 1), 0.25, np.float32),
        "flat": np.array([1, 8 * half * half], np.int64),
        "w2": _weights((LENGTH, 8 * half * half), 6),
        "s2": 1 + _weights((LENGTH,), 7),
        "b2": _weights((LENGTH,), 8),
        "m2": _weights((LENGTH,), 9),
        "v2": 1 + np.abs(_weights((LENGTH,), 10)),
        "centre": np.full((1, 3, 1, 1), 5.0, np.float32),
    }
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, image)],
        [helper.make_tensor_value_info("features_out", TensorProto.FLOAT, [batch, LENGTH])],
        [numpy_helper.from_array(value, name) for name, value in constants.items() if name in used],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def manifest(source: bytes, **changes: Any) -> dict[str, Any]:
    """The manifest of a small embedder, as JSON values; ``changes`` replace whole keys."""
    values: dict[str, Any] = {
        "identifier": "small",
        "task": "embedder",
        "title": "A small embedder of the tests",
        "licence": {"spdx": "MIT", "commercial_use": True, "notice": "Made by the tests."},
        "file": {"file": "small.onnx"},
        "sha256": hashlib.sha256(source).hexdigest(),
        "input": {
            "channel_order": "rgb",
            "layout": "nchw",
            "mean": [127.5, 127.5, 127.5],
            "std": [127.5, 127.5, 127.5],
            "height": SIDE,
            "width": SIDE,
            "multiple": 1,
        },
        "output": {"length": LENGTH, "alignment": "arcface-112"},
        "training_data": "None; the weights are random.",
        "provenance": "tests/data/graphs.py",
        "citation": "none",
        "intended_uses": ["tests"],
        "forbidden_uses": ["anything else"],
        "rates": [],
        "limits": ["It knows nobody."],
    }
    return values | changes


def written(folder: Path, model: onnx.ModelProto | bytes, **changes: Any) -> tuple[Path, Path]:
    """Write a model and its manifest, and say where: the ONNX file, then the JSON file."""
    source = model if isinstance(model, bytes) else model.SerializeToString()
    files = (folder / "given.onnx", folder / "given.json")
    files[0].write_bytes(source)
    files[1].write_text(json.dumps(manifest(source, **changes)), encoding="utf-8")
    return files


def reference(model: onnx.ModelProto, images: np.ndarray, mean: float, std: float, order: str) -> np.ndarray:
    """Features by ONNX's own reference evaluator, one image at a time, shape ``(N, LENGTH)``.

    Args:
        model: What `embedder` gave, taking ``(1, 3, SIDE, SIDE)`` or ``(1, SIDE, SIDE, 3)``.
        images: Shape ``(N, SIDE, SIDE, 3)``, uint8, RGB.
        mean: Subtracted from each pixel.
        std: What the difference is divided by.
        order: ``rgb`` or ``bgr``, what the model takes.
    """
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(model)
    nhwc = model.graph.input[0].type.tensor_type.shape.dim[3].dim_value == 3
    rows = []
    for image in images:
        picture = (image[..., ::-1] if order == "bgr" else image).astype(np.float32)
        picture = (picture - np.float32(mean)) / np.float32(std)
        picture = picture if nhwc else picture.transpose(2, 0, 1)
        rows.append(evaluator.run(None, {"data": np.ascontiguousarray(picture)[None]})[0])
    return np.concatenate(rows)
