"""Whether the material answers a question: an estimated probability, and the line below which it is not answered.

A raw cosine tells nothing, so the signals of a search are weighed by a logistic regression that was fitted on the dev
part of the question set (answerable and not). Its weights lie in ``calibration.json`` beside this module and are
written by ``iio-kg eval --calibrate``.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iio_kg.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

CALIBRATION = Path(__file__).with_name("calibration.json")
#: Signals in the order of their weights. How near the least supported words of the question are to a word of what was
#: found, how many it has, whether no more than one, and which part of them no text has; the share of what it names that
#: the claim found is about, and the number of things that it is not about: any, an outcome, a sector, one of the
#: concepts; how many pairs of what it names (a concept, an outcome, a sector) no claim is about together; whether a
#: figure, a year or a unit was asked for and there is none; whether no claim was found; the score, how far it is ahead
#: of that of another claim, and its parts, the nearness of the claim's statement among them; how near the nearest
#: question is that the material leaves open, which part of the near ones is answered, and the log odds, by its wording,
#: that it is answered and not left open; whether it asks for the claim's kind, its length, whether it is in English.
SIGNALS = (
    "weakest_word", "second_weakest", "mean_word", "asked", "few", "unseen", "linked", "unlinked",
    "other_outcomes", "other_sectors", "other_innovation-concepts", "uncovered", "figure_missing", "year_missing",
    "unit_missing", "no_claim", "score", "margin", "sentence", "words", "phrasing", "statement",
    "open", "answered_share", "worded_as_answered", "kind", "length", "english",
)  # fmt: skip
#: Signals where no claim was found, in any material: how well its words are supported, how many they are, in how many
#: ways (passage, sentence, words) the passage is the first, how far ahead of the next one it is, how much of the
#: question its words say, and what it lacks.
BARE_SIGNALS = (
    "weakest_word", "second_weakest", "mean_word", "asked", "few", "firsts", "ahead", "near_words",
    "figure_missing", "year_missing",
)  # fmt: skip
#: The signal that has to reach a floor: how near the best supported word of the question is.
ANCHOR = "strongest_word"
#: Whether there are no open questions to compare with.
UNOPPOSED = "unopposed"


#: Signals of how likely a question asks for a whole set: how near the questions of that set are, by how much nearer
#: than the nearest of a claim and the nearest open one, which part of its words none of them has, how well its least
#: supported word is, how likely the material answers it at all, whether it is worded as a list or a comparison, its
#: length.
SET_SIGNALS = (
    "near", "ahead_of_answered", "ahead_of_open", "unsaid", "weakest_word", "answerable", "listed", "length",
)  # fmt: skip
#: Of what the material hardly answers at all nobody gets a list, as *alle cijfers over corona* is worded like one of
#: ours; unless it is worded as such questions hardly ever are that ask for none (*slimfit pros and cons*).
SET_FLOOR, SET_SURE = 0.3, 0.95


@dataclass(frozen=True, slots=True)
class Regression:
    """A fitted logistic regression over standardised signals.

    Attributes:
        signals: Their names.
        mean: The mean of each signal on the questions it was fitted on.
        scale: Its standard deviation there.
        weights: The weight of each standardised signal.
        bias: The constant.
        threshold: The probability from which a question counts as answered.
    """

    signals: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float

    def probability(self, signals: Mapping[str, float]) -> float:
        """The estimated probability."""
        total = self.bias
        for name, mean, scale, weight in zip(self.signals, self.mean, self.scale, self.weights, strict=True):
            total += weight * (signals[name] - mean) / scale
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of what was found.

    Attributes:
        probability: How likely the material answers.
        answered: Whether that is enough.
    """

    probability: float
    answered: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the signals of a search are judged.

    Attributes:
        model: The name of the encoder whose signals it was fitted on; with another nothing counts as answered.
        open_questions: The SHA-256 of the questions that the material left open.
        question_sets: That of the questions that ask for a set.
        claims: The SHA-256 of the claims whose signals it was fitted on. With others it goes on judging, as a document
            more is no reason to fall silent; `iio-kg doctor` tells.
        anchor: How near at least one word of the question has to be to a word of what was found; with less there
            is nothing that ties the two together but a cosine, and those are high between any two texts.
        by_claim: Judges a passage that a claim led to.
        unopposed: Judges the same where nobody has written down what the material leaves open.
        by_text: Judges a passage that its own words led to, as in a document that nobody wrote claims on. It was fitted
            on searches without claims, here and in other material; without it such a document would never answer.
        sets: Judges whether a question asks for the whole of a set; from its threshold the set is what was asked for.
        beside: The probability from which a set is shown beside what was asked for.
    """

    model: str
    claims: str
    open_questions: str
    question_sets: str
    anchor: float
    by_claim: Regression
    unopposed: Regression
    by_text: Regression
    sets: Regression
    beside: float

    def likely(self, signals: Mapping[str, float], verdict: Verdict) -> float:
        """The probability that the whole of a set is asked for.

        Args:
            signals: Those of `SET_SIGNALS`, but for the verdict.
            verdict: What is said of what was found first.
        """
        probability = self.sets.probability({**signals, "answerable": verdict.probability})
        sure = verdict.probability > 0 and probability >= SET_SURE
        return probability if sure or verdict.probability >= SET_FLOOR else 0.0

    def judge(self, signals: Mapping[str, float]) -> Verdict:
        """Judge what was found first; what nothing was found for, or nothing ties down, has no chance."""
        if not signals or signals[ANCHOR] < self.anchor:
            return Verdict(0.0, answered=False)
        led = self.unopposed if signals[UNOPPOSED] else self.by_claim
        regression = self.by_text if signals["no_claim"] else led
        probability = regression.probability(signals)
        return Verdict(probability, probability >= regression.threshold)


@lru_cache(maxsize=4)
def load_calibration(path: Path = CALIBRATION) -> Calibration:
    """Read a calibration.

    Raises:
        ModelError: The file is missing or unusable.
    """
    try:
        return _read_calibration(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path}: the calibration cannot be read ({error}).", "Run 'iio-kg eval --calibrate'."
        ) from error


def _read_calibration(table: Mapping[str, Any]) -> Calibration:
    return Calibration(
        model=table["model"],
        claims=table["claims"],
        open_questions=table["open_questions"],
        question_sets=table["question_sets"],
        anchor=table["anchor"],
        by_claim=read_regression(table["by_claim"], SIGNALS),
        unopposed=read_regression(table["unopposed"], SIGNALS),
        by_text=read_regression(table["by_text"], BARE_SIGNALS),
        sets=read_regression(table["sets"], SET_SIGNALS),
        beside=table["beside"],
    )


def read_regression(table: Mapping[str, Any], signals: tuple[str, ...]) -> Regression:
    """Read a fitted regression.

    Raises:
        ValueError: It was fitted on other signals.
    """
    if tuple(table["signals"]) != signals:
        raise ValueError("it was fitted on other signals")
    read = Regression(
        signals=signals,
        mean=tuple(table["mean"]),
        scale=tuple(table["scale"]),
        weights=tuple(table["weights"]),
        bias=table["bias"],
        threshold=table["threshold"],
    )
    if not len(read.mean) == len(read.scale) == len(read.weights) == len(signals):
        raise ValueError("it has more or fewer weights than signals")
    return read
