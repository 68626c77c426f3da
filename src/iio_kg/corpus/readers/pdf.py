"""PDF: pages, headings and paragraphs from the characters, their places and their sizes.

pdfium gives each character with its box and the size of its type. Everything else is read from those: lines, what runs
along at the head and foot of pages, headings (from the outline, or from a size above that of the running text), notes
and where a paragraph ends; `ruled` finds the cells of tables drawn with lines.
The text of each page stays as it was extracted; only blocks leave things out.
"""

from __future__ import annotations

import re
from collections import Counter
from ctypes import byref, c_double
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from iio_kg.corpus.clean import RawBlock
from iio_kg.corpus.document import Page, Span
from iio_kg.corpus.readers.reading import ENDS_SENTENCE, Properties, Reading, require_places, unheard
from iio_kg.corpus.readers.ruled import find_cells
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from iio_kg.corpus.document import Repair
    from iio_kg.corpus.readers.reading import Progress
    from iio_kg.corpus.readers.ruled import Box, Cells, Place

#: What pdfium puts for a hyphen at which a line was broken.
_BROKEN_AT = "\x02\ufffe"
#: Written for a character of which the file does not say what it is.
_UNMAPPED = "\ufffd"
#: Notes are set in type smaller than this part of the running text, and begin with a number or a mark.
_NOTE_SIZE = 0.93
_NOTE = re.compile(r"(?:\d{1,3}|[*†‡])[.)]?\s*(?=[^\W\d_]|[\"‘“'(])")
#: The parts of a page, from its edges, in which running heads and feet stand.
_MARGIN = 0.12
#: What stands in the margin of this many pages at the same height runs along with them.
_RUNS_ALONG = 3
#: Type larger than this many times the running text is a heading, when it is no longer than this.
_HEADING_SIZE, _HEADING_LENGTH = 1.12, 200
#: A gap between lines beyond this many times the usual one ends a paragraph.
_PARAGRAPH_GAP = 1.35
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
_ITEM = re.compile(r"(?:(\d{1,2})[.)]|[•●▪◦*–])\s+(?=\S)")
_ALIKE = re.compile(r"[\W_]+")
#: The number before a heading, which outlines often leave out; and the dots of a table of contents.
_NUMBERING = re.compile(r"^(?:\d+\.?)+\s+|^[A-Z]\.?\d*\s+(?=[A-Z])")
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*\d*$")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page, or a row of a table on it: where it stands in the source and on the page.

    Places are in points, from the left and from the foot. `cells` is empty for a line of text.
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


def read(path: Path, repair: Repair, progress: Progress = unheard) -> Reading:
    """Read a PDF file.

    Raises:
        CorpusError: The file is missing, damaged, locked with a password, or holds no text; or it lacks what
            `repair` names.
    """
    import pypdfium2

    if not path.is_file():
        raise CorpusError(f"{path}: this file is missing.", "Put it back or correct 'file'.")
    try:
        with pypdfium2.PdfDocument(path) as document:
            return _read(document, path, repair, progress)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).casefold():
            raise CorpusError(f"{path}: this PDF is locked with a password.", "Save it without one.") from None
        raise CorpusError(f"{path}: this is not a whole PDF.", "Fetch it again.") from None


def _read(document: Any, path: Path, repair: Repair, progress: Progress) -> Reading:
    parts: list[str] = []
    pages: list[Page] = []
    lines: list[_Line] = []
    heights: dict[int, float] = {}
    unmapped: list[str] = []
    empty: list[str] = []
    position = 0
    if not len(document):
        raise CorpusError(f"{path}: this PDF has no pages.", "Fetch it again.")
    for index in range(len(document)):
        page = document[index]
        number = index + 1
        heights[number] = page.get_height()
        reader = _PageReader(number, position, find_cells(page))
        text = reader.read(page)
        page.close()
        label = document.get_page_label(index) or str(number)
        pages.append(Page(number, label, Span(position, position + len(text))))
        parts.append(text)
        position += len(text)
        lines.extend(reader.lines)
        if text.count(_UNMAPPED) > 0.05 * len(text.strip()) > 0:
            unmapped.append(label)
        elif not text.strip():
            empty.append(label)
        progress(number, len(document))
    source = "".join(parts)
    if not source.strip():
        raise CorpusError(
            f"{path}: this PDF holds pictures of pages and no text.",
            "Recognise its text: 'iio-kg corpus add --ocr', which needs the extra iio-kg[ocr].",
        )
    if len(unmapped) > len(pages) / 2:
        raise CorpusError(
            f"{path}: the type in this PDF does not say which letters it shows.",
            "Recognise its text from the pages: 'iio-kg corpus add --ocr', which needs the extra iio-kg[ocr].",
        )
    require_places(source, repair, str(path))
    warnings = []
    if unmapped:
        warnings.append(f"unreadable type: {path}: letters unknown on page {', '.join(unmapped)}.")
    if empty:
        warnings.append(f"no text: {path}: page {', '.join(empty)} holds no text.")
    flow, notes = _without_notes(_without_what_runs_along(lines, heights, len(pages)))
    levels = _heading_levels(flow, _outline(document))
    blocks = tuple(_blocks(flow, levels, notes))
    return Reading(source, tuple(pages), blocks, _properties(document), tuple(warnings))


def _properties(document: Any) -> Properties:
    # When the file was made is no date of publication: whoever saves it anew makes it anew.
    said = {name: " ".join(value.split()) for name, value in document.get_metadata_dict().items()}
    authors = tuple(name for name in re.split(r"\s*[;,]\s*", said.get("Author", "")) if name)
    return Properties(title=said.get("Title", ""), authors=authors)


class _PageReader:
    """Reads the characters of a page in the order in which they are drawn.

    Args:
        number: The page's number.
        position: Where its text begins in the source.
        cells: The cells of its tables.
    """

    def __init__(self, number: int, position: int, cells: Cells) -> None:
        self._number = number
        self._position = position
        self._cells = cells
        self._written: list[str] = []
        self.lines: list[_Line] = []
        self._letters: list[str] = []
        self._boxes: list[Box] = []
        self._sizes: list[float] = []
        # By table, row and column: what stands in the cell; and where and how large.
        self._table: dict[Place, list[str]] = {}
        self._table_boxes: dict[tuple[int, int], list[tuple[Box, float]]] = {}
        self._cell: Place | None = None

    def read(self, page: Any) -> str:
        """The text of the page: a line of it on each line, or a row with a tab between cells, and a line end last."""
        from pypdfium2 import raw

        text_page = page.get_textpage()
        left, right, bottom, top = (c_double() for _ in range(4))
        for index in range(text_page.count_chars()):
            code = raw.FPDFText_GetUnicode(text_page, index)
            character = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else _UNMAPPED
            if not character.isspace() and raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
                box = (left.value, right.value, bottom.value, top.value)
                size = raw.FPDFText_GetFontSize(text_page, index) * _scale(raw, text_page, index)
            else:
                box, size = None, 0.0
            self._take(character, box, size)
        text_page.close()
        self._end_line()
        self._end_tables()
        return "".join(self._written)

    def _take(self, character: str, box: Box | None, size: float) -> None:
        """Take one character."""
        if box is not None and self._cells.boxes and character not in _BROKEN_AT:
            place = self._cells.at(box)
            if place != self._cell and (place is None or self._cell is None):
                self._end_line()
            if place is None and self._cell is not None:
                self._end_tables()
            self._cell = place
        if self._cell is not None:
            self._take_into_cell(self._cell, character, box, size)
        elif character == "\n":
            self._end_line(even_if_empty=True)
        elif character in _BROKEN_AT:
            self._letters.append("-")
            self._end_line()
        elif character != "\r":
            if box is not None:
                if self._boxes and _is_elsewhere(self._boxes[-1], box):
                    self._end_line()
                self._boxes.append(box)
                self._sizes.append(size)
            self._letters.append(character if not character.isspace() else " ")

    def _take_into_cell(self, place: Place, character: str, box: Box | None, size: float) -> None:
        letters = self._table.setdefault(place, [])
        if character in _BROKEN_AT:
            letters.append("-\n")
        elif character == "\n":
            letters.append("\n")
        elif character != "\r":
            letters.append(character if not character.isspace() else " ")
        if box is not None:
            self._table_boxes.setdefault(place[:2], []).append((box, size))

    def _end_line(self, *, even_if_empty: bool = False) -> None:
        text = "".join(self._letters)
        if not text and not even_if_empty:
            return
        if text.strip() and self._boxes:
            start = self._position + len(text) - len(text.lstrip())
            self.lines.append(
                _Line(
                    Span(start, self._position + len(text.rstrip())),
                    text.strip(),
                    self._number,
                    min(b[0] for b in self._boxes),
                    max(b[1] for b in self._boxes),
                    median(b[2] for b in self._boxes),
                    median(b[3] for b in self._boxes),
                    round(median(self._sizes), 1),
                )
            )
        self._write(text + "\n")
        self._letters.clear()
        self._boxes.clear()
        self._sizes.clear()

    def _end_tables(self) -> None:
        """Write the rows of the tables that were read since the last line."""
        for table, row in sorted({place[:2] for place in self._table}):
            begun, spans = len(self._written), []
            for column in range(self._cells.columns(table, row)):
                text = "".join(self._table.get((table, row, column), [])).strip()
                if column:
                    self._write("\t")
                spans.append(Span(self._position, self._position + len(text)))
                self._write(text)
            filled = [span for span in spans if span.end > span.start]
            its = self._table_boxes.get((table, row), [])
            if filled and its:
                words = "".join(self._written[begun:])
                # A row of which one cell is filled is a caption, or a cell over the whole width.
                self.lines.append(
                    _Line(
                        Span(filled[0].start, filled[-1].end),
                        " ".join(words.split()),
                        self._number,
                        min(box[0] for box, _ in its),
                        max(box[1] for box, _ in its),
                        min(box[2] for box, _ in its),
                        max(box[3] for box, _ in its),
                        round(median(size for _, size in its), 1),
                        tuple(spans) if len(filled) > 1 else (),
                    )
                )
            self._write("\n")
        self._table.clear()
        self._table_boxes.clear()
        self._cell = None

    def _write(self, text: str) -> None:
        self._written.append(text)
        self._position += len(text)


def _scale(raw: Any, text_page: Any, index: int) -> float:
    """By how much the page enlarges the type of a character; some writers set all type at one point and scale it."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(text_page, index, byref(matrix)):
        return 1.0
    return float((matrix.b**2 + matrix.d**2) ** 0.5) or 1.0


def _is_elsewhere(last: tuple[float, float, float, float], box: tuple[float, float, float, float]) -> bool:
    """Whether a character stands on another line than the one before it, though no line end was given between."""
    height = max(last[3] - last[2], box[3] - box[2], 1.0)
    return abs((box[2] + box[3]) - (last[2] + last[3])) / 2 > 1.2 * height and box[0] < last[1]


def _without_what_runs_along(lines: Sequence[_Line], heights: dict[int, float], pages: int) -> list[_Line]:
    """The lines without page numbers, running heads and feet, and the lines of a table of contents."""

    def in_margin(line: _Line) -> bool:
        height = heights[line.page]
        return line.bottom > height * (1 - _MARGIN) or line.top < height * _MARGIN

    def key(line: _Line) -> tuple[str, int]:
        return _DIGITS.sub("#", line.text.casefold()), round(line.bottom / 4)

    seen = Counter(its_key for its_key, _ in {(key(line), line.page) for line in lines if in_margin(line)})
    enough = min(_RUNS_ALONG, max(2, pages))
    return [
        line
        for line in lines
        if not (in_margin(line) and not line.cells and (seen[key(line)] >= enough or _is_number(line.text)))
        and not _LEADERS.search(line.text)
    ]


def _without_notes(lines: Sequence[_Line]) -> tuple[list[_Line], dict[int, list[_Line]]]:
    """The lines without the notes at the foot of pages, and those notes by page.

    A note begins with its number, in type smaller than the running text, and nothing but notes stands below it.
    """
    usual = _usual_size(lines)
    flow: list[_Line] = []
    notes: dict[int, list[_Line]] = {}
    for page, its in groupby(lines, key=lambda line: line.page):
        on_page = list(its)
        first = len(on_page)
        for number in range(len(on_page) - 1, -1, -1):
            line = on_page[number]
            if line.cells or line.size > usual * _NOTE_SIZE:
                break
            if _NOTE.match(line.text):
                first = number
        flow.extend(on_page[:first])
        if first < len(on_page):
            notes[page] = on_page[first:]
    return flow, notes


def _usual_size(lines: Sequence[_Line]) -> float:
    """The size of most of the type."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def _is_number(text: str) -> bool:
    return _DIGITS.fullmatch(text.strip(" -–|").casefold()) is not None


def _outline(document: Any) -> dict[tuple[str, int], int]:
    """The level of each entry of the outline, by its words without blanks and marks, and its page."""
    levels: dict[tuple[str, int], int] = {}
    for entry in document.get_toc(max_depth=6):
        target = entry.get_dest()
        index = target.get_index() if target else None
        if index is not None:
            levels.setdefault((_plain(entry.get_title()), index + 1), entry.level + 1)
    return levels


def _plain(text: str) -> str:
    return _ALIKE.sub("", _NUMBERING.sub("", text.strip())).casefold()


def _heading_levels(lines: Sequence[_Line], outline: dict[tuple[str, int], int]) -> dict[int, int]:
    """Which lines, by number, are headings, and of which level.

    Where there is an outline its words decide; otherwise, the larger the type, the higher the heading.
    """
    if not lines:
        return {}
    if outline:
        levels: dict[int, int] = {}
        for first in range(len(lines)):
            bullet = _ITEM.match(lines[first].text)
            if lines[first].cells or (bullet and not bullet.group(1)):
                continue
            # A long heading takes two or three lines.
            for last in range(first, min(first + 3, len(lines))):
                joined = " ".join(line.text for line in lines[first : last + 1])
                level = outline.get((_plain(joined), lines[first].page))
                if level is not None:
                    levels.update(dict.fromkeys(range(first, last + 1), level))
        return levels
    usual = _usual_size(lines)
    larger = sorted({line.size for line in lines if line.size > usual * _HEADING_SIZE and not line.cells}, reverse=True)
    ranks = {size: min(rank, 6) for rank, size in enumerate(larger, 1)}
    return {
        number: ranks[line.size]
        for number, line in enumerate(lines)
        if line.size in ranks
        and not line.cells
        and len(line.text) <= _HEADING_LENGTH
        and any(c.isalpha() for c in line.text)
    }


def _blocks(lines: Sequence[_Line], levels: dict[int, int], notes: dict[int, list[_Line]]) -> Iterator[RawBlock]:
    """The blocks in reading order; the notes of a page follow the block that ends last on it."""
    usual_gap = _usual_gap(lines)
    pending = dict(notes)
    block: list[_Line] = []
    level = 0
    opens_table = True
    for number, line in enumerate(lines):
        its_level = levels.get(number, 0)
        if block and (
            its_level != level or line.cells or block[-1].cells or _begins(block, line, usual_gap, heading=bool(level))
        ):
            yield _block(block, level, opens_table=opens_table)
            for page in [page for page in pending if page < line.page]:
                yield from _note_blocks(pending.pop(page))
            opens_table = not block[-1].cells
            block = []
        block.append(line)
        level = its_level
    if block:
        yield _block(block, level, opens_table=opens_table)
    for page in list(pending):
        yield from _note_blocks(pending.pop(page))


def _note_blocks(lines: Sequence[_Line]) -> Iterator[RawBlock]:
    note: list[_Line] = []
    for line in lines:
        if note and _NOTE.match(line.text):
            yield RawBlock("paragraph", tuple(one.span for one in note))
            note = []
        note.append(line)
    yield RawBlock("paragraph", tuple(one.span for one in note))


def _usual_gap(lines: Sequence[_Line]) -> float:
    """The usual distance from one line to the next, in heights of the type."""
    gaps = [
        (above.bottom - below.bottom) / above.size
        for above, below in pairwise(lines)
        if above.page == below.page and above.size > 0 and 0 < above.bottom - below.bottom < 3 * above.size
    ]
    return median(gaps) if gaps else 1.2


def _begins(block: Sequence[_Line], line: _Line, usual_gap: float, *, heading: bool) -> bool:
    """Whether a line begins a new block."""
    last = block[-1]
    if _ITEM.match(line.text):
        return True
    apart = abs(last.size - line.size) > 0.6
    if line.page != last.page or line.bottom > last.bottom:
        # On the next page or in the next column a sentence goes on.
        return heading or apart or bool(ENDS_SENTENCE.search(last.text)) or not line.text[:1].islower()
    return apart or (last.bottom - line.bottom) / max(last.size, 1.0) > usual_gap * _PARAGRAPH_GAP


def _block(lines: Sequence[_Line], level: int, *, opens_table: bool) -> RawBlock:
    cells = lines[0].cells
    if cells:
        # The first row says what stands below it when it names every column and counts nothing.
        is_header = opens_table and all(c.end > c.start for c in cells) and not any(map(str.isdecimal, lines[0].text))
        return RawBlock("row", cells, level=int(is_header))
    spans = tuple(line.span for line in lines)
    if level:
        return RawBlock("heading", spans, level=level)
    item = _ITEM.match(lines[0].text)
    if item and len(lines[0].text) > item.end():
        number = int(item.group(1)) if item.group(1) else None
        return RawBlock("item", spans, number=number, prefix=item.end())
    return RawBlock("paragraph", spans)
