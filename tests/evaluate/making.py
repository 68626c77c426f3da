"""Outcomes made for tests of what is done with outcomes."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from iio_kg.evaluate.outcome import Outcome

RIGHT = Outcome(
    id="q1",
    language="nl",
    kind="what",
    part="dev",
    document="factsheet",
    answered=True,
    confidence=0.9,
    language_right=True,
    ranking={"hit@1": 1.0, "hit@3": 1.0, "hit@5": 1.0, "MRR@10": 1.0, "nDCG@10": 1.0},
    first_right=True,
    value_right=None,
    span_f1=0.8,
    citations=10,
    verbatim=10,
    page_right=10,
    marks_inside=10,
    milliseconds=5.0,
    stages={"encode": 2.0},
    snapshot="abc",
)
MISSED = {"hit@1": 0.0, "hit@3": 1.0, "hit@5": 1.0, "MRR@10": 0.5, "nDCG@10": 0.6}


def outcome(name: str, **changes: Any) -> Outcome:
    """A right answer to a question, but for some changes."""
    return replace(RIGHT, id=name, **changes)


def some_outcomes(*, wrong: int, part: str = "dev") -> list[Outcome]:
    """Forty answers in two languages, ten to what cannot be answered; the first `wrong` answerable ones are wrong."""
    made = []
    for number in range(40):
        changes: dict[str, Any] = {"language": "nl" if number % 2 else "en", "confidence": 0.5 + number / 100}
        if number < wrong:
            changes |= {"ranking": MISSED, "first_right": False, "confidence": 0.3 + number / 100}
        if number >= 30:
            changes |= {"ranking": {}, "document": "", "kind": "near-miss", "first_right": False, "span_f1": None}
            changes |= {"answered": number % 4 < 2, "confidence": 0.2}
        made.append(outcome(f"{part}-{number}", part=part, **changes))
    return made
