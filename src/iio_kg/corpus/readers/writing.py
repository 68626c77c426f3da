"""Writing the source of a file that has structure and no lines: block by block, with page breaks where they fall.

HTML, EPUB and DOCX say what is a heading, a paragraph, an item or a row. Their text as extracted is written here: a
block, an empty line, the next block. Within a block a form feed stands where the file says that a page ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iio_kg.corpus.clean import RawBlock
from iio_kg.corpus.document import Page, Span
from iio_kg.corpus.readers.reading import Properties, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iio_kg.corpus.document import BlockKind

PAGE_BREAK = "\f"


class SourceWriter:
    """Takes blocks in reading order and gives the reading."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[RawBlock] = []
        self._page_starts: list[int] = [0]
        self._labels: list[str] = [""]

    @property
    def is_empty(self) -> bool:
        """Whether no block was written yet."""
        return not self._blocks

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int = 0,
        number: int | None = None,
        labels: Sequence[str] = (),
    ) -> None:
        """Write a block.

        Args:
            kind: What it is.
            text: Its words; white space in it is folded later, a form feed begins a page.
            level: Of a heading.
            number: Of a numbered item.
            labels: The printed numbers of the pages that begin in it, one for each form feed; empty: not known.
        """
        stripped = text.strip()
        if not stripped:
            self._break_pages(text, 0, labels)
            return
        lead = len(text) - len(text.lstrip())
        self._break_pages(text[:lead], 0, labels)
        before = text.count(PAGE_BREAK, 0, lead)
        start = self._length
        self._break_pages(text[lead:], start, labels[before:])
        self._write(f"{stripped}\n\n")
        self._blocks.append(RawBlock(kind, (Span(start, start + len(stripped)),), level=level, number=number))

    def add_row(self, cells: Sequence[str], *, is_header: bool = False) -> None:
        """Write a row of a table; a tab stands between two cells."""
        spans = []
        for position, cell in enumerate(cells):
            if position:
                self._write("\t")
            words = " ".join(cell.split())
            spans.append(Span(self._length, self._length + len(words)))
            self._write(words)
        self._write("\n")
        self._blocks.append(RawBlock("row", tuple(spans), level=1 if is_header else 0))

    def end_table(self) -> None:
        """Write the empty line after the last row."""
        self._write("\n")

    def begin_page(self, label: str = "") -> None:
        """Begin a page here, unless nothing stands on the last one."""
        if self._page_starts[-1] == self._length:
            self._labels[-1] = label
        else:
            self._page_starts.append(self._length)
            self._labels.append(label)

    def reading(self, properties: Properties, warnings: Sequence[str] = ()) -> Reading:
        """The source, its pages and its blocks."""
        source = "".join(self._parts)
        ends = [*self._page_starts[1:], len(source)]
        pages = tuple(
            Page(number, label, Span(start, end))
            for number, (start, end, label) in enumerate(zip(self._page_starts, ends, self._labels, strict=True), 1)
        )
        return Reading(source, pages, tuple(self._blocks), properties, tuple(warnings), typed=True)

    def _break_pages(self, text: str, start: int, labels: Sequence[str]) -> None:
        position = -1
        for label in [*labels, *([""] * (text.count(PAGE_BREAK) - len(labels)))]:
            position = text.find(PAGE_BREAK, position + 1)
            if position < 0:
                return
            if start:
                self._page_starts.append(start + position + 1)
                self._labels.append(label)
            else:
                self.begin_page(label)

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
