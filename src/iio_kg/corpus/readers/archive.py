"""Opening the zip archives that DOCX and EPUB files are, without being filled up by a hostile one."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The most that an archive may unpack to, one part with text, and the number of its parts. A report of 2,000 pages with
#: its pictures stays far below.
MAX_UNPACKED, MAX_PART, MAX_PARTS = 1 << 30, 64 << 20, 20_000
_MARKUP = (".xml", ".rels", ".html", ".htm", ".xhtml", ".opf", ".ncx")


@contextmanager
def open_archive(path: Path, kind: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose declared sizes are within bounds; zipfile holds every part to its declared size.

    Args:
        path: The file.
        kind: What it should be, for messages: ``DOCX``, ``EPUB``.

    Raises:
        CorpusError: The file is missing, is no archive, is damaged, locked, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise CorpusError(f"{path}: this {kind} unpacks to more than is taken.", "Is it what it seems to be?")
            large = next((e for e in entries if e.file_size > MAX_PART and e.filename.lower().endswith(_MARKUP)), None)
            if large is not None:
                raise CorpusError(f"{path}: the part {large.filename} of this {kind} is larger than is taken.")
            if any(entry.flag_bits & 1 for entry in entries):
                raise CorpusError(f"{path}: this {kind} is locked with a password.", "Save it without one.")
            yield archive
    except FileNotFoundError:
        raise CorpusError(f"{path}: this file is missing.", "Put it back or correct 'file'.") from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise CorpusError(f"{path}: this is not a whole {kind} ({error}).", "Fetch it again.") from None


def read_part(archive: zipfile.ZipFile, name: str, path: Path, kind: str) -> bytes:
    """The content of one part of an archive.

    Raises:
        CorpusError: It is missing or damaged.
    """
    try:
        return archive.read(name)
    except KeyError:
        raise CorpusError(f"{path}: the part {name} is missing from this {kind}.", "Fetch it again.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise CorpusError(f"{path}: the part {name} of this {kind} is damaged ({error}).", "Fetch it again.") from None
