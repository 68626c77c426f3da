"""Reading as the tests of the readers need it: blocks as a person would list them, and the words of a document."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from iio_kg.corpus.document import Document, Metadata, Repair
from iio_kg.corpus.library import as_document
from iio_kg.corpus.readers import read_file

MANUALS = sorted(Path("/usr/share/doc/debian-edu-doc-nl").glob("*-manual.html"))
HELP = Path("/usr/share/libreoffice/help/nl/text")
WORDS = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]+)*")


def read_as_document(path: Path) -> Document:
    metadata = Metadata(id="x", title="De titel", kind="report", language="nl", file=path.name)
    return as_document(metadata, read_file(path, Repair()))


def outline(document: Document) -> list[tuple[object, ...]]:
    """The blocks of a document: kind, words, and the level or number where there is one."""
    return [
        (b.kind, document.text[b.body.start : b.body.end], *filter(None, (b.level, b.number))) for b in document.blocks
    ]


def headings(document: Document) -> list[str]:
    return [document.text[b.body.start : b.body.end] for b in document.blocks if b.kind == "heading"]


def words(text: str) -> Counter[str]:
    return Counter(word.casefold() for word in WORDS.findall(text))
