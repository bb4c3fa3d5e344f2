"""Bytes from a stranger in, an ONNX model we are willing to run out, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceward.catalogue.manifest import FeatureOutput, Layout, Manifest
from faceward.errors import ModelRefused

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto

MAX_BYTES = 1 << 30
"""A protobuf message ends at 2 GiB; a face embedder of more than 1 GiB is not known. Our number."""

_OLDEST_OPSET, _NEWEST_OPSET = 9, 26
_DOMAINS = frozenset({"", "ai.onnx"})
_RESHAPING = frozenset({"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})
_JUDGING = frozenset({"ArgMax", "Hardmax", "LogSoftmax", "Sigmoid", "Softmax", "TopK"})


def parse(source: bytes, model: str) -> ModelProto:
    """Read an ONNX file and refuse what could reach outside it or run foreign code.

    Args:
        source: The file.
        model: Its identifier, for messages.

    Returns:
        The model. Nothing outside ``source`` was opened.

    Raises:
        ModelRefused: It is no ONNX model, too large, keeps data in other files, brings its own operators,
            functions or sub-graphs, or has an opset we do not know.
    """
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from onnx import ModelProto

    if len(source) > MAX_BYTES:
        raise _refused(model, f"is larger than {MAX_BYTES >> 20} MiB")
    try:
        parsed: ModelProto = ModelProto.FromString(source)
    except DecodeError:
        raise _refused(model, "is not an ONNX file") from None
    if not parsed.graph.node or not parsed.graph.output:
        raise _refused(model, "is not an ONNX file with a graph")
    if len(parsed.functions) or len(parsed.training_info):
        raise _refused(model, "brings functions or training steps of its own")
    _check_domains(parsed, model)
    _check_graph(parsed.graph, model)
    return parsed


def check_embedder(parsed: ModelProto, manifest: Manifest) -> None:
    """Hold an embedder against what its manifest says it takes and gives.

    Args:
        parsed: What `parse` gave.
        manifest: Of the model.

    Raises:
        ModelRefused: It takes or gives something else, or its output is made like a classifier's.
    """
    model = manifest.identifier
    if not isinstance(manifest.output, FeatureOutput):
        raise _refused(model, "is not described as an embedder")
    weights = {tensor.name for tensor in parsed.graph.initializer}
    inputs = [value for value in parsed.graph.input if value.name not in weights]
    if len(inputs) != 1 or len(parsed.graph.output) != 1:
        raise _refused(
            model, f"has {len(inputs)} inputs and {len(parsed.graph.output)} outputs, not one image, one row"
        )
    height, width = manifest.input.sides or (0, 0)
    image = (3, height, width) if manifest.input.layout is Layout.NCHW else (height, width, 3)
    _check_value(inputs[0], image, f"takes {image}", model)
    row = (manifest.output.length,)
    _check_value(parsed.graph.output[0], row, f"gives {row[0]} features", model)
    makers = {name: node for node in parsed.graph.node for name in node.output}
    name = parsed.graph.output[0].name
    while name in makers and makers[name].op_type in _RESHAPING:
        name = makers[name].input[0]
    if name in makers and makers[name].op_type in _JUDGING:
        raise ModelRefused(
            f"{model} ends in {makers[name].op_type}, like a network that judges classes or traits.",
            remedy="Only embedders are run. Export the network up to its features.",
        )


def _check_value(value: ValueInfoProto, sides: tuple[int, ...], said: str, model: str) -> None:
    from onnx import TensorProto

    tensor = value.type.tensor_type
    if tensor.elem_type != TensorProto.FLOAT:
        raise _refused(model, f"has a {value.name!r} that is not float32")
    found = [side.dim_value if side.HasField("dim_value") else 0 for side in tensor.shape.dim]
    fits = len(found) == len(sides) + 1 and all(
        side in {0, said_side} for side, said_side in zip(found[1:], sides, strict=False)
    )
    if not fits:
        raise _refused(model, f"has a {value.name!r} of shape {found} (0 is any), though its manifest {said}")


def _check_domains(parsed: ModelProto, model: str) -> None:
    domains = {opset.domain for opset in parsed.opset_import} | {node.domain for node in parsed.graph.node}
    if foreign := sorted(domains - _DOMAINS):
        raise _refused(model, f"uses operators of another domain ({', '.join(foreign)})")
    for opset in parsed.opset_import:
        if not _OLDEST_OPSET <= opset.version <= _NEWEST_OPSET:
            raise _refused(
                model, f"has opset {opset.version}, not one from {_OLDEST_OPSET} to {_NEWEST_OPSET}"
            )


def _check_graph(graph: GraphProto, model: str) -> None:
    if len(graph.sparse_initializer):
        raise _refused(model, "holds sparse tensors")
    for tensor in graph.initializer:
        _check_tensor(tensor, model)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g") or len(attribute.graphs):
                raise _refused(model, f"has a sub-graph in {node.op_type}; only plain networks are run")
            if (
                attribute.HasField("sparse_tensor")
                or len(attribute.sparse_tensors)
                or attribute.ref_attr_name
            ):
                raise _refused(model, f"has an attribute in {node.op_type} of a kind that is not read")
            for tensor in (*([attribute.t] if attribute.HasField("t") else []), *attribute.tensors):
                _check_tensor(tensor, model)


def _check_tensor(tensor: TensorProto, model: str) -> None:
    from onnx import TensorProto

    if tensor.data_location == TensorProto.EXTERNAL or len(tensor.external_data):
        raise _refused(model, "keeps weights in another file; only self-contained files are taken")


def _refused(model: str, why: str) -> ModelRefused:
    return ModelRefused(
        f"{model} {why}.", remedy="Export it as one ONNX file with plain operators, weights inside."
    )
