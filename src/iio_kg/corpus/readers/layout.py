"""From the lines on the pages of a PDF to its blocks: which are headings and rows, and where a paragraph ends."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING

from iio_kg.corpus.clean import RawBlock
from iio_kg.corpus.document import Span
from iio_kg.corpus.readers.reading import ENDS_SENTENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Type larger than this many times the running text is a heading, when it is no longer than this.
_HEADING_SIZE, _HEADING_LENGTH = 1.12, 200
#: A gap between lines beyond this many times the usual one ends a paragraph.
_PARAGRAPH_GAP = 1.35
_ITEM = re.compile(r"(?:(\d{1,2})[.)]|[•●▪◦‣∙*–\uf0b7\uf0a7\uf0d8])\s+(?=\S)")
_ALIKE = re.compile(r"[\W_]+")
#: The number before a heading, which outlines often leave out.
_NUMBERING = re.compile(r"^(?:\d+\.?)+\s+|^[A-Z](?:\.?\d+)*\.?\s+(?=\S)")
#: Stands above the heading of a chapter, or above what is no part of the flow, and says nothing by itself.
_LABEL = re.compile(
    r"(?:hoofdstuk|bijlage|chapter|appendix) \w+|(?:inhouds?(?:opgave)?|(?:table of )?contents)", re.IGNORECASE
)
#: In place of a level: a label that opens no section.
_NO_LEVEL = -1
#: Columns of a table without lines: at least this many rows, this far apart (in heights of the type).
_FEWEST_ROWS, _CORRIDOR = 3, 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, or a row of a table on it: where it stands in the source and on the page.

    Places are in points, from the left and from the foot. `cells` is empty for a line of text.

    Attributes:
        parts: What wide blanks part, each with its left and right; empty where there are none.
        marks: Raised figures, which may lead to notes.
        hidden: The marks that do.
        is_bold: Whether it is set in bold type.
    """

    span: Span
    text: str
    page: int
    left: float
    right: float
    bottom: float
    top: float
    size: float
    cells: tuple[Span, ...] = ()
    parts: tuple[tuple[Span, float, float], ...] = ()
    marks: tuple[tuple[Span, str], ...] = ()
    hidden: tuple[Span, ...] = ()
    is_bold: bool = False


def usual_size(lines: Sequence[Line]) -> float:
    """The size of most of the type."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def usual_gap(lines: Sequence[Line]) -> float:
    """The usual distance from one line of a paragraph to the next, in heights of the type."""
    gaps = [
        ((above.bottom - below.bottom) / above.size, below.text[0].islower() and not ENDS_SENTENCE.search(above.text))
        for above, below in pairwise(lines)
        if above.page == below.page and above.size > 0 and 0.5 < (above.bottom - below.bottom) / above.size < 3
    ]
    # A line that goes on with a small letter is surely of the same paragraph.
    within = [gap for gap, goes_on in gaps if goes_on] or [gap for gap, _ in gaps]
    return median(within) if within else 1.2


def plain(text: str) -> str:
    """A heading without its number, blanks and marks, as outlines and pages may have it differently."""
    return _ALIKE.sub("", _NUMBERING.sub("", text.strip())).casefold()


def heading_levels(lines: Sequence[Line], outline: dict[tuple[str, int], int]) -> dict[int, int]:
    """Which lines, by number, are headings, and of which level.

    Where there is an outline its words decide; otherwise, the larger the type, the higher the heading, and a bold line
    by itself is the lowest.
    """
    return _by_outline(lines, outline) if outline else _by_type(lines)


def _by_outline(lines: Sequence[Line], outline: dict[tuple[str, int], int]) -> dict[int, int]:
    levels: dict[int, int] = {}
    for first, line in enumerate(lines):
        bullet = _ITEM.match(line.text)
        if line.cells or (bullet and not bullet.group(1)):
            continue
        # A long heading takes some lines.
        for last in range(first, min(first + 5, len(lines))):
            if lines[last].cells or abs(lines[last].size - line.size) > 0.6:
                break
            joined = " ".join(one.text for one in lines[first : last + 1])
            cut = "".join(one.text.removesuffix("-") for one in lines[first : last + 1])
            level = outline.get((plain(joined), line.page)) or outline.get((plain(cut), line.page))
            if level is not None:
                levels.update(dict.fromkeys(range(first, last + 1), level))
    usual = usual_size(lines)
    for number, line in enumerate(lines):
        if number not in levels and line.size > usual * _HEADING_SIZE and _LABEL.fullmatch(line.text):
            levels[number] = _NO_LEVEL
    return levels


def _by_type(lines: Sequence[Line]) -> dict[int, int]:
    usual = usual_size(lines)
    larger = sorted({line.size for line in lines if line.size > usual * _HEADING_SIZE and not line.cells}, reverse=True)
    ranks = {size: min(rank, 6) for rank, size in enumerate(larger, 1)}
    levels: dict[int, int] = {}
    gap = usual_gap(lines)
    for number, line in enumerate(lines):
        goes_on = number - 1 in levels and lines[number - 1].size == line.size
        has_words = goes_on or any(c.isalpha() for c in line.text)
        if line.cells or len(line.text) > _HEADING_LENGTH or not has_words:
            continue
        if line.size in ranks:
            levels[number] = ranks[line.size]
        elif line.is_bold and line.size >= usual * 0.8 and number not in levels:
            level = min(len(ranks) + 1, 6)
            levels.update(dict.fromkeys(range(number, _bold_heading(lines, number, gap)), level))
    return levels


def _bold_heading(lines: Sequence[Line], first: int, gap: float) -> int:
    """Where the heading ends that begins at a bold line; there is none where it ends where it begins.

    It stands apart from what is above it, is no sentence, takes at most three lines, and lighter type follows it.
    """
    line, above = lines[first], lines[first - 1] if first else None
    is_apart = above is None or above.page != line.page or above.bottom < line.bottom
    if not is_apart and above and (above.bottom - line.bottom) / line.size <= gap * _PARAGRAPH_GAP:
        return first
    end = first + 1
    while end < len(lines) and lines[end].is_bold and lines[end].size == line.size and not lines[end].cells:
        end += 1
    words = " ".join(one.text for one in lines[first:end])
    is_sentence = ENDS_SENTENCE.search(words) and not words.endswith("?")
    fits = end - first <= 3 and len(words) <= _HEADING_LENGTH * 0.75
    if end == len(lines) or lines[end].cells or is_sentence or words.endswith(",") or not fits:
        return first
    return end


def with_open_tables(lines: Sequence[Line]) -> list[Line]:
    """The lines, with those that stand in columns of their own as rows of a table that has no lines."""
    found: list[Line] = []
    i = 0
    while i < len(lines):
        end, corridors = _open_table(lines, i)
        if end - i < _FEWEST_ROWS:
            found.append(lines[i])
            i += 1
            continue
        found.extend(replace(line, cells=_cells(line, corridors)) for line in lines[i:end])
        i = end
    return found


def _open_table(lines: Sequence[Line], first: int) -> tuple[int, list[tuple[float, float]]]:
    """Where the table that begins at a line ends, and the white corridors between its columns."""
    corridors: list[tuple[float, float]] = []
    for number in range(first, len(lines)):
        line = lines[number]
        bullet = _ITEM.match(line.text)
        # A bullet and its text stand apart too.
        parts = line.parts
        if bullet and parts and bullet.end() > parts[0][0].end - line.span.start:
            parts = parts[1:]
        before = lines[number - 1] if number > first else None
        if len(parts) < 2 or (before and (before.page != line.page or before.bottom < line.bottom)):
            return number, corridors
        its = [(a[2], b[1]) for a, b in pairwise(parts)]
        shared = [
            (max(a, c), min(b, d))
            for a, b in corridors or its
            for c, d in its
            if min(b, d) - max(a, c) >= _CORRIDOR * line.size
        ]
        if not shared or (corridors and len(shared) < len(corridors) and number - first >= _FEWEST_ROWS):
            return number, corridors
        corridors = shared
    return len(lines), corridors


def _cells(line: Line, corridors: Sequence[tuple[float, float]]) -> tuple[Span, ...]:
    """The parts of a line by the column they stand in; a column without any is an empty cell."""
    cells: list[Span] = []
    end = line.span.start
    edges = [(left + right) / 2 for left, right in corridors]
    for column in range(len(edges) + 1):
        low = edges[column - 1] if column else float("-inf")
        high = edges[column] if column < len(edges) else float("inf")
        its = [span for span, left, _ in line.parts if low <= left < high]
        cells.append(Span(its[0].start, its[-1].end) if its else Span(end, end))
        end = cells[-1].end
    return tuple(cells)


def blocks_of(lines: Sequence[Line], levels: dict[int, int], notes: dict[int, list[list[Line]]]) -> Iterator[RawBlock]:
    """The blocks in reading order; the notes of a page follow the block that ends last on it."""
    gap = usual_gap(lines)
    by_page = {page: list(its) for page, its in groupby(lines, key=lambda line: line.page)}
    pending = dict(notes)
    block: list[Line] = []
    level = 0
    opens_table = True
    for number, line in enumerate(lines):
        its_level = levels.get(number, 0)
        if block and (
            its_level != level
            or line.cells
            or block[-1].cells
            or _begins(block[-1], line, gap, by_page[block[-1].page], heading=bool(level))
        ):
            yield _block(block, level, opens_table=opens_table)
            for page in [page for page in pending if page < line.page]:
                yield from map(_note, pending.pop(page))
            opens_table = not block[-1].cells
            block = []
        block.append(line)
        level = its_level
    if block:
        yield _block(block, level, opens_table=opens_table)
    for page in list(pending):
        yield from map(_note, pending.pop(page))


def _note(lines: Sequence[Line]) -> RawBlock:
    return RawBlock("paragraph", tuple(line.span for line in lines))


def _begins(last: Line, line: Line, gap: float, on_page: Sequence[Line], *, heading: bool) -> bool:
    """Whether a line begins a new block after another, which stands on a page of these lines."""
    if _ITEM.match(line.text):
        return True
    apart = abs(last.size - line.size) > 0.6
    if line.page == last.page and line.bottom <= last.bottom:
        return apart or (last.bottom - line.bottom) / max(last.size, 1.0) > gap * _PARAGRAPH_GAP
    if heading or apart or ENDS_SENTENCE.search(last.text):
        return True
    # On the next page or in the next column a sentence goes on, with a small letter, after a hyphen, or where its
    # first word would not have found room on the line before.
    if line.text[0].islower() or last.text[-1] in "-\u2010\u00ad":
        return False
    column = max(one.right for one in on_page if one.left < last.right and one.right > last.left)
    width = (line.right - line.left) / len(line.text) * (len(line.text.split(maxsplit=1)[0]) + 1)
    return line.is_bold or last.right + width < column


def _block(lines: Sequence[Line], level: int, *, opens_table: bool) -> RawBlock:
    cells = lines[0].cells
    hidden = tuple(span for line in lines for span in line.hidden)
    if cells:
        # The first row says what stands below it when it names every column and counts nothing.
        is_header = opens_table and all(c.end > c.start for c in cells) and not any(map(str.isdecimal, lines[0].text))
        return RawBlock("row", cells, level=int(is_header), hidden=hidden)
    spans = tuple(line.span for line in lines)
    if level == _NO_LEVEL:
        return RawBlock("side-heading", spans)
    if level:
        return RawBlock("heading", spans, level=level, hidden=hidden)
    item = _ITEM.match(lines[0].text)
    if item and len(lines[0].text) > item.end():
        number = int(item.group(1)) if item.group(1) else None
        return RawBlock("item", spans, number=number, prefix=item.end(), hidden=hidden)
    return RawBlock("paragraph", spans, hidden=hidden)
