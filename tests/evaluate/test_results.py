"""Summaries, comparisons, floors, history and reports of results that were made up."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from evaluate.making import MISSED, outcome, some_outcomes
from iio_kg.errors import ConfigError
from iio_kg.evaluate.floors import MARGIN, below_floors, write_floors
from iio_kg.evaluate.history import history_table, record
from iio_kg.evaluate.outcome import load_outcomes, save_outcomes
from iio_kg.evaluate.report import BEGIN, END, comparison_table, to_json, write_report
from iio_kg.evaluate.run import Result
from iio_kg.evaluate.summary import compare, summarise

if TYPE_CHECKING:
    from pathlib import Path


def test_each_measure_counts_what_it_is_about() -> None:
    four = [
        outcome("a", value_right=True),
        outcome("b", answered=False, value_right=False, span_f1=None),
        outcome("c", ranking=MISSED, first_right=False, span_f1=0.0, confidence=0.7),
        outcome("d", ranking={}, first_right=False, span_f1=None, confidence=0.4),
    ]
    measured = {name: (its.value, its.questions) for name, its in summarise(four).items()}
    assert measured["hit@1"] == (pytest.approx(2 / 3), 3)
    assert measured["MRR@10"] == (pytest.approx(2.5 / 3), 3)
    assert measured["error rate"] == (pytest.approx(1 / 3), 3)
    assert measured["hallucination rate"] == (1, 1)
    assert measured["answers right"] == (pytest.approx(1 / 3), 3)
    assert measured["value right (answered)"] == (1, 1)
    assert measured["value right (all)"] == (1 / 2, 2)
    assert measured["span F1"] == (pytest.approx(0.4), 2)
    assert measured["citations true"] == (1, 4)
    assert measured["Brier"] == (pytest.approx((0.01 + 0.01 + 0.49 + 0.16) / 4), 4)


def test_an_untrue_citation_shows() -> None:
    for untrue in ({"verbatim": 9}, {"page_right": 9}, {"marks_inside": 9}):
        assert summarise([outcome("a", **untrue)], intervals=False)["citations true"].value == 0


def test_intervals_hold_the_value_and_are_the_same_every_time() -> None:
    outcomes = some_outcomes(wrong=6)
    first = summarise(outcomes)
    assert repr(first) == repr(summarise(outcomes))
    for name in ("hit@1", "ECE", "AURC", "hallucination rate"):
        assert first[name].low <= first[name].value <= first[name].high
    assert first["hit@1"].low < first["hit@1"].high
    assert math.isnan(first["value right (all)"].value)
    assert math.isnan(first["value right (all)"].low)


def test_nothing_measured_is_not_a_number() -> None:
    assert all(math.isnan(its.value) and its.questions == 0 for its in summarise([]).values())


def test_a_result_compared_with_itself_shows_no_difference() -> None:
    outcomes = some_outcomes(wrong=6)
    for difference in compare(outcomes, list(reversed(outcomes))):
        assert math.isnan(difference.difference) or (difference.difference, difference.p) == (0, 1)


def test_a_clear_difference_is_found_and_a_small_one_is_not() -> None:
    few, many = some_outcomes(wrong=2), some_outcomes(wrong=20)
    clear = {d.measure.name: d for d in compare(few, many)}["hit@1"]
    assert clear.difference == pytest.approx(-18 / 30)
    assert clear.high < 0
    assert clear.p < 0.01
    small = {d.measure.name: d for d in compare(few, some_outcomes(wrong=3))}["hit@1"]
    assert small.low <= small.difference <= small.high
    assert small.p > 0.05
    assert "| hit@1 ↑ | 0.933 | 0.333 | -0.600 |" in comparison_table([clear], ("few", "many"))


def test_results_on_other_questions_are_not_compared() -> None:
    outcomes = some_outcomes(wrong=2)
    with pytest.raises(ConfigError, match=r"not of the same questions: 1 are in one only, such as 'dev-39'"):
        compare(outcomes, outcomes[:-1])
    with pytest.raises(ConfigError, match="a question twice"):
        compare([*outcomes, outcomes[0]], outcomes)


def test_a_saved_result_comes_back(tmp_path: Path) -> None:
    outcomes = tuple(some_outcomes(wrong=2))
    save_outcomes(outcomes, tmp_path / "there" / "a.jsonl")
    assert load_outcomes(tmp_path / "there" / "a.jsonl") == outcomes


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), ("{}", "no saved result"), ("", "no result")])
def test_what_is_no_saved_result_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "a.jsonl").write_text(content)
    with pytest.raises(ConfigError, match=said):
        load_outcomes(tmp_path / "a.jsonl")


def test_a_drop_below_a_floor_is_told(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    outcomes = some_outcomes(wrong=6)
    write_floors(outcomes, (), path)
    assert below_floors(outcomes, (), path) == []
    its = json.loads(path.read_text())["parts"]["dev"]["nl"]
    assert its["hit@1"]["floor"] == pytest.approx(its["hit@1"]["value"] - MARGIN, abs=1e-4)
    assert its["error rate"]["floor"] == pytest.approx(its["error rate"]["value"] + MARGIN, abs=1e-4)
    assert its["citations true"] == {"value": 1, "floor": 1}
    worse = [replace(o, citations=11) if o.id == "dev-1" else o for o in some_outcomes(wrong=8)]
    told = below_floors(worse, (), path)
    fallen = f"dev, nl: hit@1 is 0.7333, below its floor of {0.8 - MARGIN:.4f} (recorded at 0.8000)"
    assert any(s.startswith(fallen) for s in told)
    assert any(s.startswith("dev, nl: citations true") for s in told)
    assert not any("hit@3" in s for s in told)


def test_a_measure_that_is_gone_is_a_drop(tmp_path: Path) -> None:
    write_floors(some_outcomes(wrong=6), (), tmp_path / "floors.json")
    dutch = [o for o in some_outcomes(wrong=6) if o.language == "nl"]
    assert any("dev, en: hit@1 is nan" in s for s in below_floors(dutch, (), tmp_path / "floors.json"))


def test_floors_of_other_parts_stay_and_missing_ones_are_told(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    write_floors(some_outcomes(wrong=6), (), path)
    with pytest.raises(ConfigError, match="no floors for the part 'test'"):
        below_floors(some_outcomes(wrong=6, part="test"), (), path)
    write_floors(some_outcomes(wrong=1, part="test"), (), path)
    assert set(json.loads(path.read_text())["parts"]) == {"dev", "test"}
    path.write_text("[]")
    with pytest.raises(ConfigError, match="holds no floors"):
        below_floors(some_outcomes(wrong=6), (), path)


def result(wrong: int) -> Result:
    outcomes = (*some_outcomes(wrong=wrong), *some_outcomes(wrong=wrong, part="test"))
    return Result("all", outcomes, "snapshot1", "a/model", "0123", {"shipped": {"nl": dict(MISSED)}})


def test_results_over_time_are_added_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "history" / "eval.jsonl"
    with pytest.raises(ConfigError, match="No results"):
        history_table(path)
    record(result(6), path)
    before = path.read_text()
    record(result(3), path)
    assert path.read_text().startswith(before)
    rows = history_table(path).splitlines()[2:]
    assert len(rows) == 2 * 2 * 2
    assert "| snapshot | model | dev | nl | 0.800 |" in rows[0]
    assert "| snapshot | model | dev | nl | 0.933 |" in rows[4]
    path.write_text("x\n")
    with pytest.raises(ConfigError, match="no result"):
        history_table(path)


def test_a_report_names_its_drawings_and_leaves_the_text_around_it(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.md"
    path.write_text(f"# Before\n\n{BEGIN}\nold figures\n{END}\n\nAfter\n")
    files = write_report(result(6), path)
    text = path.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("\n\nAfter\n")
    assert "old figures" not in text
    assert "| hit@1 ↑ | 0.800 [" in text
    assert "| shipped | nl | 0.000 |" in text
    assert len(files) == 1 + 2 * 3
    for file in files[1:]:
        assert f"({file.name})" in text
        assert ET.fromstring(file.read_text()).tag == "{http://www.w3.org/2000/svg}svg"
    assert [file.read_text() for file in write_report(result(6), path)] == [text, *(f.read_text() for f in files[1:])]


def test_rates_of_few_questions_have_an_interval(tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    write_report(result(6), path)
    # Two of five; E. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    share, count, z = 2 / 5, 5, 1.959964
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    text = path.read_text()
    assert f"| near-miss | nl | 5 | 0.400 [{middle - half:.3f}, {middle + half:.3f}] |" in text
    assert "| 0.000 [0.000, " in text, "nothing of few is not surely nothing"


def test_a_report_of_one_language_without_answers_can_be_written(tmp_path: Path) -> None:
    refused = tuple(o for o in some_outcomes(wrong=0) if o.language == "nl" and not o.answered)
    files = write_report(Result("dev", refused, "s", "m", "q"), tmp_path / "r.md")
    assert all(file.is_file() for file in files)


def test_a_result_as_json_has_no_nan() -> None:
    shown = to_json(result(6))
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert shown["measures"]["dev"]["nl"]["hit@1"]["value"] == 0.8
