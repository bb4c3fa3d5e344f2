"""The heads of a YuNet detector in, one row of values for each cell out.

YuNet has four heads at each stride, and each is a 1 × 1 convolution and a depthwise 3 × 3 one with nothing
between. Side by side they are one of each with the weights put end to end: the same sums, in two runs of a
kernel instead of eight. A look takes half a millisecond, and a seventh of that went into starting kernels
that had 1 to 10 channels to compute.

Source: Wu et al., "YuNet: a tiny millisecond-level face detector", 2023, section 3.2; the names are those of
``face_detection_yunet_2023mar`` in OpenCV Zoo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import NodeProto

WIDTHS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
"""Names and widths, in the order in which they stand in a row. The first two are scores."""

COLUMNS = sum(WIDTHS.values())
_SCORES = WIDTHS["cls"] + WIDTHS["obj"]
_AFTER = {"cls": ["Sigmoid"], "obj": ["Sigmoid"], "bbox": [], "kps": []}

Constants = dict[str, NDArray[Any]]


def rows(
    nodes: list[NodeProto], constants: Constants, strides: tuple[int, ...]
) -> tuple[list[NodeProto], list[str]]:
    """Put the heads of each stride side by side.

    Args:
        nodes: The network, whose outputs are ``cls_8``, … ``kps_32``.
        constants: Its constants; what is new is added.
        strides: The strides, the finest first.

    Returns:
        The network, and the names of its outputs now: for each stride ``(N, A, 16)``, a row for each cell. A
        stride whose heads are built in another way than the paper's has its four outputs put side by side.
    """
    from onnx import helper

    outputs = []
    for stride in strides:
        name = f"stride_{stride}"
        heads = [_Head.found(nodes, constants, f"{head}_{stride}", _AFTER[head]) for head in WIDTHS]
        known = [head for head in heads if head is not None]
        if len(known) == len(WIDTHS) and len({head.source for head in known}) == 1:
            gone = {output for head in known for output in head.outputs}
            nodes = [node for node in nodes if node.output[0] not in gone]
            nodes += _joined(name, known, constants)
        else:
            nodes.append(helper.make_node("Concat", [f"{head}_{stride}" for head in WIDTHS], [name], axis=2))
        outputs.append(name)
    return nodes, outputs


class _Head:
    """One head: what it reads, its four constants (weights and biases of both convolutions), its nodes."""

    def __init__(self, source: str, constants: list[NDArray[Any]], outputs: list[str]) -> None:
        self.source = source
        self.constants = constants
        self.outputs = outputs

    @classmethod
    def found(cls, nodes: list[NodeProto], constants: Constants, name: str, after: list[str]) -> _Head | None:
        """Walk back from an output to what the head reads; nothing where it is built in another way."""
        makers = {output: node for node in nodes for output in node.output}
        way = ["Reshape", "Transpose", *after, "Conv", "Conv"]
        passed: list[NodeProto] = []
        for kind in way:
            node = makers.get(name)
            others = [it for it in nodes if name in it.input and it not in passed]
            if node is None or node.op_type != kind or others:
                return None
            passed.append(node)
            name = node.input[0]
        depthwise, pointwise = passed[-2:]
        values = [constants.get(it) for conv in (pointwise, depthwise) for it in conv.input[1:]]
        known = [value for value in values if value is not None]
        if len(known) != 4 or not _as_published(pointwise, depthwise, known):
            return None
        return cls(name, known, [node.output[0] for node in passed])


def _as_published(pointwise: NodeProto, depthwise: NodeProto, constants: list[NDArray[Any]]) -> bool:
    """Whether they are the 1 × 1 and the depthwise 3 × 3 convolution, of one picture's size."""
    channels = constants[0].shape[0]
    plain = {"strides": [1, 1], "dilations": [1, 1]}
    return (
        constants[0].shape[2:] == (1, 1)
        and constants[2].shape == (channels, 1, 3, 3)
        and _attributes(pointwise, group=1, pads=[0] * 4, **plain)
        and _attributes(depthwise, group=channels, pads=[1] * 4, **plain)
    )


def _attributes(node: NodeProto, **wanted: Any) -> bool:
    """Whether a node has these attributes; one that it does not name has the value that it should."""
    from onnx import helper

    named = {it.name: helper.get_attribute_value(it) for it in node.attribute}
    absent = {"group": 1, "pads": [0] * 4, "strides": [1, 1], "dilations": [1, 1], "auto_pad": b"NOTSET"}
    return all(
        named.get(name, absent[name]) == value for name, value in (wanted | {"auto_pad": b"NOTSET"}).items()
    )


def _joined(name: str, heads: list[_Head], constants: Constants) -> list[NodeProto]:
    """The nodes of all heads of a stride in one."""
    from onnx import helper

    words = ("narrow.weight", "narrow.bias", "wide.weight", "wide.bias")
    names = [f"{name}.{word}" for word in words]
    for at, constant in enumerate(names):
        constants[constant] = np.concatenate([head.constants[at] for head in heads])
    constants["heads.split"] = np.array([_SCORES, COLUMNS - _SCORES], np.int64)
    constants["heads.rows"] = np.array([0, -1, COLUMNS], np.int64)
    one, all_, logits, places, scores, cells, moved = (
        f"{name}.{word}" for word in ("narrow", "wide", "logits", "places", "scores", "cells", "moved")
    )
    return [
        helper.make_node("Conv", [heads[0].source, *names[:2]], [one], kernel_shape=[1, 1]),
        helper.make_node(
            "Conv", [one, *names[2:]], [all_], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=COLUMNS
        ),
        helper.make_node("Split", [all_, "heads.split"], [logits, places], axis=1),
        helper.make_node("Sigmoid", [logits], [scores]),
        helper.make_node("Concat", [scores, places], [cells], axis=1),
        helper.make_node("Transpose", [cells], [moved], perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", [moved, "heads.rows"], [name]),
    ]
