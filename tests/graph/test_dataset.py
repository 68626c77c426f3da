"""What the dataset says of itself is what is in it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from rdflib import DCAT, PROV, RDF, RDFS, VOID, URIRef

from iio_kg.graph import build as graph_build
from iio_kg.graph.build import DATASET
from iio_kg.graph.dataset import describe_dataset
from iio_kg.graph.namespaces import Names
from iio_kg.graph.owl import KINDS
from iio_kg.graph.turtle import parse_turtle
from iio_kg.graph.validate import find_problems

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material
    from iio_kg.config import Settings

NAMES = Names()
THE_DATASET = URIRef(NAMES.dataset("iio-kg"))


@pytest.mark.slow
def test_the_counts_are_those_of_the_graphs(material: Material) -> None:
    described = material.graphs[DATASET]
    rest = {name: graph for name, graph in material.graphs.items() if name != DATASET}
    merged = graph_build.union(rest.values())
    assert int(described.value(THE_DATASET, VOID.triples)) == len(merged)
    for part in described.objects(THE_DATASET, VOID.classPartition):
        kind = described.value(part, VOID["class"])
        assert int(described.value(part, VOID.entities)) == len(set(merged.subjects(RDF.type, kind)))
        for inner in described.objects(part, VOID.propertyPartition):
            predicate = described.value(inner, VOID.property)
            uses = sum(1 for s, _ in merged.subject_objects(predicate) if (s, RDF.type, kind) in merged)
            assert int(described.value(inner, VOID.triples)) == uses
    for name, graph in rest.items():
        assert int(described.value(URIRef(NAMES.graph(name)), VOID.triples)) == len(graph)


def test_it_was_changed_when_the_last_claim_was_recorded(material: Material) -> None:
    recorded = [str(t) for g in material.graphs.values() for t in g.objects(None, PROV.generatedAtTime)]
    modified = material.graphs[DATASET].value(THE_DATASET, URIRef("http://purl.org/dc/terms/modified"))
    assert str(modified) == max(recorded)


def test_the_same_graphs_give_the_same_description(material: Material) -> None:
    lines = {name: its for name, its in material.lines.items() if name != DATASET}
    assert set(describe_dataset(lines, NAMES)) == set(material.graphs[DATASET])


@pytest.mark.parametrize(
    "missing",
    [
        "http://purl.org/dc/terms/title", "http://purl.org/dc/terms/publisher", "http://purl.org/dc/terms/creator",
        "http://purl.org/dc/terms/license", "http://purl.org/dc/terms/accessRights", "http://purl.org/dc/terms/format",
        f"{DCAT}contactPoint", f"{DCAT}theme", f"{DCAT}endpointURL", f"{DCAT}accessURL", f"{DCAT}dataset",
    ],
)  # fmt: skip
def test_what_the_dutch_profile_requires_cannot_be_left_out(settings: Settings, missing: str) -> None:
    shapes, _ = parse_turtle(settings.ontology / graph_build.SHAPES)
    described = describe_dataset({}, NAMES)
    assert not find_problems(described, shapes)
    described.remove((None, URIRef(missing), None))
    name = missing.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    assert any(f":{name}" in problem.message for problem in find_problems(described, shapes))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as pyLODE changes the logging of the one it is in."""
    return subprocess.run([sys.executable, "-m", "iio_kg", *arguments], capture_output=True, text=True, check=False)


def test_the_manual_explains_every_class_and_property_of_ours(settings: Settings, tmp_path: Path) -> None:
    result = run("graph", "manual", "--output", str(tmp_path / "ontology.html"))
    assert (result.returncode, result.stderr) == (0, "")
    page = (tmp_path / "ontology.html").read_text(encoding="utf-8")
    graph, _ = parse_turtle(settings.ontology / "iio.ttl")
    terms = [t for k in KINDS for t in graph.subjects(RDF.type, k) if (t, RDFS.isDefinedBy, None) in graph]
    assert terms
    assert [term for term in terms if str(term) not in page] == []


def test_a_manual_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    result = run("graph", "manual", "--output", str(tmp_path / "no" / "x.html"))
    assert result.returncode == 2
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.stderr
