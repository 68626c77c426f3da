"""Questions that come near the material and that it leaves open, as people wrote them down.

The judge compares a question with them before it trusts a claim: what resembles a question that is known to be open
more than one that is known to be answered, is hardly answered. ``open-questions.jsonl`` stands beside the claims of a
document, with the name of the claim that each comes near, and once more in the corpus folder for all others. No answer
is ever made from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from iio_kg.corpus.lines import read_lines
from iio_kg.errors import CorpusError
from iio_kg.graph.claims import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from iio_kg.graph.claims import Claim

OPEN_QUESTIONS_FILE = "open-questions.jsonl"


class OpenQuestion(msgspec.Struct, frozen=True):
    """A question that the material leaves open, and its language."""

    text: str
    language: str


class OpenQuestions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open questions that come near one claim, or near none.

    Attributes:
        near: The name of the claim; empty for none.
        nl: Dutch ones.
        en: English ones.
    """

    near: str = ""
    nl: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


def read_open_questions(folder: Path, claims: Collection[Claim]) -> tuple[OpenQuestion, ...]:
    """The open questions of a document folder, or of the corpus folder.

    Args:
        folder: The folder.
        claims: The claims that they may come near: those of the document, or none.

    Raises:
        CorpusError: The file cannot be used, or an entry names a claim that is not there.
    """
    path = folder / OPEN_QUESTIONS_FILE
    names = {claim.name for claim in claims}
    questions: list[OpenQuestion] = []
    for number, entry in read_lines(path, OpenQuestions, "entry of open questions"):
        if entry.near and entry.near not in names:
            raise CorpusError(
                f"{path}:{number}: the claim '{entry.near}' is not there.", "Name one that is, or leave 'near' out."
            )
        asked = [OpenQuestion(text, language) for language in LANGUAGES for text in getattr(entry, language)]
        if not asked or not all(_same(question.text) for question in asked):
            raise CorpusError(f"{path}:{number}: a question is missing or empty.", "Write one, or remove the line.")
        questions += asked
    return tuple(questions)


def still_open(questions: Iterable[OpenQuestion], claims: Iterable[Claim]) -> tuple[OpenQuestion, ...]:
    """The questions that no claim says it answers, each once."""
    answered = {_same(text) for claim in claims for texts in claim.questions.values() for text in texts}
    kept = {key: question for question in questions if (key := _same(question.text)) not in answered}
    return tuple(kept.values())


def _same(question: str) -> str:
    """What is equal for questions that differ in capitals, blanks and what ends them."""
    return " ".join(question.casefold().split()).rstrip(" ?!.")
