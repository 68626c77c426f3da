"""Plain text in its two layouts, and text that is no document at all."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iio_kg.corpus.document import Repair
from iio_kg.corpus.readers.text import read_text
from iio_kg.errors import CorpusError

BLOCKS = """Een kop

Eerste alinea van dit stuk die
over twee regels loopt.

Tweede alinea.

1. Een punt van de lijst.
2. Nog een punt.

• Een los punt.
"""


def test_blank_lines_part_paragraphs_headings_and_items() -> None:
    reading = read_text(BLOCKS, Repair())
    assert [(b.kind, b.number, len(b.lines)) for b in reading.blocks] == [
        ("heading", None, 1),
        ("paragraph", None, 2),
        ("paragraph", None, 1),
        ("item", 1, 1),
        ("item", 2, 1),
        ("item", None, 1),
    ]


def test_form_feeds_part_pages() -> None:
    reading = read_text("Pagina een.\n\fPagina twee.\n\fPagina drie.\n", Repair())
    assert [reading.source[p.source.start : p.source.end].strip("\n\f") for p in reading.pages] == [
        "Pagina een.",
        "Pagina twee.",
        "Pagina drie.",
    ]


@pytest.mark.parametrize("field", ["joins", "continues"])
def test_a_repair_that_is_not_in_the_text_is_refused(field: str) -> None:
    with pytest.raises(CorpusError, match=f"repair.{field}"):
        read_text(BLOCKS, Repair(**{field: ("nergens te vinden",)}))


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(CorpusError, match="no text"):
        read_text(" \n\t\n", Repair())


@given(st.text(st.sampled_from("aB1. \n\f•-:,é"), max_size=300))
def test_any_text_is_read_in_order_without_overlap(source: str) -> None:
    try:
        reading = read_text(source, Repair())
    except CorpusError:
        assert not source.strip()
        return
    lines = [line for block in reading.blocks for line in block.lines]
    assert all(a.end <= b.start for a, b in itertools.pairwise(lines))
    kept = "".join(source[line.start : line.end] for line in lines)
    assert kept.split() == source.split() or "".join(kept.split()) == "".join(source.split())
    assert reading.pages[-1].source.end == len(source)
