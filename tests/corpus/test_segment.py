"""Sentences and passages."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iio_kg.corpus.document import Span
from iio_kg.corpus.segment import pack_sentences, split_sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Een zin. Nog een zin.", 2),
        ("Dit geldt o.a. Voor scholen in het vo.", 1),
        ("Volgens J.P. Jansen is het zo. Ja!", 2),
        ("De winst is 3.5 procent. Dat is veel.", 2),
        ("‘Is dat zo?’ Ja, dat is zo.", 2),
        ("zie www.voorbeeld.nl. Daar staat het", 2),
        ("Drs. De Vries e.a. Schreven dit.", 1),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, count: int) -> None:
    assert len(split_sentences(text, Span(0, len(text)))) == count


@given(st.text(st.sampled_from("aB.!? ’(1"), min_size=1, max_size=80).filter(lambda t: t == t.strip() and t))
def test_sentences_tile_the_text(text: str) -> None:
    sentences = split_sentences(text, Span(0, len(text)))
    assert sentences[0].start == 0
    assert sentences[-1].end == len(text)
    for before, after in pairwise(sentences):
        assert not text[before.end : after.start].strip()


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(10, 60))
def test_packing_uses_as_few_groups_as_can_be(lengths: list[int], limit: int) -> None:
    sentences, position = [], 0
    for length in lengths:
        sentences.append(Span(position, position + length))
        position += length + 1
    groups = pack_sentences(sentences, limit)
    assert [s for group in groups for s in group] == sentences

    def fits(parts: list[list[Span]]) -> bool:
        return all(part[-1].end - part[0].start <= limit or len(part) == 1 for part in parts)

    assert fits([list(group) for group in groups])
    for fewer in range(len(groups) - 1):
        for cuts in combinations(range(1, len(sentences)), fewer):
            edges = [0, *cuts, len(sentences)]
            assert not fits([sentences[a:b] for a, b in pairwise(edges)])
