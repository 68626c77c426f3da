"""What stands on the pages of a PDF and is no part of the flow: running heads and feet, tables of contents, notes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from iio_kg.corpus.readers.layout import Line, usual_gap, usual_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Notes are set in type smaller than this part of the running text, and begin with a number or a mark.
_NOTE_SIZE = 0.93
_NOTE = re.compile(r"([\d¹²³⁰⁴-⁹]{1,3}|[*†‡])[.)]?\s*(?=[^\W\d_]|[\"‘“'(])")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
#: The parts of a page, from its edges, in which running heads and feet stand.
_MARGIN = 0.12
#: What stands in the margin of this many pages at the same height runs along with them.
_RUNS_ALONG = 3
#: A head whose words change stands this many times the usual distance from the text, on this part of its pages.
_HEAD_GAP, _HEAD_SHARE = 1.6, 0.8
#: Type larger than this many times the running text is that of a title.
_LARGE = 1.06
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
_NUMBER_AT_EDGE = re.compile(r"^(\d{1,4})\b|\b(\d{1,4})(?:\s*/\s*\d+)?$")
#: The dots of a table of contents; the number of a page at the end of a line of one.
_LEADERS = re.compile(r"(?:[.…_]\s?){4,}\s*[\divxlc]*$")
_ENDS_IN_PAGE = re.compile(r"\D\s+(\d{1,4}|[ivxlc]+)$")
_NUMBERED = re.compile(r"(?:[A-Z]|\d+)(?:\.\d+)*\.?\s")


def without_what_runs_along(lines: Sequence[Line], heights: dict[int, float], pages: int) -> list[Line]:
    """The lines without page numbers, running heads and feet, and tables of contents."""
    along = _same_everywhere(lines, heights, pages)
    along |= _changing_heads([line for line in lines if line not in along], heights, pages)
    return _without_contents([line for line in lines if line not in along])


def _in_margin(line: Line, heights: dict[int, float]) -> bool:
    height = heights[line.page]
    return not line.cells and (line.bottom > height * (1 - _MARGIN) or line.top < height * _MARGIN)


def _same_everywhere(lines: Sequence[Line], heights: dict[int, float], pages: int) -> set[Line]:
    """Lines in the margin that are the same on several pages but for their figures, and numbers alone."""
    usual = usual_size(lines)

    def key(line: Line) -> tuple[str, int]:
        # In large type the figures count: *Hoofdstuk 1* and *Hoofdstuk 2* are headings.
        words = line.text.casefold()
        return words if line.size > usual * _LARGE else _DIGITS.sub("#", words), round(line.bottom / 4)

    inside = [line for line in lines if _in_margin(line, heights)]
    seen = Counter(its_key for its_key, _ in {(key(line), line.page) for line in inside})
    enough = min(_RUNS_ALONG, max(2, pages))
    return {line for line in inside if seen[key(line)] >= enough or _is_number(line.text)}


def _changing_heads(lines: Sequence[Line], heights: dict[int, float], pages: int) -> set[Line]:
    """Heads and feet that name the section: at one height, apart from the text, and alike in part or numbered.

    A title at the top of each slide has words of its own and larger type; a first line of text has no gap below.
    """
    usual, gap = usual_size(lines), usual_gap(lines)
    found: set[Line] = set()
    for is_head in (True, False):
        levels: defaultdict[int, list[list[Line]]] = defaultdict(list)
        edges: defaultdict[int, int] = defaultdict(int)
        for _, its in groupby(lines, key=lambda line: line.page):
            by_height = sorted(its, key=lambda line: line.bottom, reverse=is_head)
            row = [line for line in by_height if abs(line.bottom - by_height[0].bottom) < 3]
            following = by_height[len(row)] if len(row) < len(by_height) else None
            if not _in_margin(row[0], heights) or max(line.size for line in row) > usual * _LARGE:
                continue
            level = round(row[0].bottom / 6)
            edges[level] += 1
            enough = _HEAD_GAP * gap * max(following.size, usual) if following else 0
            if following is None or abs(row[0].bottom - following.bottom) > enough:
                levels[level].append(sorted(row, key=lambda line: line.left))
        for level, rows in levels.items():
            enough = len(rows) >= _RUNS_ALONG and len(rows) >= _HEAD_SHARE * edges[level]
            if enough and _are_related(rows) and len(rows) >= 0.1 * pages:
                found.update(line for row in rows for line in row)
    return found


def _are_related(rows: Sequence[Sequence[Line]]) -> bool:
    """Whether most rows begin or end with the words of another, or with a number that counts the pages."""
    texts = [" ".join(line.text for line in row) for row in rows]
    keys = [_DIGITS.sub("#", text.casefold()).strip(" #.-–|").split() for text in texts]
    ends = Counter(end for words in keys for end in {("<", *words[:2]), (">", *words[-2:])})
    offsets = [
        {int(number) - row[0].page for match in _NUMBER_AT_EDGE.finditer(text) for number in match.groups() if number}
        for row, text in zip(rows, texts, strict=True)
    ]
    steps = Counter(step for each in offsets for step in each)
    related = sum(
        max(ends["<", *words[:2]], ends[">", *words[-2:]]) > 1 or any(steps[step] >= _RUNS_ALONG for step in each)
        for words, each in zip(keys, offsets, strict=True)
    )
    return related >= 0.6 * len(rows)


def _without_contents(lines: Sequence[Line]) -> list[Line]:
    """The lines without those of tables of contents, which lead to pages by dots or by rising numbers."""
    kept: list[Line] = []
    was_contents = False
    for _, its in groupby(lines, key=lambda line: line.page):
        on_page = list(its)
        entries = _entries(on_page)
        if entries:
            first, last = entries[0], entries[-1]
            # An entry that takes two lines shows its number on the second.
            while first and (was_contents or _NUMBERED.match(on_page[first - 1].text)) and not on_page[first - 1].cells:
                first -= 1
            on_page = on_page[:first] + on_page[last + 1 :]
        was_contents = bool(entries)
        kept.extend(on_page)
    return kept


def _entries(lines: Sequence[Line]) -> list[int]:
    """Which lines of a page, by number, are entries of a table of contents; its first and last are among them."""
    dotted = [i for i, line in enumerate(lines) if not line.cells and _LEADERS.search(line.text)]
    numbered = [i for i, line in enumerate(lines) if not line.cells and _ENDS_IN_PAGE.search(line.text)]
    if len(dotted) >= 3:
        entries = sorted({*dotted, *numbered})
        middle = entries.index(dotted[len(dotted) // 2])
        # From the dots on both sides, as far as entries stand near one another.
        low = high = middle
        while low and entries[low] - entries[low - 1] <= 3:
            low -= 1
        while high + 1 < len(entries) and entries[high + 1] - entries[high] <= 3:
            high += 1
        return entries[low : high + 1]
    figures = [int(m[1]) for i in numbered if (m := _ENDS_IN_PAGE.search(lines[i].text)) and m[1].isdecimal()]
    rising = sum(a <= b for a, b in pairwise(figures))
    if len(figures) >= 5 and len(figures) >= 0.6 * len(lines) and rising >= 0.9 * (len(figures) - 1):
        return numbered
    return dotted


def without_notes(lines: Sequence[Line]) -> tuple[list[Line], dict[int, list[Line]]]:
    """The lines without the notes at the foot of pages and the marks that lead to them, and those notes by page.

    A note begins with its number, in type smaller than the running text, and nothing but notes stands below it.
    """
    usual = usual_size(lines)
    flow: list[Line] = []
    notes: dict[int, list[Line]] = {}
    for page, its in groupby(lines, key=lambda line: line.page):
        on_page = list(its)
        first = len(on_page)
        for number in range(len(on_page) - 1, -1, -1):
            line = on_page[number]
            if line.cells or line.size > usual * _NOTE_SIZE:
                break
            if _NOTE.match(line.text):
                first = number
        if first < len(on_page):
            notes[page] = on_page[first:]
            names = {match.group(1).translate(_RAISED) for line in on_page[first:] if (match := _NOTE.match(line.text))}
            flow.extend(_without_marks(line, names) for line in on_page[:first])
        else:
            flow.extend(on_page)
    return flow, notes


def _without_marks(line: Line, names: set[str]) -> Line:
    """The line without the raised numbers of notes that stand on its page."""
    marks = [mark for mark in line.marks if mark[1].translate(_RAISED) in names]
    if not marks:
        return line
    text = line.text
    for span, _ in reversed(marks):
        text = text[: span.start - line.span.start] + text[span.end - line.span.start :]
    return replace(line, text=text, hidden=tuple(span for span, _ in marks)) if text.strip() else line


def note_groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The notes of a page, each as its lines."""
    note: list[Line] = []
    for line in lines:
        if note and _NOTE.match(line.text):
            yield note
            note = []
        note.append(line)
    yield note


def _is_number(text: str) -> bool:
    return _DIGITS.fullmatch(text.strip(" -–|").casefold()) is not None
