"""From the corpus and the vocabulary to a snapshot: the whole road in one function."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec
import numpy as np
from rdflib import Graph

from iio_kg import __version__, snapshot
from iio_kg.corpus.bibliography import read_bibliography
from iio_kg.corpus.cache import Cache, Kept, code_of, key_of
from iio_kg.corpus.library import CLAIMS_FILE, document_folders, read_document
from iio_kg.corpus.open_questions import read_open_questions, still_open
from iio_kg.corpus.readers.process import ReadingProcess
from iio_kg.corpus.reviews import rejected
from iio_kg.corpus.segment import segment
from iio_kg.corpus.set_questions import QuestionSet, read_question_sets
from iio_kg.errors import CorpusError, SnapshotError
from iio_kg.graph import build as graph_build
from iio_kg.graph.candidates import describe_candidates, pending
from iio_kg.graph.claims import read_claims
from iio_kg.graph.dataset import describe_dataset
from iio_kg.graph.findings import describe_findings
from iio_kg.graph.generate import Generated, Generator
from iio_kg.graph.namespaces import Names
from iio_kg.graph.triples import merge_lines, to_graph, to_lines, to_nquads
from iio_kg.graph.turtle import parse_turtle
from iio_kg.graph.validate import require_conformance
from iio_kg.graph.vocabulary import read_contacts, read_entities
from iio_kg.index.dense import DenseIndex
from iio_kg.index.metric import Metric
from iio_kg.index.models import load_encoder, obtain_encoder, verify
from iio_kg.index.nearness import Nearness
from iio_kg.index.spelling import Spelling
from iio_kg.index.terms import collect_terms, words_of_passages
from iio_kg.index.units import list_phrasings, list_units
from iio_kg.index.vectors import CachedEncoder
from iio_kg.index.wording import Wording
from iio_kg.index.words import ANALYSIS_VERSION, WordIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from iio_kg.config import Settings
    from iio_kg.corpus.document import Document, Passage
    from iio_kg.corpus.open_questions import OpenQuestion
    from iio_kg.graph.candidates import Candidate
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.mentions import Mention
    from iio_kg.graph.triples import Lines
    from iio_kg.graph.vocabulary import Contact, Entity
    from iio_kg.index.encoder import Encoder, Vectors
    from iio_kg.index.models import ModelFolder


#: Where what was read and encoded is kept for the next build, within the data folder.
CACHE = "cache"
#: Over how many texts a mean or a percentile is taken, and which percentile of cosines is their floor.
_SAMPLE, _FLOOR_PERCENTILE = 1000, 1
_TINY = np.float32(1e-12)


class Report(Protocol):
    """Is told how a build goes on."""

    def step(self, sentence: str) -> None:
        """A piece of work begins."""

    def progress(self, done: int, total: int) -> None:
        """So much of it is done."""


class Silent:
    """A report nobody reads."""

    def step(self, sentence: str) -> None:
        """Say nothing."""

    def progress(self, done: int, total: int) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """What a build did with one document.

    Attributes:
        id: Its id.
        state: ``read``; ``kept``: unchanged since it was read; ``failed``: it is not in the snapshot.
        pages: How many pages it has.
        passages: How many passages it gave.
        claims: How many claims rest on it.
        candidates: How many of its sentences wait for review.
        warnings: What a maintainer should look at.
        problem: Why it failed.
    """

    id: str
    state: Literal["read", "kept", "failed"]
    pages: int = 0
    passages: int = 0
    claims: int = 0
    candidates: int = 0
    warnings: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did.

    Attributes:
        manifest: The manifest of the current snapshot.
        fresh: False when nothing had changed and no new snapshot was needed.
        seconds: How long it took.
        documents: What it did with each document; none when nothing had changed.
        encoded: How many texts were encoded; those known from before are not.
    """

    manifest: snapshot.Manifest
    fresh: bool
    seconds: float
    documents: tuple[DocumentReport, ...] = ()
    encoded: int = 0


@dataclass(frozen=True)
class Material:
    """The corpus and the graph as they were read, before anything is encoded.

    Attributes:
        documents: The documents.
        passages: Their passages.
        claims: Their claims.
        candidates: Sentences that may be claims and wait for review; never part of an answer.
        mentions: What the passages mention.
        open_questions: Questions that come near the material and that it leaves open.
        question_sets: Sets of findings and how people ask for all of them.
        entities: What has a name.
        contacts: Who can be asked.
        stated: The named graphs without what is generated from texts: vocabulary, claims, evidence, descriptions.
        lines: The named graphs, whole, as lines of N-Triples.
        reports: What was done with each document.
    """

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    claims: tuple[Claim, ...]
    candidates: tuple[Candidate, ...]
    mentions: tuple[Mention, ...]
    open_questions: tuple[OpenQuestion, ...]
    question_sets: tuple[QuestionSet, ...]
    entities: tuple[Entity, ...]
    contacts: tuple[Contact, ...]
    stated: dict[str, Graph]
    lines: dict[str, Lines]
    reports: tuple[DocumentReport, ...]

    @cached_property
    def graphs(self) -> dict[str, Graph]:
        """The named graphs, whole; made when they are asked for, as a large corpus takes long to put together."""
        return {name: to_graph(lines) for name, lines in self.lines.items()}


@dataclass(frozen=True)
class Caches:
    """What earlier builds have made of each document."""

    readings: Cache[Kept]
    generated: Cache[Generated]

    @classmethod
    def within(cls, folder: Path) -> Caches:
        """Those in a folder."""
        return cls(Cache(folder / "documents", Kept), Cache(folder / "graphs", Generated))

    def prune(self) -> None:
        """Forget what was not used since they were opened."""
        self.readings.prune()
        self.generated.prune()


def read_material(settings: Settings, report: Report | None = None, caches: Caches | None = None) -> Material:
    """Read and check corpus, vocabulary and claims.

    Args:
        settings: Where things are.
        report: Is told how many documents are read.
        caches: What was made before; None: make everything.

    Raises:
        CorpusError: No document can be used. One that cannot is told of in the reports, and the others are read.
        GraphError: The vocabulary or a claim is not valid, or a quotation is not in its text.
    """
    names = Names(settings.base_uri)
    stated = graph_build.read_vocabulary(settings.ontology, names)
    read: list[_Read] = []
    claims: list[Claim] = []
    asked = list(read_open_questions(settings.corpus, ()))
    sources = [settings.ontology / file for file in graph_build.VOCABULARY]
    reports: list[DocumentReport] = []
    for one in _read_documents(document_folders(settings.corpus), report or Silent(), caches):
        if isinstance(one, DocumentReport):
            reports.append(one)
            continue
        document, passages = one.kept.document, one.kept.passages
        claims_file = one.folder / CLAIMS_FILE
        written, its_claims = read_claims(claims_file, document, passages, names)
        quoted = {quotation.passage for claim in its_claims for quotation in claim.quotations}
        stated[document.id] = graph_build.union(
            (
                written,
                graph_build.describe_document(document, names),
                graph_build.describe_passages((p for p in passages if p.key in quoted), document, names),
                graph_build.describe_evidence(its_claims, written, document, names),
                describe_findings(written, names),
            )
        )
        read.append(one)
        claims.extend(its_claims)
        asked.extend(read_open_questions(one.folder, its_claims))
        sources.append(claims_file)
        reports.append(
            DocumentReport(
                document.id,
                "read" if one.new else "kept",
                pages=len(document.pages),
                passages=len(passages),
                claims=len(its_claims),
                warnings=document.warnings,
            )
        )
    if not read:
        raise CorpusError("No document can be used.\n" + "\n".join(one.problem for one in reports))
    entities = read_entities(graph_build.union(stated.values()), names)
    stated[graph_build.BIBLIOGRAPHY] = graph_build.describe_works(read_bibliography(settings.corpus), names)
    # What names may be found in a text is part of what names the result; titles of documents are not sought.
    sought = [entity for entity in entities if entity.kind != "document"]
    known = hashlib.sha256(msgspec.msgpack.encode(sought)).hexdigest()
    generator = Generator(sought, names)
    generated = [_generate(one, known, generator, names, caches) for one in read]
    candidates = [
        pending(its.candidates, claims, rejected(one.folder)) for one, its in zip(read, generated, strict=True)
    ]
    lines = {
        name: merge_lines(*(one.lines.get(name, ()) for one in generated), to_lines(stated.get(name, Graph())))
        for name in dict.fromkeys((*stated, *(name for one in generated for name in one.lines)))
    }
    waiting = tuple(candidate for its in candidates for candidate in its)
    lines[graph_build.CANDIDATES] = to_lines(describe_candidates(waiting, names))
    stated[graph_build.DATASET] = describe_dataset(lines, names)
    lines[graph_build.DATASET] = to_lines(stated[graph_build.DATASET])
    whole = graph_build.union(stated.values())
    shapes, _ = parse_turtle(settings.ontology / graph_build.SHAPES, settings.base_uri)
    require_conformance(whole, shapes, sources)
    return Material(
        documents=tuple(one.kept.document for one in read),
        passages=tuple(passage for one in read for passage in one.kept.passages),
        claims=tuple(claims),
        candidates=waiting,
        mentions=tuple(mention for its in generated for mention in its.mentions),
        open_questions=still_open(asked, claims),
        question_sets=read_question_sets(
            settings.corpus, {entity.iri.removeprefix(names.concept("")) for entity in entities}
        ),
        entities=entities,
        contacts=read_contacts(whole, names),
        stated=stated,
        lines=lines,
        reports=_with_candidates(reports, waiting),
    )


def _with_candidates(reports: Iterable[DocumentReport], waiting: Iterable[Candidate]) -> tuple[DocumentReport, ...]:
    counts = Counter(candidate.document for candidate in waiting)
    return tuple(replace(report, candidates=counts[report.id]) for report in reports)


@dataclass(frozen=True, slots=True)
class _Read:
    """A document that could be read: its folder, what names its reading, and whether it was read just now."""

    folder: Path
    key: str
    kept: Kept
    new: bool


def _read_documents(folders: Sequence[Path], report: Report, caches: Caches | None) -> Iterator[_Read | DocumentReport]:
    """Each document, or a report of why it cannot be read."""
    with ReadingProcess() as process:
        for number, folder in enumerate(folders, 1):
            try:
                yield _read_one(folder, process, caches)
            except CorpusError as error:
                yield DocumentReport(folder.name, "failed", problem=str(error))
            report.progress(number, len(folders))


def _read_one(folder: Path, process: ReadingProcess, caches: Caches | None) -> _Read:
    if folder.name in graph_build.RESERVED:
        raise CorpusError(f"{folder}: '{folder.name}' is the name of a graph of our own.", "Rename the folder.")
    key = key_of(folder)
    kept = caches.readings.get(key) if caches else None
    if kept is not None:
        return _Read(folder, key, kept, new=False)
    document = read_document(folder, process)
    kept = Kept(document, segment(document))
    if caches:
        caches.readings.put(key, kept)
    return _Read(folder, key, kept, new=True)


def _generate(one: _Read, vocabulary: str, generator: Generator, names: Names, caches: Caches | None) -> Generated:
    """What is generated for a document, or was when it and the vocabulary (its checksum) were the same."""
    key = hashlib.sha256(f"{code_of('graph', 'index')} {names.base} {one.key} {vocabulary}".encode()).hexdigest()
    found = caches.generated.get(key) if caches else None
    if found is None:
        found = generator.generate(one.kept.document, one.kept.passages)
        if caches:
            caches.generated.put(key, found)
    return found


def build(settings: Settings, report: Report | None = None, *, force: bool = False) -> Built:
    """Make a snapshot of the corpus as it is now, unless the current one is of the same.

    Args:
        settings: Where things are.
        report: Is told how it goes on.
        force: Build although nothing changed, and keep nothing of what was read and encoded before.

    Raises:
        IioKgError: Something cannot be used; the snapshot that was there stays.
    """
    report = report or Silent()
    begun = time.perf_counter()
    document_folders(settings.corpus)
    model = obtain_encoder(settings.model, settings.cache_dir, settings.model_source, report.step, settings.adapter)
    inputs = _inputs(settings, model)
    if not force:
        current = _current(settings)
        if current is not None and current.inputs == inputs:
            return Built(current, fresh=False, seconds=time.perf_counter() - begun)
    report.step("Reading the corpus and the claims")
    kept = settings.data_dir / CACHE
    caches = Caches.within(kept)
    if force:
        caches.prune()
    material = read_material(settings, report, caches)
    caches.prune()

    def load() -> Encoder:
        report.step("Loading the model")
        verify(model)
        return load_encoder(model, settings.threads)

    encoder = CachedEncoder(load, kept / "vectors", model.fingerprint, fresh=force)
    content = _encode(material, encoder, settings, report)
    encoder.save()
    report.step("Writing the snapshot")
    manifest = snapshot.write_snapshot(
        settings.data_dir,
        content,
        inputs=inputs,
        model=model.name,
        fingerprint=model.fingerprint,
        base_uri=settings.base_uri,
        prefixes=graph_build.prefixes(Names(settings.base_uri)),
        problems=tuple(one.problem for one in material.reports if one.problem),
    )
    return Built(manifest, True, time.perf_counter() - begun, material.reports, encoder.encoded)


def _encode(material: Material, encoder: CachedEncoder, settings: Settings, report: Report) -> snapshot.Content:
    languages = {document.id: document.metadata.language for document in material.documents}
    listed = list(list_units(material.passages, languages))
    phrased = list(list_phrasings(material.claims))
    texts, phrases = ([text for _, text in pairs] for pairs in (listed, phrased))
    asked_texts = [(text, phrasing.language) for phrasing, text in phrased if phrasing.kind == "question"]
    questions = [text for text, _ in asked_texts]
    asked = _spread(questions or texts)
    words = WordIndex.build([(text, unit.language) for unit, text in listed])
    terms = collect_terms(material.passages, material.claims, material.entities, languages, words.analyser.parts_of)
    phrased_texts = [(text, phrasing.language) for phrasing, text in phrased]
    set_texts = [(text, language) for its in material.question_sets for language, text in its.spoken()]
    open_texts = [(question.text, question.language) for question in material.open_questions]
    left_open = [text for text, _ in open_texts]
    set_questions = [text for text, _ in set_texts]
    searched = sum(map(len, (texts, phrases, asked, left_open, set_questions)))
    total = searched + len(terms.words)
    report.step(f"Encoding {searched} texts and {len(terms.words)} words")
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        report.progress(done, total)

    vectors = encoder.encode_passages(texts, advance)
    phrase_vectors = encoder.encode_passages(phrases, advance)
    asked_vectors = encoder.encode_queries(asked, advance)
    open_vectors = encoder.encode_passages(left_open, advance)
    set_vectors = encoder.encode_passages(set_questions, advance)
    term_vectors = encoder.encode_queries(terms.words, advance)
    classes = [phrasing.claim for phrasing, _ in phrased]
    metric = Metric.fit(phrase_vectors, asked_vectors, classes, open_vectors) if questions else None
    if metric is not None:
        phrase_vectors, open_vectors, set_vectors = map(metric.of_passages, (phrase_vectors, open_vectors, set_vectors))
    return snapshot.Content(
        documents=material.documents,
        passages=material.passages,
        claims=material.claims,
        entities=material.entities,
        contacts=material.contacts,
        units=tuple(unit for unit, _ in listed),
        dense=DenseIndex.build(vectors),
        floor=float(np.percentile(asked_vectors @ vectors.T, _FLOOR_PERCENTILE)) if len(texts) else 0.0,
        words=words,
        phrasings=tuple(phrasing for phrasing, _ in phrased),
        phrasing_nearness=Nearness.build(phrase_vectors),
        claim_vectors=_means(phrase_vectors, classes, len(material.claims)),
        wording=Wording.build(phrased_texts, classes, len(material.claims), open_texts, set_texts),
        metric=metric,
        open_questions=material.open_questions,
        open_nearness=Nearness.build(open_vectors),
        question_sets=material.question_sets,
        set_nearness=Nearness.build(set_vectors),
        spelling=Spelling.build([*asked_texts, *open_texts]),
        terms=terms,
        term_vectors=term_vectors,
        word_nearness=Nearness.build(term_vectors[words_of_passages(terms)[0]]),
        nquads=to_nquads(material.lines, Names(settings.base_uri)).encode(),
    )


def _means(vectors: Vectors, classes: Sequence[int], count: int) -> Vectors:
    """The mean vector of each class, of length 1; float32 of shape ``(count, dimension)``."""
    sums = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(sums, np.asarray(classes, np.int64), vectors)
    means: Vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), _TINY)
    return means


def _spread(texts: Sequence[str]) -> Sequence[str]:
    """Some of many texts, evenly spread over them; a mean or a percentile needs no more."""
    return texts[:: -(-len(texts) // _SAMPLE) or 1]


def _current(settings: Settings) -> snapshot.Manifest | None:
    """The manifest of the current snapshot if it is whole and of this version."""
    try:
        path, manifest = snapshot.read_manifest(settings.data_dir)
        snapshot.check_files(path, manifest)
    except SnapshotError:
        return None
    return manifest


def _inputs(settings: Settings, model: ModelFolder) -> str:
    """A checksum over everything a snapshot is made from."""
    digest = hashlib.sha256()
    for line in (
        __version__,
        code_of("."),
        str(snapshot.FORMAT),
        str(ANALYSIS_VERSION),
        settings.base_uri,
        model.fingerprint,
    ):
        digest.update(f"{line}\n".encode())
    for folder in (settings.corpus, settings.ontology):
        for path in _entries(folder):
            digest.update(f"{path.relative_to(folder)}\n".encode())
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _entries(folder: Path) -> Iterable[Path]:
    """Files and folders, empty folders too: one without metadata has to be found at every build."""
    return sorted(
        path
        for path in folder.rglob("*")
        if not any(part.startswith((".", "~")) for part in path.relative_to(folder).parts)
    )
