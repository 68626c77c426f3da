"""A measure of nearness learned from the ways in which claims are put.

The cosines of a small encoder lie close together: much of what makes two vectors differ is wording and not meaning. The
statement of a claim and the questions that it answers say which is which, because they differ in wording only. Dividing
by how the vectors of one claim differ among themselves makes such differences count less. This is within-class
covariance normalisation (A. Hatch, S. Kajarekar and A. Stolcke, "Within-Class Covariance Normalization for SVM-based
Speaker Recognition", 2006), with the covariance shrunk towards a sphere.

Of the directions those are kept in which phrasings differ most, their principal components. Those in
which others lie apart from what claims answer count a little, or what has nothing to do with the material would hardly
be told from it. The rest holds more noise than meaning: on the dev questions a third of the directions tells better
what the material leaves open than all do, in a third of the time and memory, and finds as much (decision 18).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

#: How far the covariance is shrunk, how many directions are kept at most, and how much others count in choosing them;
#: chosen on the dev questions among 0.2, 0.5 and 0.8, 64 to 384, and 0 to 1.
_SHRINKAGE, _KEPT, _OTHERS = 0.2, 128, 0.1
#: With fewer phrasings for each direction that is kept, which ones those are would be chance: all are kept.
_ENOUGH = 10


@dataclass(frozen=True)
class Metric:
    """Where vectors are taken to before their cosines are.

    Attributes:
        matrix: float32 of shape ``(dimension, kept)``.
        query_mean: The mean of the vectors of questions, float32 of shape ``(dimension,)``.
        passage_mean: That of the vectors of what is searched.
    """

    matrix: Vectors
    query_mean: Vectors
    passage_mean: Vectors

    @classmethod
    def fit(cls, passages: Vectors, queries: Vectors, classes: Sequence[int], others: Vectors | None = None) -> Metric:
        """Learn from phrasings of the same things.

        Args:
            passages: Their vectors, encoded as what is searched, of shape ``(n, dimension)``.
            queries: The same, or a part of them, encoded as questions.
            classes: What each row of `passages` is a phrasing of.
            others: Vectors of what is a phrasing of none of them, of shape ``(m, dimension)``.
        """
        dimension = passages.shape[1]
        numbers = np.unique(np.asarray(classes), return_inverse=True)[1]
        counts = np.bincount(numbers)
        means = np.zeros((len(counts), dimension))
        np.add.at(means, numbers, passages)
        within = passages - (means / counts[:, None])[numbers]
        covariance = within.T.astype(float) @ within / max(1, len(passages) - len(counts))
        sphere = max(float(np.trace(covariance)) / dimension, 1e-12)
        covariance = (1 - _SHRINKAGE) * covariance + _SHRINKAGE * sphere * np.eye(dimension)
        values, vectors = np.linalg.eigh(covariance)
        whitening = (vectors / np.sqrt(values)) @ vectors.T
        centre = passages.mean(axis=0)
        spread = np.zeros((dimension, dimension))
        for group, weight in ((passages, 1.0), (others, _OTHERS)):
            if group is not None and len(group):
                apart = (group - centre) @ whitening
                spread += weight * apart.T @ apart / len(group)
        kept = _KEPT if len(passages) >= _ENOUGH * _KEPT else dimension
        # In ascending order: the last ones are those in which most differs.
        components = np.linalg.eigh(spread)[1][:, ::-1][:, :kept]
        return cls(
            matrix=(whitening @ components).astype(np.float32),
            query_mean=queries.mean(axis=0).astype(np.float32),
            passage_mean=centre.astype(np.float32),
        )

    def of_query(self, vector: Vectors) -> Vectors:
        """Where the vector of a question is taken to, of length 1."""
        return _normalised((vector - self.query_mean) @ self.matrix)

    def of_passages(self, vectors: Vectors) -> Vectors:
        """Where the vectors of what is searched are taken to, each of length 1."""
        return _normalised((vectors - self.passage_mean) @ self.matrix)


def _normalised(vectors: NDArray[Any]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
