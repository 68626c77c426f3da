"""Asking the same questions in several ways without encoding them anew each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iio_kg.ask.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from iio_kg.index.encoder import Encoder, Progress, Vectors
    from iio_kg.snapshot import Snapshot


class RememberingEncoder:
    """Encodes every question once.

    Args:
        encoder: The encoder.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}
        self.dimension = encoder.dimension
        self.fingerprint = encoder.fingerprint

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `Encoder.encode_queries`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode_queries(new, progress), strict=True))
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return np.stack([self._known[text] for text in texts])

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `Encoder.encode_passages`."""
        return self._encoder.encode_passages(texts, progress)


def remembering_engine(snapshot: Snapshot, encoder: Encoder, citations: int = 5) -> Engine:
    """An engine over a snapshot that encodes every question once."""
    return Engine(snapshot, RememberingEncoder(encoder), citations=citations)
