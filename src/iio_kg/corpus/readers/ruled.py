"""Tables drawn with lines on a page of a PDF: which cells there are, and in which of them a character stands.

pdfium gives the lines, pdfplumber's algorithm (after Nurminen, 2013, as in Tabula) makes cells of them. pdfplumber
itself would read the file a second time with another parser, more slowly than all of the rest is done.
"""

from __future__ import annotations

from ctypes import byref, c_float
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Left, right, foot and top, in points from the left and the foot of the page.
Box = tuple[float, float, float, float]
#: Table, row and column, from 0.
Place = tuple[int, int, int]

#: What is drawn as a line is at least this long, and edges nearer to each other than this are one, in points.
_TOLERANCE = 3.0
#: A page with more lines than this is a drawing.
_MOST_EDGES = 4_000


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of the tables of a page."""

    boxes: tuple[tuple[Box, Place], ...]

    def at(self, box: Box) -> Place | None:
        """The table, row and column in which a character stands."""
        x, y = (box[0] + box[1]) / 2, (box[2] + box[3]) / 2
        return next(
            (place for (left, right, bottom, top), place in self.boxes if left <= x <= right and bottom <= y <= top),
            None,
        )

    def columns(self, table: int, row: int) -> int:
        """How many cells a row has."""
        return sum(place[:2] == (table, row) for _, place in self.boxes)


def find_cells(page: Any) -> Cells:
    """The cells of all tables of at least two rows and two columns on a page of pdfium's."""
    edges = []
    for edge in _edges(page):
        edges.append(edge)
        if len(edges) > _MOST_EDGES:
            return Cells(())
    # A table of two columns has three upright edges, and three that lie.
    if min(_distinct(edges, "v", "x0"), _distinct(edges, "h", "top")) < 3:
        return Cells(())
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    merged = [
        edge
        for edge in merge_edges(edges, _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
        if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= _TOLERANCE
    ]
    cells = intersections_to_cells(edges_to_intersections(merged, _TOLERANCE, _TOLERANCE))
    boxes: list[tuple[Box, Place]] = []
    for table, its in enumerate(cells_to_tables(cells)):
        # pdfplumber counts downwards; here its tops are negative heights.
        in_rows = sorted(its, key=lambda cell: (cell[1], cell[0]))
        rows = [list(row) for _, row in groupby(in_rows, key=lambda cell: cell[1])]
        if len(rows) >= 2 and max(map(len, rows)) >= 2:
            for number, row in enumerate(rows):
                for column, (left, top, right, bottom) in enumerate(row):
                    boxes.append(((left, right, -bottom, -top), (table, number, column)))
    return Cells(tuple(boxes))


def _distinct(edges: list[dict[str, Any]], orientation: str, place: str) -> int:
    return len({round(edge[place] / _TOLERANCE) for edge in edges if edge["orientation"] == orientation})


def _edges(page: Any) -> Iterator[dict[str, Any]]:
    """The upright and lying lines of a page, in the form in which pdfplumber takes them."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    x, y = c_float(), c_float()
    for number in range(raw.FPDFPage_CountObjects(page)):
        thing = raw.FPDFPage_GetObject(page, number)
        if raw.FPDFPageObj_GetType(thing) != raw.FPDF_PAGEOBJ_PATH or not raw.FPDFPageObj_GetMatrix(
            thing, byref(matrix)
        ):
            continue
        last = first = None
        for index in range(raw.FPDFPath_CountSegments(thing)):
            segment = raw.FPDFPath_GetPathSegment(thing, index)
            raw.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
            point = (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
            kind = raw.FPDFPathSegment_GetType(segment)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                first = point
            elif kind == raw.FPDF_SEGMENT_LINETO and last is not None:
                yield from _edge(last, point)
            if raw.FPDFPathSegment_GetClose(segment) and first is not None:
                yield from _edge(point, first)
            last = point


def _edge(start: tuple[float, float], end: tuple[float, float]) -> Iterator[dict[str, Any]]:
    """The line between two points, if it is upright or lies."""
    (left, right), (bottom, top) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    if right - left < 0.5 < top - bottom:
        yield {"x0": left, "x1": left, "top": -top, "bottom": -bottom, "height": top - bottom, "orientation": "v"}
    elif top - bottom < 0.5 < right - left:
        yield {"x0": left, "x1": right, "top": -top, "bottom": -top, "width": right - left, "orientation": "h"}
