"""Which words are spelt as people spell them, Dutch and English ones, names among them, and which language each is of.

The lists are those of pyspellchecker (MIT), made from films and encyclopedias: half a million forms with how often each
is used, where the dictionary that gives lemmas has a third of them. To ask them costs half a second and 70 MB as they
come, so that a build keeps no more than a number of 64 bits for each word, in order, and one of 8 for its language.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.corpus.dictionary import LANGUAGES
from iio_kg.corpus.lexicon import load_word_lists
from iio_kg.index.hashing import number_texts
from iio_kg.index.mapped import map_array

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Leanings = NDArray[np.int8]

#: How a text is cut into words whose language is told.
WORD = re.compile(r"[^\W\d_]+")
#: As how many words the lists count beside the questions, and how often a word is used at least.
_PRIOR, _RARE = 1e4, 2e-7
#: Log odds beyond these tell no more, and what one is stored as.
_SURE, _UNIT = 5.0, 25.0
_NUMBERS, _LEANINGS = "words.npy", "languages.npy"


class Spelling:
    """A set of words, in small letters, each with its language.

    Args:
        numbers: The numbers of the words in order, uint64.
        leanings: The language of each, int8; see `leaning`.
    """

    def __init__(self, numbers: Numbers, leanings: Leanings) -> None:
        self._numbers = numbers
        self._leanings = leanings

    @classmethod
    def of(cls, leanings: Mapping[str, float]) -> Spelling:
        """Some words, each with the log odds that it is Dutch and not English."""
        numbers, places = np.unique(number_texts(leanings), return_index=True)
        stored = np.clip(np.fromiter(leanings.values(), float, len(leanings)), -_SURE, _SURE) * _UNIT
        return cls(numbers, np.round(stored[places]).astype(np.int8))

    @classmethod
    def build(cls, questions: Iterable[tuple[str, str]] = ()) -> Spelling:
        """The words of both languages.

        Args:
            questions: Texts with their language: here a word may be used as it is not elsewhere (*PO*, *cito scores*).
        """
        lists = dict(zip(LANGUAGES, load_word_lists(), strict=True))
        asked: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
        for text, language in questions:
            asked[language].update(WORD.findall(text.casefold()))
        words = sorted({word for its in lists.values() for word in its.words()})
        # As many words of either language, or a word in no question would lean to the one of which there are fewer.
        fewest = min(counts.total() for counts in asked.values())
        logs = {}
        for language in LANGUAGES:
            used, total = lists[language].dictionary, lists[language].total_words
            often = np.array([used.get(word, 0) for word in words]) / total
            here = np.array([asked[language][word] for word in words]) * (fewest / max(1, asked[language].total()))
            logs[language] = np.log(here + _PRIOR * (often + _RARE))
        return cls.of(dict(zip(words, (logs["nl"] - logs["en"]).tolist(), strict=True)))

    def __contains__(self, word: object) -> bool:
        return self._place(str(word)) is not None

    def __len__(self) -> int:
        return len(self._numbers)

    def leaning(self, word: str) -> float | None:
        """The log odds that a word is Dutch and not English, from -5 to 5; None for a word that is not here.

        Of words that are used as often in either, they are 0.
        """
        place = self._place(word)
        return None if place is None else float(self._leanings[place]) / _UNIT

    def _place(self, word: str) -> int | None:
        number = number_texts((word,))[0]
        place = int(np.searchsorted(self._numbers, number))
        return place if place < len(self._numbers) and bool(self._numbers[place] == number) else None

    def save(self, folder: Path) -> None:
        """Write them into a new folder."""
        folder.mkdir(parents=True)
        np.save(folder / _NUMBERS, self._numbers)
        np.save(folder / _LEANINGS, self._leanings)

    @classmethod
    def load(cls, folder: Path) -> Spelling:
        """Open what `save` wrote; the files are mapped.

        Raises:
            ValueError: They hold no such words.
        """
        numbers, leanings = (map_array(folder / name) for name in (_NUMBERS, _LEANINGS))
        if numbers.shape != leanings.shape:
            raise ValueError("the words and their languages are not equally many")
        return cls(numbers, leanings)
