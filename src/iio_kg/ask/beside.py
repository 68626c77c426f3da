"""Which findings an answer shows beside its own: those for other forms and conditions, and what else is asked or meant.

Every one is a claim of the graph with the words it rests on; how they are worded is in `iio_kg.ask.figures`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iio_kg.ask.figures import word_effect
from iio_kg.ask.kind import question_type
from iio_kg.ask.sets import CONCEPTS, OUTCOMES, SECTORS, by_scheme
from iio_kg.graph.claims import LANGUAGES
from iio_kg.index.words import find_words, fold, lemma

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from iio_kg.ask.answer import Citation
    from iio_kg.ask.figures import Figure
    from iio_kg.ask.kind import QuestionType
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.vocabulary import Entity

#: By how much a question may be nearer to what one concept did than to what another did and still mean the other. On
#: the dev part the right one was at most 0.12 behind; of 57 questions that name no concept 11 have others so near.
_RIVAL_MARGIN = 0.15
#: What is no nearer than this is not meant.
_RIVAL_FLOOR = 0.2
#: By how much it may be nearer to what something is than to what it brought, and ask for both.
_BESIDE_MARGIN = 0.12
#: Questions of these types ask for something else than what was found.
_NO_FINDING: frozenset[QuestionType] = frozenset(
    {"who", "when", "where", "definition", "list", "condition", "contact", "how-many"}
)
#: *Flipped or not, better grades?*
_EITHER = re.compile(
    r"\b(?:or|of) (?:niet|not)\b|\b(?:or|of)\b.*\b(?:better|best|beter|beste|most|meeste?|higher|hoger|hoogste?)\b",
    re.IGNORECASE,
)
#: Words of so few letters (*in*, *als*, *part*) name no condition.
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as far as it tells which findings it asks for.

    Attributes:
        question: The question.
        named: Identifiers of what it names, by concept scheme; see `iio_kg.ask.sets.by_scheme`.
        near: How near it is to a claim.
    """

    question: str
    named: Mapping[str, Sequence[str]]
    near: Callable[[Claim], float]


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
    if effect is None or effect.has_figure or _is_tried(claim.concept, entities):
        return ()
    return tuple(
        other
        for other in claims
        if other.effect is not None
        and other.effect.has_figure
        and _is_tried(other.concept, entities)
        and (other.effect.outcome, other.effect.direction) == (effect.outcome, effect.direction)
        and claim.sector in (None, other.sector)
    )


def rivals(asked: Asked, claim: Claim, claims: Sequence[Claim], entities: Mapping[str, Entity]) -> tuple[Claim, ...]:
    """What other concepts did to the same, where a question names several, or names none and comes as near to theirs.

    *Hoeveel productiever ben je als je met zijn allen lesgeeft* is nearer to the gain of one concept than to that of
    the one that is meant. Whoever is shown both sees which is which. A form or condition names its concept.

    Args:
        asked: The question.
        claim: The claim that answers.
        claims: All claims, in their order.
        entities: The things of the graph, by identifier.

    Returns:
        For each other concept the nearest of its claims, the nearest first; none that disputes another.
    """
    effect, near = claim.effect, asked.near
    named, sectors, outcomes = (asked.named.get(scheme, ()) for scheme in (CONCEPTS, SECTORS, OUTCOMES))
    if effect is None or len(named) == 1 or not _is_tried(claim.concept, entities):
        return ()
    if not named and carries_condition(asked.question, (claim, *companions(claim, claims)), entities):
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


def besides(asked: Asked, claim: Claim, claims: Sequence[Claim], entities: Mapping[str, Entity]) -> tuple[Claim, ...]:
    """What was found at what a claim is about that a question asks for as well, and the claim says nothing of.

    That is what became of other outcomes that are named: *werkdruk en kwaliteit bij de E-klas* asks for both, *workload
    with 90 pupils in one group* for more than what SlimFit is. Where none is named and the claim tells of no outcome,
    it is the finding that the question is about as near to: *lessons by live video, worth it* asks for more than what
    Videolessen are.

    Args:
        asked: The question.
        claim: The claim that answers.
        claims: All claims, in their order.
        entities: The things of the graph, by identifier.

    Returns:
        For each outcome that is named the nearest of the claims, the nearest first; none that disputes another.
    """
    about = by_scheme(claim.topics, entities).get(OUTCOMES, ())
    if claim.concept in about:
        return ()
    told = [c.effect.outcome for c in (claim, *enabled(claim, claims)) if c.effect]
    own = set[str]().union(*(_kinds(outcome, entities) for outcome in (*about, *told)))
    named, sectors = asked.named.get(OUTCOMES, ()), asked.named.get(SECTORS, ())
    wanted = [outcome for outcome in named if outcome not in own]
    is_open = not own and not named and question_type(asked.question) not in _NO_FINDING
    if not (wanted or is_open):
        return ()
    findings = [
        (other, _kinds(other.effect.outcome, entities))
        for other in claims
        if other.effect
        and not other.disputes
        and claim.concept in other.topics
        and (not sectors or other.sector in sectors)
    ]
    if is_open:
        line = max(asked.near(claim) - _BESIDE_MARGIN, _RIVAL_FLOOR)
        close = [c for c, _ in findings if _is_tried(c.concept, entities) and asked.near(c) >= line]
        return (max(close, key=asked.near),) if close else ()
    found: dict[str, Claim] = {}
    for outcome in wanted:
        its = [other for other, kinds in findings if outcome in kinds]
        if its:
            nearest = max(its, key=asked.near)
            found[nearest.iri] = nearest
    return tuple(sorted(found.values(), key=asked.near, reverse=True))


def _kinds(outcome: str, entities: Mapping[str, Entity]) -> set[str]:
    """An outcome and what it is a kind of: grades and Cito scores are both results of pupils."""
    return {outcome, *(entities[outcome].broader if outcome in entities else ())}


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
    return bool(telling) and not telling.isdisjoint(_lemmas(question))


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
    texts = [text for entity in found for language in LANGUAGES for text in entity.names(language)]
    return frozenset[str]().union(*(_lemmas(text) for text in texts))


def _lemmas(text: str) -> frozenset[str]:
    words = [fold(match.group()) for match in find_words(text)]
    long = [word for word in words if len(word) > _SHORT]
    return frozenset(long) | {lemma(word, language) for word in long for language in LANGUAGES}


def figures_of(
    question: str,
    claim: Claim,
    claims: Sequence[Claim],
    entities: Mapping[str, Entity],
    language: str,
    cite: Callable[[Claim], Citation],
    elsewhere: Sequence[Claim] = (),
) -> tuple[Figure, ...]:
    """The figures of an answer: the claim's own if it has one, then those for other forms or conditions.

    Of these those that the question names, and all of them if it names none or compares. A general claim without a
    figure is followed by the figures found at each concept, a claim on conditions by what holds under them, and any by
    what the question asks for as well or may mean instead.

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
