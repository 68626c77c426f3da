"""Lists and comparisons: every reviewed claim of the set that a question asks for, a row each, with its citation.

What the sources themselves say comes first; claims of our summaries are added only for what no source's own words
cover. Titles and columns are fixed texts; every cell is a label of the graph, a figure or the statement of a claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from iio_kg.ask.answer import Collection, Dissent, Row
from iio_kg.ask.compose import cite_claim
from iio_kg.ask.figures import name_of, word_condition, word_effect
from iio_kg.ask.kind import question_type
from iio_kg.ask.likely import requests_of
from iio_kg.ask.sets import read_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from iio_kg.ask.answer import Citation, Language
    from iio_kg.ask.sets import Request
    from iio_kg.corpus.document import Document, Passage
    from iio_kg.corpus.set_questions import QuestionSet
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.namespaces import Names
    from iio_kg.graph.vocabulary import Contact, Entity

#: Fewer rows than this are no list; the best single answer says as much.
_FEWEST = 2

_TITLES = {
    "nl": {
        "effects": "Uitkomsten",
        "tried": "Uitkomsten per concept",
        "figures": "Alle uitkomsten met een cijfer",
        "conditions": "Voorwaarden",
        "lessons": "Lessen",
        "concepts": "Concepten",
        "definitions": "Omschrijvingen",
        "roles": "Wie wat deed",
        "contacts": "Contactpersonen",
        "documents": "Onderzoek en publicaties",
    },
    "en": {
        "effects": "Outcomes",
        "tried": "Outcomes by concept",
        "figures": "All outcomes with a figure",
        "conditions": "Conditions",
        "lessons": "Lessons",
        "concepts": "Concepts",
        "definitions": "Definitions",
        "roles": "Who did what",
        "contacts": "Contact persons",
        "documents": "Studies and publications",
    },
}
_COLUMNS = {
    "nl": {
        "concept": "Concept",
        "outcome": "Uitkomst",
        "effect": "Effect",
        "when": "Wanneer",
        "than": "Vergeleken met",
        "condition": "Voorwaarde",
        "lesson": "Les",
        "sector": "Sector",
        "role": "Rol",
        "who": "Wie",
        "document": "Document",
        "email": "E-mail",
        "telephone": "Telefoon",
        "statement": "Bevinding",
    },
    "en": {
        "concept": "Concept",
        "outcome": "Outcome",
        "effect": "Effect",
        "when": "When",
        "than": "Compared with",
        "condition": "Condition",
        "lesson": "Lesson",
        "sector": "Sector",
        "role": "Role",
        "who": "Who",
        "document": "Document",
        "email": "E-mail",
        "telephone": "Telephone",
        "statement": "Finding",
    },
}
_KINDS = {
    "effects": "result",
    "conditions": "condition",
    "lessons": "condition",
    "concepts": "definition",
    "definitions": "definition",
    "roles": "organisation",
    "contacts": "contact",
    "documents": "document",
}


class Holdings(Protocol):
    """What lists are made from: the content of a snapshot, or the material before anything is encoded."""

    @property
    def documents(self) -> tuple[Document, ...]: ...  # noqa: D102
    @property
    def passages(self) -> tuple[Passage, ...]: ...  # noqa: D102
    @property
    def claims(self) -> tuple[Claim, ...]: ...  # noqa: D102
    @property
    def entities(self) -> tuple[Entity, ...]: ...  # noqa: D102
    @property
    def contacts(self) -> tuple[Contact, ...]: ...  # noqa: D102


@dataclass(frozen=True)
class Shelf:
    """What was read, by what it is looked up by.

    Attributes:
        claims: All claims, in their order.
        names: How its identifiers are minted.
        documents: Its documents, by id.
        passages: Its passages, by key.
        entities: Its things, by identifier.
        contacts: Its contacts, by identifier.
        disputes: For each claim the claims that say otherwise, by identifier.
    """

    claims: tuple[Claim, ...]
    names: Names
    documents: Mapping[str, Document]
    passages: Mapping[str, Passage]
    entities: Mapping[str, Entity]
    contacts: Mapping[str, Contact]
    disputes: Mapping[str, tuple[Claim, ...]]

    def cite(self, rank: int, claim: Claim) -> Citation:
        """The words a claim rests on."""
        return cite_claim(rank, claim, self.passages, self.documents, self.names)

    def is_summary(self, claim: Claim) -> bool:
        """Whether a claim rests on one of our summaries, not on words of a source."""
        return self.documents[claim.quotations[0].document].metadata.kind == "summary"


def shelve(content: Holdings, names: Names) -> Shelf:
    """What was read, ready to be looked up."""
    claims = {claim.iri: claim for claim in content.claims}
    disputes: dict[str, dict[str, Claim]] = {}
    for claim in content.claims:
        for other in claim.disputes:
            if other in claims:
                disputes.setdefault(claim.iri, {})[other] = claims[other]
                disputes.setdefault(other, {})[claim.iri] = claim
    return Shelf(
        claims=content.claims,
        names=names,
        documents={document.id: document for document in content.documents},
        passages={passage.key: passage for passage in content.passages},
        entities={entity.iri: entity for entity in content.entities},
        contacts={contact.iri: contact for contact in content.contacts},
        disputes={iri: tuple(others.values()) for iri, others in disputes.items()},
    )


def collect_answer(
    question: str,
    links: Sequence[str],
    shelf: Shelf,
    language: Language,
    *,
    sector: str | None = None,
    admits: Callable[[Claim], bool] = lambda _: True,
) -> Collection | None:
    """All of what a list or a comparison asks for; None for any other question, and where there are too few findings.

    Args:
        question: The question.
        links: What it names.
        shelf: The content to choose from.
        language: The language of the answer.
        sector: The sector to stay within.
        admits: Which claims may be used.
    """
    request = read_request(question, question_type(question), links, shelf.entities, sector)
    if request is None:
        return None
    chosen = choose(request, shelf, admits)
    return _table(request, chosen, shelf, language, leads=True) if len(chosen) >= _FEWEST else None


def collect_likely(
    its: QuestionSet,
    question: str,
    links: Sequence[str],
    shelf: Shelf,
    language: Language,
    *,
    admits: Callable[[Claim], bool] = lambda _: True,
    leads: bool = True,
) -> Collection | None:
    """All of a set that a question is likely to ask for, narrowed by what it names; None where there is too little.

    A finding that alone is left by narrowing comes first. What a set is about and what a question names besides are not
    shown one beside the other, as only the one was asked for.

    Args:
        its: The set.
        question: The question.
        links: What it names.
        shelf: The content to choose from.
        language: The language of the answer.
        admits: Which claims may be used.
        leads: Whether it is what was asked for, as long as it is all of that.
    """
    apart = not its.outcomes and not its.populations
    before: tuple[Claim, ...] = ()
    for request, whole in requests_of(its, question, links, shelf.entities, shelf.names):
        chosen = choose(request, shelf, admits, apart=apart)
        if len(chosen) >= _FEWEST:
            first = [claim for claim in before if claim in chosen]
            others = (claim for claim in chosen if claim not in first)
            return _table(request, (*first, *others), shelf, language, leads=leads and whole)
        before = before or chosen
    return None


def choose(
    request: Request, shelf: Shelf, admits: Callable[[Claim], bool] = lambda _: True, *, apart: bool = True
) -> tuple[Claim, ...]:
    """The claims of a set, in the order of the text; those about one concept together.

    Args:
        request: The set.
        shelf: The content to choose from.
        admits: Which claims may be used.
        apart: Whether claims on one thing and claims on another are taken where none is on both.
    """
    allowed = [claim for claim in shelf.claims if admits(claim)]
    fitting = [claim for claim in allowed if _fits(claim, request, shelf)]
    any_way = replace(request, directions=())
    if apart and not fitting and not any(_fits(claim, any_way, shelf) for claim in allowed):
        # "Ouders en leraren": what no claim is about together is asked for one beside the other.
        fitting = [claim for claim in allowed if _fits(claim, request, shelf, either=True)]
    own = [claim for claim in fitting if not shelf.is_summary(claim)]
    asked = {*request.concepts, *request.outcomes, *request.populations}
    missing = asked - {iri for claim in own for iri in _about(claim, shelf.entities)}
    added = [
        claim
        for claim in fitting
        if shelf.is_summary(claim) and (not own or missing & set(_about(claim, shelf.entities)))
    ]
    chosen = [*_in_order(own, shelf), *_in_order(added, shelf)]
    if request.kind == "lessons":
        chosen = _under_heading(chosen, shelf) or chosen
    if request.kind == "concepts":
        chosen = _first_of_each(chosen, shelf)
    if request.kind == "contacts":
        chosen = _one_person_each(chosen)
    return tuple(_together(chosen)) if request.kind in ("effects", "conditions", "definitions") else tuple(chosen)


def _fits(claim: Claim, request: Request, shelf: Shelf, *, either: bool = False) -> bool:
    """Whether a claim belongs to a set; with `either` an outcome or a population that is asked for is enough."""
    if claim.kind != _KINDS[request.kind]:
        return False
    about = set(_about(claim, shelf.entities))
    effect = claim.effect
    tests = (
        not request.concepts or bool(about & set(request.concepts)),
        not request.tried or request.kind == "concepts" or _is_tried(claim.concept, shelf),
        _fits_outcome(request, about, either=either),
        request.sector is None or request.sector in (claim.sector, *claim.subjects),
        not request.directions or (effect is not None and effect.direction in request.directions),
        not request.others or bool(about & set(request.others)),
        not request.with_figures or (effect is not None and effect.unit is not None),
        request.kind != "lessons" or _scheme(claim.concept, shelf) == "programmes",
        request.kind != "concepts" or any(_is_tried(iri, shelf) for iri in claim.defines),
        request.kind != "definitions" or bool(claim.defines),
    )
    return all(tests)


def _fits_outcome(request: Request, about: set[str], *, either: bool) -> bool:
    """Whether outcome and population fit."""
    tests = [bool(about & set(asked)) for asked in (request.outcomes, request.populations) if asked]
    return not tests or (any(tests) if either else all(tests))


def _about(claim: Claim, entities: Mapping[str, Entity]) -> tuple[str, ...]:
    """All that a claim says something of, and the broader outcomes of its own."""
    effect = claim.effect
    found = [*claim.topics, *claim.conditions, *claim.agents, *claim.defines, claim.role]
    if effect is not None:
        outcome = entities.get(effect.outcome)
        found += [effect.variant, effect.population, *effect.holds_when, *(outcome.broader if outcome else ())]
    return tuple(dict.fromkeys(iri for iri in found if iri))


def _scheme(iri: str | None, shelf: Shelf) -> str:
    entity = shelf.entities.get(iri or "")
    return entity.scheme if entity else ""


def _is_tried(iri: str | None, shelf: Shelf) -> bool:
    return _scheme(iri, shelf) == "innovation-concepts"


def _in_order(claims: Iterable[Claim], shelf: Shelf) -> list[Claim]:
    places = {document: number for number, document in enumerate(shelf.documents)}
    return sorted(claims, key=lambda claim: (places[claim.quotations[0].document], claim.quotations[0].span))


def _together(claims: Sequence[Claim]) -> list[Claim]:
    """The claims with those about one concept behind each other, concepts in the order in which they come up."""
    order = {concept: number for number, concept in enumerate(dict.fromkeys(claim.concept for claim in claims))}
    return sorted(claims, key=lambda claim: order[claim.concept])


def _under_heading(claims: Sequence[Claim], shelf: Shelf) -> list[Claim]:
    """The claims that stand under a heading which calls them lessons."""
    headings = {claim.iri: shelf.passages[claim.quotations[0].passage].section.casefold() for claim in claims}
    return [claim for claim in claims if any(word in headings[claim.iri].split() for word in ("lessen", "lessons"))]


def _first_of_each(claims: Sequence[Claim], shelf: Shelf) -> list[Claim]:
    """For each concept the first claim that defines it."""
    first: dict[str, Claim] = {}
    for claim in claims:
        for iri in claim.defines:
            if _is_tried(iri, shelf):
                first.setdefault(iri, claim)
    chosen = {claim.iri for claim in first.values()}
    return [claim for claim in claims if claim.iri in chosen]


def _one_person_each(claims: Sequence[Claim]) -> list[Claim]:
    """Claims about one person; those about several only where somebody has no other."""
    single = {claim.agents[0] for claim in claims if len(claim.agents) == 1}
    return [claim for claim in claims if len(claim.agents) == 1 or set(claim.agents) - single]


def _table(request: Request, chosen: Sequence[Claim], shelf: Shelf, language: Language, *, leads: bool) -> Collection:
    """The set as a table; columns that would be empty are left out."""
    told = [_cells(request, claim, shelf, language) for claim in chosen]
    columns = [name for name in told[0] if any(cells[name] for cells in told)]
    rows = [
        Row(
            cells=tuple(cells[name] for name in columns),
            claim=claim.iri,
            citation=shelf.cite(rank, claim),
            dissent=_dissent(claim, shelf, language),
        )
        for rank, (claim, cells) in enumerate(zip(chosen, told, strict=True), 1)
    ]
    headings = tuple(_COLUMNS[language][name] for name in columns)
    return Collection(request.kind, _title(request, shelf, language), headings, tuple(rows), leads)


def _cells(request: Request, claim: Claim, shelf: Shelf, language: Language) -> dict[str, str]:
    """The cells of a row, by column."""

    def names(iris: Iterable[str | None]) -> str:
        return ", ".join(name_of(iri, shelf.entities, language) for iri in iris if iri)

    statement = {"statement": claim.statements[language]}
    if claim.effect is not None:
        figure = word_effect(claim.effect, claim.iri, shelf.entities, language)
        return {
            "concept": names([claim.concept]),
            "outcome": figure.outcome,
            "effect": figure.value,
            "when": word_condition(claim.effect, shelf.entities, language),
            "than": figure.comparator,
        } | statement
    if request.kind == "contacts":
        person = shelf.contacts.get(claim.agents[0])
        return {
            "who": names(claim.agents),
            "role": person.role.get(language, "") if person else "",
            "email": (person.email or "") if person else "",
            "telephone": (person.telephone or "") if person else "",
        }
    if request.kind == "roles":
        return {"role": names([claim.role]), "who": names(claim.agents)} | statement
    if request.kind == "documents":
        studies = (iri for iri in claim.subjects if iri.startswith(shelf.names.document("")))
        return {"document": names(studies)} | statement
    if request.kind == "lessons":
        return {"lesson": names(claim.conditions)} | statement
    if request.kind == "conditions":
        return {"concept": names([claim.concept]), "condition": names(claim.conditions)} | statement
    return {"concept": names([claim.concept]), "sector": names([claim.sector])} | statement


def _dissent(claim: Claim, shelf: Shelf, language: Language) -> tuple[Dissent, ...]:
    return tuple(
        Dissent(other.statements[language], language, other.iri, shelf.cite(rank, other))
        for rank, other in enumerate(shelf.disputes.get(claim.iri, ()), 1)
    )


def _title(request: Request, shelf: Shelf, language: Language) -> str:
    """A fixed text, and behind it what the set was narrowed to."""
    titles = _TITLES[language]
    narrowed = [*request.concepts, *request.outcomes, *request.populations, request.sector, *request.others]
    labels = [name_of(iri, shelf.entities, language) for iri in dict.fromkeys(narrowed) if iri]
    labels += [name_of(shelf.names.concept(way), shelf.entities, language) for way in request.directions]
    name: str = request.kind
    if request.kind == "effects":
        name = "figures" if request.with_figures else "tried" if request.tried else "effects"
    return f"{titles[name]}: {', '.join(labels)}" if labels else titles[name]
