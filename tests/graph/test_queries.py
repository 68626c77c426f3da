"""Competency questions: what the graph has to be able to answer, each with the table that is its answer."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from iio_kg.graph import build as graph_build
from iio_kg.graph.namespaces import Names
from iio_kg.graph.store import Store
from iio_kg.graph.triples import to_nquads
from iio_kg.serve.sparql import read_examples
from support import ROOT

if TYPE_CHECKING:
    from iio_kg.build import Material

QUERIES = ROOT / "ontology" / "queries"
EXAMPLES = {example.name: example for example in read_examples(QUERIES)}
NAMES = Names()


@pytest.fixture(scope="module")
def store(material: Material) -> Store:
    nquads = to_nquads(material.lines, NAMES)
    return Store(nquads.encode(), graph_build.prefixes(NAMES))


def test_there_are_enough_and_each_has_its_table() -> None:
    assert len(EXAMPLES) >= 40
    assert {path.stem for path in (QUERIES / "expected").glob("*.csv")} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_question_has_its_answer(store: Store, name: str) -> None:
    example = EXAMPLES[name]
    assert set(example.texts) == {(kind, language) for kind in ("title", "description") for language in ("nl", "en")}
    assert "ORDER BY" in example.query
    _, _, body = store.answer(example.query, table="csv", graph=None, max_bytes=1_000_000)
    answer = list(csv.reader(io.StringIO(body.decode())))
    with (QUERIES / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert answer == list(csv.reader(file))
    assert len(answer) > 1
