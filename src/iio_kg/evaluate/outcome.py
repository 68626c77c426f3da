"""What one question brought: asking it, and holding the answer against what is known of it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from iio_kg.errors import ConfigError
from iio_kg.evaluate.measures import mean, span_f1
from iio_kg.evaluate.ranking import DEPTH, holds, measure_rankings, relevant_passages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from iio_kg.ask.answer import Answer, Citation, Statement
    from iio_kg.ask.engine import Engine
    from iio_kg.ask.fusion import Channels
    from iio_kg.corpus.document import Document, Passage
    from iio_kg.evaluate.questions import Question
    from iio_kg.index.encoder import Encoder
    from iio_kg.snapshot import Content, Snapshot

#: What a value of the question set and one that is shown have to share.
_VALUE_KEYS = ("number", "low", "high", "direction")
_FIGURES = ("number", "low", "high")
#: Asked before anything is timed, so that what is loaded at the first question is loaded.
_WARM_UP = "Wat is dit voor materiaal?"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answer, the keys of the passages that were found, and how long it took in milliseconds."""

    question: Question
    answer: Answer
    ranking: tuple[str, ...]
    milliseconds: float


class Outcome(msgspec.Struct, frozen=True):
    """What one question brought; a line of a saved result.

    Attributes:
        id: The name of the question.
        language: The language it is asked in.
        kind: Its type, or why the material does not answer it.
        part: ``dev``, ``test`` or the name of another set.
        document: The kinds of the documents that answer, joined by ``+``; empty when none does.
        answered: Whether it was answered.
        confidence: The estimated probability that the answer is right.
        language_right: Whether its language was recognised.
        ranking: The ranking measures; none for a question that the material does not answer.
        first_right: Whether the first citation holds what answers.
        value_right: Whether the right figure was shown; None when the question asks for none.
        span_f1: How well the marks of the first citation cover what answers; None when it is not answered.
        citations: How many citations were given.
        verbatim: How many of them are in the document, letter for letter, where they say.
        page_right: How many name the page on which they begin.
        marks_inside: How many are marked within themselves only.
        milliseconds: From question to answer, within the process.
        stages: The same by stage, where the answer tells.
        snapshot: The snapshot that was asked.
        values_wanted: Which part of the figures and directions that were shown is wanted; None when the question asks
            for none, or none was shown.
    """

    id: str
    language: str
    kind: str
    part: str
    document: str
    answered: bool
    confidence: float
    language_right: bool
    ranking: dict[str, float]
    first_right: bool
    value_right: bool | None
    span_f1: float | None
    citations: int
    verbatim: int
    page_right: int
    marks_inside: int
    milliseconds: float
    stages: dict[str, float]
    snapshot: str
    values_wanted: float | None = None

    @property
    def answerable(self) -> bool:
        """Whether the material answers the question."""
        return bool(self.ranking)

    @property
    def right(self) -> bool:
        """Whether the first answer answers; never so where nothing can."""
        return self.answerable and self.first_right


def ask_all(
    engine: Engine, questions: Iterable[Question], progress: Callable[[int], None] | None = None
) -> tuple[Asked, ...]:
    """Ask every question once, as a person does: its language is not told.

    Args:
        engine: What is asked; when it lists `DEPTH` citations, nothing has to be searched for twice.
        questions: The questions.
        progress: Is told after each that one more is done.
    """
    engine.ask(_WARM_UP)
    asked = []
    for question in questions:
        begun = time.perf_counter()
        answer = engine.ask(question.text)
        milliseconds = (time.perf_counter() - begun) * 1000
        ranking = dict.fromkeys(_passage_key(citation) for citation in answer.citations)
        if len(ranking) < DEPTH:
            ranking |= dict.fromkeys(rank(engine, question.text, answer.language))
        asked.append(Asked(question, answer, tuple(ranking)[:DEPTH], milliseconds))
        if progress is not None:
            progress(1)
    return tuple(asked)


def rank(engine: Engine, text: str, language: str, channels: Channels | None = None) -> tuple[str, ...]:
    """The keys of the first passages that are found for a question."""
    found = engine.retrieve(text, language, channels=channels).found[:DEPTH]
    return tuple(engine.snapshot.content.passages[one.passage].key for one in found)


def rank_by_encoder(content: Content, encoder: Encoder, questions: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The keys of the passages nearest to each question: what the encoder does on its own.

    Args:
        content: What is asked.
        encoder: The encoder whose vectors it holds.
        questions: The questions by their names.
    """

    def rank(vector: NDArray[np.float32]) -> tuple[str, ...]:
        numbers, _ = content.dense.search(vector, len(content.units))
        units = (content.units[int(number)] for number in numbers)
        whole = (content.passages[unit.passage].key for unit in units if unit.kind == "passage")
        return tuple(islice(whole, DEPTH))

    return dict(zip(questions, map(rank, encoder.encode_queries(list(questions.values()))), strict=True))


def judge_all(asked: Sequence[Asked], snapshot: Snapshot) -> tuple[Outcome, ...]:
    """Hold every answer against what is known of its question.

    Raises:
        ConfigError: ir-measures is not installed.
    """
    documents = {document.id: document for document in snapshot.content.documents}
    relevant = relevant_to([one.question for one in asked], snapshot.content.passages)
    measured = measure_rankings(relevant, {one.question.id: one.ranking for one in asked})
    return tuple(_judge(one, documents, measured.get(one.question.id, {})) for one in asked)


def relevant_to(questions: Iterable[Question], passages: Iterable[Passage]) -> dict[str, frozenset[str]]:
    """What answers each question that the material answers; see `relevant_passages`."""
    by_document: dict[str, list[Passage]] = {}
    for passage in passages:
        by_document.setdefault(passage.document, []).append(passage)
    return {q.id: relevant_passages(q.gold, by_document) for q in questions if q.answerable}


def _judge(asked: Asked, documents: Mapping[str, Document], ranking: dict[str, float]) -> Outcome:
    question, answer = asked.question, asked.answer
    first = answer.citations[0] if answer.citations else None
    gold = [place.span for place in question.gold if first and place.document == first.document.id]
    kinds = sorted({documents[place.document].metadata.kind for place in question.gold})
    return Outcome(
        id=question.id,
        language=question.language,
        kind=question.kind,
        part=question.part,
        document="+".join(kinds),
        answered=answer.answered,
        confidence=answer.confidence,
        language_right=answer.language == question.language,
        ranking=ranking,
        first_right=bool(ranking.get("hit@1")) or bool(first and any(holds(first.span, span) for span in gold)),
        value_right=value_right(question, answer),
        span_f1=span_f1(first.highlights, gold) if first and question.answerable and answer.answered else None,
        citations=len(answer.citations),
        verbatim=sum(_is_verbatim(citation, documents) for citation in answer.citations),
        page_right=sum(_names_its_page(citation, documents) for citation in answer.citations),
        marks_inside=sum(all(c.span.contains(mark) for mark in c.highlights) for c in answer.citations),
        milliseconds=round(asked.milliseconds, 3),
        stages={name: round(float(its), 3) for name, its in answer.stages.items()},
        snapshot=answer.snapshot,
        values_wanted=values_wanted(question, answer),
    )


def value_right(question: Question, answer: Answer) -> bool | None:
    """Whether one of the values asked for is shown; None when the question asks for none.

    A claim shows its figures as data. A sentence of a document shows a figure when it stands in it; of a direction
    alone that cannot be said.
    """
    if not question.values:
        return None
    if answer.statement is None:
        return False
    if answer.statement.effects:
        return any(_shown_wanted(question, answer.statement))
    wanted = _wanted(question)
    words = answer.statement.text.replace(",", ".")
    figures = [[want[key] for key in _FIGURES if key in want] for want in wanted]
    return any(its and all(_stands_in(figure, words) for figure in its) for its in figures)


def values_wanted(question: Question, answer: Answer) -> float | None:
    """Which part of the values shown as data is wanted: who shows them all is never wrong, but not clear either."""
    if not question.values or answer.statement is None or not answer.statement.effects:
        return None
    return mean(_shown_wanted(question, answer.statement))


def _shown_wanted(question: Question, statement: Statement) -> list[bool]:
    """For each value that is shown whether it is wanted."""
    wanted, shown = _wanted(question), [effect.to_json() for effect in statement.effects]
    return [any(all(value.get(key) == want[key] for key in want) for want in wanted) for value in shown]


def _wanted(question: Question) -> list[dict[str, Any]]:
    return [{key: value[key] for key in _VALUE_KEYS if key in value} for value in question.values]


def _stands_in(figure: float, words: str) -> bool:
    written = f"{figure:g}"
    return written in {token.strip("%€.()[]:;") for token in words.replace("%", " ").replace("-", " ").split()}


def _passage_key(citation: Citation) -> str:
    return f"{citation.document.id}#{citation.passage.rpartition('#')[2]}"


def _is_verbatim(citation: Citation, documents: Mapping[str, Document]) -> bool:
    text = documents[citation.document.id].text
    return text[citation.span.start : citation.span.end] == citation.quote and citation.quote in citation.context


def _names_its_page(citation: Citation, documents: Mapping[str, Document]) -> bool:
    page = documents[citation.document.id].page_at(citation.span.start)
    return (citation.page, citation.page_label) == (page.number, page.label)


def save_outcomes(outcomes: Iterable[Outcome], path: Path) -> None:
    """Write outcomes, a line of JSON each.

    Raises:
        ConfigError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(msgspec.json.encode(outcome) + b"\n" for outcome in outcomes))
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}).", "Name another file.") from None


def load_outcomes(path: Path) -> tuple[Outcome, ...]:
    """Read what `save_outcomes` wrote.

    Raises:
        ConfigError: The file cannot be read, or is no saved result.
    """
    try:
        lines = path.read_bytes().splitlines()
        outcomes = tuple(msgspec.json.decode(line, type=Outcome) for line in lines)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).") from None
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{path} is no saved result ({error}).", "Make one with 'iio-kg eval --save FILE'.") from None
    if not outcomes:
        raise ConfigError(f"{path} holds no result.", "Make one with 'iio-kg eval --save FILE'.")
    return outcomes


def nan_of(value: float | bool | None) -> float:  # noqa: FBT001 - a value, not a switch
    """A number; not a number for None."""
    return math.nan if value is None else float(value)
