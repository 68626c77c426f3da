"""Which set of findings a question asks for, if it asks for a set: all conditions, what each concept yielded.

A question is read word by word. It asks for a set only if every word is accounted for: by what the set is called, by a
direction, by a name of something in the graph, or as a word that asks or joins. A word that nothing accounts for
(*kosten*) narrows the question in a way the graph cannot, and then no set is claimed to be what was asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iio_kg.ask.kind import mend
from iio_kg.index.words import STOPWORDS, find_words, fold, lemma

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from iio_kg.ask.kind import QuestionType
    from iio_kg.corpus.set_questions import SetKind
    from iio_kg.graph.claims import Direction
    from iio_kg.graph.vocabulary import Entity

_LANGUAGES = ("nl", "en")
#: What sets are called; of several names in a question the kind that stands first here decides.
_CALLED: dict[SetKind, str] = {
    "contacts": """
        contactpersonen contactpersoon contactgegevens contacten contacts contact persons person people details
    """,
    "lessons": "lessen lessons lesson geleerd learned learnt aanbevelingen recommendations",
    "conditions": """
        voorwaarden voorwaarde randvoorwaarden succesfactoren succesfactor vereisten vereiste eisen conditions
        condition requirements requirement prerequisites success factors factor
    """,
    "documents": "rapporten publicaties documenten bronnen reports publications documents sources",
    "roles": """
        organisaties partijen partners betrokken betrokkenen rollen organisations organizations parties involved roles
    """,
    "effects": """
        effecten effect resultaten resultaat opbrengsten opbrengst uitkomsten uitkomst gevolgen bevindingen
        winst leverde leverden levert leveren opgeleverd bereikt bereikte bereikten cijfers percentages
        procenten getallen deed deden bracht brachten gaf gaven vonden vond vinden effects results result
        outcomes outcome findings gains gain benefits achieve achieved yield yielded deliver delivered bring
        brought figures numbers percentage think thought
    """,
    "concepts": """
        concepten concept innovatieconcepten innovatieconcept innovaties innovatie vernieuwingen vernieuwing
        experimenten experiment proeven proef aanpakken aanpak projecten project concepts innovations innovation
        experiments pilots pilot approaches approach projects
    """,
    "definitions": "definities definitie definitions definition betekenissen omschrijvingen",
}
_CALLS = {kind: frozenset(words.split()) for kind, words in _CALLED.items()}
_DIRECTIONS: dict[Direction, frozenset[str]] = {
    "increase": frozenset(
        """
        steeg stegen gestegen stijgen stijgt stijging omhoog verhoogde verhoogden verhogen verhoogt hoger hogere
        verbeterde verbeterden verbeteren beter betere toegenomen toename meer groeide groeiden vergrootte
        raised raise raises rose rise rises increased increase increases improved improve improves higher up
        better boosted boost grew more
        """.split()
    ),
    "decrease": frozenset(
        """
        daalde daalden gedaald dalen daalt daling omlaag lager lagere verlaagde verlaagden verlagen verminderde
        verminderden afgenomen afname minder slechter fell fall falls lowered lower reduced reduce decreased
        decrease dropped drop declined down less fewer worse
        """.split()
    ),
    "unchanged": frozenset("gelijk gebleven onveranderd hetzelfde unchanged same stayed remained stay".split()),
}
#: Words that judge, and all that may say no more than that things are compared.
_JUDGING = frozenset("beter betere slechter better worse".split())
_COMPARING = _JUDGING | frozenset("meer minder more less up down same hetzelfde".split())
#: Words that ask, join or fill.
_FILLERS = frozenset(
    """
    alle alles allemaal elk elke ieder iedere per overal overzicht lijst lijstje opsomming rij noem noemen som
    geef toon me mij maak samen tabel tussen verschil verschillen verschilt vergelijk vergelijking vergelijken
    vergeleken versus vs tegenover beide zowel ten opzichte bleef bleven blijft blijven geven gelden geldt nodig
    belangrijkste all every each list overview enumerate name give show table which per compare comparing
    comparison compared difference differences differ between both please make main needed what's een twee drie
    vier vijf zes zeven two three four five six seven 2 3 4 5 6 7 school scholen schools programma programme iio
    onderwijs education innovatieimpuls leerlingen pupils mee meededen meegedaan part took taken gedaan toe
    graag kun kunt wil s
    """.split()
)
_ASKING = _FILLERS | STOPWORDS["nl"] | STOPWORDS["en"]
_TOOK_PART = re.compile(
    r"\bwie (deden|waren|hebben|zaten)\b.*\b(mee|meegedaan|betrokken)\b|\bwho (took part|was involved|were involved)\b"
)
_CONTACTS = re.compile(r"\b(contactpersonen|contactgegevens|contacten|contacts|contact persons)\b")
_ALL_FIGURES = re.compile(
    r"\b(overal|alle|all) (de |the )?(cijfers|percentages|procenten|getallen|figures|numbers)\b"
    r"|^(de |the )?percentages$"
    r"|\b(cijfers|percentages|figures) (op een rij|overal)\b"
)
_JOINED = re.compile(r"\b(en|and|of|or|versus|vs|als)\b|[,&+/]")
#: Schemes whose concepts say what a set is about.
CONCEPTS, _PROGRAMMES, OUTCOMES = "innovation-concepts", "programmes", "outcomes"
POPULATIONS, SECTORS, _ROLES = "populations", "sectors", "roles"


@dataclass(frozen=True, slots=True)
class Request:
    """A set that is asked for.

    Attributes:
        kind: What it is a set of.
        concepts: The innovation concepts it is about; none: any.
        tried: Whether it is about innovation concepts only, not about the programme as a whole.
        outcomes: The outcomes.
        populations: In whom they were found.
        sector: The sector, or None.
        directions: Which way they went.
        others: Other things it is about.
        with_figures: Whether only what has a figure is asked for.
    """

    kind: SetKind
    concepts: tuple[str, ...] = ()
    tried: bool = False
    outcomes: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    sector: str | None = None
    directions: tuple[Direction, ...] = ()
    others: tuple[str, ...] = ()
    with_figures: bool = False


def read_request(
    question: str, asked: QuestionType, links: Sequence[str], entities: Mapping[str, Entity], sector: str | None = None
) -> Request | None:
    """The set that a question asks for; None when it asks for one thing, or for what is not understood whole.

    Args:
        question: The question.
        asked: Its type.
        links: What it names.
        entities: The things of the graph, by identifier.
        sector: The sector to stay within, whatever the question says.
    """
    text = mend(question)
    words = [match.group() for match in find_words(text)]
    all_figures = _ALL_FIGURES.search(text) is not None
    named = by_scheme(links, entities, without={OUTCOMES} if all_figures else ())
    free = _without_names(text, links, entities)
    called = [kind for kind, names in _CALLS.items() if names & free]
    directions = tuple(way for way, names in _DIRECTIONS.items() if names & set(words))
    kind = _choose(text, asked, called, named, directed=bool(directions))
    if kind is None or not _accounted(words, links, entities):
        return None
    sectors = named.get(SECTORS, ())
    known = {CONCEPTS, _PROGRAMMES, OUTCOMES, POPULATIONS, SECTORS}
    ignored = known | ({_ROLES} if kind == "contacts" else set())
    if kind == "documents":
        # "Rapporten" are a school's report cards too.
        named = {scheme: iris for scheme, iris in named.items() if scheme != OUTCOMES}
    return Request(
        kind=kind,
        concepts=named.get(CONCEPTS, ()),
        tried="concepts" in called,
        outcomes=named.get(OUTCOMES, ()),
        populations=named.get(POPULATIONS, ()),
        sector=sector or (sectors[0] if len(sectors) == 1 else None),
        directions=directions if kind == "effects" else (),
        others=tuple(iri for scheme, iris in named.items() if scheme not in ignored for iri in iris),
        with_figures=all_figures,
    )


def _choose(
    text: str, asked: QuestionType, called: Sequence[SetKind], named: Mapping[str, Sequence[str]], *, directed: bool
) -> SetKind | None:
    """Which kind of set is asked for, if one is."""
    if "contacts" in called:
        return "contacts" if _CONTACTS.search(text) else None
    if _TOOK_PART.search(text):
        return "roles"
    several = any(len(named.get(scheme, ())) > 1 for scheme in (CONCEPTS, OUTCOMES, POPULATIONS)) or (
        bool(named.get(OUTCOMES)) and bool(named.get(POPULATIONS))
    )
    compared = len(named.get(CONCEPTS, ())) > 1
    if asked not in ("list", "comparison"):
        return "effects" if several and "effects" in called and _JOINED.search(text) and asked == "other" else None
    kind = called[0] if called else None
    if kind == "concepts" and (directed or named.get(OUTCOMES)):
        return "effects"
    if kind is None and asked == "comparison" and compared:
        return "effects"
    return kind


def named_direction(question: str) -> tuple[Direction, ...]:
    """The one way that a question says things went; none where it names several, or compares (*meer*, *slechter*).

    *Beter* and *slechter* name no way by themselves and still the other one of two (*wat ging beter en wat daalde*).
    """
    words = {match.group() for match in find_words(mend(question))}
    telling = words - _COMPARING
    ways = tuple(way for way, names in _DIRECTIONS.items() if names & (telling | words & _JUDGING))
    return ways if len(ways) == 1 and _DIRECTIONS[ways[0]] & telling else ()


def by_scheme(
    links: Iterable[str], entities: Mapping[str, Entity], without: Container[str] = ()
) -> dict[str, tuple[str, ...]]:
    """What is named, by concept scheme; agents and documents under ""."""
    named: dict[str, tuple[str, ...]] = {}
    for iri in links:
        if iri in entities and entities[iri].scheme not in without:
            scheme = entities[iri].scheme
            named[scheme] = (*named.get(scheme, ()), iri)
    return named


def _without_names(text: str, links: Iterable[str], entities: Mapping[str, Entity]) -> frozenset[str]:
    """The words of a question without written names of several words: those of *video lessons* are no *lessons*."""
    for iri in links:
        for language in _LANGUAGES:
            if iri in entities:
                thing = entities[iri]
                for name in thing.names(language) - set(thing.hidden.get(language, ())):
                    text = text.replace(fold(name), " ") if " " in name else text
    return frozenset(match.group() for match in find_words(text))


def _accounted(words: Iterable[str], links: Iterable[str], entities: Mapping[str, Entity]) -> bool:
    """Whether every word asks, joins, calls the set, gives a direction or belongs to the name of what is linked."""
    known = _ASKING.union(*_CALLS.values(), *_DIRECTIONS.values())
    names: set[str] = set()
    for iri in links:
        for language in _LANGUAGES:
            for name in entities[iri].names(language) if iri in entities else ():
                parts = [fold(match.group()) for match in find_words(name)]
                names.update(parts)
                names.update(part.replace("-", "") for part in parts)
                names.update(lemma(part, spoken) for part in parts for spoken in _LANGUAGES)

    def told(word: str) -> bool:
        return word in known or word in names or any(lemma(word, language) in names for language in _LANGUAGES)

    return all(told(word) or all(told(part) for part in re.split(r"[-'&]", word)) for word in words)
