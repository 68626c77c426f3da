"""Numbers for texts: a table of words or terms is kept as numbers in order, without the words, and mapped.

Two texts with one number of 64 bits are not to be expected among a million.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_BYTES = 8


def number_texts(texts: Iterable[str]) -> NDArray[np.uint64]:
    """A number for each text, whatever its capitals, uint64 of shape ``(texts,)``."""
    digests = (hashlib.blake2b(text.casefold().encode(), digest_size=_BYTES).digest() for text in texts)
    return np.frombuffer(b"".join(digests), np.uint64)
