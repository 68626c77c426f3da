"""Reading the claims of a document and holding each quotation against its text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from rapidfuzz import fuzz
from rdflib import RDF, Graph, URIRef
from rdflib import Literal as RdfLiteral

from iio_kg.corpus.document import Span
from iio_kg.errors import GraphError
from iio_kg.graph.turtle import line_of, parse_turtle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rdflib.term import Node

    from iio_kg.corpus.document import Document, Passage
    from iio_kg.graph.namespaces import Names

AnswerKind = Literal["result", "condition", "definition", "contact", "organisation", "document", "passage"]
Direction = Literal["increase", "decrease", "unchanged"]

#: The classes of claims and what an answer that rests on one is called.
KINDS: dict[str, AnswerKind] = {
    "EffectClaim": "result",
    "ConditionClaim": "condition",
    "DefinitionClaim": "definition",
    "ProgrammeClaim": "definition",
    "RoleClaim": "organisation",
    "ContactClaim": "contact",
    "DocumentClaim": "document",
}
LANGUAGES = ("nl", "en")
#: Units by their IRI's last part, and what the API calls them. They are never converted.
UNITS = {
    "PERCENT": "percent",
    "PercentagePoint": "percentage point",
    "MO": "months",
    "StandardDeviation": "standard deviations",
}
#: The length of the text shown beside a quotation that was not found.
_NEAREST_MARGIN = 20


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a document that support a claim: ``document.text[start:end] == text``."""

    document: str
    span: Span
    text: str
    language: str
    page: int
    passage: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a claim says of an outcome. Either `number` or `low` and `high` is given, or neither.

    Attributes:
        outcome: What was found to change or to stay the same.
        direction: Which way it went.
        number: The figure.
        low: The lower end of a range.
        high: Its upper end.
        unit: The unit of the figure, as the API calls it.
        variant: The form in which the intervention was introduced, or None.
        holds_when: The conditions under which it holds.
        comparator: What it was compared with, where that is said.
        population: In whom it was found, where that is said.
        hedge: The reservation of the source, in its own words, or "".
    """

    outcome: str
    direction: Direction
    number: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    variant: str | None = None
    holds_when: tuple[str, ...] = ()
    comparator: str | None = None
    population: str | None = None
    hedge: str = ""

    @property
    def has_figure(self) -> bool:
        """Whether a figure is given."""
        return self.number is not None or self.low is not None

    def to_json(self) -> dict[str, Any]:
        """The shape of an entry of ``values`` in an answer."""
        figures: dict[str, Any] = {}
        if self.number is not None:
            figures = {"number": self.number, "unit": self.unit}
        elif self.low is not None:
            figures = {"low": self.low, "high": self.high, "unit": self.unit}
        return {**figures, "direction": self.direction, "outcome": self.outcome}


@dataclass(frozen=True, slots=True)
class Claim:
    """One finding, condition, definition or fact, with the quotations that prove it.

    Attributes:
        iri: Its identifier.
        kind: What an answer that rests on it is called.
        statements: What it says, by language, in words of our own.
        quotations: Its evidence.
        subjects: What it is about: concepts, agents, documents.
        concept: The first of these that is a concept, or None.
        sector: The sector it holds for, or None.
        effect: For a result: the outcome and what happened to it.
        disputes: Identifiers of claims that say otherwise, as far as they are named here.
        questions: Questions that it answers, as somebody might ask them, by language; none: the language is left out.
        defines: For a definition: what it says the meaning of.
        conditions: For a condition: what has to be there.
        agents: For a role or contact: who has it.
        role: For a role: which one, or None.
    """

    iri: str
    kind: AnswerKind
    statements: dict[str, str]
    quotations: tuple[Quotation, ...]
    subjects: tuple[str, ...]
    concept: str | None = None
    sector: str | None = None
    effect: Effect | None = None
    disputes: tuple[str, ...] = ()
    questions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    defines: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    role: str | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        """All it is about, its concept and outcome included, each once."""
        outcome = self.effect.outcome if self.effect else None
        return tuple(dict.fromkeys(iri for iri in (self.concept, outcome, *self.subjects) if iri))

    @property
    def name(self) -> str:
        """The last part of its identifier."""
        return self.iri.rsplit("/", 1)[-1]


def disputes_between(claims: Sequence[Claim]) -> dict[int, tuple[int, ...]]:
    """For each claim, by number, those that say otherwise; a dispute is stated on one side and holds on both."""
    numbers = {claim.iri: number for number, claim in enumerate(claims)}
    found: dict[int, set[int]] = {}
    for number, claim in enumerate(claims):
        for other in (numbers[iri] for iri in claim.disputes if iri in numbers):
            found.setdefault(number, set()).add(other)
            found.setdefault(other, set()).add(number)
    return {number: tuple(sorted(others)) for number, others in found.items()}


def read_claims(
    path: Path, document: Document, passages: Sequence[Passage], names: Names
) -> tuple[Graph, tuple[Claim, ...]]:
    """Read the claims of a document.

    Args:
        path: The Turtle file; it may be missing, then there are no claims.
        document: The document that the claims quote.
        passages: Passages; those of other documents are left aside.
        names: How identifiers are minted.

    Returns:
        The triples as they stand in the file, and the claims in the order of the file.

    Raises:
        GraphError: The file is no Turtle, a claim is incomplete, or a quotation is not in the text; the message
            names file and line, and the nearest words of the text.
    """
    if not path.is_file():
        return Graph(), ()
    graph, text = parse_turtle(path, names.base)
    ontology = names.ontology
    found: dict[URIRef, AnswerKind] = {
        subject: kind
        for name, kind in KINDS.items()
        for subject in graph.subjects(RDF.type, ontology[name])
        if isinstance(subject, URIRef)
    }
    reader = _ClaimReader(path, text, graph, document, passages, names)
    claims: list[tuple[int, Claim]] = []
    wrong: list[tuple[int, GraphError]] = []
    for iri, kind in found.items():
        line = line_of(text, iri) or 1
        try:
            claims.append((line, reader.read(iri, kind)))
        except GraphError as error:
            wrong.append((line, error))
    in_order = tuple(claim for _, claim in sorted(claims, key=lambda c: (c[0], c[1].iri)))
    wrong.extend((line_of(text, iri) or 1, error) for iri, error in reader.asked_twice(in_order))
    if wrong:
        raise GraphError("\n".join(str(error) for _, error in sorted(wrong, key=lambda w: (w[0], w[1].message))))
    return graph, in_order


class _ClaimReader:
    """Reads one claim after another from a graph."""

    def __init__(
        self,
        path: Path,
        text: str,
        graph: Graph,
        document: Document,
        passages: Sequence[Passage],
        names: Names,
    ) -> None:
        self._path, self._text, self._graph = path, text, graph
        self._document = document
        self._passages = [passage for passage in passages if passage.document == document.id]
        self._names, self._ontology = names, names.ontology

    def read(self, iri: URIRef, kind: AnswerKind) -> Claim:
        """The claim with its quotations located in the text."""
        subjects = tuple(sorted(str(node) for node in self._graph.objects(iri, self._ontology.about)))
        statements = {
            str(s.language): str(s)
            for s in self._graph.objects(iri, self._ontology.statement)
            if isinstance(s, RdfLiteral)
        }
        missing = [language for language in LANGUAGES if not statements.get(language)]
        if missing:
            raise self._error(iri, f"it has no iio:statement in {' and '.join(missing)}", 'Add "…"@nl and "…"@en.')
        quotes = [q for q in self._graph.objects(iri, self._ontology.quotation) if isinstance(q, RdfLiteral)]
        if not quotes:
            raise self._error(iri, "it has no iio:quotation", "Add the exact words of the document.")
        quotations = sorted((self._locate(iri, quote) for quote in quotes), key=lambda q: q.span)
        effect = self._effect(iri) if kind == "result" else None
        preferred = self._one(iri, "intervention") or self._one(iri, "defines") or self._one(iri, "conditionFor")
        concepts = [s for s in subjects if s.startswith(self._names.concept(""))]
        return Claim(
            iri=str(iri),
            kind=kind,
            statements=statements,
            quotations=tuple(quotations),
            subjects=subjects,
            concept=str(preferred) if preferred else next(iter(concepts), None),
            sector=self._text_of(iri, "sector"),
            effect=effect,
            disputes=tuple(sorted(str(node) for node in self._graph.objects(iri, self._ontology.disputes))),
            questions=self._questions(iri),
            defines=self._all(iri, "defines"),
            conditions=self._all(iri, "condition"),
            agents=self._all(iri, "agent"),
            role=self._text_of(iri, "role"),
        )

    def _questions(self, iri: URIRef) -> dict[str, tuple[str, ...]]:
        # A graph has no order; that of the alphabet is the same at every reading.
        found = [q for q in self._graph.objects(iri, self._ontology.answersQuestion) if isinstance(q, RdfLiteral)]
        by_language = {
            language: tuple(sorted(str(q) for q in found if q.language == language)) for language in LANGUAGES
        }
        return {language: questions for language, questions in by_language.items() if questions}

    def asked_twice(self, claims: Sequence[Claim]) -> Iterator[tuple[URIRef, GraphError]]:
        """Claims that answer a question which another answers too, though neither disputes the other."""
        first: dict[tuple[str, str], Claim] = {}
        for claim in claims:
            for language, questions in claim.questions.items():
                for question in questions:
                    other = first.setdefault((language, question.casefold()), claim)
                    if other is not claim and other.iri not in claim.disputes and claim.iri not in other.disputes:
                        iri = URIRef(claim.iri)
                        problem = f"it answers “{question}”, and so does {other.name}"
                        yield iri, self._error(iri, problem, "Keep the question at the claim that answers it best.")

    def _one(self, iri: URIRef, name: str) -> Node | None:
        return min(self._graph.objects(iri, self._ontology[name]), key=str, default=None)

    def _all(self, iri: URIRef, name: str) -> tuple[str, ...]:
        return tuple(sorted(str(node) for node in self._graph.objects(iri, self._ontology[name])))

    def _text_of(self, iri: URIRef, name: str) -> str | None:
        node = self._one(iri, name)
        return None if node is None else str(node)

    def _number(self, iri: URIRef, name: str) -> float | None:
        node = self._one(iri, name)
        if node is None:
            return None
        try:
            return float(str(node))
        except ValueError:
            raise self._error(iri, f"iio:{name} '{node}' is not a number", "Write 3 or 3.5.") from None

    def _effect(self, iri: URIRef) -> Effect:
        outcome, direction = self._text_of(iri, "outcome"), self._text_of(iri, "direction")
        if outcome is None or direction is None:
            raise self._error(iri, "it has no iio:outcome or no iio:direction", "Add both.")
        direction_name = direction.rsplit("/", 1)[-1]
        if direction_name not in ("increase", "decrease", "unchanged"):
            raise self._error(
                iri,
                f"its direction {direction} is unknown",
                "Use concept:increase, concept:decrease or concept:unchanged.",
            )
        number, low, high = (self._number(iri, name) for name in ("value", "low", "high"))
        unit = self._text_of(iri, "unit")
        figures = number is not None or low is not None
        if figures and unit is None:
            raise self._error(iri, "it has a figure but no iio:unit", "Add iio:unit unit:PERCENT, or what it is.")
        unit_name = re.split(r"[/#]", unit or "")[-1]
        if figures and unit_name not in UNITS:
            raise self._error(iri, f"its unit {unit} is unknown", f"Known are: {', '.join(UNITS)}.")
        return Effect(
            outcome,
            direction_name,  # type: ignore[arg-type]
            number,
            low,
            high,
            UNITS.get(unit_name),
            variant=self._text_of(iri, "variant"),
            holds_when=self._all(iri, "holdsWhen"),
            comparator=self._text_of(iri, "comparator"),
            population=self._text_of(iri, "population"),
            hedge=self._text_of(iri, "hedge") or "",
        )

    def _locate(self, iri: URIRef, literal: RdfLiteral) -> Quotation:
        quote = str(literal)
        start = self._document.text.find(quote)
        if start < 0 or not quote.strip():
            raise self._error(
                iri,
                f"its quotation “{quote}” is not in the text of {self._document.id}",
                self._nearest(quote),
                quote=quote,
            )
        span = Span(start, start + len(quote))
        passage = max(self._passages, key=lambda p: (p.span.overlap(span), -p.number), default=None)
        if passage is None or not passage.span.overlap(span):
            raise self._error(
                iri,
                f"its quotation “{quote}” stands in a heading of {self._document.id}",
                "Quote the text under the heading.",
                quote=quote,
            )
        return Quotation(
            document=self._document.id,
            span=span,
            text=quote,
            language=str(literal.language or self._document.metadata.language),
            page=self._document.page_at(start).number,
            passage=passage.key,
        )

    def _nearest(self, quote: str) -> str:
        """The stretch of the text that is most like a quotation which is not in it."""
        text = self._document.text
        match = fuzz.partial_ratio_alignment(quote, text)
        if match is None or match.score < 50:
            return "Nothing in the text is like it."
        start = text.rfind(" ", 0, match.dest_start + 1) + 1
        end = text.find(" ", max(match.dest_end - 1, start))
        end = len(text) if end < 0 or end - match.dest_end > _NEAREST_MARGIN else end
        page = self._document.page_at(match.dest_start).number
        return f"The nearest words are “{' '.join(text[start:end].split())}” (page {page})."

    def _error(self, iri: URIRef, problem: str, hint: str, quote: str = "") -> GraphError:
        line = line_of(self._text, iri) or 1
        if quote:
            opening = re.escape(quote[:30])
            place = re.search(opening, self._text)
            line = self._text.count("\n", 0, place.start()) + 1 if place else line
        return GraphError(f"{self._path}:{line}: {iri.rsplit('/', 1)[-1]}: {problem}.", hint)
