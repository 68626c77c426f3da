"""How well each word of a question is supported by what was found.

A question about *salary* resembles a passage on teachers as a whole, but the word itself has nothing near it there. So
each word is held against the words of the passage and of the claim that was found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.index.terms import roots_of
from iio_kg.index.words import tokenize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from iio_kg.ask.retrieve import Found
    from iio_kg.graph.claims import AnswerKind
    from iio_kg.index.encoder import Encoder
    from iio_kg.snapshot import Content

#: Words that say what kind of answer is wanted and not what about; no passage needs to have them.
FRAME_WORDS = frozenset(
    """
    hoeveel hoelang waarom waarvoor procent percentage nodig heb hebt iets effect effecten resultaat resultaten gevolg
    gevolgen rol soort keer uitleg vertel many much why need get got take takes effect effects result results impact
    role kind explain tell percent percentage long
    """.split()
)
_KEPT_WORDS = 50_000
#: Beyond this number of words a question is no more explicit than at it.
_MANY_WORDS = 8
_YEAR = re.compile(r"(?:19|20)\d\d")


def asked_words(question: str, language: str) -> tuple[str, ...]:
    """The words of a question that ask for something, each once."""
    return tuple(word for word in dict.fromkeys(tokenize(question, language)) if word not in FRAME_WORDS)


class Support:
    """Holds words against what was found.

    Args:
        content: The snapshot's content.
        encoder: The encoder the snapshot was made with.
    """

    def __init__(self, content: Content, encoder: Encoder) -> None:
        self._content = content
        self._encoder = encoder
        self._floor = content.floor
        self._numbers = {word: number for number, word in enumerate(content.terms.words)}
        self._by_root = {root: number for number, roots in enumerate(content.terms.roots) for root in roots}
        self._word_vectors: dict[str, NDArray[np.float32]] = {}

    def encode(
        self, question: str, words: Sequence[str], language: str
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The vector of a question and those of its words, one a row.

        Words of the texts have theirs already, and an inflection of one of them does as well with that.
        """
        known: dict[str, NDArray[np.float32]] = {}
        for word in words:
            number = self._number_of(word, language)
            vector = self._word_vectors.get(word) if number is None else self._content.term_vectors[number]
            if vector is not None:
                known[word] = vector
        new = [word for word in words if word not in known]
        encoded = self._encoder.encode_queries([question, *new])
        made = dict(zip(new, encoded[1:], strict=True))
        if len(self._word_vectors) > _KEPT_WORDS:
            self._word_vectors.clear()
        self._word_vectors |= made
        known |= made
        return encoded[0], np.array([known[w] for w in words], np.float32).reshape(len(words), self._encoder.dimension)

    def _number_of(self, word: str, language: str) -> int | None:
        """The number of a word of the texts, or of one that it is an inflection of."""
        if word in self._numbers:
            return self._numbers[word]
        return next((self._by_root[root] for root in roots_of(word, language) if root in self._by_root), None)

    def signals(
        self,
        words: Sequence[str],
        vectors: NDArray[np.float32],
        language: str,
        kinds: Mapping[AnswerKind, str],
        found: Found,
    ) -> dict[str, float]:
        """Signals of how well the words of a question are supported; see `iio_kg.ask.judge`."""
        claim = None if found.claim is None else self._content.claims[found.claim]
        near = self._nearest(words, vectors, language, found)
        # "Stegen" asks for a result, whichever word the source has for a rise; but it ties nothing to the material.
        by_kind = set(tokenize(kinds.get(claim.kind, ""), language)) if claim else set()
        support = sorted(1.0 if word in by_kind else cosine for word, cosine in zip(words, near, strict=True))
        tied = [cosine for word, cosine in zip(words, near, strict=True) if word not in by_kind]
        years = {word for word in words if _YEAR.fullmatch(word)}
        text = self._content.passages[found.passage].text
        return {
            "weakest_word": support[0] if support else self._floor,
            "second_weakest": support[min(1, len(support) - 1)] if support else self._floor,
            "strongest_word": max(tied or near, default=self._floor),
            "mean_word": float(np.mean(support)) if support else self._floor,
            "asked": float(min(len(words), _MANY_WORDS)),
            "unseen": 1 - sum(self._number_of(word, language) is not None for word in words) / max(1, len(words)),
            "year_missing": float(any(year not in text for year in years)),
        }

    def _nearest(self, words: Sequence[str], vectors: NDArray[np.float32], language: str, found: Found) -> list[float]:
        """For each word how near the nearest word is in the passage or claim that was found.

        1.0 for the same word in whatever inflection, or else the cosine of their vectors.
        """
        terms = self._content.terms
        numbers = list(terms.of_passage[found.passage])
        if found.claim is not None:
            numbers += terms.of_claim[found.claim]
        if not numbers:
            return [self._floor] * len(words)
        said = frozenset().union(*(terms.roots[number] for number in numbers))
        nearest = (vectors @ self._content.term_vectors[numbers].T).max(axis=1)
        return [
            1.0 if roots_of(word, language) & said else float(cosine)
            for word, cosine in zip(words, nearest, strict=True)
        ]
