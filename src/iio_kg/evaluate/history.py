"""Results over time."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from iio_kg import resources
from iio_kg.errors import ConfigError
from iio_kg.evaluate.floors import measure_parts, write_text
from iio_kg.evaluate.report import parts_of, table
from iio_kg.evaluate.sets import SETS_GIVEN

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.evaluate.run import Result

#: What the table shows.
_SHOWN = (
    "hit@1", "hit@3", "MRR@10", "error rate", "hallucination rate", "value right (answered)", "span F1", "ECE",
    SETS_GIVEN,
)  # fmt: skip


def history_file() -> Path:
    """Where the results over time of the checkout are kept."""
    return resources.root() / "benchmarks" / "history" / "eval.jsonl"


def record(result: Result, path: Path) -> None:
    """Add a line on a run to the results over time.

    Raises:
        ConfigError: The file cannot be written.
    """
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "snapshot": result.snapshot,
        "model": result.model,
        "questions": result.questions,
        "counts": {part: len(outcomes) for part, outcomes in parts_of(result.outcomes).items()},
        "measures": {
            part: {
                language: {name: round(value, 4) for name, value in values.items() if not math.isnan(value)}
                for language, values in languages.items()
            }
            for part, languages in measure_parts(result.outcomes, result.sets).items()
        },
    }
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    write_text(path, before + json.dumps(line, ensure_ascii=False) + "\n")


def history_table(path: Path) -> str:
    """The results over time as a Markdown table.

    Raises:
        ConfigError: There are none, or a line is unusable.
    """
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        rows = [
            (
                one["date"][:16],
                one["commit"],
                one["snapshot"][:8],
                one["model"].split("/")[-1],
                part,
                language,
                *_shown(values),
            )
            for one in lines
            for part, languages in one["measures"].items()
            for language, values in languages.items()
        ]
    except OSError:
        raise ConfigError("No results have been recorded here.", "Record some with 'iio-kg eval --record'.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: a line is no result ({error!r}).") from None
    return "\n".join(table(("date", "commit", "snapshot", "encoder", "part", "language", *_SHOWN), rows))


def _shown(values: dict[str, float]) -> list[str]:
    return [f"{values[name]:.3f}" if name in values else "-" for name in _SHOWN]


def _commit() -> str:
    """The commit of the checkout, with a + when something is changed since; empty where that is not known."""
    git = shutil.which("git")
    if git is None:
        return ""

    def said(*arguments: str) -> str:
        ended = subprocess.run(  # noqa: S603 - a fixed command
            [git, "-C", str(resources.root()), *arguments], capture_output=True, text=True, check=False
        )
        return ended.stdout.strip() if ended.returncode == 0 else ""

    commit = said("rev-parse", "--short", "HEAD")
    return commit + ("+" if commit and said("status", "--porcelain", "--untracked-files=no") else "")
