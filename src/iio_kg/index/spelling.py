"""Which words are spelt as people spell them: Dutch and English ones, names among them.

The lists are those of pyspellchecker (MIT), made from films and encyclopedias: half a million forms, where the
dictionary that gives lemmas has a third of them. To ask them costs half a second and 70 MB as they come, so that a
build keeps no more than a number of 64 bits for each word, in order; two words with one number are not to be expected.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.corpus.lexicon import load_word_lists

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]

_BYTES = 8


class Spelling:
    """A set of words, in small letters.

    Args:
        numbers: The numbers of the words in order, uint64.
    """

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    @classmethod
    def of(cls, words: Iterable[str]) -> Spelling:
        """Some words."""
        numbers = np.frombuffer(b"".join(_digest(word) for word in words), np.uint64)
        return cls(np.unique(numbers))

    @classmethod
    def build(cls) -> Spelling:
        """The words of both languages."""
        return cls.of(word for words in load_word_lists() for word in words.words())

    def __contains__(self, word: object) -> bool:
        number = np.frombuffer(_digest(str(word)), np.uint64)[0]
        place = int(np.searchsorted(self._numbers, number))
        return place < len(self._numbers) and bool(self._numbers[place] == number)

    def __len__(self) -> int:
        return len(self._numbers)

    def save(self, path: Path) -> None:
        """Write them to a new file."""
        np.save(path, self._numbers)

    @classmethod
    def load(cls, path: Path) -> Spelling:
        """Open what `save` wrote; the file is mapped.

        Raises:
            ValueError: The file holds no such words.
        """
        return cls(np.load(path, mmap_mode="r"))


def _digest(word: str) -> bytes:
    return hashlib.blake2b(word.casefold().encode(), digest_size=_BYTES).digest()
