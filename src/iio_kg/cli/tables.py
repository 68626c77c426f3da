"""Tables on a terminal: columns as wide as they need to be and together no wider than the window."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GAP = "  "
#: No column is narrower than its longest word, if that has at most so many letters, however narrow the window.
_LONGEST = 24


def lay_out(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[tuple[int, str]]:
    """The lines of a table, each with the number of its row; 0 for the headings, then from 1.

    Args:
        headings: What the columns are.
        rows: The cells of each row.
        width: How many characters fit beside each other.
    """
    widths = _widths([headings, *rows], width - len(_GAP) * (len(headings) - 1))
    for number, row in enumerate([headings, *rows]):
        wrapped = [
            textwrap.wrap(cell, room, break_on_hyphens=False) or [""] for cell, room in zip(row, widths, strict=True)
        ]
        for pieces in zip_longest(*wrapped, fillvalue=""):
            yield number, _GAP.join(piece.ljust(room) for piece, room in zip(pieces, widths, strict=True)).rstrip()


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """How wide each column is: as its longest cell, the widest taken from until all fit."""
    columns = list(zip(*rows, strict=True))
    widths = [max(1, *map(len, column)) for column in columns]
    least = [min(_LONGEST, max((len(w) for cell in column for w in cell.split()), default=1)) for column in columns]
    while sum(widths) > room:
        spare = [number for number, width in enumerate(widths) if width > least[number]]
        if not spare:
            break
        widths[max(spare, key=widths.__getitem__)] -= 1
    return widths
