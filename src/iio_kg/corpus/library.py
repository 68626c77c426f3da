"""The corpus folder: one folder per document, each with a ``document.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from iio_kg.corpus.clean import build_text
from iio_kg.corpus.document import DOCUMENT_KINDS, Document, Metadata, Repair, page_sha256
from iio_kg.corpus.readers.process import ReadingProcess
from iio_kg.corpus.tables import ID, check_table, is_list_of_texts
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.corpus.readers.reading import Progress, Reading

METADATA_FILE = "document.toml"
CLAIMS_FILE = "claims.ttl"
_TEXTS = (
    "title",
    "kind",
    "language",
    "publisher",
    "date",
    "licence",
    "url",
    "source",
    "file",
    "sha256",
    "recognised_from",
)
_REQUIRED = ("title", "kind", "language", "file")
_LISTS = ("authors",)
_REPAIRS = ("joins", "continues")


def document_folders(corpus: Path) -> list[Path]:
    """The folders of the documents, by name.

    Raises:
        CorpusError: The corpus folder is missing or holds no document.
    """
    if not corpus.is_dir():
        raise CorpusError(f"The corpus folder {corpus} is missing.", "Name another with --corpus or IIO_KG_CORPUS.")
    # A link that leads nowhere is listed too, so that it is told and not passed over.
    folders = sorted(
        path
        for path in corpus.iterdir()
        if (path.is_dir() or (path.is_symlink() and not path.is_file())) and not path.name.startswith(".")
    )
    if not folders:
        raise CorpusError(
            f"The corpus folder {corpus} holds no document.",
            f"Make a folder in it with a file and a {METADATA_FILE}.",
        )
    return folders


def find_document(corpus: Path, document: str) -> Path:
    """The folder of one document, by its id.

    Raises:
        CorpusError: There is no corpus, or no such document in it.
    """
    folders = {folder.name: folder for folder in document_folders(corpus)}
    if document not in folders:
        raise CorpusError(f"There is no document '{document}'.", f"Known are: {', '.join(folders)}.")
    return folders[document]


def read_metadata(folder: Path) -> Metadata:
    """Read what ``document.toml`` says of the document in a folder.

    Raises:
        CorpusError: The file is missing, is not TOML, or a value is missing, unknown or of the wrong kind; or a link
            leads out of the corpus.
    """
    path = folder / METADATA_FILE
    _refuse_links_out(folder)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CorpusError(
            f"{folder}: this folder has no {METADATA_FILE}.",
            f"Write one with at least: {', '.join(_REQUIRED)}.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: {error}.", "Correct the file; its format is TOML.") from None
    if not ID.fullmatch(folder.name):
        raise CorpusError(
            f"{folder}: '{folder.name}' cannot be a document's id.",
            "Use small letters, figures and single hyphens in the name of the folder.",
        )
    _check_table(path, table)
    repair = table.get("repair", {})
    return Metadata(
        id=folder.name,
        **{name: table[name] for name in _TEXTS if name in table},
        authors=tuple(table.get("authors", ())),
        repair=Repair(**{name: tuple(repair.get(name, ())) for name in _REPAIRS}),
    )


def _refuse_links_out(folder: Path) -> None:
    """Refuse a folder of which a part is elsewhere: what is read must be what stands in the corpus."""
    try:
        place = folder.resolve(strict=True)
    except (OSError, RuntimeError):
        raise CorpusError(f"{folder}: this link leads nowhere.", "Put a folder in its place.") from None
    if place != folder.parent.resolve() / folder.name:
        raise CorpusError(f"{folder}: this is a link to another folder.", "Put the folder itself in the corpus.")
    for name in (METADATA_FILE, CLAIMS_FILE):
        if (folder / name).resolve().parent != place:
            raise CorpusError(f"{folder / name}: this link leads out of the folder.", "Put the file itself there.")


def _check_table(path: Path, table: dict[str, Any]) -> None:
    """Refuse a ``document.toml`` that says too little, too much or something unusable."""
    check_table(
        str(path), table, texts=_TEXTS, lists=_LISTS, required=_REQUIRED, kinds=DOCUMENT_KINDS, others=("repair",)
    )
    repair = table.get("repair", {})
    if not isinstance(repair, dict) or not all(
        name in _REPAIRS and is_list_of_texts(value) for name, value in repair.items()
    ):
        raise CorpusError(f"{path}: [repair] is unusable.", f"It takes lists of texts: {', '.join(_REPAIRS)}.")


def read_document(folder: Path, process: ReadingProcess | None = None, progress: Progress | None = None) -> Document:
    """Read the document in a folder of the corpus.

    Args:
        folder: The folder.
        process: Where to read; a process for this document alone when left out.
        progress: Is told how many pages of how many are read.

    Raises:
        CorpusError: The metadata or the file cannot be used.
    """
    metadata = read_metadata(folder)
    path = folder / metadata.file
    if path.resolve().parent != folder.resolve():
        raise CorpusError(f"{folder / METADATA_FILE}: 'file' leads out of the folder.", "Name a file beside it.")
    if process is None:
        with ReadingProcess() as own:
            reading = own.read(path, metadata.repair, progress)
    else:
        reading = process.read(path, metadata.repair, progress)
    return as_document(metadata, reading)


def as_document(metadata: Metadata, reading: Reading) -> Document:
    """A reading with its canonical text written."""
    text, offsets, blocks = build_text(reading.source, reading.blocks, metadata.repair.joins, typed=reading.typed)
    pages = tuple(replace(page, sha256=page_sha256(reading.source, page)) for page in reading.pages)
    return Document(metadata, reading.source, text, offsets, pages, blocks, reading.warnings)
