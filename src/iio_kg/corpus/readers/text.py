"""Plain text: pages, headings, numbered lists and paragraphs from nothing but lines and blanks.

Two layouts occur. In *block* layout a blank line parts paragraphs. In *spaced* layout, which some PDF extractors
write, a blank line follows every line, so that paragraphs show only in how lines end: a line is the last of its
paragraph when it ends a sentence and the first word of the next line would still have fitted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iio_kg.corpus.clean import RawBlock
from iio_kg.corpus.document import Page, Span
from iio_kg.corpus.readers.reading import ENDS_SENTENCE, Reading, folded, read_source, require_places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from iio_kg.corpus.document import Repair

#: This many blank lines in a row mark a page break in spaced layout.
PAGE_BREAK_BLANKS = 3
#: A heading is at most this part of the longest line of the document, and at most this many code points.
HEADING_WIDTH, HEADING_LENGTH = 0.6, 90
SIDE_HEADING_WORDS = 3

_OPENS_SENTENCE = re.compile(r"[‘“\"'(]*[A-ZÀ-Þ]")
_ITEM = re.compile(r"(\d{1,2})[.)]?\s+(?=[‘“\"'(]*[A-ZÀ-Þ])")
_BULLET = re.compile(r"[•●▪◦*–-]\s+(?=\S)")
_NOT_IN_HEADINGS = re.compile(r"@|www\.|://|\d{4,}")


@dataclass(frozen=True, slots=True)
class _Line:
    span: Span
    text: str
    page: int
    blanks_before: int

    @property
    def ends_sentence(self) -> bool:
        return bool(ENDS_SENTENCE.search(self.text))

    @property
    def opens_sentence(self) -> bool:
        return bool(_OPENS_SENTENCE.match(self.text))


def read(path: Path, repair: Repair) -> Reading:
    """Read a plain text file.

    Raises:
        CorpusError: The file is missing, is not text, holds none, or lacks what `repair` names.
    """
    source, warnings = read_source(path)
    return replace(read_text(source, repair, name=str(path)), warnings=warnings)


def read_text(source: str, repair: Repair, *, name: str = "text") -> Reading:
    """Find pages and blocks in a text; see `read`."""
    require_places(source, repair, name)
    spaced = _is_spaced(source)
    lines, pages = _split_pages(source, spaced=spaced)
    return Reading(source, pages, tuple(_Structure(lines, repair, spaced=spaced).blocks()))


def _is_spaced(source: str) -> bool:
    """Whether nearly every line is followed by a blank one although few of them end a sentence."""
    rows = [row.strip() for row in source.split("\n")]
    texts = [i for i, row in enumerate(rows[:-1]) if row]
    if len(texts) < 4:
        return False
    followed = sum(not rows[i + 1] for i in texts)
    open_ended = sum(not ENDS_SENTENCE.search(rows[i]) for i in texts)
    return followed >= 0.7 * len(texts) and open_ended >= 0.4 * len(texts)


def _split_pages(source: str, *, spaced: bool) -> tuple[list[_Line], tuple[Page, ...]]:
    """Cut the source into lines and pages: at form feeds, or at long runs of blank lines in spaced layout."""
    by_blanks = spaced and "\f" not in source
    lines: list[_Line] = []
    starts = [0]
    blanks, offset = 0, 0
    for row in re.split(r"(?<=[\n\f])", source) + ([""] if source.endswith("\n") else []):
        stripped = row.strip()
        if stripped:
            start = offset + row.index(stripped[0])
            lines.append(_Line(Span(start, start + len(stripped)), stripped, len(starts), blanks))
            blanks = 0
        else:
            blanks += 1
            if by_blanks and blanks == PAGE_BREAK_BLANKS and lines:
                starts.append(offset + len(row))
        offset += len(row)
        if row.endswith("\f"):
            starts.append(offset)
    ends = [*starts[1:], len(source)]
    pages = tuple(
        Page(number, str(number), Span(start, end))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    )
    return lines, pages


_Group = tuple[str, list[_Line]]


class _Structure:
    """Groups lines into blocks, one pass from top to bottom."""

    def __init__(self, lines: Sequence[_Line], repair: Repair, *, spaced: bool) -> None:
        self._lines = lines
        self._spaced = spaced
        self._continues = repair.continues
        self._heading_before = 0  # the line after the last heading found
        self._width = {
            page: max(len(line.text) for line in lines if line.page == page) for page in {line.page for line in lines}
        }
        self._widest = max(self._width.values())

    def blocks(self) -> list[RawBlock]:
        """The blocks in reading order, headings with their levels."""
        groups = self._group()
        marked = self._mark_side_headings(groups)
        blocks = self._merge_lists(self._set_levels(marked))
        return self._merge_afterthoughts(blocks) if self._spaced else blocks

    # -- lines to groups -------------------------------------------------------------------------------

    def _group(self) -> list[_Group]:
        """Lines as groups, each a ``heading`` or ``text``."""
        groups: list[_Group] = []
        i = 0
        while i < len(self._lines):
            heading = self._heading_at(i)
            if heading:
                self._heading_before = i + heading
                groups.append(("heading", list(self._lines[i : i + heading])))
                i += heading
                continue
            line = self._lines[i]
            if groups and groups[-1][0] == "text" and not self._starts_block(i):
                groups[-1][1].append(line)
            else:
                groups.append(("text", [line]))
            i += 1
        return groups

    def _is_tight(self, i: int) -> bool:
        """Whether line `i` stands closer to the line before it than an ordinary line does."""
        return self._lines[i].blanks_before == 0 and self._lines[i].page == self._lines[i - 1].page

    def _heading_at(self, i: int) -> int:
        """How many lines the heading that begins at line `i` has; 0 when none begins there."""
        lines = self._lines
        line = lines[i]
        limit = min(HEADING_LENGTH, HEADING_WIDTH * self._widest) if self._spaced else HEADING_LENGTH
        if not self._heading_like(line, limit):
            return 0
        before = lines[i - 1] if i else None
        if before is not None and before.page == line.page and not self._parted(i):
            return 0
        count = 1
        while (
            i + count < len(lines)
            and self._is_tight(i + count)
            and not lines[i + count].opens_sentence
            and not lines[i + count].ends_sentence
            and not _ITEM.match(lines[i + count].text)
            and len(lines[i + count].text) <= limit
        ):
            count += 1
        if i + count == len(lines):
            return 0
        after = lines[i + count]
        if not self._spaced and self._is_tight(i + count):
            return 0
        follows = after.opens_sentence or bool(_ITEM.match(after.text) or _BULLET.match(after.text))
        return count if follows or after.page != line.page else 0

    def _heading_like(self, line: _Line, limit: float) -> bool:
        return (
            len(line.text) <= limit
            and line.opens_sentence
            and not line.ends_sentence
            and not line.text.endswith((",", "-", "–"))
            and not _ITEM.match(line.text)
            and not _BULLET.match(line.text)
            and not _NOT_IN_HEADINGS.search(line.text)
        )

    def _parted(self, i: int) -> bool:
        """Whether what stands before line `i` is complete, so that a heading can begin there."""
        if not self._spaced:
            return self._lines[i].blanks_before > 0
        return self._lines[i - 1].ends_sentence or self._heading_before == i

    def _starts_block(self, i: int) -> bool:
        """Whether line `i` opens a paragraph or list item of its own."""
        line, before = self._lines[i], self._lines[i - 1]
        if _ITEM.match(line.text) or _BULLET.match(line.text):
            return before.ends_sentence or line.blanks_before > 0 or not self._spaced
        if not self._spaced:
            return line.blanks_before > 0 and not (line.page != before.page and not before.ends_sentence)
        if not before.ends_sentence or not line.opens_sentence:
            return False
        first_word = line.text.split(maxsplit=1)[0]
        return len(before.text) + 1 + len(first_word) <= self._width[before.page]

    # -- headings --------------------------------------------------------------------------------------

    def _mark_side_headings(self, groups: list[_Group]) -> list[_Group]:
        """Tell labels in the margin, which extractors put at the top of a page, from headings in the flow.

        A label is short, opens a page, and what follows it is another heading or goes on with what the page
        before left open. One page alone may just have a title and a heading: two pages must show it.
        """
        found: list[int] = []
        for i, (kind, lines) in enumerate(groups[:-1]):
            opens_page = i == 0 or groups[i - 1][1][-1].page != lines[0].page or i - 1 in found
            words = sum(len(line.text.split()) for line in lines)
            following_kind, following = groups[i + 1]
            goes_on = following_kind == "heading" or self._goes_on(following[0])
            if kind == "heading" and opens_page and words <= SIDE_HEADING_WORDS and goes_on:
                found.append(i)
        if len({groups[i][1][0].page for i in found}) < 2:
            return groups
        return [("side-heading" if i in found else kind, lines) for i, (kind, lines) in enumerate(groups)]

    @staticmethod
    def _goes_on(line: _Line) -> bool:
        item = _ITEM.match(line.text)
        return int(item.group(1)) > 1 if item else not line.opens_sentence

    def _set_levels(self, groups: list[_Group]) -> list[RawBlock]:
        """Give headings their level: the title 1; main sections 2; what stands under one of them 3.

        A heading is known as a main section by the label in its page's margin, whose words it repeats.
        """
        labels: dict[int, list[str]] = {}
        for kind, lines in groups:
            if kind == "side-heading":
                labels.setdefault(lines[0].page, []).append(self._text_of(lines).casefold())
        blocks: list[RawBlock] = []
        titled = in_labelled = False
        for kind, lines in groups:
            spans = tuple(line.span for line in lines)
            if kind == "heading":
                text = self._text_of(lines).casefold()
                labelled = any(label in text for label in labels.get(lines[0].page, []))
                if not titled and not any(b.kind in ("paragraph", "item") for b in blocks):
                    level, titled = 1, True
                else:
                    level = 3 if in_labelled and not labelled else 2
                in_labelled = in_labelled or labelled
                blocks.append(RawBlock("heading", spans, level))
            elif kind == "side-heading":
                blocks.append(RawBlock("side-heading", spans))
            else:
                blocks.append(self._text_block(lines, spans))
        return blocks

    @staticmethod
    def _text_of(lines: Sequence[_Line]) -> str:
        return " ".join(line.text for line in lines)

    # -- lists -----------------------------------------------------------------------------------------

    def _text_block(self, lines: Sequence[_Line], spans: tuple[Span, ...]) -> RawBlock:
        item = _ITEM.match(lines[0].text)
        if item:
            return RawBlock("item", spans, number=int(item.group(1)), prefix=item.end())
        bullet = _BULLET.match(lines[0].text)
        if bullet:
            return RawBlock("item", spans, prefix=bullet.end())
        return RawBlock("paragraph", spans)

    def _merge_lists(self, blocks: list[RawBlock]) -> list[RawBlock]:
        """Keep numbered items whole: text between item 1 and item 2 belongs to item 1.

        A number out of sequence is no item; a side heading between two items interrupts nothing.
        """
        merged: list[RawBlock] = []
        expected = 1
        for i, block in enumerate(blocks):
            if block.kind == "heading":
                expected = 1
            if block.kind == "item" and block.number is not None:
                if block.number in (1, expected):
                    expected = block.number + 1
                else:
                    block = replace(block, kind="paragraph", number=None, prefix=0)
            if block.kind == "paragraph" and merged and merged[-1].kind == "item":
                more = merged[-1].number is not None and self._returns(blocks, i, expected)
                if more or self._is_continuation(block):
                    merged[-1] = replace(merged[-1], lines=merged[-1].lines + block.lines)
                    continue
            merged.append(block)
        return merged

    @staticmethod
    def _returns(blocks: Sequence[RawBlock], i: int, number: int) -> bool:
        """Whether item `number` still follows block `i` before the section ends."""
        for block in blocks[i + 1 :]:
            if block.kind == "heading":
                return False
            if block.number is not None:
                return block.number == number
        return False

    @staticmethod
    def _merge_afterthoughts(blocks: Sequence[RawBlock]) -> list[RawBlock]:
        """Give a lone short line back to the paragraph before it.

        In spaced layout the evidence for a new paragraph is weak; for one of a single line it is weakest.
        """
        merged: list[RawBlock] = []
        for block in blocks:
            if block.kind == "paragraph" and len(block.lines) == 1 and merged and merged[-1].kind == "paragraph":
                merged[-1] = replace(merged[-1], lines=merged[-1].lines + block.lines)
            else:
                merged.append(block)
        return merged

    def _is_continuation(self, block: RawBlock) -> bool:
        first = next(line for line in self._lines if line.span == block.lines[0])
        position = self._lines.index(first)
        opening = folded(" ".join(line.text for line in self._lines[position : position + 3]))
        return any(opening.startswith(words) for words in self._continues)
