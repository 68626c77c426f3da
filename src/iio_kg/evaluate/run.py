"""Running a question set and reporting what came out."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from iio_kg import resources
from iio_kg.ask.engine import open_engine
from iio_kg.ask.judge import ANCHOR, CALIBRATION, SIGNALS, Calibration, load_calibration
from iio_kg.ask.retrieve import Channels
from iio_kg.errors import ConfigError
from iio_kg.evaluate.measures import hit_at, mean, ndcg, percentile, reciprocal_rank
from iio_kg.evaluate.questions import Question, read_questions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from iio_kg.ask.answer import Answer
    from iio_kg.ask.engine import Engine
    from iio_kg.ask.retrieve import Retrieved
    from iio_kg.config import Settings
    from iio_kg.corpus.document import Span

#: A passage answers when it holds at least this share of a gold quotation.
_OVERLAP = 0.5
_DEPTH = 10
#: Steps of 0.01 on either side over which the quality of a threshold is averaged.
_SMOOTHING = 4
#: The share of answerable questions that the anchor may lose.
_UNANCHORED = 0.02
CONFIGURATIONS = {
    "words only": Channels(dense=0.0, words=1.0, claims=0.0, links=0.0, kinds=0.0, figures=0.0),
    "encoder only": Channels(dense=1.0, words=0.0, claims=0.0, links=0.0, kinds=0.0, figures=0.0),
    "encoder and words": replace(Channels(), claims=0.0, links=0.0, kinds=0.0, figures=0.0),
    "shipped": Channels(),
}
_RANKING = ("hit@1", "hit@3", "hit@5", "MRR@10", "nDCG@10")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question brought, per configuration."""

    question: Question
    ranking: dict[str, float]
    answered: bool
    value_right: bool | None
    milliseconds: float


@dataclass(frozen=True)
class Report:
    """The measures of a run.

    Attributes:
        part: The part of the question set.
        rows: Per configuration and language the ranking measures.
        refusal: Per language the rates of refusing and answering.
        latency: Milliseconds from question to answer, within the process.
        counts: How many questions of each sort.
        failures: Answerable questions whose first passage does not answer (dev part only).
    """

    part: str
    rows: dict[str, dict[str, dict[str, float]]]
    refusal: dict[str, dict[str, float]]
    latency: dict[str, float]
    counts: dict[str, int]
    failures: list[str]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "part": self.part,
            "counts": self.counts,
            "ranking": self.rows,
            "refusal": self.refusal,
            "latency_ms": self.latency,
            "failures": self.failures,
        }

    def to_markdown(self) -> str:
        """The report as Markdown tables."""
        lines = [f"## Part {self.part}: {', '.join(f'{n} {name}' for name, n in self.counts.items())}", ""]
        lines += ["| configuration | language | " + " | ".join(_RANKING) + " |", "| --- " * 7 + "|"]
        for name, languages in self.rows.items():
            for language, row in languages.items():
                figures = " | ".join(f"{row[measure]:.3f}" for measure in _RANKING)
                lines.append(f"| {name} | {language} | {figures} |")
        names = list(next(iter(self.refusal.values())))
        lines += ["", "| language | " + " | ".join(names) + " |", "| --- " * (len(names) + 1) + "|"]
        for language, rates in self.refusal.items():
            lines.append(f"| {language} | " + " | ".join(f"{rates[name]:.3f}" for name in names) + " |")
        lines += ["", "Latency in the process: " + ", ".join(f"{k} {v:.1f} ms" for k, v in self.latency.items())]
        if self.failures:
            lines += ["", "First passage does not answer:", *(f"- {line}" for line in self.failures)]
        return "\n".join(lines)


def evaluate(
    settings: Settings, folder: Path | None, *, part: str, ablation: bool = False, calibrate: bool = False
) -> Report:
    """Measure the current snapshot on a question set.

    Args:
        settings: The settings.
        folder: The question sets; those of the checkout when None.
        part: ``dev``, ``test`` or ``all``.
        ablation: Also measure with channels switched off.
        calibrate: Fit the judge on the dev part first, and write its weights.

    Raises:
        ConfigError: There is no question set.
        IioKgError: The snapshot or the model cannot be used.
    """
    folder = folder or resources.root() / "tests" / "questions"
    if not folder.is_dir():
        raise ConfigError("There is no question set here.", "Name its folder with --questions.")
    engine = open_engine(settings)
    texts = {document.id: document.text for document in engine.snapshot.content.documents}
    if calibrate:
        fit_calibration(engine, read_questions(folder, "dev", texts))
        load_calibration.cache_clear()
    questions = read_questions(folder, part, texts)
    chosen = CONFIGURATIONS if ablation else {"shipped": CONFIGURATIONS["shipped"]}
    rows: dict[str, dict[str, dict[str, float]]] = {}
    for name, channels in chosen.items():
        ranked = {
            q.id: _rank(engine, q, engine.retrieve(q.text, q.language, channels=channels))
            for q in questions
            if q.answerable
        }
        rows[name] = {
            language: {
                measure: mean(ranked[q.id][measure] for q in questions if q.answerable and q.language == language)
                for measure in _RANKING
            }
            for language in ("nl", "en")
        }
    outcomes = [_outcome(engine, question) for question in questions]
    times = [outcome.milliseconds for outcome in outcomes]
    return Report(
        part=part,
        rows=rows,
        refusal={
            language: _rates([o for o in outcomes if o.question.language == language]) for language in ("nl", "en")
        },
        latency={"p50": percentile(times, 0.5), "p95": percentile(times, 0.95)},
        counts={
            "answerable nl": sum(q.answerable and q.language == "nl" for q in questions),
            "answerable en": sum(q.answerable and q.language == "en" for q in questions),
            "unanswerable": sum(not q.answerable for q in questions),
        },
        failures=[
            f"{o.question.id} ({o.question.language}): {o.question.text}"
            for o in outcomes
            if part == "dev" and o.question.answerable and not o.ranking["hit@1"]
        ]
        + [
            f"{o.question.id}: {o.question.text} ({'refused' if o.question.answerable else 'answered'})"
            for o in outcomes
            if part == "dev" and o.answered != o.question.answerable
        ],
    )


def _outcome(engine: Engine, question: Question) -> Outcome:
    begun = time.perf_counter()
    answer = engine.ask(question.text)
    milliseconds = (time.perf_counter() - begun) * 1000
    ranking = _rank(engine, question, engine.retrieve(question.text, question.language)) if question.answerable else {}
    return Outcome(question, ranking, answer.answered, _value_right(question, answer), milliseconds)


def _rank(engine: Engine, question: Question, retrieved: Retrieved) -> dict[str, float]:
    """The ranking measures of one question; a gold place is found by the first passage that holds it."""
    open_places = list(question.gold)
    relevant: list[bool] = []
    for found in retrieved.found[:_DEPTH]:
        passage = engine.snapshot.content.passages[found.passage]
        holds = [
            gold
            for gold in open_places
            if gold.document == passage.document and _share(gold.span, passage.span) >= _OVERLAP
        ]
        relevant.append(bool(holds))
        open_places = [gold for gold in open_places if gold not in holds]
    total = len(question.gold)
    return {
        "hit@1": hit_at(relevant, 1),
        "hit@3": hit_at(relevant, 3),
        "hit@5": hit_at(relevant, 5),
        "MRR@10": reciprocal_rank(relevant),
        "nDCG@10": ndcg(relevant, total),
    }


def _share(gold: Span, passage: Span) -> float:
    return gold.overlap(passage) / (gold.end - gold.start)


def _value_right(question: Question, answer: Answer) -> bool | None:
    """Whether the figures shown are among those asked for; None when the question asks for none."""
    if not question.values:
        return None
    if answer.statement is None:
        return False
    shown = [effect.to_json() for effect in answer.statement.effects]
    keys = ("number", "low", "high", "direction")
    wanted = [{key: value[key] for key in keys if key in value} for value in question.values]
    return any(all(value.get(key) == want[key] for key in want) for value in shown for want in wanted)


def _rates(outcomes: Sequence[Outcome]) -> dict[str, float]:
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    with_values = [o for o in outcomes if o.value_right is not None]
    return {
        "answered": mean(o.answered for o in answerable),
        "value right": mean(bool(o.value_right) for o in with_values),
        "refused": mean(not o.answered for o in unanswerable),
        "false answers": mean(o.answered for o in unanswerable),
    }


def fit_calibration(engine: Engine, questions: Sequence[Question], path: Path = CALIBRATION) -> Calibration:
    """Fit the judge on the dev part, by logistic regression with balanced classes, and write its weights.

    The threshold is the one with the best mean of both rates, answering what can be answered and refusing what
    cannot, over predictions that were made in ten-fold cross-validation; the curve is smoothed, as a single question
    can make a peak. The anchor is what nearly all questions that can be answered reach.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.preprocessing import StandardScaler

    signals = [engine.retrieve(q.text, q.language).signals for q in questions]
    features = np.array([[row[name] for name in SIGNALS] for row in signals])
    labels = np.array([q.answerable for q in questions])
    scaler = StandardScaler().fit(features)
    scaled = scaler.transform(features)
    regression = LogisticRegression(C=0.5, class_weight="balanced", max_iter=1000)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    predicted = cross_val_predict(regression, scaled, labels, cv=folds, method="predict_proba")[:, 1]
    thresholds = np.linspace(0.05, 0.95, 91)
    quality = [((predicted[labels] >= t).mean() + (predicted[~labels] < t).mean()) / 2 for t in thresholds]
    smooth = np.convolve(np.pad(quality, _SMOOTHING, mode="edge"), np.ones(2 * _SMOOTHING + 1), mode="valid")
    regression.fit(scaled, labels)
    anchors = np.array([row[ANCHOR] for row in signals])[labels]
    table = {
        "model": engine.snapshot.manifest.model,
        "signals": list(SIGNALS),
        "mean": [round(float(x), 6) for x in scaler.mean_],
        "scale": [round(float(x), 6) for x in scaler.scale_],
        "weights": [round(float(x), 6) for x in regression.coef_[0]],
        "bias": round(float(regression.intercept_[0]), 6),
        "threshold": round(float(thresholds[int(np.argmax(smooth))]), 2),
        "anchor": round(float(np.quantile(anchors, _UNANCHORED)), 3),
    }
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return load_calibration(path)
