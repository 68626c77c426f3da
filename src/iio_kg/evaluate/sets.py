"""Whether who asks for a list or a comparison gets all of it, and nobody else does.

``sets/*.jsonl`` beside the question sets has a line for each question: ``{"id", "question", "language", "set"}``, where
``set`` says as in ``set-questions.jsonl`` which set of findings is wanted, and is left out where none is.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from iio_kg.ask.collect import collect_likely
from iio_kg.corpus.set_questions import QuestionSet
from iio_kg.errors import CorpusError
from iio_kg.evaluate.questions import lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from iio_kg.ask.answer import Collection
    from iio_kg.ask.engine import Engine

SETS_FOLDER = "sets"
SET_COLUMNS = (
    "part", "language", "ask for a set", "get it first", "get it beside", "get another", "ask for none",
    "get one first", "get one beside",
)  # fmt: skip
#: Of those who ask for a set the part that gets it as the answer, the part that gets it so or beside, and the part that
#: gets another; of those who do not, the part to whom one is the answer.
SETS_FIRST, SETS_GIVEN, SETS_WRONG, SETS_UNCALLED = "sets first", "sets given", "sets wrong", "sets uncalled"
#: Which columns are counted for each, and of which other.
SET_MEASURES = {
    SETS_FIRST: (("get it first",), "ask for a set"),
    SETS_GIVEN: (("get it first", "get it beside"), "ask for a set"),
    SETS_WRONG: (("get another",), "ask for a set"),
    SETS_UNCALLED: (("get one first",), "ask for none"),
}
#: A table is the one that was wanted if it shares at least this part of all rows that either has.
_SAME = 0.5


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """A question and the set that it asks for.

    Attributes:
        id: Its name.
        text: The question.
        language: The language it is asked in.
        part: ``dev`` or ``test``.
        wanted: The set that it asks for, or None.
    """

    id: str
    text: str
    language: str
    part: str
    wanted: QuestionSet | None


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """What came of one such question.

    Attributes:
        language: Its language.
        part: ``dev`` or ``test``.
        wanted: Whether it asks for a set.
        leads: Whether a set was given as the answer.
        beside: Whether one was shown beside the answer.
        right: Whether it is the one that was wanted.
    """

    language: str
    part: str
    wanted: bool
    leads: bool
    beside: bool
    right: bool


def read_set_questions(folder: Path, part: str) -> tuple[SetQuestion, ...]:
    """The questions of a part, or of ``all``; none where the folder has none.

    Raises:
        CorpusError: A line is unusable.
    """
    questions = []
    for line, its_part, where in lines_of(folder / SETS_FOLDER, part):
        try:
            row = json.loads(line)
            wanted = msgspec.convert(row["set"], QuestionSet) if row.get("set") else None
            questions.append(SetQuestion(row["id"], row["question"], row["language"], its_part, wanted))
        except (ValueError, KeyError, TypeError, AttributeError, msgspec.ValidationError) as error:
            raise CorpusError(f"{where}: this is no question ({error!r}).", "See the README beside it.") from None
    return tuple(questions)


def wanted_claims(engine: Engine, question: SetQuestion, links: Sequence[str]) -> frozenset[str]:
    """The claims that belong in the table that a question asks for; none where it asks for none, or for too few.

    Args:
        engine: What answers.
        question: The question.
        links: What it names.

    Raises:
        CorpusError: The set is about something that is not in the graph.
    """
    if question.wanted is None:
        return frozenset()
    unknown = [name for name in question.wanted.named if engine.shelf.names.concept(name) not in engine.shelf.entities]
    if unknown:
        raise CorpusError(f"Question {question.id}: the concept '{unknown[0]}' is not there.", "Name one that is.")
    table = collect_likely(question.wanted, question.text, links, engine.shelf, "nl")
    return frozenset(row.claim for row in table.rows) if table else frozenset()


def shows(collection: Collection | None, wanted: frozenset[str]) -> bool:
    """Whether a table is the one that was wanted."""
    shown = {row.claim for row in collection.rows} if collection else set()
    return bool(wanted) and len(shown & wanted) >= _SAME * len(shown | wanted)


def ask_for_sets(engine: Engine, questions: Sequence[SetQuestion]) -> tuple[SetOutcome, ...]:
    """Ask all of them."""
    outcomes = []
    for question in questions:
        collection = engine.ask(question.text).collection
        links = engine.retriever.understand(question.text, question.language).links
        wanted = wanted_claims(engine, question, links)
        outcomes.append(
            SetOutcome(
                language=question.language,
                part=question.part,
                wanted=question.wanted is not None,
                leads=collection is not None and collection.leads,
                beside=collection is not None and not collection.leads,
                right=shows(collection, wanted),
            )
        )
    return tuple(outcomes)


def count_sets(outcomes: Sequence[SetOutcome]) -> list[tuple[str | int, ...]]:
    """A row for each part and language, in the columns of `SET_COLUMNS`."""
    return [(*key, *(group[name] for name in SET_COLUMNS[2:])) for key, group in sorted(_counted(outcomes).items())]


def measure_sets(outcomes: Sequence[SetOutcome]) -> dict[tuple[str, str], dict[str, float]]:
    """By part and language those of `SET_MEASURES` that can be measured, each from 0 to 1."""
    return {
        key: {
            name: sum(group[column] for column in columns) / group[of]
            for name, (columns, of) in SET_MEASURES.items()
            if group[of]
        }
        for key, group in _counted(outcomes).items()
    }


def set_margins(outcomes: Sequence[SetOutcome]) -> dict[tuple[str, str], dict[str, float]]:
    """By part and language how much two questions are of each of the measures."""
    return {
        key: {name: 2 / max(1, group[of]) for name, (_, of) in SET_MEASURES.items()}
        for key, group in _counted(outcomes).items()
    }


def _counted(outcomes: Sequence[SetOutcome]) -> dict[tuple[str, str], Counter[str]]:
    """How many of each kind there are by part and language."""
    groups: dict[tuple[str, str], Counter[str]] = {}
    for its in outcomes:
        group = groups.setdefault((its.part, its.language), Counter())
        if its.wanted:
            group["ask for a set"] += 1
            group["get it first"] += its.right and its.leads
            group["get it beside"] += its.right and its.beside
            group["get another"] += (its.leads or its.beside) and not its.right
        else:
            group["ask for none"] += 1
            group["get one first"] += its.leads
            group["get one beside"] += its.beside
    return groups
