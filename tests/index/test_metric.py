"""The learned measure of nearness: wording counts less, meaning counts as before."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from iio_kg.index.metric import Metric


def phrasings(seed: int, classes: int = 12, each: int = 8, dimension: int = 16) -> tuple[np.ndarray, list[int]]:
    """Vectors that differ by meaning in the first half of their dimensions and much more by wording in the last."""
    chance = np.random.default_rng(seed)
    meanings = np.repeat(chance.normal(size=(classes, dimension)), each, axis=0)
    wording = chance.normal(size=(classes * each, dimension)) * np.repeat([0.1, 3.0], dimension // 2)
    meanings[:, dimension // 2 :] = 0
    vectors = (meanings + wording).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), [n // each for n in range(len(vectors))]


def first_is_of_the_same_class(cosines: np.ndarray, classes: list[int]) -> float:
    np.fill_diagonal(cosines, -1)
    return float(np.mean([classes[n] == own for n, own in zip(cosines.argmax(axis=1), classes, strict=True)]))


def test_phrasings_of_one_claim_find_each_other_better_than_before() -> None:
    vectors, classes = phrasings(1)
    metric = Metric.fit(vectors, vectors, classes)
    taken = metric.of_passages(vectors)
    before = first_is_of_the_same_class(vectors @ vectors.T, classes)
    assert first_is_of_the_same_class(taken @ taken.T, classes) > before + 0.2


@given(seed=st.integers(0, 50), scale=st.floats(0.01, 100))
def test_vectors_keep_length_one_and_a_question_is_taken_as_a_row_is(seed: int, scale: float) -> None:
    vectors, classes = phrasings(seed)
    metric = Metric.fit(vectors, vectors * np.float32(scale), classes)
    assert np.allclose(np.linalg.norm(metric.of_passages(vectors), axis=1), 1, atol=1e-4)
    assert np.allclose(np.linalg.norm(metric.of_query(vectors[0])), 1, atol=1e-4)
    same = Metric(metric.matrix, metric.passage_mean, metric.passage_mean)
    assert np.allclose(same.of_query(vectors[3]), same.of_passages(vectors)[3], atol=1e-5)


def test_phrasings_that_do_not_differ_do_no_harm() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 1]]
    taken = Metric.fit(vectors, vectors, [0, 0, 1, 1]).of_passages(vectors)
    assert np.isfinite(taken).all()
    assert np.allclose(taken[0], taken[1])


def test_of_many_directions_those_are_kept_in_which_most_differs() -> None:
    vectors, classes = phrasings(2, classes=200, dimension=200)
    # A tenth of the directions holds nearly all that differs.
    vectors[:, 20:] *= 0.05
    metric = Metric.fit(vectors, vectors, classes)
    kept = metric.matrix.shape[1]
    assert kept < vectors.shape[1]
    assert metric.of_query(vectors[0]).shape == (kept,)
    centred = (vectors - vectors.mean(axis=0)) @ metric.matrix
    spread = centred.var(axis=0)
    assert (np.diff(spread) <= 1e-6).all(), "the one in which most differs comes first"
    assert spread[:20].sum() > 0.9 * spread.sum()


def test_with_few_phrasings_all_directions_are_kept() -> None:
    vectors, classes = phrasings(4, dimension=300)
    assert Metric.fit(vectors, vectors, classes).matrix.shape == (300, 300)


def test_directions_in_which_only_others_differ_are_kept_too() -> None:
    vectors, classes = phrasings(3, classes=200, dimension=300)
    chance = np.random.default_rng(5)
    # What is said has no part in the last tenth of the directions; what others say lies there.
    vectors[:, 270:] = 0
    others = np.hstack([np.zeros((200, 270)), chance.normal(size=(200, 30))]).astype(np.float32)
    kept = [
        np.linalg.norm((others[0] - vectors.mean(axis=0)) @ Metric.fit(vectors, vectors, classes, seen).matrix)
        for seen in (None, others)
    ]
    assert kept[1] > 2 * kept[0]
