"""Bytes from a stranger in, an ONNX model we are willing to run out, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceward.errors import ModelRefused

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, TensorProto

MAX_BYTES = 1 << 30
"""A protobuf message ends at 2 GiB; a face embedder of more than 1 GiB is not known. Our number."""

_OLDEST_OPSET, _NEWEST_OPSET = 9, 26
_DOMAINS = frozenset({"", "ai.onnx"})


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
    from google.protobuf.message import DecodeError
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
