"""Weights that were stored as integers in blocks in, the few nodes that leave them so out.

A matrix product of one row or two reads each weight once, and takes as long as reading takes. SFace's has 6.4
million of them, which is 26 MB in float32 and 13 MB in bfloat16. As the integers that the file came with they
are 6.4 MB, and stand for the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import NodeProto

Constants = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class StoredWeights:
    """A matrix as integers.

    Attributes:
        integers: Shape ``(rows, columns)``, int8.
        scales: Shape ``(rows, blocks)``, float32.
        zeros: Shape as ``scales``, int8: the integer that stands for 0.
        block: Columns of one block.
    """

    integers: NDArray[np.int8]
    scales: NDArray[np.float32]
    zeros: NDArray[np.int8]
    block: int

    def scaled(self, factors: NDArray[np.float64]) -> StoredWeights:
        """The same with each row multiplied by a factor, shape ``(rows,)``."""
        scales = (self.scales.astype(np.float64) * factors[:, None]).astype(np.float32)
        return StoredWeights(self.integers, scales, self.zeros, self.block)


def stored_weights(nodes: Iterable[NodeProto], constants: Constants) -> dict[str, StoredWeights]:
    """Find the matrices that are stored in blocks of their rows, by the name of what they stand for.

    Source: ONNX operator DequantizeLinear, opset 21.
    """
    found = {}
    for node in nodes:
        if node.op_type != "DequantizeLinear" or not all(name in constants for name in node.input):
            continue
        options = {attribute.name: attribute.i for attribute in node.attribute}
        block, parts = options.get("block_size", 0), [constants[name] for name in node.input]
        if block and options.get("axis", 1) % 2 == 1 and [it.ndim for it in parts] == [2, 2, 2]:
            integers, scales, zeros = parts
            if integers.dtype == zeros.dtype == np.int8 and scales.dtype == np.float32:
                found[node.output[0]] = StoredWeights(integers, scales, zeros, block)
    return found


def left_stored(
    nodes: list[NodeProto], constants: Constants, stored: dict[str, StoredWeights]
) -> list[NodeProto]:
    """Give matrix products the integers instead of what they stand for."""
    from onnx import helper

    left = []
    for node in nodes:
        options = {attribute.name: attribute.i for attribute in node.attribute}
        weights = stored.get(node.input[1]) if node.op_type == "Gemm" and options.get("transB", 0) else None
        if weights is not None:
            name = node.input[1]
            names = [f"{name}.{part}" for part in ("integers", "scales", "zeros")]
            constants |= dict(zip(names, (weights.integers, weights.scales, weights.zeros), strict=True))
            node.input[1] = f"{name}.stored"
            left.append(
                helper.make_node("DequantizeLinear", names, [node.input[1]], axis=1, block_size=weights.block)
            )
        left.append(node)
    return left
