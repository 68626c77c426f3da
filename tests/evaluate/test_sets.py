"""Measuring lists and comparisons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from evaluate.making import some_outcomes
from iio_kg.corpus.set_questions import QuestionSet
from iio_kg.errors import CorpusError
from iio_kg.evaluate.floors import below_floors, write_floors
from iio_kg.evaluate.sets import (
    SET_COLUMNS,
    SET_MEASURES,
    SETS_FIRST,
    SETS_GIVEN,
    SETS_UNCALLED,
    SETS_WRONG,
    SetOutcome,
    SetQuestion,
    ask_for_sets,
    count_sets,
    measure_sets,
    read_set_questions,
    set_margins,
    wanted_claims,
)
from support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.ask.engine import Engine

FOLDER = ROOT / "tests" / "questions"


def test_a_part_is_read_and_no_folder_holds_none(tmp_path: Path) -> None:
    dev, everything = read_set_questions(FOLDER, "dev"), read_set_questions(FOLDER, "all")
    assert {its.part for its in dev} == {"dev"}
    assert {its.part for its in everything} == {"dev", "test"}
    assert any(its.wanted for its in dev)
    assert any(its.wanted is None for its in dev)
    assert read_set_questions(tmp_path, "all") == ()


@pytest.mark.parametrize(
    "line",
    ["nothing", "[]", '{"id": "x", "language": "nl"}', '{"id": "x", "question": "a", "language": "nl", "set": "all"}'],
)
def test_a_line_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, line: str) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "x-dev.jsonl").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"x-dev\.jsonl:1: this is no question"):
        read_set_questions(tmp_path, "dev")


def test_outcomes_are_counted_by_part_and_language() -> None:
    def outcome(**its: bool) -> SetOutcome:
        told = {"wanted": False, "leads": False, "beside": False, "right": False} | its
        return SetOutcome(language="nl", part="dev", **told)

    rows = count_sets(
        [
            outcome(wanted=True, leads=True, right=True),
            outcome(wanted=True, beside=True, right=True),
            outcome(wanted=True, leads=True),
            outcome(wanted=True),
            outcome(leads=True),
            outcome(beside=True),
            outcome(),
        ]
    )
    assert [dict(zip(SET_COLUMNS, row, strict=True)) for row in rows] == [
        {
            "part": "dev", "language": "nl", "ask for a set": 4, "get it first": 1, "get it beside": 1,
            "get another": 1, "ask for none": 3, "get one first": 1, "get one beside": 1,
        }
    ]  # fmt: skip


def test_what_is_measured_of_sets_may_not_get_worse_either(tmp_path: Path) -> None:
    def outcomes(right: int, uncalled: int, language: str = "nl") -> list[SetOutcome]:
        asked = [
            SetOutcome(language, "dev", wanted=True, leads=n % 2 == 0, beside=n % 2 == 1, right=n < right)
            for n in range(10)
        ]
        others = [
            SetOutcome(language, "dev", wanted=False, leads=n < uncalled, beside=False, right=False) for n in range(20)
        ]
        return [*asked, *others]

    measured = {SETS_FIRST: 0.4, SETS_GIVEN: 0.8, SETS_WRONG: 0.2}
    assert measure_sets(outcomes(8, 1)) == {("dev", "nl"): measured | {SETS_UNCALLED: 0.05}}
    assert measure_sets(outcomes(8, 1)[:10]) == {("dev", "nl"): measured}
    assert set_margins(outcomes(8, 1)) == {
        ("dev", "nl"): {SETS_FIRST: 0.2, SETS_GIVEN: 0.2, SETS_WRONG: 0.2, SETS_UNCALLED: 0.1}
    }
    path, answers = tmp_path / "floors.json", some_outcomes(wrong=2)
    recorded = [*outcomes(8, 1), *outcomes(9, 0, "en")]
    write_floors(answers, recorded, path)
    assert below_floors(answers, recorded, path) == []
    assert below_floors(answers, [*outcomes(6, 3), *outcomes(9, 0, "en")], path) == [], "two questions"
    told = below_floors(answers, [*outcomes(1, 4), *outcomes(10, 1, "en")], path)
    assert {sentence.split(" is ")[0] for sentence in told} == {f"dev, nl: {name}" for name in SET_MEASURES}
    beside = [replace(its, leads=False, beside=its.leads or its.beside) for its in recorded]
    told = below_floors(answers, beside, path)
    assert {sentence.split(" is ")[0] for sentence in told} == {
        f"dev, {spoken}: {SETS_FIRST}" for spoken in ("nl", "en")
    }


@pytest.mark.model
def test_who_asks_for_a_set_of_which_there_is_no_table_still_asks_for_one(engine: Engine) -> None:
    its = QuestionSet("conditions", concepts=("videolessen",), nl=("wat is er nodig",))
    nothing = SetQuestion("x", "voorwaarden videolessen", "nl", "dev", its)
    assert not wanted_claims(engine, nothing, ())
    (outcome,) = ask_for_sets(engine, [nothing])
    assert outcome.wanted
    assert not outcome.right


@pytest.mark.model
def test_most_who_ask_for_a_set_get_it_and_hardly_anybody_else(engine: Engine) -> None:
    outcomes = ask_for_sets(engine, read_set_questions(FOLDER, "dev"))
    wanted = [its for its in outcomes if its.wanted]
    others = [its for its in outcomes if not its.wanted]
    assert sum(its.right for its in wanted) > len(wanted) / 2
    assert sum(its.leads for its in others) < len(others) / 20
