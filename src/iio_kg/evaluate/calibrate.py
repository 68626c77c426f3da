"""Fitting what ranks and what judges on the dev part of the questions, and writing both down.

Ranking: the weights of the signals, by the likelihood that a passage which answers is first (a softmax over all
passages: Z. Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007), signs kept and small
weights preferred. Judging: a logistic regression over the signals of what was found first.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from iio_kg.ask.collect import collect_likely
from iio_kg.ask.fusion import AGAINST, CLAIM_SIGNALS, TEXT_SIGNALS, WEIGHTS, Channels, Weights, load_weights
from iio_kg.ask.judge import (
    ANCHOR,
    BARE_SIGNALS,
    CALIBRATION,
    SET_SIGNALS,
    SIGNALS,
    Calibration,
    load_calibration,
    read_regression,
)
from iio_kg.errors import ModelError
from iio_kg.evaluate.ranking import answers
from iio_kg.evaluate.sets import shows, wanted_claims
from iio_kg.snapshot import CLAIMS_FILE, OPEN_FILE, SETS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from iio_kg.ask.engine import Engine
    from iio_kg.ask.retrieve import Retrieved
    from iio_kg.evaluate.questions import Question
    from iio_kg.evaluate.sets import SetQuestion

#: How sharp the softmax is: scores lie between 0 and about 1.
_SHARPNESS = 30.0
#: How strongly small weights are preferred.
_PENALTY = 0.3
#: Rounds in which each passage is given its best claim anew, as that depends on the weights.
_ROUNDS = 6
#: Which part of the dev questions that cannot be answered is refused: what is asked for. Two in three are near misses.
_REFUSED = 0.90
#: Which part of the questions that ask for no set is given none as the answer, and none beside it either.
_NOT_LED, _NOT_BESIDE = 0.98, 0.88
_FOLDS = 10
#: A line that no probability reaches.
_NEVER = 2.0
#: The signals of open questions where there are none.
_UNOPPOSED = {"open": 0.0, "answered_share": 1.0, "worded_as_answered": 0.0}
#: Thresholds whose quality is no further from the best than this are as good.
_AS_GOOD = 0.01
#: Steps of 0.01 on either side over which the quality of a threshold is averaged.
_SMOOTHING = 4


def fit(
    engine: Engine,
    questions: Sequence[Question],
    for_sets: Sequence[SetQuestion],
    elsewhere: tuple[Engine, Sequence[Question]] | None = None,
) -> None:
    """Fit the ranking, then the judge on what it finds, and write both.

    Args:
        engine: What answers.
        questions: The questions of the dev part.
        for_sets: Those that tell when a whole set is asked for.
        elsewhere: Other material without claims and questions on it.
    """
    fit_weights(engine, questions)
    fit_calibration(engine, questions, for_sets, elsewhere)


def fit_weights(engine: Engine, questions: Sequence[Question], path: Path = WEIGHTS) -> Weights:
    """Fit the weights of the signals on the questions that can be answered, and write them.

    That of like words is kept in proportion to those of texts, and the others are fitted as though it were 0: here
    claims lead to nearly everything, which says nothing of where there are none.
    """
    tables = [table for question in questions if question.answerable if (table := _table(engine, question)) is not None]
    names = (*TEXT_SIGNALS, *CLAIM_SIGNALS)
    start = load_weights()
    weights = _fit_listwise(tables, [getattr(start, name) for name in names])
    written = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
    share = start.near_words / (start.passage + start.sentence)
    written["near_words"] = round(share * (written["passage"] + written["sentence"]), 4)
    fitted = {"model": engine.snapshot.manifest.model, "weights": written}
    path.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    load_weights.cache_clear()
    return load_weights(path)


class _Table:
    """The signals of every pair of a passage and a claim on it (or none) for one question."""

    def __init__(self, signals: NDArray[np.float64], passages: NDArray[np.int64], answers: NDArray[np.bool_]) -> None:
        self.signals, self.passages, self.answers = signals, passages, answers


def _table(engine: Engine, question: Question) -> _Table | None:
    import numpy as np

    passages = engine.snapshot.content.passages
    answering = np.array([answers(passage, question.gold) for passage in passages])
    if not answering.any():
        return None
    retriever = engine.retriever
    signals = retriever.signals(retriever.understand(question.text, question.language))
    alone = np.hstack([signals.text, np.zeros((len(passages), len(CLAIM_SIGNALS)))])
    with_claims = np.hstack([signals.text[retriever.pairs[:, 0]], signals.claims[retriever.pairs[:, 1]]])
    numbers = np.concatenate([np.arange(len(passages)), retriever.pairs[:, 0]])
    return _Table(np.vstack([alone, with_claims]).astype(float), numbers, answering)


def _fit_listwise(tables: Sequence[_Table], start: Sequence[float]) -> NDArray[np.float64]:
    import numpy as np
    from scipy.optimize import minimize

    bounds = [(None, 0.0) if name in AGAINST else (0.0, None) for name in (*TEXT_SIGNALS, *CLAIM_SIGNALS)]
    weights = np.array(start, float)
    for _ in range(_ROUNDS):
        rows, answers, starts = _best_rows(tables, weights)
        segments = np.repeat(np.arange(len(starts)), np.diff([*starts, len(rows)]))

        def loss(
            w: NDArray[np.float64],
            rows: NDArray[np.float64] = rows,
            answers: NDArray[np.bool_] = answers,
            starts: NDArray[np.int64] = starts,
            segments: NDArray[np.int64] = segments,
        ) -> tuple[float, NDArray[np.float64]]:
            scores = _SHARPNESS * (rows @ w)
            powers = np.exp(scores - np.maximum.reduceat(scores, starts)[segments])
            whole = np.add.reduceat(powers, starts)
            right = np.add.reduceat(powers * answers, starts) + 1e-300
            value = float((np.log(whole) - np.log(right)).mean() + _PENALTY * (w**2).sum())
            slope = powers / whole[segments] - powers * answers / right[segments]
            return value, _SHARPNESS * rows.T @ slope / len(starts) + 2 * _PENALTY * w

        weights = minimize(loss, weights, jac=True, method="L-BFGS-B", bounds=bounds).x
    return weights


def _best_rows(
    tables: Sequence[_Table], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """For each question and passage the signals with the claim that gives the highest score, or with none."""
    import numpy as np

    chosen, answers, starts, position = [], [], [], 0
    for table in tables:
        order = np.argsort(-(table.signals @ weights), kind="stable")
        passages, first = np.unique(table.passages[order], return_index=True)
        chosen.append(table.signals[order][first])
        answers.append(table.answers[passages])
        starts.append(position)
        position += len(passages)
    return np.vstack(chosen), np.concatenate(answers), np.array(starts)


def fit_calibration(
    engine: Engine,
    questions: Sequence[Question],
    for_sets: Sequence[SetQuestion],
    elsewhere: tuple[Engine, Sequence[Question]] | None = None,
    path: Path = CALIBRATION,
) -> Calibration:
    """Fit the judge on the dev part, and write its weights.

    What a claim led to is judged by whether the question can be answered at all. What a passage's own words led to, by
    whether that very passage answers: there is more to miss; see `_fit_bare`. The anchor is what all questions that can
    be answered reach.
    """
    import numpy as np

    found = [engine.retrieve(q.text, q.language) for q in questions]
    answerable = np.array([q.answerable for q in questions])
    anchors = np.array([retrieved.signals[ANCHOR] for retrieved in found])[answerable]
    by_claim = _fit_regression([retrieved.signals for retrieved in found], answerable, _refusing)
    table = {
        "model": engine.snapshot.manifest.model,
        "claims": engine.snapshot.manifest.files[CLAIMS_FILE].sha256,
        "open_questions": engine.snapshot.manifest.files[OPEN_FILE].sha256,
        "question_sets": engine.snapshot.manifest.files[SETS_FILE].sha256,
        "anchor": float(np.floor(anchors.min() * 1000) / 1000),
        "by_claim": by_claim,
        "unopposed": _fit_regression([r.signals | _UNOPPOSED for r in found], answerable, _refusing),
        "by_text": _fit_bare(engine, questions, elsewhere, path),
    }
    asked = list(zip(questions, found, strict=True))
    table |= _fit_sets(engine, asked, for_sets, read_regression(by_claim, SIGNALS).probability, path)
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    load_calibration.cache_clear()
    return load_calibration(path)


def _fit_bare(
    engine: Engine, questions: Sequence[Question], elsewhere: tuple[Engine, Sequence[Question]] | None, path: Path
) -> dict[str, Any]:
    """What judges a passage that its own words led to, fitted on searches without claims.

    What tells right from wrong in one material need not do so in another, so it is fitted on two that count the same.
    Where there is no other, what was fitted with this encoder before is kept.
    """
    import numpy as np

    kept = _fitted_before(engine, path)
    if elsewhere is None and kept is not None:
        return dict(kept["by_text"])
    signals: list[Mapping[str, float]] = []
    right: list[bool] = []
    weights: list[float] = []
    for its_engine, asked in ((engine, questions), *([elsewhere] if elsewhere else [])):
        passages = its_engine.snapshot.content.passages
        for question in asked:
            found = its_engine.retrieve(question.text, question.language, channels=Channels(claims=0))
            signals.append(found.signals)
            right.append(answers(passages[found.found[0].passage], question.gold))
        weights += [1 / len(asked)] * len(asked)
    labels, counted = np.array(right), np.array(weights) / np.mean(weights)
    fitted, predicted = _cross_validated(signals, labels, BARE_SIGNALS, counted)
    return fitted | {"threshold": _up(_balancing(predicted, labels))}


def _fitted_before(engine: Engine, path: Path) -> dict[str, Any] | None:
    """What was fitted with the same encoder before; None where there is none that can be read."""
    try:
        if load_calibration(path).model != engine.snapshot.manifest.model:
            return None
    except ModelError:
        return None
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _fit_sets(
    engine: Engine,
    questions: Sequence[tuple[Question, Retrieved]],
    for_sets: Sequence[SetQuestion],
    judge: Callable[[Mapping[str, float]], float],
    path: Path,
) -> dict[str, dict[str, Any] | float]:
    """What judges whether a question asks for the whole of a set, and the line from which one is shown beside.

    Right is a question whose nearest set is the one that it asks for. Questions of the dev part ask for none, except
    those for lists and comparisons, which are left out. Where hardly anybody asks for a set, what was fitted with this
    encoder before stays, or else none is ever likely. `judge` gives the probability that the material answers at all.
    """
    import numpy as np

    sets = engine.snapshot.content.question_sets
    signals: list[Mapping[str, float]] = []
    right: list[bool] = []
    asks: list[bool] = []
    for question in for_sets:
        retrieved = engine.retrieve(question.text, question.language)
        if retrieved.likely is not None:
            its = sets[retrieved.likely.number]
            table = collect_likely(its, question.text, retrieved.links, engine.shelf, "nl")
            signals.append({**retrieved.likely.signals, "answerable": judge(retrieved.signals)})
            right.append(shows(table, wanted_claims(engine, question, retrieved.links)))
            asks.append(question.wanted is not None)
    for other, retrieved in questions:
        if retrieved.likely is not None and other.kind not in ("list", "comparison"):
            signals.append({**retrieved.likely.signals, "answerable": judge(retrieved.signals)})
            right.append(False)
            asks.append(False)
    labels = np.array(right, bool)
    if labels.sum() < _FOLDS:
        kept = _fitted_before(engine, path)
        if kept is not None:
            return {name: kept[name] for name in ("sets", "beside")}
        nothing = [0.0] * len(SET_SIGNALS)
        never = {"signals": list(SET_SIGNALS), "mean": nothing, "scale": [1.0] * len(SET_SIGNALS), "weights": nothing}
        return {"sets": never | {"bias": 0.0, "threshold": _NEVER}, "beside": _NEVER}
    fitted, predicted = _cross_validated(signals, labels, SET_SIGNALS)
    # The lines are drawn for those who ask for none. Who asks for one set and is nearest to another gets that one at
    # times; lines against that as well would keep many more from the one that they ask for.
    others = predicted[~np.array(asks, bool)]
    leads, beside = (_up(float(np.quantile(others, share))) for share in (_NOT_LED, _NOT_BESIDE))
    return {"sets": fitted | {"threshold": leads}, "beside": beside}


def _fit_regression(
    signals: Sequence[Mapping[str, float]],
    labels: NDArray[np.bool_],
    draw_line: Callable[[NDArray[np.float64], NDArray[np.bool_]], float],
) -> dict[str, Any]:
    """A logistic regression that judges what was found.

    Args:
        signals: What was seen of each question.
        labels: Whether it is to be answered.
        draw_line: Gives the probability from which to answer, from predictions made in cross-validation.
    """
    fitted, predicted = _cross_validated(signals, labels, SIGNALS)
    return fitted | {"threshold": _up(draw_line(predicted, labels))}


def _cross_validated(
    signals: Sequence[Mapping[str, float]],
    labels: NDArray[np.bool_],
    names: Sequence[str],
    counted: NDArray[np.float64] | None = None,
) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """A logistic regression with balanced classes, and what it predicts of questions that it was not fitted on.

    Args:
        signals: What was seen of each question.
        labels: What is to be predicted.
        names: The signals that are used.
        counted: How much each question counts; None: all the same.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.preprocessing import StandardScaler

    features = np.array([[row[name] for name in names] for row in signals])
    scaler = StandardScaler().fit(features)
    scaled = scaler.transform(features)
    regression = LogisticRegression(C=0.3, class_weight="balanced", max_iter=1000)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    predicted = cross_val_predict(
        regression, scaled, labels, cv=folds, method="predict_proba", params={"sample_weight": counted}
    )[:, 1]
    regression.fit(scaled, labels, sample_weight=counted)
    fitted = {
        "signals": list(names),
        "mean": [round(float(x), 6) for x in scaler.mean_],
        "scale": [round(float(x) or 1.0, 6) for x in scaler.scale_],
        "weights": [round(float(x), 6) for x in regression.coef_[0]],
        "bias": round(float(regression.intercept_[0]), 6),
    }
    return fitted, predicted


def _up(line: float) -> float:
    """A line, rounded up: of what is to stay below it no more may pass."""
    return math.ceil(line * 100) / 100


def _refusing(predicted: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """The probability below which enough is refused of what cannot be answered."""
    import numpy as np

    return float(np.quantile(predicted[~labels], _REFUSED))


def _balancing(predicted: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """The middle one of the probabilities with as good as the best mean of what is rightly answered and refused.

    The curve is smoothed, as a single question can make a peak.
    """
    import numpy as np

    thresholds = np.linspace(0.05, 0.95, 91)
    quality = [((predicted[labels] >= t).mean() + (predicted[~labels] < t).mean()) / 2 for t in thresholds]
    smooth = np.convolve(np.pad(quality, _SMOOTHING, mode="edge"), np.ones(2 * _SMOOTHING + 1), mode="valid")
    return float(np.median(thresholds[smooth >= smooth.max() - _AS_GOOD]))
