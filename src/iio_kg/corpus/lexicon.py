"""Which words exist: the evidence for closing a word that was cut.

The dictionary is that of simplemma (Dutch and English word forms with their lemmas, MIT); the document's own
words count as well, because reports coin compounds that no dictionary has.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import simplemma

if TYPE_CHECKING:
    from collections.abc import Iterable

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
LANGUAGES = ("nl", "en")


@lru_cache(maxsize=65536)
def in_dictionary(word: str) -> bool:
    """Whether a dictionary of Dutch or English has this word form."""
    return any(simplemma.is_known(word, lang=language) for language in LANGUAGES)


class Lexicon:
    """A dictionary and the words of a text.

    Args:
        texts: The texts whose words count as evidence.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._counts: Counter[str] = Counter()
        for text in texts:
            self._counts.update(word.casefold() for word in WORD.findall(text))

    def knows(self, word: str) -> bool:
        """Whether the word stands in the dictionary or, whole, in the texts."""
        return self._counts[word.casefold()] > 0 or in_dictionary(word.casefold())

    def is_fragment(self, word: str) -> bool:
        """Whether the letters are no word: in no dictionary, and in the texts only where they stand now."""
        return self._counts[word.casefold()] <= 1 and not in_dictionary(word.casefold())
