"""Building again: only what changed is read, described and encoded; what cannot be read is left out and told of."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from iio_kg.build import CACHE, Caches, build, read_material
from iio_kg.cli import main
from iio_kg.corpus.cache import Cache
from iio_kg.corpus.library import CLAIMS_FILE
from iio_kg.corpus.open_questions import OPEN_QUESTIONS_FILE
from iio_kg.graph.generate import Generated
from iio_kg.graph.namespaces import Names
from iio_kg.graph.triples import to_graph, to_lines, to_nquads
from iio_kg.graph.validate import find_problems

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material
    from iio_kg.config import Settings
    from iio_kg.index.models import ModelFolder

#: Reads the whole material, or drives a terminal, for each test.
pytestmark = pytest.mark.slow

NAMES = Names()
METADATA = 'title = "{0}"\nkind = "report"\nlanguage = "nl"\nfile = "{0}.txt"\n'


def write(corpus: Path, name: str, text: str) -> Path:
    """Put a document into a corpus, or another text into one that is there."""
    folder = corpus / name
    folder.mkdir(exist_ok=True)
    (folder / "document.toml").write_text(METADATA.format(name))
    (folder / f"{name}.txt").write_text(text)
    return folder


@pytest.fixture
def small(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a corpus of the factsheet and two short documents."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copytree(settings.corpus / "factsheet-2015", corpus / "factsheet-2015")
    write(corpus, "een", "De werkdruk daalde in het eerste jaar.\n")
    write(corpus, "twee", "In het tweede jaar kwamen er scholen bij.\n")
    return settings.with_options(corpus=corpus, data_dir=tmp_path / "data")


def states(material: Material) -> dict[str, str]:
    return {report.id: report.state for report in material.reports}


def read(settings: Settings) -> Material:
    """Read the corpus as a build does: with what the one before it kept."""
    caches = Caches.within(settings.data_dir / CACHE)
    material = read_material(settings, None, caches)
    caches.prune()
    return material


def test_only_what_changed_is_read_again_and_the_result_is_that_of_a_first_reading(small: Settings) -> None:
    assert set(states(read(small)).values()) == {"read"}
    write(small.corpus, "twee", "In het tweede jaar vielen er scholen af.\n")
    write(small.corpus, "drie", "Het derde jaar was het laatste.\n")
    again = read(small)
    assert states(again) == {"drie": "read", "een": "kept", "factsheet-2015": "kept", "twee": "read"}
    fresh = read_material(small)
    assert (again.documents, again.passages, again.claims) == (fresh.documents, fresh.passages, fresh.claims)
    assert to_nquads(again.lines, NAMES) == to_nquads(fresh.lines, NAMES)
    assert "vielen er scholen af" in to_nquads(again.lines, NAMES)


def test_what_is_recorded_of_a_document_counts_as_a_change(small: Settings) -> None:
    read(small)
    metadata = small.corpus / "een" / "document.toml"
    metadata.write_text(metadata.read_text().replace('title = "een"', 'title = "Eerste jaar"'))
    again = read(small)
    assert states(again)["een"] == "read"
    assert "Eerste jaar" in {document.metadata.title for document in again.documents}


def test_a_document_that_is_gone_leaves_nothing_behind(small: Settings) -> None:
    read(small)
    kept = set((small.data_dir / CACHE).rglob("*.msgpack"))
    shutil.rmtree(small.corpus / "twee")
    assert "tweede jaar" not in to_nquads(read(small).lines, NAMES)
    assert len(kept - set((small.data_dir / CACHE).rglob("*.msgpack"))) == 2


def test_a_damaged_cache_is_as_good_as_none(small: Settings) -> None:
    whole = to_nquads(read(small).lines, NAMES)
    for number, path in enumerate(sorted((small.data_dir / CACHE).rglob("*.msgpack"))):
        content = path.read_bytes()
        path.write_bytes((b"", content[: len(content) // 2], b"\xc1" + content)[number % 3])
    again = read(small)
    assert set(states(again).values()) == {"read"}
    assert to_nquads(again.lines, NAMES) == whole


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file" / "cache", Generated)
    cache.put("x", Generated({}, (), ()))
    assert cache.get("x") is None
    cache.prune()


def test_a_document_that_cannot_be_read_is_left_out_and_told_of(small: Settings) -> None:
    (write(small.corpus, "kapot", "x") / "kapot.txt").unlink()
    material = read(small)
    failed = [report for report in material.reports if report.state == "failed"]
    assert [(report.id, "kapot.txt" in report.problem) for report in failed] == [("kapot", True)]
    assert {document.id for document in material.documents} == {"een", "factsheet-2015", "twee"}


def test_triples_go_through_lines_and_back(material: Material) -> None:
    for name, graph in material.stated.items():
        assert to_lines(to_graph(to_lines(graph))) == to_lines(graph), name


def test_what_is_generated_conforms_to_the_shapes_too(settings: Settings, material: Material) -> None:
    shapes = to_graph(())
    shapes.parse(settings.ontology / "shapes.ttl")
    whole = to_graph(line for lines in material.lines.values() for line in lines)
    assert find_problems(whole, shapes) == ()


@pytest.mark.model
def test_a_second_build_encodes_what_is_new_and_names_what_is_wrong(small: Settings, model_folder: ModelFolder) -> None:
    # Thousands of questions, which take a minute and are encoded as all else is.
    for name in (CLAIMS_FILE, OPEN_QUESTIONS_FILE):
        (small.corpus / "factsheet-2015" / name).unlink()
    first = build(small)
    assert first.encoded > 0
    assert build(small).documents == ()
    write(small.corpus, "drie", "Wekelijks overleg hielp de teams vooruit.\n")
    (write(small.corpus, "kapot", "x") / "kapot.txt").unlink()
    second = build(small)
    # One passage of one sentence, and at most its words.
    assert 0 < second.encoded <= 1 + 6
    assert any("kapot.txt" in problem for problem in second.manifest.problems)
    arguments = ["--corpus", str(small.corpus), "--data-dir", str(small.data_dir), "build"]
    told = CliRunner().invoke(main, [*arguments, "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)["problems"] == list(second.manifest.problems)
    forced = build(small, force=True)
    assert forced.encoded > first.encoded
    assert forced.manifest.counts == second.manifest.counts
