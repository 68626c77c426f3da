"""Reading question and passage together: an optional cross-encoder that puts what was found into another order.

A cross-encoder sees every word of the question beside every word of a passage and so judges a pair better than two
vectors can, at the price of a run of a model for each passage (R. Nogueira and K. Cho, "Passage Re-ranking with BERT",
2019). It is loaded when the setting ``reranker`` names one, and takes PyTorch into the process that answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from iio_kg.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Reranker(Protocol):
    """Judges how well texts answer a question."""

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """From 0 to 1 for each text, float32 of shape ``(len(texts),)``."""


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers with one output, on the processor.

    Args:
        name: A folder, or a name that the cache of the model hub on this machine has. Nothing is fetched.

    Raises:
        ModelError: It cannot be loaded, or has more than one output.
    """

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder
        from transformers.utils import logging

        logging.disable_progress_bar()
        try:
            self._model = CrossEncoder(name, device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelError(
                f"The cross-encoder {name} cannot be loaded ({error}).",
                "Name a folder of one in the setting 'reranker', or leave it empty.",
            ) from error
        if self._model.num_labels != 1:
            raise ModelError(
                f"The cross-encoder {name} has {self._model.num_labels} outputs and not one.",
                "Name one that was trained to rank passages.",
            )

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Reranker.relevance`."""
        import torch

        pairs = [(question, text) for text in texts]
        scores = self._model.predict(pairs, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
        return np.asarray(scores, np.float32).reshape(len(pairs))
