"""Everything that can be wrong with the graph, in one list, each with its file and line.

A build stops at the first kind of fault; a maintainer wants all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import RDF, Graph, URIRef

from iio_kg.corpus.bibliography import read_bibliography
from iio_kg.corpus.library import CLAIMS_FILE, document_folders, read_document
from iio_kg.corpus.segment import segment
from iio_kg.errors import CorpusError, GraphError
from iio_kg.graph import build as graph_build
from iio_kg.graph.claims import read_claims
from iio_kg.graph.dataset import describe_dataset
from iio_kg.graph.findings import describe_findings
from iio_kg.graph.namespaces import Names
from iio_kg.graph.owl import contradictions, reasoner_missing, typing_problems
from iio_kg.graph.turtle import parse_turtle
from iio_kg.graph.validate import find_problems, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from iio_kg.config import Settings


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: What was checked.
        problems: What is wrong, each with file and line where they are known.
        skipped: Why it could not be checked, or "".
    """

    name: str
    problems: tuple[str, ...]
    skipped: str = ""


def check_graph(
    settings: Settings, report: Callable[[str], None] = lambda _: None, *, reason: bool = True
) -> tuple[Check, ...]:
    """Check syntax, quotations, shapes, identifiers, typing and consistency.

    Args:
        settings: Where ontology and corpus are.
        report: Is told what is being checked.
        reason: Also run the reasoner, which takes longest.

    Raises:
        CorpusError: There is no corpus.
    """
    names = Names(settings.base_uri)
    vocabulary = [settings.ontology / file for file in graph_build.VOCABULARY]
    folders = list(document_folders(settings.corpus))
    claims = [folder / CLAIMS_FILE for folder in folders if (folder / CLAIMS_FILE).is_file()]
    sources = [*vocabulary, *claims]
    shapes_file = settings.ontology / graph_build.SHAPES
    report("syntax")
    parsed: list[Graph] = []
    syntax: list[str] = []
    for path in (*sources, shapes_file):
        try:
            parsed.append(parse_turtle(path, names.base)[0])
        except GraphError as error:
            syntax.append(str(error))
    if syntax:
        return (Check("syntax", tuple(syntax)),)
    *stated_graphs, shapes = parsed
    report("quotations")
    whole = graph_build.union(stated_graphs)
    wrong: list[str] = []
    for folder in folders:
        try:
            document = read_document(folder)
            passages = segment(document)
            whole += graph_build.describe_document(document, names)
            whole += graph_build.describe_passages(passages, document, names)
            stated, its_claims = read_claims(folder / CLAIMS_FILE, document, passages, names)
            whole += graph_build.describe_evidence(its_claims, stated, document, names)
            whole += describe_findings(stated, names)
        except (CorpusError, GraphError) as error:
            wrong.extend(str(error).splitlines())
    try:
        whole += graph_build.describe_works(read_bibliography(settings.corpus), names)
    except CorpusError as error:
        wrong.append(str(error))
    whole += describe_dataset({}, names)
    texts = [(path, path.read_text(encoding="utf-8")) for path in sources]
    checks = [Check("syntax", ()), Check("quotations", tuple(wrong))]

    def add(name: str, problems: Iterable[tuple[str, str]]) -> None:
        checks.append(Check(name, tuple(_sentence(focus, said, texts) for focus, said in problems)))

    report("shapes")
    # Without its evidence every claim of a document with a wrong quotation would break its shape.
    if not wrong:
        add("shapes", [(problem.focus, problem.message) for problem in find_problems(whole, shapes)])
    else:
        checks.append(Check("shapes", (), "Correct the quotations first."))
    report("identifiers")
    add("identifiers", dangling(whole, names))
    report("typing")
    add("typing", typing_problems(whole))
    if not reason:
        return tuple(checks)
    report("reasoner")
    missing = reasoner_missing()
    checks.append(Check("reasoner", () if missing else tuple(contradictions(whole)), missing or ""))
    return tuple(checks)


def dangling(graph: Graph, names: Names) -> list[tuple[str, str]]:
    """Identifiers of ours that are named and never described, each with where it is named."""
    described = set(graph.subjects(RDF.type))
    return [
        (str(subject), f"It names <{value}>, which is described nowhere.")
        for subject, predicate, value in sorted(graph)
        if isinstance(value, URIRef)
        and value.startswith(names.base)
        and value not in described
        and not value.startswith(f"{names.ontology}"[:-1])
        and predicate != RDF.type
    ]


def _sentence(focus: str, said: str, texts: list[tuple[Path, str]]) -> str:
    return f"{place(focus, texts)}{focus.rsplit('/', 1)[-1]}: {said}"
