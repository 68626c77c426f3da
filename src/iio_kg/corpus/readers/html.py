"""HTML: what a reader of the page reads, without the furniture around it.

A browser's parser (Lexbor, by way of selectolax) mends what is broken. The tree is laid out as one list of events,
so that nothing here recurses, whatever the depth; an element is passed over by jumping to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from iio_kg.corpus.readers.reading import Properties, Reading, decode, read_bytes, require_places
from iio_kg.corpus.readers.writing import PAGE_BREAK, SourceWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from iio_kg.corpus.document import Repair

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    """
        address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
        figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre
        search section summary table tbody td tfoot th thead tr ul
    """.split()
)
#: Never part of what is read.
_UNREAD = frozenset(
    """
        applet audio button canvas datalist embed frameset head iframe input map math nav noembed noframes noscript
        object script search select style svg template textarea video
    """.split()
)
_UNREAD_ROLES = frozenset(
    "alertdialog banner complementary contentinfo dialog menu menubar navigation search tablist toolbar".split()
)
#: Names that makers of pages give to the parts that lead around.
_UNREAD_CLASSES = frozenset("toc navheader navfooter navbar breadcrumb breadcrumbs pagination".split())
#: Furniture where it belongs to the page, text where it belongs to an article.
_AROUND = frozenset({"header", "footer", "aside"})
_SECTIONING = frozenset({"article", "main", "section"})
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_SELF_CLOSED = re.compile(r"<([A-Za-z][\w:.-]*)((?:\s[^<>]*?)?)/>")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_NOTE_MARK = re.compile(r"\s*[\[(]?(?:\d{1,3}|[*†‡])[\])]?\s*")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
#: A list of at least this many links, in which this part of the letters is in links, leads elsewhere.
_LINKS, _LINKED = 3, 0.9
#: A cell longer than this is no cell of a table but a part of the page's layout.
_CELL = 1_000


@dataclass(slots=True)
class _Tree:
    """A page as a list of events: the text of a text node, or a tag where an element begins or (None) ends."""

    tags: list[str | None] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    attributes: list[Mapping[str, str | None]] = field(default_factory=list)
    #: Where the element that begins at a place ends.
    ends: list[int] = field(default_factory=list)

    def add(self, tag: str | None, text: str = "", attributes: Mapping[str, str | None] | None = None) -> int:
        self.tags.append(tag)
        self.texts.append(text)
        self.attributes.append(attributes or {})
        self.ends.append(len(self.tags) - 1)
        return len(self.tags) - 1

    def elements(self, start: int, end: int, *names: str) -> Iterator[int]:
        """Where elements of these names begin between two places."""
        return (i for i in range(start, end) if self.tags[i] in names)


def read(path: Path, repair: Repair) -> Reading:
    """Read an HTML file.

    Raises:
        CorpusError: The file is missing, is not text, holds none, or lacks what `repair` names.
    """
    text, warnings = decode_html(read_bytes(path), str(path))
    return read_html(text, repair, name=str(path), warnings=warnings)


def read_html(text: str, repair: Repair, *, name: str = "html", warnings: Sequence[str] = ()) -> Reading:
    """Find the blocks of a page; see `read`."""
    writer = SourceWriter()
    properties = write_page(text, writer)
    reading = writer.reading(properties, warnings)
    require_places(reading.source, repair, name)
    return reading


def decode_html(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Text from the bytes of a page: by the mark at its beginning, then by what it says itself, then by the bytes.

    Raises:
        CorpusError: These are not the bytes of a text.
    """
    said = _META_CHARSET.search(content, 0, 4096)
    if said and not content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) and b"\0" not in content[:4096]:
        encoding = said.group(1).decode("ascii", "replace").casefold()
        # As browsers do: what calls itself Latin-1 or ASCII is Windows-1252.
        if encoding not in {"utf-8", "utf8", "iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252"}:
            try:
                return content.decode(encoding), ()
            except (LookupError, UnicodeDecodeError):
                pass
    return decode(content, name)


def write_page(text: str, writer: SourceWriter) -> Properties:
    """Write what a reader reads of a page.

    Returns:
        What the page says of itself.
    """
    tree = _parse(text)
    _PageWriter(tree, writer).write(*_main_part(tree))
    return _properties(tree)


def _parse(text: str) -> _Tree:
    from selectolax.lexbor import LexborHTMLParser

    if text.lstrip().startswith("<?xml") or "xhtml" in text[:500].casefold():
        # XML lets any element close itself; HTML would take <title/> for a beginning.
        text = _SELF_CLOSED.sub(
            lambda m: m.group() if m.group(1).lower() in _VOID else f"<{m[1]}{m[2]}></{m[1]}>", text
        )
    tree = _Tree()
    parser = LexborHTMLParser(text.replace("\0", "\ufffd"))
    node = parser.root
    open_at: list[int] = []
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            tree.add("", node.text_content or "")
        elif not tag.startswith(("-", "!")):
            open_at.append(tree.add(tag, attributes=node.attributes))
            if node.child is not None:
                node = node.child
                continue
            tree.ends[open_at.pop()] = tree.add(None)
        while node is not None and node.next is None:
            node = node.parent
            if node is not None and open_at:
                tree.ends[open_at.pop()] = tree.add(None)
        node = node.next if node is not None else None
    return tree


def _main_part(tree: _Tree) -> tuple[int, int]:
    """Where the text of the page begins and ends: its main element, its only article, or all of its body."""
    whole = (0, len(tree.tags))
    for found in (
        [i for i, tag in enumerate(tree.tags) if tag == "main" or (tag and tree.attributes[i].get("role") == "main")],
        list(tree.elements(*whole, "article")),
    ):
        if len(found) == 1 and any(tree.texts[i].strip() for i in range(found[0], tree.ends[found[0]])):
            return found[0], tree.ends[found[0]] + 1
    return whole


class _PageWriter:
    """Walks the events of a page once and writes its blocks."""

    def __init__(self, tree: _Tree, writer: SourceWriter) -> None:
        self._tree = tree
        self._writer = writer
        self._words: list[str] = []
        self._labels: list[str] = []
        self._level = 0
        self._item: tuple[int | None] | None = None  # the number of the item of which nothing was written yet
        self._counters: list[int | None] = []
        self._sections = 0
        # Letters, letters in links, and links, up to each event: the share of links in any element is a subtraction.
        link_ends = {tree.ends[i] for i, tag in enumerate(tree.tags) if tag == "a"}
        depth = 0
        letters, linked, links = [], [], []
        for i, tag in enumerate(tree.tags):
            depth += (tag == "a") - (i in link_ends)
            count = sum(map(str.isalpha, tree.texts[i]))
            letters.append(count)
            linked.append(count if depth else 0)
            links.append(int(tag == "a"))
        self._letters, self._linked, self._links = (list(accumulate(column)) for column in (letters, linked, links))

    def write(self, start: int, end: int) -> None:
        """Write the blocks between two places."""
        tree = self._tree
        closing: list[tuple[int, str]] = []
        i = start
        while i < end:
            tag = tree.tags[i]
            if tag == "":
                self._words.append(tree.texts[i])
            elif tag is None:
                if closing and closing[-1][0] == i:
                    self._leave(closing.pop()[1])
            elif self._is_unread(i, tag):
                i = tree.ends[i]
                if tag in _BLOCKS:
                    self._flush()
            elif tag == "table" and self._is_data(i):
                self._write_table(i)
                i = tree.ends[i]
            else:
                self._enter(i, tag)
                closing.append((tree.ends[i], tag))
            i += 1
        self._flush()

    def _enter(self, i: int, tag: str) -> None:
        attributes = self._tree.attributes[i]
        if "pagebreak" in f"{attributes.get('epub:type')} {attributes.get('role')}":
            self._words.append(PAGE_BREAK)
            self._labels.append(_page_label(attributes))
        if tag == "br":
            self._words.append("\n")
        if tag not in _BLOCKS:
            return
        self._flush()
        if tag in _HEADINGS:
            self._level = _HEADINGS[tag]
        elif tag in _LISTS:
            start = attributes.get("start") or ""
            self._counters.append((int(start) if start.isdecimal() else 1) if tag == "ol" else None)
        elif tag == "li":
            number = self._counters[-1] if self._counters else None
            value = attributes.get("value") or ""
            if number is not None:
                number = int(value) if value.isdecimal() else number
                self._counters[-1] = number + 1
            self._item = (number,)
        elif tag in _SECTIONING:
            self._sections += 1

    def _leave(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        self._flush()
        if tag in _HEADINGS:
            self._level = 0
        elif tag in _LISTS and self._counters:
            self._counters.pop()
        elif tag == "li":
            self._item = None
        elif tag in _SECTIONING:
            self._sections -= 1

    def _flush(self) -> None:
        """Write the words since the last block."""
        text = "".join(self._words)
        if text.strip() or PAGE_BREAK in text:
            if self._level:
                self._writer.add("heading", text, level=self._level, labels=self._labels)
            elif self._item is not None and text.strip():
                self._writer.add("item", text, number=self._item[0], labels=self._labels)
                self._item = None
            else:
                self._writer.add("paragraph", text, labels=self._labels)
            self._labels = []
        self._words.clear()

    def _is_unread(self, i: int, tag: str) -> bool:
        attributes = self._tree.attributes[i]
        role = attributes.get("role") or ""
        return (
            tag in _UNREAD
            or "hidden" in attributes
            or attributes.get("aria-hidden") == "true"
            or "display:none" in (attributes.get("style") or "").replace(" ", "").casefold()
            or role in _UNREAD_ROLES
            or not _UNREAD_CLASSES.isdisjoint((attributes.get("class") or "").split())
            or (tag in _AROUND and not self._sections)
            or (tag in (*_LISTS, "dl") and self._leads_elsewhere(i))
            or (tag == "sup" and self._is_note_mark(i))
        )

    def _leads_elsewhere(self, i: int) -> bool:
        end = self._tree.ends[i]
        links = self._links[end] - self._links[i]
        return links >= _LINKS and self._linked[end] - self._linked[i] >= _LINKED * (
            self._letters[end] - self._letters[i]
        )

    def _is_note_mark(self, i: int) -> bool:
        end = self._tree.ends[i]
        return self._links[end] > self._links[i] and bool(_NOTE_MARK.fullmatch("".join(self._tree.texts[i:end])))

    # -- tables ----------------------------------------------------------------------------------------

    def _is_data(self, i: int) -> bool:
        """Whether a table is one, and not the layout of a page."""
        tree, end = self._tree, self._tree.ends[i]
        if next(tree.elements(i + 1, end, "table", *_HEADINGS), None) is not None:
            return False
        cells = list(tree.elements(i, end, "td", "th"))
        return len(cells) > 1 and all(self._letters[tree.ends[c]] - self._letters[c] <= _CELL for c in cells)

    def _write_table(self, i: int) -> None:
        tree, end = self._tree, self._tree.ends[i]
        self._flush()
        for caption in tree.elements(i, end, "caption"):
            self._writer.add("paragraph", self._text(caption))
        heads = [(h, tree.ends[h]) for h in tree.elements(i, end, "thead")]
        written = False
        for row in tree.elements(i, end, "tr"):
            its_cells = list(tree.elements(row, tree.ends[row], "td", "th"))
            cells = [self._text(cell) for cell in its_cells]
            filled = [cell for cell in cells if cell.strip()]
            if len(cells) > 1 and filled:
                in_head = any(begin < row < finish for begin, finish in heads)
                self._writer.add_row(cells, is_header=in_head or all(tree.tags[cell] == "th" for cell in its_cells))
                written = True
            elif filled:
                self._writer.add("paragraph", filled[0])
        if written:
            self._writer.end_table()

    def _text(self, i: int) -> str:
        """The words of an element, a blank between two blocks in it."""
        tree, parts, end = self._tree, [], self._tree.ends[i]
        while i < end:
            tag = tree.tags[i]
            if tag == "":
                parts.append(tree.texts[i])
            elif tag is not None and self._is_unread(i, tag):
                i = tree.ends[i]
            elif tag in _BLOCKS or tag == "br":
                parts.append(" ")
            i += 1
        return "".join(parts)


def _page_label(attributes: Mapping[str, str | None]) -> str:
    for name in ("aria-label", "title"):
        said = (attributes.get(name) or "").strip(" .")
        if said:
            return said.split()[-1]
    return re.sub(r"^\D*", "", attributes.get("id") or "")


def _properties(tree: _Tree) -> Properties:
    """What the head of a page says of it."""
    said: dict[str, str] = {}
    authors: list[str] = []
    language = ""
    titles: dict[str, str] = {}
    for i, tag in enumerate(tree.tags):
        attributes = tree.attributes[i] if tag else {}
        if tag == "html":
            language = (attributes.get("lang") or attributes.get("xml:lang") or "").split("-")[0].casefold()
        elif tag in ("title", "h1") and tag not in titles:
            titles[tag] = " ".join("".join(tree.texts[i : tree.ends[i]]).split())
        elif tag == "meta":
            name = (attributes.get("name") or attributes.get("property") or "").casefold()
            content = " ".join((attributes.get("content") or "").split())
            if name in ("author", "dc.creator", "dcterms.creator", "citation_author") and content:
                authors.append(content)
            elif content:
                said.setdefault(name, content)
    dates = (
        said.get(name, "") for name in ("article:published_time", "dcterms.date", "dc.date", "citation_date", "date")
    )
    found = next((match.group() for match in map(_DATE.match, dates) if match), "")
    title = said.get("dcterms.title") or said.get("og:title") or titles.get("h1") or titles.get("title") or ""
    publisher = said.get("dcterms.publisher") or said.get("og:site_name") or ""
    return Properties(title, tuple(dict.fromkeys(authors)), found, language, publisher)
