"""The things that questions can be about: concepts, agents, documents, by their labels in both languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rdflib import DCTERMS, FOAF, ORG, PROV, RDF, RDFS, SKOS, Graph, Literal, URIRef

from iio_kg.graph.namespaces import VCARD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iio_kg.graph.namespaces import Names


@dataclass(frozen=True, slots=True)
class Entity:
    """Something with an identifier and names.

    Attributes:
        iri: Its identifier.
        kind: The first part of its path: ``concept``, ``agent``, ``document``.
        labels: Its preferred name by language; ``""`` for names without one (of persons).
        synonyms: Its other names, hidden ones included, by language.
        scheme: The last part of the concept scheme's name, or "".
        hidden: Those of its other names that people type and texts seldom write, by language.
        broader: Identifiers of the concepts it is a kind of.
    """

    iri: str
    kind: str
    labels: dict[str, str]
    synonyms: dict[str, tuple[str, ...]]
    scheme: str = ""
    hidden: dict[str, tuple[str, ...]] = field(default_factory=dict)
    broader: tuple[str, ...] = ()

    def names(self, language: str) -> set[str]:
        """All its names in a language, its name in no language among them."""
        spoken = {self.labels.get(language, ""), self.labels.get("", "")}
        return (spoken | set(self.synonyms.get(language, ()))) - {""}

    def label(self, language: str) -> str:
        """Its name in a language, or in whatever language it has one."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.iri.rsplit("/", 1)[-1])


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone to ask: printed details only, as the material gives them."""

    iri: str
    name: str
    role: dict[str, str]
    organisation: str | None
    email: str | None
    telephone: str | None


def read_entities(graph: Graph, names: Names) -> tuple[Entity, ...]:
    """All concepts, agents and documents of a graph, by identifier."""
    subjects = {
        subject
        for kind in (SKOS.Concept, ORG.Organization, FOAF.Organization, FOAF.Person, names.ontology.Document)
        for subject in graph.subjects(RDF.type, kind)
        if isinstance(subject, URIRef) and subject.startswith(names.base)
    }
    # Who recorded claims is not what the material is about.
    subjects -= {node for node in graph.objects(None, PROV.wasAttributedTo) if isinstance(node, URIRef)}
    return tuple(_entity(graph, subject, names) for subject in sorted(subjects))


def _entity(graph: Graph, subject: URIRef, names: Names) -> Entity:
    labels = _literals(graph, subject, (SKOS.prefLabel, FOAF.name, RDFS.label, DCTERMS.title))
    others = _literals(graph, subject, (SKOS.altLabel, SKOS.hiddenLabel, FOAF.name, RDFS.label))
    schemes = sorted(str(s) for s in graph.objects(subject, SKOS.inScheme))
    return Entity(
        iri=str(subject),
        kind=subject.removeprefix(names.base).split("/", 1)[0],
        labels={language: values[0] for language, values in labels.items()},
        synonyms={language: tuple(values) for language, values in others.items()},
        scheme=schemes[0].rsplit("/", 1)[-1] if schemes else "",
        hidden={language: tuple(values) for language, values in _literals(graph, subject, (SKOS.hiddenLabel,)).items()},
        broader=tuple(
            sorted({str(n) for n in (*graph.objects(subject, SKOS.broader), *graph.subjects(SKOS.narrower, subject))})
        ),
    )


def _literals(graph: Graph, subject: URIRef, predicates: Iterable[URIRef]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for predicate in predicates:
        for value in sorted(v for v in graph.objects(subject, predicate) if isinstance(v, Literal)):
            found.setdefault(value.language or "", []).append(str(value))
    return found


def read_contacts(graph: Graph, names: Names) -> tuple[Contact, ...]:
    """The persons that a graph gives an e-mail address or telephone number for."""
    contacts: list[Contact] = []
    for person in sorted(p for p in graph.subjects(RDF.type, FOAF.Person) if isinstance(p, URIRef)):
        email = graph.value(person, VCARD.hasEmail)
        telephone = graph.value(person, names.ontology.telephone) or graph.value(person, VCARD.hasTelephone)
        if email is None and telephone is None:
            continue
        role = graph.value(person, names.ontology.role)
        organisation = graph.value(person, ORG.memberOf)
        contacts.append(
            Contact(
                iri=str(person),
                name=str(graph.value(person, FOAF.name) or graph.value(person, RDFS.label) or ""),
                role={k: v[0] for k, v in _literals(graph, role, (SKOS.prefLabel,)).items()}
                if isinstance(role, URIRef)
                else {},
                organisation=str(graph.value(organisation, SKOS.prefLabel)) if organisation else None,
                email=str(email).removeprefix("mailto:") if email else None,
                telephone=str(telephone).removeprefix("tel:") if telephone else None,
            )
        )
    return tuple(contacts)
