"""Answering questions over an open snapshot."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Semaphore
from typing import TYPE_CHECKING, get_args

import numpy as np

from iio_kg.ask.answer import Answer, Citation, Dissent, Language
from iio_kg.ask.beside import Asked, besides, figures_of, rivals
from iio_kg.ask.collect import collect_answer, collect_likely, shelve
from iio_kg.ask.compose import card, choose_statement, cite, relate
from iio_kg.ask.judge import load_calibration
from iio_kg.ask.language import detect_language, neutral_names
from iio_kg.ask.recent import Recent
from iio_kg.ask.retrieve import Retriever
from iio_kg.ask.sets import by_scheme
from iio_kg.ask.stopwatch import Stopwatch
from iio_kg.ask.suggest import Suggester
from iio_kg.errors import BadQuestion, SnapshotError
from iio_kg.graph.claims import disputes_between
from iio_kg.graph.namespaces import Names

if TYPE_CHECKING:
    from collections.abc import Callable

    from iio_kg.ask.answer import Collection, Statement
    from iio_kg.ask.fusion import Channels
    from iio_kg.ask.judge import Calibration, Verdict
    from iio_kg.ask.retrieve import Found, Retrieved
    from iio_kg.config import Settings
    from iio_kg.corpus.document import Passage
    from iio_kg.graph.claims import Claim
    from iio_kg.index.encoder import Encoder
    from iio_kg.index.rerank import Reranker
    from iio_kg.snapshot import Snapshot

LANGUAGES: tuple[Language, ...] = get_args(Language)
#: How many answers are kept, each of some ten kilobytes.
_REMEMBERED = 1000
#: How many more questions are worked on at once than there are processors, as one now and then waits for another. With
#: still more they take each other's caches, and all are answered later.
_WAITING = 1


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question may be kept within; None leaves it open.

    Attributes:
        document: The id of a document.
        concept: The local name or identifier of a concept.
        sector: The local name or identifier of a sector.
    """

    document: str | None = None
    concept: str | None = None
    sector: str | None = None


class Engine:
    """Answers questions.

    Args:
        snapshot: The open snapshot.
        encoder: The encoder it was made with.
        citations: How many passages an answer lists.
        max_question: Longest question taken, in characters.
        reranker: A cross-encoder that reads the best passages together with the question.

    Raises:
        SnapshotError: The snapshot was made with another encoder.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        encoder: Encoder,
        *,
        citations: int = 5,
        max_question: int = 1000,
        reranker: Reranker | None = None,
    ) -> None:
        if encoder.fingerprint != snapshot.manifest.fingerprint:
            raise SnapshotError(
                f"The snapshot {snapshot.id} was made with another model than the one that is set.",
                "Run 'iio-kg build', or set the model it was made with: " + snapshot.manifest.model + ".",
            )
        self.snapshot = snapshot
        self._content = snapshot.content
        self._names = Names(snapshot.manifest.base_uri)
        self.retriever = Retriever(snapshot.content, encoder, reranker)
        self.suggester = Suggester(
            self._content.claims, self._content.entities, self._names.base, np.asarray(self._content.claim_vectors)
        )
        self._answers: Recent[tuple[str, Language | None, Scope], Answer] = Recent(_REMEMBERED)
        self._room = Semaphore(len(os.sched_getaffinity(0)) + _WAITING)
        self._citations = citations
        self._max_question = max_question
        self._documents = {document.id: document for document in self._content.documents}
        self._entities = {entity.iri: entity for entity in self._content.entities}
        self._disputes = disputes_between(self._content.claims)
        self.shelf = shelve(self._content, self._names)
        self._claim_numbers = {claim.iri: number for number, claim in enumerate(self._content.claims)}
        self._neutral = neutral_names(
            name for entity in self._content.entities for name in entity.names("nl") & entity.names("en")
        )

    def ask(
        self,
        question: str,
        language: str | None = None,
        scope: Scope | None = None,
        *,
        channels: Channels | None = None,
        calibration: Calibration | None = None,
    ) -> Answer:
        """Answer a question; one that was asked lately is not answered anew.

        Args:
            question: The question, in Dutch or English.
            language: The language of the answer, ``nl`` or ``en``; that of the question when None.
            scope: What to stay within.
            channels: How much each way of finding counts; for experiments.
            calibration: How probabilities are judged; for experiments.

        Raises:
            BadQuestion: The question is empty, too long or holds no word; the language, document, concept or
                sector is unknown.
        """
        watch = Stopwatch()
        question = self._clean(question)
        asked_for, scope = self._language(language), scope or Scope()
        if channels is not None or calibration is not None:
            return self._answer(question, asked_for, scope, watch, channels, calibration)
        key = (question, asked_for, scope)
        known = self._answers.get(key)
        if known is None:
            with self._room:
                watch.end("wait")
                # Somebody else may have asked the same meanwhile.
                known = self._answers.get(key)
                if known is None:
                    answer = self._answer(question, asked_for, scope, watch)
                    self._answers.put(key, answer)
                    return answer
        watch.end("cache")
        return replace(known, took_ms=watch.milliseconds, stages=watch.stages)

    def _answer(
        self,
        question: str,
        language: Language | None,
        scope: Scope,
        watch: Stopwatch,
        channels: Channels | None = None,
        calibration: Calibration | None = None,
    ) -> Answer:
        read = self.retriever.read(question)
        asked_in = detect_language(read, neutral=self._neutral, leaning=self._content.spelling.leaning)
        spoken = language or asked_in
        retrieved = self.retrieve(read, asked_in, scope, channels, watch)
        calibration = calibration or load_calibration()
        # Signals of another encoder mean something else; unjudged, nothing counts as answered.
        judged = calibration.model == self.snapshot.manifest.model
        verdict = calibration.judge(retrieved.signals if judged else {})
        confidence, answered = verdict.probability, verdict.answered
        top = retrieved.found[: self._citations]
        admits = self._admits(scope)
        collection, likely = self._collect(read, retrieved, admits, spoken, verdict, calibration if judged else None)
        if collection is not None and collection.leads:
            # All of it is the answer, whatever one passage says.
            answered, top = True, self._lead(collection, top)
            confidence = max(confidence, likely)
        statement = None
        iris: list[str | None] = list(retrieved.links)
        if answered:
            passage = self._content.passages[top[0].passage]
            statement = choose_statement(
                top[0], passage, self._content.claims, self._documents[passage.document], spoken
            )
            statement = self._with_figures(statement, read, retrieved, admits, spoken)
            collection = _without_dissent_of(collection, statement.claim)
            iris = [statement.concept, *(effect.outcome for effect in statement.effects), *iris]
        citations = tuple(self._cite(rank, found) for rank, found in enumerate(top, 1))
        similar = (
            self.suggester.similar(statement.claim, read, spoken, retrieved.nearness)
            if statement and statement.claim
            else ()
        )
        watch.end("compose")
        return Answer(
            question=question,
            read_as=None if read == question else read,
            asked_in=asked_in,
            language=spoken,
            answered=answered,
            statement=statement,
            citations=citations,
            dissent=self._dissent(statement, spoken) if statement else (),
            related=relate(iris, self._entities, spoken, self._names.base),
            contacts=tuple(card(contact, spoken) for contact in self._content.contacts),
            confidence=confidence,
            snapshot=self.snapshot.id,
            similar=similar,
            took_ms=watch.milliseconds,
            stages=watch.stages,
            collection=collection,
        )

    def _lead(self, collection: Collection, top: tuple[Found, ...]) -> tuple[Found, ...]:
        """What was found, behind the evidence of the first row unless that of a row leads already."""
        rows = [self._claim_numbers[row.claim] for row in collection.rows]
        if top and top[0].claim in rows:
            return top
        first = self.retriever.evidence_of(rows[0])
        others = (found for found in top if found.passage != first.passage)
        return (first, *others)[: self._citations]

    def _collect(
        self,
        question: str,
        retrieved: Retrieved,
        admits: Callable[[Claim], bool],
        language: Language,
        verdict: Verdict,
        calibration: Calibration | None,
    ) -> tuple[Collection | None, float]:
        """All of what a list or a comparison asks for, or is likely to ask for, and how likely.

        Of the claims those that are admitted. What is only shown beside an answer needs one.
        """
        links, likely = retrieved.links, retrieved.likely
        read = collect_answer(question, links, self.shelf, language, admits=admits)
        if read is not None or likely is None or calibration is None:
            return read, 0.0
        probability = calibration.likely(likely.signals, verdict)
        if probability < calibration.beside:
            return None, probability
        its, leads = self._content.question_sets[likely.number], probability >= calibration.sets.threshold
        found = collect_likely(its, question, links, self.shelf, language, admits=admits, leads=leads)
        shown = found is not None and (found.leads or verdict.answered)
        return found if shown else None, probability

    def _admits(self, scope: Scope) -> Callable[[Claim], bool]:
        """Whether a claim and the words it rests on are within a scope."""
        if scope == Scope():
            return lambda _: True
        _, admitted = self._filters(scope)
        return lambda claim: admitted(claim) and scope.document in (None, claim.quotations[0].document)

    def _with_figures(
        self,
        statement: Statement,
        question: str,
        retrieved: Retrieved,
        admits: Callable[[Claim], bool],
        language: Language,
    ) -> Statement:
        """A statement with its figures in words, and those of what else the question may mean."""
        if statement.claim is None:
            return statement
        claims = self._content.claims
        claim = claims[self._claim_numbers[statement.claim]]
        within = tuple(filter(admits, claims))

        def near(other: Claim) -> float:
            return float(retrieved.claims[self._claim_numbers[other.iri]])

        asked = Asked(question, by_scheme(retrieved.links, self._entities), near)
        others = (
            *besides(asked, claim, within, self._entities),
            *rivals(asked, claim, within, self._entities),
        )
        figures = figures_of(question, claim, within, self._entities, language, lambda c: self.shelf.cite(1, c), others)
        return replace(statement, effects=tuple(figure.effect for figure in figures), figures=figures)

    def _cite(self, rank: int, found: Found) -> Citation:
        passage = self._content.passages[found.passage]
        document = self._documents[passage.document]
        neighbours = self._neighbours(found.passage)
        return cite(rank, found, passage, document, self._content.claims, self._names, neighbours)

    def _dissent(self, statement: Statement, language: Language) -> tuple[Dissent, ...]:
        """What other sources say instead of a claim and of the findings beside it, each with the words it rests on."""
        shown = [self._claim_numbers[iri] for iri in (statement.claim, *(f.claim for f in statement.figures)) if iri]
        others = dict.fromkeys(other for number in shown for other in self._disputes.get(number, ()))
        dissent = []
        for rank, number in enumerate((other for other in others if other not in shown), 1):
            claim = self._content.claims[number]
            citation = self._cite(rank, self.retriever.evidence_of(number))
            dissent.append(Dissent(claim.statements[language], language, claim.iri, citation))
        return tuple(dissent)

    def retrieve(
        self,
        question: str,
        language: str,
        scope: Scope | None = None,
        channels: Channels | None = None,
        watch: Stopwatch | None = None,
    ) -> Retrieved:
        """What is found for a question, before it is judged; see `Retriever.retrieve`."""
        if scope is None or scope == Scope():
            return self.retriever.retrieve(question, language, channels, watch=watch)
        passages, claims = self._filters(scope)
        return self.retriever.retrieve(question, language, channels, passages=passages, claims=claims, watch=watch)

    def _clean(self, question: str) -> str:
        cleaned = " ".join(
            "".join(
                c if c.isspace() or unicodedata.category(c)[0] != "C" else " "
                for c in unicodedata.normalize("NFC", question)
            ).split()
        )
        if not cleaned:
            raise BadQuestion("There is no question.", "Type one, in Dutch or English.")
        if len(cleaned) > self._max_question:
            raise BadQuestion(
                f"The question has {len(cleaned)} characters; at most {self._max_question} are taken.",
                "Ask it shorter.",
            )
        if not any(character.isalnum() for character in cleaned):
            raise BadQuestion("The question holds no word.", "Ask it in words, in Dutch or English.")
        return cleaned

    @staticmethod
    def _language(language: str | None) -> Language | None:
        if language is None:
            return None
        for known in LANGUAGES:
            if language == known:
                return known
        raise BadQuestion(f"The language '{language}' is unknown.", f"Use {' or '.join(LANGUAGES)}.")

    def _filters(self, scope: Scope) -> tuple[Callable[[int], bool], Callable[[Claim], bool]]:
        """Which passages and claims a scope admits.

        A passage belongs to a concept or sector when a claim about it rests on the passage.
        """
        if scope.document is not None and scope.document not in self._documents:
            known = ", ".join(self._documents)
            raise BadQuestion(f"The document '{scope.document}' is unknown.", f"Known are: {known}.")
        concept = self._concept(scope.concept, "concept")
        sector = self._concept(scope.sector, "sector")

        def admits(claim: Claim) -> bool:
            return (concept is None or concept in (*claim.subjects, claim.concept)) and (
                sector is None or sector in (claim.sector, *claim.subjects)
            )

        narrowed = concept is not None or sector is not None
        admitted = (claim for claim in self._content.claims if admits(claim)) if narrowed else ()
        evidenced = {quotation.passage for claim in admitted for quotation in claim.quotations}

        def passage_admitted(number: int) -> bool:
            passage = self._content.passages[number]
            return (scope.document is None or passage.document == scope.document) and (
                not narrowed or passage.key in evidenced
            )

        return passage_admitted, admits

    def _concept(self, name: str | None, what: str) -> str | None:
        if name is None:
            return None
        iri = name if name.startswith(self._names.base) else self._names.concept(name)
        if iri not in self._entities:
            raise BadQuestion(f"The {what} '{name}' is unknown.", "The concepts are listed in the graph.")
        return iri

    def _neighbours(self, number: int) -> tuple[Passage | None, Passage | None]:
        """The passages before and after one, in the same section."""
        passages = self._content.passages
        here = passages[number]

        def same(other: int) -> Passage | None:
            if not 0 <= other < len(passages):
                return None
            there = passages[other]
            alike = (there.document, there.sections) == (here.document, here.sections)
            return there if alike else None

        return same(number - 1), same(number + 1)


def _without_dissent_of(collection: Collection | None, claim: str | None) -> Collection | None:
    """A set beside an answer without what is said otherwise of the claim that answers, which stands there already."""
    if collection is None or collection.leads:
        return collection
    rows = (replace(row, dissent=()) if row.claim == claim else row for row in collection.rows)
    return replace(collection, rows=tuple(rows))


def open_engine(settings: Settings) -> Engine:
    """Open the current snapshot with its encoder.

    Raises:
        SnapshotError: There is no snapshot that can be used.
        ModelError: The encoder is not there or not whole, or the cross-encoder that is set cannot be loaded.
    """
    from concurrent.futures import ThreadPoolExecutor, wait

    from iio_kg.index.models import open_encoder
    from iio_kg.index.words import lemma
    from iio_kg.snapshot import open_snapshot

    # Encoder, dictionaries and snapshot open side by side: their libraries let go of the interpreter while they do.
    with ThreadPoolExecutor() as pool:
        dictionaries = [pool.submit(lemma, "school", language) for language in LANGUAGES]
        snapshot = open_snapshot(settings.data_dir)
        loading = pool.submit(open_encoder, settings)
        wait(dictionaries)
        encoder = loading.result()
    reranker = None
    if settings.reranker:
        from iio_kg.index.rerank import CrossEncoderReranker

        reranker = CrossEncoderReranker(settings.reranker)
    return Engine(
        snapshot, encoder, citations=settings.citations, max_question=settings.max_question, reranker=reranker
    )


@lru_cache(maxsize=1)
def _default_engine() -> Engine:
    from iio_kg.config import load_settings

    return open_engine(load_settings())


def ask(question: str, language: str | None = None) -> Answer:
    """Answer a question over the current snapshot; see `Engine.ask`.

    The snapshot and the model are opened at the first question and kept.
    """
    return _default_engine().ask(question, language)
