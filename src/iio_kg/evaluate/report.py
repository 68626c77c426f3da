"""A run as Markdown with drawings beside it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from iio_kg.errors import ConfigError
from iio_kg.evaluate.measures import mean, percentile
from iio_kg.evaluate.plots import draw_bars, draw_reliability, draw_risk
from iio_kg.evaluate.ranking import RANKING
from iio_kg.evaluate.sets import SET_COLUMNS, count_sets
from iio_kg.evaluate.summary import LANGUAGES, MEASURES, by_language, summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from iio_kg.evaluate.outcome import Outcome
    from iio_kg.evaluate.run import Result, Rows
    from iio_kg.evaluate.summary import Difference, Estimate, Measure

#: Between these lines of a page a report replaces what stands there; the rest of the page stays.
BEGIN, END = "<!-- figures of iio-kg eval: begin -->", "<!-- figures of iio-kg eval: end -->"


def to_markdown(result: Result, plots: str = "") -> str:
    """A run as Markdown: a chapter for each part.

    Args:
        result: The run.
        plots: What the names of the drawings begin with; when empty, none are named and no measure is explained.
    """
    lines = [
        f"Snapshot {result.snapshot}, encoder {result.model}, question set {result.questions}.",
        "In square brackets: 95 % intervals by bootstrap over questions; of rates by type or kind by Wilson (1927).",
        "",
    ]
    if plots:
        lines += [*table(("measure", "what it is"), [(_name(m), m.meaning) for m in MEASURES]), ""]
    for part, outcomes in parts_of(result.outcomes).items():
        lines += [f"## Part {part}: {_counts(outcomes)}", "", *_headline(outcomes)]
        lines += ["", "### By type of question", "", *_groups(outcomes, lambda o: o.kind, answerable=True)]
        lines += ["", "### By kind of document", "", *_groups(outcomes, lambda o: o.document, answerable=True)]
        lines += ["", "### What the material does not answer", "", *_unanswerable(outcomes)]
        lines += ["", "### Milliseconds from question to answer, within the process", "", *_latency(outcomes)]
        if plots:
            names = {"reliability": "Right answers by confidence", "risk": "Wrong answers by share answered"}
            names["types"] = "hit@1 by type of question"
            lines += ["", *(f"![{said}]({plots}-{part}-{name}.svg)" for name, said in names.items())]
        lines.append("")
    if result.sets:
        lines += ["## Lists and comparisons", "", *_sets(result), ""]
    if result.ablation:
        lines += ["## Channels switched off", "", *_ablation(result.ablation), ""]
    return "\n".join(lines)


def _sets(result: Result) -> list[str]:
    return table(SET_COLUMNS, [[str(cell) for cell in row] for row in count_sets(result.sets)])


def to_json(result: Result) -> dict[str, Any]:
    """A run as JSON."""
    return {
        "part": result.part,
        "snapshot": result.snapshot,
        "model": result.model,
        "questions": result.questions,
        "measures": {
            part: {
                language: {name: _estimate_json(its) for name, its in summarise(group).items()}
                for language, group in by_language(outcomes).items()
            }
            for part, outcomes in parts_of(result.outcomes).items()
        },
        "sets": [dict(zip(SET_COLUMNS, row, strict=True)) for row in count_sets(result.sets)],
        "ablation": result.ablation,
        "failures": list(result.failures),
    }


def write_report(result: Result, path: Path) -> tuple[Path, ...]:
    """Write a run as Markdown, and its drawings beside it.

    A page that is there keeps what stands outside the marks `BEGIN` and `END`; without marks it is replaced.

    Returns:
        The files that were written.

    Raises:
        ConfigError: A file cannot be written.
    """
    text = f"{BEGIN}\n\n{to_markdown(result, path.stem)}\n{END}\n"
    files: dict[Path, str] = {}
    try:
        if path.is_file():
            there = path.read_text(encoding="utf-8")
            if BEGIN in there and END in there:
                text = there[: there.index(BEGIN)] + text.rstrip("\n") + there[there.index(END) + len(END) :]
        files[path] = text
        for part, outcomes in parts_of(result.outcomes).items():
            for name, drawing in draw(outcomes).items():
                files[path.with_name(f"{path.stem}-{part}-{name}.svg")] = drawing
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            file.write_text(content, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the report cannot be written ({error}).", "Name another file.") from None
    return tuple(files)


def draw(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """The drawings of some outcomes, by name."""
    groups = by_language(outcomes)
    kinds = sorted({o.kind for o in outcomes if o.answerable})
    shares = [
        (
            kind,
            {
                name: mean(o.ranking["hit@1"] for o in its if o.answerable and o.kind == kind)
                for name, its in groups.items()
            },
        )
        for kind in kinds
    ]
    return {
        "reliability": draw_reliability(groups),
        "risk": draw_risk(groups),
        "types": draw_bars("hit@1 by type of question", shares, list(groups)),
    }


def parts_of(outcomes: Sequence[Outcome]) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes of each part of the set."""
    names = dict.fromkeys(outcome.part for outcome in outcomes)
    return {name: tuple(o for o in outcomes if o.part == name) for name in sorted(names)}


def comparison_table(differences: Iterable[Difference], names: tuple[str, str]) -> str:
    """A comparison of two results as a Markdown table."""
    rows = [
        (
            _name(d.measure),
            _number(d.a),
            _number(d.b),
            f"{d.difference:+.3f}" if not math.isnan(d.difference) else "-",
            f"{d.low:+.3f} to {d.high:+.3f}" if not math.isnan(d.low) else "-",
            _number(d.p),
        )
        for d in differences
    ]
    return "\n".join(table(("measure", *names, "difference", "95 % interval", "p"), rows))


def comparison_json(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    """A comparison of two results as JSON."""
    return [
        {
            "measure": d.measure.name,
            "better": d.measure.better,
            **{
                name: None if math.isnan(value) else round(value, 4)
                for name, value in zip(("a", "b", "difference", "low", "high", "p"), d[1:], strict=True)
            },
        }
        for d in differences
    ]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def _counts(outcomes: Sequence[Outcome]) -> str:
    answerable = [o for o in outcomes if o.answerable]
    said = [f"{sum(o.language == language for o in answerable)} answerable {language}" for language in LANGUAGES]
    return ", ".join([*said, f"{len(outcomes) - len(answerable)} unanswerable"])


def _headline(outcomes: Sequence[Outcome]) -> list[str]:
    estimates = {language: summarise(its) for language, its in by_language(outcomes).items()}
    rows = []
    for measure in MEASURES:
        cells = [_estimate(its[measure.name]) for its in estimates.values()]
        rows.append((_name(measure), *cells))
    return table(("measure", *estimates), rows)


def _groups(outcomes: Sequence[Outcome], key: Callable[[Outcome], str], *, answerable: bool) -> list[str]:
    chosen = [o for o in outcomes if o.answerable == answerable]
    rows = []
    for name in sorted({key(o) for o in chosen}):
        for language, its in by_language([o for o in chosen if key(o) == name]).items():
            ranking = [_number(mean(o.ranking[measure] for o in its)) for measure in RANKING]
            rows.append((name, language, str(len(its)), *ranking, _rate([not o.answered for o in its])))
    return table(("", "language", "questions", *RANKING, "error rate"), rows)


def _unanswerable(outcomes: Sequence[Outcome]) -> list[str]:
    rows = []
    chosen = [o for o in outcomes if not o.answerable]
    for kind in sorted({o.kind for o in chosen}):
        for language, its in by_language([o for o in chosen if o.kind == kind]).items():
            rows.append((kind, language, str(len(its)), _rate([o.answered for o in its])))
    return table(("kind", "language", "questions", "hallucination rate"), rows)


def _latency(outcomes: Sequence[Outcome]) -> list[str]:
    times = {"whole": [o.milliseconds for o in outcomes]}
    for outcome in outcomes:
        for stage, milliseconds in outcome.stages.items():
            times.setdefault(stage, []).append(milliseconds)
    return table(
        ("stage", "p50", "p95"),
        [(stage, f"{percentile(its, 0.5):.1f}", f"{percentile(its, 0.95):.1f}") for stage, its in times.items()],
    )


def _ablation(rows: Rows) -> list[str]:
    return table(
        ("configuration", "language", *RANKING),
        [
            (name, language, *(_number(row[measure]) for measure in RANKING))
            for name, languages in rows.items()
            for language, row in languages.items()
        ],
    )


def _name(measure: Measure) -> str:
    """The name of a measure, with an arrow that says where it should go."""
    return f"{measure.name} {'↑' if measure.better == 'higher' else '↓'}"


def _estimate(its: Estimate) -> str:
    if math.isnan(its.value):
        return "-"
    interval = "" if math.isnan(its.low) else f" [{its.low:.3f}, {its.high:.3f}]"
    return f"{its.value:.3f}{interval} (n={its.questions})"


def _estimate_json(its: Estimate) -> dict[str, float | int | None]:
    value, low, high = (None if math.isnan(x) else round(x, 4) for x in (its.value, its.low, its.high))
    return {"value": value, "low": low, "high": high, "questions": its.questions}


def _rate(happened: Sequence[bool]) -> str:
    """A share of all cases; of few of them drawing anew would give an interval without width."""
    if not happened:
        return "-"
    from scipy.stats import binomtest

    interval = binomtest(sum(happened), len(happened)).proportion_ci(method="wilson")
    return f"{mean(happened):.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
