"""Products in 8 bits: near the exact ones, in the same order, whole after a round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iio_kg.index.nearness import Nearness

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def unit_vectors(seed: int, count: int, dimension: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 200), dimension=st.integers(2, 400))
def test_products_are_near_the_exact_ones(seed: int, count: int, dimension: int) -> None:
    vectors = unit_vectors(seed, count + 1, dimension)
    asked, known = vectors[0], vectors[1:]
    products = Nearness.build(known).of(asked)
    assert products.shape == (count,)
    # Each number of both is rounded by at most half a step, of a 126th of the largest and of a 255th of their range.
    step_known, step_asked = np.abs(known).max() / 63, (asked.max(initial=0) - asked.min(initial=0)) / 255
    bound = 0.5 * (step_known * np.abs(asked).sum() + step_asked * np.abs(known).sum(axis=1).max())
    bound += 0.25 * dimension * step_known * step_asked + 1e-5
    assert np.abs(products - known @ asked).max() <= bound


def test_of_the_vectors_of_an_encoder_products_differ_in_the_third_place_only() -> None:
    vectors = unit_vectors(3, 2001, 384)
    exact = vectors[1:] @ vectors[0]
    assert np.abs(Nearness.build(vectors[1:]).of(vectors[0]) - exact).max() < 0.005


def test_what_is_near_comes_first() -> None:
    known = unit_vectors(0, 5000, 384)
    asked = known[7] + 0.5 * known[11]
    asked /= np.linalg.norm(asked)
    order = np.argsort(-Nearness.build(known).of(asked))
    assert order[:2].tolist() == [7, 11]


def test_a_round_trip_changes_nothing(tmp_path: Path) -> None:
    known, asked = unit_vectors(1, 300, 64), unit_vectors(2, 1, 64)[0]
    built = Nearness.build(known)
    built.save(tmp_path / "a")
    opened = Nearness.load(tmp_path / "a")
    opened.save(tmp_path / "b")
    assert len(opened) == len(built) == 300
    assert np.array_equal(opened.of(asked), built.of(asked))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_of_no_vectors_there_are_no_products(tmp_path: Path) -> None:
    Nearness.build(np.zeros((0, 8), np.float32)).save(tmp_path / "none")
    opened = Nearness.load(tmp_path / "none")
    assert len(opened) == 0
    assert opened.of(np.ones(8, np.float32)).shape == (0,)


def test_what_is_no_such_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="x cannot be opened"):
        Nearness.load(tmp_path / "x")
    with pytest.raises(FileNotFoundError):
        Nearness.load(tmp_path / "y")
