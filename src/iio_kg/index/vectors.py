"""Vectors that were made before, kept so that an unchanged text is not encoded again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.corpus.cache import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from iio_kg.index.encoder import Encoder, Progress, Vectors

_KEY_BYTES = 16


class CachedEncoder:
    """Encodes texts, each no more than once, also across builds.

    Args:
        encoder: Makes the encoder when a text is new; it is not loaded otherwise.
        folder: Where the vectors are kept, in a file for each encoder.
        fingerprint: What names the encoder.
        fresh: Whether to forget what is kept.
    """

    def __init__(self, encoder: Callable[[], Encoder], folder: Path, fingerprint: str, *, fresh: bool = False) -> None:
        self._make = encoder
        self._encoder: Encoder | None = None
        self._path = folder / f"{fingerprint[:16]}.safetensors"
        self._rows: dict[bytes, int] = {}
        self._kept: Vectors = np.zeros((0, 0), np.float32)
        self._used: dict[bytes, NDArray[np.float32]] = {}
        self.encoded = 0
        if not fresh:
            self._load()

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `Encoder.encode_passages`."""
        return self._encode("passage", texts, progress)

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `Encoder.encode_queries`."""
        return self._encode("query", texts, progress)

    def _encode(self, kind: str, texts: Sequence[str], progress: Progress | None) -> Vectors:
        keys = [hashlib.sha256(f"{kind}\0{text}".encode()).digest()[:_KEY_BYTES] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if progress is not None:
            progress(len(texts) - len(missing))
        made: dict[bytes, NDArray[np.float32]] = {}
        if missing:
            self._encoder = self._encoder or self._make()
            encode = self._encoder.encode_passages if kind == "passage" else self._encoder.encode_queries
            made = dict(zip(missing, encode(list(missing.values()), progress), strict=True))
            self.encoded += len(made)
        found = {key: made[key] if key in made else self._kept[self._rows[key]] for key in keys}
        self._used |= found
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, self._width()), np.float32)

    def _width(self) -> int:
        """How long vectors are, as far as that is known without loading the encoder for it."""
        known = next(iter(self._used.values()), None)
        return self._kept.shape[1] if known is None else len(known)

    def _load(self) -> None:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            kept = load_file(self._path)
            keys, vectors = kept["keys"], kept["vectors"]
        except (OSError, SafetensorError, KeyError):
            return
        if keys.shape == (len(vectors), _KEY_BYTES) and np.isfinite(vectors).all():
            self._rows = {row.tobytes(): number for number, row in enumerate(keys)}
            self._kept = vectors

    def save(self) -> None:
        """Keep the vectors that were used, and no others; where there is no room for them, they are not kept."""
        from safetensors.numpy import save

        if not self._used or self._used.keys() == self._rows.keys():
            return
        keys = np.frombuffer(b"".join(self._used), np.uint8).reshape(-1, _KEY_BYTES)
        vectors = np.stack(list(self._used.values()))
        try:
            write_whole(self._path, save({"keys": keys.copy(), "vectors": vectors}))
        except OSError:
            return
