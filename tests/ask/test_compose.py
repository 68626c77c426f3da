"""Composing: ranges that are marked."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from iio_kg.ask.compose import merge
from iio_kg.corpus.document import Span

spans = st.builds(lambda a, b: Span(a, a + b), st.integers(0, 200), st.integers(1, 40))


@given(st.lists(spans))
def test_merged_ranges_are_in_order_apart_and_cover_what_they_were_made_of(ranges: list[Span]) -> None:
    merged = merge(ranges)
    assert all(a.end + 1 < b.start for a, b in itertools.pairwise(merged))
    for span in ranges:
        assert any(whole.contains(span) for whole in merged)
    covered = {i for span in ranges for i in range(*span)}
    gaps = {i for span in merged for i in range(*span)} - covered
    assert all(i - 1 in covered and i + 1 in covered for i in gaps), "only a single character between two is bridged"
