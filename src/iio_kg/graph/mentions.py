"""What passages mention: concepts, outcomes, organisations and persons, by their names, each with its place.

How names are found in a text is in `iio_kg.graph.labels`. Here it is settled which of them count: shortened names only
where the passage or a heading above it also names a programme, an innovation concept, a variant or an outcome in full.
Directions of effects, which texts express by verbs, and titles of documents are not sought. `docs/linking.md` has the
figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rdflib import RDF, XSD, Graph, Literal, URIRef

from iio_kg.corpus.document import Span
from iio_kg.graph.labels import LANGUAGES, LabelTable, list_labels
from iio_kg.graph.namespaces import OA, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iio_kg.corpus.document import Document, Passage
    from iio_kg.graph.labels import How, Kind, Match
    from iio_kg.graph.namespaces import Names
    from iio_kg.graph.vocabulary import Entity

#: How likely a match of each kind is right: its precision on the dev part of the sample, as (right + 1) / (all + 2) so
#: that a few cases do not pass for certainty; see `iio_kg.evaluate.mentions.fit_confidence`, which a test holds it to.
CONFIDENCE: dict[tuple[Kind, How], float] = {
    ("name", "exact"): 0.99,
    ("name", "inflected"): 0.80,
    ("name", "part"): 0.94,
    ("short", "exact"): 0.89,
    ("short", "inflected"): 0.50,
    ("hidden", "exact"): 0.62,
    ("hidden", "inflected"): 0.67,
    ("hidden", "part"): 0.67,
}

#: Things of these schemes make a passage one about the programme, in which shortened names can be trusted.
_CONTEXT = frozenset({"programmes", "innovation-concepts", "variants", "outcomes"})
_UNSOUGHT = frozenset({"directions"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a passage that names something.

    Attributes:
        passage: The key of the passage.
        span: The words, in the canonical text of the document.
        iri: What they name.
        confidence: How likely they do name it, from 0 to 1.
    """

    passage: str
    span: Span
    iri: str
    confidence: float


class MentionFinder:
    """Finds entities in running text.

    Args:
        entities: What can be found.
    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        sought = [e for e in entities if e.kind != "document" and e.scheme not in _UNSOUGHT]
        self._schemes = {entity.iri: entity.scheme for entity in sought}
        labels = tuple(list_labels(sought))
        self._tables = {language: LabelTable(language, labels) for language in LANGUAGES}

    def find_in(self, text: str, language: str, headings: Iterable[str] = ()) -> tuple[tuple[Span, str, float], ...]:
        """What a text mentions, from its beginning to its end: where, what, and how sure.

        Args:
            text: The text.
            language: ``nl`` or ``en``; in any other language nothing is found.
            headings: Those above the text, which settle what its shortened names mean.
        """
        return tuple(
            (match.span, match.iri, CONFIDENCE[match.kind, match.how]) for match in self.match(text, language, headings)
        )

    def match(self, text: str, language: str, headings: Iterable[str] = ()) -> tuple[Match, ...]:
        """All matches in a text with their kinds; see `find_in`."""
        if language not in self._tables:
            return ()
        matches = sorted(self._tables[language].search(text))
        if any(match.kind == "short" for match in matches) and not (
            self._settles(matches) or any(self._settles(self._tables[language].search(heading)) for heading in headings)
        ):
            matches = [match for match in matches if match.kind != "short"]
        return tuple(_without_overlap(matches))

    def _settles(self, matches: Iterable[Match]) -> bool:
        """Whether shortened names can be trusted beside these."""
        return any(match.kind == "name" and self._schemes[match.iri] in _CONTEXT for match in matches)

    def find(self, document: Document, passages: Sequence[Passage]) -> tuple[Mention, ...]:
        """What the passages of a document mention."""
        return tuple(
            Mention(passage.key, Span(span.start + passage.span.start, span.end + passage.span.start), iri, confidence)
            for passage in passages
            for span, iri, confidence in self.find_in(passage.text, document.metadata.language, passage.sections)
        )


def _without_overlap(matches: Sequence[Match]) -> Iterator[Match]:
    """Of overlapping matches of one thing the first and, of those that begin together, the longest."""
    ends: dict[str, int] = {}
    for match in sorted(matches, key=lambda m: (m.span.start, -m.span.end, m.iri)):
        if match.span.start >= ends.get(match.iri, 0):
            ends[match.iri] = match.span.end
            yield match


def describe_mentions(mentions: Iterable[Mention], names: Names) -> Graph:
    """The graph of mentions: that a passage mentions a thing, and an annotation that says where, and how sure that is.

    Of several places in a passage that name the same thing the surest is described, of equals the first: 13 triples for
    each thing that a passage mentions. The annotations follow the Web Annotation Data Model (W3C, 2017): the thing is
    the body, motivated by linking, and the target is the place in the document.
    """
    graph = Graph()
    surest: dict[tuple[str, str], Mention] = {}
    for mention in sorted(mentions, key=lambda m: (-m.confidence, m.span)):
        surest.setdefault((mention.passage, mention.iri), mention)
    for mention in surest.values():
        passage, thing = URIRef(names.passage(mention.passage)), URIRef(mention.iri)
        kind, name = mention.iri.removeprefix(names.base).split("/", 1)
        annotation = URIRef(f"{passage}-{kind}-{name}")
        target, position = URIRef(f"{annotation}-target"), URIRef(f"{annotation}-position")
        graph.add((passage, SCHEMA.mentions, thing))
        graph.add((annotation, RDF.type, OA.Annotation))
        graph.add((annotation, OA.motivatedBy, OA.linking))
        graph.add((annotation, OA.hasBody, thing))
        graph.add((annotation, OA.hasTarget, target))
        graph.add((annotation, names.ontology.confidence, Literal(Decimal(str(mention.confidence)))))
        graph.add((target, RDF.type, OA.SpecificResource))
        graph.add((target, OA.hasSource, URIRef(names.document(mention.passage.rsplit("#", 1)[0]))))
        graph.add((target, OA.hasScope, passage))
        graph.add((target, OA.hasSelector, position))
        graph.add((position, RDF.type, OA.TextPositionSelector))
        graph.add((position, OA.start, Literal(mention.span.start, datatype=XSD.nonNegativeInteger)))
        graph.add((position, OA.end, Literal(mention.span.end, datatype=XSD.nonNegativeInteger)))
    return graph
