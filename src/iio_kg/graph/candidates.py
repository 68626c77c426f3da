"""Candidate claims: sentences that state an effect and that nobody has judged yet.

They are kept apart from claims: a graph, a class and properties of their own, so that no question about claims finds
one. What is written of them here was read by rules; a person accepts or rejects it (`iio_kg.review`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from rdflib import RDF, XSD, Graph, Literal, URIRef

from iio_kg.corpus.document import Span
from iio_kg.graph import effects
from iio_kg.graph.claims import UNITS, Direction
from iio_kg.graph.effects import Figure
from iio_kg.graph.namespaces import OA, QUDT_UNIT

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from iio_kg.corpus.document import Document, Passage
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.mentions import Mention, MentionFinder
    from iio_kg.graph.namespaces import Names
    from iio_kg.graph.vocabulary import Entity

#: The schemes of what can be introduced, best first, and of what else shows which concept a sentence is on.
INTERVENTIONS = ("innovation-concepts", "programmes")
_CONCEPTS = (*INTERVENTIONS, "variants", "instruments", "themes")
#: Outcomes of which more is worse.
UNWANTED = frozenset({"workload", "grade-repetition"})
#: Outcomes of tests: these are "afgenomen" when they are taken, which says nothing of their size.
_TESTS = frozenset({"cito-score", "pupil-results"})
#: How much less sure it is, sentence by sentence, that what was named before is still spoken of.
_CARRIED = 0.9
#: A candidate less sure than this is none.
_LEAST = 0.15


class Candidate(msgspec.Struct, frozen=True):
    """A sentence that may be a claim on an effect, and what was understood of it.

    Attributes:
        id: Made from the document's id and the sentence, so that it stays when the document grows.
        document: The id of the document.
        passage: The key of the passage.
        span: The sentence in the canonical text.
        page: The page on which it begins.
        text: The sentence.
        language: Its language.
        outcome: What it is about.
        outcome_span: Where that is named, if in the sentence itself.
        intervention: The concept that was introduced, or None.
        intervention_span: Where that is named, if in the sentence itself.
        variant: The form in which it was introduced, if it is named.
        direction: What happened to the outcome, or None where that is not clear.
        figures: How much.
        comparator: What it is compared with, in the words of the sentence, or "".
        comparator_concept: The same as a concept, or None.
        hedges: Its reservations, in its own words.
        summary: Whether the document is a summary of ours, not the source.
        confidence: How sure all this is, from 0 to 1.
    """

    id: str
    document: str
    passage: str
    span: Span
    page: int
    text: str
    language: str
    outcome: str
    outcome_span: Span | None
    intervention: str | None
    intervention_span: Span | None
    variant: str | None
    direction: Direction | None
    figures: tuple[Figure, ...]
    comparator: str
    comparator_concept: str | None
    hedges: tuple[str, ...]
    summary: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class _Named:
    """Something that is named: where (None: not in the sentence), what, and how sure."""

    span: Span | None
    iri: str
    confidence: float


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a clause of a sentence says of an outcome."""

    outcome: _Named
    direction: Direction | None
    figures: tuple[Figure, ...]
    clause: Span
    sure: float


def candidate_id(document: str, sentence: str) -> str:
    """The name of a candidate: of the document's id and the words of the sentence, however its lines break."""
    return hashlib.sha256(f"{document}\n{' '.join(sentence.split())}".encode()).hexdigest()[:12]


class CandidateFinder:
    """Finds candidates in documents.

    Args:
        entities: The concepts there are, with their schemes.
        mentions: Finds them in headings.
    """

    def __init__(self, entities: Iterable[Entity], mentions: MentionFinder) -> None:
        self._schemes = {entity.iri: entity.scheme for entity in entities if entity.kind == "concept"}
        self._finder = mentions

    def find(
        self,
        document: Document,
        passages: Sequence[Passage],
        mentions: Iterable[Mention],
    ) -> tuple[Candidate, ...]:
        """The candidates of a document, in the order of its text.

        Args:
            document: The document.
            passages: Its passages.
            mentions: What they mention.
        """
        by_passage: dict[str, list[Mention]] = {}
        for mention in mentions:
            by_passage.setdefault(mention.passage, []).append(mention)
        headings = _Headings(self._finder, document.metadata.language)
        found: dict[str, Candidate] = {}
        before: list[_Named] = []
        section: tuple[str, ...] = ()
        for passage in passages:
            if passage.sections != section:
                before, section = [], passage.sections
            for sentence in passage.sentences:
                here = [m for m in by_passage.get(passage.key, ()) if sentence.contains(m.span)]
                named = [_Named(m.span, m.iri, m.confidence) for m in here if m.iri in self._schemes]
                context = [*before, *headings.named(passage.sections)]
                name = candidate_id(document.id, document.text[sentence.start : sentence.end])
                if name not in found:
                    candidate = self._judge(name, document, passage, sentence, named, context)
                    if candidate is not None:
                        found[name] = candidate
                before = self._carried(named, before)
        return tuple(found.values())

    def _carried(self, named: Sequence[_Named], before: Sequence[_Named]) -> list[_Named]:
        """What the next sentence can be on: what this one names, and what was named before of other schemes."""
        schemes = {self._schemes[one.iri] for one in named}
        older = [one for one in before if self._schemes[one.iri] not in schemes]
        return [_Named(None, one.iri, one.confidence * _CARRIED) for one in (*named, *older)]

    def _judge(
        self,
        name: str,
        document: Document,
        passage: Passage,
        sentence: Span,
        named: Sequence[_Named],
        context: Sequence[_Named],
    ) -> Candidate | None:
        text = document.text[sentence.start : sentence.end]
        effect = self._effect(text, sentence, named, context)
        if effect is None:
            return None
        everything = (*named, *context)
        intervention = self._first(everything, INTERVENTIONS)
        concept = intervention or self._first(everything, _CONCEPTS)
        compared = self._first(named, ("comparators",))
        comparator = effects.read_comparator(text)
        if concept is None and compared is None and not comparator:
            return None
        # What rests on two readings is as sure as the weaker one.
        sure = min(effect.sure, 0.5 if concept is None else concept.confidence)
        if sure < _LEAST:
            return None
        variant = self._first(named, ("variants",))
        return Candidate(
            id=name,
            document=document.id,
            passage=passage.key,
            span=sentence,
            page=document.page_at(sentence.start).number,
            text=text,
            language=document.metadata.language,
            outcome=effect.outcome.iri,
            outcome_span=effect.outcome.span,
            intervention=intervention.iri if intervention else None,
            intervention_span=intervention.span if intervention else None,
            variant=variant.iri if variant else None,
            direction=effect.direction,
            figures=effect.figures,
            comparator=comparator,
            comparator_concept=compared.iri if compared else None,
            hedges=effects.read_hedges(text[effect.clause.start : effect.clause.end]),
            summary=document.metadata.kind == "summary",
            confidence=round(min(sure, 1.0), 2),
        )

    def _effect(self, text: str, sentence: Span, named: Sequence[_Named], context: Sequence[_Named]) -> _Effect | None:
        """What a sentence says of the outcome on which it says most."""
        found = []
        for outcome in named:
            if outcome.span is None or self._schemes[outcome.iri] != "outcomes":
                continue
            place = Span(outcome.span.start - sentence.start, outcome.span.end - sentence.start)
            clause = effects.clause_at(text, place)
            said = text[clause.start : clause.end]
            reading = effects.read_direction(text, place, unwanted=_name(outcome.iri) in UNWANTED)
            if not effects.is_finding(said) or (reading is None and not effects.speaks_of_effect(said)):
                continue
            figures = effects.read_figures(said)
            if (
                reading
                and not figures
                and _name(outcome.iri) in _TESTS
                and reading.word.startswith(("afgenomen", "afname"))
            ):
                continue
            sure = outcome.confidence * (reading.near if reading else 0.5) * (1.0 if figures else 0.9)
            found.append(_Effect(outcome, reading.direction if reading else None, figures, clause, sure))
        return max(found, key=lambda effect: effect.sure, default=None) or self._from_context(text, named, context)

    def _from_context(self, text: str, named: Sequence[_Named], context: Sequence[_Named]) -> _Effect | None:
        """What a sentence with a figure says of the outcome that was named before it: "De scores liggen 3% hoger"."""
        outcome = self._first(context, ("outcomes",))
        figures = effects.read_figures(text)
        if outcome is None or not figures or self._first(named, ("outcomes",)) or not effects.is_finding(text):
            return None
        reading = effects.read_direction(text, Span(0, 0), unwanted=_name(outcome.iri) in UNWANTED)
        if reading is None:
            return None
        return _Effect(outcome, reading.direction, figures, Span(0, len(text)), outcome.confidence * 0.8)

    def _first(self, named: Iterable[_Named], schemes: Sequence[str]) -> _Named | None:
        """What is named first among those of the first scheme of which there are any."""
        ranked = [
            (schemes.index(self._schemes[one.iri]), one) for one in named if self._schemes.get(one.iri) in schemes
        ]
        return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


class _Headings:
    """What the headings above a passage name, innermost first; each heading is read once."""

    def __init__(self, finder: MentionFinder, language: str) -> None:
        self._finder, self._language = finder, language
        self._known: dict[str, list[_Named]] = {}

    def named(self, sections: Sequence[str]) -> list[_Named]:
        for heading in sections:
            if heading not in self._known:
                found = self._finder.find_in(heading, self._language)
                self._known[heading] = [_Named(None, iri, sure * 0.9) for _, iri, sure in found]
        return [named for heading in reversed(sections) for named in self._known[heading]]


def _name(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]


def pending(
    candidates: Iterable[Candidate], claims: Iterable[Claim], rejected: Container[str]
) -> tuple[Candidate, ...]:
    """The candidates that still have to be judged.

    Args:
        candidates: What was found.
        claims: The reviewed claims: a sentence that one quotes, half of it or more, is no candidate any more.
        rejected: The ids of those that somebody rejected.
    """
    quoted: dict[str, list[Span]] = {}
    for claim in claims:
        for quotation in claim.quotations:
            quoted.setdefault(quotation.document, []).append(quotation.span)
    return tuple(
        candidate
        for candidate in candidates
        if candidate.id not in rejected
        and not any(quotes(span, candidate) for span in quoted.get(candidate.document, ()))
    )


def quotes(span: Span, candidate: Candidate) -> bool:
    """Whether a quotation of a candidate's document quotes at least half of its sentence."""
    return 2 * candidate.span.overlap(span) >= candidate.span.end - candidate.span.start


_UNIT_IRIS: Mapping[str, str] = {text: name for name, text in UNITS.items()}


def unit_iri(unit: str, names: Names) -> URIRef:
    """The unit as the graph names it; two of the four are ours."""
    name = _UNIT_IRIS[unit]
    return URIRef(names.ontology[name] if name in ("PercentagePoint", "StandardDeviation") else QUDT_UNIT[name])


def describe_candidates(candidates: Iterable[Candidate], names: Names) -> Graph:
    """The graph of candidates: in terms of its own, none of which a claim has."""
    graph, ontology = Graph(), names.ontology
    for candidate in candidates:
        iri = URIRef(f"{names.graph('candidates')}#{candidate.id}")
        graph.add((iri, RDF.type, ontology.CandidateClaim))
        graph.add((iri, ontology.candidateSentence, Literal(candidate.text, lang=candidate.language)))
        graph.add((iri, ontology.candidateFrom, URIRef(names.passage(candidate.passage))))
        graph.add((iri, OA.start, Literal(candidate.span.start, datatype=XSD.nonNegativeInteger)))
        graph.add((iri, OA.end, Literal(candidate.span.end, datatype=XSD.nonNegativeInteger)))
        graph.add((iri, ontology.candidateOutcome, URIRef(candidate.outcome)))
        graph.add((iri, ontology.candidateConfidence, _decimal(candidate.confidence)))
        graph.add((iri, ontology.candidateOfSummary, Literal(candidate.summary)))
        if candidate.intervention:
            graph.add((iri, ontology.candidateIntervention, URIRef(candidate.intervention)))
        if candidate.direction:
            graph.add((iri, ontology.candidateDirection, URIRef(names.concept(candidate.direction))))
        for text, term in (
            (candidate.comparator, "candidateComparator"),
            (", ".join(candidate.hedges), "candidateHedge"),
        ):
            if text:
                graph.add((iri, ontology[term], Literal(text, lang=candidate.language)))
        for number, figure in enumerate(candidate.figures, 1):
            node = URIRef(f"{iri}-figure-{number}")
            graph.add((iri, ontology.candidateFigure, node))
            graph.add((node, RDF.type, ontology.CandidateFigure))
            graph.add((node, ontology.candidateUnit, unit_iri(figure.unit, names)))
            for term, value in (("Value", figure.number), ("Low", figure.low), ("High", figure.high)):
                if value is not None:
                    graph.add((node, ontology[f"candidate{term}"], _decimal(value)))
    return graph


def _decimal(value: float) -> Literal:
    return Literal(str(float(value)), datatype=XSD.decimal)
