"""The bibliography: what has been published on the programme, whether its text is in the corpus or not."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iio_kg.corpus.tables import ID, check_table
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

BIBLIOGRAPHY_FILE = "bibliography.toml"
WORK_KINDS = ("report", "report-summary", "web-page", "article")
_REQUIRED = ("id", "title", "kind", "language")
_TEXTS = (*_REQUIRED, "publisher", "date", "number", "isbn", "commissioner", "url")


@dataclass(frozen=True, slots=True)
class Work:
    """A publication. Empty strings mean: not known."""

    id: str
    title: str
    kind: str
    language: str
    authors: tuple[str, ...] = ()
    publisher: str = ""
    date: str = ""
    number: str = ""
    isbn: str = ""
    commissioner: str = ""
    url: str = ""


def read_bibliography(corpus: Path) -> tuple[Work, ...]:
    """Read the bibliography of a corpus; none when it has no such file.

    Raises:
        CorpusError: The file is not TOML, or an entry says too little, too much or something unusable.
    """
    path = corpus / BIBLIOGRAPHY_FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: {error}.", "Correct the file; its format is TOML.") from None
    entries = table.get("work", [])
    if not isinstance(entries, list) or set(table) - {"work"}:
        raise CorpusError(f"{path}: there is something beside the entries.", "Write each entry under [[work]].")
    works = [_work(path, number, entry) for number, entry in enumerate(entries, 1)]
    seen: set[str] = set()
    for work in works:
        if work.id in seen:
            raise CorpusError(f"{path}: there are two entries with the id '{work.id}'.", "Give one another id.")
        seen.add(work.id)
    return tuple(works)


def _work(path: Path, number: int, entry: Any) -> Work:
    if not isinstance(entry, dict):
        raise CorpusError(f"{path}: entry {number} is not a table.", "Write each entry under [[work]].")
    where = f"{path}: entry {number} ({entry.get('id', 'without id')})"
    check_table(where, entry, texts=_TEXTS, lists=("authors",), required=_REQUIRED, kinds=WORK_KINDS)
    if not ID.fullmatch(entry["id"]):
        raise CorpusError(f"{where}: this cannot be an id.", "Use small letters, figures and single hyphens.")
    return Work(**(entry | {"authors": tuple(entry.get("authors", ()))}))
