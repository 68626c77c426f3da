"""Reviewing candidates: what waits, what is decided, and writing it down. Any front end can stand before it.

A decision is on the disk when the call returns: a claim in the document's ``claims.ttl``, the decision itself in its
``reviews.jsonl``. A claim is written only when the file with it can be read and keeps to the shapes.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rdflib import BNode, Graph, URIRef

from iio_kg.corpus.library import CLAIMS_FILE
from iio_kg.corpus.reviews import REVIEWS_FILE, Review
from iio_kg.errors import CorpusError, GraphError
from iio_kg.graph import build as graph_build
from iio_kg.graph.candidates import Candidate, quotes
from iio_kg.graph.claims import read_claims
from iio_kg.graph.drafts import (
    Draft,
    draft_json,
    draft_of,
    literal,
    recorded_by,
    to_turtle,
    with_block,
)
from iio_kg.graph.findings import describe_findings
from iio_kg.graph.namespaces import Names
from iio_kg.graph.turtle import parse_turtle
from iio_kg.graph.validate import find_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iio_kg.build import Material
    from iio_kg.config import Settings
    from iio_kg.graph.claims import Claim


@dataclass(frozen=True, slots=True)
class _Written:
    """A file that a decision changed: what was in it before (None: it was not there), and what is in it now."""

    path: Path
    before: bytes | None
    after: bytes


class ReviewSession:
    """The candidates that wait, and the decisions of one reviewer on them.

    Args:
        settings: Where the corpus and the ontology are.
        material: The corpus as it was read.
        reviewer: The name of who decides.

    Raises:
        CorpusError: The name is none.
    """

    def __init__(self, settings: Settings, material: Material, reviewer: str) -> None:
        self.reviewer = " ".join(reviewer.split())
        if not self.reviewer:
            raise CorpusError("There is no name of a reviewer.", "Give it with --reviewer.")
        literal(self.reviewer)
        self._corpus = settings.corpus
        self._names = Names(settings.base_uri)
        self._shapes = settings.ontology / graph_build.SHAPES
        self._documents = {document.id: document for document in material.documents}
        self._passages = material.passages
        self._stated = material.stated
        self._waiting = {candidate.id: candidate for candidate in material.candidates}
        self._labels = {entity.iri: entity.label("en") for entity in material.entities}
        #: The concepts there are, by their names, with their schemes.
        self.concepts = {e.iri.rsplit("/", 1)[-1]: e.scheme for e in material.entities if e.kind == "concept"}
        self._done: list[tuple[Candidate, list[_Written]]] = []

    def queue(self, document: str | None = None) -> tuple[Candidate, ...]:
        """What waits, in the order of the documents and their texts.

        Args:
            document: The id of the one document to stay with; all when left out.
        """
        return tuple(c for c in self._waiting.values() if document in (None, c.document))

    def find(self, candidate: str) -> Candidate:
        """A candidate that waits, by its id.

        Raises:
            GraphError: There is none.
        """
        if candidate not in self._waiting:
            raise GraphError(
                f"No candidate '{candidate}' waits for review.", "'iio-kg claims review --json' lists those that do."
            )
        return self._waiting[candidate]

    def draft(self, candidate: Candidate) -> Draft:
        """A claim on a candidate's sentence, to be completed by a person.

        Raises:
            GraphError: The claims file of the document cannot be read.
        """
        path = self._corpus / candidate.document / CLAIMS_FILE
        graph = parse_turtle(path, self._names.base)[0] if path.is_file() else Graph()
        prefix = f"{self._names.base}claim/{candidate.document}/"
        return draft_of(candidate, {str(iri).removeprefix(prefix) for iri in graph.subjects()})

    def describe(self, candidate: Candidate) -> dict[str, Any]:
        """A candidate as JSON has it, for a front end: its place, what was read in it, and a draft to complete."""
        document = self._documents[candidate.document]
        passage = next(passage for passage in self._passages if passage.key == candidate.passage)
        marks = (("outcome", candidate.outcome_span), ("intervention", candidate.intervention_span))
        draft = self.draft(candidate)
        return {
            "id": candidate.id,
            "document": {"id": document.id, "title": document.metadata.title, "kind": document.metadata.kind},
            "page": candidate.page,
            "page_label": document.page_at(candidate.span.start).label or None,
            "section": passage.section,
            "passage": candidate.passage,
            "start": candidate.span.start,
            "end": candidate.span.end,
            "sentence": candidate.text,
            "language": candidate.language,
            "highlights": [{"of": of, "start": span.start, "end": span.end} for of, span in marks if span is not None],
            "outcome": self._named(candidate.outcome),
            "intervention": self._named(candidate.intervention),
            "variant": self._named(candidate.variant),
            "direction": candidate.direction,
            "figures": [msgspec.to_builtins(figure) for figure in candidate.figures],
            "comparator": candidate.comparator or None,
            "hedges": list(candidate.hedges),
            "confidence": candidate.confidence,
            "draft": draft_json(draft),
            "turtle": to_turtle(draft, candidate, gaps=True),
        }

    def _named(self, iri: str | None) -> dict[str, str] | None:
        return None if iri is None else {"id": iri, "label": self._labels.get(iri, iri)}

    def reject(self, candidate: Candidate) -> None:
        """Decide that a candidate is no claim. It does not come back.

        Raises:
            CorpusError: The decision cannot be written.
        """
        folder = self._corpus / candidate.document
        with _locked(folder):
            self._finish(candidate, [self._record(folder, candidate, "reject", None)])

    def accept(self, candidate: Candidate, claim: Draft | str) -> str:
        """Write a claim on a candidate's sentence.

        Args:
            candidate: The candidate.
            claim: The claim: a draft, or Turtle as somebody edited it.

        Returns:
            The identifier of the claim.

        Raises:
            GraphError: The claim is not whole, breaks its shape, or does not quote the sentence; nothing is written.
            CorpusError: The file cannot be written.
        """
        block = to_turtle(claim, candidate) if isinstance(claim, Draft) else claim.strip() + "\n"
        folder = self._corpus / candidate.document
        path = folder / CLAIMS_FILE
        with _locked(folder):
            before = path.read_bytes() if path.is_file() else None
            old, _ = self._read(path, candidate, before) if before is not None else (Graph(), ())
            text, new = self._with_recorder(candidate, before, block, old)
            graph, claims = self._read(path, candidate, text.encode())
            accepted = [one for one in claims if one.iri in new]
            self._require_conformance(candidate, graph, claims, {*new, *self._agents(graph, old)})
            quoting = [one for one in accepted if any(quotes(q.span, candidate) for q in one.quotations)]
            if not quoting:
                raise GraphError(
                    "The claim does not quote the sentence of the candidate.", "Leave the quotation as it is."
                )
            written = [_write(path, text.encode())]
            try:
                written.append(self._record(folder, candidate, "accept", quoting[0].name))
            except CorpusError:
                _restore(written)
                raise
            self._stated = {**self._stated, candidate.document: self._describe(candidate, graph, claims)}
            self._finish(candidate, written)
        return quoting[0].iri

    def undo(self) -> Candidate | None:
        """Take the last decision of this session back.

        Returns:
            The candidate, which waits again; None when nothing was decided.

        Raises:
            CorpusError: Somebody changed the file since.
        """
        if not self._done:
            return None
        candidate, written = self._done[-1]
        with _locked(self._corpus / candidate.document):
            for one in written:
                if one.path.read_bytes() != one.after:
                    raise CorpusError(f"{one.path} was changed since.", "Take the decision back by hand.")
            _restore(written)
        self._done.pop()
        self._waiting = {candidate.id: candidate, **self._waiting}
        return candidate

    def _finish(self, candidate: Candidate, written: list[_Written]) -> None:
        del self._waiting[candidate.id]
        self._done.append((candidate, written))

    def _record(self, folder: Path, candidate: Candidate, verdict: str, claim: str | None) -> _Written:
        review = Review(candidate.id, verdict, self.reviewer, _now(), candidate.text, claim)  # type: ignore[arg-type]
        path = folder / REVIEWS_FILE
        before = path.read_bytes() if path.is_file() else b""
        if before and not before.endswith(b"\n"):
            before += b"\n"
        return _write(path, before + msgspec.json.encode(review) + b"\n")

    def _with_recorder(
        self, candidate: Candidate, before: bytes | None, block: str, old: Graph
    ) -> tuple[str, set[str]]:
        """The claims file with a block and who recorded it, and the identifiers of the claims in the block."""
        prefix = f"{self._names.base}claim/{candidate.document}/"
        said = before.decode() if before is not None else None
        text = with_block(said, block, candidate.document)
        graph = self._parse(self._corpus / candidate.document / CLAIMS_FILE, text)
        # What has no name differs from one reading to the next, and is left out.
        subjects = {s for s, _, o in graph - old if isinstance(s, URIRef) and not isinstance(o, BNode)}
        changed = sorted(subjects & set(old.subjects()), key=str)
        if changed:
            raise GraphError(f"There is a claim '{changed[0].removeprefix(prefix)}' already.", "Give it another name.")
        names = sorted(str(iri).removeprefix(prefix) for iri in subjects if iri.startswith(prefix))
        if not names:
            raise GraphError("There is no claim in it.", "Begin with 'claim:NAME a iio:EffectClaim ;'.")
        block = f"{block}{recorded_by(names, self.reviewer, _now())}"
        return with_block(said, block, candidate.document), {f"{prefix}{name}" for name in names}

    def _parse(self, path: Path, text: str) -> Graph:
        with _aside(path, text.encode()) as aside:
            return parse_turtle(aside, self._names.base)[0]

    def _read(self, path: Path, candidate: Candidate, content: bytes) -> tuple[Graph, tuple[Claim, ...]]:
        document = self._documents[candidate.document]
        with _aside(path, content) as aside:
            return read_claims(aside, document, self._passages, self._names)

    def _describe(self, candidate: Candidate, graph: Graph, claims: tuple[Claim, ...]) -> Graph:
        document = self._documents[candidate.document]
        quoted = {quotation.passage for claim in claims for quotation in claim.quotations}
        passages = [passage for passage in self._passages if passage.key in quoted]
        return graph_build.union(
            (
                graph,
                graph_build.describe_document(document, self._names),
                graph_build.describe_passages(passages, document, self._names),
                graph_build.describe_evidence(claims, graph, document, self._names),
                describe_findings(graph, self._names),
            )
        )

    def _agents(self, graph: Graph, old: Graph) -> set[str]:
        return {str(node) for node, _, _ in graph - old if str(node).startswith(f"{self._names.base}agent/")}

    def _require_conformance(
        self, candidate: Candidate, graph: Graph, claims: tuple[Claim, ...], new: set[str]
    ) -> None:
        """Refuse claims that break their shapes; what was wrong before is not theirs to mend."""
        described = self._describe(candidate, graph, claims)
        others = (part for name, part in self._stated.items() if name != candidate.document)
        whole = graph_build.union((*others, described))
        # What a build adds to a claim goes by its name: "…#finding".
        focus = {node for node in described.subjects() if isinstance(node, URIRef) and node.split("#")[0] in new}
        shapes, _ = parse_turtle(self._shapes, self._names.base)
        problems = find_problems(whole, shapes, focus)
        if problems:
            raise GraphError("\n".join(map(str, problems)))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one reviewer at a time write in a folder."""
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise CorpusError(f"{folder}: {error.strerror}.", "Put the folder back.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _aside(path: Path, content: bytes) -> Iterator[Path]:
    """What a file would hold, to be read before it is written; errors name the file itself."""
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder) / path.name
        aside.write_bytes(content)
        try:
            yield aside
        except GraphError as error:
            raise GraphError(error.message.replace(str(aside), str(path)), error.hint) from None


def _restore(written: Iterable[_Written]) -> None:
    """Put files back as they were."""
    for one in written:
        if one.before is None:
            one.path.unlink()
        else:
            _write(one.path, one.before)


def _write(path: Path, content: bytes) -> _Written:
    """Write a file so that it is there whole or as it was, even if the machine stops.

    Raises:
        CorpusError: It cannot be written.
    """
    try:
        before = path.read_bytes() if path.is_file() else None
        mode = path.stat().st_mode & 0o777 if before is not None else 0o644
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise CorpusError(
            f"{path}: {(error.strerror or str(error)).rstrip('.')}.",
            "Nothing was written; make room, or give the rights.",
        ) from None
    return _Written(path, before, content)
