"""What is written out for others is the same graph in every form, and the same bytes every time."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from rdflib import Dataset, Graph, URIRef
from rdflib.compare import isomorphic

from iio_kg.cli import main
from iio_kg.graph.export import COLUMNS, export
from iio_kg.graph.namespaces import Names

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material
    from iio_kg.config import Settings

#: Reads the whole material, or drives a terminal, for each test.
pytestmark = pytest.mark.slow

NAMES = Names()
FORMS = {"iio-kg.nq": "nquads", "iio-kg.trig": "trig", "iio-kg.jsonld": "json-ld"}


@pytest.fixture(scope="module")
def exported(settings: Settings, material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "data"
    export(material.graphs, material.claims, settings.ontology, NAMES, folder)
    return folder


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_every_form_of_the_dataset_holds_the_same_graphs(
    exported: Path, material: Material, name: str, form: str
) -> None:
    dataset = Dataset()
    dataset.parse(exported / name, format=form)
    for graph_name, graph in material.graphs.items():
        read = Graph()
        for triple in dataset.graph(URIRef(NAMES.graph(graph_name))):
            read.add(triple)
        assert isomorphic(read, graph), graph_name


def test_every_graph_is_written_as_turtle(exported: Path, material: Material) -> None:
    for name, graph in material.graphs.items():
        read = Graph().parse(exported / f"{name}.ttl", format="turtle")
        assert isomorphic(read, graph), name


def test_the_table_has_a_row_for_every_quotation_and_says_where_it_stands(exported: Path, material: Material) -> None:
    with (exported / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [name for name, _, _ in COLUMNS]
    assert len(rows) == sum(len(claim.quotations) for claim in material.claims)
    texts = {NAMES.document(document.id): document.text for document in material.documents}
    for row in rows:
        assert texts[row["document"]][int(row["start"]) : int(row["end"])] == row["quotation"]
    figures = {(row["low"], row["high"]) for row in rows if row["claim"].endswith("/lvl-grades-flipped")}
    assert figures == {("3.0", "6.0")}


def test_the_description_is_true(exported: Path) -> None:
    described = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    assert {r["path"] for r in described["resources"]} | {"datapackage.json"} == {p.name for p in exported.iterdir()}
    for resource in described["resources"]:
        content = (exported / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_another_run_writes_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    # Another process with other hash seeds: sets and dictionaries come in another order there.
    command = [sys.executable, "-m", "iio_kg", "graph", "export", "--output", str(tmp_path / "again")]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": "4711"}, capture_output=True)
    for path in exported.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    result = CliRunner().invoke(main, ["graph", "export", "--output", str(tmp_path)])
    assert result.exit_code == 2
    assert "holds something that is no export" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_earlier_export_is_replaced_as_a_whole(exported: Path, settings: Settings, material: Material) -> None:
    (exported / "left-over.txt").write_text("from an older version")
    export(material.graphs, material.claims, settings.ontology, NAMES, exported)
    assert not (exported / "left-over.txt").exists()
