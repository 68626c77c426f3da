"""How well each word of a question is supported by what was found.

A question about *salary* resembles a passage on teachers as a whole, but the word itself has nothing near it there. So
each word is held against the words of the passage and of the claim that was found.

The same tells which passages to look at where nobody wrote claims: a question on *printers* is near a passage that
says *afdrukken*, in whichever language it is asked. This is late interaction (O. Khattab and M. Zaharia, "ColBERT",
2020) with one vector for a word wherever it stands, each word counting by how few passages have it.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from iio_kg.ask.recent import Recent
from iio_kg.index.terms import roots_of, words_of_passages
from iio_kg.index.words import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
#: How much is kept of how near each passage is to words asked lately, in bytes, and of how many words at least.
_KEPT_BYTES, _FEWEST_ROWS = 4 << 20, 50
#: Words that are no nearer than this have nothing to do with each other, on the scale on which texts seldom fall below
#: 0. Chosen among 0.3 to 0.6 on the headings of three manuals (decision 15), where it hardly matters.
_UNLIKE = np.float32(0.4)
#: Beyond this number of words a question is no more explicit than at it.
_MANY_WORDS = 8
#: Units that figures are asked for in, each in both languages.
_UNITS = tuple(
    re.compile(rf"\b(?:{forms})\b", re.IGNORECASE)
    for forms in (
        "punt(?:en)?|points?", "tienden?|tenths?", "euro(?:'?s)?", "uur|uren|hours?", "minu(?:ut|ten|tes?)",
        "maand(?:en)?|months?", "week|weken|weeks", "dag(?:en)?|days?", "fte(?:'?s)?",
    )
)  # fmt: skip
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
        self._by_root = _by_root(content.terms.roots)
        self._said = frozenset(chain.from_iterable((*content.terms.of_passage, *content.terms.of_claim)))
        self._word_vectors: dict[str, NDArray[np.float32]] = {}
        self._passages = _PassageWords(content)

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
        """The number of a word of the texts or a part of one, or of one that it is an inflection of."""
        if word in self._numbers:
            return self._numbers[word]
        # What stands in a text or claim comes before what is only a part of such a word.
        return next((self._by_root[root][0] for root in roots_of(word, language) if root in self._by_root), None)

    def of_passages(self, words: Sequence[str], vectors: NDArray[np.float32], language: str) -> NDArray[np.float32]:
        """How much of what a question asks with each passage says in some word, float32 of shape ``(passages,)``, 0-1.

        Args:
            words: The words of the question.
            vectors: Their vectors, one a row.
            language: Its language.
        """
        rows = [self._passages.near(word, vector, language) for word, vector in zip(words, vectors, strict=True)]
        total = np.zeros(self._passages.size, np.float32)
        for near, weight in rows:
            total += weight * near
        return total / max(sum(weight for _, weight in rows), 1e-6)

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
        told = " ".join((text, *(claim.statements.values() if claim else ())))
        units = [unit for unit in _UNITS if any(unit.fullmatch(word) for word in words)]
        return {
            "weakest_word": support[0] if support else self._floor,
            "second_weakest": support[min(1, len(support) - 1)] if support else self._floor,
            "strongest_word": max(tied or near, default=self._floor),
            "mean_word": float(np.mean(support)) if support else self._floor,
            "asked": float(min(len(words), _MANY_WORDS)),
            "unseen": 1 - sum(self._number_of(word, language) in self._said for word in words) / max(1, len(words)),
            "year_missing": float(any(year not in text for year in years)),
            "unit_missing": float(any(unit.search(told) is None for unit in units)),
        }

    def _nearest(self, words: Sequence[str], vectors: NDArray[np.float32], language: str, found: Found) -> list[float]:
        """For each word how near the nearest word is in the passage or claim that was found.

        1.0 for the same word in whatever inflection, or else the cosine of their vectors.
        """
        terms = self._content.terms
        said = {*terms.of_passage[found.passage], *(() if found.claim is None else terms.of_claim[found.claim])}
        if not said:
            return [self._floor] * len(words)
        nearest = (vectors @ self._content.term_vectors[list(said)].T).max(axis=1).tolist()
        inflections = (
            chain.from_iterable(self._by_root.get(root, ()) for root in roots_of(word, language)) for word in words
        )
        return [1.0 if not said.isdisjoint(its) else cosine for its, cosine in zip(inflections, nearest, strict=True)]


def _by_root(roots: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """The places of the words that have each root, in order; `roots` are those of each word."""
    places: dict[str, list[int]] = {}
    for place, its in enumerate(roots):
        for root in its:
            places.setdefault(root, []).append(place)
    return places


class _PassageWords:
    """How near the nearest word of each passage is to a word; a compound is also each of its parts.

    Attributes:
        size: How many passages there are.
    """

    def __init__(self, content: Content) -> None:
        terms = content.terms
        self.size = len(terms.of_passage)
        self._floor = content.floor
        said, of_passage = words_of_passages(terms)
        # The words of one passage after those of another, as the columns of a table of words.
        self._columns = np.searchsorted(said, np.fromiter(chain.from_iterable(of_passage), np.int64))
        lengths = np.array([len(numbers) for numbers in of_passage], np.int64)
        self._spoken = np.flatnonzero(lengths)
        self._starts = (np.cumsum(lengths) - lengths)[self._spoken]
        self._nearness = content.word_nearness
        self._rarity = self._rarity_of(np.bincount(self._columns, minlength=len(said)))
        self._by_root = _by_root(terms.roots[number] for number in said.tolist())
        kept = max(_FEWEST_ROWS, _KEPT_BYTES // (4 * max(1, self.size)))
        self._rows: Recent[tuple[str, str], tuple[NDArray[np.float32], float]] = Recent(kept)

    def near(self, word: str, vector: NDArray[np.float32], language: str) -> tuple[NDArray[np.float32], float]:
        """How near each passage comes to a word, float32 of shape ``(size,)`` from 0 to 1, and how much it counts.

        Args:
            word: The word.
            vector: Its vector.
            language: Its language.
        """
        known = self._rows.get((word, language))
        if known is None:
            same = {column for root in roots_of(word, language) for column in self._by_root.get(root, ())}
            known = self._measure(vector, sorted(same))
            self._rows.put((word, language), known)
        return known

    def _measure(self, vector: NDArray[np.float32], same: Sequence[int]) -> tuple[NDArray[np.float32], float]:
        """The same, `same` being the columns of the inflections of the word."""
        near = np.zeros(self.size, np.float32)
        if not len(self._rarity):
            return near, 1.0
        cosines = (self._nearness.of(vector) - self._floor) / (1 - self._floor)
        alike = np.clip((cosines - _UNLIKE) / (1 - _UNLIKE), 0, 1)
        alike[same] = 1
        near[self._spoken] = np.maximum.reduceat(alike[self._columns], self._starts)
        if same:
            return near, float(self._rarity_of(np.count_nonzero(near == 1)))
        # A word that no passage has is as rare as those that it is like.
        together = float(alike.sum())
        return near, float(alike @ self._rarity) / together if together else float(self._rarity.max())

    def _rarity_of(self, having: Any) -> Any:
        """What a word counts that so many passages have, as BM25 counts it in the form of Lucene."""
        return np.log1p((self.size - having + 0.5) / (having + 0.5)).astype(np.float32)
