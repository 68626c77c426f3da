"""What every reader returns, and what readers share."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iio_kg.corpus.clean import RawBlock
    from iio_kg.corpus.document import Page, Repair


#: Is told how many parts (pages, chapters) of how many are read.
Progress: TypeAlias = Callable[[int, int], None]
#: What stands at the end of a line that ends a sentence.
ENDS_SENTENCE = re.compile(r"[.!?:;…][’”\"')\]]*$")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UNUSED = frozenset(b"\x81\x8d\x8f\x90\x9d")


def unheard(_done: int, _total: int) -> None:
    """Progress that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What a file says of itself. Empty strings mean: nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    language: str = ""
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read.

    Attributes:
        source: Its text as extracted.
        pages: Its pages; one without a label where the format has none.
        blocks: The blocks found in it.
        properties: What it says of itself.
        warnings: What a maintainer should look at, one sentence each, its kind before a colon.
        typed: Whether its blanks are those that somebody typed. Where they were inferred from how letters stand on a
            page, or come from such an extraction, a blank may stand inside a word.
    """

    source: str
    pages: tuple[Page, ...]
    blocks: tuple[RawBlock, ...]
    properties: Properties = Properties()
    warnings: tuple[str, ...] = ()
    typed: bool = False


def read_head(path: Path) -> bytes:
    """The first kilobytes of a file, in which its kind shows.

    Raises:
        CorpusError: The file is missing or cannot be read.
    """
    with _reading(path), path.open("rb") as file:
        return file.read(4096)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise CorpusError(f"{path}: this file is missing.", "Put it back or correct 'file'.") from None
    except OSError as error:
        raise CorpusError(f"{path}: this file cannot be read ({error.strerror}).", "Look at its rights.") from None


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        CorpusError: The file is missing or cannot be read.
    """
    with _reading(path):
        return path.read_bytes()


def read_source(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a file with plain line ends, and a warning where it is not UTF-8.

    Raises:
        CorpusError: The file is missing, or is not text.
    """
    text, warnings = decode(read_bytes(path), str(path))
    return text.replace("\r\n", "\n").replace("\r", "\n"), warnings


def decode(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Text from bytes, and a warning where they are not UTF-8.

    A mark at the beginning decides; then UTF-16 shows by its zeros. What is neither that nor UTF-8 is read line by
    line, as UTF-8 where it can be and as Windows-1252 elsewhere: old Dutch files are in the one, or in both.

    Raises:
        CorpusError: These are not the bytes of a text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace"), () if encoding == "utf-8-sig" else (
                f"encoding: {name} is UTF-16.",
            )
    zeros = content[:4096].count(0)
    if zeros:
        odd = content[1:4096:2].count(0)
        if len(content) % 2 == 0 and max(odd, zeros - odd) > 0.3 * len(content[:4096]) / 2:
            encoding = "utf-16-le" if odd > zeros - odd else "utf-16-be"
            return content.decode(encoding, "replace"), (f"encoding: {name} is UTF-16.",)
        raise CorpusError(f"{name}: this is not a text.", "Name its format by its ending: .pdf, .docx, .epub, .html.")
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError:
        lines = content.splitlines(keepends=True)
        return "".join(map(_decode_line, lines)), (f"encoding: {name} is not UTF-8 throughout; read as Windows-1252.",)


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        # The five bytes that Windows-1252 leaves free stand for control characters, as the WHATWG has it.
        return "".join(chr(byte) if byte in _UNUSED else bytes([byte]).decode("cp1252") for byte in line)


def require_places(source: str, repair: Repair, name: str) -> None:
    """Refuse a text that is empty or lacks what `repair` names.

    Raises:
        CorpusError: It is or does.
    """
    if not source.strip():
        raise CorpusError(f"{name}: there is no text in this file.")
    words = folded(source)
    for field, places in (("joins", repair.joins), ("continues", repair.continues)):
        for place in places:
            if place not in words:
                raise CorpusError(
                    f"{name}: '{place}', named under repair.{field}, is not in the text.",
                    "Copy the words from the file, with single blanks.",
                )


def folded(text: str) -> str:
    """The text with every stretch of white space as one blank."""
    return re.sub(r"\s+", " ", text)
