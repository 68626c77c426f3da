"""Which things of the graph a question names, by their labels in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from iio_kg.corpus.lexicon import in_dictionary
from iio_kg.graph.labels import list_labels, longest_first
from iio_kg.index.words import fold, lemma, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iio_kg.graph.vocabulary import Entity

_LONGEST = 4
#: A word this long may differ from a label by a typing error, at least so alike (0-100).
_FUZZY_LENGTH, _FUZZY_SCORE = 6, 88.0


class Linker:
    """Finds entities in a question.

    Args:
        entities: What can be found.
    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._by_label: dict[tuple[str, ...], set[str]] = {}
        for label in list_labels(entities):
            for key in (_folded(label.text, label.language), _lemmas(label.text, label.language)):
                if key:
                    self._by_label.setdefault(key, set()).add(label.entity.iri)
        self._single = sorted(key[0] for key in self._by_label if len(key) == 1 and len(key[0]) >= _FUZZY_LENGTH)

    def link(self, question: str, language: str) -> tuple[str, ...]:
        """The identifiers of what the question names, longest names first; a word is used once."""
        found: dict[str, None] = {}
        folded, lemmas = _folded(question, language), _lemmas(question, language)

        def named(window: slice) -> set[str] | None:
            entities = self._by_label.get(folded[window]) or self._by_label.get(lemmas[window])
            if not entities and window.stop - window.start == 1:
                entities = self._nearly(folded[window.start])
            return entities

        for _, entities in longest_first(len(folded), _LONGEST, named):
            found.update(dict.fromkeys(sorted(entities)))
        return tuple(found)

    def _nearly(self, word: str) -> set[str] | None:
        # A word of a dictionary is no other word with an error: *classes* are no *E-classes*.
        if len(word) < _FUZZY_LENGTH or in_dictionary(word):
            return None
        match = process.extractOne(word, self._single, scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE)
        return self._by_label[(match[0],)] if match else None


def _folded(text: str, language: str) -> tuple[str, ...]:
    return tuple(fold(word.replace("-", "")) for word in tokenize(text, language))


def _lemmas(text: str, language: str) -> tuple[str, ...]:
    return tuple(lemma(word.replace("-", ""), language) for word in tokenize(text, language))


def label_of(entities: Sequence[Entity], iri: str, language: str) -> str:
    """The label of an entity, or the last part of its identifier."""
    return next((e.label(language) for e in entities if e.iri == iri), iri.rsplit("/", 1)[-1])
