"""A prepared graph computes what the original does, takes any batch, and is the same bytes every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import onnx
import pytest
from data import graphs

from faceward.adapters.model_source import preparation
from faceward.adapters.runtime.onnx_runtime import OnnxRuntimeRuntime
from faceward.catalogue import manifest
from faceward.errors import ModelRefused
from faceward.ports.runtime import Placement, PreparedGraph

pytest.importorskip("onnxruntime", reason="the extra faceward[onnxruntime] is not installed")


def entry_of(source: bytes, **changes):
    return manifest.parse(json.dumps(graphs.manifest(source, **changes)), "small")


def contract(**changes):
    return {"input": graphs.manifest(b"")["input"] | changes}


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (5, graphs.SIDE, graphs.SIDE, 3), dtype=np.uint8)


WAYS = [
    (norm, order, layout, bottleneck, scaling)
    for norm in (True, False)
    for order in ("rgb", "bgr")
    for layout, bottleneck in (("nchw", False), ("nchw", True), ("nhwc", False))
    for scaling in ((0.0, 1.0), (127.5, 127.5), (127.5, 128.0))
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_prepared_embedder_gives_the_features_of_the_original(images, way):
    """For each way to swap channels and scale, against ONNX's reference evaluator, one image at a time."""
    norm, order, layout, bottleneck, (mean, std) = way
    model = graphs.embedder(norm=norm, layout=layout, bottleneck=bottleneck)
    source = model.SerializeToString()
    entry = entry_of(source, **contract(channel_order=order, layout=layout, mean=[mean] * 3, std=[std] * 3))
    prepared = preparation.prepare(source, entry)
    network = OnnxRuntimeRuntime().load(PreparedGraph("small", prepared, ""), Placement())
    given = network.run(images)["features"]
    wanted = graphs.reference(model, images, mean, std, order)
    assert given.shape == (5, graphs.LENGTH)
    np.testing.assert_allclose(given, wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max())


def test_each_channel_is_scaled_by_its_own_mean_and_std(images):
    """Also where the swap of the channels is folded into the first convolution."""
    model = graphs.embedder()
    source = model.SerializeToString()
    mean, std = [10.0, 100.0, 200.0], [50.0, 60.0, 70.0]
    entry = entry_of(source, **contract(channel_order="bgr", mean=mean, std=std))
    network = OnnxRuntimeRuntime().load(
        PreparedGraph("small", preparation.prepare(source, entry), ""), Placement()
    )
    scaled = (images[..., ::-1].astype(np.float32) - np.float32(mean)) / np.float32(std)
    wanted = graphs.reference(model, scaled[..., ::-1], 0, 1, "bgr")
    np.testing.assert_allclose(network.run(images)["features"], wanted, rtol=1e-4, atol=1e-4)


def test_nothing_is_left_that_costs_time():
    """BatchNorms, Dropout and the channel swap are gone; every input that is left is the image."""
    source = graphs.embedder().SerializeToString()
    entry = entry_of(source, **contract(channel_order="bgr"))
    graph = onnx.load_from_string(preparation.prepare(source, entry)).graph
    assert [node.op_type for node in graph.node] == [
        "Transpose", "Cast", "Sub", "Div", "Conv", "PRelu", "Reshape", "Gemm"
    ]  # fmt: skip
    assert [value.name for value in graph.input] == ["image"]
    assert [value.name for value in graph.output] == ["features"]
    onnx.checker.check_model(preparation.prepare(source, entry), full_check=True)


def test_a_norm_whose_input_others_read_is_not_folded(images):
    """Folding it would change what the others read."""
    model = graphs.embedder()
    model.graph.node.insert(2, onnx.helper.make_node("Add", ["n1", "c1"], ["both"]))
    next(node for node in model.graph.node if node.op_type == "PRelu").input[0] = "both"
    source = model.SerializeToString()
    prepared = preparation.prepare(source, entry_of(source))
    kinds = [node.op_type for node in onnx.load_from_string(prepared).graph.node]
    assert kinds.count("BatchNormalization") == 1
    network = OnnxRuntimeRuntime().load(PreparedGraph("small", prepared, ""), Placement())
    wanted = graphs.reference(model, images, 127.5, 127.5, "rgb")
    np.testing.assert_allclose(network.run(images)["features"], wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("blocks", [0, 4])
def test_quantised_weights_become_what_they_stand_for(images, blocks):
    """In blocks of an axis, or one scale for each channel; the last block may be short."""
    model = graphs.embedder(norm=False)
    weights = next(t for t in model.graph.initializer if t.name == "w2")
    values = onnx.numpy_helper.to_array(weights)[:, :510]
    scale = np.full((graphs.LENGTH, 128) if blocks else graphs.LENGTH, 0.01, np.float32)
    scale[::3] = 0.02
    zero = np.full(scale.shape, 3, np.int8)
    quantised = np.clip(np.round(values / 0.01), -128, 127).astype(np.int8)
    model.graph.initializer.remove(weights)
    names = {"q": quantised, "scale": scale, "zero": zero, "pad": np.zeros((graphs.LENGTH, 2), np.float32)}
    model.graph.initializer.extend(onnx.numpy_helper.from_array(v, k) for k, v in names.items())
    options = {"axis": 1, "block_size": blocks} if blocks else {"axis": 0}
    model.graph.node.insert(
        0, onnx.helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["dequantised"], **options)
    )
    model.graph.node.insert(1, onnx.helper.make_node("Concat", ["dequantised", "pad"], ["w2"], axis=1))
    model.opset_import[0].version = 21
    model.ir_version = 10
    source = model.SerializeToString()
    prepared = preparation.prepare(source, entry_of(source))
    assert "DequantizeLinear" not in {n.op_type for n in onnx.load_from_string(prepared).graph.node}
    network = OnnxRuntimeRuntime().load(PreparedGraph("small", prepared, ""), Placement())
    wanted = graphs.reference(model, images, 127.5, 127.5, "rgb")
    np.testing.assert_allclose(network.run(images)["features"], wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("norm", [True, False])
def test_the_weights_of_a_matrix_product_stay_the_integers_they_were(images, norm):
    """They stand for the same numbers, also where a BatchNorm was folded into them."""
    model = graphs.embedder(norm=norm)
    weights = next(tensor for tensor in model.graph.initializer if tensor.name == "w2")
    rng = np.random.default_rng(3)
    quantised = {
        "q": rng.integers(-128, 128, (graphs.LENGTH, 512), dtype=np.int8),
        "scale": rng.uniform(0.001, 0.01, (graphs.LENGTH, 8)).astype(np.float32),
        "zero": rng.integers(-20, 20, (graphs.LENGTH, 8), dtype=np.int8),
    }
    model.graph.initializer.remove(weights)
    model.graph.initializer.extend(onnx.numpy_helper.from_array(v, k) for k, v in quantised.items())
    model.graph.node.insert(
        0, onnx.helper.make_node("DequantizeLinear", [*quantised], ["w2"], axis=1, block_size=64)
    )
    model.opset_import[0].version = 21
    model.ir_version = 10
    source = model.SerializeToString()
    prepared = preparation.prepare(source, entry_of(source))
    graph = onnx.load_from_string(prepared).graph
    assert [node.op_type for node in graph.node][-2:] == ["DequantizeLinear", "Gemm"]
    largest = max(graph.initializer, key=lambda tensor: np.prod(tensor.dims))
    assert (largest.data_type, list(largest.dims)) == (onnx.TensorProto.INT8, [graphs.LENGTH, 512])
    network = OnnxRuntimeRuntime().load(PreparedGraph("small", prepared, ""), Placement())
    wanted = graphs.reference(model, images, 127.5, 127.5, "rgb")
    np.testing.assert_allclose(
        network.run(images)["features"], wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max()
    )


_DIGEST = """
import hashlib, sys
from faceward.adapters.model_source.cache import GraphCache
from faceward.adapters.model_source.source import CatalogueModelSource
from faceward.catalogue.bundles import shipped
print(CatalogueModelSource(shipped(), GraphCache(None)).prepared("yunet-2023mar").content_sha256)
"""


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX"},
        {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"},
    ],
)
def test_the_bytes_do_not_depend_on_the_machine(environment):
    """Not on hash order, vector instructions or the protobuf engine, for the manifest pins their digest."""
    from faceward.catalogue.bundles import shipped

    run = subprocess.run(
        [sys.executable, "-c", _DIGEST],
        env=os.environ | environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    pin = shipped().manifest("yunet-2023mar").pin
    assert pin is not None
    assert run.stdout.strip() == pin.sha256


@pytest.mark.parametrize(
    "break_it",
    [
        lambda model: model.graph.ClearField("input"),
        lambda model: model.graph.node[0].ClearField("input"),
        lambda model: model.graph.initializer[0].ClearField("raw_data"),
        lambda model: model.graph.initializer[0].ClearField("data_type"),
        lambda model: model.graph.initializer[0].dims.append(7),
        lambda model: model.graph.node[1].ClearField("output"),
        lambda model: model.graph.node.append(onnx.helper.make_node("Constant", [], ["x"])),
    ],
)
def test_a_graph_that_makes_no_sense_is_refused(break_it):
    """As the model's fault, in our words."""
    model = graphs.embedder()
    break_it(model)
    source = model.SerializeToString()
    with pytest.raises(ModelRefused):
        preparation.prepare(source, entry_of(source))
