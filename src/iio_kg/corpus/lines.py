"""Reading the files beside a document that hold a line of JSON for each entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T", bound=msgspec.Struct)


def read_lines(path: Path, kind: type[T], what: str) -> tuple[tuple[int, T], ...]:
    """The entries of a file with the numbers of their lines; none when there is no file.

    Args:
        path: The file.
        kind: What each line holds.
        what: What such an entry is called.

    Raises:
        CorpusError: The file cannot be read, or a line of it is no such entry.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror}.", "It has to be a file that can be read.") from None
    entries = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entries.append((number, msgspec.json.decode(line, type=kind)))
        except msgspec.DecodeError as error:
            raise CorpusError(f"{path}:{number}: this is no {what} ({error}).", "Correct or remove the line.") from None
        except UnicodeDecodeError:
            raise CorpusError(f"{path}:{number}: this is not UTF-8.", "Save it in UTF-8.") from None
    return tuple(entries)
