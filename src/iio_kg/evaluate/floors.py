"""Floors below which a measure may not drop."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from iio_kg import resources
from iio_kg.errors import ConfigError
from iio_kg.evaluate.report import parts_of
from iio_kg.evaluate.sets import SETS_UNCALLED, SETS_WRONG, measure_sets, set_margins
from iio_kg.evaluate.summary import MEASURES, by_language, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from iio_kg.evaluate.outcome import Outcome
    from iio_kg.evaluate.sets import SetOutcome

#: How much worse than it was recorded a measure may get: other machines add up in another order. Of sets, for which few
#: ask, it is two questions where that is more.
MARGIN = 0.03
_LOWER = frozenset(measure.name for measure in MEASURES if measure.better == "lower") | {SETS_WRONG, SETS_UNCALLED}
#: Measures of which nothing may be lost.
_EXACT = frozenset({"citations true"})


def floors_file() -> Path:
    """Where the floors of the checkout are kept."""
    return resources.root() / "benchmarks" / "floors.json"


def write_floors(outcomes: Sequence[Outcome], sets: Sequence[SetOutcome], path: Path) -> None:
    """Record the measures of some outcomes, with the floor of each; those of other parts stay.

    A floor is the value less a margin; where less is better, the value plus it.

    Raises:
        ConfigError: The file cannot be read or written.
    """
    parts = _read(path)["parts"] if path.is_file() else {}
    few = set_margins(sets)
    for part, measured in measure_parts(outcomes, sets).items():
        parts[part] = {
            language: {
                name: {"value": round(value, 4), "floor": round(_floor(name, value, few.get((part, language), {})), 4)}
                for name, value in values.items()
                if not math.isnan(value)
            }
            for language, values in measured.items()
        }
    write_text(path, json.dumps({"margin": MARGIN, "parts": dict(sorted(parts.items()))}, indent=1) + "\n")


def below_floors(outcomes: Sequence[Outcome], sets: Sequence[SetOutcome], path: Path) -> list[str]:
    """A sentence for each measure that is worse than its floor.

    Raises:
        ConfigError: There are no floors for a part of these outcomes.
    """
    parts = _read(path)["parts"]
    sentences = []
    for part, measured in measure_parts(outcomes, sets).items():
        if part not in parts:
            raise ConfigError(f"{path} has no floors for the part '{part}'.", "Record some with --write-floors.")
        for language, floors in parts[part].items():
            values = measured.get(language, {})
            for name, its in floors.items():
                value = values.get(name, math.nan)
                worse = value > its["floor"] if name in _LOWER else value < its["floor"]
                if worse or math.isnan(value):
                    sentences.append(
                        f"{part}, {language}: {name} is {value:.4f}, {'above' if name in _LOWER else 'below'} its "
                        f"floor of {its['floor']:.4f} (recorded at {its['value']:.4f})."
                    )
    return sentences


def _floor(name: str, value: float, margins: Mapping[str, float]) -> float:
    margin = 0.0 if name in _EXACT else max(MARGIN, margins.get(name, 0.0))
    return value + margin if name in _LOWER else max(0.0, value - margin)


def measure_parts(outcomes: Sequence[Outcome], sets: Sequence[SetOutcome]) -> dict[str, dict[str, dict[str, float]]]:
    """Every measure by part and language; those of sets for the parts and languages that have other questions too."""
    of_sets = measure_sets(sets)
    return {
        part: {
            language: {name: its.value for name, its in summarise(group, intervals=False).items()}
            | of_sets.get((part, language), {})
            for language, group in by_language(its_outcomes).items()
        }
        for part, its_outcomes in parts_of(outcomes).items()
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        floors: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        floors["parts"].items()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).", "Make it with --write-floors.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(f"{path} holds no floors.", "Make it anew with --write-floors.") from None
    return floors


def write_text(path: Path, text: str) -> None:
    """Write a file, and its folder.

    Raises:
        ConfigError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}).") from None
