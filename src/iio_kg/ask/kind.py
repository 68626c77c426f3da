"""What kind of answer a question wants: how much, what it is, what it takes, who, whom to ask.

Two readings of its wording: the kinds of claim that may answer it, which may be several or none, and the one type of
question it is. The words below are those with which questions are put in Dutch and English, in full sentences or a few
words, not those of any document. For the type, those of both languages are tried on every question, because people mix
them, and a word that is nearly one of them and in no dictionary is read as it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from rapidfuzz import fuzz, process

from iio_kg.corpus.lexicon import in_dictionary
from iio_kg.index.words import find_words, fold, replace_at

if TYPE_CHECKING:
    from iio_kg.graph.claims import AnswerKind

_PATTERNS: dict[str, tuple[tuple[AnswerKind, str], ...]] = {
    "nl": (
        ("definition", r"^(en )?wat (is|zijn|houdt|betekent|doet)\b|\b(betekent|omschrijf|definitie|staat .* voor)\b"),
        ("definition", r"^hoe werk(t|en)\b|\bwat .* inhoudt\b|\bwie (maakt|maken)\b|\bhoe groot\b"),
        ("condition", r"\b(nodig|voorwaarden?|vereist|vereisten|mits|randvoorwaarden?|moet(en)?|slagen|lukt(en)?)\b"),
        ("condition", r"\b(geheim|succes|succesvol)\b"),
        ("contact", r"\b(bel(len)?|mail(en)?|e-?mail|telefoon\w*|contact\w*|bereik\w*|terecht)\b"),
        ("organisation", r"\b(welke? (organisatie|bureau|instantie|partij)\w*|opdracht\w*|rol van)\b"),
        ("result", r"\b(effect\w*|resulta\w+|gevolg\w*|levert|procent|percentage|<change>)\b"),
        ("document", r"\b(onderzoek|rapport|publicatie|bron|website|link)\b"),
    ),
    "en": (
        ("definition", r"^(and )?what('s| is| are| does)\b|\b(mean|stand for|definition|define)\b|^how big\b"),
        ("definition", r"^how do(es)? .* work\b|\bwho (makes|builds|teaches)\b"),
        ("condition", r"\b(need|needed|require\w*|conditions?|take to|takes|necessary|must|should|succeed)\b"),
        ("condition", r"\b(secret|success|successful)\b"),
        ("contact", r"\b(call|phone|e-?mail|contact|reach|ask|get in touch)\b"),
        ("organisation", r"\b(which (organi[sz]ation|firm|compan|agenc|body|bureau)\w*|commissioned|role of)\b"),
        ("result", r"\b(effects?|results?|impact|change[ds]?|percent\w*|how much|<change>)\b"),
        ("document", r"\b(study|report|publication|source|website|link)\b"),
    ),
}

_FIGURE = {
    "nl": re.compile(r"\b(hoeveel|hoe vaak|hoelang|procent|percentage|hoe (veel|hoog|groot|lang))\b|%", re.IGNORECASE),
    "en": re.compile(r"\b(how (many|much|often|long|big|high)|percent(age)?)\b|%", re.IGNORECASE),
}


def wanted_kinds(question: str, language: str) -> dict[AnswerKind, str]:
    """The kinds of answer that a question asks for by its wording, each with the words that do so.

    Empty when the question leaves it open.
    """
    wanted: dict[AnswerKind, str] = {}
    folded = fold(question)
    for kind, pattern in _KINDS[language]:
        said = " ".join(match.group() for match in pattern.finditer(folded))
        if said:
            wanted[kind] = f"{wanted.get(kind, '')} {said}".strip()
    return wanted


def wants_figure(question: str, language: str) -> bool:
    """Whether a question asks for a number."""
    return _FIGURE[language].search(question) is not None


QuestionType = Literal[
    "how-much", "who", "when", "where", "how-many", "why", "definition", "condition", "contact", "comparison", "list",
    "yes-no", "other",
]  # fmt: skip

#: A word of at least so many letters is read as a known word when it is at least so like it (0-100).
_MENDED_LENGTH, _MENDED_SCORE = 5, 84.0

#: What stands for `<change>`, `<plural>` and `<tried>` below: a change or difference in size; nouns whose plural asks
#: for all of them; what was tried out.
_PLACES = {
    "<change>": r"""
        meer|minder|hoger|lager|beter|slechter|groter|kleiner|blijer|tevredener|drukker|efficienter|productiever|steeg
        stegen|stijg\w*|daal\w*|omhoog|omlaag|vooruit|achteruit|winst|scheelt|more|less|fewer|higher|lower|better|worse
        bigger|larger|smaller|happier|rise|rose|fall|fell|drop\w*|gain\w*|increase\w*|decrease\w*|improve\w*|grow|grew
    """,
    "<plural>": r"""
        voorwaarden|randvoorwaarden|succesfactoren|vereisten|eisen|lessen|concepten|innovatieconcepten|innovaties
        vernieuwingen|experimenten|proeven|aanpakken|projecten|resultaten|effecten|opbrengsten|uitkomsten|gevolgen
        bevindingen|organisaties|partijen|partners|bureaus|rollen|rapporten|publicaties|documenten|bronnen|varianten
        themas|thema's|onderwerpen|vakken|soorten|conditions|requirements|factors|prerequisites|lessons|concepts
        innovations|experiments|approaches|projects|pilots|results|effects|outcomes|findings|gains|benefits|parties
        organi[sz]ations|roles|reports|publications|documents|sources|variants|themes|topics|subjects|kinds|specialisms
    """,
    "<tried>": r"\w*concept\w*|innovati\w*|vernieuwing\w*|experiment\w*|proef|proeven|project\w*|pilots?|aanpak",
}

#: How each type is worded, a pattern a line; the most telling types first, of which the first that fits is the one.
_WORDING: tuple[tuple[QuestionType, str], ...] = (
    ("contact", r"""
        \b(bel|bellen|mailen|mailadres|e-?mail\w*|telefoon\w*|contactpers\w+|contactgegevens|aanspreekpunt|bereikbaar)\b
        \bcontact (op\w*|met|persons?|details|people)\b
        \b(wie|who|whom)\b.*\b(contact|bereik\w*|reach|phone|vragen stellen)\b
        \b(phone|telephone|get in touch|contacts)\b
        ^contact\b
        \bterecht (met|voor)\b|\bwaar kan ik terecht\b
        \b(whom?) (to|do|can|should) .*\b(ask|call|mail)\b
    """),
    ("comparison", r"""
        \b(vergelijk|vergelijken|vergeleken|compare|compared to|comparing|versus|vs)\b
        \b(verschil|verschillen|difference|differences) (tussen|between)\b
        \b(verschilt|verschillen|differ|differs)\b
        \bzowel .*\bals\b|\bboth .*\band\b|, did both\b
        \b(welk|welke|wat|which|what)\b.*\b(best|beste|meest|meeste|hoogste|laagste|most|highest|lowest|higher)\b
        \b(beter|slechter|better|worse) (dan|than)\b
    """),
    ("list", r"""
        \b(lijst|lijstje|overzicht|opsomming|noem|som|op een rij|allemaal|list|overview|enumerate)\b
        \b(elk|elke|ieder|iedere|each|every|alle|all) (\w+ )?(<tried>)\b
        \b(welke|which|what|name|geef|toon|show|alle|all|wat voor)( \w+)? (<plural>)\b(?!.* (about|over)$)
        \b(wat zijn|wat waren|what are|what were)( \w+)?( \w+)? (<plural>)\b(?!.* (about|over)$)
        ^(alle |all )?(<plural>)\b( \w+)?( \w+)?$
        \b(overal|alle|all) (de |the )?(cijfers|percentages|figures|numbers)\b
        \b(wat|what|welke|which) .*\b(dingen|zaken|things)\b|\bin (het kort|short)\b
        \b(twee|drie|vier|vijf|zes|two|three|four|five|six) (<tried>|<plural>|ways|manieren)\b
    """),
    ("how-much", r"""
        %|\b(percent|percentage|percentages|procent|pct|procenten)\b
        \b(how much|by how much)\b
        \bhoeveel\b.*\b(<change>)\b|\b(<change>)\b.*\bhoeveel\b
        \bhow many (more|fewer|extra)\b|\bhow (satisfied|happy)\b
    """),
    ("how-many", r"""
        \b(hoeveel|hoeveelste|aantal|aantallen|how many|number of|head ?count|count)\b
        \bhoe (veel|groot|dik|vaak)\b|\bhow (big|large|often)\b|^size of\b
    """),
    ("definition", r"""
        \bwaar (staat|gaan|gaat|gingen|ging|draai\w+) .*\b(voor|over|om)\b|\bstands? for\b
        \b(definitie|definition|define|meaning|means?|abbreviation|acronym|explained|uitgelegd|bedoeld|betekent)\b
        \b(betekenis|afkorting|omschrijf|omschrijving)\b|\b(houdt|houden) .*\bin\b
        \b(wat|wie) (is|zijn|waren|was) (dat|dit|het|die)$|\bhow do(es)? .*\bwork\b|\bhoe werk(t|en)\b|\bhoe heet\b
        \b(what's|what is|what are) (an?|the|this)? ?[\w-]+( [\w-]+)?$
    """),
    ("why", r"""
        \b(waarom|waardoor|hoezo|why|how come|reden|redenen|reasons?|oorzaak|cause|purpose|aanleiding|geheim|secret)\b
        \b(doel|goal|aim|point) (van|of)\b|\bwhat made\b|\bwaartoe\b
    """),
    ("condition", r"""
        \b(voorwaarde|voorwaarden|randvoorwaarde\w*|succesfactor\w*|nodig|vereist\w*|mits|benodigd\w*|slagen|lukken)\b
        \b(conditions?|needs?|needed|require[ds]?|requirements?|necessary|prerequisites?|takes?|in place|succeed)\b
        \b(depends?|hangt .* af|hangt af|afhankelijk)\b|\bto make it (work|stick)\b
        \bmoet (je|een school|er) .*\b(hebben|zijn|doen|regelen)\b|\bmoeten .*\bzijn\b|\bdo you have to\b
    """),
    ("when", r"""
        (^|[,:;] ?|\b(van|en|from|sinds|tot|since|until) )(wanneer|when)\b|\b(wanneer|when)$
        \b(when|wanneer) (was|were|did|is|does|will|kwam|begon|liep|start\w*)\b
        \b(hoelang|looptijd|duur|jaartal|datum|duration|date|dates)\b|\bhoe (lang|laat|oud)\b|\bhow (long|old)\b
        \b(welke?|which|what) (jaar|jaren|maand|year|years|month|period|periode)\b
        \b(sinds|since|until|after|na) 20\d\d\b
    """),
    ("where", r"""
        \b(waar|where|website|webadres|url|vindplaats)\b|\blink (to|naar|van)\b|\b(een|a) link\b
        \b(een|the|a|official|de) (web)?site\b
    """),
    ("who", r"""
        \b(wie|whom?|whose|wiens)\b
        \b(welke?|which|what) ([\w-]+ )?(bureau|organisatie|organi[sz]ation|instantie|bedrijf|firms?|company)\b
        \b(welke?|which|what) ([\w-]+ )?(agenc\w+|institutes?|universit\w+|school|persoon|mensen|people)\b
        \b(welke?|which|what) ([\w-]+ )?(volwassenen|ministerie|ministry)\b
        \b(welke?|which|what) ([\w-]+ )?(partij|party|nederlanders|leraar|leraren|docent|docenten|teachers?)\b
        \b(opdrachtgever|onderzoekers?|researchers|commissioner|deelnemers)$
    """),
    ("definition", r"""
        ^(en |and |so )?(wat|what)('s| is| zijn| are| was| waren| were| doet| doen| does| do)\b(?!.*\b(<change>)\b)
        \?\?$|\b(soort|kind of|inhoud) (van )?\b
    """),
    ("yes-no", r"""
        ^(en |and |so |maar |but |now |nou )?(do|does|did|is|isn't|are|was|were|can|could|should|has|have|had|will)\b
        ^(en |maar |nou )?(zijn|heeft|hebben|hadden|had|kan|kun|kunnen|kon|konden|mag|mocht|moet|moeten|moest|werd)\b
        ^(en |maar |nou )?(werden|wordt|worden|bleef|bleven|blijft|blijven|ging|gingen|gaat|gaan|hielp|hielpen|helpt)\b
        ^(en |maar |nou )?(helpen|steeg|stegen|daalde|daalden|vinden|vindt|vonden|werkt|werken|werkte|krijgt|krijgen)\b
        ^(en |maar |nou )?(kregen|leert|leren|leerden|levert|leveren|speelt|speelden|maakt|maken|maakte|scoren|scoort)\b
        ^(en |maar |nou )?(scoorden|haalden|haalt|doet|doen|deed|deden|komt|komen|kwam|staat|stond|zit|zaten|lijdt)\b
        ^(en |maar |nou )?(merken|merkten|bouwen|lossen|zal|zou|zouden|klopt|heb|ben|would|may)\b
        \b(klopt (dat|het)|of niet|ja of nee|yes or no|right|or not|toch|up or down|of bijzaak)\W*$
        \b(any|some) (benefit|use|good|effect)$|\b(belangrijk|mogelijk|important|possible)\b.*$
    """),
    ("how-much", r"\b(<change>)\b"),
)  # fmt: skip


def _lines(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip()]


def _filled(pattern: str) -> str:
    """A pattern with the words of its places."""
    for place, words in _PLACES.items():
        pattern = pattern.replace(place, "|".join(_lines(words)))
    return pattern


_KINDS = {
    language: tuple((kind, re.compile(_filled(pattern), re.IGNORECASE)) for kind, pattern in patterns)
    for language, patterns in _PATTERNS.items()
}
_TYPES = tuple((name, re.compile(_filled("|".join(_lines(block))))) for name, block in _WORDING)
#: What a misspelt word may have been meant to be.
_CUES = tuple(
    sorted(
        {
            word
            for block in (*_PLACES.values(), *(block for _, block in _WORDING))
            for word in re.findall(rf"[a-z]{{{_MENDED_LENGTH},}}", block)
        }
    )
)


@lru_cache(maxsize=64)  # a question is looked at by what finds and by what lists
def question_type(question: str) -> QuestionType:
    """The type of a question; ``other`` where its wording does not tell.

    A plural of something that there are several of (*welke voorwaarden*) asks for a list of them, whatever they are.
    """
    words = mend(question)
    return next((name for name, pattern in _TYPES if pattern.search(words)), "other")


def mend(question: str) -> str:
    """A question in small letters without accents, words that are nearly question words mended."""
    folded = fold(question).replace("’", "'").strip(" \t?!.")
    return replace_at(folded, {m.start(): (m.end(), _mended(m.group())) for m in find_words(folded)})


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    return word if in_dictionary(word) else nearest_cue(word) or word


def nearest_cue(word: str) -> str | None:
    """The word that questions are put with which a folded word is nearly, if there is one."""
    if len(word) < _MENDED_LENGTH or word in _CUES:
        return None
    near = process.extractOne(word, _CUES, scorer=fuzz.ratio, score_cutoff=_MENDED_SCORE)
    return near[0] if near else None
