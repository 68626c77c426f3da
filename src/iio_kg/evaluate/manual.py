"""Foreign documents: read, cut into sections by their headings, and written again without them."""

from __future__ import annotations

import re
import shutil
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

import tomli_w

from iio_kg.ask.engine import LANGUAGES
from iio_kg.corpus.document import Metadata, Repair
from iio_kg.corpus.library import METADATA_FILE, as_document
from iio_kg.corpus.readers import FORMATS
from iio_kg.corpus.readers.process import ReadingProcess
from iio_kg.corpus.segment import segment
from iio_kg.curate import slug
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from iio_kg.corpus.document import Document, Passage

#: Where the same text is there in several formats, the first of these that it is in is read.
_PREFERRED = (".html", ".htm", ".xhtml", ".epub", ".docx", ".md", ".txt", ".pdf")
_HEADINGS = ("heading", "side-heading")
_NUMBERING = re.compile(r"^\s*(?:\d+\.)*\d+\.?\s+|^\s*[A-Z]\.\s+")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading without its number, the range of the text it stands above, and how many passages begin there."""

    heading: str
    start: int
    end: int
    passages: int


@dataclass(frozen=True)
class Manual:
    """A document to be asked: the file and how it was read."""

    path: Path
    document: Document
    passages: tuple[Passage, ...]

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Its sections, in order; a section holds those below it."""
        text = self.document.text
        headings = [block for block in self.document.blocks if block.kind == "heading"]
        sections = []
        for number, heading in enumerate(headings):
            below = (block.span.start for block in headings[number + 1 :] if block.level <= heading.level)
            end = next(below, len(text))
            count = sum(heading.span.end <= passage.span.start < end for passage in self.passages)
            title = _NUMBERING.sub("", text[heading.span.start : heading.span.end]).strip()
            sections.append(Section(title, heading.span.end, end, count))
        return tuple(sections)


def read_manuals(path: Path, limit: int) -> list[Manual]:
    """Read a file, or files of a folder in an order by chance that is the same every time.

    Args:
        path: The file or folder.
        limit: How many passages are enough; the document that reaches it is the last.

    Raises:
        CorpusError: Nothing can be read.
    """
    manuals: list[Manual] = []
    total = 0
    with ReadingProcess() as process:
        for name, file in _files(path).items():
            try:
                reading = process.read(file, Repair())
            except CorpusError:
                if file == path:
                    raise
                continue
            said = reading.properties.language[:2].lower()
            language = said if said in LANGUAGES else LANGUAGES[0]
            title = reading.properties.title or file.stem
            document = as_document(Metadata(name, title, "report", language, file.name), reading)
            manuals.append(Manual(file, document, segment(document)))
            total += len(manuals[-1].passages)
            if total >= limit:
                break
    if not total:
        raise CorpusError(f"{path}: nothing in it can be read.", "Name a document, or a folder of documents.")
    return [manual for manual in manuals if manual.passages]


def _files(path: Path) -> dict[str, Path]:
    """The files to read, by the id that each gets."""
    if path.is_file():
        return {slug(path.stem) or "document": path}
    known = {suffix for its_format in FORMATS for suffix in its_format.suffixes}
    files: dict[str, Path] = {}
    for file in sorted(path.rglob("*"), key=lambda file: (_rank(file), str(file))):
        if file.is_file() and file.suffix.lower() in known:
            files.setdefault(slug(str(file.relative_to(path).with_suffix(""))) or "document", file)
    return dict(sorted(files.items(), key=lambda entry: sha256(entry[0].encode()).digest()))


def _rank(file: Path) -> int:
    suffix = file.suffix.lower()
    return _PREFERRED.index(suffix) if suffix in _PREFERRED else len(_PREFERRED)


def write_manual(manual: Manual, folder: Path, *, with_headings: bool) -> None:
    """Make a manual a document of a corpus.

    Args:
        manual: The manual.
        folder: The folder of the document, which is made.
        with_headings: Whether it is the file as it is, or a page of its other blocks.
    """
    folder.mkdir(parents=True)
    its = manual.document.metadata
    if with_headings:
        name = manual.path.name
        shutil.copyfile(manual.path, folder / name)
    else:
        name = "stripped.html"
        body = "\n".join(f"<p>{escape(words)}</p>" for _, words in _blocks(manual.document))
        page = f'<!doctype html>\n<html lang="{its.language}"><meta charset="utf-8"><body>\n{body}\n</body></html>\n'
        (folder / name).write_text(page, encoding="utf-8")
    said = {"title": its.title, "kind": its.kind, "language": its.language, "file": name}
    (folder / METADATA_FILE).write_text(tomli_w.dumps(said), encoding="utf-8")


def map_passages(manual: Manual, passages: Sequence[Passage]) -> list[int]:
    """Where passages of a manual, as it is or without its headings, begin in the text as it is.

    Blanks do not count, as they are folded anew where headings are gone.

    Args:
        manual: The manual.
        passages: Its passages in either form, in order.

    Raises:
        CorpusError: A passage is not in the text.
    """
    starts: list[int] = []
    lengths: list[int] = [0]
    squeezed: list[str] = []
    for start, words in _blocks(manual.document):
        starts.append(start)
        squeezed.append(_BLANK.sub("", words))
        lengths.append(lengths[-1] + len(squeezed[-1]))
    whole = "".join(squeezed)
    reached = 0
    places = []
    for passage in passages:
        words = _BLANK.sub("", passage.text)
        found = whole.find(words, reached)
        if found < 0:
            raise CorpusError(f"{manual.path}: “{passage.text[:60]}” is not found again.", "Name another document.")
        places.append(starts[bisect_right(lengths, found) - 1])
        reached = found + len(words)
    return places


def _blocks(document: Document) -> Iterable[tuple[int, str]]:
    """Where each block that is no heading begins, and its words."""
    for block in document.blocks:
        if block.kind not in _HEADINGS:
            yield block.span.start, document.text[block.span.start : block.span.end]
