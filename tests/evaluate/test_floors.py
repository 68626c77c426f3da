"""The measures on every question of the set, dev and test part, against the floors that are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.evaluate.floors import below_floors, floors_file
from iio_kg.evaluate.outcome import judge_all
from iio_kg.evaluate.sets import ask_for_sets, read_set_questions
from support import ROOT

if TYPE_CHECKING:
    from iio_kg.ask.engine import Engine
    from iio_kg.evaluate.outcome import Asked
    from iio_kg.snapshot import Snapshot

pytestmark = pytest.mark.model


def test_no_measure_is_below_its_floor(asked: tuple[Asked, ...], snapshot: Snapshot, engine: Engine) -> None:
    outcomes = judge_all(asked, snapshot)
    for_sets = ask_for_sets(engine, read_set_questions(ROOT / "tests" / "questions", "all"))
    assert {outcome.part for outcome in outcomes} == {its.part for its in for_sets} == {"dev", "test"}
    assert below_floors(outcomes, for_sets, floors_file()) == []
