"""An ONNX file as its publisher ships it in, the one form that our runtimes take out, bit for bit the same.

What is done, and why:

- Weights stored as block-quantised integers become float32 initialisers: other runtimes than OpenCV refuse
  the shipped SFace file, because its graph lists the dequantised weights as inputs. Those of a matrix product
  stay integers: see `stored_weights`.
- BatchNorm is folded into the convolution or matrix product before it, Dropout and Identity go.
- The batch becomes dynamic, also where a Reshape had it baked in; so do the sides where the manifest
  leaves them open.
- The one input becomes ``image``, uint8, ``(N, H, W, 3)``, RGB. Scaling and channel order move into the
  graph, so that no caller and no runtime can get them wrong.
- The twelve heads of a YuNet detector become three, and one output, ``cells``: see `heads`.
- Names, order and versions are made canonical. Only elementwise IEEE arithmetic is used, no sum whose
  order a library could change: the same file gives the same bytes on every machine, and the manifest can
  pin their digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from faceward.adapters.model_source import heads, inspection
from faceward.adapters.model_source.stored_weights import StoredWeights, left_stored, stored_weights
from faceward.catalogue.manifest import ChannelOrder, FeatureOutput, Layout, Manifest, YuNetOutput
from faceward.errors import ModelRefused

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

VERSION = 3
"""Changes with every change of the bytes that `prepare` gives; pins name it."""

INPUT = "image"
FEATURES = "features"
CELLS = "cells"

_IR_VERSION = 10  # Source: ONNX Versioning.md; the first that may hold opset 21, the opset as shipped.
_PASSING = frozenset({"Identity", "Dropout"})
_MOVING = frozenset({"Reshape", "Transpose"})

Constants = dict[str, NDArray[Any]]


def prepare(source: bytes, manifest: Manifest) -> bytes:
    """Prepare a graph.

    Args:
        source: The ONNX file as shipped; its digest was checked and `inspection.inspect` had a look.
        manifest: What the file takes and gives.

    Returns:
        The ONNX file of the prepared graph.

    Raises:
        ModelRefused: It is no ONNX file, or its inputs and outputs are not what the manifest says.
    """
    model = inspection.parse(source, manifest.identifier)
    outputs = {output.name for output in model.graph.output}
    try:
        constants = _constants(model)
        stored = stored_weights(model.graph.node, constants)
        nodes = _folded(list(model.graph.node), constants, outputs, stored)
        _free_batch(nodes, constants)
        nodes = left_stored(nodes, constants, stored)
        return _written(model, _sigmoids_first(nodes, outputs), constants, manifest)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # Whatever a malformed graph trips over; the shipped files are proved not to.
        raise ModelRefused(f"{manifest.identifier} is not a well-formed network ({error}).") from None


def _constants(model: ModelProto) -> Constants:
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def _folded(
    nodes: list[NodeProto], constants: Constants, outputs: set[str], stored: dict[str, StoredWeights]
) -> list[NodeProto]:
    """Leave out what can be computed now; add what was computed to the constants, and to what is stored."""
    kept: list[NodeProto] = []
    makers: dict[str, NodeProto] = {}
    same: dict[str, str] = {}
    readers = _readers(nodes, outputs)
    for node in nodes:
        for index, name in enumerate(node.input):
            node.input[index] = same.get(name, name)
        value = _computed(node, constants)
        if value is not None:
            constants[node.output[0]] = value
        elif node.op_type in _PASSING and node.output[0] not in outputs:
            same[node.output[0]] = node.input[0]
            readers[node.input[0]] = readers.get(node.input[0], 0) - 1 + readers.get(node.output[0], 0)
        elif (
            node.op_type == "BatchNormalization"
            and node.input[0] in makers
            and readers[node.input[0]] == 1
            and _absorbed(node, makers[node.input[0]], constants, stored)
        ):
            makers[node.output[0]] = makers.pop(node.input[0])
        else:
            kept.append(node)
            if len(node.output) == 1:
                makers[node.output[0]] = node
    return kept


def _readers(nodes: list[NodeProto], outputs: set[str]) -> dict[str, int]:
    readers = dict.fromkeys(outputs, 1)
    for node in nodes:
        for name in node.input:
            readers[name] = readers.get(name, 0) + 1
    return readers


def _computed(node: NodeProto, constants: Constants) -> NDArray[Any] | None:
    from onnx import numpy_helper

    if node.op_type == "Constant":
        attribute = node.attribute[0]
        return numpy_helper.to_array(attribute.t) if attribute.name == "value" else None
    if not node.input or not all(name in constants for name in node.input if name):
        return None
    if node.op_type == "DequantizeLinear":
        return _dequantised(node, constants)
    if node.op_type == "Reshape" and not _attribute(node, "allowzero", 0):
        value = constants[node.input[0]]
        shape = [
            value.shape[i] if side == 0 else int(side) for i, side in enumerate(constants[node.input[1]])
        ]
        return value.reshape(shape)
    return None


def _dequantised(node: NodeProto, constants: Constants) -> NDArray[Any]:
    """``(x - zero_point) * scale``, for each block of an axis, each channel, or the whole.

    Source: ONNX operator DequantizeLinear, opset 21.
    """
    value = constants[node.input[0]]
    scale = constants[node.input[1]]
    zero = constants[node.input[2]] if len(node.input) > 2 and node.input[2] else np.zeros_like(scale)
    axis = int(_attribute(node, "axis", 1)) % max(value.ndim, 1)
    if block := int(_attribute(node, "block_size", 0)):
        scale, zero = (
            np.take(np.repeat(part, block, axis=axis), np.arange(value.shape[axis]), axis=axis)
            for part in (scale, zero)
        )
    elif scale.ndim == 1 and scale.size > 1:
        shape = [-1 if i == axis else 1 for i in range(value.ndim)]
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    return (value.astype(np.float32) - zero.astype(np.float32)) * scale.astype(np.float32)


def _absorbed(
    norm: NodeProto, maker: NodeProto, constants: Constants, stored: dict[str, StoredWeights]
) -> bool:
    """Fold a BatchNorm into the weights of what comes before it, where that is linear and its own."""
    if len(norm.output) != 1 or maker.op_type not in {"Conv", "Gemm"}:
        return False
    if not all(name in constants for name in (*maker.input[1:], *norm.input[1:])):
        return False
    if _attribute(norm, "training_mode", 0):
        return False
    transposed = maker.op_type == "Conv" or bool(_attribute(maker, "transB", 0))
    if maker.op_type == "Gemm" and not (
        _attribute(maker, "alpha", 1.0) == 1.0 and _attribute(maker, "beta", 1.0) == 1.0
    ):
        return False
    scale, shift, mean, variance = (constants[name].astype(np.float64) for name in norm.input[1:5])
    factor = scale / np.sqrt(variance + float(np.float32(_attribute(norm, "epsilon", 1e-5))))
    weights = constants[maker.input[1]].astype(np.float64)
    along = [-1, *[1] * (weights.ndim - 1)] if transposed else [1, -1]
    bias = constants[maker.input[2]].astype(np.float64) if len(maker.input) > 2 else np.zeros_like(mean)
    names = (f"{norm.output[0]}.weight", f"{norm.output[0]}.bias")
    constants[names[0]] = (weights * factor.reshape(along)).astype(np.float32)
    if transposed and maker.input[1] in stored:
        stored[names[0]] = stored[maker.input[1]].scaled(factor)
    constants[names[1]] = ((bias - mean) * factor + shift).astype(np.float32)
    del maker.input[1:]
    maker.input.extend(names)
    maker.output[0] = norm.output[0]
    return True


def _free_batch(nodes: list[NodeProto], constants: Constants) -> None:
    """Let a Reshape that was exported for one image copy the batch instead (0 means: as the input has it)."""
    for node in nodes:
        if node.op_type != "Reshape" or node.input[1] not in constants:
            continue
        shape = constants[node.input[1]]
        if shape.size > 1 and shape[0] == 1 and not _attribute(node, "allowzero", 0):
            name = f"{node.output[0]}.shape"
            constants[name] = np.concatenate([np.zeros(1, np.int64), shape[1:].astype(np.int64)])
            node.input[1] = name


def _sigmoids_first(nodes: list[NodeProto], outputs: set[str]) -> list[NodeProto]:
    """Move each Sigmoid in front of the Reshape and Transpose that only move its values about.

    Nothing changes in exact arithmetic. It then follows its convolution directly, and OpenVINO computes
    it in one precision, whether it compiled for a known shape or for any: measured with YuNet in bf16,
    the scores of the two differ by 8e-4 otherwise, and not at all like this.
    """
    from onnx import helper

    makers = {name: node for node in nodes for name in node.output}
    readers = _readers(nodes, outputs)
    ordered = list(nodes)
    for node in nodes:
        if node.op_type != "Sigmoid":
            continue
        movers: list[NodeProto] = []
        source = node.input[0]
        while readers[source] == 1 and source in makers and makers[source].op_type in _MOVING:
            movers.append(makers[source])
            source = movers[-1].input[0]
        if not movers:
            continue
        early = f"{node.output[0]}.early"
        movers[0].output[0] = node.output[0]
        movers[-1].input[0] = early
        ordered.remove(node)
        ordered.insert(ordered.index(movers[-1]), helper.make_node("Sigmoid", [source], [early]))
    return ordered


def _written(model: ModelProto, nodes: list[NodeProto], constants: Constants, manifest: Manifest) -> bytes:
    """Put the canonical ends on, name everything anew, and serialise."""
    from onnx import TensorProto, helper, numpy_helper

    entrance = _entrance(model, nodes, constants, manifest)
    names = {entrance: "net/input"}
    names |= _exits(model, manifest)
    head, permute = _head(nodes, constants, entrance, manifest)
    tail: list[NodeProto] = []
    if isinstance(manifest.output, YuNetOutput):
        nodes, strides = heads.rows(nodes, constants, manifest.output.strides)
        # One output is read in a third of the time of twelve, and a look takes half a millisecond in all.
        tail = [helper.make_node("Concat", [f"net/{it}" for it in strides], [CELLS], name=CELLS, axis=1)]
    for node in nodes:
        for field in (node.input, node.output):
            for index, name in enumerate(field):
                if name:
                    field[index] = names.setdefault(name, f"net/{name}")
        node.name = node.output[0]
        node.doc_string = ""
        attributes = sorted(node.attribute, key=lambda attribute: attribute.name)
        del node.attribute[:]
        node.attribute.extend(attributes)
    body = [*head, *nodes, *tail]
    used = dict.fromkeys(name for node in body for name in node.input if name)
    values = {names.get(name, f"net/{name}"): value for name, value in constants.items()}
    values |= permute
    height, width = manifest.input.sides or ("H", "W")
    output, shape = _output(manifest)
    graph = helper.make_graph(
        body,
        manifest.identifier,
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", height, width, 3])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(np.ascontiguousarray(values[name]), name)
            for name in used
            if name in values
        ],
    )
    prepared = helper.make_model(
        graph,
        ir_version=_IR_VERSION,
        producer_name="faceward",
        producer_version=str(VERSION),
        opset_imports=[helper.make_opsetid("", _opset(model))],
    )
    return bytes(prepared.SerializeToString(deterministic=True))


def _entrance(model: ModelProto, nodes: list[NodeProto], constants: Constants, manifest: Manifest) -> str:
    """Name of the one input that a node reads and no constant fills."""
    read = {name for node in nodes for name in node.input}
    inputs = [i.name for i in model.graph.input if i.name in read and i.name not in constants]
    if len(inputs) != 1:
        raise ModelRefused(
            f"{manifest.identifier} takes {len(inputs)} inputs where one image is expected.",
            remedy="Export the network with one image input.",
        )
    return str(inputs[0])


def _exits(model: ModelProto, manifest: Manifest) -> dict[str, str]:
    """Our name of each output."""
    outputs = [output.name for output in model.graph.output]
    if isinstance(manifest.output, FeatureOutput):
        if len(outputs) != 1:
            raise ModelRefused(
                f"{manifest.identifier} gives {len(outputs)} outputs where one row of features is expected.",
                remedy="Export the embedder alone; networks that also judge traits are not run.",
            )
        return {outputs[0]: FEATURES}
    wanted = {f"{head}_{stride}" for head in heads.WIDTHS for stride in manifest.output.strides}
    if set(outputs) != wanted:
        raise ModelRefused(f"{manifest.identifier} does not give the outputs of a YuNet detector.")
    return {name: f"net/{name}" for name in outputs}


def _output(manifest: Manifest) -> tuple[str, list[str | int]]:
    if isinstance(manifest.output, YuNetOutput):
        return CELLS, ["N", "A", heads.COLUMNS]
    return FEATURES, ["N", manifest.output.length]


def _head(
    nodes: list[NodeProto], constants: Constants, entrance: str, manifest: Manifest
) -> tuple[list[NodeProto], Constants]:
    """The nodes from ``image`` to what the network takes, and their constants.

    The transpose comes before the cast: it then moves bytes, a quarter of what it would move as floats.
    Channels are swapped in the first convolution's weights where that reads the input directly, which
    costs nothing; otherwise by a Gather.
    """
    from onnx import TensorProto, helper

    contract = manifest.input
    mean, std = np.array(contract.mean, np.float32), np.array(contract.std, np.float32)
    steps: list[tuple[str, list[str], dict[str, Any]]] = []
    values: Constants = {}
    axis = 3
    if contract.layout is Layout.NCHW:
        steps.append(("Transpose", [], {"perm": [0, 3, 1, 2]}))
        axis = 1
    if contract.channel_order is ChannelOrder.BGR:
        if axis == 1 and _swapped(nodes, constants, entrance):
            mean, std = mean[::-1], std[::-1]
        else:
            values["head/order"] = np.array([2, 1, 0], np.int64)
            steps.append(("Gather", ["head/order"], {"axis": axis}))
    steps.append(("Cast", [], {"to": TensorProto.FLOAT}))
    along = (1, 3, 1, 1) if axis == 1 else (1, 1, 1, 3)
    if np.any(mean != 0):
        values["head/mean"] = mean.reshape(along).copy()
        steps.append(("Sub", ["head/mean"], {}))
    if np.any(std != 1):
        values["head/std"] = std.reshape(along).copy()
        steps.append(("Div", ["head/std"], {}))
    head: list[NodeProto] = []
    name = INPUT
    for index, (kind, extra, attributes) in enumerate(steps):
        output = "net/input" if index == len(steps) - 1 else f"head/{index}"
        head.append(helper.make_node(kind, [name, *extra], [output], name=output, **attributes))
        name = output
    return head, values


def _swapped(nodes: list[NodeProto], constants: Constants, entrance: str) -> bool:
    """Reverse the input channels of the first convolution, if it is the only one that reads the input."""
    readers = [node for node in nodes if entrance in node.input]
    if len(readers) != 1 or readers[0].op_type != "Conv" or _attribute(readers[0], "group", 1) != 1:
        return False
    conv = readers[0]
    if conv.input[1] not in constants or sum(conv.input[1] in node.input for node in nodes) != 1:
        return False
    constants[conv.input[1]] = constants[conv.input[1]][:, ::-1]
    return True


def _opset(model: ModelProto) -> int:
    return max((opset.version for opset in model.opset_import), default=0)


def _attribute(node: NodeProto, name: str, default: float) -> float:
    for attribute in node.attribute:
        if attribute.name == name:
            return float(attribute.f) if attribute.type == 1 else float(attribute.i)
    return default
