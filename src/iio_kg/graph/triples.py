"""Graphs as lines of N-Triples, which are cheap to keep, to merge and to count; a graph in memory is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import BNode, Graph
from rdflib.compare import to_canonical_graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from iio_kg.graph.namespaces import Names

#: Distinct triples in order, a line each without its line end.
Lines = tuple[str, ...]


def to_lines(graph: Graph) -> Lines:
    """The triples of a graph; the same graph gives the same lines, as blank nodes get names from its canonical form."""
    nameless = any(isinstance(node, BNode) for triple in graph for node in triple)
    written = (to_canonical_graph(graph) if nameless else graph).serialize(format="nt")
    return tuple(sorted({line for line in written.splitlines() if line.strip()}))


def to_graph(lines: Iterable[str]) -> Graph:
    """The graph that lines describe."""
    graph = Graph()
    graph.parse(data="\n".join(lines), format="nt")
    return graph


def merge_lines(*parts: Iterable[str]) -> Lines:
    """The triples of several graphs, each once. Blank nodes with the same name count as the same node."""
    return tuple(sorted(set().union(*parts)))


def to_nquads(graphs: Mapping[str, Lines], names: Names) -> str:
    """The dataset as N-Quads, sorted, so that the same graphs give the same bytes."""
    # A line of N-Quads is a line of N-Triples with the graph before its full stop.
    ending = {name: f"<{names.graph(name)}> ." for name in graphs}
    return "\n".join(sorted(f"{line[:-1]}{ending[name]}" for name, lines in graphs.items() for line in lines)) + "\n"
