"""Which set of findings a question is likely to ask for, by the questions that people ask for it with.

`iio_kg.ask.sets` reads a question word by word and is certain, or silent. Most people ask in other words (*everything
slimfit achieved pls*), so their questions are also compared with those of ``set-questions.jsonl``; how likely a set is
meant then follows from how near they are, next to how near the questions are that one claim answers or none
(`iio_kg.ask.judge`). The names in a question still narrow the set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.ask.sets import CONCEPTS, OUTCOMES, POPULATIONS, SECTORS, Request, by_scheme, named_direction
from iio_kg.index.terms import roots_of
from iio_kg.index.words import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from iio_kg.corpus.set_questions import QuestionSet
    from iio_kg.graph.namespaces import Names
    from iio_kg.graph.vocabulary import Entity

#: The nearness of a set is the mean of that of so many of its questions; one alone is too often near by chance.
_COUNTED = 3
#: What findings on these are narrowed to by what a question names.
_NARROWED = frozenset(("effects", "conditions", "concepts"))


@dataclass(frozen=True, slots=True)
class Likely:
    """The set that a question is nearest to.

    Attributes:
        number: The number of the set.
        signals: Named numbers; see `iio_kg.ask.judge`.
    """

    number: int
    signals: dict[str, float]


class LikelySets:
    """Finds the set whose questions are nearest.

    Args:
        sets: The sets.
    """

    def __init__(self, sets: Sequence[QuestionSet]) -> None:
        self._said = [
            frozenset[str]().union(
                *(roots_of(word, spoken) for spoken, text in its.spoken() for word in tokenize(text, spoken))
            )
            for its in sets
        ]
        counts = [len(its.questions) for its in sets]
        self._counted = np.minimum(counts, _COUNTED)
        # The places of the questions of each set, one set a row, filled up with a place behind the last question.
        self._places = np.full((len(sets), max((_COUNTED, *counts))), sum(counts), np.int64)
        first = 0
        for row, count in enumerate(counts):
            self._places[row, :count] = range(first, first + count)
            first += count

    def nearest(self, nearness: NDArray[np.float32]) -> tuple[int, float] | None:
        """The number of the nearest set and how near it is; None where there are no sets.

        Args:
            nearness: How near a question is to each of theirs, set by set, float32 of shape ``(questions,)``.
        """
        if not len(self._places):
            return None
        # What fills up a row is nearest to nothing, and counts only where a set has too few questions.
        cosines = np.append(nearness, -np.inf)[self._places]
        nearest = np.partition(cosines, -_COUNTED, axis=1)[:, -_COUNTED:]
        best = np.where(np.isfinite(nearest), nearest, 0).sum(axis=1) / self._counted
        number = int(best.argmax())
        return number, float(best[number])

    def unsaid(self, number: int, words: Sequence[str], language: str) -> float:
        """Which part of some words nobody uses, in whatever inflection, who asks for a set."""
        said = self._said[number]
        return sum(said.isdisjoint(roots_of(word, language)) for word in words) / max(1, len(words))


def requests_of(
    its: QuestionSet, question: str, links: Sequence[str], entities: Mapping[str, Entity], names: Names
) -> Iterator[tuple[Request, bool]]:
    """All of a set, narrowed by what a question names, and then less so, for where that leaves too little.

    Who asks *bij welke proef daalde de kwaliteit* wants to see that it was so at none, and the *docenten* and *groepen*
    of *docenten die samen grote groepen lesgeven* belong to what was tried out. Where two things are compared and not
    both are named, one is described (*units naast live les op een scherm*): all that may be meant stands together.

    Args:
        its: The set.
        question: The question.
        links: What the question names.
        entities: The things of the graph, by identifier.
        names: How its identifiers are minted.

    Yields:
        What is asked for, and whether that is all that the question names.
    """
    request = Request(
        kind=its.kind,
        concepts=tuple(map(names.concept, its.concepts)),
        outcomes=tuple(map(names.concept, its.outcomes)),
        populations=tuple(map(names.concept, its.populations)),
        sector=names.concept(its.sector) if its.sector else None,
        tried=its.tried,
        with_figures=its.with_figures,
    )
    named = by_scheme(links, entities)
    concepts, sectors = named.get(CONCEPTS, ()), named.get(SECTORS, ())
    described = its.compared and len(concepts) < 2
    if its.kind not in _NARROWED:
        yield request, not concepts and not sectors
        return
    request = replace(
        request,
        concepts=() if described else concepts or request.concepts,
        # Who names two sectors wants both of them.
        sector=sectors[0] if len(sectors) == 1 else None if sectors else request.sector,
    )
    if its.kind != "effects":
        yield request, not named.get(OUTCOMES)
        return
    outcomes, populations = named.get(OUTCOMES, ()), named.get(POPULATIONS, ())
    narrowed = replace(request, outcomes=outcomes or request.outcomes, populations=populations or request.populations)
    directions = () if its.compared else named_direction(question)
    yield replace(narrowed, directions=directions), not described
    if directions:
        yield narrowed, True
    if narrowed != request:
        yield request, False
