"""Readers: one module per format, each turning a file into a `Reading`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from iio_kg.corpus.readers import markdown, pdf, text
from iio_kg.corpus.readers.reading import Reading
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.corpus.document import Repair

__all__ = ["Reader", "Reading", "reader_for"]


class Reader(Protocol):
    """Turns a file into a reading."""

    def __call__(self, path: Path, repair: Repair) -> Reading:
        """Read the file at `path`."""


@dataclass(frozen=True, slots=True)
class _Format:
    suffixes: tuple[str, ...]
    read: Reader


FORMATS = (_Format((".txt",), text.read), _Format((".md",), markdown.read), _Format((".pdf",), pdf.read))


def reader_for(path: Path) -> Reader:
    """The reader for a file, by its ending.

    Raises:
        CorpusError: No reader takes files with this ending.
    """
    for known in FORMATS:
        if path.suffix.lower() in known.suffixes:
            return known.read
    known_suffixes = ", ".join(suffix for known in FORMATS for suffix in known.suffixes)
    raise CorpusError(f"{path}: files ending in '{path.suffix}' cannot be read.", f"Readable are: {known_suffixes}.")
