"""Which words exist: the evidence for closing a word that was cut.

Beside the dictionaries the document's own words count, because reports coin compounds that no dictionary has.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import lru_cache
from itertools import chain, pairwise, takewhile
from typing import TYPE_CHECKING

from iio_kg.corpus.dictionary import LANGUAGES, is_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spellchecker import WordFrequency

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
#: Where at least so many lines end in a hyphen, this part of them shows that words are cut there.
_FEWEST, _CUT = 6, 0.2


@lru_cache(maxsize=65536)
def in_dictionary(word: str) -> bool:
    """Whether a dictionary of Dutch or English has this word form."""
    return any(is_known(word, language) for language in LANGUAGES)


def is_spelt(word: str) -> bool:
    """Whether people spell a word so in Dutch or English: the dictionary lacks some common ones (*wiskunde*).

    The lists that tell are loaded for the first word that no dictionary has.
    """
    return in_dictionary(word) or any(word in its for its in _spelt_words())


def load_word_lists() -> tuple[WordFrequency, ...]:
    """The lists of well-spelt words of pyspellchecker (MIT), one a language, made from films and encyclopedias.

    They take half a second and 70 MB.
    """
    from spellchecker import SpellChecker

    return tuple(SpellChecker(language=language).word_frequency for language in LANGUAGES)


_spelt_words = lru_cache(maxsize=1)(load_word_lists)


class Lexicon:
    """A dictionary and the words of a text.

    Args:
        texts: The texts whose words count as evidence, one a line. A word cut at a line end counts as two.
        line_ends: What stands before and after each hyphen at the end of a line of them.
        typed: Whether each blank in the texts stands where somebody put it, and so never inside a word.
    """

    def __init__(
        self, texts: Iterable[str] = (), line_ends: Sequence[tuple[str, str]] = (), *, typed: bool = False
    ) -> None:
        self.blanks_break_words = not typed
        self._counts: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._hyphened: Counter[str] = Counter()
        for text in texts:
            for word in WORD.findall(text.replace("\u2010", "-").casefold()):
                self._counts[word] += 1
                parts = word.split("-")
                self._pairs.update(pairwise(parts))
                self._hyphened.update(parts[:-1])
        for half in chain.from_iterable(line_ends):
            # Half a word is not one, however often the line ends there.
            self._counts[half.casefold()] -= 1
        self._sorted = sorted(word for word in self._counts if "-" not in word)
        cut = sum(
            (self.is_fragment(left) or self.is_fragment(right)) and self.knows(left + right)
            for left, right in line_ends
        )
        #: Whether words are cut at line ends at all; where they are not, each hyphen there belongs to its word.
        self.cuts_words = len(line_ends) < _FEWEST or cut >= _CUT * len(line_ends)

    def knows(self, word: str) -> bool:
        """Whether the word stands in the dictionary or, whole, in the texts."""
        return self._counts[word.casefold()] > 0 or in_dictionary(word.casefold())

    def is_fragment(self, word: str) -> bool:
        """Whether the letters are no word: in no dictionary, and in the texts only where they stand now."""
        return self._counts[word.casefold()] <= 1 and not in_dictionary(word.casefold())

    @property
    def is_english(self) -> bool:
        """Whether the texts are in English, which seldom writes two words as one."""
        return self._counts["the"] > self._counts["de"] + self._counts["het"]

    def compare(self, left: str, right: str) -> int:
        """By how often more the texts write two parts as one word than with a hyphen; negative when the hyphen wins.

        A part counts in longer compounds too: *edu-router* in *debian-edu-router*.
        """
        left, right = left.casefold(), right.casefold()
        return self._counts[left + right] - self._pairs[left, right]

    def prefers_hyphen(self, part: str) -> bool:
        """Whether the texts set the part off with a hyphen more often than they write other words on to it."""
        part = part.casefold()
        first = bisect_left(self._sorted, part)
        grown = takewhile(lambda word: word.startswith(part), self._sorted[first:])
        # An ending makes no compound: *scholen*, *Debians*.
        return self._hyphened[part] > sum(self._counts[word] for word in grown if len(word) > len(part) + 3)
