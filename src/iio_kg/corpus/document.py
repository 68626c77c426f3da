"""The plain data of a document: its source, its canonical text and the map between them.

All offsets are half-open and count Unicode code points. `Document.text` is the *canonical text*: what a person
reads. `Document.source` is the text as it was extracted, kept untouched. `OffsetMap` leads from one to the other.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

BlockKind = Literal["heading", "side-heading", "paragraph", "item", "row"]
DOCUMENT_KINDS = ("factsheet", "report", "summary", "catalogue")


class Span(NamedTuple):
    """A half-open range ``[start, end)`` of code points."""

    start: int
    end: int

    def overlap(self, other: Span) -> int:
        """The number of code points that both ranges share."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def contains(self, other: Span) -> bool:
        """Whether the other range lies wholly inside this one."""
        return self.start <= other.start and other.end <= self.end


class Run(NamedTuple):
    """A stretch of canonical text and the stretch of source it came from.

    Where both lengths are equal the characters correspond one to one; elsewhere (a folded blank, a line
    break) the canonical stretch stands for the whole of the source stretch, which may be empty.
    """

    start: int
    length: int
    source_start: int
    source_length: int


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Where each character of the canonical text stands in the source.

    Source characters that have no counterpart (the hyphen of a word cut at a line end) lie between two runs.
    """

    runs: tuple[Run, ...]

    @classmethod
    def from_runs(cls, runs: Iterable[Run]) -> OffsetMap:
        """Join runs that go on where the one before ends, so that the table stays small."""
        joined: list[Run] = []
        for run in runs:
            last = joined[-1] if joined else None
            if (
                last is not None
                and last.length == last.source_length
                and run.length == run.source_length
                and last.source_start + last.source_length == run.source_start
            ):
                joined[-1] = Run(
                    last.start,
                    last.length + run.length,
                    last.source_start,
                    last.source_length + run.source_length,
                )
            elif run.length:
                joined.append(run)
        return cls(tuple(joined))

    def to_source(self, start: int, end: int) -> Span:
        """The source range from the first to the last character of a canonical range.

        Raises:
            ValueError: The range is empty or lies outside the text.
        """
        if not 0 <= start < end or not self.runs or end > self.runs[-1].start + self.runs[-1].length:
            raise ValueError(f"[{start}, {end}) is not a range of this text")
        first, last = self._at(start), self._at(end - 1)
        return Span(first.start, last.end)

    def _at(self, offset: int) -> Span:
        run = self.runs[bisect_right(self.runs, offset, key=lambda r: r.start) - 1]
        if run.length == run.source_length:
            position = run.source_start + offset - run.start
            return Span(position, position + 1)
        return Span(run.source_start, run.source_start + run.source_length)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the source: its physical number from 1, its printed label, and its range in the source.

    The label is empty where the source has no pages that a reader could turn to. `sha256` is the checksum of the page's
    text as it was extracted, in UTF-8; empty until the document is put together.
    """

    number: int
    label: str
    source: Span
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item or row of a table.

    Attributes:
        kind: ``heading`` opens a section; ``side-heading`` is a label in the margin and opens none; in a ``row`` a
            tab stands between two cells.
        span: The block in the canonical text, a list number included.
        body: The quotable part: without the list number.
        level: 1 for the title, 2 and more for the headings below it; 1 for a row of headers; 0 for anything else.
        number: The number of a numbered list item.
    """

    kind: BlockKind
    span: Span
    body: Span
    level: int = 0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """What only a reader of the page can settle: see ``[repair]`` in a ``document.toml``.

    Attributes:
        joins: Places where a blank stands inside a word, as they appear in the source.
        continues: Openings of paragraphs that belong to the list item before them.
    """

    joins: tuple[str, ...] = ()
    continues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What ``document.toml`` says of a document. Empty strings mean: not known.

    `source` is, for a summary, the id of the work in the bibliography that it summarises. `sha256` is the checksum of
    the file; `recognised_from` that of the scanned file whose text was recognised.
    """

    id: str
    title: str
    kind: str
    language: str
    file: str
    publisher: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    licence: str = ""
    url: str = ""
    source: str = ""
    sha256: str = ""
    recognised_from: str = ""
    repair: Repair = field(default_factory=Repair)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read: metadata, source, canonical text and the structure of the text.

    `warnings` are what a maintainer should look at, one sentence each, its kind before a colon.
    """

    metadata: Metadata
    source: str
    text: str
    offsets: OffsetMap
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The name of the document's folder, and the last part of its IRI."""
        return self.metadata.id

    def page_at(self, offset: int) -> Page:
        """The page on which the character at an offset of the canonical text stands."""
        position = self.offsets.to_source(offset, offset + 1).start
        return self.pages[bisect_right(self.pages, position, key=lambda p: p.source.start) - 1]

    def parts_by_page(self, span: Span) -> tuple[tuple[Page, Span], ...]:
        """A range within one block, cut where a page of the source ends; no part begins or ends with a blank."""
        parts: list[tuple[Page, Span]] = []
        start = span.start
        while start < span.end:
            page = self.page_at(start)
            # Within a block the source only goes forward, so that the first character past the page can be sought.
            end = bisect_left(
                range(span.end), page.source.end, lo=start, key=lambda i: self.offsets.to_source(i, i + 1).start
            )
            parts.append((page, Span(start, start + len(self.text[start:end].rstrip()))))
            start = end + len(self.text[end : span.end]) - len(self.text[end : span.end].lstrip())
        return tuple(parts)

    def changed_pages(self) -> tuple[Page, ...]:
        """The pages whose text is not what it was when the document was put together."""
        return tuple(page for page in self.pages if page.sha256 != page_sha256(self.source, page))


def page_sha256(source: str, page: Page) -> str:
    """The SHA-256 of a page as it was extracted, in UTF-8."""
    return hashlib.sha256(source[page.source.start : page.source.end].encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """A short stretch of text that can be quoted and understood on its own.

    Attributes:
        document: The id of its document.
        number: Its place in the document, from 1.
        span: Its range in the canonical text.
        page: The page on which it begins.
        sections: The headings above it, outermost first; beside the text, never in it.
        text: ``document.text[start:end]``.
        sentences: Its sentences, as ranges in the canonical text.
    """

    document: str
    number: int
    span: Span
    page: int
    sections: tuple[str, ...]
    text: str
    sentences: tuple[Span, ...]

    @property
    def anchor(self) -> str:
        """The fragment that names the passage within its document: ``p12``."""
        return f"p{self.number}"

    @property
    def key(self) -> str:
        """The name of the passage across documents: ``factsheet-2015#p12``."""
        return f"{self.document}#{self.anchor}"

    @property
    def section(self) -> str:
        """The headings above the passage as one line; the title of the document only where there is no other."""
        return " › ".join(self.sections[1:] or self.sections)
