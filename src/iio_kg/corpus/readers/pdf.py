"""PDF: pages, headings and paragraphs from the characters, their places and their sizes.

pdfium gives each character with its box and the size of its type. Everything else is read from those: lines, what runs
along at the head and foot of pages, headings (from the outline, or from a size above that of the running text) and
where a paragraph ends. The text of each page stays as it was extracted; only blocks leave things out.
"""

from __future__ import annotations

import re
from collections import Counter
from ctypes import byref, c_double
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from iio_kg.corpus.clean import RawBlock
from iio_kg.corpus.document import Page, Span
from iio_kg.corpus.readers.reading import ENDS_SENTENCE, Reading, require_places
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from iio_kg.corpus.document import Repair

#: What pdfium puts for a hyphen at which a line was broken.
_BROKEN_AT = "\x02\ufffe"
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
    """A line of a page: where it stands in the source and on the page (in points, from the foot)."""

    span: Span
    text: str
    page: int
    left: float
    right: float
    bottom: float
    top: float
    size: float


def read(path: Path, repair: Repair) -> Reading:
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
            return _read(document, repair, str(path))
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).casefold():
            raise CorpusError(f"{path}: this PDF is locked with a password.", "Save it without one.") from None
        raise CorpusError(f"{path}: this is not a whole PDF.", "Fetch it again.") from None


def _read(document: Any, repair: Repair, name: str) -> Reading:
    parts: list[str] = []
    pages: list[Page] = []
    lines: list[_Line] = []
    heights: dict[int, float] = {}
    position = 0
    for index in range(len(document)):
        page = document[index]
        number = index + 1
        heights[number] = page.get_height()
        text, found = _read_page(page, number, position)
        page.close()
        pages.append(Page(number, document.get_page_label(index) or str(number), Span(position, position + len(text))))
        parts.append(text)
        position += len(text)
        lines.extend(found)
    source = "".join(parts)
    if not source.strip():
        raise CorpusError(
            f"{name}: this PDF holds pictures of pages and no text.", "Recognise its text first: ocrmypdf -l nld."
        )
    require_places(source, repair, name)
    body = _without_what_runs_along(lines, heights, len(pages))
    levels = _heading_levels(body, _outline(document))
    return Reading(source, tuple(pages), tuple(_blocks(body, levels)))


def _read_page(page: Any, number: int, position: int) -> tuple[str, list[_Line]]:
    """The text of a page, a line of it on each line and a line end after the last, and where its lines stand."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    left, right, bottom, top = (c_double() for _ in range(4))
    written: list[str] = []
    lines: list[_Line] = []
    letters: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    sizes: list[float] = []

    def end_line() -> None:
        nonlocal position
        text = "".join(letters)
        if text.strip() and boxes:
            start = position + len(text) - len(text.lstrip())
            lines.append(
                _Line(
                    Span(start, position + len(text.rstrip())),
                    text.strip(),
                    number,
                    min(b[0] for b in boxes),
                    max(b[1] for b in boxes),
                    median(b[2] for b in boxes),
                    median(b[3] for b in boxes),
                    round(median(sizes), 1),
                )
            )
        written.append(text + "\n")
        position += len(text) + 1
        letters.clear()
        boxes.clear()
        sizes.clear()

    for index in range(text_page.count_chars()):
        code = raw.FPDFText_GetUnicode(text_page, index)
        character = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        if character == "\n":
            end_line()
            continue
        if character == "\r":
            continue
        if character in _BROKEN_AT:
            letters.append("-")
            end_line()
            continue
        if not character.isspace() and raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
            box = (left.value, right.value, bottom.value, top.value)
            if boxes and _is_elsewhere(boxes[-1], box):
                end_line()
            boxes.append(box)
            sizes.append(raw.FPDFText_GetFontSize(text_page, index) * _scale(raw, text_page, index))
        letters.append(character if not character.isspace() else " ")
    if letters:
        end_line()
    text_page.close()
    return "".join(written), lines


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
        if not (in_margin(line) and (seen[key(line)] >= enough or _is_number(line.text)))
        and not _LEADERS.search(line.text)
    ]


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
            if bullet and not bullet.group(1):
                continue
            # A long heading takes two or three lines.
            for last in range(first, min(first + 3, len(lines))):
                joined = " ".join(line.text for line in lines[first : last + 1])
                level = outline.get((_plain(joined), lines[first].page))
                if level is not None:
                    levels.update(dict.fromkeys(range(first, last + 1), level))
        return levels
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    usual = weights.most_common(1)[0][0]
    larger = sorted({line.size for line in lines if line.size > usual * _HEADING_SIZE}, reverse=True)
    ranks = {size: min(rank, 6) for rank, size in enumerate(larger, 1)}
    return {
        number: ranks[line.size]
        for number, line in enumerate(lines)
        if line.size in ranks and len(line.text) <= _HEADING_LENGTH and any(c.isalpha() for c in line.text)
    }


def _blocks(lines: Sequence[_Line], levels: dict[int, int]) -> Iterator[RawBlock]:
    usual_gap = _usual_gap(lines)
    block: list[_Line] = []
    level = 0
    for number, line in enumerate(lines):
        its_level = levels.get(number, 0)
        if block and (its_level != level or _begins(block, line, usual_gap, heading=bool(level))):
            yield _block(block, level)
            block = []
        block.append(line)
        level = its_level
    if block:
        yield _block(block, level)


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


def _block(lines: Sequence[_Line], level: int) -> RawBlock:
    spans = tuple(line.span for line in lines)
    if level:
        return RawBlock("heading", spans, level=level)
    item = _ITEM.match(lines[0].text)
    if item and len(lines[0].text) > item.end():
        number = int(item.group(1)) if item.group(1) else None
        return RawBlock("item", spans, number=number, prefix=item.end())
    return RawBlock("paragraph", spans)
