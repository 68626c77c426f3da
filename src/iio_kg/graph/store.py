"""The store that answers SPARQL: Oxigraph in memory, behind the few calls that the rest of the program needs.

The default graph of every query is the union of all named graphs.
"""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING, Any, Literal

import pyoxigraph as ox

from iio_kg.errors import BadQuery, NotAcceptable, QueryRefused, ResultTooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Media types by the short name that ``?format=`` takes; tabular results and graphs.
TABULAR = {
    "json": ("application/sparql-results+json", ox.QueryResultsFormat.JSON),
    "xml": ("application/sparql-results+xml", ox.QueryResultsFormat.XML),
    "csv": ("text/csv", ox.QueryResultsFormat.CSV),
    "tsv": ("text/tab-separated-values", ox.QueryResultsFormat.TSV),
}
GRAPH = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
}

_READS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD")
_TOKEN = re.compile(
    r"""
      \#[^\n\r]*                                              # comment
    | '''(?:(?:'|'')?(?:[^'\\]|\\.))*''' | \"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\"   # long strings
    | '(?:[^'\\\n\r]|\\.)*' | "(?:[^"\\\n\r]|\\.)*"           # strings
    | <[^<>"{}|^`\\\x00-\x20]*>                               # IRI
    | [?$]\w+                                                 # variable
    | @[a-zA-Z]+(?:-[a-zA-Z0-9]+)*                            # language tag
    | (?P<prefix>[\w.%-]*):(?:[\w.:%-]|\\[_~.\-!$&'()*+,;=/?\#@%])*   # prefixed name, blank node
    | (?P<keyword>[A-Za-z]+)
    | \S
    """,
    re.VERBOSE | re.DOTALL,
)
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def keywords(query: str) -> list[str]:
    """The bare words of a query in capitals: what is in no string, IRI, name, variable or comment."""
    return [word.upper() for match in _TOKEN.finditer(query) if (word := match.group("keyword"))]


def _resolve_code_points(query: str) -> str:
    """Resolve the code point escapes of a query (SPARQL 1.1, section 19.2)."""

    def character(match: re.Match[str]) -> str:
        number = int(match.group(1) or match.group(2), 16)
        return chr(number) if number <= sys.maxunicode else match.group()

    return _CODE_POINT.sub(character, query)


def asks_another_server(query: str) -> bool:
    """Whether SERVICE stands in a query as a keyword.

    The query is read as it is and with its escapes resolved, for either reading may be the engine's. A prefix that
    ends in the word counts as well: a parser that backtracks may read ``SERVICE:x`` as the keyword and ``:x``.
    """
    for reading in (query, _resolve_code_points(query)):
        for match in _TOKEN.finditer(reading):
            word = match.group("keyword") or match.group("prefix") or ""
            if word.upper().endswith("SERVICE"):
                return True
    return False


def refuse_what_is_not_offered(query: str) -> None:
    """Refuse a query that would ask another server or change the data.

    Raises:
        QueryRefused: It would.
    """
    if asks_another_server(query):
        raise QueryRefused(
            "SERVICE asks another server, which this endpoint does not do.", "Leave it out of the query."
        )
    words = keywords(query)
    first = next((word for word in words if word in _READS or word in _UPDATES), None)
    if first in _UPDATES:
        raise QueryRefused(
            f"{first} changes the data; this endpoint only reads.",
            "Ask a SELECT, ASK, CONSTRUCT or DESCRIBE query.",
        )


class Store:
    """A read-only dataset whose default graph is the merge of its named graphs.

    The merge is made once. The engine's own union of graphs gives a triple that stands in two of them twice, which
    SPARQL does not allow (RDF merge, SPARQL 1.1 Query, section 13.1).

    Args:
        nquads: The dataset as N-Quads.
        prefixes: Prefixes that queries need not declare.
    """

    def __init__(self, nquads: bytes, prefixes: Mapping[str, str]) -> None:
        self._store = ox.Store()
        self._store.bulk_load(nquads, format=ox.RdfFormat.N_QUADS)
        merged = {quad.triple for quad in self._store}
        self._store.bulk_extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in merged)
        self._prefixes = dict(prefixes)

    def __len__(self) -> int:
        """The number of triples of the default graph."""
        return sum(1 for _ in self._store.quads_for_pattern(None, None, None, ox.DefaultGraph()))

    def answer(
        self,
        query: str,
        *,
        table: str | None,
        graph: str | None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        max_bytes: int,
    ) -> tuple[Literal["table", "boolean", "graph"], str, bytes]:
        """Answer a query, written out.

        Args:
            query: The query.
            table: The form for tables and booleans, a key of `TABULAR`; None when the client takes none.
            graph: The form for graphs, a key of `GRAPH`; None when the client takes none.
            default_graphs: The graphs that make up the default graph; all when there are none here or below.
            named_graphs: The graphs that GRAPH may name.
            max_bytes: How large the result may be.

        Returns:
            The kind of result, its media type, and the result.

        Raises:
            QueryRefused: It asks for something that is not offered.
            BadQuery: Its syntax is broken, or it cannot be evaluated.
            NotAcceptable: The client takes no form in which this kind of result can be given.
            ResultTooLarge: The result is larger than `max_bytes`.
        """
        refuse_what_is_not_offered(query)
        dataset: dict[str, Any] = {}
        if default_graphs or named_graphs:
            dataset = {
                "default_graph": [ox.NamedNode(iri) for iri in default_graphs],
                "named_graphs": [ox.NamedNode(iri) for iri in named_graphs],
            }
        target = _Limited(max_bytes)
        try:
            result = self._store.query(query, prefixes=self._prefixes, **dataset)
            if isinstance(result, ox.QueryTriples):
                media_type, form = _choose(GRAPH, graph, "graphs")
                result.serialize(target, form)
                return "graph", media_type, target.getvalue()
            media_type, form = _choose(TABULAR, table, "tables")
            if isinstance(result, ox.QueryBoolean) and form in (
                ox.QueryResultsFormat.CSV,
                ox.QueryResultsFormat.TSV,
            ):
                return "boolean", media_type, b"true\n" if result else b"false\n"
            result.serialize(target, form)
        except _TooLargeError:
            raise ResultTooLarge(
                f"The result is larger than {max_bytes:,} bytes.", "Ask for less: add a LIMIT."
            ) from None
        except MemoryError:
            raise ResultTooLarge("The query takes more memory than is allowed.", "Add a LIMIT.") from None
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            raise BadQuery(f"The query cannot be run: {error}.", _SPECIFICATION) from None
        return "boolean" if isinstance(result, ox.QueryBoolean) else "table", media_type, target.getvalue()


_SPECIFICATION = "The language is described at https://www.w3.org/TR/sparql11-query/."


class _TooLargeError(Exception):
    """More was written than there may be."""


class _Limited(io.BytesIO):
    """A buffer that refuses to grow beyond a size."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any, /) -> int:
        """Take the bytes, or refuse."""
        if self.tell() + len(data) > self._limit:
            raise _TooLargeError
        return super().write(data)


def _choose(forms: Mapping[str, tuple[str, Any]], name: str | None, what: str) -> tuple[str, Any]:
    if name is None or name not in forms:
        offered = ", ".join(media_type for media_type, _ in forms.values())
        raise NotAcceptable(f"This query gives {what}, and none of the forms asked for fits.", f"Offered: {offered}.")
    return forms[name]
