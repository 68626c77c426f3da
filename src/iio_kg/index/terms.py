"""The words in which passages and claims speak, so that each word of a question can be held against them.

A question about *salary* resembles a passage on teachers as a whole, but the word itself has nothing near it there. The
judge needs that difference, so every word of the corpus gets a vector of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.index.words import STOPWORDS, lemma, stem, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from iio_kg.corpus.document import Passage
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.vocabulary import Entity


@dataclass(frozen=True, slots=True)
class Terms:
    """All words, and which of them each passage and each claim uses, by number.

    Attributes:
        words: The words in small letters.
        roots: For each word what its inflections share, in either language.
        parts: For each Dutch word the numbers of those that it is composed of; of most there are none. Those that stand
            nowhere by themselves come last.
        of_passage: For each passage the numbers of its words, those of its headings included.
        of_claim: For each claim those of its statements in both languages, of the questions it answers, and of the
            names of what it is about.
    """

    words: tuple[str, ...]
    roots: tuple[tuple[str, ...], ...]
    parts: tuple[tuple[int, ...], ...]
    of_passage: tuple[tuple[int, ...], ...]
    of_claim: tuple[tuple[int, ...], ...]


def collect_terms(
    passages: Sequence[Passage],
    claims: Sequence[Claim],
    entities: Iterable[Entity],
    languages: Mapping[str, str],
    parts_of: Callable[[str], Sequence[str]],
) -> Terms:
    """Collect the words.

    Args:
        passages: The passages.
        claims: The claims.
        entities: What has a name.
        languages: The language of each document by its id.
        parts_of: What a Dutch word is made of.
    """
    names = {entity.iri: entity for entity in entities}
    numbers: dict[str, int] = {}
    dutch: set[str] = set()

    def number(texts: Iterable[tuple[str, str]]) -> tuple[int, ...]:
        words = set()
        for text, language in texts:
            its = tokenize(text, language)
            words.update(its)
            if language == "nl":
                dutch.update(its)
        return tuple(sorted(numbers.setdefault(word, len(numbers)) for word in sorted(words)))

    of_passage = tuple(
        number((text, languages[passage.document]) for text in (passage.text, *passage.sections[1:]))
        for passage in passages
    )
    of_claim = tuple(
        number(
            [(text, language) for language, text in claim.statements.items()]
            + [(text, language) for language, texts in claim.questions.items() for text in texts]
            + [
                (name, language)
                for iri in claim.topics
                if iri in names
                for language in claim.statements
                for name in sorted(names[iri].names(language))
            ]
        )
        for claim in claims
    )
    composed = tuple(
        tuple(numbers.setdefault(part, len(numbers)) for part in _telling(parts_of(word)) if part != word)
        if word in dutch
        else ()
        for word in list(numbers)
    )
    # Parts are not taken apart any further: that was done.
    parts = composed + ((),) * (len(numbers) - len(composed))
    roots = tuple(tuple(sorted(roots_of(word, "nl") | roots_of(word, "en"))) for word in numbers)
    return Terms(tuple(numbers), roots, parts, of_passage, of_claim)


def words_of_passages(terms: Terms) -> tuple[NDArray[np.int64], list[list[int]]]:
    """The words of all passages and the parts of these words, and those of each passage, by number and in order."""
    of_passage = [
        sorted({*numbers, *chain.from_iterable(terms.parts[number] for number in numbers)})
        for numbers in terms.of_passage
    ]
    return np.unique(np.fromiter(chain.from_iterable(of_passage), np.int64)), of_passage


def _telling(parts: Iterable[str]) -> Iterable[str]:
    """The parts that tell something: no *e* of *e-learning*, no *to* of *face-to-face*."""
    return (part for part in parts if len(part) > 1 and not any(part in common for common in STOPWORDS.values()))


def roots_of(word: str, language: str) -> frozenset[str]:
    """What the inflections of a word share: its lemma and its stem."""
    return frozenset((lemma(word, language), stem(word, language)))
