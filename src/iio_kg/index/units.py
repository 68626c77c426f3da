"""What is searched: passages, their sentences, and the statements of claims in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iio_kg.corpus.document import Passage
    from iio_kg.graph.claims import Claim


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that has a vector.

    Attributes:
        kind: ``passage`` and ``sentence`` are words of a document; a ``statement`` is a claim in our own words.
        passage: The number of its passage among all passages, from 0; for a statement that of its first quotation.
        language: The language of the text.
        part: For a sentence its number within the passage; for a statement the number of its claim; else 0.
    """

    kind: Literal["passage", "sentence", "statement"]
    passage: int
    language: str
    part: int = 0


def list_units(
    passages: Sequence[Passage], claims: Sequence[Claim], languages: Mapping[str, str]
) -> Iterator[tuple[Unit, str]]:
    """All units with the text that is encoded for each.

    Headings stand before the text of a passage or sentence, because a passage alone often does not say what it is
    about; they are encoded with it and never quoted with it.

    Args:
        passages: All passages.
        claims: All claims.
        languages: The language of each document, by its id.
    """
    numbers = {passage.key: number for number, passage in enumerate(passages)}
    for number, passage in enumerate(passages):
        language = languages[passage.document]
        yield Unit("passage", number, language), with_headings(passage, passage.text)
        if len(passage.sentences) > 1:
            for part, (start, end) in enumerate(passage.sentences):
                text = passage.text[start - passage.span.start : end - passage.span.start]
                yield Unit("sentence", number, language, part), with_headings(passage, text)
    for part, claim in enumerate(claims):
        number = numbers[claim.quotations[0].passage]
        for language, statement in claim.statements.items():
            yield Unit("statement", number, language, part), statement


def with_headings(passage: Passage, text: str) -> str:
    """A text with the headings of its passage before it; without the title, which all passages share."""
    return f"{passage.section}\n{text}" if passage.sections else text
