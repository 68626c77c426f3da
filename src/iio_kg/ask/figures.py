"""What a claim says of an outcome, worded for people: the figure, which way it went, compared with what, and when.

Everything shown is a label of the graph, a figure of the claim or a fixed word of the tables below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iio_kg.ask.answer import Citation
    from iio_kg.graph.claims import Direction, Effect
    from iio_kg.graph.vocabulary import Entity

_NBSP = "\u00a0"
#: Units after one and after several, as the API calls them.
_UNITS: dict[str, dict[str, tuple[str, str]]] = {
    "nl": {
        "percent": ("%", "%"),
        "percentage point": ("procentpunt", "procentpunt"),
        "months": ("maand", "maanden"),
        "standard deviations": ("standaarddeviatie", "standaarddeviaties"),
    },
    "en": {
        "percent": ("%", "%"),
        "percentage point": ("percentage point", "percentage points"),
        "months": ("month", "months"),
        "standard deviations": ("standard deviation", "standard deviations"),
    },
}
#: Which way it went, behind a figure and on its own.
_BY: dict[str, dict[Direction, str]] = {
    "nl": {"increase": "hoger", "decrease": "lager", "unchanged": "gelijk"},
    "en": {"increase": "higher", "decrease": "lower", "unchanged": "unchanged"},
}
_ALONE: dict[str, dict[Direction, str]] = {
    "nl": {"increase": "toename", "decrease": "afname", "unchanged": "gelijk gebleven"},
    "en": {"increase": "increase", "decrease": "decrease", "unchanged": "unchanged"},
}
_WORDS = {
    "nl": {"with": "bij {}", "when": "voorwaarde: {}", "than": "ten opzichte van {}", "hedge": "voorbehoud: {}"},
    "en": {"with": "with {}", "when": "condition: {}", "than": "compared with {}", "hedge": "reservation: {}"},
}
#: Reservations that go before a figure, in the source's Dutch and in English; others are quoted as they are.
_BEFORE = {
    "gemiddeld": "on average",
    "ongeveer": "about",
    "gemiddeld ongeveer": "on average about",
    "circa": "about",
    "bijna": "almost",
    "ruim": "just over",
    "minstens": "at least",
    "maximaal": "at most",
    "tot wel": "as much as",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """An effect in words, in one language.

    Attributes:
        effect: What is worded.
        claim: The claim that says it.
        language: ``nl`` or ``en``.
        amount: The figure with its unit and direction (*3–6 % lager*), or the direction alone.
        outcome: What changed or stayed the same.
        hedge: The reservation that goes before the figure, or "".
        condition: The form and the conditions for which it holds, or "".
        comparator: What it is compared with, or "".
        reservation: A reservation that does not go before a figure, in the words of the source, or "".
        citation: The words that say so; None where they are those of the answer itself.
    """

    effect: Effect
    claim: str
    language: str
    amount: str
    outcome: str
    hedge: str = ""
    condition: str = ""
    comparator: str = ""
    reservation: str = ""
    citation: Citation | None = None

    @property
    def value(self) -> str:
        """The figure with the reservation before it: *gemiddeld 3 % hoger*."""
        return f"{self.hedge} {self.amount}".strip()

    @property
    def line(self) -> str:
        """What the figure is of, in one line, without the words of the source."""
        than = _WORDS[self.language]["than"].format(self.comparator) if self.comparator else ""
        return ", ".join(part for part in (self.outcome, than, self.condition) if part)

    @property
    def text(self) -> str:
        """All of it: *gemiddeld 3 % hoger: citoscore, bij volledig groepsoverstijgend onderwijs*."""
        quoted = _WORDS[self.language]["hedge"].format(f"“{self.reservation}”") if self.reservation else ""
        return ", ".join(part for part in (f"{self.value}: {self.line}", quoted) if part)

    def to_json(self) -> dict[str, Any]:
        """What an entry of ``values`` has besides the effect."""
        return {
            "text": self.text,
            "amount": self.value,
            "label": self.line,
            "reservation": self.reservation or None,
            "claim": self.claim,
        }


def word_effect(
    effect: Effect,
    claim: str,
    entities: Mapping[str, Entity],
    language: str,
    citation: Citation | None = None,
    concept: str | None = None,
) -> Figure:
    """An effect in the words of a language.

    Args:
        effect: The effect.
        claim: The claim that says it.
        entities: The things of the graph, by identifier; those missing are named by the end of their identifier.
        language: ``nl`` or ``en``.
        citation: The words that say so, unless they are the answer's own.
        concept: What it was found at, where that has to be said.
    """
    before, other = _hedges(effect.hedge, language)
    measured = effect.has_figure
    return Figure(
        effect=effect,
        claim=claim,
        language=language,
        amount=word_amount(effect, language),
        outcome=name_of(effect.outcome, entities, language),
        hedge=before if measured else "",
        condition=word_condition(effect, entities, language, concept),
        comparator=name_of(effect.comparator, entities, language),
        reservation=other if measured else effect.hedge,
        citation=citation,
    )


def word_amount(effect: Effect, language: str) -> str:
    """The figure with its unit and direction; the direction alone where there is no figure."""
    if not effect.has_figure:
        return _ALONE[language][effect.direction]
    if effect.number is not None:
        digits, last = write_number(effect.number, language), effect.number
    else:
        low, last = effect.low or 0.0, effect.high if effect.high is not None else effect.low or 0.0
        digits = f"{write_number(low, language)}–{write_number(last, language)}"
    one, several = _UNITS[language].get(effect.unit or "", (effect.unit or "", effect.unit or ""))
    return f"{digits}{_NBSP}{one if last == 1 else several} {_BY[language][effect.direction]}".replace("  ", " ")


def word_condition(effect: Effect, entities: Mapping[str, Entity], language: str, concept: str | None = None) -> str:
    """What it was found at, if given, the form in which that was introduced and the conditions that hold, or ""."""
    words = _WORDS[language]
    needed = "; ".join(name_of(iri, entities, language) for iri in effect.holds_when)
    parts = (
        words["with"].format(name_of(concept, entities, language)) if concept else "",
        words["with"].format(name_of(effect.variant, entities, language)) if effect.variant else "",
        words["when"].format(needed) if needed else "",
    )
    return ", ".join(part for part in parts if part)


def write_number(value: float, language: str) -> str:
    """A number as the language writes it: 3,5 or 3.5."""
    text = f"{value:.10g}"
    return text.replace(".", ",") if language == "nl" else text


def name_of(iri: str | None, entities: Mapping[str, Entity], language: str) -> str:
    """What a thing is called; "" for None."""
    if iri is None:
        return ""
    entity = entities.get(iri)
    return entity.label(language) if entity else iri.rsplit("/", 1)[-1]


def _hedges(hedge: str, language: str) -> tuple[str, str]:
    """The reservations that go before a figure, in a language, and the others, in the words of the source."""
    parts = [part.strip() for part in hedge.split(",") if part.strip()]
    before = [part for part in parts if part in _BEFORE]
    worded = [_BEFORE[part] if language == "en" else part for part in before]
    return " ".join(worded), ", ".join(part for part in parts if part not in _BEFORE)
