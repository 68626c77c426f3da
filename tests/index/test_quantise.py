"""Weights in 8 bits, and the graph that computes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iio_kg.index.quantise import columns, quantise

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, OUTPUTS = 48, 24


def product(*, bias: bool = False, products: int = 1) -> tuple[Any, list[NDArray[np.float32]]]:
    """A graph of products of one input ``x``, each with a bias or not, and its matrices."""
    from onnx import TensorProto, helper, numpy_helper

    draw = np.random.default_rng(4)
    matrices = [draw.normal(size=(WIDTH, OUTPUTS)).astype(np.float32) for _ in range(products)]
    nodes, constants = [], []
    for number, matrix in enumerate(matrices):
        nodes.append(helper.make_node("MatMul", ["x", f"w{number}"], [f"p{number}" if bias else f"y{number}"]))
        constants.append(numpy_helper.from_array(matrix, f"w{number}"))
        if bias:
            nodes.append(helper.make_node("Add", [f"p{number}", f"b{number}"], [f"y{number}"]))
            constants.append(numpy_helper.from_array(np.full(OUTPUTS, 7 + number, np.float32), f"b{number}"))
    graph = helper.make_graph(
        nodes,
        "products of one input",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["texts", "tokens", WIDTH])],
        [
            helper.make_tensor_value_info(f"y{number}", TensorProto.FLOAT, ["texts", "tokens", OUTPUTS])
            for number in range(products)
        ],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), matrices


def run(model: Any, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """What a graph gives for ``x``."""
    from onnxruntime import InferenceSession

    outputs: list[NDArray[np.float32]] = InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    ).run(None, {"x": values})
    return outputs


def kinds(model: Any) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_a_column_has_its_own_scale_and_loses_at_most_half_a_step() -> None:
    matrix = np.random.default_rng(3).normal(size=(40, 5)).astype(np.float32)
    matrix[:, 1] *= 1000
    matrix[:, 4] = 0
    numbers, scales = columns(matrix)
    assert numbers.shape == matrix.shape
    assert scales.shape == (5,)
    assert (np.abs(numbers * scales - matrix) <= scales * 0.501).all()
    assert (numbers[:, 4] == 0).all()


def test_a_channel_that_is_large_by_nature_does_not_drown_the_others() -> None:
    values = np.random.default_rng(5).normal(size=(1, 7, WIDTH)).astype(np.float32)
    values[..., 5] *= 300
    model, matrices = product(products=2)
    for number, matrix in enumerate(matrices):
        matrix[5] /= 300
        model.graph.initializer[number].raw_data = matrix.tobytes()
    quantise(model, [{"x": values}])
    assert kinds(model).count("DynamicQuantizeMatMul") == 2
    for made, matrix in zip(run(model, values), matrices, strict=True):
        exact = values @ matrix
        # Without smoothing every other channel would be lost in steps of 2 and more.
        assert np.abs(made - exact).max() < 0.05 * exact.std()


def test_a_token_that_is_much_larger_does_not_drown_the_others() -> None:
    values = np.random.default_rng(6).normal(size=(1, 9, WIDTH)).astype(np.float32)
    values[0, 0] *= 1000
    values[0, 8] = 0
    model, matrices = product(bias=True)
    quantise(model, [{"x": values}])
    assert "ReduceMax" in kinds(model)
    exact = values @ matrices[0] + 7
    (made,) = run(model, values)
    # In one scale with the first token, the others would be lost in steps of 8 and more.
    assert np.abs(made - exact)[0, 1:].max() < 0.1 * exact[0, 1:].std()
    assert (made[0, 8] == 7).all()


def test_a_bias_goes_into_the_product_unless_something_else_uses_the_bare_one() -> None:
    from onnx import helper

    values = np.random.default_rng(7).normal(size=(1, 5, WIDTH)).astype(np.float32)
    model, matrices = product(bias=True, products=2)
    model.graph.output.append(helper.make_empty_tensor_value_info("p1"))
    quantise(model, [{"x": values}])
    assert kinds(model).count("Add") == 1
    with_bias, with_other, bare = run(model, values)
    for made, exact in ((with_bias, values @ matrices[0] + 7), (with_other, values @ matrices[1] + 8)):
        assert np.abs(made - exact).max() < 0.05 * exact.std()
    assert np.allclose(with_other - 8, bare, atol=1e-5)


def attention(*, bias: bool = True, mask: bool = False) -> tuple[Any, Any]:
    """A graph of an attention over three products of one input ``x``, and the same before it is changed."""
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    draw = np.random.default_rng(9)
    names = ("query", "key", "value")
    constants = [numpy_helper.from_array(draw.normal(size=(WIDTH, OUTPUTS)).astype(np.float32) / 7, n) for n in names]
    constants.append(numpy_helper.from_array(draw.normal(size=3 * OUTPUTS).astype(np.float32), "bias"))
    nodes = [helper.make_node("MatMul", ["x", name], [f"{name} of x"]) for name in names]
    constants.append(numpy_helper.from_array(np.array([7], np.int32), "mask"))
    given = [*(f"{name} of x" for name in names), "bias" if bias else "", *(["mask"] if mask else [])]
    nodes.append(helper.make_node("MultiHeadAttention", given, ["y"], domain="com.microsoft", num_heads=4))
    graph = helper.make_graph(
        nodes,
        "an attention",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "tokens", WIDTH])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, "tokens", OUTPUTS])],
        constants,
    )
    operators = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=operators, ir_version=8)
    before = ModelProto()
    before.CopyFrom(model)
    return model, before


@pytest.mark.parametrize("mask", [False, True])
def test_an_attention_and_its_products_become_one_operation_that_attends_alike(mask: bool) -> None:
    values = np.random.default_rng(10).normal(size=(1, 11, WIDTH)).astype(np.float32)
    values[..., 5] *= 30
    model, before = attention(mask=mask)
    quantise(model, [{"x": values}])
    assert kinds(model) == ["Mul", "DynamicQuantizeLinear", "QAttention"]
    apart, _ = attention(mask=mask)
    quantise(apart, [{"x": values}], whole_attention=False)
    assert "MultiHeadAttention" in kinds(apart)
    (exact,), (made,), (by_parts,) = run(before, values), run(model, values), run(apart, values)
    assert np.allclose(made, by_parts, atol=1e-4)
    assert np.abs(made - exact).max() < 0.2 * exact.std()


@pytest.mark.parametrize("why", ["a product is used elsewhere", "a product is wanted itself", "it adds no biases"])
def test_an_attention_that_cannot_be_one_with_its_products_is_left_alone(why: str) -> None:
    from onnx import helper

    values = np.random.default_rng(11).normal(size=(1, 5, WIDTH)).astype(np.float32)
    model, before = attention(bias=why != "it adds no biases")
    for each in (model, before):
        if why == "a product is used elsewhere":
            each.graph.node.append(helper.make_node("Relu", ["key of x"], ["z"]))
            each.graph.output.append(helper.make_empty_tensor_value_info("z"))
        if why == "a product is wanted itself":
            each.graph.output.append(helper.make_empty_tensor_value_info("key of x"))
    quantise(model, [{"x": values}])
    assert "QAttention" not in kinds(model)
    for made, exact in zip(run(model, values), run(before, values), strict=True):
        assert np.abs(made - exact).max() < 0.2 * exact.std()
