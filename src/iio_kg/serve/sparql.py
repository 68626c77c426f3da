"""The SPARQL 1.1 Protocol, for reading; and the page on which a query can be typed.

Queries run in processes of their own with a time limit (`iio_kg.graph.worker`). Without a query the endpoint describes
itself (SPARQL 1.1 Service Description) or, to a browser, shows the page.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, Response, render_template, request

from iio_kg.errors import BadQuery, IioKgError, NotAcceptable
from iio_kg.graph.store import GRAPH, TABULAR
from iio_kg.graph.worker import Request as QueryRequest
from iio_kg.serve.http import allow_everywhere, best_of, choose, prefers_html, root_url
from iio_kg.serve.site import current_site

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.graph.worker import Result

blueprint = Blueprint("sparql", __name__)

_MAX_QUERY_BYTES = 100_000
_PAGE_ROWS = 1000
_TITLE = re.compile(r"^#\s*(title|description)@(nl|en):\s*(.+)$", re.MULTILINE)
_DESCRIPTION = """\
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX void: <http://rdfs.org/ns/void#>
CONSTRUCT {{
  <{endpoint}#service> a sd:Service ;
    sd:endpoint <{endpoint}> ;
    sd:supportedLanguage sd:SPARQL11Query ;
    sd:feature sd:UnionDefaultGraph ;
    sd:resultFormat {formats} ;
    sd:defaultDataset <{endpoint}#dataset> .
  <{endpoint}#dataset> a sd:Dataset ; sd:defaultGraph <{endpoint}#default> ; sd:namedGraph ?entry .
  <{endpoint}#default> a sd:Graph ; void:triples ?all .
  ?entry a sd:NamedGraph ; sd:name ?name ; sd:graph ?graph .
  ?graph a sd:Graph ; void:triples ?size .
}} WHERE {{
  {{ SELECT ?name (COUNT(*) AS ?size) WHERE {{ GRAPH ?name {{ ?s ?p ?o }} }} GROUP BY ?name }}
  {{ SELECT (COUNT(*) AS ?all) WHERE {{ ?s ?p ?o }} }}
  BIND(IRI(CONCAT("{endpoint}#graph-", ENCODE_FOR_URI(STR(?name)))) AS ?entry)
  BIND(IRI(CONCAT(STR(?entry), "-triples")) AS ?graph)
}}
"""
_FORMATS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle",
            "N-Triples", "JSON-LD", "RDF_XML")  # fmt: skip


class UnsupportedMediaType(BadQuery):
    """A query was posted in a form that the protocol does not know."""

    status = 415
    title = "Unsupported media type"


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin with, with its title and what it asks."""

    name: str
    query: str
    texts: dict[tuple[str, str], str]

    def to_page(self, language: str) -> dict[str, str]:
        """What the page shows of it."""
        parameters = {"query": self.query} | ({"lang": language} if language != "nl" else {})
        return {
            "name": self.name,
            "title": self.texts.get(("title", language), self.name),
            "description": self.texts.get(("description", language), ""),
            "query": self.query,
            "url": f"/sparql?{urlencode(parameters)}",
        }


def read_examples(folder: Path) -> tuple[Example, ...]:
    """The queries of a folder of ``.rq`` files whose first comments are ``# title@nl: …`` and the like."""
    examples = []
    for path in sorted(folder.glob("*.rq")):
        query = path.read_text(encoding="utf-8")
        texts = {(kind, language): text.strip() for kind, language, text in _TITLE.findall(query)}
        bare = "\n".join(line for line in query.splitlines() if not _TITLE.match(line)).strip()
        examples.append(Example(path.stem, bare, texts))
    return tuple(examples)


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response | str:
    """Answer a query, or show what can be asked."""
    query = _read_query()
    if query is None:
        return _without_query()
    if request.method == "GET" and prefers_html(request) and "format" not in request.args:
        return _page(query)
    result = run(query)
    response = allow_everywhere(Response(result.body, content_type=_content_type(result.media_type)))
    response.headers["Vary"] = "Accept"
    return response


def run(query: str) -> Result:
    """Run the query of the request in the forms its client accepts.

    Raises:
        BadQuery: The query cannot be run.
        NotAcceptable: The client accepts no form in which a result could be given.
    """
    tables = {name: media_type for name, (media_type, _) in TABULAR.items()}
    graphs = {name: media_type for name, (media_type, _) in GRAPH.items()}
    wanted = request.values.get("format")
    if wanted is not None:
        choose(request, tables | graphs)
        table, graph = (wanted if wanted in forms else None for forms in (tables, graphs))
    else:
        table = best_of(request, tables | {"json-plain": "application/json"})
        table = "json" if table == "json-plain" else table
        graph = best_of(request, graphs)
        if table is None and graph is None:
            raise NotAcceptable(
                "None of the media types asked for can be given.",
                f"Offered: {', '.join((tables | graphs).values())}.",
            )
    return current_site().open_workers.run(
        QueryRequest(
            query,
            table,
            graph,
            request.values.getlist("default-graph-uri"),
            request.values.getlist("named-graph-uri"),
        )
    )


def _read_query() -> str | None:
    """The query of the request, by any of the three ways of the protocol (section 2.1); None when there is none."""
    if request.method == "GET":
        raw = parse_qs(request.query_string, keep_blank_values=True).get(b"query", [])
    elif request.mimetype == "application/x-www-form-urlencoded":
        if "update" in request.form:
            raise BadQuery("This endpoint only reads; it takes no update.", "Send 'query' in place of 'update'.")
        body = request.get_data(cache=True, parse_form_data=False)
        raw = (
            [value.encode() for value in request.form.getlist("query")]
            if not body
            else (parse_qs(body, keep_blank_values=True).get(b"query", []))
        )
    elif request.mimetype == "application/sparql-query":
        raw = [request.get_data()]
    else:
        raise UnsupportedMediaType(
            f"A query cannot be sent as '{request.mimetype or 'no media type'}'.",
            "Use application/sparql-query, or application/x-www-form-urlencoded with 'query'.",
        )
    if len(raw) > 1:
        raise BadQuery("There is more than one query.", "Send one at a time.")
    if not raw:
        if request.method == "POST":
            raise BadQuery("There is no query.", "Send it as 'query'.")
        return None
    if len(raw[0]) > _MAX_QUERY_BYTES:
        raise BadQuery(f"The query is longer than {_MAX_QUERY_BYTES:,} bytes.", "Send a shorter one.")
    try:
        return raw[0].decode("utf-8")
    except UnicodeDecodeError:
        raise BadQuery("The query is not in UTF-8.", "Send it in that encoding.") from None


def _without_query() -> Response | str:
    graphs = {name: media_type for name, (media_type, _) in GRAPH.items()}
    if prefers_html(request):
        return _page("")
    form = choose(request, graphs)
    endpoint = f"{root_url(current_site().settings.public_url)}/sparql"
    formats = ", ".join(f"<http://www.w3.org/ns/formats/{name}>" for name in _FORMATS)
    described = current_site().open_workers.run(
        QueryRequest(_DESCRIPTION.format(endpoint=endpoint, formats=formats), None, form, [], [])
    )
    response = allow_everywhere(Response(described.body, content_type=_content_type(described.media_type)))
    response.headers["Vary"] = "Accept"
    return response


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _page(query: str) -> Response | str:
    """The page with the query, its result or what was wrong with it, and the examples."""
    site = current_site()
    language = request.args.get("lang", "nl")
    result, problem, took, status = None, None, 0.0, 200
    if query.strip():
        begun = time.perf_counter()
        try:
            found = site.open_workers.run(QueryRequest(query, "json", "ttl", [], []))
            result = _to_page(found)
        except IioKgError as error:
            problem = {"title": error.title, "detail": str(error), "status": error.status}
            status = error.status
        took = (time.perf_counter() - begun) * 1000
    forms = GRAPH if result and result["kind"] == "graph" else TABULAR
    page = render_template(
        "sparql.html",
        query=query,
        examples=[example.to_page(language) for example in read_examples(site.settings.ontology / "queries")],
        result=result,
        problem=problem,
        took_ms=round(took, 1),
        rows_total=result.get("rows_total") if result else None,
        downloads=[
            {"label": name.upper(), "url": f"/sparql?{urlencode({'query': query, 'format': name})}"} for name in forms
        ],
    )
    return Response(page, status=status)


def _to_page(found: Result) -> dict[str, Any]:
    if found.kind == "graph":
        return {"kind": "graph", "text": found.body.decode()}
    table = json.loads(found.body)
    if found.kind == "boolean":
        return {"kind": "boolean", "value": table["boolean"]}
    columns = table["head"]["vars"]
    bindings = table["results"]["bindings"]
    rows = [[_cell(row.get(column)) for column in columns] for row in bindings[:_PAGE_ROWS]]
    return {"kind": "table", "columns": columns, "rows": rows, "rows_total": len(bindings)}


def _cell(term: dict[str, str] | None) -> dict[str, str | None] | None:
    if term is None:
        return None
    base = current_site().open_engine.snapshot.manifest.base_uri
    value = term["value"]
    return {
        "type": term["type"],
        "value": value,
        "language": term.get("xml:lang"),
        "datatype": term.get("datatype"),
        "url": "/" + value.removeprefix(base) if term["type"] == "uri" and value.startswith(base) else None,
    }
