"""The SPARQL endpoint of a running server: a real SPARQL client, the protocol, and what is refused."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pyoxigraph
import pytest
import rdflib
from SPARQLWrapper import JSON, SPARQLWrapper

from iio_kg.graph.store import GRAPH, TABULAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iio_kg.snapshot import Snapshot
    from support import Server

pytestmark = pytest.mark.model

COUNT = "SELECT (COUNT(DISTINCT ?claim) AS ?n) WHERE { ?claim iio:statement ?statement }"


def fetch(
    server: Server, body: bytes | None = None, query: str = "", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    url = f"{server.url}/sparql" + (f"?{query}" if query else "")
    request = urllib.request.Request(url, data=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_a_sparql_client_counts_the_claims(server: Server, snapshot: Snapshot) -> None:
    client = SPARQLWrapper(f"{server.url}/sparql")
    client.setQuery(COUNT)
    client.setReturnFormat(JSON)
    (row,) = client.query().convert()["results"]["bindings"]
    assert int(row["n"]["value"]) == len(snapshot.content.claims)


def test_the_three_ways_of_asking_agree(server: Server) -> None:
    encoded = urllib.parse.urlencode({"query": COUNT})
    by_get = fetch(server, query=encoded, Accept="text/csv")
    by_form = fetch(server, encoded.encode(), Accept="text/csv", Content_Type="application/x-www-form-urlencoded")
    direct = fetch(server, COUNT.encode(), Accept="text/csv", Content_Type="application/sparql-query")
    assert by_get[0] == by_form[0] == direct[0] == 200
    assert by_get[2] == by_form[2] == direct[2]


@pytest.mark.parametrize(("name", "media_type"), [(name, form[0]) for name, form in TABULAR.items()])
def test_tables_come_in_every_form_that_is_offered(server: Server, name: str, media_type: str) -> None:
    query = urllib.parse.urlencode({"query": COUNT})
    _, headers, by_accept = fetch(server, query=query, Accept=media_type)
    assert headers["Content-Type"].split(";")[0] == media_type
    _, _, by_format = fetch(server, query=f"{query}&format={name}")
    assert by_accept == by_format


@pytest.mark.parametrize("media_type", [form[0] for form in GRAPH.values()])
def test_graphs_come_in_every_form_that_is_offered(server: Server, media_type: str) -> None:
    query = urllib.parse.urlencode({"query": "DESCRIBE concept:slimfit"})
    status, headers, body = fetch(server, query=query, Accept=media_type)
    assert (status, headers["Content-Type"].split(";")[0]) == (200, media_type)
    triples = {quad.triple for quad in pyoxigraph.parse(body, pyoxigraph.RdfFormat.from_media_type(media_type))}
    assert pyoxigraph.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel") in {t.predicate for t in triples}


def test_any_form_will_do_gives_json_and_turtle(server: Server) -> None:
    _, headers, _ = fetch(server, query=urllib.parse.urlencode({"query": COUNT}), Accept="*/*")
    assert headers["Content-Type"] == "application/sparql-results+json"
    construct = urllib.parse.urlencode({"query": "CONSTRUCT WHERE { concept:slimfit ?p ?o }"})
    _, headers, _ = fetch(server, query=construct, Accept="*/*")
    assert headers["Content-Type"] == "text/turtle; charset=utf-8"


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ({"query": "SELECT"}, {}, 400),
        ({"query": COUNT}, {"Accept": "image/png"}, 406),
        ({"query": COUNT, "format": "docx"}, {}, 406),
        ({"query": "INSERT DATA { <urn:a> <urn:b> 1 }"}, {}, 403),
        ({"query": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"}, {}, 403),
    ],
)
def test_what_cannot_be_done_is_a_problem(
    server: Server, query: dict[str, str], headers: dict[str, str], status: int
) -> None:
    got, response, body = fetch(server, query=urllib.parse.urlencode(query), **headers)
    assert (got, response["Content-Type"]) == (status, "application/problem+json")
    assert json.loads(body)["detail"]


def test_wrong_ways_of_posting_are_refused(server: Server) -> None:
    assert fetch(server, COUNT.encode(), Content_Type="text/plain")[0] == 415
    assert fetch(server, b"q=1", Content_Type="application/x-www-form-urlencoded")[0] == 400
    assert fetch(server, COUNT.encode("utf-16"), Content_Type="application/sparql-query")[0] == 400
    twice = urllib.parse.urlencode([("query", COUNT), ("query", COUNT)])
    assert fetch(server, query=twice)[0] == 400


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server of somebody else, that remembers every request it gets."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the name is the library's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", seen
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ service silent <{url}> {{ ?s ?p ?o }} }}",
        "PREFIX : <{url}> SELECT * {{SERVICE:x{{?s ?p ?o}}}}",
        "SELECT * {{ ?s ?p ?u BIND(<{url}> AS ?where) SERVICE ?where {{ ?a ?b ?c }} }}",
        "SELECT * {{ \\u0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
        'SELECT * {{ ?s ?p "\\u0022" . SERVICE <{url}> {{ ?a ?b ?c }} }}',
        "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "LOAD <{url}>",
    ],
)
def test_no_query_makes_the_server_ask_another_server(
    server: Server, canary: tuple[str, list[str]], query: str
) -> None:
    url, seen = canary
    fetch(server, query=urllib.parse.urlencode({"query": query.format(url=url)}), Accept="text/csv")
    assert seen == []


def test_the_endpoint_describes_itself(server: Server, snapshot: Snapshot) -> None:
    status, headers, body = fetch(server, Accept="text/turtle")
    assert (status, headers["Content-Type"]) == (200, "text/turtle; charset=utf-8")
    graph = rdflib.Graph().parse(data=body, format="turtle")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    (service,) = graph.subjects(rdflib.RDF.type, sd.Service)
    assert graph.value(service, sd.endpoint) == rdflib.URIRef(f"{server.url}/sparql")
    names = {str(name) for name in graph.objects(None, sd.name)}
    documents = [document.id for document in snapshot.content.documents]
    # There is a graph of candidates only while some wait.
    waiting = ["candidates"] if b"/graph/candidates> .\n" in snapshot.content.nquads else []
    assert names == {
        f"{snapshot.manifest.base_uri}graph/{name}"
        for name in ("ontology", "concepts", "bibliography", "dataset", "mentions", *waiting, *documents)
    }


def test_default_graph_uri_narrows_the_default_graph(server: Server, snapshot: Snapshot) -> None:
    graph = f"{snapshot.manifest.base_uri}graph/ontology"
    query = urllib.parse.urlencode({"query": COUNT, "default-graph-uri": graph})
    _, _, body = fetch(server, query=query, Accept="text/csv")
    assert body.split() == [b"n", b"0"]


def test_a_triple_of_two_graphs_stands_once_in_the_default_graph(server: Server, snapshot: Snapshot) -> None:
    query = (
        "SELECT ?s ?p ?o (COUNT(?g) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?s ?p ?o HAVING (COUNT(?g) > 1) LIMIT 1"
    )
    _, _, body = fetch(server, query=urllib.parse.urlencode({"query": query}), Accept="application/sparql-results+json")
    (row,) = json.loads(body)["results"]["bindings"]
    terms = " ".join(f"<{row[n]['value']}>" for n in "sp")
    count = f"SELECT (COUNT(*) AS ?n) {{ {terms} ?o FILTER (STR(?o) = {json.dumps(row['o']['value'])}) }}"
    _, _, body = fetch(server, query=urllib.parse.urlencode({"query": count}), Accept="text/csv")
    assert body.split() == [b"n", b"1"]
