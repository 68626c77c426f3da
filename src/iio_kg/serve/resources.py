"""Every identifier answers: as a page to people, as RDF to programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, redirect, render_template, request

from iio_kg.errors import NotFound
from iio_kg.graph.store import GRAPH
from iio_kg.graph.worker import Request as QueryRequest
from iio_kg.serve.http import allow_everywhere, choose, prefers_html
from iio_kg.serve.pages import page_language
from iio_kg.serve.site import current_site

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("resources", __name__)

_DESCRIBE = "CONSTRUCT {{ <{iri}> ?p ?o . ?s ?q <{iri}> }} WHERE {{ {{ <{iri}> ?p ?o }} UNION {{ ?s ?q <{iri}> }} }}"
_PROPERTIES = """\
SELECT ?way ?p ?node
  (GROUP_CONCAT(?pl; separator="\\u001f") AS ?plabels) (GROUP_CONCAT(?nl; separator="\\u001f") AS ?nlabels)
WHERE {{
  {{ <{iri}> ?p ?node BIND("out" AS ?way) }} UNION
  {{ ?node ?p <{iri}> BIND("in" AS ?way) FILTER NOT EXISTS {{ ?node oa:motivatedBy oa:linking }} }}
  OPTIONAL {{ ?p rdfs:label ?pname FILTER(LANG(?pname) = "{language}") BIND(STR(?pname) AS ?pl) }}
  OPTIONAL {{
    ?node skos:prefLabel|rdfs:label|foaf:name|dcterms:title ?nname
    FILTER(ISIRI(?node) && (LANG(?nname) = "{language}" || LANG(?nname) = "")) BIND(STR(?nname) AS ?nl)
  }}
}} GROUP BY ?way ?p ?node ORDER BY ?way ?p ?node
"""
_TERMS = """\
SELECT ?term ?kind ?label ?definition
  (GROUP_CONCAT(DISTINCT STR(?up); separator=" ") AS ?above) (SAMPLE(?from) AS ?domain) (SAMPLE(?to) AS ?range)
  (GROUP_CONCAT(DISTINCT ?sample; separator="\\u001f") AS ?examples)
WHERE {{
  ?term rdfs:isDefinedBy <{iri}> ; a ?kind ; rdfs:label ?label ; skos:definition ?definition .
  VALUES ?kind {{ owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty }}
  FILTER (LANG(?label) = "{language}" && LANG(?definition) = "{language}")
  OPTIONAL {{ ?term rdfs:subClassOf|rdfs:subPropertyOf ?up FILTER (ISIRI(?up)) }}
  OPTIONAL {{ ?term rdfs:domain ?from FILTER (ISIRI(?from)) }}
  OPTIONAL {{ ?term rdfs:range ?to FILTER (ISIRI(?to)) }}
  OPTIONAL {{ ?term skos:example ?sample }}
}} GROUP BY ?term ?kind ?label ?definition ORDER BY ?term
"""
_SCHEMES = """\
SELECT ?scheme ?title (COUNT(?concept) AS ?size) WHERE {{
  ?scheme a skos:ConceptScheme ; dcterms:title ?title FILTER (LANG(?title) = "{language}")
  ?concept skos:inScheme ?scheme
}} GROUP BY ?scheme ?title ORDER BY ?title
"""
_KINDS = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
_LABELS = ("prefLabel", "label", "name", "title", "statement")
_DEFINITIONS = ("definition", "comment", "statement")
_INVALID = set('<>"{}|^`\\')


@blueprint.get("/<any(concept, claim, agent, document, graph, dataset):kind>/<path:name>")
def resource(kind: str, name: str) -> BaseResponse | str:
    """Describe a thing; ``.ttl``, ``.jsonld``, ``.nt`` and ``.rdf`` at the end of its address name a form."""
    base = current_site().open_engine.snapshot.manifest.base_uri
    stem, _, ending = name.rpartition(".")
    if ending in GRAPH and stem:
        return _as_rdf(f"{base}{kind}/{stem}", ending)
    if prefers_html(request) and "format" not in request.args:
        if kind == "document" and _is_held(name):
            return redirect(f"/documents/{name}", code=303)
        return _as_page(f"{base}{kind}/{name}", kind)
    return _as_rdf(f"{base}{kind}/{name}", None)


@blueprint.get("/dataset/iio-kg.nq")
def dump() -> Response:
    """The whole dataset as N-Quads."""
    response = Response(current_site().open_engine.snapshot.content.nquads, content_type="application/n-quads")
    return allow_everywhere(response)


@blueprint.get("/.well-known/void")
def void() -> BaseResponse:
    """Where the dataset describes itself (RFC 8615; VoID, section 7.2)."""
    return redirect("/dataset/iio-kg", code=303)


@blueprint.get("/ontology")
def ontology() -> BaseResponse | str:
    """The vocabulary as a whole; its terms have hash identifiers."""
    base = current_site().open_engine.snapshot.manifest.base_uri
    iri = f"{base}ontology"
    if prefers_html(request) and "format" not in request.args:
        return _ontology_page(iri, base)
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{base}graph/ontology> {{ ?s ?p ?o }} }}"
    return _run_graph(query, None, iri)


def _ontology_page(iri: str, base: str) -> str:
    """All terms with their anchors, and the schemes of concepts."""
    language = page_language()
    terms = [
        {
            "name": _local(row["term"]),
            "iri": row["term"],
            "kind": _local(row["kind"]),
            "label": row["label"],
            "definition": row["definition"],
            "above": [_reference(other, base) for other in row.get("above", "").split()],
            "domain": _reference(row["domain"], base) if "domain" in row else None,
            "range": _reference(row["range"], base) if "range" in row else None,
            "examples": [e for e in row.get("examples", "").split("\x1f") if e],
        }
        for row in _rows(_TERMS.format(iri=iri, language=language))
    ]
    (about,) = _rows(
        f"SELECT ?title ?description ?version {{ <{iri}> dcterms:title ?title ; dcterms:description ?description ; "
        f'owl:versionInfo ?version FILTER (LANG(?title) = "{language}" && LANG(?description) = "{language}") }}'
    )
    return render_template(
        "ontology.html",
        ontology={"iri": iri, **about},
        sections=[
            {"kind": kind, "terms": [term for term in terms if term["kind"] == kind]}
            for kind in _KINDS
            if any(term["kind"] == kind for term in terms)
        ],
        schemes=[
            {"title": row["title"], "size": int(row["size"]), "url": "/" + row["scheme"].removeprefix(base)}
            for row in _rows(_SCHEMES.format(language=language))
        ],
        formats=[{"label": name, "url": f"/ontology?format={name}"} for name in GRAPH],
    )


def _rows(query: str) -> list[dict[str, str]]:
    """The rows of a query of our own, each as plain values by column."""
    return [{name: cell["value"] for name, cell in row.items()} for row in _bindings(query)]


def _bindings(query: str) -> list[dict[str, dict[str, str]]]:
    """The rows of a query of our own, as SPARQL's JSON gives them."""
    found = current_site().open_workers.run(QueryRequest(query, "json", None, [], []))
    return list(json.loads(found.body)["results"]["bindings"])


def _reference(iri: str, base: str) -> dict[str, str]:
    """A term as the page shows it: the last part of its name, and where it is explained."""
    return {"label": _local(iri), "iri": iri, "url": "/" + iri.removeprefix(base) if iri.startswith(base) else iri}


def _is_held(document: str) -> bool:
    return any(d.id == document for d in current_site().open_engine.snapshot.content.documents)


def _check(iri: str) -> None:
    if any(character in _INVALID or character <= " " for character in iri):
        raise NotFound("There is nothing at this address.")


def _as_rdf(iri: str, form: str | None) -> Response:
    _check(iri)
    return _run_graph(_DESCRIBE.format(iri=iri), form, iri)


def _run_graph(query: str, form: str | None, iri: str) -> Response:
    form = form or choose(request, {name: media_type for name, (media_type, _) in GRAPH.items()})
    found = current_site().open_workers.run(QueryRequest(query, None, form, [], []))
    if iri.encode() not in found.body and form in ("ttl", "nt", "jsonld"):
        raise NotFound(f"The graph says nothing of {iri}.")
    charset = "; charset=utf-8" if found.media_type.startswith("text/") else ""
    response = Response(found.body, content_type=found.media_type + charset)
    response.headers["Vary"] = "Accept"
    return allow_everywhere(response)


def _as_page(iri: str, kind: str) -> str:
    _check(iri)
    language = page_language()
    rows = _bindings(_PROPERTIES.format(iri=iri, language=language))
    if not rows:
        raise NotFound(f"There is nothing at this address: the graph says nothing of {iri}.")
    outgoing = _group(row for row in rows if row["way"]["value"] == "out")
    incoming = _group(row for row in rows if row["way"]["value"] == "in")
    path = request.path
    return render_template(
        "resource.html",
        resource={
            "iri": iri,
            "label": _first(outgoing, _LABELS, language) or iri.rsplit("/", 1)[-1],
            "kind": kind,
            "definition": _first(outgoing, _DEFINITIONS, language),
        },
        properties=outgoing,
        incoming=incoming,
        formats=[{"label": name, "url": f"{path}.{name}"} for name in GRAPH],
        quotations=_quotations(iri),
    )


def _group(rows: Any) -> list[dict[str, Any]]:
    grouped: dict[str, dict[str, Any]] = {}
    base = current_site().open_engine.snapshot.manifest.base_uri
    for row in rows:
        predicate = row["p"]["value"]
        label = _first_name(row, "plabels") or _local(predicate)
        entry = grouped.setdefault(predicate, {"predicate": {"iri": predicate, "label": label}, "values": []})
        node = row["node"]
        value = node["value"]
        own = node["type"] == "uri" and value.startswith(base)
        names = _first_name(row, "nlabels")
        entry["values"].append(
            {
                "type": node["type"],
                "value": value,
                "language": node.get("xml:lang"),
                "url": "/" + value.removeprefix(base) if own else value if value.startswith("http") else None,
                "label": names or (_local(value) if node["type"] == "uri" else value),
            }
        )
    return list(grouped.values())


def _first_name(row: dict[str, dict[str, str]], column: str) -> str:
    """The first of the names gathered in a column, or nothing."""
    return row[column]["value"].split("\x1f")[0] if column in row else ""


def _local(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


def _first(properties: list[dict[str, Any]], names: tuple[str, ...], language: str) -> str | None:
    """The first literal of the properties named, in a language if there is one in it."""
    for name in names:
        values = [v for p in properties if _local(p["predicate"]["iri"]) == name for v in p["values"]]
        for value in sorted(values, key=lambda v: v["language"] != language):
            return str(value["value"])
    return None


def _quotations(iri: str) -> list[dict[str, Any]]:
    """The words that a claim rests on."""
    content = current_site().open_engine.snapshot.content
    titles = {document.id: document.metadata.title for document in content.documents}
    passages = {passage.key: passage for passage in content.passages}
    return [
        {
            "quote": quotation.text,
            "language": quotation.language,
            "page": quotation.page,
            "document": titles[quotation.document],
            "url": f"/documents/{quotation.document}?start={quotation.span.start}&end={quotation.span.end}"
            f"#{passages[quotation.passage].anchor}",
        }
        for claim in content.claims
        if claim.iri == iri
        for quotation in claim.quotations
    ]
