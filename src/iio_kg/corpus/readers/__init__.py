"""Readers: one module per format, each turning a file into a `Reading`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from iio_kg.corpus.readers import docx, epub, html, markdown, pdf, text
from iio_kg.corpus.readers.reading import Progress, Reading, read_head, unheard
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iio_kg.corpus.document import Repair

__all__ = ["FORMATS", "Format", "Reader", "Reading", "format_of", "read_file"]


class Reader(Protocol):
    """Turns a file into a reading."""

    def __call__(self, path: Path, repair: Repair, progress: Progress) -> Reading:
        """Read the file at `path`; tell `progress` how many parts of how many are read."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read.

    Attributes:
        name: As people call it.
        suffixes: The endings of its files; the first is given to files that come without.
        media_types: What servers call it.
        read: Its reader.
    """

    name: str
    suffixes: tuple[str, ...]
    media_types: tuple[str, ...]
    read: Reader


def _at_once(read: Callable[[Path, Repair], Reading]) -> Reader:
    """The reader of a format whose files have no parts to report on."""

    def reader(path: Path, repair: Repair, progress: Progress) -> Reading:
        reading = read(path, repair)
        progress(1, 1)
        return reading

    return reader


FORMATS = (
    Format("PDF", (".pdf",), ("application/pdf", "application/x-pdf"), pdf.read),
    Format(
        "DOCX",
        (".docx",),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
        _at_once(docx.read),
    ),
    Format("EPUB", (".epub",), ("application/epub+zip",), epub.read),
    Format("HTML", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml"), _at_once(html.read)),
    Format("Markdown", (".md",), ("text/markdown",), _at_once(markdown.read)),
    Format("plain text", (".txt",), ("text/plain",), _at_once(text.read)),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = {b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"II*\0": "TIFF", b"MM\0*": "TIFF"}


def format_of(path: Path) -> Format:
    """The format of a file, by its ending.

    Raises:
        CorpusError: No reader takes files with this ending.
    """
    for known in FORMATS:
        if path.suffix.lower() in known.suffixes:
            return known
    known_suffixes = ", ".join(suffix for known in FORMATS for suffix in known.suffixes)
    raise CorpusError(f"{path}: files ending in '{path.suffix}' cannot be read.", f"Readable are: {known_suffixes}.")


def read_file(path: Path, repair: Repair, progress: Progress = unheard) -> Reading:
    """Read a file with the reader for its ending, when that is what it is.

    Raises:
        CorpusError: The file cannot be used.
    """
    its_format = format_of(path)
    found = sniff(read_head(path))
    if found is not None and found not in its_format.name:
        known = next((f for f in FORMATS if f.name == found), None)
        remedy = f"Give it the ending {known.suffixes[0]}." if known else "Save it in a format that can be read."
        raise CorpusError(f"{path}: this file is called {its_format.suffixes[0]} but is {found}.", remedy)
    return its_format.read(path, repair, progress)


def sniff(head: bytes) -> str | None:
    """What a file is by its first bytes; None where they do not tell, as with text.

    Of an archive it is told by the name of its first part whether it is an EPUB or a DOCX.
    """
    start = head.lstrip()[:64].lower()
    if b"%PDF-" in head:
        return "PDF"
    if head.startswith(b"PK\x03\x04"):
        if b"mimetypeapplication/epub" in head or b"META-INF/container.xml" in head:
            return "EPUB"
        return "DOCX" if b"[Content_Types].xml" in head or b"word/" in head else None
    if head.startswith(_OLD_OFFICE):
        return "an old Office file, or one locked with a password"
    if start.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    return next((f"a picture ({name})" for mark, name in _PICTURES.items() if head.startswith(mark)), None)
