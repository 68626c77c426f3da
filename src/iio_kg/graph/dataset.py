"""The dataset about itself: DCAT 3 after the Dutch profile DCAT-AP-NL 3.0, and VoID (W3C, 2011) for those who query it.

Everything is counted from the graphs, so that the description cannot fall behind; nothing in it depends on when or
where it was built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, VOID, XSD, Graph, Literal, URIRef

from iio_kg import __version__
from iio_kg.graph.namespaces import VCARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iio_kg.graph.namespaces import Names
    from iio_kg.graph.triples import Lines

#: Of DCAT 3; the library knows DCAT 2.
_VERSION = URIRef(f"{DCAT}version")
_RECORDED, _TYPE = PROV.generatedAtTime.n3(), RDF.type.n3()
_LICENCE = URIRef("http://creativecommons.org/licenses/by/4.0/")
_PUBLIC = URIRef("http://publications.europa.eu/resource/authority/access-right/PUBLIC")
_THEME = URIRef("http://publications.europa.eu/resource/authority/data-theme/EDUC")
_LANGUAGES = (
    URIRef("http://publications.europa.eu/resource/authority/language/NLD"),
    URIRef("http://publications.europa.eu/resource/authority/language/ENG"),
)
_FILE_TYPE = URIRef("http://publications.europa.eu/resource/authority/file-type/RDF_N_QUADS")
_MEDIA_TYPE = URIRef("http://www.iana.org/assignments/media-types/application/n-quads")
_TITLE = {
    "nl": "Kennisgraaf van de InnovatieImpuls Onderwijs",
    "en": "Knowledge graph of the InnovatieImpuls Onderwijs",
}
_DESCRIPTION = {
    "nl": "Beweringen over de InnovatieImpuls Onderwijs (2011-2015), elk met de woorden waarop zij rust en hun pagina.",
    "en": "Claims about the InnovatieImpuls Onderwijs (2011-2015), each with the words it rests on and their page.",
}
_CATALOGUE_TITLE = {"nl": "Gegevens van iio-kg", "en": "Data of iio-kg"}
_SERVICE_TITLE = {"nl": "SPARQL-toegang", "en": "SPARQL endpoint"}
_SERVICE_DESCRIPTION = {"nl": "Bevragen van de kennisgraaf met SPARQL 1.1, alleen lezen.",
                        "en": "Querying the knowledge graph with SPARQL 1.1, read only."}  # fmt: skip


def describe_dataset(graphs: Mapping[str, Lines], names: Names) -> Graph:
    """The catalogue, the dataset, its forms, its service and its statistics.

    Args:
        graphs: The named graphs that make up the dataset, as lines of N-Triples.
        names: How identifiers are minted.
    """
    graph = Graph()
    catalogue, dataset, service, contact = (
        URIRef(names.dataset(name)) for name in ("catalogue", "iio-kg", "sparql", "contact")
    )
    agent = URIRef(f"{names.base}agent/iio-kg")
    said = (statement for lines in graphs.values() for statement in _split(lines))
    recorded = sorted(value.split('"')[1] for _, predicate, value in said if predicate == _RECORDED)

    def texts(subject: URIRef, predicate: URIRef, values: dict[str, str]) -> None:
        for language, text in values.items():
            graph.add((subject, predicate, Literal(text, lang=language)))

    for subject, kind in ((catalogue, DCAT.Catalog), (dataset, DCAT.Dataset), (service, DCAT.DataService)):
        graph.add((subject, RDF.type, kind))
        graph.add((subject, DCTERMS.publisher, agent))
        graph.add((subject, DCTERMS.creator, agent))
        graph.add((subject, DCTERMS.license, _LICENCE))
        graph.add((subject, DCTERMS.identifier, Literal(str(subject), datatype=XSD.anyURI)))
        graph.add((subject, DCAT.contactPoint, contact))
        for language in _LANGUAGES:
            graph.add((subject, DCTERMS.language, language))
        graph.add((subject, DCTERMS.accessRights, _PUBLIC))
        graph.add((subject, DCAT.theme, _THEME))
    for page in ("about", "sparql"):
        graph.add((URIRef(names.base + page), RDF.type, FOAF.Document))
    graph.add((agent, RDF.type, FOAF.Agent))
    graph.add((agent, FOAF.name, Literal("iio-kg")))
    graph.add((contact, RDF.type, VCARD.Kind))
    graph.add((contact, VCARD.fn, Literal("iio-kg")))
    graph.add((contact, VCARD.hasURL, URIRef(f"{names.base}about")))

    texts(catalogue, DCTERMS.title, _CATALOGUE_TITLE)
    texts(catalogue, DCTERMS.description, _DESCRIPTION)
    graph.add((catalogue, DCAT.dataset, dataset))
    graph.add((catalogue, DCAT.service, service))

    texts(service, DCTERMS.title, _SERVICE_TITLE)
    texts(service, DCTERMS.description, _SERVICE_DESCRIPTION)
    graph.add((service, DCAT.endpointURL, URIRef(f"{names.base}sparql")))
    graph.add((service, DCAT.endpointDescription, URIRef(f"{names.base}sparql")))
    graph.add((service, FOAF.page, URIRef(f"{names.base}about")))
    graph.add((service, DCAT.servesDataset, dataset))

    texts(dataset, DCTERMS.title, _TITLE)
    texts(dataset, DCTERMS.description, _DESCRIPTION)
    graph.add((dataset, RDF.type, VOID.Dataset))
    graph.add((dataset, _VERSION, Literal(__version__)))
    if recorded:
        graph.add((dataset, DCTERMS.modified, Literal(recorded[-1], datatype=XSD.dateTime)))
    form = URIRef(names.dataset("iio-kg.nq"))
    graph.add((dataset, DCAT.distribution, form))
    graph.add((dataset, VOID.dataDump, form))
    graph.add((form, RDF.type, DCAT.Distribution))
    texts(form, DCTERMS.title, {"nl": "N-Quads", "en": "N-Quads"})
    graph.add((form, DCTERMS.license, _LICENCE))
    graph.add((form, DCAT.accessURL, dataset))
    graph.add((form, DCAT.downloadURL, form))
    graph.add((form, DCAT.mediaType, _MEDIA_TYPE))
    graph.add((form, DCTERMS["format"], _FILE_TYPE))
    _describe_statistics(graph, dataset, graphs, names)
    return graph


def _split(lines: Iterable[str]) -> Iterator[list[str]]:
    """Subject, predicate and object of each line, in the notation of N-Triples."""
    return (line[:-2].split(" ", 2) for line in lines)


def _describe_statistics(graph: Graph, dataset: URIRef, graphs: Mapping[str, Lines], names: Names) -> None:
    """How much there is of what: triples, entities, and per class which properties its members have."""
    triples: set[str] = set().union(*graphs.values())
    types: dict[str, list[str]] = {}
    members: dict[str, int] = {}
    for subject, predicate, value in _split(triples):
        if predicate == _TYPE and value.startswith("<"):
            types.setdefault(subject, []).append(value)
            members[value] = members.get(value, 0) + 1
    used: dict[tuple[str, str], int] = {}
    per_property: dict[str, int] = {}
    subjects: set[str] = set()
    for subject, predicate, _ in _split(triples):
        subjects.add(subject)
        per_property[predicate] = per_property.get(predicate, 0) + 1
        for kind in types.get(subject, ()):
            used[kind, predicate] = used.get((kind, predicate), 0) + 1

    def count(subject: URIRef, predicate: URIRef, number: int) -> None:
        graph.add((subject, predicate, Literal(number)))

    graph.add((dataset, VOID.uriSpace, Literal(names.base)))
    graph.add((dataset, VOID.sparqlEndpoint, URIRef(f"{names.base}sparql")))
    graph.add((dataset, VOID.exampleResource, URIRef(names.concept("slimfit"))))
    graph.add((dataset, VOID.vocabulary, URIRef(str(names.ontology)[:-1])))
    count(dataset, VOID.triples, len(triples))
    count(dataset, VOID.distinctSubjects, len(subjects))
    count(dataset, VOID.properties, len(per_property))
    count(dataset, VOID.classes, len(members))
    for predicate, number in per_property.items():
        part = URIRef(f"{dataset}#property-{_short(predicate)}")
        graph.add((dataset, VOID.propertyPartition, part))
        graph.add((part, VOID.property, URIRef(predicate[1:-1])))
        count(part, VOID.triples, number)
    for kind, number in members.items():
        part = URIRef(f"{dataset}#class-{_short(kind)}")
        graph.add((dataset, VOID.classPartition, part))
        graph.add((part, VOID["class"], URIRef(kind[1:-1])))
        count(part, VOID.entities, number)
    for (kind, predicate), number in used.items():
        part = URIRef(f"{dataset}#class-{_short(kind)}")
        inner = URIRef(f"{part}-property-{_short(predicate)}")
        graph.add((part, VOID.propertyPartition, inner))
        graph.add((inner, VOID.property, URIRef(predicate[1:-1])))
        count(inner, VOID.triples, number)
    for name, lines in graphs.items():
        subset = URIRef(names.graph(name))
        graph.add((dataset, VOID.subset, subset))
        graph.add((subset, RDF.type, VOID.Dataset))
        count(subset, VOID.triples, len(lines))


def _short(iri: str) -> str:
    """A name for the partition of a term: its vocabulary's last part and its own, as `core-prefLabel`."""
    parts = iri.strip("<>").replace("#", "/").rstrip("/").split("/")
    return f"{parts[-2]}-{parts[-1]}"
