"""What was made of a document, kept so that an unchanged document is not read and described again."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from iio_kg.corpus.document import Document, Passage
from iio_kg.corpus.library import METADATA_FILE, read_metadata
from iio_kg.errors import CorpusError

_PACKAGE = Path(__file__).parents[1]
_SUFFIX = ".msgpack"
T = TypeVar("T")


class Kept(msgspec.Struct, frozen=True):
    """A document as it was read, with its passages."""

    document: Document
    passages: tuple[Passage, ...]


@lru_cache(maxsize=8)
def code_of(*packages: str) -> str:
    """A checksum of the modules of packages of ours: another program may make something else of the same file."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted((_PACKAGE / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def key_of(folder: Path) -> str:
    """What names the reading of the document in a folder: its file, what is recorded of it, and who reads it.

    Raises:
        CorpusError: The metadata or the file cannot be used.
    """
    metadata = read_metadata(folder)
    digest = hashlib.sha256(f"{code_of('corpus')} {folder.name}".encode())
    for path in (folder / METADATA_FILE, folder / metadata.file):
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise CorpusError(f"{path}: {(error.strerror or 'unreadable').lower()}.", "Put it back.") from None
    return digest.hexdigest()


class Cache(Generic[T]):
    """Things in a folder, a file each, by their keys. One that is damaged is as good as none.

    Args:
        folder: The folder; made when something is kept.
        kind: The type of the things; a `msgspec.Struct`, so that what is read back is checked.
    """

    def __init__(self, folder: Path, kind: type[T]) -> None:
        self._folder = folder
        self._kind = kind
        self._used: set[str] = set()

    def get(self, key: str) -> T | None:
        """What was kept under a key."""
        self._used.add(f"{key}{_SUFFIX}")
        try:
            return msgspec.msgpack.decode((self._folder / f"{key}{_SUFFIX}").read_bytes(), type=self._kind)
        except (OSError, msgspec.DecodeError):
            return None

    def put(self, key: str, kept: T) -> None:
        """Keep something. Where there is no room for it, it is not kept; that is no reason to stop."""
        self._used.add(f"{key}{_SUFFIX}")
        try:
            write_whole(self._folder / f"{key}{_SUFFIX}", msgspec.msgpack.encode(kept))
        except OSError:
            return

    def prune(self) -> None:
        """Forget everything that was not asked for or kept since this cache was opened."""
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path.name not in self._used:
                path.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all.

    Raises:
        OSError: It cannot be written; what was there before stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
