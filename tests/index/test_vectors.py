"""Vectors that are kept between builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iio_kg.index.encoder import SentenceTransformerEncoder
from iio_kg.index.vectors import CachedEncoder
from tiny_models import make_model

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(make_model(tmp_path_factory.mktemp("model"), "bert", "mean"), "tiny")


def test_of_no_texts_the_vectors_are_as_long_as_of_others(tiny: SentenceTransformerEncoder, tmp_path: Path) -> None:
    cached = CachedEncoder(lambda: tiny, tmp_path, "tiny")
    vectors = cached.encode_passages(["de school"])
    assert cached.encode_passages([]).shape == (0, vectors.shape[1])
    cached.save()
    again = CachedEncoder(lambda: tiny, tmp_path, "tiny")
    assert again.encode_queries(()).shape == (0, vectors.shape[1])


def test_a_text_is_encoded_once_for_each_of_its_uses(tiny: SentenceTransformerEncoder, tmp_path: Path) -> None:
    cached = CachedEncoder(lambda: tiny, tmp_path, "tiny")
    first = cached.encode_passages(["de school", "de leraar", "de school"])
    assert cached.encoded == 2
    assert np.array_equal(first[0], first[2])
    cached.encode_queries(["de school"])
    cached.save()
    again = CachedEncoder(lambda: tiny, tmp_path, "tiny")
    assert np.array_equal(again.encode_passages(["de leraar"])[0], first[1])
    assert again.encoded == 0
