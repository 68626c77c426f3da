"""From texts to vectors: the one place where prompts are put before a text and a model is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from iio_kg.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Progress = Callable[[int], None]

BATCH_SIZE = 32
#: Names under which models keep the prompt for texts to be found, the better known first.
_PASSAGE_PROMPTS = ("passage", "document", "corpus")


class Encoder(Protocol):
    """Turns questions and passages into normalised vectors of one space."""

    dimension: int
    fingerprint: str

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of questions, float32 of shape ``(len(texts), dimension)``, each of length 1.

        `progress` is told how many texts each step has done.
        """

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of passages, likewise."""


class SentenceTransformerEncoder:
    """An encoder over any sentence-transformers folder, on the processor.

    A text longer than the model's window is cut into windows; its vector is the mean of theirs, weighted by
    their numbers of tokens. So no part of a text is lost without a word.

    Args:
        folder: A sentence-transformers folder.
        fingerprint: What names these very weights; see `iio_kg.index.models`.
        threads: How many threads one call may use; 0 leaves the choice to the library.

    Raises:
        ModelError: The folder cannot be loaded.
    """

    def __init__(self, folder: Path, fingerprint: str, threads: int = 0) -> None:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Normalize
        from transformers.utils import logging

        logging.disable_progress_bar()
        if threads:
            torch.set_num_threads(threads)
        try:
            model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelError(
                f"The model in {folder} cannot be loaded ({error}).",
                "Remove the folder and run 'iio-kg build' to have it made again.",
            ) from error
        model.eval()
        self._torch = torch
        self._modules = [module for module in model if not isinstance(module, Normalize)]
        self._tokenizer = model.tokenizer
        self._window = int(model.max_seq_length or self._tokenizer.model_max_length)
        prompts: dict[str, str] = {name: prompt for name, prompt in (model.prompts or {}).items() if prompt}
        self._query_prompt = prompts.get("query", "")
        self._passage_prompt = next((prompts[name] for name in _PASSAGE_PROMPTS if name in prompts), "")
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.fingerprint = fingerprint

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `Encoder.encode_queries`."""
        return self._encode([self._query_prompt + text for text in texts], progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `Encoder.encode_passages`."""
        return self._encode([self._passage_prompt + text for text in texts], progress)

    def token_ids(self, text: str) -> list[int]:
        """The ids the model sees for a text as it stands, without a prompt and without a limit."""
        ids: list[int] = self._tokenizer(text, truncation=False, verbose=False)["input_ids"]
        return ids

    def _encode(self, texts: Sequence[str], progress: Progress | None) -> Vectors:
        sums = np.zeros((len(texts), self.dimension), np.float32)
        if not texts:
            return sums
        encoded = self._tokenizer(
            [text.replace("\0", " ") for text in texts],
            truncation=True,
            max_length=self._window,
            return_overflowing_tokens=True,
        )
        ids: list[list[int]] = encoded["input_ids"]
        owners: list[int] = encoded["overflow_to_sample_mapping"]
        specials = self._tokenizer.num_special_tokens_to_add()
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        open_windows = np.bincount(owners, minlength=len(texts))
        for first in range(0, len(order), BATCH_SIZE):
            batch = order[first : first + BATCH_SIZE]
            vectors = self._forward([ids[i] for i in batch])
            done = 0
            for i, vector in zip(batch, vectors, strict=True):
                sums[owners[i]] += max(len(ids[i]) - specials, 1) * vector
                open_windows[owners[i]] -= 1
                done += int(open_windows[owners[i]] == 0)
            if progress is not None:
                progress(done)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        normalised: Vectors = sums / np.maximum(norms, np.finfo(np.float32).tiny)
        return normalised

    def _forward(self, ids: list[list[int]]) -> Vectors:
        """Pooled vectors of one batch, before they are normalised."""
        features: Any = self._tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        with self._torch.inference_mode():
            for module in self._modules:
                features = module(features)
        vectors: Vectors = features["sentence_embedding"].float().numpy()
        return vectors
