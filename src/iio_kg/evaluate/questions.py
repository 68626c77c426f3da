"""Question sets: JSON Lines, one question a line; see ``tests/questions/README.md``."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from iio_kg.corpus.document import Span
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Gold:
    """Words of a document that answer a question."""

    document: str
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer.

    Attributes:
        id: Its name.
        text: The question.
        language: The language it is asked in.
        kind: Its type, or for an unanswerable one why the material does not answer.
        part: ``dev`` or ``test``.
        gold: The places that answer; empty when the material does not.
        values: The figures and directions of the answer.
    """

    id: str
    text: str
    language: str
    kind: str
    part: str
    gold: tuple[Gold, ...] = ()
    values: tuple[dict[str, Any], ...] = field(default=())

    @property
    def answerable(self) -> bool:
        """Whether the material answers."""
        return bool(self.gold)


def read_questions(
    folder: Path, part: str, texts: Mapping[str, str], sets: Collection[str] | None = None
) -> tuple[Question, ...]:
    """Read the sets of a folder.

    Args:
        folder: Holds files ``NAME-dev.jsonl`` and ``NAME-test.jsonl``.
        part: ``dev``, ``test`` or ``all``.
        texts: The canonical texts by document, to find the gold quotations in.
        sets: The names of the sets that are read; None: all.

    Raises:
        CorpusError: A line is unusable, or a gold quotation is not in its text.
    """
    questions = tuple(_read(line, its_part, texts, where) for line, its_part, where in lines_of(folder, part, sets))
    if not questions:
        raise CorpusError(f"{folder}: there are no questions of the part '{part}'.")
    return questions


def lines_of(folder: Path, part: str, sets: Collection[str] | None = None) -> Iterator[tuple[str, str, str]]:
    """The lines of the sets of a folder that are not blank, each with its part and the place where it stands.

    Args:
        folder: Holds files ``NAME-dev.jsonl`` and ``NAME-test.jsonl``.
        part: ``dev``, ``test`` or ``all``.
        sets: The names of the sets that are read; None: all.
    """
    for path in sorted(folder.glob("*.jsonl")):
        name, _, its_part = path.stem.rpartition("-")
        if part in ("all", its_part) and (sets is None or name in sets):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if line.strip():
                    yield line, its_part, f"{path}:{number}"


def sets_on(folder: Path, documents: Collection[str]) -> frozenset[str]:
    """The names of the sets of a folder all of whose questions are on some documents."""
    asked: dict[str, set[str]] = {}
    for path in folder.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            places = json.loads(line).get("gold", ()) if line.strip() else ()
            asked.setdefault(path.stem.rpartition("-")[0], set()).update(place["document"] for place in places)
    return frozenset(name for name, its in asked.items() if its and its <= set(documents))


def checksum(folder: Path) -> str:
    """What names the question sets of a folder as they are now."""
    digest = hashlib.sha256()
    for path in sorted((*folder.glob("*.jsonl"), *folder.glob("sets/*.jsonl"))):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _read(line: str, part: str, texts: Mapping[str, str], where: str) -> Question:
    try:
        row = json.loads(line)
        gold = tuple(_find(entry, texts, where) for entry in row.get("gold", ()))
        return Question(
            id=row["id"],
            text=row["question"],
            language=row["language"],
            kind=row.get("type") or row["kind"],
            part=part,
            gold=gold,
            values=tuple(row.get("values", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{where}: this is no question ({error!r}).", "See the README beside it.") from None


def _find(entry: dict[str, str], texts: Mapping[str, str], where: str) -> Gold:
    start = texts.get(entry["document"], "").find(entry["quote"])
    if start < 0:
        raise CorpusError(f"{where}: “{entry['quote']}” is not in the text of {entry['document']}.")
    return Gold(entry["document"], Span(start, start + len(entry["quote"])), entry["quote"])
