"""What is searched: passages with their sentences, and the ways in which claims are put."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iio_kg.corpus.document import Passage
    from iio_kg.graph.claims import Claim


@dataclass(frozen=True, slots=True)
class Unit:
    """Words of a document that have a vector.

    Attributes:
        kind: A whole passage or one of its sentences.
        passage: The number of its passage among all passages, from 0.
        language: The language of the text.
        part: For a sentence its number within the passage; else 0.
    """

    kind: Literal["passage", "sentence"]
    passage: int
    language: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A way of putting a claim, in our words: its statement, or a question that it answers.

    Questions stand in for the many ways in which people ask what a text says in one (R. Nogueira et al., "Document
    Expansion by Query Prediction", 2019); here they are written by whoever reviews the claim, not predicted.

    Attributes:
        claim: The number of the claim among all claims, from 0.
        kind: Which of the two it is.
        language: The language of the text.
    """

    claim: int
    kind: Literal["statement", "question"]
    language: str


def list_units(passages: Sequence[Passage], languages: Mapping[str, str]) -> Iterator[tuple[Unit, str]]:
    """All units with the text that is encoded for each.

    Headings stand before the text of a passage or sentence, because a passage alone often does not say what it is
    about; they are encoded with it and never quoted with it.

    Args:
        passages: All passages.
        languages: The language of each document, by its id.
    """
    for number, passage in enumerate(passages):
        language = languages[passage.document]
        yield Unit("passage", number, language), with_headings(passage, passage.text)
        if len(passage.sentences) > 1:
            for part, (start, end) in enumerate(passage.sentences):
                text = passage.text[start - passage.span.start : end - passage.span.start]
                yield Unit("sentence", number, language, part), with_headings(passage, text)


def list_phrasings(claims: Sequence[Claim]) -> Iterator[tuple[Phrasing, str]]:
    """All ways in which claims are put, each with its text: by claim, then by language, the statement first."""
    for number, claim in enumerate(claims):
        for language, statement in claim.statements.items():
            yield Phrasing(number, "statement", language), statement
            for question in claim.questions.get(language, ()):
                yield Phrasing(number, "question", language), question


def with_headings(passage: Passage, text: str) -> str:
    """A text with the headings of its passage before it; without the title, which all passages share."""
    return f"{passage.section}\n{text}" if passage.sections else text
