"""A snapshot: the text, the graph and the index of one build, in a folder that never changes.

``<data_dir>/snapshots/<id>/`` holds the files and a manifest with the SHA-256 of each; ``<data_dir>/CURRENT`` names
the one in use. A new snapshot is written beside the old one, flushed to disk and only then named, so that a reader
sees either the one or the other, whatever happens in between. The previous one is kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from iio_kg import __version__
from iio_kg.corpus.document import Document, Passage
from iio_kg.corpus.open_questions import OpenQuestion
from iio_kg.corpus.set_questions import QuestionSet
from iio_kg.errors import SnapshotError
from iio_kg.graph.claims import Claim
from iio_kg.graph.vocabulary import Contact, Entity
from iio_kg.index.dense import DenseIndex
from iio_kg.index.mapped import map_array
from iio_kg.index.metric import Metric
from iio_kg.index.nearness import Nearness
from iio_kg.index.spelling import Spelling
from iio_kg.index.terms import Terms, words_of_passages
from iio_kg.index.units import Phrasing, Unit
from iio_kg.index.wording import Wording
from iio_kg.index.words import WordIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: Raised when the files of a snapshot change their form.
FORMAT = 15
MANIFEST = "manifest.json"
CURRENT = "CURRENT"
GRAPH_FILE = "graph.nq"
CLAIMS_FILE = "claims.json"
OPEN_FILE = "open_questions.json"
SETS_FILE = "question_sets.json"
_LOCK = ".lock"
_METRIC = "metric.npz"
_PHRASINGS, _CLAIMS = "phrasings.onnx", "claims.npy"
_OPEN, _SETS = "open-questions.onnx", "set-questions.onnx"
_TERMS, _PASSAGE_WORDS = "terms.npy", "words-of-passages.onnx"
_SPELLING = "spelling"
_KEPT = 2
_AGAIN = "Run 'iio-kg build' to make a new one."
T = TypeVar("T")


class FileEntry(msgspec.Struct, frozen=True):
    """A file of the snapshot."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """What a snapshot says of itself.

    Attributes:
        format: The form of its files; see `FORMAT`.
        version: The version of the program that made it.
        id: Its name: the beginning of the SHA-256 over the checksums of its files.
        created: When it was made, in UTC.
        inputs: A checksum over all it was made from; equal inputs need no new build.
        model: The encoder's name.
        fingerprint: The encoder's fingerprint; questions must be encoded by the same.
        floor: The cosine of a question and a text that have nothing to do with each other, by this encoder.
        base_uri: The base of the identifiers in it.
        prefixes: The prefixes of the graph.
        counts: How much of each kind it holds.
        files: Every file in it, by its path.
        problems: Why documents of the corpus are not in it.
    """

    format: int
    version: str
    id: str
    created: str
    inputs: str
    model: str
    fingerprint: str
    floor: float
    base_uri: str
    prefixes: dict[str, str]
    counts: dict[str, int]
    files: dict[str, FileEntry]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """All that a snapshot holds.

    Attributes:
        documents: The documents.
        passages: Their passages.
        claims: The claims that rest on them.
        entities: What has a name.
        contacts: Who can be asked.
        units: What is searched in texts.
        dense: The vectors of the units, in their order.
        floor: What the cosine of a question and a unit seldom falls below; see `Manifest`.
        words: The words of the units, in their order.
        phrasings: What is searched of claims.
        phrasing_nearness: How near a vector is to each, where `metric` takes them.
        claim_vectors: The mean of the vectors of each claim's phrasings there, float32 of shape ``(n, kept)``.
        wording: What the words of a question say of the claim that it asks for, and of whether any answers it.
        metric: How the vectors of questions get there; None where there are no claims to learn it from.
        open_questions: Questions that the material leaves open.
        open_nearness: How near a vector is there to each of them.
        question_sets: Sets of findings and how people ask for all of them.
        set_nearness: How near a vector is there to each of those questions, set by set.
        spelling: Words that are spelt as people spell them, and their languages.
        terms: The words of passages and claims.
        term_vectors: Their vectors.
        word_nearness: How near a vector is to each of those that `iio_kg.index.terms.words_of_passages` gives.
        nquads: The graph.
    """

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    claims: tuple[Claim, ...]
    entities: tuple[Entity, ...]
    contacts: tuple[Contact, ...]
    units: tuple[Unit, ...]
    terms: Terms
    dense: DenseIndex
    floor: float
    words: WordIndex
    phrasings: tuple[Phrasing, ...]
    phrasing_nearness: Nearness
    claim_vectors: NDArray[np.float32]
    wording: Wording
    metric: Metric | None
    open_questions: tuple[OpenQuestion, ...]
    open_nearness: Nearness
    question_sets: tuple[QuestionSet, ...]
    set_nearness: Nearness
    spelling: Spelling
    term_vectors: NDArray[np.float32]
    word_nearness: Nearness
    nquads: bytes


@dataclass(frozen=True)
class Snapshot:
    """An open snapshot."""

    path: Path
    manifest: Manifest
    content: Content

    @property
    def id(self) -> str:
        """Its name."""
        return self.manifest.id


_LISTS: dict[str, Any] = {
    "documents": tuple[Document, ...],
    "passages": tuple[Passage, ...],
    "claims": tuple[Claim, ...],
    "entities": tuple[Entity, ...],
    "contacts": tuple[Contact, ...],
    "units": tuple[Unit, ...],
    "phrasings": tuple[Phrasing, ...],
    "open_questions": tuple[OpenQuestion, ...],
    "question_sets": tuple[QuestionSet, ...],
    "terms": Terms,
}
_COUNTED = (
    "documents", "passages", "claims", "entities", "contacts", "units", "phrasings", "open_questions", "question_sets",
)  # fmt: skip


def write_snapshot(
    data_dir: Path,
    content: Content,
    *,
    inputs: str,
    model: str,
    fingerprint: str,
    base_uri: str,
    prefixes: dict[str, str],
    problems: tuple[str, ...] = (),
) -> Manifest:
    """Write a snapshot and make it the current one.

    Raises:
        SnapshotError: The folder cannot be written; what was there stays as it was.
    """
    check_quotations(content)
    with _writing(data_dir):
        folder = data_dir / "snapshots"
        folder.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        try:
            _write_files(new, content)
            files = {
                path.relative_to(new).as_posix(): FileEntry(_sha256(path), path.stat().st_size)
                for path in sorted(new.rglob("*"))
                if path.is_file()
            }
            listing = "".join(f"{entry.sha256}  {name}\n" for name, entry in files.items())
            listing += f"{FORMAT} {__version__} {fingerprint} {base_uri}\n"
            manifest = Manifest(
                format=FORMAT,
                version=__version__,
                id=hashlib.sha256(listing.encode()).hexdigest()[:16],
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                inputs=inputs,
                model=model,
                fingerprint=fingerprint,
                floor=content.floor,
                base_uri=base_uri,
                prefixes=prefixes,
                counts={name: len(getattr(content, name)) for name in _COUNTED},
                files=files,
                problems=problems,
            )
            (new / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
            for path in new.rglob("*"):
                _sync(path)
            target = folder / manifest.id
            if target.exists():
                shutil.rmtree(target)
            new.rename(target)
            _sync(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        _point(data_dir, manifest.id)
        _prune(folder, manifest.id)
    return manifest


def _write_files(folder: Path, content: Content) -> None:
    folder.chmod(0o755)
    for name in _LISTS:
        (folder / f"{name}.json").write_bytes(msgspec.json.encode(getattr(content, name)))
    (folder / GRAPH_FILE).write_bytes(content.nquads)
    content.dense.save(folder / "vectors.faiss")
    content.words.save(folder / "words")
    content.phrasing_nearness.save(folder / _PHRASINGS)
    np.save(folder / _CLAIMS, content.claim_vectors)
    content.wording.save(folder / "wording")
    if content.metric is not None:
        np.savez(folder / _METRIC, **asdict(content.metric))
    content.open_nearness.save(folder / _OPEN)
    content.set_nearness.save(folder / _SETS)
    content.spelling.save(folder / _SPELLING)
    np.save(folder / _TERMS, content.term_vectors)
    content.word_nearness.save(folder / _PASSAGE_WORDS)


def current_id(data_dir: Path) -> str | None:
    """The name of the current snapshot, or None when there is none."""
    try:
        return (data_dir / CURRENT).read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SnapshotError(f"{data_dir / CURRENT} cannot be read ({error}).", _AGAIN) from None


def read_manifest(data_dir: Path) -> tuple[Path, Manifest]:
    """The folder and manifest of the current snapshot.

    Raises:
        SnapshotError: There is none, or it was made by another version.
    """
    name = current_id(data_dir)
    if name is None:
        raise SnapshotError(f"There is no snapshot in {data_dir}.", "Run 'iio-kg build' to make one.")
    path = data_dir / "snapshots" / Path(name).name
    try:
        data = (path / MANIFEST).read_bytes()
        head = msgspec.json.decode(data, type=dict[str, Any])
        found = head.get("format"), head.get("version")
        if found != (FORMAT, __version__):
            raise SnapshotError(
                f"The snapshot {name} was made by version {found[1]} of iio-kg (format {found[0]}); this is "
                f"version {__version__} (format {FORMAT}).",
                _AGAIN,
            )
        return path, msgspec.json.decode(data, type=Manifest)
    except FileNotFoundError:
        raise SnapshotError(f"The snapshot {name} is gone from {path.parent}.", _AGAIN) from None
    except (OSError, msgspec.MsgspecError) as error:
        raise SnapshotError(f"{path / MANIFEST} cannot be read ({error}).", _AGAIN) from None


def open_snapshot(data_dir: Path) -> Snapshot:
    """Open the current snapshot, checking every byte of it and every quotation in it.

    Raises:
        SnapshotError: There is none, it is damaged, or it was made by another version.
    """
    path, manifest = read_manifest(data_dir)
    check_files(path, manifest)
    try:
        lists = {name: _decode(path / f"{name}.json", kind) for name, kind in _LISTS.items()}
        content = Content(
            **lists,
            dense=DenseIndex.load(path / "vectors.faiss"),
            floor=manifest.floor,
            words=WordIndex.load(path / "words"),
            phrasing_nearness=Nearness.load(path / _PHRASINGS),
            claim_vectors=map_array(path / _CLAIMS),
            wording=Wording.load(path / "wording"),
            metric=_load_metric(path / _METRIC),
            open_nearness=Nearness.load(path / _OPEN),
            set_nearness=Nearness.load(path / _SETS),
            spelling=Spelling.load(path / _SPELLING),
            term_vectors=map_array(path / _TERMS),
            word_nearness=Nearness.load(path / _PASSAGE_WORDS),
            nquads=(path / GRAPH_FILE).read_bytes(),
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise SnapshotError(f"The snapshot {manifest.id} cannot be opened ({error}).", _AGAIN) from error
    sizes = {len(content.units), len(content.dense), content.words.size}
    phrasings = {len(content.phrasings), len(content.phrasing_nearness)}
    left_open = {len(content.open_questions), len(content.open_nearness)}
    counted = (
        (content.terms.words, content.term_vectors),
        (words_of_passages(content.terms)[0], content.word_nearness),
        (content.claims, content.claim_vectors),
        (content.claims, content.wording.losses),
        ([question for its in content.question_sets for question in its.questions], content.set_nearness),
    )
    if {len(sizes), len(phrasings), len(left_open)} != {1} or any(
        len(things) != len(vectors) for things, vectors in counted
    ):
        raise SnapshotError(f"The index of snapshot {manifest.id} does not fit its texts.", _AGAIN)
    check_quotations(content)
    return Snapshot(path, manifest, content)


def check_files(path: Path, manifest: Manifest) -> None:
    """Hold every file of a snapshot against its manifest.

    Raises:
        SnapshotError: A file is missing or differs.
    """
    for name, entry in manifest.files.items():
        try:
            intact = (path / name).stat().st_size == entry.size and _sha256(path / name) == entry.sha256
        except OSError:
            intact = False
        if not intact:
            raise SnapshotError(f"{name} of snapshot {manifest.id} is missing or was changed.", _AGAIN)


def check_quotations(content: Content) -> None:
    """Hold every quotation and passage against its text, and every page of a source against its checksum.

    Raises:
        SnapshotError: One is not the slice of the text that it claims to be.
    """
    for document in content.documents:
        for page in document.changed_pages():
            raise SnapshotError(f"Page {page.number} of {document.id} is not what was extracted.", _AGAIN)
    texts = {document.id: document.text for document in content.documents}
    for passage in content.passages:
        start, end = passage.span
        if texts[passage.document][start:end] != passage.text:
            raise SnapshotError(f"Passage {passage.key} is not what its document says there.", _AGAIN)
    for claim in content.claims:
        for quotation in claim.quotations:
            start, end = quotation.span
            if texts[quotation.document][start:end] != quotation.text:
                raise SnapshotError(f"A quotation of {claim.name} is not what its document says there.", _AGAIN)


def _load_metric(path: Path) -> Metric | None:
    if not path.exists():
        return None
    with np.load(path) as arrays:
        return Metric(**arrays)


def _decode(path: Path, kind: type[T]) -> T:
    return msgspec.json.decode(path.read_bytes(), type=kind)


@contextmanager
def _writing(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two builds at once write one after the other."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with (data_dir / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise SnapshotError(
            f"The snapshot cannot be written to {data_dir} ({error.strerror or error}).",
            "Make that folder writable, or name another with IIO_KG_DATA_DIR.",
        ) from error


def _point(data_dir: Path, name: str) -> None:
    """Name the current snapshot, at once."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{CURRENT}-", dir=data_dir)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).chmod(0o644)
    Path(temporary).rename(data_dir / CURRENT)
    _sync(data_dir)


def _prune(folder: Path, current: str) -> None:
    """Keep the current snapshot and the one before it; remove older ones and what broken builds left."""
    others = [path for path in folder.iterdir() if path.name != current]
    whole = sorted(
        (path for path in others if not path.name.startswith(".")),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    broken = [path for path in others if path.name.startswith(".")]
    for path in whole[_KEPT - 1 :] + broken:
        shutil.rmtree(path, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
