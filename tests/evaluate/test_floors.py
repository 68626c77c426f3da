"""The measures on every question of the set, dev and test part, against the floors that are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.evaluate.floors import below_floors, floors_file
from iio_kg.evaluate.outcome import judge_all

if TYPE_CHECKING:
    from iio_kg.evaluate.outcome import Asked
    from iio_kg.snapshot import Snapshot

pytestmark = pytest.mark.model


def test_no_measure_is_below_its_floor(asked: tuple[Asked, ...], snapshot: Snapshot) -> None:
    outcomes = judge_all(asked, snapshot)
    assert {outcome.part for outcome in outcomes} == {"dev", "test"}
    assert below_floors(outcomes, floors_file()) == []
