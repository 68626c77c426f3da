"""The bibliography: what has been published on the programme, whether its text is in the corpus or not."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

BIBLIOGRAPHY_FILE = "bibliography.toml"
WORK_KINDS = ("report", "report-summary", "web-page", "article")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_YEAR = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
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
    for name, value in entry.items():
        if name == "authors":
            if not isinstance(value, list) or not all(isinstance(author, str) for author in value):
                raise CorpusError(f"{where}: 'authors' is not a list of texts.", 'Write ["…", "…"].')
        elif name not in _TEXTS:
            raise CorpusError(f"{where}: '{name}' is unknown.", f"Known are: {', '.join((*_TEXTS, 'authors'))}.")
        elif not isinstance(value, str):
            raise CorpusError(f"{where}: '{name}' is not a text.", 'Put the value in "quotation marks".')
    for name in _REQUIRED:
        if not entry.get(name):
            raise CorpusError(f"{where}: '{name}' is missing.", f'Add a line {name} = "…".')
    if not _ID.fullmatch(entry["id"]):
        raise CorpusError(f"{where}: this cannot be an id.", "Use small letters, figures and single hyphens.")
    if entry["kind"] not in WORK_KINDS:
        raise CorpusError(f"{where}: the kind '{entry['kind']}' is unknown.", f"Use {', '.join(WORK_KINDS)}.")
    if entry.get("date") and not _YEAR.fullmatch(entry["date"]):
        raise CorpusError(f"{where}: the date '{entry['date']}' is not one.", "Write 2015, 2015-06 or 2015-06-18.")
    return Work(**(entry | {"authors": tuple(entry.get("authors", ()))}))
