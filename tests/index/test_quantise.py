"""Weights in 8 bits, and the graph that computes with them."""

from __future__ import annotations

import numpy as np
import pytest

from iio_kg.index.quantise import BLOCK, blocks, quantise


def test_a_block_has_its_own_scale_and_loses_at_most_half_a_step() -> None:
    draw = np.random.default_rng(3)
    matrix = draw.normal(size=(BLOCK + 10, 5)).astype(np.float32)
    matrix[:BLOCK] *= 1000
    matrix[:, 4] = 0
    numbers, scales = blocks(matrix)
    assert numbers.shape == (5, 2, BLOCK)
    assert scales.shape == (5, 2)
    back = ((numbers.astype(np.float32) - 128) * scales[..., None]).reshape(5, -1).T[: len(matrix)]
    step = np.repeat(scales.T, BLOCK, axis=0)[: len(matrix)]
    assert (np.abs(back - matrix) <= step * 0.501).all()
    assert np.abs(back - matrix)[BLOCK:].max() < 0.02
    assert (back[:, 4] == 0).all()


@pytest.mark.parametrize("width", [BLOCK * 2, 40])
def test_a_channel_that_is_large_by_nature_does_not_drown_the_others(width: int) -> None:
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime import InferenceSession

    draw = np.random.default_rng(4)
    weights = [draw.normal(size=(width, 24)).astype(np.float32) for _ in range(2)]
    values = draw.normal(size=(3, 7, width)).astype(np.float32)
    values[..., 5] *= 300
    weights[0][5] /= 300
    weights[1][5] /= 300
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("MatMul", ["x", "a"], ["p"]), helper.make_node("MatMul", ["x", "b"], ["q"])],
            "two products of one input",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["texts", "tokens", width])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["texts", "tokens", 24]) for name in "pq"],
            [numpy_helper.from_array(each, name) for each, name in zip(weights, "ab", strict=True)],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    quantise(model, [{"x": values}])
    assert [node.op_type for node in model.graph.node].count("MatMulNBits") == 2
    made = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": values})
    for product, matrix in zip(made, weights, strict=True):
        exact = values @ matrix
        # Without smoothing every other channel would be lost in steps of 2 and more.
        assert np.abs(product - exact).max() < 0.05 * exact.std()
