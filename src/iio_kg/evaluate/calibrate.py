"""Fitting what ranks and what judges on the dev part of the questions, and writing both down.

Ranking: the weights of the signals, by the likelihood that a passage which answers is first (a softmax over all
passages: Z. Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007), signs kept and small
weights preferred. Judging: a logistic regression over the signals of what was found first.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from iio_kg.ask.fusion import AGAINST, CLAIM_SIGNALS, TEXT_SIGNALS, WEIGHTS, Channels, Weights, load_weights
from iio_kg.ask.judge import ANCHOR, CALIBRATION, SIGNALS, Calibration, load_calibration
from iio_kg.evaluate.ranking import answers
from iio_kg.snapshot import CLAIMS_FILE, OPEN_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from iio_kg.ask.engine import Engine
    from iio_kg.evaluate.questions import Question

#: How sharp the softmax is: scores lie between 0 and about 1.
_SHARPNESS = 30.0
#: How strongly small weights are preferred.
_PENALTY = 0.3
#: Rounds in which each passage is given its best claim anew, as that depends on the weights.
_ROUNDS = 6
#: Which part of the dev questions that cannot be answered is refused: what is asked for (0.90) and a little more.
_REFUSED = 0.92
#: The signals of open questions where there are none.
_UNOPPOSED = {"open": 0.0, "answered_share": 1.0}
#: Thresholds whose quality is no further from the best than this are as good.
_AS_GOOD = 0.01
#: Steps of 0.01 on either side over which the quality of a threshold is averaged.
_SMOOTHING = 4


def fit(engine: Engine, questions: Sequence[Question]) -> None:
    """Fit the ranking, then the judge on what it finds, and write both."""
    fit_weights(engine, questions)
    fit_calibration(engine, questions)


def fit_weights(engine: Engine, questions: Sequence[Question], path: Path = WEIGHTS) -> Weights:
    """Fit the weights of the signals on the questions that can be answered, and write them."""
    tables = [table for question in questions if question.answerable if (table := _table(engine, question)) is not None]
    names = (*TEXT_SIGNALS, *CLAIM_SIGNALS)
    start = load_weights()
    weights = _fit_listwise(tables, [getattr(start, name) for name in names])
    written = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
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


def fit_calibration(engine: Engine, questions: Sequence[Question], path: Path = CALIBRATION) -> Calibration:
    """Fit the judge on the dev part, and write its weights.

    What a claim led to is judged by whether the question can be answered at all. What a passage's own words led to, in
    a second search without claims, by whether that very passage answers: there is more to miss. The anchor is what all
    questions that can be answered reach.
    """
    import numpy as np

    passages = engine.snapshot.content.passages
    found = [engine.retrieve(q.text, q.language) for q in questions]
    bare = [engine.retrieve(q.text, q.language, channels=Channels(claims=0)) for q in questions]
    right = [answers(passages[r.found[0].passage], q.gold) for q, r in zip(questions, bare, strict=True)]
    answerable = np.array([q.answerable for q in questions])
    anchors = np.array([retrieved.signals[ANCHOR] for retrieved in found])[answerable]
    table = {
        "model": engine.snapshot.manifest.model,
        "claims": engine.snapshot.manifest.files[CLAIMS_FILE].sha256,
        "open_questions": engine.snapshot.manifest.files[OPEN_FILE].sha256,
        "signals": list(SIGNALS),
        "anchor": float(np.floor(anchors.min() * 1000) / 1000),
        "by_claim": _fit_regression([retrieved.signals for retrieved in found], answerable, _refusing),
        "unopposed": _fit_regression([r.signals | _UNOPPOSED for r in found], answerable, _refusing),
        "by_text": _fit_regression([retrieved.signals for retrieved in bare], np.array(right), _balancing),
    }
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    load_calibration.cache_clear()
    return load_calibration(path)


def _fit_regression(
    signals: Sequence[Mapping[str, float]],
    labels: NDArray[np.bool_],
    draw_line: Callable[[NDArray[np.float64], NDArray[np.bool_]], float],
) -> dict[str, Any]:
    """A logistic regression with balanced classes.

    Args:
        signals: What was seen of each question.
        labels: Whether it is to be answered.
        draw_line: Gives the probability from which to answer, from predictions made in ten-fold cross-validation.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.preprocessing import StandardScaler

    features = np.array([[row[name] for name in SIGNALS] for row in signals])
    scaler = StandardScaler().fit(features)
    scaled = scaler.transform(features)
    regression = LogisticRegression(C=0.3, class_weight="balanced", max_iter=1000)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    predicted = cross_val_predict(regression, scaled, labels, cv=folds, method="predict_proba")[:, 1]
    regression.fit(scaled, labels)
    return {
        "mean": [round(float(x), 6) for x in scaler.mean_],
        "scale": [round(float(x) or 1.0, 6) for x in scaler.scale_],
        "weights": [round(float(x), 6) for x in regression.coef_[0]],
        "bias": round(float(regression.intercept_[0]), 6),
        # Up, not to the nearest: of what cannot be answered no more may pass.
        "threshold": float(np.ceil(draw_line(predicted, labels) * 100) / 100),
    }


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
