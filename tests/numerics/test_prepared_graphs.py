"""The prepared graphs give what the files as shipped give in OpenCV, and are the bytes that were pinned."""

from __future__ import annotations

import hashlib
from collections import Counter

import cv2
import numpy as np
import onnx
import pytest

from faceward.adapters.model_source import packages
from faceward.adapters.model_source.cache import GraphCache
from faceward.adapters.model_source.preparation import prepare
from faceward.adapters.model_source.source import CatalogueModelSource
from faceward.adapters.runtime.onnx_runtime import OnnxRuntimeRuntime
from faceward.adapters.runtime.openvino import OpenVinoRuntime
from faceward.catalogue.bundles import shipped
from faceward.catalogue.manifest import PackageFile
from faceward.ports.runtime import Placement, PreparedGraph


@pytest.fixture(scope="module", params=["openvino", "onnxruntime"])
def runtime(request):
    if request.param == "openvino":
        return OpenVinoRuntime()
    pytest.importorskip("onnxruntime", reason="the extra faceward[onnxruntime] is not installed")
    return OnnxRuntimeRuntime()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return CatalogueModelSource(shipped(), GraphCache(tmp_path_factory.mktemp("cache") / "graphs"))


def file_of(model: str) -> str:
    file = shipped().manifest(model).file
    assert isinstance(file, PackageFile)
    return str(packages.find(file))


def pictures(count: int, height: int, width: int) -> np.ndarray:
    """Smooth coloured patches with noise; the three channels differ, so that a swap would show."""
    rng = np.random.default_rng(7)
    coarse = rng.integers(0, 256, (count, 6, 8, 3)).astype(np.float32)
    smooth = np.stack([cv2.resize(one, (width, height), interpolation=cv2.INTER_CUBIC) for one in coarse])
    return np.clip(smooth + rng.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("model", ["sface-2021dec", "yunet-2023mar"])
def test_the_prepared_graph_is_the_pinned_one(source, model):
    """So that it can be kept, and a planted one told from it."""
    pin = shipped().manifest(model).pin
    graph = source.prepared(model)
    assert pin is not None
    assert hashlib.sha256(graph.onnx).hexdigest() == graph.content_sha256 == pin.sha256


def opencv_features(chips: np.ndarray) -> np.ndarray:
    """What OpenCV makes of the file as shipped, for chips in RGB.

    Source: FaceRecognizerSF::feature, which swaps BGR to RGB and scales nothing. That class itself cannot
    read this file in OpenCV 5, for it sets the only input without its name, and the graph lists thirty.
    """
    net = cv2.dnn.readNetFromONNX(file_of("sface-2021dec"))
    rows = []
    for chip in chips:
        bgr = np.ascontiguousarray(chip[..., ::-1])
        net.setInput(cv2.dnn.blobFromImage(bgr, 1.0, (112, 112), (0, 0, 0), swapRB=True, crop=False), "data")
        rows.append(net.forward().reshape(1, -1).copy())
    return np.concatenate(rows)


def test_the_embedder_gives_the_features_that_opencv_gives(runtime, source):
    """OpenCV is given BGR and swaps it; ours is given RGB. Cosine at least 0.999999, and the same length."""
    chips = pictures(6, 112, 112)
    wanted = opencv_features(chips)
    given = runtime.load(source.prepared("sface-2021dec"), Placement()).run(chips)["features"]
    cosines = (given * wanted).sum(1) / np.linalg.norm(given, axis=1) / np.linalg.norm(wanted, axis=1)
    assert cosines.min() >= 0.999999
    np.testing.assert_allclose(np.linalg.norm(given, axis=1), np.linalg.norm(wanted, axis=1), rtol=1e-3)
    apart = (given[:1] * given[1:]).sum(1) / np.linalg.norm(given[1:], axis=1) / np.linalg.norm(given[0])
    assert apart.max() < 0.999


def test_the_embedder_would_notice_swapped_channels(source):
    """Else the test above proved nothing about them."""
    network = OpenVinoRuntime().load(source.prepared("sface-2021dec"), Placement())
    chips = pictures(4, 112, 112)
    rgb = network.run(chips)["features"]
    bgr = network.run(np.ascontiguousarray(chips[..., ::-1]))["features"]
    cosines = (rgb * bgr).sum(1) / np.linalg.norm(rgb, axis=1) / np.linalg.norm(bgr, axis=1)
    assert cosines.max() < 0.999


def test_the_detector_gives_the_outputs_of_opencvs_network(runtime, source):
    """At the size the file was exported for; every output, to 1e-4 of its range."""
    picture = pictures(1, 640, 640)
    net = cv2.dnn.readNet(file_of("yunet-2023mar"))
    cells = runtime.load(source.prepared("yunet-2023mar"), Placement()).run(picture)["cells"][0]
    net.setInput(cv2.dnn.blobFromImage(np.ascontiguousarray(picture[0, ..., ::-1])))
    heads = {"cls": slice(0, 1), "obj": slice(1, 2), "bbox": slice(2, 6), "kps": slice(6, 16)}
    places = {}
    first = 0
    for stride in (8, 16, 32):
        rows = slice(first, first := first + (640 // stride) ** 2)
        places |= {f"{head}_{stride}": (rows, columns) for head, columns in heads.items()}
    for (name, place), values in zip(places.items(), net.forward(list(places)), strict=True):
        wanted = values.reshape(cells[place].shape)
        limit = 1e-4 * max(np.abs(wanted).max(), 1)
        np.testing.assert_allclose(cells[place], wanted, atol=limit, err_msg=name)


def kinds(graph: bytes) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load_from_string(graph).graph.node)


def test_heads_that_are_built_in_another_way_are_left_alone(runtime, source):
    """Side by side is quicker, and the same; what cannot be put there is right all the same."""
    entry = shipped().manifest("yunet-2023mar")
    model = onnx.load(file_of("yunet-2023mar"))
    conv = next(node for node in model.graph.node if node.output[0] == "263")
    reader = next(node for node in model.graph.node if "263" in node.input)
    reader.input[0] = "twice"
    at = list(model.graph.node).index(conv) + 1
    model.graph.node.insert(at, onnx.helper.make_node("Neg", ["263"], ["once"]))
    model.graph.node.insert(at + 1, onnx.helper.make_node("Neg", ["once"], ["twice"]))
    other = PreparedGraph("other", prepare(model.SerializeToString(), entry), "")
    whole = source.prepared("yunet-2023mar")
    assert kinds(whole.onnx)["Conv"] == 53 - 3 * 6
    assert kinds(other.onnx)["Conv"] == 53 - 2 * 6
    picture = pictures(2, 96, 160)
    cells, wanted = (runtime.load(graph, Placement()).run(picture)["cells"] for graph in (other, whole))
    np.testing.assert_allclose(cells, wanted, atol=1e-4)


def test_several_pictures_at_once_give_what_each_gives_alone(runtime, source):
    """The file as shipped has a batch of one in its Reshapes."""
    network = runtime.load(source.prepared("yunet-2023mar"), Placement())
    batch = pictures(3, 96, 160)
    together = network.run(batch)
    for row in range(3):
        alone = network.run(batch[row : row + 1])
        for name, values in together.items():
            np.testing.assert_allclose(values[row], alone[name][0], atol=1e-5, err_msg=name)


def test_two_runtimes_agree(source):
    """A template made with one may be compared with one made with the other: f32 is f32."""
    pytest.importorskip("onnxruntime", reason="the extra faceward[onnxruntime] is not installed")
    chips = pictures(4, 112, 112)
    graph = source.prepared("sface-2021dec")
    one, other = (
        runtime.load(graph, Placement()).run(chips)["features"]
        for runtime in (OpenVinoRuntime(), OnnxRuntimeRuntime())
    )
    cosines = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    assert cosines.min() >= 0.999999
