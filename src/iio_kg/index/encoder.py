"""From texts to vectors: the one place where prompts are put before a text and a model is run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from iio_kg.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Progress = Callable[[int], None]

BATCH_SIZE = 32
#: How much larger a batch may get by filling its shorter texts up; a question is not filled up to, word by word.
_FILLED = 1.25
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


def prompts_of(prompts: Mapping[str, str] | None) -> tuple[str, str]:
    """The prompts for questions and for passages among those of a model; empty where it has none."""
    known = {name: prompt for name, prompt in (prompts or {}).items() if prompt}
    return known.get("query", ""), next((known[name] for name in _PASSAGE_PROMPTS if name in known), "")


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """The numbers of texts in batches of like lengths, the shortest first.

    Args:
        lengths: How many tokens each text has.
    """
    made: list[list[int]] = []
    tokens = 0
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = lengths[number]
        tokens += length
        if made and len(made[-1]) < BATCH_SIZE and (len(made[-1]) + 1) * length <= _FILLED * tokens:
            made[-1].append(number)
        else:
            made.append([number])
            tokens = length
    return made


class WindowedEncoder(ABC):
    """What all encoders share: prompts, batches of like lengths, long texts in windows.

    A text longer than the model's window is cut into windows; its vector is the mean of theirs, weighted by
    their numbers of tokens. So no part of a text is lost without a word.

    Attributes:
        dimension: The length of a vector.
        fingerprint: What names these very weights; see `iio_kg.index.models`.
        query_prompt: What is put before a question.
        passage_prompt: What is put before a passage.
        specials: How many tokens of a window belong to no text.
    """

    dimension: int
    fingerprint: str
    query_prompt: str
    passage_prompt: str
    specials: int

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `Encoder.encode_queries`."""
        return self._encode([self.query_prompt + text for text in texts], progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `Encoder.encode_passages`."""
        return self._encode([self.passage_prompt + text for text in texts], progress)

    @abstractmethod
    def token_ids(self, text: str) -> list[int]:
        """The ids the model sees for a text as it stands, without a prompt and without a limit."""

    @abstractmethod
    def _windows(self, texts: list[str]) -> tuple[list[list[int]], list[int]]:
        """The ids of every window, and the number of the text each belongs to."""

    @abstractmethod
    def _forward(self, ids: list[list[int]]) -> Vectors:
        """Pooled vectors of one batch of windows, before they are normalised."""

    def _encode(self, texts: Sequence[str], progress: Progress | None) -> Vectors:
        sums = np.zeros((len(texts), self.dimension), np.float32)
        if not texts:
            return sums
        ids, owners = self._windows([text.replace("\0", " ") for text in texts])
        open_windows = np.bincount(owners, minlength=len(texts))
        for batch in batches([len(window) for window in ids]):
            vectors = self._forward([ids[i] for i in batch])
            done = 0
            for i, vector in zip(batch, vectors, strict=True):
                sums[owners[i]] += max(len(ids[i]) - self.specials, 1) * vector
                open_windows[owners[i]] -= 1
                done += int(open_windows[owners[i]] == 0)
            if progress is not None:
                progress(done)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        normalised: Vectors = sums / np.maximum(norms, np.finfo(np.float32).tiny)
        return normalised


class SentenceTransformerEncoder(WindowedEncoder):
    """An encoder over any sentence-transformers folder, on the processor, by PyTorch.

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
        self.modules = [module for module in model if not isinstance(module, Normalize)]
        self.tokenizer = model.tokenizer
        self.window = int(model.max_seq_length or self.tokenizer.model_max_length)
        self.specials = self.tokenizer.num_special_tokens_to_add()
        self.query_prompt, self.passage_prompt = prompts_of(model.prompts)
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.fingerprint = fingerprint

    def token_ids(self, text: str) -> list[int]:
        """See `WindowedEncoder.token_ids`."""
        ids: list[int] = self.tokenizer(text, truncation=False, verbose=False)["input_ids"]
        return ids

    def _windows(self, texts: list[str]) -> tuple[list[list[int]], list[int]]:
        encoded = self.tokenizer(texts, truncation=True, max_length=self.window, return_overflowing_tokens=True)
        return encoded["input_ids"], encoded["overflow_to_sample_mapping"]

    def _forward(self, ids: list[list[int]]) -> Vectors:
        features: Any = self.tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        with self._torch.inference_mode():
            for module in self.modules:
                features = module(features)
        vectors: Vectors = features["sentence_embedding"].float().numpy()
        return vectors
