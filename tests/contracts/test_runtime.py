"""What every runtime promises, on a small network made here and on the two that ship."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from data import graphs

from faceward.adapters.model_source.cache import GraphCache
from faceward.adapters.model_source.preparation import prepare
from faceward.adapters.model_source.source import CatalogueModelSource
from faceward.adapters.runtime.onnx_runtime import OnnxRuntimeRuntime
from faceward.adapters.runtime.openvino import OpenVinoRuntime
from faceward.catalogue import manifest
from faceward.catalogue.bundles import shipped
from faceward.errors import DeviceMissing, FacewardError, InvalidValue, ModelRefused
from faceward.ports.runtime import Placement, PreparedGraph


@pytest.fixture(scope="module", params=["openvino", "onnxruntime"])
def runtime(request):
    if request.param == "openvino":
        return OpenVinoRuntime()
    pytest.importorskip("onnxruntime", reason="the extra faceward[onnxruntime] is not installed")
    return OnnxRuntimeRuntime()


@pytest.fixture(scope="module")
def small():
    source = graphs.embedder().SerializeToString()
    entry = manifest.parse(json.dumps(graphs.manifest(source)), "small")
    return PreparedGraph("small", prepare(source, entry), "")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return CatalogueModelSource(shipped(), GraphCache(tmp_path_factory.mktemp("cache") / "graphs"))


def pictures(count: int, height: int = graphs.SIDE, width: int = graphs.SIDE, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def test_it_gives_the_right_features(runtime, small):
    """For one picture and for many, against ONNX's reference evaluator."""
    images = pictures(7)
    network = runtime.load(small, Placement())
    wanted = graphs.reference(graphs.embedder(), images, 127.5, 127.5, "rgb")
    for count in (1, 2, 7):
        given = network.run(images[:count])
        assert list(given) == ["features"]
        assert given["features"].dtype == np.float32
        np.testing.assert_allclose(given["features"], wanted[:count], rtol=1e-4, atol=1e-4)


def test_the_caller_owns_what_comes_out(runtime, small):
    """A later run must not change it, and the caller may."""
    network = runtime.load(small, Placement())
    first = network.run(pictures(2, seed=1))["features"]
    before = first.copy()
    network.run(pictures(2, seed=2))
    np.testing.assert_array_equal(first, before)
    first[:] = 0
    np.testing.assert_array_equal(network.run(pictures(2, seed=1))["features"], before)


def test_the_pictures_are_not_changed_and_may_be_read_only(runtime, small):
    """Frames of a camera often are."""
    network = runtime.load(small, Placement())
    images = pictures(2)
    wanted = network.run(images)["features"]
    frozen = images.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(network.run(frozen)["features"], wanted)
    np.testing.assert_array_equal(images, pictures(2))


@pytest.mark.parametrize("streams", [1, 3])
def test_eight_threads_get_their_own_answers(runtime, small, streams):
    """Whether there are fewer streams than threads or not."""
    network = runtime.load(small, Placement(streams=streams))
    batches = [pictures(1 + seed % 3, seed=seed) for seed in range(64)]
    wanted = [network.run(batch)["features"] for batch in batches]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            for given, right in zip(pool.map(network.run, batches), wanted, strict=True):
                np.testing.assert_array_equal(given["features"], right)


def test_the_detector_takes_any_sides_from_many_threads(runtime, source):
    """And many pictures at once give what they give alone, also once a shape has come often."""
    network = runtime.load(source.prepared("yunet-2023mar"), Placement(streams=2))
    shapes = [(64, 64), (96, 128), (128, 96), (160, 160)]
    batches = [pictures(2, *shapes[seed % 4], seed=seed) for seed in range(12)]
    wanted = [
        {
            name: np.concatenate([network.run(batch[i : i + 1])[name] for i in range(2)])
            for name in network.run(batch)
        }
        for batch in batches
    ]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(30):
            for given, right in zip(pool.map(network.run, batches), wanted, strict=True):
                assert set(given) == {"cells"}
                for name, values in given.items():
                    np.testing.assert_allclose(values, right[name], rtol=1e-5, atol=1e-5)


def test_the_placement_is_read_back(runtime, small):
    """What was asked for is what runs; a library may only take fewer threads, where cores are missing."""
    assert runtime.load(small, Placement()).placement == Placement()
    asked = Placement(device="cpu", precision="f32", threads=3, streams=2)
    found = runtime.load(small, asked).placement
    assert replace(found, threads=asked.threads) == asked
    assert 1 <= found.threads <= asked.threads


def test_every_precision_that_is_offered_runs(runtime, source):
    """And gives the same faces' features to within what that precision can hold."""
    assert "f32" in runtime.precisions("cpu")
    graph = source.prepared("sface-2021dec")
    images = pictures(2, 112, 112)
    plain = runtime.load(graph, Placement()).run(images)["features"]
    for precision in runtime.precisions("cpu"):
        network = runtime.load(graph, Placement(precision=precision))
        assert network.placement.precision == precision
        given = network.run(images)["features"]
        cosines = (given * plain).sum(1) / np.linalg.norm(given, axis=1) / np.linalg.norm(plain, axis=1)
        assert cosines.min() > 0.999


@pytest.mark.parametrize("device", ["tpu", "gpu.7", "CPU", ""])
def test_a_missing_device_is_an_error(runtime, small, device):
    """Never another one instead; the remedy lists those there are."""
    with pytest.raises(DeviceMissing, match="cpu"):
        runtime.load(small, Placement(device=device))
    with pytest.raises(DeviceMissing, match="cpu"):
        runtime.precisions(device)


@pytest.mark.parametrize("precision", ["f64", "int8", "auto", ""])
def test_a_precision_it_does_not_compute_in_is_an_error(runtime, small, precision):
    """Nothing is rounded up or down."""
    with pytest.raises(DeviceMissing, match="f32"):
        runtime.load(small, Placement(precision=precision))


@pytest.mark.parametrize("change", [{"threads": 0}, {"streams": 0}, {"threads": -1}])
def test_a_placement_without_threads_is_an_error(runtime, small, change):
    """Zero would let the library choose."""
    with pytest.raises(InvalidValue, match="at least one thread"):
        runtime.load(small, replace(Placement(), **change))


@pytest.mark.parametrize("onnx", [b"", b"not a graph", b"\x08\x0a\x3a\x00"])
def test_what_is_no_graph_is_refused(runtime, onnx):
    """In our words, with the model's name."""
    with pytest.raises(ModelRefused, match="broken"):
        runtime.load(PreparedGraph("broken", onnx, ""), Placement())


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, graphs.SIDE, graphs.SIDE, 3), np.float32),
        np.zeros((graphs.SIDE, graphs.SIDE, 3), np.uint8),
        np.zeros((0, graphs.SIDE, graphs.SIDE, 3), np.uint8),
        np.zeros((1, 3, graphs.SIDE, graphs.SIDE), np.uint8),
        np.zeros((1, graphs.SIDE, graphs.SIDE, 6), np.uint8)[..., ::2],
        np.zeros((1, graphs.SIDE, graphs.SIDE, 4), np.uint8),
        np.zeros((1, graphs.SIDE + 16, graphs.SIDE, 3), np.uint8),
    ],
)
def test_other_arrays_than_pictures_are_an_error(runtime, small, images):
    """A wrong shape or type must not be taken for a picture; the network works on afterwards."""
    network = runtime.load(small, Placement())
    with pytest.raises(FacewardError):
        network.run(images)
    assert network.run(pictures(1))["features"].shape == (1, graphs.LENGTH)


def test_it_names_itself(runtime):
    """For `doctor`, reports and contracts."""
    assert runtime.name in {"openvino", "onnxruntime"}
    assert runtime.version[0].isdigit()
    assert "cpu" in runtime.devices()


def test_a_run_keeps_to_its_threads(runtime, source):
    """With one thread, four runs at once take no more threads than four callers bring and one pool."""
    psutil = pytest.importorskip("psutil")
    before = psutil.Process(os.getpid()).num_threads()
    network = runtime.load(source.prepared("yunet-2023mar"), Placement(threads=1, streams=1))
    network.run(pictures(1, 64, 64))
    assert psutil.Process(os.getpid()).num_threads() - before <= 2
