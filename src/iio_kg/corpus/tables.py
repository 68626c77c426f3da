"""What the tables that maintainers write in TOML have in common: names, texts, lists of texts, kinds, dates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Collection

#: An id: small letters, figures and single hyphens.
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def check_table(
    where: str,
    table: dict[str, Any],
    *,
    texts: Collection[str],
    lists: Collection[str],
    required: Collection[str],
    kinds: Collection[str],
    others: Collection[str] = (),
) -> None:
    """Refuse a table that says too little, too much or something unusable.

    Args:
        where: The file, and the place in it.
        table: The table.
        texts: Names whose values are texts.
        lists: Names whose values are lists of texts.
        required: Those of the texts that have to be there.
        kinds: What ``kind`` may be.
        others: Names that the caller checks.

    Raises:
        CorpusError: The first thing that is wrong.
    """
    for name, value in table.items():
        if name in texts and not isinstance(value, str):
            raise CorpusError(f"{where}: '{name}' is not a text.", 'Put the value in "quotation marks".')
        if name in lists and not is_list_of_texts(value):
            raise CorpusError(f"{where}: '{name}' is not a list of texts.", 'Write ["…", "…"].')
        if name not in (*texts, *lists, *others):
            raise CorpusError(f"{where}: '{name}' is unknown.", f"Known are: {', '.join((*texts, *lists))}.")
    for name in required:
        if not table.get(name, "").strip():
            raise CorpusError(f"{where}: '{name}' is missing.", f'Add a line {name} = "…".')
    if table["kind"] not in kinds:
        raise CorpusError(f"{where}: the kind '{table['kind']}' is unknown.", f"Use {', '.join(kinds)}.")
    if table.get("date") and not _DATE.fullmatch(table["date"]):
        raise CorpusError(f"{where}: the date '{table['date']}' is not one.", "Write 2015, 2015-06 or 2015-06-18.")


def is_list_of_texts(value: object) -> bool:
    """Whether a value is a list that holds nothing but texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
