"""Putting the graph together: vocabulary, concepts, and per document its passages, claims and their evidence.

Evidence follows the Web Annotation Data Model (W3C, 2017): a claim is the body of an `oa:Annotation` whose target is
the document, narrowed to a page (`oa:FragmentSelector`, RFC 8118), and there to a position and to the words
themselves. Positions count Unicode code points of the canonical text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import DCAT, DCTERMS, PROV, RDF, RDFS, SKOS, SOSA, VOID, XSD, Graph, Literal, URIRef

from iio_kg.graph.namespaces import BIBO, FABIO, OA, PICO, QUDT, QUDT_UNIT, SCHEMA, VCARD, Names
from iio_kg.graph.turtle import parse_turtle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from iio_kg.corpus.bibliography import Work
    from iio_kg.corpus.document import Document, Metadata, Page, Passage, Span
    from iio_kg.graph.claims import Claim, Quotation

#: Files of the vocabulary and the named graph each becomes.
VOCABULARY = {"iio.ttl": "ontology", "concepts.ttl": "concepts"}
SHAPES = "shapes.ttl"
#: The named graph of the bibliography, and what each kind of work is in it.
BIBLIOGRAPHY = "bibliography"
#: The named graphs of the dataset's own description, of what passages mention, and of claims to be reviewed.
DATASET, MENTIONS, CANDIDATES = "dataset", "mentions", "candidates"
#: Names that no document can have, for each document has a graph of its name.
RESERVED = frozenset({*VOCABULARY.values(), BIBLIOGRAPHY, DATASET, MENTIONS, CANDIDATES})
_WORKS = {
    "report": FABIO.ReportDocument,
    "report-summary": FABIO.ReportDocument,
    "web-page": FABIO.WebPage,
    "article": FABIO.Article,
}
#: How many characters around a quotation a text quote selector records.
_CONTEXT = 32
_PDF_FRAGMENT = URIRef("http://tools.ietf.org/rfc/rfc8118")

GraphsByName = dict[str, Graph]


def read_vocabulary(folder: Path, names: Names) -> GraphsByName:
    """Read the ontology and the concepts.

    Raises:
        GraphError: A file is missing or breaks the syntax.
    """
    return {graph: parse_turtle(folder / file, names.base)[0] for file, graph in VOCABULARY.items()}


def describe_document(document: Document, names: Names) -> Graph:
    """What the graph says of a document as a whole."""
    iri = URIRef(names.document(document.id))
    metadata = document.metadata
    graph = _describe_publication(metadata, names)
    graph.add((iri, names.ontology.pageCount, Literal(len(document.pages))))
    if metadata.licence:
        graph.add((iri, DCTERMS.rights, Literal(metadata.licence)))
    if metadata.source:
        graph.add((iri, PROV.hadPrimarySource, URIRef(names.document(metadata.source))))
    return graph


def describe_passages(passages: Iterable[Passage], document: Document, names: Names) -> Graph:
    """What the graph says of passages of a document."""
    ontology, language = names.ontology, document.metadata.language
    iri = URIRef(names.document(document.id))
    graph = Graph()
    for passage in passages:
        node = URIRef(names.passage(passage.key))
        graph.add((node, RDF.type, ontology.Passage))
        graph.add((node, DCTERMS.isPartOf, iri))
        graph.add((node, RDF.value, Literal(passage.text, lang=language)))
        graph.add((node, ontology.page, Literal(passage.page)))
        graph.add((node, OA.start, Literal(passage.span.start, datatype=XSD.nonNegativeInteger)))
        graph.add((node, OA.end, Literal(passage.span.end, datatype=XSD.nonNegativeInteger)))
        if passage.sections:
            graph.add((node, ontology.section, Literal(passage.section, lang=language)))
    return graph


def describe_works(works: Iterable[Work], names: Names) -> Graph:
    """What the graph says of the works of the bibliography."""
    graph = Graph()
    for work in works:
        iri = URIRef(names.document(work.id))
        graph += _describe_publication(work, names)
        graph.add((iri, RDF.type, _WORKS[work.kind]))
        for predicate, value in (
            (BIBO.number, work.number),
            (BIBO.isbn, work.isbn),
            (names.ontology.commissionedBy, work.commissioner),
        ):
            if value:
                graph.add((iri, predicate, Literal(value)))
    return graph


def _describe_publication(publication: Metadata | Work, names: Names) -> Graph:
    """What is known of anything that was published, whether its text is here or not."""
    graph = Graph()
    iri = URIRef(names.document(publication.id))
    graph.add((iri, RDF.type, names.ontology.Document))
    graph.add((iri, DCTERMS.title, Literal(publication.title, lang=publication.language)))
    graph.add((iri, DCTERMS.identifier, Literal(publication.id)))
    graph.add((iri, DCTERMS.language, Literal(publication.language)))
    graph.add((iri, names.ontology.documentKind, Literal(publication.kind)))
    for author in publication.authors:
        graph.add((iri, DCTERMS.creator, Literal(author)))
    if publication.publisher:
        graph.add((iri, DCTERMS.publisher, Literal(publication.publisher)))
    if publication.date:
        graph.add((iri, DCTERMS.date, Literal(publication.date, datatype=_date_type(publication.date))))
    if publication.url:
        graph.add((iri, SCHEMA.url, URIRef(publication.url)))
    return graph


def describe_evidence(claims: Iterable[Claim], stated: Graph, document: Document, names: Names) -> Graph:
    """The annotations that tie claims to the words they rest on, and who recorded each claim and when.

    The latter is said at the claim itself, or else for all claims of the document at once, in the head of its claims
    file (`stated`).
    """
    graph = Graph()
    head = URIRef(names.graph(document.id))
    for claim in claims:
        body = URIRef(claim.iri)
        graph.add((body, PROV.wasDerivedFrom, URIRef(names.document(document.id))))
        for predicate in (PROV.wasAttributedTo, PROV.generatedAtTime):
            if (body, predicate, None) not in stated:
                for value in stated.objects(head, predicate):
                    graph.add((body, predicate, value))
        for number, quotation in enumerate(claim.quotations, 1):
            graph.add((body, PROV.wasQuotedFrom, URIRef(names.passage(quotation.passage))))
            _annotate(graph, body, number, quotation, document, names)
    return graph


def _annotate(graph: Graph, body: URIRef, number: int, quotation: Quotation, document: Document, names: Names) -> None:
    annotation = URIRef(f"{body}#evidence-{number}")
    graph.add((annotation, RDF.type, OA.Annotation))
    graph.add((annotation, OA.motivatedBy, OA.identifying))
    graph.add((annotation, OA.hasBody, body))
    # Words that run on to the next page are two targets, each on its own page.
    for place, (page, span) in enumerate(document.parts_by_page(quotation.span), 1):
        _add_target(graph, annotation, f"-{place}" if place > 1 else "", page, span, document, names)


def _add_target(
    graph: Graph, annotation: URIRef, suffix: str, on: Page, span: Span, document: Document, names: Names
) -> None:
    target, page, position, quote = (
        URIRef(f"{annotation}-{part}{suffix}") for part in ("target", "page", "position", "quote")
    )
    start, end = span
    graph.add((annotation, OA.hasTarget, target))
    graph.add((target, RDF.type, OA.SpecificResource))
    graph.add((target, OA.hasSource, URIRef(names.document(document.id))))
    graph.add((target, OA.hasSelector, page))
    graph.add((page, RDF.type, OA.FragmentSelector))
    graph.add((page, RDF.value, Literal(f"page={on.number}")))
    graph.add((page, DCTERMS.conformsTo, _PDF_FRAGMENT))
    graph.add((page, OA.refinedBy, position))
    graph.add((page, OA.refinedBy, quote))
    graph.add((position, RDF.type, OA.TextPositionSelector))
    graph.add((position, OA.start, Literal(start, datatype=XSD.nonNegativeInteger)))
    graph.add((position, OA.end, Literal(end, datatype=XSD.nonNegativeInteger)))
    graph.add((quote, RDF.type, OA.TextQuoteSelector))
    graph.add((quote, OA.exact, Literal(document.text[start:end])))
    graph.add((quote, OA.prefix, Literal(document.text[max(0, start - _CONTEXT) : start])))
    graph.add((quote, OA.suffix, Literal(document.text[end : end + _CONTEXT])))


def _date_type(date: str) -> URIRef:
    return {4: XSD.gYear, 7: XSD.gYearMonth}.get(len(date), XSD.date)


def union(graphs: Iterable[Graph]) -> Graph:
    """All triples of several graphs in one."""
    whole = Graph()
    for graph in graphs:
        for triple in graph:
            whole.add(triple)
    return whole


def prefixes(names: Names) -> dict[str, str]:
    """The prefixes that queries may use without declaring them, and that pages shorten names with."""
    return {
        "iio": str(names.ontology),
        "concept": names.concept(""),
        "agent": f"{names.base}agent/",
        "claim": f"{names.base}claim/",
        "document": names.document(""),
        "bibo": str(BIBO),
        "fabio": str(FABIO),
        "cito": "http://purl.org/spar/cito/",
        "dataset": names.dataset(""),
        "dcat": str(DCAT),
        "dcterms": str(DCTERMS),
        "foaf": "http://xmlns.com/foaf/0.1/",
        "oa": str(OA),
        "org": "http://www.w3.org/ns/org#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "pico": str(PICO),
        "prov": str(PROV),
        "qudt": str(QUDT),
        "rdf": str(RDF),
        "rdfs": str(RDFS),
        "schema": str(SCHEMA),
        "scheme": names.concept("scheme/"),
        "skos": str(SKOS),
        "sosa": str(SOSA),
        "unit": str(QUDT_UNIT),
        "vcard": str(VCARD),
        "void": str(VOID),
        "xsd": str(XSD),
    }
