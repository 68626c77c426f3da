"""What every reader returns, and what readers share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.corpus.clean import RawBlock
    from iio_kg.corpus.document import Page, Repair


#: What stands at the end of a line that ends a sentence.
ENDS_SENTENCE = re.compile(r"[.!?:;…][’”\"')\]]*$")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read: its text as extracted, its pages and the blocks found in it."""

    source: str
    pages: tuple[Page, ...]
    blocks: tuple[RawBlock, ...]


def read_source(path: Path) -> str:
    """The text of a file in UTF-8, with plain line ends.

    Raises:
        CorpusError: The file is missing or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise CorpusError(f"{path}: this file is missing.", "Put it back or correct 'file'.") from None
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: byte {error.start} is not UTF-8.", "Save the file in the encoding UTF-8.") from None


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
