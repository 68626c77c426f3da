"""Looking after the corpus: adding documents, listing them, taking them out, checking them, fetching them.

A document is put together in a hidden folder of the corpus and appears with one rename, or not at all. One that is
taken out goes to a hidden folder, from where it can be put back.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iio_kg.ask.language import detect_language, share_known
from iio_kg.corpus.bibliography import read_bibliography
from iio_kg.corpus.document import DOCUMENT_KINDS, Metadata, Repair
from iio_kg.corpus.download import download
from iio_kg.corpus.library import (
    CLAIMS_FILE,
    METADATA_FILE,
    as_document,
    document_folders,
    find_document,
    read_document,
    read_metadata,
)
from iio_kg.corpus.readers import format_of
from iio_kg.corpus.readers.process import ReadingProcess
from iio_kg.corpus.readers.reading import unheard
from iio_kg.corpus.recognise import recognise
from iio_kg.corpus.segment import segment
from iio_kg.corpus.tables import ID
from iio_kg.errors import CorpusError, IioKgError
from iio_kg.graph.build import RESERVED
from iio_kg.graph.claims import read_claims
from iio_kg.graph.namespaces import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iio_kg.corpus.bibliography import Work
    from iio_kg.corpus.document import Document, Passage
    from iio_kg.corpus.readers.reading import Progress, Reading

#: Hidden folders of the corpus: documents being put together, files being fetched, documents taken out.
ADDING, PARTIAL, REMOVED = ".adding", ".partial", ".removed"
#: Of the words of a text in a language at least this part is known in it.
_KNOWN = 0.5
_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class Known:
    """What a maintainer knows of a document; None: find out."""

    id: str | None = None
    title: str | None = None
    kind: str | None = None
    language: str | None = None
    publisher: str | None = None
    date: str | None = None
    authors: tuple[str, ...] = ()
    licence: str | None = None
    url: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A document that was added, or was there already.

    Attributes:
        folder: Its folder.
        metadata: What is recorded of it.
        new: Whether it was added now.
        pages: How many pages it has.
        passages: How many passages it gives.
        warnings: What a maintainer should look at.
    """

    folder: Path
    metadata: Metadata
    new: bool
    pages: int = 0
    passages: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one document."""

    id: str
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def add(
    corpus: Path,
    source: str,
    known: Known,
    *,
    ocr: bool = False,
    ask: Callable[[str, str], str] | None = None,
    progress: Progress = unheard,
) -> Added:
    """Add a file, or what is found at an address, to the corpus.

    Args:
        corpus: The corpus folder.
        source: A file's name or an address.
        known: What is known of it; the rest is found in the file.
        ocr: Whether to recognise the text of its pages.
        ask: Is asked for what cannot be known: the name of the value and a proposal; None: nobody can be asked.
        progress: Is told how far fetching and reading are.

    Raises:
        CorpusError: It cannot be read, or something has to be told; the corpus is then as it was.
    """
    if re.match(r"https?://", source):
        fetched = download(source, corpus / PARTIAL, progress)
        try:
            added = _add_file(
                corpus, fetched.path, fetched.name, replace(known, url=known.url or source), ocr, ask, progress
            )
        except BaseException:
            # The file is whole: only what has come of a broken transfer is kept.
            fetched.path.unlink(missing_ok=True)
            raise
        fetched.path.unlink(missing_ok=True)
        return added
    path = Path(source)
    if not path.exists():
        raise CorpusError(f"{path}: there is no such file.", "Name a file, or an address that begins with https://.")
    return _add_file(corpus, path, path.name, known, ocr, ask, progress)


def _add_file(
    corpus: Path,
    path: Path,
    name: str,
    known: Known,
    ocr: bool,  # noqa: FBT001 - an option that was named one call above
    ask: Callable[[str, str], str] | None,
    progress: Progress,
) -> Added:
    if not corpus.is_dir():
        raise CorpusError(f"The corpus folder {corpus} is missing.", "Name another with --corpus or IIO_KG_CORPUS.")
    if not path.is_file():
        raise CorpusError(f"{path}: this is not a file.", "Name its files one by one.")
    _require_usable(known)
    its_format = format_of(Path(name))
    with _sentences_for_the_disk(path):
        digest = sha256_of(path)
    there = _with_content(corpus, digest)
    if there is not None:
        return Added(there, read_metadata(there), new=False)
    with _staging(corpus) as staging, _sentences_for_the_disk(corpus):
        file = staging / f"{slug(Path(name).stem) or 'document'}{Path(name).suffix.lower() or its_format.suffixes[0]}"
        if ocr:
            recognise(path, file)
        else:
            shutil.copyfile(path, file)
        with ReadingProcess() as process:
            try:
                reading = process.read(file, Repair(), progress)
            except CorpusError as error:
                raise CorpusError(error.message.replace(str(file), str(path)), error.hint) from None
        metadata = _complete(known, reading, file.name, sha256_of(file), digest if ocr else "", ask)
        document = as_document(metadata, reading)
        passages = segment(document)
        (staging / METADATA_FILE).write_text(_as_toml(metadata), encoding="utf-8")
        _sync(staging)
        target = corpus / metadata.id
        _require_free(corpus, metadata.id)
        staging.rename(target)
    return Added(
        target,
        metadata,
        True,
        len(reading.pages),
        len(passages),
        tuple(_named(w, file, target) for w in reading.warnings),
    )


def _named(warning: str, staged: Path, target: Path) -> str:
    return warning.replace(str(staged), str(target / staged.name))


def _require_usable(known: Known) -> None:
    """Refuse what is known wrongly before anything is read."""
    if known.id is not None and not ID.fullmatch(known.id):
        raise CorpusError(f"'{known.id}' cannot be a document's id.", "Use small letters, figures and single hyphens.")
    if known.kind is not None and known.kind not in DOCUMENT_KINDS:
        raise CorpusError(f"The kind '{known.kind}' is unknown.", f"Use {', '.join(DOCUMENT_KINDS)}.")
    if known.date and not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", known.date):
        raise CorpusError(f"The date '{known.date}' is not one.", "Write 2015, 2015-06 or 2015-06-18.")
    if known.language is not None and not re.fullmatch(r"[a-z]{2,3}", known.language):
        raise CorpusError(f"The language '{known.language}' is not a code.", "Write nl or en.")


def _with_content(corpus: Path, digest: str) -> Path | None:
    """The folder of the document that has this content already."""
    for folder in _folders(corpus):
        try:
            metadata = read_metadata(folder)
        except CorpusError:
            continue
        file = folder / metadata.file
        if digest in (metadata.sha256, metadata.recognised_from) or (
            not metadata.sha256 and file.is_file() and sha256_of(file) == digest
        ):
            return folder
    return None


def _folders(corpus: Path) -> list[Path]:
    try:
        return document_folders(corpus)
    except CorpusError:
        return []


@contextmanager
def _staging(corpus: Path) -> Iterator[Path]:
    """A hidden folder in which a document is put together; what is left of it at the end goes."""
    adding = corpus / ADDING
    with _sentences_for_the_disk(corpus):
        adding.mkdir(exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=adding))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not any(adding.iterdir()):
            adding.rmdir()


@contextmanager
def _sentences_for_the_disk(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CorpusError(
            f"{error.filename or where}: {(error.strerror or str(error)).rstrip('.')}.",
            "Nothing was added; make room, or give the rights to write.",
        ) from None


def _complete(
    known: Known,
    reading: Reading,
    file: str,
    digest: str,
    original: str,
    ask: Callable[[str, str], str] | None,
) -> Metadata:
    """The metadata of a document: what is known, else what the file says, else what somebody answers."""
    its = reading.properties
    title = known.title or _tell("title", its.title or _first_heading(reading), ask, sure=bool(its.title))
    found = _language(reading.source, its.language)
    language = known.language or _tell("language", found or its.language, ask, sure=bool(found))
    return Metadata(
        id=known.id or slug(title),
        title=" ".join(title.split()),
        kind=known.kind or "report",
        language=language,
        file=file,
        publisher=known.publisher or its.publisher,
        date=known.date or its.date if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", known.date or its.date) else "",
        authors=known.authors or its.authors,
        licence=known.licence or "",
        url=known.url or "",
        source=known.source or "",
        sha256=digest,
        recognised_from=original,
    )


def _tell(name: str, proposal: str, ask: Callable[[str, str], str] | None, *, sure: bool) -> str:
    """A value that a document cannot be without."""
    if sure:
        return proposal
    answer = ask(name, proposal).strip() if ask is not None else ""
    if not answer:
        raise CorpusError(f"The {name} of this document cannot be known from the file.", f"Tell it with --{name}.")
    return answer


def _first_heading(reading: Reading) -> str:
    heading = next((block for block in reading.blocks if block.kind == "heading"), None)
    if heading is None:
        return ""
    return " ".join(" ".join(reading.source[line.start : line.end] for line in heading.lines).split())


def _language(source: str, said: str) -> str:
    """The language of a text when its words are those of Dutch or English; else empty."""
    sample = source[:_SAMPLE]
    found = detect_language(sample, "en" if said == "en" else "nl")
    return found if share_known(sample, found) >= _KNOWN else ""


def slug(text: str) -> str:
    """A text as an id: its letters and figures without accents, small, in words of at most sixty characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    while len("-".join(words)) > 60 and len(words) > 1:
        words.pop()
    return "-".join(words)[:60].strip("-")


def _require_free(corpus: Path, name: str) -> None:
    if not ID.fullmatch(name):
        raise CorpusError("No id can be made from the title of this document.", "Tell it with --id.")
    if name in RESERVED:
        raise CorpusError(f"'{name}' is the name of a graph of our own.", "Tell another with --id.")
    if (corpus / name).exists():
        raise CorpusError(f"There is a document '{name}' already, with other content.", "Tell another id with --id.")


def _as_toml(metadata: Metadata) -> str:
    import tomli_w

    table: dict[str, Any] = {"title": metadata.title, "kind": metadata.kind, "language": metadata.language}
    table |= {"authors": list(metadata.authors)} if metadata.authors else {}
    for name in ("publisher", "date", "licence", "url", "source", "file", "sha256", "recognised_from"):
        if getattr(metadata, name):
            table[name] = getattr(metadata, name)
    return tomli_w.dumps(table)


def _sync(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Listed:
    """A document in the list of all: what is recorded of it, or why that cannot be read.

    Attributes:
        id: Its id.
        metadata: What is recorded; None where that cannot be read.
        size: The size of its file in bytes; None where it is missing.
        problem: Why the metadata cannot be read.
    """

    id: str
    metadata: Metadata | None
    size: int | None = None
    problem: str = ""


def listed(corpus: Path) -> list[Listed]:
    """What is recorded of every document.

    Raises:
        CorpusError: There is no corpus.
    """
    rows = []
    for folder in document_folders(corpus):
        try:
            metadata = read_metadata(folder)
        except CorpusError as error:
            rows.append(Listed(folder.name, None, problem=str(error)))
            continue
        file = folder / metadata.file
        rows.append(Listed(folder.name, metadata, file.stat().st_size if file.is_file() else None))
    return rows


def shown(corpus: Path, name: str, base_uri: str, progress: Progress) -> tuple[Document, tuple[Passage, ...], int]:
    """A document as it is read, its passages and how many claims rest on it.

    Raises:
        CorpusError: There is no such document, or it cannot be used.
        GraphError: Its claims are not valid.
    """
    folder = find_document(corpus, name)
    document = read_document(folder, progress=progress)
    passages = segment(document)
    _, claims = read_claims(folder / CLAIMS_FILE, document, passages, Names(base_uri))
    return document, passages, len(claims)


def remove(corpus: Path, name: str) -> Path:
    """Take a document out.

    Returns:
        Where it is now.

    Raises:
        CorpusError: There is no such document, or the folder cannot be changed.
    """
    folder = find_document(corpus, name)
    target = corpus / REMOVED / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    with _sentences_for_the_disk(corpus):
        target.parent.mkdir(exist_ok=True)
        folder.rename(target)
    return target


def check(corpus: Path, base_uri: str, progress: Progress) -> list[Checked]:
    """Read every document and hold its claims and its checksum against it.

    Raises:
        CorpusError: There is no corpus.
    """
    folders = document_folders(corpus)
    names = Names(base_uri)
    results = []
    with ReadingProcess() as process:
        for number, folder in enumerate(folders, 1):
            problems: list[str] = []
            warnings: tuple[str, ...] = ()
            try:
                document = read_document(folder, process)
                warnings = document.warnings
                metadata = document.metadata
                if metadata.sha256 and sha256_of(folder / metadata.file) != metadata.sha256:
                    problems.append(
                        f"{folder / metadata.file}: this is not the file that was added: its SHA-256 differs."
                    )
                read_claims(folder / CLAIMS_FILE, document, segment(document), names)
            except IioKgError as error:
                problems.append(str(error))
            results.append(Checked(folder.name, tuple(problems), warnings))
            progress(number, len(folders))
    return results


def to_fetch(corpus: Path, ids: tuple[str, ...]) -> list[tuple[str, Metadata | Work]]:
    """What can be fetched: documents whose file is missing, and works of the bibliography that are not here.

    Args:
        corpus: The corpus folder.
        ids: Which of them; all when empty.

    Raises:
        CorpusError: One of them is unknown, is here, or has no address.
    """
    found: dict[str, Metadata | Work] = {}
    here = set()
    for row in listed(corpus):
        here.add(row.id)
        if row.metadata is not None and row.size is None:
            found[row.id] = row.metadata
    works = {work.id: work for work in read_bibliography(corpus)}
    found |= {name: work for name, work in works.items() if name not in here}
    for name in ids:
        if name not in found:
            known = "is here already" if name in here else "is in neither the corpus nor the bibliography"
            raise CorpusError(f"'{name}' {known}.", "'iio-kg corpus list --missing' tells what can be fetched.")
        if not found[name].url:
            raise CorpusError(f"No address is known of '{name}'.", "Fetch the file yourself and add it with --id.")
    return [(name, one) for name, one in found.items() if one.url and (not ids or name in ids)]


def fetch(corpus: Path, name: str, described: Metadata | Work, progress: Progress) -> Added:
    """Fetch one of what `to_fetch` gave.

    Raises:
        CorpusError: It cannot be fetched or read; the corpus is then as it was.
    """
    if isinstance(described, Metadata):
        folder = corpus / name
        fetched = download(described.url, corpus / PARTIAL, progress)
        try:
            digest = sha256_of(fetched.path)
            if described.sha256 and described.sha256 != digest:
                raise CorpusError(f"{described.url}: this is no longer the file that was added: its SHA-256 differs.")
            if fetched.path.suffix != Path(described.file).suffix:
                raise CorpusError(
                    f"{described.url}: this is no longer a file that ends in {Path(described.file).suffix}."
                )
            with _sentences_for_the_disk(corpus):
                fetched.path.rename(folder / described.file)
        finally:
            fetched.path.unlink(missing_ok=True)
        document = read_document(folder)
        return Added(folder, described, True, len(document.pages), len(segment(document)), document.warnings)
    known = Known(
        id=described.id,
        title=described.title,
        language=described.language,
        publisher=described.publisher,
        date=described.date,
        authors=described.authors,
        url=described.url,
    )
    return add(corpus, described.url, known, progress=progress)
