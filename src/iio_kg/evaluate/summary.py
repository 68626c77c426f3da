"""The measures of many outcomes, with how sure they are: bootstrap over questions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from iio_kg.errors import ConfigError
from iio_kg.evaluate.measures import area_under_risk, calibration_error
from iio_kg.evaluate.outcome import Outcome, nan_of
from iio_kg.evaluate.ranking import RANKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Table = NDArray[np.float64]

#: How often questions are drawn anew, and the seed that makes it the same at every run.
RESAMPLES, SEED = 1000, 2015
LANGUAGES = ("nl", "en")


class Estimate(NamedTuple):
    """A measure with its 95 % interval, and over how many questions; not a number where it has none."""

    value: float
    low: float
    high: float
    questions: int


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure over outcomes.

    Attributes:
        name: Its name.
        meaning: What it is, as a sentence's end.
        better: Whether more or less of it is better.
        columns: What it takes of one outcome; not a number where the outcome does not count.
        statistic: What it makes of the rows of the outcomes that count; None for their mean.
    """

    name: str
    meaning: str
    better: Literal["higher", "lower"]
    columns: Callable[[Outcome], tuple[float, ...]]
    statistic: Callable[[Table], float] | None = None

    def table(self, outcomes: Iterable[Outcome]) -> Table:
        """A row for each outcome, in order."""
        rows = [self.columns(outcome) for outcome in outcomes]
        return np.array(rows, float) if rows else np.zeros((0, 2))

    def value(self, rows: Table) -> float:
        """The measure of some rows of a table."""
        counting = rows[~np.isnan(rows).any(axis=1)]
        if self.statistic is not None:
            return self.statistic(counting)
        return float(counting[:, 0].mean()) if len(counting) else math.nan

    def values(self, rows: Table, draws: NDArray[np.int64]) -> Table:
        """The measure of each of many draws, as numbers of rows; not a number where no row that counts was drawn."""
        if self.statistic is not None:
            return np.array([self.value(rows[draw]) for draw in draws])
        column = rows[:, 0]
        counts = (~np.isnan(column))[draws].sum(axis=1)
        sums = np.nan_to_num(column)[draws].sum(axis=1)
        means: Table = np.where(counts > 0, sums / np.maximum(counts, 1), math.nan)
        return means


def _ranking(name: str) -> Measure:
    meaning = {
        "MRR@10": "one divided by the rank of the first passage that answers, 0 beyond the tenth",
        "nDCG@10": "discounted cumulated gain of the first ten over that of the best order",
    }.get(name, "the first passage answers" if name == "hit@1" else f"one of the first {name[-1]} passages answers")
    return Measure(name, meaning, "higher", lambda o: (o.ranking.get(name, math.nan),))


def _when(condition: bool, value: float | bool | None) -> tuple[float]:  # noqa: FBT001 - values, not switches
    return (nan_of(value) if condition else math.nan,)


MEASURES = (
    *(_ranking(name) for name in RANKING),
    Measure(
        "error rate",
        "answerable questions that are refused (NoMIRACL, relevant subset)",
        "lower",
        lambda o: _when(o.answerable, not o.answered),
    ),
    Measure(
        "hallucination rate",
        "unanswerable questions that are answered (NoMIRACL, non-relevant subset)",
        "lower",
        lambda o: _when(not o.answerable, o.answered),
    ),
    Measure(
        "answers right",
        "of all answers that are given, those whose first citation holds what answers",
        "higher",
        lambda o: _when(o.answered, o.right),
    ),
    Measure(
        "value right (answered)",
        "of the questions that ask for a figure or direction and are answered, those that show the right one",
        "higher",
        lambda o: _when(o.answered, o.value_right),
    ),
    Measure(
        "value right (all)",
        "the same of all questions that ask for one, refused or not",
        "higher",
        lambda o: _when(True, o.value_right),
    ),
    Measure(
        "values wanted",
        "of the figures and directions that these are shown, those that were asked for",
        "higher",
        lambda o: _when(o.answered, o.values_wanted),
    ),
    Measure(
        "span F1",
        "characters that are marked in the first citation against the nearest quotation that answers",
        "higher",
        lambda o: _when(True, o.span_f1),
    ),
    Measure(
        "citations true",
        "questions all of whose citations are in the document letter for letter, on the page they name",
        "higher",
        lambda o: _when(o.citations > 0, o.verbatim == o.page_right == o.marks_inside == o.citations),
    ),
    Measure("language right", "questions whose language is recognised", "higher", lambda o: (float(o.language_right),)),
    Measure(
        "ECE",
        "expected calibration error over ten bins of equal size: confidence against whether the first answer answers",
        "lower",
        lambda o: (o.confidence, float(o.right)),
        lambda rows: calibration_error(rows[:, 0], rows[:, 1]),
    ),
    Measure(
        "Brier",
        "mean squared difference between confidence and whether the first answer answers",
        "lower",
        lambda o: ((o.confidence - o.right) ** 2,),
    ),
    Measure(
        "AURC",
        "area under the risk-coverage curve: mean share of wrong answers over all lines that could be drawn",
        "lower",
        lambda o: (o.confidence, float(o.right)),
        lambda rows: area_under_risk(rows[:, 0], rows[:, 1]),
    ),
)


def summarise(outcomes: Sequence[Outcome], *, intervals: bool = True) -> dict[str, Estimate]:
    """Every measure of some outcomes.

    Args:
        outcomes: The outcomes.
        intervals: Whether to draw questions anew for the intervals, which takes about a second.
    """
    draws = _draws(len(outcomes) if intervals else 0)
    estimates = {}
    for measure in MEASURES:
        table = measure.table(outcomes)
        count = int((~np.isnan(table).any(axis=1)).sum())
        low, high = _interval(measure.values(table, draws) if count else np.zeros(0))
        estimates[measure.name] = Estimate(measure.value(table), low, high, count)
    return estimates


def by_language(outcomes: Sequence[Outcome]) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes in each language in which there are any."""
    groups = {language: tuple(o for o in outcomes if o.language == language) for language in LANGUAGES}
    return {language: its for language, its in groups.items() if its}


class Difference(NamedTuple):
    """A measure in two results: B minus A with its 95 % interval, and p of a difference as large by chance."""

    measure: Measure
    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float


def compare(a: Sequence[Outcome], b: Sequence[Outcome]) -> tuple[Difference, ...]:
    """Hold two results on the same questions against each other, by paired bootstrap.

    The questions are drawn anew, the same ones for both; p is twice the smaller share of draws in which the difference
    is on the other side of nothing, or nothing (B. Efron and R. Tibshirani, 1993).

    Raises:
        ConfigError: The results are not of the same questions.
    """
    ids_a, ids_b = {o.id for o in a}, {o.id for o in b}
    if ids_a != ids_b or len(ids_a) != len(a) or len(ids_b) != len(b):
        odd = sorted(ids_a ^ ids_b)
        named = f": {len(odd)} are in one only, such as '{odd[0]}'" if odd else ", or one has a question twice"
        raise ConfigError(
            f"The two results are not of the same questions{named}.", "Measure the same part of the same set twice."
        )
    order = sorted(ids_a)
    rows_a, rows_b = {o.id: o for o in a}, {o.id: o for o in b}
    draws = _draws(len(order))
    differences = []
    for measure in MEASURES:
        table_a, table_b = (measure.table(rows[name] for name in order) for rows in (rows_a, rows_b))
        before, after = measure.value(table_a), measure.value(table_b)
        drawn = measure.values(table_b, draws) - measure.values(table_a, draws)
        drawn = drawn[~np.isnan(drawn)]
        low, high = _interval(drawn)
        differences.append(Difference(measure, before, after, after - before, low, high, _chance(drawn)))
    return tuple(differences)


def _chance(drawn: Table) -> float:
    """The p of a difference, by where it falls when questions are drawn anew; never 0, as draws are few."""
    if not len(drawn):
        return math.nan
    tail = min((drawn <= 0).sum(), (drawn >= 0).sum())
    return float(min(1.0, 2 * (tail + 1) / (len(drawn) + 1)))


def _draws(count: int) -> NDArray[np.int64]:
    """Numbers of questions, drawn with replacement, a draw in each row."""
    return np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count)) if count else np.zeros((0, 0), np.int64)


def _interval(drawn: Table) -> tuple[float, float]:
    values = drawn[~np.isnan(drawn)]
    if not len(values):
        return math.nan, math.nan
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
