"""Looking after a corpus: what is added is whole, what fails leaves nothing behind, what is removed can come back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from iio_kg import curate
from iio_kg.cli import main
from iio_kg.corpus.library import read_document
from iio_kg.corpus.readers.reading import unheard
from iio_kg.corpus.tables import ID
from iio_kg.curate import Known, slug
from iio_kg.errors import CorpusError

TEXT = """Het verslag van de school

De leerlingen hebben het hele jaar in kleine groepen gewerkt en daarover is met de leraren gesproken.

In het tweede jaar is het plan veranderd omdat de leraren te weinig tijd voor overleg hadden.
"""
BASE = "https://w3id.org/iio-kg/"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "Het 'verslag' (2012).txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def state(corpus: Path) -> dict[str, bytes]:
    return {str(p.relative_to(corpus)): p.read_bytes() if p.is_file() else b"" for p in sorted(corpus.rglob("*"))}


def test_a_document_is_added_with_what_its_file_tells_and_is_there_once(corpus: Path, report: Path) -> None:
    added = curate.add(corpus, str(report), Known(title="Verslag", date="2012", authors=("A. Een",)))
    assert (added.new, added.folder.name, added.metadata.language, added.passages) == (True, "verslag", "nl", 2)
    assert read_document(added.folder).metadata == added.metadata
    assert added.metadata.file == "het-verslag-2012.txt"
    before = state(corpus)
    again = curate.add(corpus, str(report), Known(title="Anders", id="anders"))
    assert (again.new, again.folder) == (False, added.folder)
    assert state(corpus) == before


def test_english_is_told_from_dutch_and_what_is_neither_is_asked(corpus: Path, tmp_path: Path) -> None:
    english = tmp_path / "x.md"
    english.write_text("# Report\n\nThe pupils worked in small groups during the whole year, which the teachers liked.")
    assert curate.add(corpus, str(english), Known(title="Report")).metadata.language == "en"
    other = tmp_path / "y.md"
    other.write_text("# Xyzzy\n\nQwpo zxmn vbqt wrtz plkq mnbv.")
    with pytest.raises(CorpusError, match="The title of this document cannot be known"):
        curate.add(corpus, str(other), Known())
    asked: list[tuple[str, str]] = []

    def answer(name: str, proposal: str) -> str:
        asked.append((name, proposal))
        return {"title": proposal, "language": "nl"}[name]

    assert curate.add(corpus, str(other), Known(), ask=answer).folder.name == "xyzzy"
    assert asked == [("title", "Xyzzy"), ("language", "")]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Known(id="Geen Id", title="t"), "cannot be a document's id"),
        (Known(id="ontology", title="t"), "a graph of our own"),
        (Known(title="…"), "No id can be made"),
        (Known(title="t", kind="gedicht"), "kind 'gedicht' is unknown"),
        (Known(title="t", date="gisteren"), "date 'gisteren'"),
        (Known(title="t", language="Nederlands"), "not a code"),
        (Known(id="bezet", title="t"), "'bezet' already"),
    ],
)
def test_what_is_told_wrongly_is_refused_and_the_corpus_stays_as_it_was(
    corpus: Path, report: Path, tmp_path: Path, known: Known, said: str
) -> None:
    other = tmp_path / "ander.txt"
    other.write_text(TEXT + "\nEn nog een alinea.")
    curate.add(corpus, str(other), Known(id="bezet", title="Bezet"))
    before = state(corpus)
    with pytest.raises(CorpusError, match=said):
        curate.add(corpus, str(report), known)
    assert state(corpus) == before


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 stuk", b"\x00\x01\x02"])
def test_a_file_that_cannot_be_read_leaves_nothing_behind_and_is_named_as_it_was_given(
    corpus: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "stuk.txt"
    path.write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        curate.add(corpus, str(path), Known(title="Stuk"))
    assert str(path) in str(caught.value)
    assert state(corpus) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to mount a small disk")
def test_no_room_on_the_disk_is_a_sentence_and_leaves_nothing_behind(tmp_path: Path, report: Path) -> None:
    import subprocess

    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        report.write_text(TEXT * 1_000)
        with pytest.raises(CorpusError, match="No space left on device"):
            curate.add(disk, str(report), Known(title="Groot"))
        assert state(disk) == {}
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_and_a_missing_file_are_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="not a file"):
        curate.add(corpus, str(tmp_path), Known(title="t"))
    with pytest.raises(CorpusError, match="no such file"):
        curate.add(corpus, str(tmp_path / "weg.pdf"), Known(title="t"))
    with pytest.raises(CorpusError, match="is missing"):
        curate.add(tmp_path / "geen", __file__, Known(title="t"))


def test_what_is_removed_is_kept_and_can_be_put_back(corpus: Path, report: Path) -> None:
    added = curate.add(corpus, str(report), Known(title="Verslag"))
    before = state(added.folder)
    where = curate.remove(corpus, "verslag")
    assert not added.folder.exists()
    assert state(where) == before
    where.rename(added.folder)
    assert curate.add(corpus, str(report), Known()).new is False


def test_check_finds_a_changed_file_a_false_quotation_and_an_unreadable_document(corpus: Path, tmp_path: Path) -> None:
    for name in ("een", "twee", "drie"):
        path = tmp_path / f"{name}.txt"
        path.write_text(TEXT + f"\nDit is {name}.\n")
        curate.add(corpus, str(path), Known(id=name, title=name))
    assert [one.problems for one in curate.check(corpus, BASE, unheard)] == [(), (), ()]
    (corpus / "een" / "een.txt").write_text(TEXT)
    (corpus / "twee" / "twee.txt").unlink()
    shutil.copy(Path("corpus/factsheet-2015/claims.ttl"), corpus / "drie" / "claims.ttl")
    found = {one.id: one.problems for one in curate.check(corpus, BASE, unheard)}
    assert "SHA-256 differs" in found["een"][0]
    assert "is missing" in found["twee"][0]
    assert len(found["drie"]) == 1


@given(st.text(max_size=200))
def test_a_slug_is_an_id_or_empty(text: str) -> None:
    made = slug(text)
    assert made == "" or (ID.fullmatch(made) and len(made) <= 60)


def run(corpus: Path, *arguments: str, input_: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["--corpus", str(corpus), "corpus", *arguments], input=input_)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_the_commands(corpus: Path, report: Path, tmp_path: Path) -> None:
    code, said = run(corpus, "add", str(report), "--title", "Verslag")
    assert (code, "verslag added" in said, "iio-kg build" in said) == (0, True, True)
    code, said = run(corpus, "add", str(report), str(tmp_path / "weg.txt"))
    assert (code, "is here already" in said, "no such file" in said) == (2, True, True)
    assert run(corpus, "add", str(report), str(report), "--id", "x")[0] == 2
    assert '"id": "verslag"' in run(corpus, "list", "--json")[1]
    assert "verslag" in run(corpus, "list")[1]
    assert "passages" in run(corpus, "show", "verslag")[1]
    assert run(corpus, "show", "onbekend")[0] == 2
    assert run(corpus, "check")[0] == 0
    (corpus / "verslag" / "het-verslag-2012.txt").write_text("Anders.")
    assert run(corpus, "check", "--json")[0] == 1
    assert run(corpus, "remove", "verslag", input_="n\n")[0] == 1
    assert (corpus / "verslag").is_dir()
    assert run(corpus, "remove", "verslag", "--yes")[0] == 0
    assert run(corpus, "remove", "verslag", "--yes")[0] == 2


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("tesseract"), reason="needs tesseract with Dutch; see dev/material.sh")
def test_a_scanned_page_is_recognised(corpus: Path, tmp_path: Path) -> None:
    import pypdfium2
    from reading import MANUALS, words

    with pypdfium2.PdfDocument(MANUALS[0].with_suffix(".pdf")) as manual:
        page = manual[13]
        theirs = words(page.get_textpage().get_text_range())
        page.render(scale=200 / 72).to_pil().convert("L").save(tmp_path / "scan.pdf")
    with pytest.raises(CorpusError, match="--ocr"):
        curate.add(corpus, str(tmp_path / "scan.pdf"), Known(title="Scan"))
    added = curate.add(corpus, str(tmp_path / "scan.pdf"), Known(title="Scan"), ocr=True)
    assert (theirs & words(read_document(added.folder).text)).total() >= 0.95 * theirs.total()
    assert curate.add(corpus, str(tmp_path / "scan.pdf"), Known()).new is False
