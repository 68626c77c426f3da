"""In which language a question is asked: Dutch or English."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from iio_kg.corpus.dictionary import is_known
from iio_kg.index.spelling import WORD
from iio_kg.index.words import STOPWORDS, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iio_kg.ask.answer import Language

#: A function word says more about the language than a content word does.
_FUNCTION_WEIGHT, _CONTENT_WEIGHT, _SPELLING_WEIGHT = 2.0, 1.0, 0.5
#: Less than this, from all words together, tells nothing.
_TELLING = 0.5
#: Fewest letters of a word whose spelling tells.
_SPELT = 4
#: Function words beside the stop words of the word index, which leaves out those that carry meaning.
_FUNCTION = {
    "nl": STOPWORDS["nl"]
    | set("niet geen meer minder zonder jullie mijn waarom hoeveel welken iets veel via per ja nee".split()),
    "en": STOPWORDS["en"] | set("not no more less without why many much any some get got were".split()),
}
_SPELLING = {
    "nl": re.compile(r"ij|aa|oe|uu|ee[lnrsk]|sch|lijk|heid|ing(en)?$|tie$"),
    "en": re.compile(r"th|wh|sh|ough|ea|tion|ould|[^ij]y\b|ing$|ck"),
}


def neutral_names(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern for names that both languages use, which therefore tell nothing of the language."""
    longest_first = sorted({name.casefold() for name in names if name}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?!\w)", re.IGNORECASE)


def detect_language(
    question: str,
    default: Language = "nl",
    neutral: re.Pattern[str] | None = None,
    leaning: Callable[[str], float | None] | None = None,
) -> Language:
    """The language of a question.

    Args:
        question: The question.
        default: The language when nothing tells.
        neutral: Names that tell nothing; see `neutral_names`.
        leaning: The log odds that a word is Dutch and not English, None for one that it does not know, whose spelling
            then tells. Two words that both languages have (*cito scores*) need it; in sentences, and where it is not
            given, dictionaries do.
    """
    if neutral is not None:
        question = neutral.sub(" ", question)
    score = 0.0
    for word in (match.group().casefold() for match in WORD.finditer(question)):
        odds = leaning(word) if leaning else _odds_by_dictionary(fold(word))
        score += _odds_by_spelling(fold(word)) if odds is None else odds
    if abs(score) < _TELLING:
        return default
    return "nl" if score > 0 else "en"


def share_known(text: str, language: Language) -> float:
    """Which part of the words of a text are words of a language, by a dictionary; 0 for a text without words."""
    words = [match.group() for match in WORD.finditer(text)]
    return sum(is_known(word.lower(), language) for word in words) / len(words) if words else 0.0


@lru_cache(maxsize=16384)
def _odds_by_dictionary(word: str) -> float | None:
    """The weight of a word for Dutch, less that for English; None where no dictionary has it."""
    weights = [_weight(word, language) for language in ("nl", "en")]
    return weights[0] - weights[1] if any(weights) else None


def _weight(word: str, language: str) -> float:
    if word in _FUNCTION[language]:
        return _FUNCTION_WEIGHT
    return _CONTENT_WEIGHT if is_known(word, language) else 0.0


def _odds_by_spelling(word: str) -> float:
    if len(word) < _SPELT:
        return 0.0
    dutch, english = (_SPELLING[language].search(word) is not None for language in ("nl", "en"))
    return _SPELLING_WEIGHT * (dutch - english)
