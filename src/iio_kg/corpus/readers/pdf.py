"""PDF: pages, headings and paragraphs from the characters, their places and their sizes.

pdfium gives each character with its box and the size of its type. Everything else is read from those: here the lines,
in `ruled` the cells of tables drawn with lines, in `furniture` what runs along at the head and foot of pages and the
notes, in `layout` headings (from the outline, or from larger or bolder type) and where a paragraph ends.
The text of each page stays as it was extracted; only blocks leave things out.
"""

from __future__ import annotations

import re
from ctypes import byref, c_double, c_int, create_string_buffer
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from iio_kg.corpus.document import Page, Span
from iio_kg.corpus.readers.furniture import note_groups, without_notes, without_what_runs_along
from iio_kg.corpus.readers.layout import Line, blocks_of, heading_levels, plain, with_open_tables
from iio_kg.corpus.readers.reading import Properties, Reading, read_head, require_places, unheard
from iio_kg.corpus.readers.ruled import find_cells
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iio_kg.corpus.document import Repair
    from iio_kg.corpus.readers.reading import Progress
    from iio_kg.corpus.readers.ruled import Box, Cells, Place

#: What pdfium puts for a hyphen at which a line was broken.
_BROKEN_AT = "\x02\ufffe"
#: Written for a character of which the file does not say what it is.
_UNMAPPED = "\ufffd"
#: The same, and characters that each maker of type gives a meaning of his own.
_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff]")
_NO_PAGES = re.compile(rb"/Type\s*/Pages\b[^>]*/Count\s+0\b|/Count\s+0\b[^>]*/Type\s*/Pages\b")
#: A blank wider than this many heights of the type parts columns; type smaller than this part of the line is raised.
_WIDE, _RAISED_SIZE = 1.1, 0.82
_RAISED = re.compile(r"[⁰¹²³⁴-⁹]{1,3}|\d{1,3}|[*†‡]")
_BOLD = re.compile(r"bold|black|heavy|-B$|Bd$|CMBX", re.IGNORECASE)


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
        if _NO_PAGES.search(read_head(path)):
            raise CorpusError(f"{path}: this PDF has no pages.", "Fetch it again.") from None
        raise CorpusError(f"{path}: this is not a whole PDF.", "Fetch it again.") from None


def _read(document: Any, path: Path, repair: Repair, progress: Progress) -> Reading:
    parts: list[str] = []
    pages: list[Page] = []
    lines: list[Line] = []
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
        if len(_UNKNOWN.findall(text)) > 0.05 * len(text.strip()) > 0:
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
    flow, notes = without_notes(without_what_runs_along(lines, heights, len(pages)))
    flow = with_open_tables(flow)
    levels = heading_levels(flow, _outline(document))
    blocks = tuple(blocks_of(flow, levels, {page: list(note_groups(its)) for page, its in notes.items()}))
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
        self.lines: list[Line] = []
        self._letters: list[str] = []
        # Of the letters that are seen: which they are, where and how large.
        self._places: list[int] = []
        self._boxes: list[Box] = []
        self._sizes: list[float] = []
        self._indices: list[int] = []
        # By table, row and column: what stands in the cell; and where and how large.
        self._table: dict[Place, list[str]] = {}
        self._table_boxes: dict[tuple[int, int], list[tuple[Box, float]]] = {}
        self._cell: Place | None = None
        self._text_page: Any = None

    def read(self, page: Any) -> str:
        """The text of the page: a line of it on each line, or a row with a tab between cells, and a line end last."""
        from pypdfium2 import raw

        text_page = self._text_page = page.get_textpage()
        left, right, bottom, top = (c_double() for _ in range(4))
        for index in range(text_page.count_chars()):
            code = raw.FPDFText_GetUnicode(text_page, index)
            character = _character(code)
            if not character.isspace() and raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
                box = (left.value, right.value, bottom.value, top.value)
                size = raw.FPDFText_GetFontSize(text_page, index) * _scale(raw, text_page, index)
            else:
                box, size = None, 0.0
            self._take(character, box, size, index)
        self._end_line()
        self._end_tables()
        text_page.close()
        return "".join(self._written)

    def _take(self, character: str, box: Box | None, size: float, index: int) -> None:
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
                self._places.append(len(self._letters))
                self._boxes.append(box)
                self._sizes.append(size)
                self._indices.append(index)
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
            self.lines.append(self._line(text))
        self._write(text + "\n")
        for its in (self._letters, self._places, self._boxes, self._sizes, self._indices):
            its.clear()

    def _line(self, text: str) -> Line:
        """The line whose characters were taken."""
        size = round(median(self._sizes), 1)
        start = self._position + len(text) - len(text.lstrip())
        return Line(
            Span(start, self._position + len(text.rstrip())),
            text.strip(),
            self._number,
            min(box[0] for box in self._boxes),
            max(box[1] for box in self._boxes),
            median(box[2] for box in self._boxes),
            median(box[3] for box in self._boxes),
            size,
            parts=self._parts(size),
            marks=tuple(self._marks(text, size)),
            is_bold=self._is_bold(self._indices[0]) and self._is_bold(self._indices[-1]),
        )

    def _parts(self, size: float) -> tuple[tuple[Span, float, float], ...]:
        """What wide blanks part on the line, from left to right."""
        breaks = [i for i, (a, b) in enumerate(pairwise(self._boxes), 1) if b[0] - a[1] > _WIDE * size]
        edges = [0, *breaks, len(self._boxes)]
        return tuple(
            (
                Span(self._position + self._places[first], self._position + self._places[end - 1] + 1),
                self._boxes[first][0],
                self._boxes[end - 1][1],
            )
            for first, end in pairwise(edges)
        )

    def _marks(self, text: str, size: float) -> Iterator[tuple[Span, str]]:
        """The figures that are raised above the line and follow a word."""
        order = {place: i for i, place in enumerate(self._places)}
        foot = median(box[2] for box in self._boxes)
        for match in _RAISED.finditer(text):
            first = order.get(match.start())
            if not first or not match.start() or text[match.start() - 1].isspace():
                continue
            is_small = self._sizes[first] <= _RAISED_SIZE * size and self._boxes[first][2] > foot + 0.15 * size
            if is_small or not (match.group() in "*†‡" or match.group().isdecimal()):
                yield Span(self._position + match.start(), self._position + match.end()), match.group()

    def _is_bold(self, index: int) -> bool:
        from pypdfium2 import raw

        name, flags = create_string_buffer(128), c_int()
        raw.FPDFText_GetFontInfo(self._text_page, index, name, 128, byref(flags))
        return bool(_BOLD.search(name.value.decode("latin-1")))

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
                    Line(
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


def _character(code: int) -> str:
    """The character for a number of pdfium's; control characters stand for type without a map to letters."""
    is_letter = 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000
    return chr(code) if is_letter or chr(code) in "\t\n\r\x02" else _UNMAPPED


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


def _outline(document: Any) -> dict[tuple[str, int], int]:
    """The level of each entry of the outline, by its words without blanks and marks, and its page."""
    levels: dict[tuple[str, int], int] = {}
    for entry in document.get_toc(max_depth=6):
        target = entry.get_dest()
        index = target.get_index() if target else None
        if index is not None:
            levels.setdefault((plain(entry.get_title()), index + 1), entry.level + 1)
    return levels
