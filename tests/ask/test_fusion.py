"""The weights of the ways of finding: shipped ones are whole and signed as told, channels switch them off."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pytest

from iio_kg.ask.fusion import AGAINST, CLAIM_SIGNALS, TEXT_SIGNALS, Channels, Weights, load_weights
from iio_kg.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


def test_every_signal_has_a_weight_of_its_sign() -> None:
    weights = load_weights()
    assert {field.name for field in fields(Weights)} == {*TEXT_SIGNALS, *CLAIM_SIGNALS, "near_words"}
    assert weights.near_words > 0
    for name in (*TEXT_SIGNALS, *CLAIM_SIGNALS):
        assert (getattr(weights, name) <= 0) == (name in AGAINST) or getattr(weights, name) == 0, name


def test_a_channel_that_is_off_weighs_nothing() -> None:
    weights, off = load_weights(), Channels(dense=0, claims=0)
    assert np.flatnonzero(weights.claims(off)).size == 0
    assert [n for n, w in zip(TEXT_SIGNALS, weights.text(off), strict=True) if w] == ["words", "summary"]
    assert weights.instead(off) > 0
    assert weights.instead(Channels(near_words=0)) == 0
    assert np.array_equal(weights.text(Channels()), [np.float32(getattr(weights, name)) for name in TEXT_SIGNALS])


@pytest.mark.parametrize("content", ["", "{}", '{"weights": {"passage": 1}}', '{"weights": {"passage": "x"}}'])
def test_weights_that_cannot_be_used_are_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "fusion.json"
    path.write_text(content)
    with pytest.raises(ModelError, match=r"fusion\.json: the weights cannot be read"):
        load_weights(path)
