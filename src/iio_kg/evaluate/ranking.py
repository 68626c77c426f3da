"""Measures of a ranking, by ir-measures, which computes them as trec_eval does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iio_kg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iio_kg.corpus.document import Passage, Span
    from iio_kg.evaluate.questions import Gold

#: The name a measure has here, and the one it has in ir-measures.
RANKING = {"hit@1": "Success@1", "hit@3": "Success@3", "hit@5": "Success@5", "MRR@10": "RR@10", "nDCG@10": "nDCG@10"}
#: How many passages of a ranking count.
DEPTH = 10
#: A passage answers when it holds at least this share of a gold quotation.
OVERLAP = 0.5


def relevant_passages(gold: Sequence[Gold], passages: Mapping[str, Sequence[Passage]]) -> frozenset[str]:
    """The keys of the passages that answer a question.

    Args:
        gold: The places that answer it.
        passages: The passages of each document, by its id.

    Returns:
        Besides the passages a key for each place that no passage holds (a heading): it counts as never found.
    """
    keys: set[str] = set()
    for place in gold:
        holding = {passage.key for passage in passages.get(place.document, ()) if holds(passage.span, place.span)}
        keys |= holding or {f"{place.document}@{place.span.start}"}
    return frozenset(keys)


def holds(span: Span, gold: Span) -> bool:
    """Whether a range holds enough of a gold quotation to answer by it."""
    return gold.overlap(span) >= OVERLAP * (gold.end - gold.start)


def answers(passage: Passage, gold: Sequence[Gold]) -> bool:
    """Whether a passage holds enough of one of the quotations that answer."""
    return any(place.document == passage.document and holds(passage.span, place.span) for place in gold)


def measure_rankings(
    relevant: Mapping[str, frozenset[str]], rankings: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """The ranking measures of every question.

    Args:
        relevant: For each question what answers it, at least one key.
        rankings: For each question what was found, the best first.

    Returns:
        For each question in `relevant` the measures of `RANKING`; 0 where nothing was found.

    Raises:
        ConfigError: ir-measures is not installed.
    """
    measures = _measures()
    by_name = {measure: name for name, measure in measures.items()}
    values = {question: dict.fromkeys(measures, 0.0) for question in relevant}
    qrels = {question: dict.fromkeys(sorted(keys), 1) for question, keys in relevant.items()}
    # Scores that fall with the rank: trec_eval sorts by score, and breaks ties by name.
    run = {
        question: {key: float(-rank) for rank, key in enumerate(rankings.get(question, ())[:DEPTH])}
        for question in relevant
    }
    if qrels:
        import ir_measures

        for found in ir_measures.iter_calc(list(measures.values()), qrels, run):
            values[found.query_id][by_name[found.measure]] = float(found.value)
    return values


def _measures() -> dict[str, Any]:
    try:
        import ir_measures
    except ImportError:
        raise ConfigError(
            "Measuring needs the package ir-measures, which is not installed.", "Run: pip install 'iio-kg[dev]'."
        ) from None
    return {name: ir_measures.parse_measure(its) for name, its in RANKING.items()}
