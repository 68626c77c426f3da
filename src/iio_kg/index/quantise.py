"""Weights in 8 bits for an exported encoder: about half the time of float32, and nearly the same vectors.

A matrix is cut along its inputs into blocks with a scale each; what comes in is scaled by the same blocks, each token
by itself, so that a text's vector does not depend on its neighbours in a batch (the operator `MatMulNBits` of ONNX
Runtime). Channels are smoothed first: where activations are large by nature, a part of their size is moved into the
weights (G. Xiao et al., "SmoothQuant", 2023).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

#: How many inputs share a scale: 32 is slower, and with 128 the runtime's vectors depend on their neighbours.
BLOCK = 64
_LARGEST = 127
#: The number that stands for zero.
_ZERO = 128
#: Asks the runtime to compute with what comes in as 8-bit numbers too.
_ACCURACY_LEVEL = 4
#: Which power of the size of a channel goes into the weights.
_SMOOTHING = 0.5
_TINY = np.float32(1e-5)
_DOMAIN = "com.microsoft"


def blocks(matrix: Array) -> tuple[NDArray[np.uint8], Array]:
    """A matrix in 8 bits.

    Args:
        matrix: Of shape ``(inputs, outputs)``.

    Returns:
        Its numbers, of shape ``(outputs, blocks, BLOCK)`` with 128 for zero, and their scales, ``(outputs, blocks)``.
    """
    inputs, outputs = matrix.shape
    filled = np.zeros((outputs, -(-inputs // BLOCK) * BLOCK), np.float32)
    filled[:, :inputs] = matrix.T
    parts = filled.reshape(outputs, -1, BLOCK)
    scales = np.maximum(np.abs(parts).max(axis=2) / np.float32(_LARGEST), np.finfo(np.float32).tiny)
    return (np.rint(parts / scales[..., None]) + _ZERO).astype(np.uint8), scales


def quantise(model: Any, samples: Iterable[Mapping[str, NDArray[Any]]]) -> None:
    """Put the matrices of a graph into 8 bits, in place.

    Args:
        model: An ONNX model that holds its weights.
        samples: Inputs for it, to see how large its activations get.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    matrices = {each.name: each for each in graph.initializer if len(each.dims) == 2}
    groups: dict[str, list[str]] = {}
    for node in graph.node:
        if _multiplies(node, matrices):
            groups.setdefault(node.input[0], []).append(node.input[1])
    sizes = _sizes(model, list(groups), samples)
    factors = {
        name: _factors(sizes[name], [numpy_helper.to_array(matrices[each]) for each in group])
        for name, group in groups.items()
    }
    nodes: list[Any] = []
    added: dict[str, NDArray[Any]] = {}
    smoothed: set[str] = set()
    for node in graph.node:
        if not _multiplies(node, matrices):
            nodes.append(node)
            continue
        name, matrix = node.input
        if name not in smoothed:
            smoothed.add(name)
            added[f"{name}:factors"] = 1 / factors[name]
            nodes.append(helper.make_node("Mul", [name, f"{name}:factors"], [f"{name}:smoothed"]))
        weights = numpy_helper.to_array(matrices[matrix]) * factors[name][:, None]
        # A matrix may stand in two places, and is smoothed for each.
        own = f"{matrix}:{name}"
        added[f"{own}:numbers"], added[f"{own}:scales"] = blocks(weights)
        nodes.append(
            helper.make_node(
                "MatMulNBits",
                [f"{name}:smoothed", f"{own}:numbers", f"{own}:scales"],
                [node.output[0]],
                domain=_DOMAIN,
                K=weights.shape[0],
                N=weights.shape[1],
                bits=8,
                block_size=BLOCK,
                accuracy_level=_ACCURACY_LEVEL,
            )
        )
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [each for each in graph.initializer if each.name in used]
    del graph.initializer[:]
    graph.initializer.extend([*kept, *(numpy_helper.from_array(array, name) for name, array in added.items())])
    model.opset_import.append(helper.make_opsetid(_DOMAIN, 1))


def _multiplies(node: Any, matrices: Mapping[str, Any]) -> bool:
    """Whether a node multiplies activations by a matrix of weights."""
    return node.op_type == "MatMul" and node.input[1] in matrices and node.input[0] not in matrices


def _sizes(model: Any, names: Sequence[str], samples: Iterable[Mapping[str, NDArray[Any]]]) -> dict[str, Array]:
    """The largest absolute value of every channel of some activations."""
    import onnx
    import onnxruntime

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    sizes: dict[str, Array] = {}
    for sample in samples:
        for name, values in zip(names, session.run(names, dict(sample)), strict=True):
            largest = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            sizes[name] = np.maximum(sizes.get(name, largest), largest)
    return sizes


def _factors(sizes: Array, matrices: Sequence[Array]) -> Array:
    """By what the rows of matrices are multiplied and the channels that meet them are divided; about 1."""
    weights = np.max([np.abs(matrix).max(axis=1) for matrix in matrices], axis=0)
    factors = np.maximum(sizes, _TINY) ** _SMOOTHING / np.maximum(weights, _TINY) ** (1 - _SMOOTHING)
    centred: Array = (factors / np.exp(np.log(factors).mean())).astype(np.float32)
    return centred
