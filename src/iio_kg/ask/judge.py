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
from typing import TYPE_CHECKING

from iio_kg.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

CALIBRATION = Path(__file__).with_name("calibration.json")
#: Signals in the order of their weights. How near the least supported words of the question are to a word of what was
#: found, how many it has, whether no more than one, and which part of them no text has; the share of what it names that
#: the claim found is about, and the number of things that it is not about: any, an outcome, a sector, one of the
#: concepts; whether a figure or a year was asked for and there is none, or a number of something that is not spoken of;
#: whether no claim was found; the score, how far it is ahead of that of another claim, and its parts.
SIGNALS = (
    "weakest_word", "second_weakest", "mean_word", "asked", "few", "unseen", "linked", "unlinked",
    "other_outcomes", "other_sectors", "other_innovation-concepts", "figure_missing", "year_missing",
    "quantity_missing", "no_claim", "score", "margin", "sentence", "words", "phrasing", "phrasing_words", "kind",
)  # fmt: skip
#: The signal that has to reach a floor: how near the best supported word of the question is.
ANCHOR = "strongest_word"


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted logistic regression over standardised signals.

    Attributes:
        model: The name of the encoder whose signals it was fitted on.
        mean: The mean of each signal on the dev questions.
        scale: Its standard deviation there.
        weights: The weight of each standardised signal.
        bias: The constant.
        threshold: The probability from which a question counts as answered.
        anchor: How near at least one word of the question has to be to a word of what was found; with less there
            is nothing that ties the two together but a cosine, and those are high between any two texts.
    """

    model: str
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float
    anchor: float

    def probability(self, signals: Mapping[str, float]) -> float:
        """The estimated probability that the material answers; 0 when nothing was found or nothing ties it down."""
        if not signals or signals[ANCHOR] < self.anchor:
            return 0.0
        total = self.bias
        for name, mean, scale, weight in zip(SIGNALS, self.mean, self.scale, self.weights, strict=True):
            total += weight * (signals[name] - mean) / scale
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


@lru_cache(maxsize=4)
def load_calibration(path: Path = CALIBRATION) -> Calibration:
    """Read a calibration.

    Raises:
        ModelError: The file is missing or unusable.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return Calibration(
            model=table["model"],
            mean=tuple(table["mean"]),
            scale=tuple(table["scale"]),
            weights=tuple(table["weights"]),
            bias=table["bias"],
            threshold=table["threshold"],
            anchor=table["anchor"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path}: the calibration cannot be read ({error}).", "Run 'iio-kg eval --calibrate'."
        ) from error
