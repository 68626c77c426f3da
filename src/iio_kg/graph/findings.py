"""Writing effect claims out in the terms of others: SOSA observations, PICO frames, QUDT quantities.

A maintainer writes a claim in a few flat lines; whoever knows SOSA (W3C and OGC, 2017), the Cochrane PICO ontology or
QUDT finds the same claim in those terms, in nodes named after it (``…#finding``, ``#frame``, ``#estimate``). Nothing
is added that the claim does not say: without a population there is no feature of interest, without a figure there is
no estimate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import PROV, RDF, SOSA, Graph, URIRef

from iio_kg.graph.namespaces import PICO, QUDT

if TYPE_CHECKING:
    from rdflib import Namespace
    from rdflib.term import Node

    from iio_kg.graph.namespaces import Names


def describe_findings(claims: Graph, names: Names) -> Graph:
    """The findings of the effect claims of a document.

    Args:
        claims: The triples of its claims.
        names: How identifiers are minted.
    """
    graph, ontology = Graph(), names.ontology
    for claim in claims.subjects(RDF.type, ontology.EffectClaim):
        if isinstance(claim, URIRef):
            _describe(graph, claims, claim, ontology)
    return graph


def _describe(graph: Graph, claims: Graph, claim: URIRef, ontology: Namespace) -> None:
    finding, frame, arm, measured = (URIRef(f"{claim}#{part}") for part in ("finding", "frame", "arm", "measured"))

    def said(name: str) -> list[Node]:
        return list(claims.objects(claim, ontology[name]))

    graph.add((claim, ontology.finding, finding))
    graph.add((finding, RDF.type, ontology.Finding))
    graph.add((finding, RDF.type, SOSA.Observation))
    graph.add((finding, PROV.wasDerivedFrom, claim))
    graph.add((finding, ontology.frame, frame))
    graph.add((frame, RDF.type, ontology.Frame))
    graph.add((frame, RDF.type, PICO.PICO))
    graph.add((frame, PICO.interventionGroup, arm))
    graph.add((arm, RDF.type, PICO.InterventionGroup))
    graph.add((frame, PICO.outcomeGroup, measured))
    graph.add((measured, RDF.type, PICO.OutcomeGroup))
    for concept in (*said("intervention"), *said("variant")):
        graph.add((arm, PICO.intervention, concept))
    for outcome in said("outcome"):
        graph.add((finding, SOSA.observedProperty, outcome))
        graph.add((measured, PICO.outcome, outcome))
    for population in said("population"):
        graph.add((finding, SOSA.hasFeatureOfInterest, population))
        graph.add((frame, PICO.population, population))
    for comparator in said("comparator"):
        graph.add((frame, PICO.comparatorGroup, comparator))
    for direction in said("direction"):
        graph.add((finding, SOSA.hasResult, direction))
    figures = {"value": QUDT.numericValue, "low": QUDT.lowerBound, "high": QUDT.upperBound}
    estimate = URIRef(f"{claim}#estimate")
    for name, predicate in figures.items():
        for figure in said(name):
            graph.add((finding, SOSA.hasResult, estimate))
            graph.add((estimate, RDF.type, ontology.EffectEstimate))
            graph.add((estimate, RDF.type, QUDT.QuantityValue))
            graph.add((estimate, predicate, figure))
            for unit in said("unit"):
                graph.add((estimate, QUDT.hasUnit, unit))
