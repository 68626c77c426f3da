"""From blocks to passages and sentences."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from iio_kg.corpus.document import Passage, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iio_kg.corpus.document import Block, Document

#: A paragraph longer than this (code points) is cut between sentences; a list item stays whole up to ITEM_LENGTH.
PASSAGE_LENGTH, ITEM_LENGTH = 420, 900

#: Abbreviations after which a full stop ends no sentence, Dutch and English, without their own stops.
ABBREVIATIONS = frozenset(
    """
        a.d a.u.b afb art b.v bijv bijz blz bv ca c.q cf d.d d.m.v d.w.z dhr div dr drs e.a e.d e.g e.v enz
        etc evt excl fig gem hfst i.c i.e i.h.a i.p.v i.s.m i.t.t i.v.m ing incl inz ir jl jr km m.a.w m.b.t
        m.b.v m.i.v m.n max min mevr mr mrs ms n.a.v n.v.t nl nr nrs no o.a o.b.v o.g o.i.d o.l.v o.m p pag
        par pp prof red resp s.v.p sr st t.a.v t.b.v t.g.v t.o.v t.w t.w.v tab tel u.a v.a v.chr v.l.n.r vgl
        vlg vol vs z.g z.o.z zgn zie
        """.split()
)
_SENTENCE_END = re.compile(r"[.!?…]+[’”\"')\]]*(?=\s+[‘“\"'(\[]*[A-ZÀ-Þ0-9])")
_LAST_TOKEN = re.compile(r"(\S+?)[.!?…]+[’”\"')\]]*$")


def split_sentences(text: str, span: Span) -> tuple[Span, ...]:
    """The sentences of a stretch of text, in order and without the white space between them.

    A full stop ends a sentence when white space and a capital or figure follow, and what stands before it is
    neither an abbreviation nor an initial.
    """
    sentences: list[Span] = []
    start = span.start
    for match in _SENTENCE_END.finditer(text, span.start, span.end):
        token = _LAST_TOKEN.search(text, max(start, match.start() - 30), match.end())
        word = token.group(1).lstrip("(‘“\"'[").casefold() if token else ""
        if text[match.start()] == "." and (word in ABBREVIATIONS or _is_initial(token.group(1) if token else "")):
            continue
        sentences.append(Span(start, match.end()))
        start = match.end()
        while start < span.end and text[start].isspace():
            start += 1
    if start < span.end:
        sentences.append(Span(start, span.end))
    return tuple(sentences)


def _is_initial(token: str) -> bool:
    """Whether a token is an initial (``J``, ``J.P``)."""
    letters = token.split(".")
    return all(len(letter) == 1 and letter.isupper() for letter in letters)


def pack_sentences(sentences: Sequence[Span], limit: int) -> list[tuple[Span, ...]]:
    """Group neighbouring sentences into as few groups of at most `limit` code points as they need, even in size.

    A sentence longer than the limit is a group of its own. By dynamic programming over the last cut: fewest
    groups first, then the smallest sum of squared lengths.
    """
    best: list[tuple[int, int, int]] = [(0, 0, 0)]  # per prefix: groups, sum of squares, last cut
    for end in range(1, len(sentences) + 1):
        options = []
        for cut in range(end - 1, -1, -1):
            length = sentences[end - 1].end - sentences[cut].start
            if length > limit and cut < end - 1:
                break
            groups, squares, _ = best[cut]
            options.append((groups + 1, squares + length * length, cut))
        best.append(min(options))
    packed: list[tuple[Span, ...]] = []
    end = len(sentences)
    while end:
        cut = best[end][2]
        packed.append(tuple(sentences[cut:end]))
        end = cut
    return packed[::-1]


def segment(document: Document) -> tuple[Passage, ...]:
    """Cut a document into passages along its headings, paragraphs, list items and tables.

    A passage never holds a heading and never crosses a block, but for the rows of a table: as many as fit are one
    passage, each row a sentence of it. A numbered item is one passage; a long paragraph becomes several, cut between
    sentences. The first of the headings above a passage is always the title of the document: where no single heading
    opens the document, the title in its metadata.
    """
    passages: list[Passage] = []
    sections = _Sections(document)
    blocks = document.blocks
    i = 0
    while i < len(blocks):
        block = blocks[i]
        if block.kind == "row":
            rows = list(takewhile(lambda b: b.kind == "row", blocks[i:]))
            i += len(rows)
            # What a cell stands for is said above it: rows that are cut off from their header keep it as a heading.
            header = rows[0] if rows[0].level else None
            groups = pack_sentences([row.body for row in rows], PASSAGE_LENGTH)
            above = document.text[header.span.start : header.span.end].replace("\t", " · ") if header else ""
            for number, group in enumerate(groups):
                headings = (*sections.above, above) if above and number else sections.above
                passages.append(_passage(document, len(passages) + 1, group, headings))
            continue
        i += 1
        if block.kind == "heading":
            sections.enter(block)
        elif block.kind != "side-heading":
            limit = ITEM_LENGTH if block.kind == "item" else PASSAGE_LENGTH
            for group in pack_sentences(split_sentences(document.text, block.body), limit):
                passages.append(_passage(document, len(passages) + 1, group, sections.above))
    return tuple(passages)


class _Sections:
    """The headings above the place that was reached."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        first = [block for block in document.blocks if block.kind == "heading" and block.level == 1]
        opens = next((block for block in document.blocks if block.kind != "side-heading"), None)
        is_title = len(first) == 1 and opens is first[0]
        self._stack: list[tuple[int, str]] = [] if is_title or not first else [(0, document.metadata.title)]

    @property
    def above(self) -> tuple[str, ...]:
        return tuple(title for _, title in self._stack)

    def enter(self, heading: Block) -> None:
        self._stack = [one for one in self._stack if one[0] < heading.level]
        self._stack.append((heading.level, self._text[heading.span.start : heading.span.end]))


def _passage(document: Document, number: int, sentences: tuple[Span, ...], sections: tuple[str, ...]) -> Passage:
    span = Span(sentences[0].start, sentences[-1].end)
    return Passage(
        document=document.id,
        number=number,
        span=span,
        page=document.page_at(span.start).number,
        sections=sections,
        text=document.text[span.start : span.end],
        sentences=sentences,
    )
