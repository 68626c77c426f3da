"""Reading in a process of its own: whatever a file does, there is a reading or a sentence, and the next is read."""

from __future__ import annotations

import random
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from reading import HELP, MANUALS

from iio_kg.corpus.document import Repair
from iio_kg.corpus.readers.process import MEMORY, ReadingProcess
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator

MUTATIONS = 500


@pytest.fixture(scope="module")
def process() -> Iterator[ReadingProcess]:
    with ReadingProcess() as started:
        yield started


def refused(process: ReadingProcess, path: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        process.read(path, Repair())
    assert str(path) in str(caught.value)
    return str(caught.value)


def bomb(path: Path, name: str, size: int, count: int = 1) -> Path:
    """An archive of a few kilobytes whose parts unpack to `size` zeros each."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml" if path.suffix == ".docx" else "META-INF/container.xml", "<x/>")
        for number in range(count):
            with archive.open(name.format(number), "w") as part:
                for _ in range(size >> 20):
                    part.write(bytes(1 << 20))
    return path


def test_a_file_is_read_and_its_progress_told(process: ReadingProcess, tmp_path: Path) -> None:
    (tmp_path / "een “naam” met 'tekens'.txt").write_text("Een stuk tekst.")
    told: list[tuple[int, int]] = []
    reading = process.read(tmp_path / "een “naam” met 'tekens'.txt", Repair(), lambda *at: told.append(at))
    assert reading.source == "Een stuk tekst."
    assert told == [(1, 1)]


@pytest.mark.slow
def test_archives_that_unpack_to_too_much_are_refused(process: ReadingProcess, tmp_path: Path) -> None:
    assert "unpacks to more" in refused(process, bomb(tmp_path / "x.epub", "deel{}.xhtml", 128 << 20, 9))
    assert "unpacks to more" in refused(process, bomb(tmp_path / "x.docx", "word/deel{}.xml", 128 << 20, 9))
    assert "larger than is taken" in refused(process, bomb(tmp_path / "y.docx", "word/document.xml", 80 << 20))


def test_a_child_that_takes_too_much_memory_or_time_is_ended_and_the_next_file_read(tmp_path: Path) -> None:
    (tmp_path / "goed.txt").write_text("Nog een stuk.")
    slow = tmp_path / "diep.html"
    slow.write_text("<div>" * 400_000)
    with ReadingProcess(seconds=2) as process:
        assert "2 seconds" in refused(process, slow)
        assert process.read(tmp_path / "goed.txt", Repair()).source == "Nog een stuk."


@pytest.mark.slow
def test_a_file_larger_than_the_memory_of_the_child_is_refused(process: ReadingProcess, tmp_path: Path) -> None:
    with (tmp_path / "groot.txt").open("wb") as file:
        file.truncate(MEMORY)
    (tmp_path / "goed.txt").write_text("Nog een stuk.")
    assert "memory" in refused(process, tmp_path / "groot.txt")
    assert process.read(tmp_path / "goed.txt", Repair()).source == "Nog een stuk."


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.txt", b"%PDF-1.7 ...", "is PDF"),
        ("x.pdf", b"<!DOCTYPE html><p>x", "is HTML"),
        ("x.html", b"\x89PNG\r\n", "a picture"),
        ("x.md", b"\x00\x01\x02", "not a text"),
        ("x.epub", b"PK\x03\x04rest", "not a whole EPUB"),
        ("x.odt", b"x", "cannot be read"),
    ],
)
def test_what_is_called_something_else_is_named(
    process: ReadingProcess, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert said in refused(process, tmp_path / name)


def test_a_folder_is_no_file(process: ReadingProcess, tmp_path: Path) -> None:
    (tmp_path / "map.pdf").mkdir()
    refused(process, tmp_path / "map.pdf")


def seeds(tmp_path: Path) -> Iterator[Path]:
    """Small real files, one of each format."""
    page = next(p for p in sorted((HELP / "swriter" / "01").glob("*.html")) if 6_000 < p.stat().st_size < 12_000)
    yield Path(shutil.copy(page, tmp_path / "seed.html"))
    for ending in ("docx", "md"):
        target = tmp_path / f"seed.{ending}"
        subprocess.run(["pandoc", "-f", "html", "-o", str(target), str(page)], check=True, capture_output=True)
        yield target
    subprocess.run(
        ["pandoc", "-f", "html", "-o", str(tmp_path / "seed.epub"), str(page)], check=True, capture_output=True
    )
    yield tmp_path / "seed.epub"
    whole = pypdfium2.PdfDocument(MANUALS[0].with_suffix(".pdf"))
    part = pypdfium2.PdfDocument.new()
    part.import_pages(whole, [8, 9, 42])
    part.save(tmp_path / "seed.pdf")
    part.close()
    whole.close()
    yield tmp_path / "seed.pdf"
    text = tmp_path / "seed.txt"
    subprocess.run(["pdftotext", "-l", "3", str(MANUALS[0].with_suffix(".pdf")), str(text)], check=True)
    yield text


def mutate(content: bytes, chance: random.Random) -> bytes:
    """A file that was damaged: bytes changed, a stretch doubled, moved or lost, or the end cut off."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 2, 8, 64))):
        start = chance.randrange(len(damaged) or 1)
        stretch = damaged[start : start + chance.choice((1, 4, 200))]
        kind = chance.randrange(5)
        if kind == 0 and damaged:
            damaged[start] = chance.randrange(256)
        elif kind == 1:
            damaged[start:start] = stretch * chance.choice((1, 50))
        elif kind == 2:
            del damaged[start : start + len(stretch)]
        elif kind == 3:
            damaged[start : start + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"<<<<", b"9999"))
        elif chance.random() < 0.1:
            del damaged[start:]
    return bytes(damaged)


@pytest.mark.slow
@pytest.mark.skipif(
    not MANUALS or not HELP.is_dir() or not shutil.which("pandoc"), reason="needs real files; see dev/material.sh"
)
def test_five_hundred_damaged_files_of_each_format_give_a_reading_or_a_sentence(tmp_path: Path) -> None:
    with ReadingProcess() as process:
        for seed in seeds(tmp_path):
            content, chance = seed.read_bytes(), random.Random(seed.suffix)
            path = tmp_path / f"damaged{seed.suffix}"
            read = 0
            for _ in range(MUTATIONS):
                path.write_bytes(mutate(content, chance))
                try:
                    read += bool(process.read(path, Repair()).source)
                except CorpusError as error:
                    assert str(path) in str(error)
                    assert "broke down" not in str(error)
            assert read, seed.suffix
