"""The answer as data, and its one JSON shape that command line, API, page and widget share.

All offsets count Unicode code points of the document's canonical text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from iio_kg.ask.figures import Figure
    from iio_kg.corpus.document import Span
    from iio_kg.graph.claims import AnswerKind, Effect

Language = Literal["nl", "en"]


@dataclass(frozen=True, slots=True)
class Statement:
    """What is answered.

    Attributes:
        text: The statement of a reviewed claim in the asker's language, or a sentence of a document word for word.
        language: The language of `text`.
        kind: What kind of answer it is; ``passage`` for a sentence of a document.
        claim: The claim it states, or None.
        concept: The concept the claim is mainly about, or None.
        effects: Its own effect, for a result; then those for other forms, conditions and concepts, and what else was
            found that the question may ask for; see `iio_kg.ask.beside.figures_of`.
        figures: The same in words; all but its own with the words that say so.
    """

    text: str
    language: str
    kind: AnswerKind
    claim: str | None = None
    concept: str | None = None
    effects: tuple[Effect, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The document a citation is from."""

    iri: str
    id: str
    title: str
    kind: str
    publisher: str | None
    date: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Citation:
    """Words of a document: ``document.text[start:end] == quote``.

    Attributes:
        rank: Its place in the list, from 1.
        quote: The words.
        language: Their language.
        span: Their range in the canonical text.
        context: The text around and with them.
        highlights: The ranges, within `span`, that answer the question.
        page: The page on which they begin, counted from 1.
        page_label: The number printed on it; empty where the source has no pages to turn to.
        section: The headings above them.
        passage: The identifier of the passage.
        document: Where they are from.
        url: The address at which they are shown in the document.
        score: How well they fit the question, from 0 to 1; comparable within one answer only.
    """

    rank: int
    quote: str
    language: str
    span: Span
    context: str
    highlights: tuple[Span, ...]
    page: int
    page_label: str
    section: str
    passage: str
    document: Source
    url: str
    score: float


@dataclass(frozen=True, slots=True)
class Dissent:
    """What another source says instead: a claim that disputes the one that answers.

    Attributes:
        text: What it says, in words of our own.
        language: The language of `text`.
        claim: The claim's identifier.
        citation: The words it rests on.
    """

    text: str
    language: str
    claim: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a collection: what one claim says.

    Attributes:
        cells: Its texts, one a column.
        claim: The claim's identifier.
        citation: The words it rests on.
        dissent: What other sources say instead.
    """

    cells: tuple[str, ...]
    claim: str
    citation: Citation
    dissent: tuple[Dissent, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """All that a list or a comparison asks for.

    Attributes:
        kind: What the rows are: ``effects``, ``conditions``, ``lessons``, ``concepts``, ``definitions``, ``roles``,
            ``contacts``, ``documents``.
        title: What it shows.
        columns: What the cells of each row are.
        rows: The rows, in the order of the text.
        leads: Whether it is what was asked for; if not, it goes with the statement that answers.
    """

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    leads: bool = True


@dataclass(frozen=True, slots=True)
class Related:
    """Something of the graph that the question or the answer touches."""

    iri: str
    label: str
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Similar:
    """A question like the one asked, that another claim answers; `url` is where."""

    question: str
    language: str
    url: str


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Someone to ask."""

    iri: str
    name: str
    role: str | None
    organisation: str | None
    email: str | None
    telephone: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Attributes:
        question: The question as it was asked.
        language: The language it is answered in.
        answered: Whether the material answers it; if not, `statement` is None and the citations are no more than
            the passages nearest to the question.
        statement: The answer.
        citations: Passages, the best first.
        dissent: What other sources say instead.
        related: What else there is in the graph.
        contacts: Who to ask.
        confidence: The estimated probability that the material answers the question as stated here.
        snapshot: The snapshot it was answered from.
        took_ms: How long it took, in milliseconds.
        collection: All findings of a set. Where it leads it is what is asked for, and the statement is the best single
            finding; else it is likely to be wanted beside the statement.
        similar: Questions like it that other claims answer.
        stages: How long each stage took, in milliseconds.
        read_as: The question as it was read, where that is not letter for letter how it was typed.
        asked_in: The language of the question.
    """

    question: str
    language: Language
    answered: bool
    statement: Statement | None
    citations: tuple[Citation, ...]
    dissent: tuple[Dissent, ...]
    related: tuple[Related, ...]
    contacts: tuple[ContactCard, ...]
    confidence: float
    snapshot: str
    took_ms: float
    collection: Collection | None = None
    similar: tuple[Similar, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)
    read_as: str | None = None
    asked_in: Language = "nl"

    def with_urls(self, absolute: Callable[[str], str]) -> Answer:
        """The same answer with `absolute` applied to every address in it."""

        def moved(citation: Citation) -> Citation:
            return replace(citation, url=absolute(citation.url))

        def apart(dissent: tuple[Dissent, ...]) -> tuple[Dissent, ...]:
            return tuple(replace(other, citation=moved(other.citation)) for other in dissent)

        statement, collection = self.statement, self.collection
        if statement is not None:
            figures = (replace(f, citation=moved(f.citation)) if f.citation else f for f in statement.figures)
            statement = replace(statement, figures=tuple(figures))
        if collection is not None:
            rows = (replace(r, citation=moved(r.citation), dissent=apart(r.dissent)) for r in collection.rows)
            collection = replace(collection, rows=tuple(rows))
        return replace(
            self,
            statement=statement,
            citations=tuple(moved(citation) for citation in self.citations),
            dissent=apart(self.dissent),
            collection=collection,
            related=tuple(replace(r, url=absolute(r.url)) for r in self.related),
            similar=tuple(replace(s, url=absolute(s.url)) for s in self.similar),
        )

    def to_json(self) -> dict[str, Any]:
        """The one JSON shape of an answer."""
        return {
            "question": self.question,
            "read_as": self.read_as,
            "question_language": self.asked_in,
            "language": self.language,
            "answered": self.answered,
            "answer": None if self.statement is None else _statement_json(self.statement),
            "citations": [_citation_json(citation) for citation in self.citations],
            "dissent": [_dissent_json(dissent) for dissent in self.dissent],
            "collection": None if self.collection is None else _collection_json(self.collection),
            "related": [{"iri": r.iri, "label": r.label, "kind": r.kind, "url": r.url} for r in self.related],
            "contacts": [
                {
                    "iri": c.iri,
                    "name": c.name,
                    "role": c.role,
                    "organisation": c.organisation,
                    "email": c.email,
                    "telephone": c.telephone,
                }
                for c in self.contacts
            ],
            "confidence": round(self.confidence, 3),
            "snapshot": self.snapshot,
            "took_ms": round(self.took_ms, 2),
            "similar": [{"question": s.question, "language": s.language, "url": s.url} for s in self.similar],
        }


def _statement_json(statement: Statement) -> dict[str, Any]:
    return {
        "text": statement.text,
        "language": statement.language,
        "kind": statement.kind,
        "claim": statement.claim,
        "concept": statement.concept,
        "values": [_value_json(figure) for figure in statement.figures],
    }


def _value_json(figure: Figure) -> dict[str, Any]:
    citation = None if figure.citation is None else _citation_json(figure.citation)
    return {**figure.effect.to_json(), **figure.to_json(), "citation": citation}


def _collection_json(collection: Collection) -> dict[str, Any]:
    return {
        "kind": collection.kind,
        "leads": collection.leads,
        "title": collection.title,
        "columns": list(collection.columns),
        "rows": [
            {
                "cells": list(row.cells),
                "claim": row.claim,
                "citation": _citation_json(row.citation),
                "dissent": [_dissent_json(dissent) for dissent in row.dissent],
            }
            for row in collection.rows
        ],
    }


def _dissent_json(dissent: Dissent) -> dict[str, Any]:
    return {
        "text": dissent.text,
        "language": dissent.language,
        "claim": dissent.claim,
        "citation": _citation_json(dissent.citation),
    }


def _citation_json(citation: Citation) -> dict[str, Any]:
    source = citation.document
    return {
        "rank": citation.rank,
        "quote": citation.quote,
        "language": citation.language,
        "start": citation.span.start,
        "end": citation.span.end,
        "context": citation.context,
        "highlights": [[start, end] for start, end in citation.highlights],
        "page": citation.page,
        "page_label": citation.page_label,
        "section": citation.section,
        "passage": citation.passage,
        "document": {
            "iri": source.iri,
            "id": source.id,
            "title": source.title,
            "kind": source.kind,
            "publisher": source.publisher,
            "date": source.date,
            "url": source.url,
        },
        "url": citation.url,
        "score": round(citation.score, 4),
    }
