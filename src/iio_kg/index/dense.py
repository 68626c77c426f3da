"""Searching by meaning: exact inner products over normalised vectors, with FAISS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import faiss
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class DenseIndex:
    """A flat index: exact and the same on every run, quick up to some 100,000 vectors."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> DenseIndex:
        """Index normalised float32 vectors of shape ``(n, dimension)``; their order numbers them."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of the vectors."""
        return int(self._index.d)

    def search(self, vector: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The numbers and cosines of the vectors nearest to one vector, nearest first."""
        scores, numbers = self._index.search(vector.reshape(1, -1), min(count, len(self)))
        return numbers[0], scores[0]

    def save(self, path: Path) -> None:
        """Write the index to a new file."""
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Open an index that `save` wrote.

        Raises:
            RuntimeError: The file is no index.
        """
        return cls(faiss.read_index(str(path)))
