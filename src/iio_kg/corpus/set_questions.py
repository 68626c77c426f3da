"""Questions that ask for a whole set of findings, as people wrote them down: all results of a concept, all contacts.

``set-questions.jsonl`` in the corpus folder has a line for each set. A question that resembles those of a set more than
it resembles what a single claim answers is answered with all of that set; see `iio_kg.ask.likely`. What the set holds
is always read from the claims, never from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from iio_kg.corpus.lines import read_lines
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

SET_QUESTIONS_FILE = "set-questions.jsonl"

SetKind = Literal["effects", "conditions", "lessons", "concepts", "definitions", "roles", "contacts", "documents"]


class QuestionSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set of findings and how people ask for all of it.

    Attributes:
        kind: What it is a set of.
        concepts: The innovation concepts it is about, by local name; none: any.
        outcomes: The outcomes it is about, by local name; none: any.
        populations: In whom they were found, by local name; none: in anybody.
        sector: The sector it is about, by local name; empty: any.
        tried: Whether it is about innovation concepts only, not about the programme as a whole.
        with_figures: Whether it holds only what has a figure.
        compared: Whether it is about those concepts that a question names, at least two.
        nl: Dutch questions.
        en: English ones.
    """

    kind: SetKind
    concepts: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    sector: str = ""
    tried: bool = False
    with_figures: bool = False
    compared: bool = False
    nl: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The local names of all that it is about."""
        return (*self.concepts, *self.outcomes, *self.populations, *filter(None, (self.sector,)))

    @property
    def questions(self) -> tuple[str, ...]:
        """Those in both languages."""
        return (*self.nl, *self.en)

    def spoken(self) -> Iterator[tuple[str, str]]:
        """Each of them behind its language."""
        yield from (("nl", question) for question in self.nl)
        yield from (("en", question) for question in self.en)


def read_question_sets(folder: Path, known: Collection[str]) -> tuple[QuestionSet, ...]:
    """The sets of a corpus folder; none when it has no such file.

    Args:
        folder: The folder.
        known: The local names of the concepts of the graph.

    Raises:
        CorpusError: The file cannot be used, a set has no question, or it names a concept that is not there.
    """
    path = folder / SET_QUESTIONS_FILE
    sets = []
    for number, entry in read_lines(path, QuestionSet, "set of questions"):
        unknown = [name for name in entry.named if name not in known]
        if unknown:
            raise CorpusError(
                f"{path}:{number}: the concept '{unknown[0]}' is not there.", "Name one that is, or leave it out."
            )
        if not entry.questions or not all(question.strip() for question in entry.questions):
            raise CorpusError(f"{path}:{number}: a question is missing or empty.", "Write one, or remove the line.")
        sets.append(entry)
    return tuple(sets)
