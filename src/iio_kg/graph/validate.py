"""Holding the graph against its SHACL shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import RDF, SH, Graph

from iio_kg.errors import GraphError
from iio_kg.graph.turtle import line_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rdflib import URIRef


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a shape finds wrong."""

    focus: str
    message: str

    def __str__(self) -> str:
        return f"{self.focus.rsplit('/', 1)[-1]}: {self.message}"


def find_problems(data: Graph, shapes: Graph, focus: Iterable[URIRef] | None = None) -> tuple[Problem, ...]:
    """Validate against shapes (SHACL, W3C 2017) without inference and without fetching anything.

    Args:
        data: All triples.
        shapes: The shapes.
        focus: What to validate; everything when left out, which takes far longer.
    """
    import pyshacl

    conforms, report, _ = pyshacl.validate(
        data,
        shacl_graph=shapes,
        inference="none",
        advanced=False,
        do_owl_imports=False,
        meta_shacl=False,
        focus_nodes=None if focus is None else list(focus),
    )
    if conforms:
        return ()
    problems = {
        Problem(str(report.value(result, SH.focusNode)), str(report.value(result, SH.resultMessage)))
        for result in report.subjects(RDF.type, SH.ValidationResult)
        if report.value(result, SH.resultSeverity) == SH.Violation
    }
    return tuple(sorted(problems, key=lambda p: (p.focus, p.message)))


def require_conformance(data: Graph, shapes: Graph, sources: Iterable[Path]) -> None:
    """Refuse a graph that breaks its shapes.

    Args:
        data: All triples.
        shapes: The shapes.
        sources: The files in which the subjects may be described, to name the place.

    Raises:
        GraphError: One sentence per problem, each with file and line.
    """
    problems = find_problems(data, shapes)
    if not problems:
        return
    texts = [(path, path.read_text(encoding="utf-8")) for path in sources if path.is_file()]
    lines = [f"{place(problem.focus, texts)}{problem}" for problem in problems]
    raise GraphError("\n".join(lines), f"{len(problems)} problem(s) against the shapes.")


def place(focus: str, texts: list[tuple[Path, str]]) -> str:
    """The file and line on which a subject is described, as ``file:line: ``; "" when none of the files does.

    What a build adds to a claim (``…#finding``) is placed where the claim is.
    """
    about = focus if "/ontology#" in focus else focus.split("#")[0]
    for path, text in texts:
        line = line_of(text, about)
        if line:
            return f"{path}:{line}: "
    return ""
