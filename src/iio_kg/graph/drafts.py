"""A claim on its way from a candidate to Turtle: what is known of it, what a person has to say, how it is written.

What people type ends up inside Turtle, so every text is escaped and every name is checked before it is written.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import msgspec

from iio_kg.errors import GraphError
from iio_kg.graph.claims import LANGUAGES, UNITS, Direction
from iio_kg.graph.namespaces import DEFAULT_BASE

if TYPE_CHECKING:
    from collections.abc import Container

    from iio_kg.graph.candidates import Candidate

#: What stands in a skeleton where a person has to write.
GAP = "…"
PREFIXES = {
    "agent": f"{DEFAULT_BASE}agent/",
    "concept": f"{DEFAULT_BASE}concept/",
    "document": f"{DEFAULT_BASE}document/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "iio": f"{DEFAULT_BASE}ontology#",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "unit": "http://qudt.org/vocab/unit/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
#: The first line of a claims file that is made by a review.
_OPENING = (
    "# What the document says, claim by claim. The statement is ours; the quotation is the document's, word for word."
)
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim on an effect, as far as it is known. Concepts go by their names: ``slimfit``.

    Attributes:
        name: The name of the claim, new in its file.
        outcome: What changed or stayed the same.
        statement: What it says, by language, in the reviewer's words.
        intervention: The concept that was introduced.
        variant: The form in which it was introduced.
        direction: What happened to the outcome.
        number: The figure, where there is one.
        low: The lower end of a range.
        high: The upper end of a range.
        unit: The unit of the figure, as in an answer: ``percent``.
        hedge: The reservation in the words of the source.
        comparator: What was compared with.
        sector: The sector it holds for.
    """

    name: str
    outcome: str
    statement: dict[str, str]
    intervention: str | None = None
    variant: str | None = None
    direction: Direction | None = None
    number: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    hedge: str = ""
    comparator: str | None = None
    sector: str | None = None


def draft_of(candidate: Candidate, taken: Container[str]) -> Draft:
    """What can be said of a claim before a person has looked: nothing that the sentence does not say.

    Args:
        candidate: The candidate.
        taken: Names of claims that its document has already.
    """
    figure = candidate.figures[0] if candidate.figures else None
    outcome, intervention = concept_name(candidate.outcome), concept_name(candidate.intervention)
    stem = f"{intervention}-{outcome}" if intervention else str(outcome)
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return Draft(
        name=name,
        outcome=str(outcome),
        statement=dict.fromkeys(LANGUAGES, ""),
        intervention=intervention,
        variant=concept_name(candidate.variant),
        direction=candidate.direction,
        number=figure.number if figure else None,
        low=figure.low if figure else None,
        high=figure.high if figure else None,
        unit=figure.unit if figure else None,
        hedge=", ".join(candidate.hedges),
        comparator=concept_name(candidate.comparator_concept),
    )


def concept_name(iri: str | None) -> str | None:
    """The last part of an identifier."""
    return iri.rsplit("/", 1)[-1] if iri else None


def read_draft(text: str) -> Draft:
    """A draft from JSON.

    Raises:
        GraphError: It is none.
    """
    try:
        return msgspec.json.decode(text, type=Draft)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise GraphError(f"The claim cannot be read ({error}).", "Fill in the draft that the queue gives.") from None


def draft_json(draft: Draft) -> dict[str, Any]:
    """A draft as JSON has it."""
    return dict(msgspec.to_builtins(draft))


def to_turtle(draft: Draft, candidate: Candidate, *, gaps: bool = False) -> str:
    """A draft in Turtle, after the form of the claims that are there.

    Args:
        draft: What is known.
        candidate: Whose sentence is quoted.
        gaps: Put `GAP` where something is missing, for a person to fill in.

    Raises:
        GraphError: Something is missing, or is no name or unit; where `gaps` is not given.
    """
    if not gaps:
        _require_whole(draft)
    about = [_concept(name) for name in (draft.intervention, draft.outcome)]
    topics = ", ".join(dict.fromkeys(about))
    facts = [f"claim:{_local(draft.name)} a iio:EffectClaim ; iio:about {topics} ; iio:intervention {about[0]}"]
    if draft.variant:
        facts[0] += f" ; iio:variant {_concept(draft.variant)}"
    facts.append(f"iio:outcome {about[1]} ; iio:direction {_concept(draft.direction)}")
    if draft.number is not None:
        facts[1] += f" ; iio:value {_decimal(draft.number)}"
    if draft.low is not None and draft.high is not None:
        facts[1] += f" ; iio:low {_decimal(draft.low)} ; iio:high {_decimal(draft.high)}"
    if draft.unit:
        facts[1] += f" ; iio:unit {_unit(draft.unit)}"
    if draft.hedge.strip():
        facts[1] += f" ; iio:hedge {literal(draft.hedge, candidate.language)}"
    if draft.comparator:
        facts[1] += f" ; iio:comparator {_concept(draft.comparator)}"
    if draft.sector:
        facts[1] += f" ; iio:sector {_concept(draft.sector)}"
    stated = [literal(draft.statement.get(language, "").strip() or GAP, language) for language in LANGUAGES]
    facts.append("iio:statement " + ",\n    ".join(stated))
    facts.append(f"iio:quotation {literal(candidate.text, candidate.language)}")
    return " ;\n  ".join(facts) + " .\n"


def _require_whole(draft: Draft) -> None:
    missing = [f"a statement in {language}" for language in LANGUAGES if not draft.statement.get(language, "").strip()]
    missing += [f"its {name}" for name in ("intervention", "direction") if getattr(draft, name) is None]
    if missing:
        raise GraphError(f"The claim lacks {', '.join(missing)}.", "Say it; a claim is written whole or not at all.")
    if draft.unit is not None and draft.number is None and draft.low is None:
        raise GraphError("The claim has a unit and no figure.", "Give both, or neither.")


def _local(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise GraphError(f"'{name}' cannot be a name.", "Use small letters, figures and single hyphens.")
    return name


def _concept(name: str | None) -> str:
    return f"concept:{GAP if name is None else _local(name)}"


def _unit(unit: str) -> str:
    known = {text: name for name, text in UNITS.items()}
    if unit not in known:
        raise GraphError(f"The unit '{unit}' is unknown.", f"Known are: {', '.join(known)}.")
    return f"{'iio' if unit in ('percentage point', 'standard deviations') else 'unit'}:{known[unit]}"


def _decimal(value: float) -> str:
    written = f"{value:.6f}".rstrip("0")
    return f"{written}0" if written.endswith(".") else written


def literal(text: str, language: str = "") -> str:
    """A text as a Turtle literal.

    Raises:
        GraphError: It holds what no text file can (half of a surrogate pair), or the language is no code.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise GraphError("The text holds a character that is none.", "Type it again.") from None
    if language and not re.fullmatch(r"[a-z]{2,3}", language):
        raise GraphError(f"The language '{language}' is not a code.", "Write nl or en.")
    # JSON escapes quotes, backslashes and control characters, and every escape of JSON is one of Turtle.
    return json.dumps(text, ensure_ascii=False) + (f"@{language}" if language else "")


def recorded_by(claims: list[str], reviewer: str, when: str) -> str:
    """Who recorded claims and when, in Turtle, and who that is.

    Args:
        claims: Local names of the claims.
        reviewer: The name of a person.
        when: A date and time as xsd:dateTime.
    """
    agent = f"agent:{agent_name(reviewer)}"
    lines = [
        f'claim:{name} prov:wasAttributedTo {agent} ; prov:generatedAtTime "{when}"^^xsd:dateTime .' for name in claims
    ]
    shown = literal(reviewer)
    lines.append(f"{agent} a foaf:Person ; foaf:name {shown} ; skos:prefLabel {shown}@nl, {shown}@en .")
    return "\n".join(lines) + "\n"


def agent_name(reviewer: str) -> str:
    """The last part of a reviewer's identifier: the name, and a checksum, as two names may be alike but for accents."""
    plain = unicodedata.normalize("NFKD", reviewer).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))[:40].strip("-") or "reviewer"
    return f"{words}-{hashlib.sha256(reviewer.encode()).hexdigest()[:6]}"


def with_block(before: str | None, block: str, document: str) -> str:
    """A claims file with a block added at its end, and prefixes where the block needs them.

    Args:
        before: The file as it is, or None when there is none.
        block: Turtle.
        document: The id of the document.

    Raises:
        GraphError: The file uses a prefix for something else than the block does.
    """
    prefixes = PREFIXES | {"claim": f"{DEFAULT_BASE}claim/{document}/"}
    if before is None:
        head = f"<{DEFAULT_BASE}graph/{document}> a iio:ClaimGraph ; prov:wasDerivedFrom document:{document} ."
        text = f"{_OPENING}\n\n{head}\n"
    else:
        text = before if before.endswith("\n") else f"{before}\n"
    declared = dict(re.findall(r"^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", text, re.MULTILINE | re.IGNORECASE))
    used = text + block if before is None else block
    missing = []
    for name, meaning in prefixes.items():
        if not re.search(rf"(?<![\w:-]){name}:", used):
            continue
        if name not in declared:
            missing.append(f"@prefix {f'{name}:':9} <{meaning}> .\n")
        elif declared[name] != meaning:
            raise GraphError(
                f"The claims file of {document} uses the prefix {name}: for <{declared[name]}>.", "Rename it there."
            )
    last = max((m.end() for m in re.finditer(r"^\s*@?prefix\b.*\n", text, re.MULTILINE | re.IGNORECASE)), default=None)
    place = last if last is not None else (text.index("\n") + 1 if text.startswith("#") else 0)
    return text[:place] + "".join(missing) + text[place:] + "\n" + block
