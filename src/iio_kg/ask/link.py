"""Which things of the graph a question names, by their labels in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

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
        for entity in entities:
            for language, names in entity.synonyms.items():
                for name in names:
                    self._add(name, language, entity.iri)
            for language, name in entity.labels.items():
                self._add(name, language, entity.iri)
        self._single = sorted(key[0] for key in self._by_label if len(key) == 1 and len(key[0]) >= _FUZZY_LENGTH)

    def _add(self, name: str, language: str, iri: str) -> None:
        for spoken in (language,) if language in ("nl", "en") else ("nl", "en"):
            for key in (_folded(name, spoken), _lemmas(name, spoken)):
                if key:
                    self._by_label.setdefault(key, set()).add(iri)

    def link(self, question: str, language: str) -> tuple[str, ...]:
        """The identifiers of what the question names, longest names first; a word is used once."""
        found: dict[str, None] = {}
        folded, lemmas = _folded(question, language), _lemmas(question, language)
        used = [False] * len(folded)
        for length in range(min(_LONGEST, len(folded)), 0, -1):
            for start in range(len(folded) - length + 1):
                window = slice(start, start + length)
                if any(used[window]):
                    continue
                entities = self._by_label.get(folded[window]) or self._by_label.get(lemmas[window])
                if not entities and length == 1:
                    entities = self._nearly(folded[start])
                if entities:
                    used[window] = [True] * length
                    found.update(dict.fromkeys(sorted(entities)))
        return tuple(found)

    def _nearly(self, word: str) -> set[str] | None:
        if len(word) < _FUZZY_LENGTH:
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
