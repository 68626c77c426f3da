"""An encoder without PyTorch: the exported model in ONNX Runtime.

The table of word vectors, which is four fifths of a multilingual model, stays outside the graph: rows are read from its
file as tokens need them, so that the process holds the layers only and the page cache the rest. (A mapped table would
be counted as resident in pieces of 64 KiB around each row.) `iio_kg.index.export` writes what is opened here.
"""

from __future__ import annotations

import os
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import numpy as np

from iio_kg.errors import ModelError
from iio_kg.index.encoder import WindowedEncoder
from iio_kg.index.unigram import SKELETON_FILE, UnigramTokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from iio_kg.index.encoder import Vectors

GRAPH_FILE = "model.onnx"
#: The weights, in a file of their own: the runtime maps it and needs 60 MB less than for one file with all in it.
WEIGHTS_FILE = "model.onnx.data"
TABLE_FILE = "embeddings.npy"
TOKENIZER_FILE = "tokenizer.json"
HEAD_FILE = "encoder.json"
#: Names of the inputs and the output of the graph.
INPUTS = ("embeddings", "attention_mask")
OUTPUT = "vector"


class Head(msgspec.Struct, frozen=True):
    """What an exported model says of itself.

    Attributes:
        window: How many tokens it takes at once, those around a text included.
        dimension: The length of its vectors.
        query_prompt: What is put before a question.
        passage_prompt: What is put before a passage.
        before: The ids that are put before those of a text.
        after: The ids that are put behind them.
    """

    window: int
    dimension: int
    query_prompt: str
    passage_prompt: str
    before: tuple[int, ...]
    after: tuple[int, ...]


def open_session(graph: Path | bytes) -> Any:
    """A graph in ONNX Runtime, to be run on the processor, on the one thread that asks.

    Args:
        graph: A file, or what one holds.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = graph if isinstance(graph, bytes) else str(graph)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


class TextTokenizer(Protocol):
    """Turns a text into ids, without those around it."""

    def ids(self, text: str) -> list[int]:
        """The ids of a text."""


class LibraryTokenizer:
    """A tokenizer of the `tokenizers` library.

    Args:
        path: A ``tokenizer.json``.
    """

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def ids(self, text: str) -> list[int]:
        """See `TextTokenizer.ids`."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids


class TokenTable:
    """The vectors of all tokens, read from their file row by row.

    Args:
        path: A ``.npy`` of shape ``(tokens, width)``, in the order of C.
    """

    def __init__(self, path: Path) -> None:
        table = np.load(path, mmap_mode="r")
        self._dtype = table.dtype
        self._width = int(table.shape[1])
        self._start = int(table.offset)
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def rows(self, ids: NDArray[np.int64]) -> Vectors:
        """The vectors of tokens, float32 of shape ``(*ids.shape, width)``."""
        unique, where = np.unique(ids, return_inverse=True)
        size = self._width * self._dtype.itemsize
        data = b"".join(os.pread(self._descriptor, size, self._start + size * number) for number in unique.tolist())
        table = np.frombuffer(data, self._dtype).reshape(len(unique), self._width).astype(np.float32)
        rows: Vectors = table[where.reshape(ids.shape)]
        return rows


class OnnxEncoder(WindowedEncoder):
    """An encoder over an exported model, on the processor.

    Every text is run by itself and on one thread: its vector cannot depend on the texts beside it, nothing is filled up
    to the length of the longest, and threads serve several texts, or several questions, at once.

    Args:
        folder: What `iio_kg.index.export.export_model` wrote.
        fingerprint: What names these very weights; see `iio_kg.index.models`.
        threads: How many texts of one call are run at once; 0 for as many as there are processors.

    Raises:
        ModelError: The folder cannot be loaded.
    """

    def __init__(self, folder: Path, fingerprint: str, threads: int = 0) -> None:
        try:
            head = msgspec.json.decode((folder / HEAD_FILE).read_bytes(), type=Head)
            small = (folder / SKELETON_FILE).is_file()
            self._tokenizer: TextTokenizer = (
                UnigramTokenizer(folder) if small else LibraryTokenizer(folder / TOKENIZER_FILE)
            )
            self._table = TokenTable(folder / TABLE_FILE)
            self._session = open_session(folder / GRAPH_FILE)
        except Exception as error:  # the libraries raise classes of their own
            raise ModelError(
                f"The exported model in {folder} cannot be loaded ({error}).",
                "Remove the folder and run 'iio-kg build' to have it made again.",
            ) from error
        self._head = head
        self._pool = ThreadPoolExecutor(threads or len(os.sched_getaffinity(0)), "encoder")
        self.dimension = head.dimension
        self.fingerprint = fingerprint
        self.query_prompt, self.passage_prompt = head.query_prompt, head.passage_prompt
        self.specials = len(head.before) + len(head.after)

    def token_ids(self, text: str) -> list[int]:
        """See `WindowedEncoder.token_ids`."""
        return [*self._head.before, *self._tokenizer.ids(text), *self._head.after]

    def _windows(self, texts: list[str]) -> tuple[list[list[int]], list[int]]:
        room = self._head.window - self.specials
        windows: list[list[int]] = []
        owners: list[int] = []
        for number, text in enumerate(texts):
            ids = self._tokenizer.ids(text)
            for start in range(0, max(len(ids), 1), room):
                windows.append([*self._head.before, *ids[start : start + room], *self._head.after])
                owners.append(number)
        return windows, owners

    def inputs(self, text: str) -> Iterator[dict[str, NDArray[Any]]]:
        """What the graph is given for each window of a text, without a prompt."""
        return map(self._feeds, self._windows([text])[0])

    def _forward(self, ids: list[list[int]]) -> Vectors:
        each = map if len(ids) == 1 else self._pool.map
        return np.concatenate(list(each(self._run, ids)))

    def _run(self, ids: list[int]) -> Vectors:
        vector: Vectors = self._session.run([OUTPUT], self._feeds(ids))[0]
        return vector

    def _feeds(self, ids: list[int]) -> dict[str, NDArray[Any]]:
        numbers = np.array([ids], np.int64)
        return dict(zip(INPUTS, (self._table.rows(numbers), np.ones_like(numbers)), strict=True))
