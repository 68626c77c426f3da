"""How near a vector is to each of many: inner products in 8 bits.

In float32 the processor mostly waits for the vectors to come from memory, the more so when several questions are
answered at once. In 8 bits, each vector with a scale of its own, they are a quarter as long. Numbers go up to 63 only,
as processors without instructions for 8 bits add up two products in 16 and would overflow. What comes out differs by
some 0.001 from the exact product (figures in decision 13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from iio_kg.index.onnx import open_session
from iio_kg.index.quantise import columns

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_INPUT, _OUTPUT = "vector", "products"
_OPSET, _FORMAT = 17, 8
_LARGEST = 63


class Nearness:
    """Inner products with fixed vectors, by ONNX Runtime on one thread.

    Args:
        graph: What `build` makes of the vectors, or a file with it; empty for none.
    """

    def __init__(self, graph: bytes | Path) -> None:
        self._graph = graph
        self._session: Any = None
        self._size = 0
        if graph:
            self._session = open_session(graph)
            self._size = int(self._session.get_outputs()[0].shape[1])

    @classmethod
    def build(cls, vectors: Vectors) -> Nearness:
        """Take up vectors, float32 of shape ``(n, dimension)``."""
        from onnx import TensorProto, helper, numpy_helper

        size, dimension = vectors.shape
        if not size:
            return cls(b"")
        numbers, scales = columns(np.asarray(vectors).T, _LARGEST)
        graph = helper.make_graph(
            [
                helper.make_node(
                    "DynamicQuantizeMatMul", [_INPUT, "numbers", "scales"], [_OUTPUT], domain="com.microsoft"
                )
            ],
            "nearness",
            [helper.make_tensor_value_info(_INPUT, TensorProto.FLOAT, [1, dimension])],
            [helper.make_tensor_value_info(_OUTPUT, TensorProto.FLOAT, [1, size])],
            [
                numpy_helper.from_array(np.ascontiguousarray(numbers), "numbers"),
                numpy_helper.from_array(scales, "scales"),
            ],
        )
        operators = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=operators)
        model.ir_version = _FORMAT
        return cls(model.SerializeToString())

    def __len__(self) -> int:
        return self._size

    def of(self, vector: Vectors) -> Vectors:
        """The product of each of the vectors with one of shape ``(dimension,)``, float32 of shape ``(n,)``."""
        if self._session is None:
            return np.zeros(0, np.float32)
        products: Vectors = self._session.run(None, {_INPUT: vector.reshape(1, -1)})[0][0]
        return products

    def save(self, path: Path) -> None:
        """Write them to a new file."""
        path.write_bytes(self._graph if isinstance(self._graph, bytes) else self._graph.read_bytes())

    @classmethod
    def load(cls, path: Path) -> Nearness:
        """Open what `save` wrote.

        Raises:
            ValueError: The file holds no such products.
        """
        try:
            return cls(path if path.stat().st_size else b"")
        except OSError:
            raise
        except Exception as error:  # the runtime raises classes of its own
            raise ValueError(f"{path.name} cannot be opened ({error})") from error
