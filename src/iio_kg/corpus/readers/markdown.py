"""Markdown (CommonMark): headings, paragraphs and list items. One page; marks within a line stay as they are.

Meant for the summaries of this project's own, which need no more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iio_kg.corpus.clean import RawBlock
from iio_kg.corpus.document import Page, Span
from iio_kg.corpus.readers.reading import Reading, read_source, require_places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from markdown_it.token import Token

    from iio_kg.corpus.document import BlockKind, Repair


def read(path: Path, repair: Repair) -> Reading:
    """Read a Markdown file.

    Raises:
        CorpusError: The file is missing, is not text, holds none, or lacks what `repair` names.
    """
    source, warnings = read_source(path)
    return replace(read_markdown(source, repair, name=str(path)), warnings=warnings)


def read_markdown(source: str, repair: Repair, *, name: str = "text") -> Reading:
    """Find the blocks of a text; see `read`."""
    from markdown_it import MarkdownIt

    require_places(source, repair, name)
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    tokens = MarkdownIt("commonmark").parse(source)
    pages = (Page(1, "1", Span(0, len(source))),)
    return Reading(source, pages, tuple(_blocks(tokens, source, starts)), typed=True)


def _blocks(tokens: list[Token], source: str, starts: list[int]) -> Iterator[RawBlock]:
    kind: BlockKind = "paragraph"
    level, number = 0, None
    for token in tokens:
        if token.type == "heading_open":
            kind, level = "heading", int(token.tag[1:])
        elif token.type == "list_item_open":
            kind, number = "item", int(token.info) if token.info else None
        elif token.type in ("heading_close", "list_item_close"):
            kind, level, number = "paragraph", 0, None
        elif token.type == "inline" and token.map and token.content.strip():
            lines = tuple(_lines(token, source, starts))
            yield RawBlock(kind, lines, level=level, number=number)


def _lines(token: Token, source: str, starts: list[int]) -> Iterator[Span]:
    """Where each line of a block's content stands in the source, without the marks before it."""
    first = (token.map or [0])[0]
    for row, content in enumerate(token.content.split("\n"), first):
        start = source.index(content, starts[row])
        yield Span(start, start + len(content.rstrip()))
