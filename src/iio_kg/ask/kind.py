"""What kind of answer a question wants: how much, what it is, what it takes, who, whom to ask.

A question may want several kinds, or leave it open. The words below are those with which questions are put in Dutch and
English, not those of any document.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iio_kg.graph.claims import AnswerKind

_PATTERNS: dict[str, tuple[tuple[AnswerKind, str], ...]] = {
    "nl": (
        ("definition", r"^(en )?wat (is|zijn|houdt|betekent|doet)\b|\b(betekent|omschrijf|definitie|staat .* voor)\b"),
        ("definition", r"^hoe werk(t|en)\b|\bwat .* inhoudt\b|\bwie (maakt|maken)\b|\bhoe groot\b"),
        ("condition", r"\b(nodig|voorwaarden?|vereist|vereisten|mits|randvoorwaarden?|moet(en)?|slagen|lukt(en)?)\b"),
        ("condition", r"\b(geheim|succes|succesvol)\b"),
        ("contact", r"\b(bel(len)?|mail(en)?|e-?mail|telefoon\w*|contact\w*|bereik\w*|terecht)\b"),
        ("organisation", r"\b(wie|welke? (organisatie|bureau|instantie|partij)\w*|opdracht\w*|rol van)\b"),
        ("result", r"\b(effect\w*|resulta\w+|gevolg\w*|winst|levert|hoger|lager|beter|slechter|meer|minder)\b"),
        (
            "result",
            r"\b(steeg|stegen|stijg\w*|daal\w*|omhoog|omlaag|procent|percentage|hoeveel (meer|minder|procent))\b",
        ),
        ("document", r"\b(onderzoek|rapport|publicatie|bron|website|link)\b"),
    ),
    "en": (
        ("definition", r"^(and )?what('s| is| are| does)\b|\b(mean|stand for|definition|define)\b|^how big\b"),
        ("definition", r"^how do(es)? .* work\b|\bwho (makes|builds|teaches)\b"),
        ("condition", r"\b(need|needed|require\w*|conditions?|take to|takes|necessary|must|should|succeed)\b"),
        ("condition", r"\b(secret|success|successful)\b"),
        ("contact", r"\b(call|phone|e-?mail|contact|reach|ask|get in touch)\b"),
        ("organisation", r"\b(who|which (organi[sz]ation|firm|compan|agenc|body|bureau)\w*|commissioned|role of)\b"),
        ("result", r"\b(effects?|results?|impact|gain|higher|lower|better|worse|more|less|fewer|change[ds]?)\b"),
        ("result", r"\b(rise|rose|fall|fell|drop|increase[ds]?|decrease[ds]?|improve[ds]?|percent\w*|how much)\b"),
        ("document", r"\b(study|report|publication|source|website|link)\b"),
    ),
}
_COMPILED = {
    language: tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in patterns)
    for language, patterns in _PATTERNS.items()
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
    for kind, pattern in _COMPILED[language]:
        said = " ".join(match.group() for match in pattern.finditer(question))
        if said:
            wanted[kind] = f"{wanted.get(kind, '')} {said}".strip()
    return wanted


def wants_figure(question: str, language: str) -> bool:
    """Whether a question asks for a number."""
    return _FIGURE[language].search(question) is not None
