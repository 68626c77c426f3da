"""The measures against values worked out by hand, and against what holds for all answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iio_kg.corpus.document import Span
from iio_kg.evaluate.measures import (
    area_under_risk,
    calibration_error,
    mean,
    percentile,
    reliability,
    risk_coverage,
    span_f1,
)
from iio_kg.evaluate.questions import Gold
from iio_kg.evaluate.ranking import measure_rankings, relevant_passages

answers = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def test_measures_of_a_small_ranking() -> None:
    measured = measure_rankings({"q": frozenset("bd")}, {"q": ["a", "b", "c", "d"]})["q"]
    ideal = 1 + 1 / math.log2(3)
    assert measured == {
        "hit@1": 0,
        "hit@3": 1,
        "hit@5": 1,
        "MRR@10": 1 / 2,
        "nDCG@10": pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal),
    }


def test_a_question_that_finds_nothing_counts_as_nothing() -> None:
    assert measure_rankings({}, {}) == {}
    for ranking in ({}, {"q": []}, {"q": ["x"]}, {"q": [*"abcdefghij", "good"]}):
        assert set(measure_rankings({"q": frozenset({"good"})}, ranking)["q"].values()) == {0}


@given(st.permutations("abcdefghijkl"), st.sets(st.sampled_from("abcdefghijkl"), min_size=1))
def test_ranking_measures_agree_with_each_other(ranking: list[str], good: set[str]) -> None:
    measured = measure_rankings({"q": frozenset(good)}, {"q": ranking})["q"]
    first = next((rank for rank, key in enumerate(ranking, 1) if key in good), math.inf)
    for depth in (1, 3, 5):
        assert measured[f"hit@{depth}"] == (first <= depth)
    assert measured["MRR@10"] == pytest.approx(1 / first if first <= 10 else 0)
    best = measure_rankings({"q": frozenset(good)}, {"q": sorted(ranking, key=lambda key: key not in good)})["q"]
    assert measured["nDCG@10"] <= best["nDCG@10"] + 1e-9
    assert best["nDCG@10"] == pytest.approx(1)


def test_a_place_that_no_passage_holds_is_never_found() -> None:
    place = Gold("d", Span(3, 9), "a head")
    assert relevant_passages([place], {"d": []}) == {"d@3"}


def test_percentile_interpolates() -> None:
    assert percentile([4, 1, 2, 3], 0.5) == 2.5
    assert percentile([7], 0.95) == 7
    assert math.isnan(percentile([], 0.5))
    assert math.isnan(mean([]))


def test_marks_are_held_against_the_nearest_quotation() -> None:
    gold = [Span(0, 10), Span(100, 120)]
    assert span_f1([Span(0, 10)], gold) == 1
    assert span_f1([Span(5, 15)], gold) == pytest.approx(2 * 5 / 20)
    assert span_f1([Span(100, 110), Span(105, 120)], gold) == 1
    assert span_f1([Span(40, 50)], gold) == span_f1([], gold) == span_f1([Span(0, 10)], []) == 0


def test_calibration_of_a_small_set() -> None:
    confidence, right = [0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0]
    assert [tuple(one) for one in reliability(confidence, right, 2)] == [
        (pytest.approx(0.1), 0, 2),
        (pytest.approx(0.9), 0.5, 2),
    ]
    assert calibration_error(confidence, right, 2) == pytest.approx((0.1 * 2 + 0.4 * 2) / 4)
    assert math.isnan(calibration_error([], []))


def test_risk_of_a_small_set() -> None:
    coverage, risk = risk_coverage([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 1])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk.tolist() == [0, 1 / 2, pytest.approx(1 / 3), 1 / 4]
    assert area_under_risk([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 1]) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert math.isnan(area_under_risk([], []))


@given(answers, st.randoms())
def test_the_order_of_questions_does_not_matter(pairs: list[tuple[float, bool]], random: object) -> None:
    mixed = list(pairs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert area_under_risk(*zip(*mixed, strict=True)) == pytest.approx(area_under_risk(*zip(*pairs, strict=True)))


@given(answers)
def test_measures_of_confidence_stay_between_nothing_and_all(pairs: list[tuple[float, bool]]) -> None:
    confidence, right = zip(*pairs, strict=True)
    assert 0 <= calibration_error(confidence, right) <= 1
    _, risk = risk_coverage(confidence, right)
    assert risk[-1] == pytest.approx(1 - np.mean(right))
    perfect = area_under_risk(right, right)
    assert perfect - 1e-9 <= area_under_risk(confidence, right) <= 1
    assert calibration_error(right, right) == 0
