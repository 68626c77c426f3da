"""The command `iio-kg eval` where nothing has to be asked: comparisons and results over time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from evaluate.making import some_outcomes
from iio_kg.cli import main
from iio_kg.evaluate.outcome import save_outcomes

if TYPE_CHECKING:
    from pathlib import Path


def test_two_saved_results_are_compared(tmp_path: Path) -> None:
    save_outcomes(some_outcomes(wrong=2), tmp_path / "before.jsonl")
    save_outcomes(some_outcomes(wrong=20), tmp_path / "after.jsonl")
    arguments = ["eval", "--compare", str(tmp_path / "before.jsonl"), str(tmp_path / "after.jsonl")]
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 0
    assert told.stdout.startswith("| measure | before | after | difference | 95 % interval | p |")
    assert "| hit@1 ↑ | 0.933 | 0.333 | -0.600 |" in told.stdout
    rows = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)
    assert next(row for row in rows if row["measure"] == "hit@1")["difference"] == -0.6


def test_results_of_other_questions_are_refused_in_a_sentence(tmp_path: Path) -> None:
    save_outcomes(some_outcomes(wrong=2), tmp_path / "a.jsonl")
    save_outcomes(some_outcomes(wrong=2, part="test"), tmp_path / "b.jsonl")
    told = CliRunner().invoke(main, ["eval", "--compare", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")])
    assert told.exit_code == 2
    assert told.stderr.startswith("iio-kg: The two results are not of the same questions: 80 are in one only")
    told = CliRunner().invoke(main, ["eval", "--compare", str(tmp_path / "a.jsonl"), str(tmp_path / "none.jsonl")])
    assert told.exit_code == 2
    assert "cannot be read" in told.stderr
