"""Fitting the judge: what is written can be read, and what cannot be fitted again stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iio_kg.ask.fusion import AGAINST, CLAIM_SIGNALS, TEXT_SIGNALS, load_weights
from iio_kg.ask.judge import BARE_SIGNALS, CALIBRATION, SET_SIGNALS, SIGNALS, load_calibration
from iio_kg.evaluate.calibrate import fit_calibration, fit_weights
from iio_kg.evaluate.questions import read_questions
from iio_kg.evaluate.sets import read_set_questions
from support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.ask.engine import Engine

pytestmark = pytest.mark.model
QUESTIONS = ROOT / "tests" / "questions"


def test_what_is_fitted_judges_and_keeps_what_needs_other_material(engine: Engine, tmp_path: Path) -> None:
    texts = {document.id: document.text for document in engine.snapshot.content.documents}
    questions = read_questions(QUESTIONS, "dev", texts)[::5]
    for_sets = read_set_questions(QUESTIONS, "dev")[::2]
    path = tmp_path / "calibration.json"
    path.write_bytes(CALIBRATION.read_bytes())
    fitted = fit_calibration(engine, questions, for_sets, path=path)
    shipped = load_calibration()
    assert fitted.by_text == shipped.by_text, "without other material"
    signals = (fitted.by_claim.signals, fitted.unopposed.signals, fitted.by_text.signals, fitted.sets.signals)
    assert signals == (SIGNALS, SIGNALS, BARE_SIGNALS, SET_SIGNALS)
    assert 0 < fitted.beside < fitted.sets.threshold < 1
    found = {question.id: engine.retrieve(question.text, question.language).signals for question in questions}
    answered = [fitted.judge(found[q.id]).answered for q in questions if q.answerable]
    wrongly = [fitted.judge(found[q.id]).answered for q in questions if not q.answerable]
    assert sum(answered) / len(answered) > 3 * sum(wrongly) / len(wrongly)
    table = json.loads(path.read_text(encoding="utf-8"))
    assert table["model"] == engine.snapshot.manifest.model
    refitted = fit_calibration(engine, questions, for_sets, (engine, questions), path=path)
    assert refitted.by_text != shipped.by_text


def test_weights_are_fitted_and_that_of_like_words_keeps_its_proportion(engine: Engine, tmp_path: Path) -> None:
    texts = {document.id: document.text for document in engine.snapshot.content.documents}
    questions = read_questions(QUESTIONS, "dev", texts)[::20]
    path = tmp_path / "fusion.json"
    shipped = load_weights()
    fitted = fit_weights(engine, questions, path)
    proportions = [its.near_words / (its.passage + its.sentence) for its in (fitted, shipped)]
    assert proportions[0] == pytest.approx(proportions[1], abs=1e-3)
    assert fitted != shipped
    for name in (*TEXT_SIGNALS, *CLAIM_SIGNALS):
        assert getattr(fitted, name) * (-1 if name in AGAINST else 1) >= 0, name
