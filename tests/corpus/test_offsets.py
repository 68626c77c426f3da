"""Canonical text and its map back to the source, over generated layouts."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from iio_kg.corpus.clean import HYPHENS, RawBlock, build_text
from iio_kg.corpus.document import OffsetMap, Run, Span

WORDS = st.text(st.sampled_from("abcdefgiknorstuvwzëïé’%3"), min_size=1, max_size=9)
JOINTS = st.sampled_from([" ", "  ", "\n", " \n\n", "-\n", " -\n\n", "\u00ad\n", "\t"])


@st.composite
def layouts(draw: st.DrawFn) -> tuple[str, list[RawBlock]]:
    """A source of words, blanks, hyphens and line breaks, with its lines in blocks."""
    source = ""
    blocks: list[RawBlock] = []
    for _ in range(draw(st.integers(1, 4))):
        pieces = draw(st.lists(st.tuples(WORDS, JOINTS), min_size=1, max_size=12))
        begin = len(source)
        source += "".join(word + joint for word, joint in pieces) + draw(WORDS)
        lines, position = [], begin
        for row in source[begin:].split("\n"):
            stripped = row.strip()
            if stripped:
                start = position + row.index(stripped[0])
                lines.append(Span(start, start + len(stripped)))
            position += len(row) + 1
        blocks.append(RawBlock("paragraph", tuple(lines)))
        source += "\n\n\n"
    return source, blocks


@given(layouts())
def test_every_character_of_the_text_leads_back_to_itself(layout: tuple[str, list[RawBlock]]) -> None:
    source, raw = layout
    text, offsets, _ = build_text(source, raw)
    for position, character in enumerate(text):
        start, end = offsets.to_source(position, position + 1)
        if character.isspace():
            assert not source[start:end].strip(HYPHENS.replace("\\", "") + " \n\t")
        else:
            assert source[start:end] == character


@given(layouts())
def test_nothing_is_lost_but_blanks_and_hyphens(layout: tuple[str, list[RawBlock]]) -> None:
    source, raw = layout
    text, _, _ = build_text(source, raw)
    drop = str.maketrans("", "", " \n\t-\u00ad")
    assert text.translate(drop) == source.translate(drop)


@given(layouts())
def test_blocks_are_slices_in_order_and_blanks_are_folded(layout: tuple[str, list[RawBlock]]) -> None:
    source, raw = layout
    text, _, blocks = build_text(source, raw)
    assert len(blocks) == len(raw)
    assert all(a.span.end < b.span.start for a, b in itertools.pairwise(blocks))
    for block in blocks:
        part = text[block.span.start : block.span.end]
        assert part == part.strip()
        assert "  " not in part
        assert "\n" not in part


@given(layouts(), st.data())
def test_a_range_leads_to_the_stretch_from_its_first_to_its_last_character(
    layout: tuple[str, list[RawBlock]], data: st.DataObject
) -> None:
    source, raw = layout
    text, offsets, _ = build_text(source, raw)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    low, high = offsets.to_source(start, end)
    assert low == offsets.to_source(start, start + 1).start
    assert high == offsets.to_source(end - 1, end).end


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=1, max_size=20))
def test_joining_runs_changes_no_offset(lengths: list[tuple[int, int]]) -> None:
    runs, clean, raw = [], 0, 0
    for length, gap in lengths:
        runs.append(Run(clean, length, raw, length))
        clean, raw = clean + length, raw + length + gap
    joined = OffsetMap.from_runs(runs)
    plain = OffsetMap(tuple(runs))
    assert len(joined.runs) <= len(runs)
    for position in range(clean):
        assert joined.to_source(position, position + 1) == plain.to_source(position, position + 1)
