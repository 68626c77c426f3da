"""The measures against values worked out by hand, and against what holds for every ranking."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iio_kg.evaluate.measures import hit_at, mean, ndcg, percentile, reciprocal_rank

rankings = st.lists(st.booleans(), max_size=15)


def test_measures_of_a_small_ranking() -> None:
    ranking = [False, True, False, True]
    assert hit_at(ranking, 1) == 0
    assert hit_at(ranking, 2) == 1
    assert reciprocal_rank(ranking) == 1 / 2
    ideal = 1 + 1 / math.log2(3)
    assert ndcg(ranking, 2) == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert ndcg([], 1) == reciprocal_rank([]) == 0


def test_percentile_interpolates() -> None:
    assert percentile([4, 1, 2, 3], 0.5) == 2.5
    assert percentile([7], 0.95) == 7
    assert math.isnan(percentile([], 0.5))
    assert math.isnan(mean([]))


@given(rankings)
def test_measures_stay_between_nothing_and_all(ranking: list[bool]) -> None:
    total = max(1, sum(ranking))
    for value in (hit_at(ranking, 5), reciprocal_rank(ranking), ndcg(ranking, total)):
        assert 0 <= value <= 1
    assert hit_at(ranking, 1) <= hit_at(ranking, 3) <= hit_at(ranking, 5)
    assert reciprocal_rank(ranking) >= hit_at(ranking, 1)


@given(st.integers(1, 8), st.integers(0, 5))
def test_all_that_answers_in_front_is_the_best_there_is(good: int, bad: int) -> None:
    assert ndcg([True] * good + [False] * bad, good) == pytest.approx(1)
