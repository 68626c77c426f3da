"""Measures of answers, as plain functions over plain values; those of a ranking are in `iio_kg.evaluate.ranking`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from iio_kg.corpus.document import Span

#: Groups of questions, of equal size, in which estimated and true shares are held against each other.
BINS = 10


class Bin(NamedTuple):
    """Questions of like confidence: the mean confidence, the share that is right, and how many they are."""

    confidence: float
    right: float
    size: int


def mean(values: Iterable[float]) -> float:
    """The mean; not a number when there is nothing to take it of."""
    items = list(values)
    return sum(items) / len(items) if items else math.nan


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of the values lies, by linear interpolation."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    position = share * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def span_f1(marked: Iterable[Span], gold: Iterable[Span]) -> float:
    """How well what is marked covers the nearest of several quotations, in characters.

    Args:
        marked: What is marked.
        gold: The quotations, each of which would do; all of the same text as `marked`.

    Returns:
        The best harmonic mean of precision and recall; 0.0 when nothing is marked or nothing can be covered.
    """
    characters = {at for span in marked for at in range(span.start, span.end)}
    best = 0.0
    for span in gold:
        shared = sum(span.start <= at < span.end for at in characters)
        best = max(best, 2 * shared / (len(characters) + span.end - span.start))
    return best


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """Questions in bins of equal size by confidence (M. P. Naeini et al., 2015: adaptive, "equal mass").

    Args:
        confidence: The estimated probabilities.
        right: 1 where the answer was right, 0 where it was not.
        bins: How many bins; fewer when there are fewer questions.
    """
    p, y = np.asarray(confidence, float), np.asarray(right, float)
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, min(bins, len(order))) if len(order) else []
    return tuple(Bin(float(p[part].mean()), float(y[part].mean()), len(part)) for part in parts)


def calibration_error(confidence: ArrayLike, right: ArrayLike, bins: int = BINS) -> float:
    """The expected calibration error: how far confidence and share are apart, averaged over questions."""
    parts = reliability(confidence, right, bins)
    total = sum(part.size for part in parts)
    return sum(abs(part.confidence - part.right) * part.size for part in parts) / total if total else math.nan


def risk_coverage(confidence: ArrayLike, right: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of answers that is wrong when only the most confident are given (R. El-Yaniv and Y. Wiener, 2010).

    Equally confident answers come together or not at all: within a tie the wrong ones are spread evenly.

    Returns:
        Coverage, from 1/n to 1, and the risk at it.
    """
    p, y = np.asarray(confidence, float), np.asarray(right, float)
    order = np.argsort(-p, kind="stable")
    p, wrong = p[order], 1 - y[order]
    if not len(p):
        return p, wrong
    starts = np.flatnonzero(np.diff(p, prepend=np.inf))
    sizes = np.diff(starts, append=len(p))
    wrong = np.repeat(np.add.reduceat(wrong, starts) / sizes, sizes)
    counts = np.arange(1, len(p) + 1)
    return counts / len(p), np.cumsum(wrong) / counts


def area_under_risk(confidence: ArrayLike, right: ArrayLike) -> float:
    """The mean risk over all coverages (AURC); lower is better."""
    _, risk = risk_coverage(confidence, right)
    return float(risk.mean()) if len(risk) else math.nan
