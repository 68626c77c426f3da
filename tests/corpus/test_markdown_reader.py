"""Markdown: structure found, every character in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iio_kg.corpus.clean import build_text
from iio_kg.corpus.document import Repair
from iio_kg.corpus.readers.markdown import read_markdown
from iio_kg.errors import CorpusError

TEXT = """\
# Nulmeting

## Opzet van
the study

Het onderzoek had twee delen,
een proces- en een effectevaluatie.

1. Eerste
   regel
2. Tweede

- los punt

> aangehaald
"""


def test_headings_paragraphs_and_items_are_told_apart() -> None:
    reading = read_markdown(TEXT, Repair())
    text, _, blocks = build_text(reading.source, reading.blocks, typed=reading.typed)
    found = [(block.kind, block.level, block.number, text[block.span.start : block.span.end]) for block in blocks]
    assert found == [
        ("heading", 1, None, "Nulmeting"),
        ("heading", 2, None, "Opzet van"),
        ("paragraph", 0, None, "the study"),
        ("paragraph", 0, None, "Het onderzoek had twee delen, een proces- en een effectevaluatie."),
        ("item", 0, 1, "Eerste regel"),
        ("item", 0, 2, "Tweede"),
        ("item", 0, None, "los punt"),
        ("paragraph", 0, None, "aangehaald"),
    ]


words = st.text(st.characters(categories=("L",), max_codepoint=0x2FF), min_size=1, max_size=8)
paragraphs = st.lists(st.lists(words, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=6)


@given(paragraphs)
def test_every_paragraph_is_found_where_it_stands(paragraphs: list[str]) -> None:
    source = "\n\n".join(paragraphs)
    reading = read_markdown(source, Repair())
    assert [source[b.lines[0].start : b.lines[0].end] for b in reading.blocks] == paragraphs
    text, offsets, _ = build_text(reading.source, reading.blocks, typed=reading.typed)
    assert text.split("\n\n") == paragraphs
    for position in range(len(text)):
        if not text[position].isspace():
            assert source[offsets.to_source(position, position + 1).start] == text[position]


def test_a_blank_that_was_typed_stays_though_the_halves_could_be_one_word() -> None:
    reading = read_markdown("het gepersona liseerd leren van scholen", Repair())
    assert build_text(reading.source, reading.blocks, typed=reading.typed)[0] == reading.source
    # The same letters from a page, where a blank is a guess.
    assert "gepersonaliseerd" in build_text(reading.source, reading.blocks)[0]


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(CorpusError, match="no text"):
        read_markdown(" \n", Repair())
