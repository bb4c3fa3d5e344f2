"""A model a user brings is taken when it is what its manifest says, and cannot reach outside its file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from data import graphs
from onnx import TensorProto, helper

from faceward.adapters.model_source.added import AddedModels
from faceward.adapters.model_source.cache import GraphCache
from faceward.adapters.model_source.source import CatalogueModelSource
from faceward.adapters.runtime.openvino import OpenVinoRuntime
from faceward.catalogue import calibration
from faceward.catalogue.bundles import shipped
from faceward.core.decision import CalibrationTable
from faceward.errors import InvalidValue, ModelRefused
from faceward.ports.model_source import Severity
from faceward.ports.runtime import Placement

RUNTIME = OpenVinoRuntime()


@pytest.fixture
def added(tmp_path):
    return AddedModels(tmp_path / "data" / "models")


@pytest.fixture
def given(tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    return folder


def add(added: AddedModels, files: tuple[Path, Path]):
    return added.add(*files, shipped(), RUNTIME)


def refused(added: AddedModels, files: tuple[Path, Path]) -> str:
    with pytest.raises(ModelRefused) as error:
        add(added, files)
    assert not added.folder.exists()
    return str(error.value)


def test_an_added_embedder_is_in_the_catalogue_and_runs(added, given, tmp_path):
    """Prepared, pinned and cached like the shipped ones, and it gives the features of the original."""
    model = graphs.embedder()
    entry = add(added, graphs.written(given, model))
    assert entry.pin is not None
    catalogue = added.catalogue(shipped())
    assert [m.identifier for m in catalogue.manifests] == ["sface-2021dec", "small", "yunet-2023mar"]
    assert catalogue.manifest("small") == entry
    source = CatalogueModelSource(catalogue, GraphCache(tmp_path / "cache"), added.folder)
    images = np.random.default_rng(2).integers(0, 256, (3, graphs.SIDE, graphs.SIDE, 3), dtype=np.uint8)
    features = RUNTIME.load(source.prepared("small"), Placement()).run(images)["features"]
    wanted = graphs.reference(model, images, 127.5, 127.5, "rgb")
    np.testing.assert_allclose(features, wanted, rtol=1e-4, atol=1e-4)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert {f.about: f.severity for f in source.verify()}["small"] is Severity.GOOD


def test_the_folder_and_its_files_are_closed_to_others(added, given):
    """The manifests in it hold the digests everything rests on."""
    add(added, graphs.written(given, graphs.embedder()))
    assert added.folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in added.folder.iterdir()) == ["small.json", "small.onnx"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in added.folder.iterdir())


def test_a_folder_others_may_write_to_is_not_read(added, given):
    """They could plant a model together with its digest."""
    add(added, graphs.written(given, graphs.embedder()))
    added.folder.chmod(0o777)
    with pytest.raises(ModelRefused, match="others may write"):
        added.catalogue(shipped())


def test_a_linked_or_damaged_manifest_in_the_folder_is_named(added, given, tmp_path):
    """Nobody should have to look for it."""
    files = graphs.written(given, graphs.embedder())
    add(added, files)
    (added.folder / "other.json").symlink_to(files[1])
    with pytest.raises(InvalidValue, match=r"other\.json is a link"):
        added.catalogue(shipped())
    (added.folder / "other.json").unlink()
    (added.folder / "other.json").write_text("{")
    with pytest.raises(InvalidValue, match=r"other\.json is not valid JSON"):
        added.catalogue(shipped())


def test_a_users_calibration_is_found(added, given):
    """`faceward calibrate` puts tables for added models beside them."""
    add(added, graphs.written(given, graphs.embedder()))
    table = CalibrationTable("small", "flip-2", ("f32", "f32"), "mine", "0" * 64, "2026-01-01", "x", ())
    (added.folder / "calibrations").mkdir(mode=0o700)
    (added.folder / "calibrations" / "small.json").write_text(calibration.as_text(table))
    assert added.catalogue(shipped()).calibration("small", "flip-2", ("f32", "f32")) == table


def test_without_the_folder_there_are_the_shipped_models(added):
    """And looking does not make it."""
    assert added.catalogue(shipped()) == shipped()
    assert not added.folder.exists()


def test_weights_in_another_file_are_refused_and_never_read(added, given):
    """The place could be any file of the machine; here it is a pipe that would block its reader."""
    import os

    os.mkfifo(given / "weights.bin")
    model = graphs.embedder()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    assert "another file" in refused(added, graphs.written(given, model))


def test_weights_of_a_constant_in_another_file_are_refused(added, given):
    """Tensors hide in attributes too."""
    model = graphs.embedder()
    tensor = TensorProto(name="t", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="/etc/passwd")
    model.graph.node.append(helper.make_node("Constant", [], ["t"], value=tensor))
    assert "another file" in refused(added, graphs.written(given, model))


def test_operators_of_other_domains_are_refused(added, given):
    """They need code that is not ours; so do functions a file defines itself."""
    model = graphs.embedder()
    model.graph.node[0].domain = "com.example"
    assert "com.example" in refused(added, graphs.written(given, model))
    model = graphs.embedder()
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    assert "com.microsoft" in refused(added, graphs.written(given, model))
    model = graphs.embedder()
    model.functions.append(
        helper.make_function("", "Own", ["x"], ["y"], [helper.make_node("Relu", ["x"], ["y"])], [])
    )
    assert "functions" in refused(added, graphs.written(given, model))


def test_sub_graphs_are_refused(added, given):
    """An If or a Loop could hold anything, in any depth."""
    body = helper.make_graph(
        [helper.make_node("Evil", [], ["e"], domain="com.example")],
        "then",
        [],
        [helper.make_tensor_value_info("e", TensorProto.FLOAT, [1])],
    )
    model = graphs.embedder()
    model.graph.node.append(helper.make_node("If", ["c"], ["i"], then_branch=body, else_branch=body))
    assert "sub-graph in If" in refused(added, graphs.written(given, model))


@pytest.mark.parametrize("ending", ["Softmax", "LogSoftmax", "Sigmoid", "Hardmax"])
def test_classifiers_are_refused(added, given, ending):
    """They judge classes or traits; also behind a Reshape that hides it."""
    message = refused(added, graphs.written(given, graphs.embedder(ending=ending)))
    assert f"ends in {ending}" in message
    model = graphs.embedder(ending=ending)
    last = model.graph.node[-1]
    last.output[0] = "hidden"
    model.graph.node.append(helper.make_node("Identity", ["hidden"], ["features_out"]))
    assert f"ends in {ending}" in refused(added, graphs.written(given, model))


def test_a_softmax_in_disguise_is_refused(added, given):
    """Written out as Exp and a division, it is found by what it gives."""
    model = graphs.embedder()
    model.graph.node[-1].output[0] = "logits"
    model.graph.node.extend(
        [
            helper.make_node("Exp", ["logits"], ["e"]),
            helper.make_node("ReduceSum", ["e", "axes"], ["sum"], keepdims=1),
            helper.make_node("Div", ["e", "sum"], ["features_out"]),
        ]
    )
    model.graph.initializer.append(helper.make_tensor("axes", TensorProto.INT64, [1], [1]))
    assert "distribution" in refused(added, graphs.written(given, model))


def test_a_second_output_is_refused(added, given):
    """Networks that judge traits beside giving features are not run."""
    model = graphs.embedder()
    model.graph.output.append(helper.make_tensor_value_info("p1", TensorProto.FLOAT, None))
    assert "2 outputs" in refused(added, graphs.written(given, model))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"output": {"length": 64, "alignment": "arcface-112"}}, "gives 64 features"),
        ({"input": graphs.manifest(b"")["input"] | {"height": 112, "width": 112}}, "takes (3, 112, 112)"),
        ({"input": graphs.manifest(b"")["input"] | {"layout": "nhwc"}}, "takes (16, 16, 3)"),
        ({"sha256": "0" * 64}, "its manifest says 000000000000"),
    ],
)
def test_a_model_that_is_not_what_its_manifest_says_is_refused(added, given, changes, said):
    """Found before anything runs."""
    assert said in refused(added, graphs.written(given, graphs.embedder(), **changes))


def test_a_wrong_length_that_the_file_leaves_open_is_found_by_running(added, given):
    """Its output says nothing of its length."""
    model = graphs.embedder()
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_param = "any"
    said = refused(added, graphs.written(given, model, output={"length": 512, "alignment": "arcface-112"}))
    assert "does not" in said


def test_features_that_depend_on_the_neighbours_are_refused(added, given):
    """A graph that mixes the pictures of a batch would mix people."""
    model = graphs.embedder(batch="N")
    shape = next(t for t in model.graph.initializer if t.name == "flat")
    shape.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, 8 * 64], np.int64), "flat"))
    last = model.graph.node[-1]
    last.output[0] = "own"
    model.graph.node.extend(
        [
            helper.make_node("ReduceMean", ["own"], ["mean"], axes=[0], keepdims=1),
            helper.make_node("Sub", ["own", "mean"], ["less"]),
            helper.make_node("Add", ["less", "one"], ["features_out"]),
        ]
    )
    model.graph.initializer.append(helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]))
    assert "batch" in refused(added, graphs.written(given, model))


def test_a_network_that_sees_nothing_is_refused(added, given):
    """The same features for every picture would make everybody match."""
    model = graphs.embedder(norm=False)
    weights = next(t for t in model.graph.initializer if t.name == "w1")
    weights.CopyFrom(onnx.numpy_helper.from_array(np.zeros((8, 3, 3, 3), np.float32), "w1"))
    assert "zero" in refused(added, graphs.written(given, model))


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"PK\x03\x04", b"not a model at all", b"\x08\x07"])
def test_what_is_no_onnx_file_is_refused(added, given, content):
    """In words."""
    assert "ONNX file" in refused(added, graphs.written(given, content))


def test_an_unknown_opset_is_refused(added, given):
    """What its operators mean is not known here."""
    model = graphs.embedder()
    model.opset_import[0].version = 99
    assert "opset 99" in refused(added, graphs.written(given, model))


@pytest.mark.parametrize("spdx", ["NONE", "NOASSERTION", "unknown"])
def test_a_model_without_a_licence_is_refused(added, given, spdx):
    """Nobody may use it."""
    licence = {"spdx": spdx, "commercial_use": False, "notice": "x"}
    with pytest.raises(InvalidValue, match="no licence"):
        add(added, graphs.written(given, graphs.embedder(), licence=licence))


def test_the_licence_of_an_added_model_is_kept(added, given):
    """Whether it may be used commercially is shown wherever it is listed."""
    licence = {"spdx": "LicenseRef-research", "commercial_use": False, "notice": "For research only."}
    assert not add(added, graphs.written(given, graphs.embedder(), licence=licence)).licence.commercial_use


@pytest.mark.parametrize("identifier", ["sface-2021dec", "small"])
def test_a_name_that_is_taken_is_refused(added, given, identifier):
    """Templates name their model; a name cannot come to mean another."""
    add(added, graphs.written(given, graphs.embedder()))
    with pytest.raises(InvalidValue, match="already"):
        add(added, graphs.written(given, graphs.embedder(), identifier=identifier))


def test_only_embedders_can_be_added(added, given):
    """A detector needs a decoder of its own."""
    files = graphs.written(given, graphs.embedder())
    values = json.loads(files[1].read_text()) | {"task": "detector", "output": {"strides": [8, 16, 32]}}
    files[1].write_text(json.dumps(values))
    with pytest.raises(InvalidValue, match="Only embedders"):
        add(added, files)


def test_an_nhwc_bgr_embedder_can_be_added(added, given):
    """The manifest says what it takes; callers never notice."""
    changed = graphs.manifest(b"")["input"] | {"layout": "nhwc", "channel_order": "bgr", "std": [128.0] * 3}
    entry = add(added, graphs.written(given, graphs.embedder(layout="nhwc"), input=changed))
    assert entry.input.layout == "nhwc"
