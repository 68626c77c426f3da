"""Judging whether a set is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iio_kg.ask.judge import SET_FLOOR, SET_SIGNALS, SET_SURE, Calibration, Regression, Verdict, load_calibration


@pytest.fixture
def calibration() -> Calibration:
    """One whose probability of a set is that of its nearness."""
    ones = [float(name == "near") for name in SET_SIGNALS]
    plain = Regression(SET_SIGNALS, (0.0,) * len(ones), (1.0,) * len(ones), tuple(ones), 0.0, 0.5)
    return replace(load_calibration(), sets=plain)


@pytest.mark.parametrize(
    ("near", "answerable", "passes"),
    [
        (3.5, 0.0, False),
        (3.5, SET_FLOOR - 0.01, True),
        (2.5, SET_FLOOR - 0.01, False),
        (2.5, SET_FLOOR, True),
        (-2.5, SET_FLOOR, True),
    ],
)
def test_what_the_material_hardly_answers_gets_a_set_only_if_worded_beyond_doubt(
    calibration: Calibration, near: float, answerable: float, *, passes: bool
) -> None:
    signals = dict.fromkeys(SET_SIGNALS, 0.0) | {"near": near}
    expected = calibration.sets.probability(signals)
    assert (expected >= SET_SURE) == (near > 3)
    found = calibration.likely(signals, Verdict(answerable, answered=False))
    assert found == (expected if passes else 0.0)
