"""Weights in 8 bits for an exported encoder: less than half the time of float32, and nearly the same vectors.

Each column of a matrix has a scale of its own, and what comes in is put into 8 bits with one scale for a whole text
(the operator `DynamicQuantizeMatMul` of ONNX Runtime). Two things would make one scale too coarse, and are evened out
first. Channels that are large by nature hand a part of their size to the weights (G. Xiao et al., "SmoothQuant", 2023).
And where single tokens are many times larger than the others, as behind the activation of a feed-forward layer, each
token is divided by its largest value before the product and multiplied by it again behind it.

As a scale belongs to a whole text, texts must be encoded one at a time, which `iio_kg.index.onnx` does.

Where the products for an attention have one activation between them, the runtime can make them and attend in one
operation (`QAttention`), which takes a tenth off the time of a question.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Samples = Sequence[Mapping[str, NDArray[Any]]]

_LARGEST = 127
#: Which power of the size of a channel goes into the weights.
_SMOOTHING = 0.5
#: Tokens are evened out where the largest is so many times larger than the middle one.
_UNEVEN = 6.0
_TINY = np.float32(1e-5)
_DOMAIN = "com.microsoft"
#: Operators of that domain that are written here.
_OWN = frozenset({"DynamicQuantizeMatMul", "QAttention"})


def columns(matrix: Array, largest: int = _LARGEST) -> tuple[NDArray[np.int8], Array]:
    """A matrix of shape ``(inputs, outputs)`` in 8 bits, and the scale of each of its columns, ``(outputs,)``.

    Args:
        matrix: The matrix.
        largest: The largest number that is used, up to 127.
    """
    scales = np.maximum(np.abs(matrix).max(axis=0) / np.float32(largest), np.finfo(np.float32).tiny)
    return np.rint(matrix / scales).astype(np.int8), scales


def quantise(model: Any, samples: Samples, *, whole_attention: bool = True) -> None:
    """Put the matrices of a graph into 8 bits, in place.

    Args:
        model: An ONNX model that holds its weights.
        samples: Inputs for it, of one text each, to see how large its activations get.
        whole_attention: Whether products for an attention become one operation with it.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    matrices = {each.name: numpy_helper.to_array(each) for each in graph.initializer if len(each.dims) == 2}
    groups: dict[str, list[Array]] = {}
    for node in graph.node:
        if _multiplies(node, matrices):
            groups.setdefault(node.input[0], []).append(matrices[node.input[1]])
    inputs = _study(model, groups, samples)
    vectors = {each.name for each in graph.initializer if len(each.dims) == 1}
    products = {node.output[0] for node in graph.node if _multiplies(node, matrices)}
    outputs = {output.name for output in graph.output}
    biases = _biases(graph.node, vectors, products - outputs)
    sums = {bias.output for bias in biases.values()}
    attentions = _attentions(graph.node, matrices, inputs, outputs) if whole_attention else {}
    written = sums | {product.output[0] for its in attentions.values() for product in its}
    writer = _Writer()
    for node in graph.node:
        if node.output[0] in written:
            continue
        if its := attentions.get(node.output[0]):
            source = its[0].input[0]
            writer.attention(node, source, [matrices[product.input[1]] for product in its], inputs[source])
            continue
        if _multiplies(node, matrices):
            writer.product(node, matrices[node.input[1]], inputs[node.input[0]], biases.get(node.output[0]))
        else:
            writer.nodes.append(node)
    del graph.node[:]
    graph.node.extend(writer.nodes)
    used = {name for node in writer.nodes for name in node.input}
    kept = [each for each in graph.initializer if each.name in used]
    del graph.initializer[:]
    graph.initializer.extend([*kept, *(numpy_helper.from_array(array, name) for name, array in writer.added.items())])
    if all(known.domain != _DOMAIN for known in model.opset_import):
        model.opset_import.append(helper.make_opsetid(_DOMAIN, 1))


@dataclass(frozen=True, slots=True)
class _Input:
    """How an activation is prepared: by what its channels are divided, and whether its tokens are evened out."""

    factors: Array
    uneven: bool


@dataclass(frozen=True, slots=True)
class _Bias:
    """A vector that is added to a product, and the name of the sum."""

    name: str
    output: str


@dataclass(slots=True)
class _Writer:
    """Collects nodes and constants of the new graph."""

    nodes: list[Any] = field(default_factory=list)
    added: dict[str, NDArray[Any]] = field(default_factory=dict)
    prepared: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def product(self, node: Any, matrix: Array, prepared: _Input, bias: _Bias | None) -> None:
        """Write a product of an activation and a matrix of weights."""
        name, weights = node.input
        source, largest = self._prepare(name, prepared)
        # A matrix may stand in two places, and is smoothed for each.
        own = f"{weights}:{name}"
        self.added[f"{own}:numbers"], self.added[f"{own}:scales"] = columns(matrix * prepared.factors[:, None])
        given = [source, f"{own}:numbers", f"{own}:scales"]
        if largest is None:
            added = ["", bias.name] if bias else []
            self._node("DynamicQuantizeMatMul", [*given, *added], bias.output if bias else node.output[0])
            return
        self._node("DynamicQuantizeMatMul", given, f"{own}:product")
        self._node("Mul", [f"{own}:product", largest], node.output[0])
        if bias:
            self._node("Add", [node.output[0], bias.name], bias.output)

    def attention(self, node: Any, name: str, matrices: Sequence[Array], prepared: _Input) -> None:
        """Write an attention together with the products of an activation and its three matrices."""
        source, _ = self._prepare(name, prepared)
        own = node.output[0]
        smoothed = [columns(matrix * prepared.factors[:, None]) for matrix in matrices]
        self.added[f"{own}:numbers"] = np.concatenate([numbers for numbers, _ in smoothed], axis=1)
        self.added[f"{own}:scales"] = np.concatenate([scales for _, scales in smoothed])
        self.added[f"{own}:zero"] = np.zeros(len(self.added[f"{own}:scales"]), np.int8)
        values, scale, zero = (f"{own}:{part}" for part in ("input", "input_scale", "input_zero"))
        self._node("DynamicQuantizeLinear", [source], values, scale, zero)
        bias, mask = node.input[3], node.input[4] if len(node.input) > 4 else ""
        given = [values, f"{own}:numbers", bias, scale, f"{own}:scales", mask, zero, f"{own}:zero"]
        self._node("QAttention", given, own, **_attributes(node))

    def _prepare(self, name: str, prepared: _Input) -> tuple[str, str | None]:
        """Smooth an activation, once; gives its new name, and that of its tokens' largest values if they differ."""
        if name not in self.prepared:
            self.prepared[name] = self._smooth(name, prepared)
        return self.prepared[name]

    def _smooth(self, name: str, prepared: _Input) -> tuple[str, str | None]:
        self.added[f"{name}:factors"] = 1 / prepared.factors
        self._node("Mul", [name, f"{name}:factors"], f"{name}:smoothed")
        if not prepared.uneven:
            return f"{name}:smoothed", None
        self.added["tiny"] = np.asarray(_TINY)
        self._node("Abs", [f"{name}:smoothed"], f"{name}:sizes")
        self._node("ReduceMax", [f"{name}:sizes"], f"{name}:largest", axes=[-1], keepdims=1)
        self._node("Max", [f"{name}:largest", "tiny"], f"{name}:divisors")
        self._node("Div", [f"{name}:smoothed", f"{name}:divisors"], f"{name}:even")
        return f"{name}:even", f"{name}:divisors"

    def _node(self, kind: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> None:
        from onnx import helper

        domain = _DOMAIN if kind in _OWN else None
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))


def _multiplies(node: Any, matrices: Mapping[str, Any]) -> bool:
    """Whether a node multiplies activations by a matrix of weights."""
    return node.op_type == "MatMul" and node.input[1] in matrices and node.input[0] not in matrices


def _attentions(
    nodes: Sequence[Any], matrices: Mapping[str, Any], inputs: Mapping[str, _Input], outputs: set[str]
) -> dict[str, list[Any]]:
    """By the name of what an attention gives, the three products it attends with, where they can be one with it.

    They must be products of one activation whose tokens are not evened out, used by the attention alone, and have their
    biases added there.
    """
    made = {node.output[0]: node for node in nodes}
    users = Counter(chain(outputs, (name for node in nodes for name in node.input)))
    found = {}
    for node in nodes:
        plain = len(node.input) in (4, 5) and node.input[3] and set(_attributes(node)) == {"num_heads"}
        if node.op_type != "MultiHeadAttention" or not plain:
            continue
        products = [made.get(name) for name in node.input[:3]]
        if any(each is None or not _multiplies(each, matrices) or users[each.output[0]] > 1 for each in products):
            continue
        sources = {each.input[0] for each in products if each is not None}
        if len(sources) == 1 and not inputs[sources.pop()].uneven:
            found[node.output[0]] = products
    return found


def _attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def _biases(nodes: Sequence[Any], vectors: set[str], products: set[str]) -> dict[str, _Bias]:
    """By the name of a product, the bias that is added to it where nothing else uses it."""
    users: dict[str, list[Any]] = {}
    for node in nodes:
        for name in node.input:
            users.setdefault(name, []).append(node)
    biases = {}
    for product in products:
        first, *others = users.get(product, [None])
        if first is None or others or first.op_type != "Add":
            continue
        constant = next((name for name in first.input if name in vectors), None)
        if constant is not None:
            biases[product] = _Bias(constant, first.output[0])
    return biases


def _study(model: Any, groups: Mapping[str, Sequence[Array]], samples: Samples) -> dict[str, _Input]:
    """How each activation is to be prepared, from what it is for some samples.

    Args:
        model: The model.
        groups: For the name of each activation the matrices it is multiplied by.
        samples: Inputs of the model.
    """
    sizes: dict[str, Array] = {}
    for name, values in _watch(model, list(groups), samples):
        largest = np.abs(values).max(axis=0)
        sizes[name] = np.maximum(sizes.get(name, largest), largest)
    factors = {name: _factors(sizes[name], matrices) for name, matrices in groups.items()}
    spread = dict.fromkeys(groups, 0.0)
    for name, values in _watch(model, list(groups), samples):
        tokens = np.abs(values / factors[name]).max(axis=1)
        spread[name] = max(spread[name], float(tokens.max() / max(float(np.median(tokens)), float(_TINY))))
    return {name: _Input(factors[name], spread[name] > _UNEVEN) for name in groups}


def _watch(model: Any, names: Sequence[str], samples: Samples) -> Iterator[tuple[str, Array]]:
    """The values of some activations for each sample, one row a token."""
    import onnx
    import onnxruntime

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    known = {output.name for output in watched.graph.output}
    watched.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names if name not in known)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    for sample in samples:
        for name, values in zip(names, session.run(names, dict(sample)), strict=True):
            yield name, values.reshape(-1, values.shape[-1])


def _factors(sizes: Array, matrices: Sequence[Array]) -> Array:
    """By what the rows of matrices are multiplied and the channels that meet them are divided; about 1."""
    weights = np.max([np.abs(matrix).max(axis=1) for matrix in matrices], axis=0)
    factors = np.maximum(sizes, _TINY) ** _SMOOTHING / np.maximum(weights, _TINY) ** (1 - _SMOOTHING)
    centred: Array = (factors / np.exp(np.log(factors).mean())).astype(np.float32)
    return centred
