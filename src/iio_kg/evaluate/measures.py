"""Measures of a ranking and of refusing, as plain functions.

Ranking measures follow their usual definitions (K. Järvelin and J. Kekäläinen, "Cumulated gain-based evaluation of IR
techniques", 2002, for nDCG). The two rates of refusing are those of NoMIRACL (N. Thakur et al., 2023).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def hit_at(relevant: Sequence[bool], depth: int) -> float:
    """1.0 when one of the first `depth` results is relevant, else 0.0."""
    return float(any(relevant[:depth]))


def reciprocal_rank(relevant: Sequence[bool], depth: int = 10) -> float:
    """One divided by the rank of the first relevant result among the first `depth`; 0.0 without one."""
    return next((1 / rank for rank, good in enumerate(relevant[:depth], 1) if good), 0.0)


def ndcg(relevant: Sequence[bool], total: int, depth: int = 10) -> float:
    """Normalised discounted cumulated gain at `depth` with binary gains.

    Args:
        relevant: Whether each result, in order, is relevant; a place that answers counts once.
        total: How many places answer.
        depth: How many results count.
    """
    gain = sum(1 / math.log2(rank + 1) for rank, good in enumerate(relevant[:depth], 1) if good)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(total, depth) + 1))
    return min(gain / ideal, 1.0) if ideal else 0.0


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
