"""From the corpus and the vocabulary to a snapshot: the whole road in one function."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from iio_kg import __version__, snapshot
from iio_kg.corpus.bibliography import read_bibliography
from iio_kg.corpus.library import CLAIMS_FILE, document_folders, read_document
from iio_kg.corpus.segment import segment
from iio_kg.errors import CorpusError, SnapshotError
from iio_kg.graph import build as graph_build
from iio_kg.graph.claims import read_claims
from iio_kg.graph.dataset import describe_dataset
from iio_kg.graph.findings import describe_findings
from iio_kg.graph.namespaces import Names
from iio_kg.graph.turtle import parse_turtle
from iio_kg.graph.validate import require_conformance
from iio_kg.graph.vocabulary import read_contacts, read_entities
from iio_kg.index.dense import DenseIndex
from iio_kg.index.encoder import SentenceTransformerEncoder
from iio_kg.index.models import obtain_model, verify
from iio_kg.index.terms import collect_terms
from iio_kg.index.units import list_units
from iio_kg.index.words import ANALYSIS_VERSION, WordIndex

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rdflib import Graph

    from iio_kg.config import Settings
    from iio_kg.corpus.document import Document, Passage
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.vocabulary import Contact, Entity
    from iio_kg.index.models import ModelFolder


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
class Built:
    """What a build did.

    Attributes:
        manifest: The manifest of the current snapshot.
        fresh: False when nothing had changed and no new snapshot was needed.
        seconds: How long it took.
    """

    manifest: snapshot.Manifest
    fresh: bool
    seconds: float


@dataclass(frozen=True)
class Material:
    """The corpus and the graph as they were read, before anything is encoded."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    claims: tuple[Claim, ...]
    entities: tuple[Entity, ...]
    contacts: tuple[Contact, ...]
    graphs: dict[str, Graph]


def read_material(settings: Settings) -> Material:
    """Read and check corpus, vocabulary and claims.

    Raises:
        CorpusError: A document cannot be used.
        GraphError: The vocabulary or a claim is not valid, or a quotation is not in its text.
    """
    names = Names(settings.base_uri)
    graphs = graph_build.read_vocabulary(settings.ontology, names)
    documents: list[Document] = []
    passages: list[Passage] = []
    claims: list[Claim] = []
    sources = [settings.ontology / file for file in graph_build.VOCABULARY]
    for folder in document_folders(settings.corpus):
        document = read_document(folder)
        if document.id in graph_build.RESERVED:
            raise CorpusError(f"{folder}: '{document.id}' is the name of a graph of our own.", "Rename the folder.")
        its_passages = segment(document)
        claims_file = folder / CLAIMS_FILE
        stated, its_claims = read_claims(claims_file, document, its_passages, names)
        described = graph_build.describe_document(document, its_passages, names)
        evidence = graph_build.describe_evidence(its_claims, stated, document, names)
        findings = describe_findings(stated, names)
        graphs[document.id] = graph_build.union((stated, described, evidence, findings))
        documents.append(document)
        passages.extend(its_passages)
        claims.extend(its_claims)
        sources.append(claims_file)
    entities = read_entities(graph_build.union(graphs.values()), names)
    graphs[graph_build.BIBLIOGRAPHY] = graph_build.describe_works(read_bibliography(settings.corpus), names)
    graphs[graph_build.DATASET] = describe_dataset(graphs, names)
    whole = graph_build.union(graphs.values())
    shapes, _ = parse_turtle(settings.ontology / graph_build.SHAPES, settings.base_uri)
    require_conformance(whole, shapes, sources)
    return Material(
        documents=tuple(documents),
        passages=tuple(passages),
        claims=tuple(claims),
        entities=entities,
        contacts=read_contacts(whole, names),
        graphs=graphs,
    )


def build(settings: Settings, report: Report | None = None, *, force: bool = False) -> Built:
    """Make a snapshot of the corpus as it is now, unless the current one is of the same.

    Args:
        settings: Where things are.
        report: Is told how it goes on.
        force: Build although nothing changed.

    Raises:
        IioKgError: Something cannot be used; the snapshot that was there stays.
    """
    report = report or Silent()
    begun = time.perf_counter()
    document_folders(settings.corpus)
    model = obtain_model(settings.model, settings.cache_dir, settings.model_source, report.step)
    inputs = _inputs(settings, model)
    if not force:
        current = _current(settings)
        if current is not None and current.inputs == inputs:
            return Built(current, fresh=False, seconds=time.perf_counter() - begun)
    report.step("Reading the corpus and the claims")
    material = read_material(settings)
    report.step("Loading the model")
    verify(model)
    encoder = SentenceTransformerEncoder(model.path, model.fingerprint, settings.threads)
    content = _encode(material, encoder, settings, report)
    report.step("Writing the snapshot")
    manifest = snapshot.write_snapshot(
        settings.data_dir,
        content,
        inputs=inputs,
        model=model.name,
        fingerprint=model.fingerprint,
        base_uri=settings.base_uri,
        prefixes=graph_build.prefixes(Names(settings.base_uri)),
    )
    return Built(manifest, fresh=True, seconds=time.perf_counter() - begun)


def _encode(
    material: Material, encoder: SentenceTransformerEncoder, settings: Settings, report: Report
) -> snapshot.Content:
    languages = {document.id: document.metadata.language for document in material.documents}
    listed = list(list_units(material.passages, material.claims, languages))
    units = tuple(unit for unit, _ in listed)
    texts = [text for _, text in listed]
    terms = collect_terms(material.passages, material.claims, material.entities, languages)
    report.step(f"Encoding {len(texts)} texts and {len(terms.words)} words")
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        report.progress(done, len(texts) + len(terms.words))

    vectors = encoder.encode_passages(texts, advance)
    term_vectors = encoder.encode_queries(terms.words, advance)
    return snapshot.Content(
        documents=material.documents,
        passages=material.passages,
        claims=material.claims,
        entities=material.entities,
        contacts=material.contacts,
        units=units,
        terms=terms,
        term_vectors=term_vectors,
        dense=DenseIndex.build(vectors),
        words=WordIndex.build([(text, unit.language) for unit, text in listed]),
        nquads=graph_build.to_nquads(material.graphs, Names(settings.base_uri)).encode(),
    )


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
    for line in (__version__, str(snapshot.FORMAT), str(ANALYSIS_VERSION), settings.base_uri, model.fingerprint):
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
