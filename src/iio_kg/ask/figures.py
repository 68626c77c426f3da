"""What a claim says of an outcome, worded for people: the figure, which way it went, compared with what, and when.

Everything shown is a label of the graph, a figure of the claim or a fixed word of the tables below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iio_kg.ask.kind import question_type
from iio_kg.ask.sets import CONCEPTS, OUTCOMES, SECTORS, by_scheme
from iio_kg.index.words import find_words, fold, lemma

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from iio_kg.ask.answer import Citation
    from iio_kg.ask.kind import QuestionType
    from iio_kg.graph.claims import Claim, Direction, Effect
    from iio_kg.graph.vocabulary import Entity

_LANGUAGES = ("nl", "en")
#: By how much a question may be nearer to what one concept did than to what another did and still mean the other. On
#: the dev part the right one was at most 0.12 behind; of 57 questions that name no concept 11 have others so near.
_RIVAL_MARGIN = 0.15
#: What is no nearer than this is not meant.
_RIVAL_FLOOR = 0.2
#: By how much it may be nearer to what something is than to what it brought, and ask for both.
_BESIDE_MARGIN = 0.12
#: Questions of these types ask for something else than what was found.
_NO_FINDING: frozenset[QuestionType] = frozenset(
    {"who", "when", "definition", "list", "condition", "contact", "how-many"}
)
#: *Flipped or not, better grades?*
_EITHER = re.compile(
    r"\b(?:or|of) (?:niet|not)\b|\b(?:or|of)\b.*\b(?:better|best|beter|beste|most|meeste?|higher|hoger|hoogste?)\b",
    re.IGNORECASE,
)
_NBSP = "\u00a0"
#: Words of so few letters (*in*, *als*, *part*) name no condition.
_SHORT = 4
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
    measured = _has_figure(effect)
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
    if not _has_figure(effect):
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


def companions(claim: Claim, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims that say something of the same outcome of the same concept for another form or condition.

    Args:
        claim: A claim.
        claims: All claims, in their order.
    """
    effect = claim.effect
    if effect is None:
        return ()
    return tuple(
        other
        for other in claims
        if other.effect is not None
        and other.iri != claim.iri
        and (other.concept, other.effect.outcome) == (claim.concept, effect.outcome)
        and (other.effect.variant or other.effect.holds_when)
        and (other.effect.variant, other.effect.holds_when) != (effect.variant, effect.holds_when)
    )


def enabled(claim: Claim, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims that say what holds for a concept under the conditions which a claim names.

    Args:
        claim: A claim on conditions.
        claims: All claims, in their order.
    """
    return tuple(
        other
        for other in claims
        if other.effect is not None
        and other.effect.holds_when
        and other.concept == claim.concept
        and set(other.effect.holds_when) <= set(claim.conditions)
    )


def examples(claim: Claim, claims: Sequence[Claim], entities: Mapping[str, Entity]) -> tuple[Claim, ...]:
    """The claims that give figures for what a general claim says without one, each for one of the concepts tried.

    Args:
        claim: A claim.
        claims: All claims, in their order.
        entities: The things of the graph, by identifier.
    """
    effect = claim.effect
    if effect is None or _has_figure(effect) or _is_tried(claim.concept, entities):
        return ()
    return tuple(
        other
        for other in claims
        if other.effect is not None
        and _has_figure(other.effect)
        and _is_tried(other.concept, entities)
        and (other.effect.outcome, other.effect.direction) == (effect.outcome, effect.direction)
        and claim.sector in (None, other.sector)
    )


def rivals(
    question: str,
    claim: Claim,
    claims: Sequence[Claim],
    entities: Mapping[str, Entity],
    links: Sequence[str],
    near: Callable[[Claim], float],
) -> tuple[Claim, ...]:
    """What other concepts did to the same, where a question names several, or names none and comes as near to theirs.

    *Hoeveel productiever ben je als je met zijn allen lesgeeft* is nearer to the gain of one concept than to that of
    the one that is meant. Whoever is shown both sees which is which. A form or condition names its concept.

    Args:
        question: The question.
        claim: The claim that answers.
        claims: All claims, in their order.
        entities: The things of the graph, by identifier.
        links: Identifiers of what the question names.
        near: How near the question is to a claim.

    Returns:
        For each other concept the nearest of its claims, the nearest first; none that disputes another.
    """
    effect, asked = claim.effect, by_scheme(links, entities)
    named, sectors, outcomes = (asked.get(scheme, ()) for scheme in (CONCEPTS, SECTORS, OUTCOMES))
    if effect is None or len(named) == 1 or not _is_tried(claim.concept, entities):
        return ()
    if not named and carries_condition(question, (claim, *companions(claim, claims)), entities):
        return ()
    line, kinds = max(near(claim) - _RIVAL_MARGIN, _RIVAL_FLOOR), _kinds(effect.outcome, entities)
    found: dict[str | None, Claim] = {}
    for other in claims:
        if (
            other.effect is not None
            and other.concept != claim.concept
            and _is_tried(other.concept, entities)
            and not other.disputes
            and not kinds.isdisjoint(its := _kinds(other.effect.outcome, entities))
            and (not outcomes or not its.isdisjoint(outcomes))
            and (not sectors or other.sector in sectors)
            and (other.concept in named or (not named and near(other) >= line))
            and (other.concept not in found or near(other) > near(found[other.concept]))
        ):
            found[other.concept] = other
    return tuple(sorted(found.values(), key=near, reverse=True))


def besides(
    question: str,
    claim: Claim,
    claims: Sequence[Claim],
    entities: Mapping[str, Entity],
    links: Sequence[str],
    near: Callable[[Claim], float],
) -> tuple[Claim, ...]:
    """What was found at what a claim is about that a question asks for as well, and the claim says nothing of.

    That is what became of other outcomes that are named: *werkdruk en kwaliteit bij de E-klas* asks for both, *workload
    with 90 pupils in one group* for more than what SlimFit is. Where none is named and the claim tells of no outcome,
    it is the finding that the question is about as near to: *is remote tuition any poorer* asks for more than what
    Videolessen are.

    Args:
        question: The question.
        claim: The claim that answers.
        claims: All claims, in their order.
        entities: The things of the graph, by identifier.
        links: Identifiers of what the question names.
        near: How near the question is to a claim.

    Returns:
        For each outcome that is named the nearest of the claims, the nearest first; none that disputes another.
    """
    told = [c.effect for c in (claim, *enabled(claim, claims)) if c.effect]
    own = set[str]().union(*(_kinds(effect.outcome, entities) for effect in told))
    findings = [
        (other, _kinds(other.effect.outcome, entities))
        for other in claims
        if other.effect and not other.disputes and claim.concept in other.topics
    ]
    named = by_scheme(links, entities).get(OUTCOMES, ())
    found: dict[str, Claim] = {}
    for outcome in named:
        its = [other for other, kinds in findings if outcome in kinds]
        if its and outcome not in own:
            nearest = max(its, key=near)
            found[nearest.iri] = nearest
    tried = [other for other, _ in findings if _is_tried(other.concept, entities)]
    if tried and not told and not named and question_type(question) not in _NO_FINDING:
        nearest = max(tried, key=near)
        if near(nearest) >= max(near(claim) - _BESIDE_MARGIN, _RIVAL_FLOOR):
            found[nearest.iri] = nearest
    return tuple(sorted(found.values(), key=near, reverse=True))


def _kinds(outcome: str, entities: Mapping[str, Entity]) -> set[str]:
    """An outcome and what it is a kind of: grades and Cito scores are both results of pupils."""
    return {outcome, *(entities[outcome].broader if outcome in entities else ())}


def _has_figure(effect: Effect) -> bool:
    return effect.number is not None or effect.low is not None


def _is_tried(concept: str | None, entities: Mapping[str, Entity]) -> bool:
    """Whether a concept is one of those that schools tried."""
    return concept is not None and concept in entities and entities[concept].scheme == CONCEPTS


def carries_condition(question: str, group: Iterable[Claim], entities: Mapping[str, Entity]) -> bool:
    """Whether a question says for which form or condition it asks, where claims hold for several.

    It does when it has a word that names the form or condition of some of the claims and not of all.
    """
    said = [_condition_words(claim, entities) for claim in group]
    common = frozenset[str].intersection(*said) if said else frozenset[str]()
    telling = frozenset[str]().union(*said) - common
    return bool(telling & _lemmas(question))


def _condition_words(claim: Claim, entities: Mapping[str, Entity]) -> frozenset[str]:
    """The words that name the form and conditions of a claim, without those of its concept and outcome."""
    if claim.effect is None:
        return frozenset()
    things = [claim.effect.variant, *claim.effect.holds_when]
    others = {iri for iri in claim.subjects if iri not in (claim.concept, claim.effect.outcome)}
    return _names(filter(None, (*things, *others)), entities) - _names(
        filter(None, (claim.concept, claim.effect.outcome)), entities
    )


def _names(iris: Iterable[str], entities: Mapping[str, Entity]) -> frozenset[str]:
    found = [entities[iri] for iri in iris if iri in entities]
    texts = [text for entity in found for language in _LANGUAGES for text in entity.names(language)]
    return frozenset[str]().union(*(_lemmas(text) for text in texts))


def _lemmas(text: str) -> frozenset[str]:
    words = [fold(match.group()) for match in find_words(text)]
    long = [word for word in words if len(word) > _SHORT]
    return frozenset(long) | {lemma(word, language) for word in long for language in _LANGUAGES}


def figures_of(
    question: str,
    claim: Claim,
    claims: Sequence[Claim],
    entities: Mapping[str, Entity],
    language: str,
    cite: Callable[[Claim], Citation],
    elsewhere: Sequence[Claim] = (),
) -> tuple[Figure, ...]:
    """The figures of an answer: the claim's own, then those for other forms or conditions.

    Of these those that the question names, and all of them if it names none or compares. A general claim without a
    figure is followed by the figures found at each concept, and a claim on conditions by what holds under them.

    Args:
        question: The question.
        claim: The claim that answers it.
        claims: All claims, in their order.
        entities: The things of the graph, by identifier.
        language: The language of the answer.
        cite: Gives the words that a claim rests on.
        elsewhere: What the question asks for as well, or may mean instead; see `besides` and `rivals`.
    """
    others = companions(claim, claims)
    # Who compares means all of them, in whatever words.
    compares = question_type(question) == "comparison" or _EITHER.search(question) is not None
    if not compares and carries_condition(question, (claim, *others), entities):
        its, asked = _condition_words(claim, entities), _lemmas(question)
        others = tuple(other for other in others if not asked.isdisjoint(_condition_words(other, entities) - its))
    held = () if claim.effect else enabled(claim, claims)
    apart = (*examples(claim, claims, entities), *_each_with(elsewhere, claims))
    own = claim.concept if elsewhere else None
    worded = [word_effect(claim.effect, claim.iri, entities, language, concept=own)] if claim.effect else []
    named = {c.iri: (c, own) for c in (*held, *others)}
    for other in apart:
        named.setdefault(other.iri, (other, other.concept))
    worded += [
        word_effect(c.effect, c.iri, entities, language, cite(c), concept)
        for c, concept in named.values()
        if c.effect and c.iri != claim.iri
    ]
    return tuple(worded)


def _each_with(elsewhere: Sequence[Claim], claims: Sequence[Claim]) -> Iterator[Claim]:
    """Each of some claims, followed by what it says for other forms and conditions."""
    for claim in elsewhere:
        yield from (claim, *companions(claim, claims))
