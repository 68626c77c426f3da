"""DOCX (ISO/IEC 29500): headings by outline level, numbered items, tables, notes, and pages as last laid out.

python-docx opens the package and its styles; the body is walked here, because its own walk passes over content
controls. A page begins where the word processor last broke one (``w:lastRenderedPageBreak``) or where the author did.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from iio_kg.corpus.readers.archive import open_archive
from iio_kg.corpus.readers.reading import Properties, Reading, require_places
from iio_kg.corpus.readers.writing import PAGE_BREAK, SourceWriter
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iio_kg.corpus.document import Repair

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NOTES = {
    "footnoteReference": "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes",
    "endnoteReference": "http://schemas.openxmlformats.org/officeDocument/2006/relationships/endnotes",
}
#: Deleted and moved text, codes of fields, and the second form of what has two.
_UNREAD = frozenset(
    {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sdtPr")}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
_CHARACTERS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "", "ptab": " "}
_HEADING_NAME = re.compile(r"heading (\d)")
_CONTENTS_NAME = re.compile(r"(?:toc|table of figures|index)\b")


def read(path: Path, repair: Repair) -> Reading:
    """Read a DOCX file.

    Raises:
        CorpusError: The file is missing, damaged, locked, too large unpacked, or holds no text; or it lacks what
            `repair` names.
    """
    with open_archive(path, "DOCX") as archive:
        if "[Content_Types].xml" not in archive.namelist():
            raise CorpusError(f"{path}: this archive is not a DOCX.", "Is it another format?")
    try:
        import docx

        document = docx.Document(str(path))
        reading = _Body(document).read()
    except CorpusError:
        raise
    except MemoryError:
        raise
    except Exception as error:
        # python-docx and lxml tell of a damaged package by KeyError, AttributeError, XMLSyntaxError and others.
        raise CorpusError(f"{path}: this is not a whole DOCX ({type(error).__name__}).", "Fetch it again.") from None
    require_places(reading.source, repair, str(path))
    return reading


class _Body:
    """Walks the body once."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._writer = SourceWriter()
        self._styles = {style.get(f"{_W}styleId"): style for style in document.styles.element.iter(f"{_W}style")}
        self._levels: dict[str, int] = {}
        self._counters: dict[tuple[str, int], int] = {}
        self._formats = self._number_formats()
        self._notes = {name: self._read_notes(kind) for name, kind in _NOTES.items()}
        self._page = 0
        self._has_title = False

    def read(self) -> Reading:
        body = self._document.element.body
        breaks = next(body.iter(f"{_W}lastRenderedPageBreak"), None) is not None
        self._has_pages = breaks
        if breaks:
            self._page = 1
            self._writer.begin_page("1")
        self._walk(body)
        core = self._document.core_properties
        properties = Properties(
            title=" ".join((core.title or "").split()),
            authors=tuple(name.strip() for name in (core.author or "").split(";") if name.strip()),
            language=(core.language or "").split("-")[0].casefold(),
        )
        return self._writer.reading(properties)

    def _walk(self, container: Any) -> None:
        stack = [iter(container)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
            elif element.tag == f"{_W}p":
                self._paragraph(element)
            elif element.tag == f"{_W}tbl":
                self._table(element)
            elif element.tag == f"{_W}sdt":
                if "Table of Contents" not in _values(element, "docPartGallery"):
                    stack.append(iter(element))
            elif element.tag in (f"{_W}sdtContent", f"{_W}ins", f"{_W}smartTag", f"{_W}customXml"):
                stack.append(iter(element))

    # -- paragraphs ------------------------------------------------------------------------------------

    def _paragraph(self, paragraph: Any) -> None:
        style = next(iter(_values(paragraph.find(f"{_W}pPr"), "pStyle")), "")
        if _CONTENTS_NAME.match(self._name(style)):
            return
        text, notes = self._text(paragraph)
        labels = []
        for _ in range(text.count(PAGE_BREAK)):
            self._page += 1
            labels.append(str(self._page))
        level = self._level(paragraph, style)
        if level and text.strip():
            self._writer.add("heading", text, level=level, labels=labels)
        else:
            numbering = self._numbering(paragraph, style)
            if numbering is not None and text.strip():
                self._writer.add("item", text, number=self._count(*numbering), labels=labels)
            else:
                self._writer.add("paragraph", text, labels=labels)
        for note in notes:
            self._writer.add("paragraph", note)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(parent.tag in _UNREAD for parent in box.iterancestors()):
                self._walk(box)

    def _text(self, paragraph: Any) -> tuple[str, list[str]]:
        """The words of a paragraph, and the notes that they refer to."""
        parts: list[str] = []
        notes: list[str] = []
        stack = [iter(paragraph)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
                continue
            tag = element.tag
            if not isinstance(tag, str) or tag in _UNREAD or tag == f"{_W}txbxContent":
                continue
            name = tag.removeprefix(_W)
            if name == "t":
                parts.append(element.text or "")
            elif name == "lastRenderedPageBreak":
                parts.append(PAGE_BREAK)
            elif name == "br" and element.get(f"{_W}type") in ("page", "column"):
                parts.append(" ")
            elif name in _CHARACTERS:
                parts.append(_CHARACTERS[name])
            elif name in _NOTES:
                note = self._notes[name].get(element.get(f"{_W}id") or "")
                if note:
                    notes.append(note)
            else:
                stack.append(iter(element))
        return "".join(parts), notes

    # -- styles ----------------------------------------------------------------------------------------

    def _name(self, style: str) -> str:
        element = self._styles.get(style)
        return next(iter(_values(element, "name")), "").casefold()

    def _level(self, paragraph: Any, style: str) -> int:
        """The level of a heading: of the paragraph itself, or of its style or one that it is based on."""
        own = _values(paragraph.find(f"{_W}pPr"), "outlineLvl")
        level = int(own[0]) + 1 if own and own[0].isdecimal() else self._style_level(style)
        if level == -1:
            if not self._writer.is_empty or self._has_title:
                return 0
            self._has_title = True
            return 1
        return min(level + self._has_title, 6) if 0 < level <= 9 else 0

    def _style_level(self, style: str) -> int:
        """The level that a style gives; 0 for running text, -1 for the title."""
        if style not in self._levels:
            level, seen, base = 0, set(), style
            while base and base not in seen and not level:
                seen.add(base)
                named = _HEADING_NAME.fullmatch(self._name(base))
                outline = _values(self._styles.get(base), "outlineLvl")
                if named:
                    level = int(named.group(1))
                elif outline and outline[0].isdecimal() and int(outline[0]) < 9:
                    level = int(outline[0]) + 1
                elif self._name(base) == "title":
                    level = -1
                base = next(iter(_values(self._styles.get(base), "basedOn")), "")
            self._levels[style] = level
        return self._levels[style]

    # -- lists -----------------------------------------------------------------------------------------

    def _number_formats(self) -> dict[tuple[str, int], str]:
        """The form of the number (``decimal``, ``bullet``) of each list and level."""
        try:
            numbering = self._document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return {}
        abstract = {
            entry.get(f"{_W}abstractNumId"): {
                int(level.get(f"{_W}ilvl") or 0): next(iter(_values(level, "numFmt")), "")
                for level in entry.iter(f"{_W}lvl")
            }
            for entry in numbering.iter(f"{_W}abstractNum")
        }
        formats = {}
        for entry in numbering.iter(f"{_W}num"):
            for level, form in abstract.get(next(iter(_values(entry, "abstractNumId")), ""), {}).items():
                formats[entry.get(f"{_W}numId") or "", level] = form
        return formats

    def _numbering(self, paragraph: Any, style: str) -> tuple[str, int] | None:
        """The list that a paragraph is an item of, and its depth in it."""
        for holder in (paragraph.find(f"{_W}pPr"), self._styles.get(style)):
            found = next(holder.iter(f"{_W}numPr"), None) if holder is not None else None
            if found is not None:
                number = next(iter(_values(found, "numId")), "")
                depth = next(iter(_values(found, "ilvl")), "0")
                return (number, int(depth)) if number not in ("", "0") and depth.isdecimal() else None
        return None

    def _count(self, number: str, depth: int) -> int | None:
        if self._formats.get((number, depth), "bullet") != "decimal":
            return None
        for key in [key for key in self._counters if key[0] == number and key[1] > depth]:
            del self._counters[key]
        self._counters[number, depth] = self._counters.get((number, depth), 0) + 1
        return self._counters[number, depth]

    # -- notes and tables ------------------------------------------------------------------------------

    def _read_notes(self, kind: str) -> dict[str, str]:
        from docx.oxml import parse_xml

        for relation in self._document.part.rels.values():
            if relation.reltype == kind and not relation.is_external:
                root = parse_xml(relation.target_part.blob)
                return {
                    note.get(f"{_W}id") or "": " ".join("".join(t.text or "" for t in note.iter(f"{_W}t")).split())
                    for note in root
                    if note.get(f"{_W}type") not in ("separator", "continuationSeparator")
                }
        return {}

    def _table(self, table: Any) -> None:
        rows = list(_own(table, "tr"))
        written = False
        for row in rows:
            cells, breaks = [], 0
            for cell in _own(row, "tc"):
                paragraphs = [self._text(p)[0] for p in cell.iter(f"{_W}p")]
                text = " ".join(paragraphs)
                breaks = max(breaks, text.count(PAGE_BREAK))
                cells.append(text.replace(PAGE_BREAK, " "))
            for _ in range(breaks):
                self._page += 1
                self._writer.begin_page(str(self._page))
            filled = [cell for cell in cells if cell.strip()]
            if len(cells) > 1 and filled:
                properties = row.find(f"{_W}trPr")
                is_header = properties is not None and properties.find(f"{_W}tblHeader") is not None
                self._writer.add_row(cells, is_header=is_header)
                written = True
            elif filled:
                self._writer.add("paragraph", filled[0])
        if written:
            self._writer.end_table()


def _own(element: Any, name: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, those in content controls and insertions too."""
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == f"{_W}{name}":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            stack.append(iter(child))


def _values(element: Any, name: str) -> list[str]:
    """The values of the elements of a name in an element."""
    if element is None:
        return []
    return [found.get(f"{_W}val") or "" for found in element.iter(f"{_W}{name}")]
