"""Small PDFs for the tests of the reader: paragraphs, headings and items set in lines, columns and pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fpdf import FPDF

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SIZE, LEADING, TOP, FOOT = 10.0, 13.0, 90.0, 740.0


@dataclass
class Typesetter:
    """Sets text on pages of A4, in points from the top left.

    Attributes:
        columns: On each page.
        cut: Where a word may be cut at a line end, told the word; nothing where words are not cut.
        head: The running head of a page, by its number.
    """

    columns: int = 1
    cut: Callable[[str], Sequence[int]] = lambda _: ()
    head: Callable[[int], str] = lambda _: ""
    pdf: FPDF = field(default_factory=lambda: FPDF(unit="pt", format="A4"))

    def __post_init__(self) -> None:
        self._gutter = 20.0
        self._width = (595 - 2 * 70 - (self.columns - 1) * self._gutter) / self.columns
        self._column = self.columns
        self._y = FOOT
        self.pdf.set_font("Helvetica", size=SIZE)

    def add(self, text: str, *, size: float = SIZE, style: str = "") -> None:
        """Set a paragraph, with half a line above it."""
        if size > SIZE and self._y > FOOT - 4 * LEADING:
            self._y = FOOT
        self._y += LEADING * 0.7 * (size / SIZE)
        for line in self._lines(text, size, style):
            if self._y > FOOT:
                self._go_on()
            self.pdf.set_font("Helvetica", style, size)
            self.pdf.text(self._left, self._y, line)
            self._y += LEADING * size / SIZE

    def at(self, x: float, y: float, text: str, size: float = SIZE) -> None:
        """Set a text at a place of the page, which is opened when there is none."""
        if not self.pdf.page:
            self._go_on()
        self.pdf.set_font("Helvetica", size=size)
        self.pdf.text(x, y, text)

    def save(self, path: Path) -> Path:
        self.pdf.output(str(path))
        return path

    @property
    def _left(self) -> float:
        return 70 + self._column * (self._width + self._gutter)

    def _go_on(self) -> None:
        self._column, self._y = self._column + 1, TOP
        if self._column >= self.columns:
            self._column = 0
            self.pdf.add_page()
            self.pdf.set_font("Helvetica", size=SIZE - 1)
            self.pdf.text(70, 40, self.head(self.pdf.page))
            self.pdf.text(290, 800, str(self.pdf.page))

    def _lines(self, text: str, size: float, style: str) -> list[str]:
        self.pdf.set_font("Helvetica", style, size)
        lines, line = [], ""
        for word in text.split(" "):
            rest, placed = word, False
            while not placed:
                trial = f"{line} {rest}" if line else rest
                if self.pdf.get_string_width(trial) <= self._width:
                    line, placed = trial, True
                    continue
                at = next((c for c in sorted(self.cut(rest), reverse=True) if self._fits(line, rest[:c])), None)
                if at is None and not line:
                    line, placed = rest, True
                elif at is None:
                    lines.append(line)
                    line = ""
                else:
                    lines.append(f"{line} {rest[:at].rstrip('-')}-".strip())
                    line, rest = "", rest[at:]
        return [*lines, line]

    def _fits(self, line: str, part: str) -> bool:
        return bool(self.pdf.get_string_width(f"{line} {part.rstrip('-')}-".strip()) <= self._width)
