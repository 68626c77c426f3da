"""Which passages and claims fit a question: by meaning, by words, and by what the graph knows they are about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.ask.beside import enabled
from iio_kg.ask.fusion import CLAIM_SIGNALS, TEXT_SIGNALS, Channels, Weights, load_weights
from iio_kg.ask.judge import UNOPPOSED
from iio_kg.ask.kind import question_type, wanted_kinds, wants_figure
from iio_kg.ask.likely import Likely, LikelySets
from iio_kg.ask.link import Linker
from iio_kg.ask.mend import Mender
from iio_kg.ask.stopwatch import Stopwatch
from iio_kg.ask.support import Support, asked_words
from iio_kg.graph.claims import LANGUAGES, disputes_between
from iio_kg.index.units import with_headings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from iio_kg.ask.kind import QuestionType
    from iio_kg.graph.claims import AnswerKind, Claim, Effect
    from iio_kg.index.encoder import Encoder
    from iio_kg.index.rerank import Reranker
    from iio_kg.snapshot import Content

#: How many passages are ranked, and among how many of the nearest units they are sought.
_RANKED, _NEAREST = 50, 4000
#: An open question that is no nearer than this says nothing: nobody may have thought of one.
_OPEN_FLOOR = 0.4
#: Questions that are no further than this from the nearest one are its neighbours; how steeply the further count less.
_NEIGHBOURHOOD, _NEIGHBOURLY = np.float32(0.2), np.float32(20)
#: What a word is worth that a text in another language than the question shares with it.
_SHARED_WORDS = np.float32(0.5)
#: By how much a summary may fit better than a source that says the same or otherwise, which still comes first.
_SOURCE_MARGIN = 0.12
#: How many of them a cross-encoder reads, where one is set.
_RERANKED = 20
#: Things named beyond this number make a question no more explicit.
_MANY_LINKS = 2
#: Words beyond this number make a question no longer.
_LONG = 20
_OUTCOMES, _SECTORS, _CONCEPTS = "outcomes", "sectors", "innovation-concepts"


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with what speaks for it.

    Attributes:
        passage: The number of the passage.
        score: The higher the better; about 0 for what has nothing to do with the question, seldom above 1.
        claim: The number of the claim that led to it, or None where its own words did.
        sentence: The number of the sentence that fits best.
    """

    passage: int
    score: float
    claim: int | None
    sentence: int


@dataclass(frozen=True, slots=True)
class Understood:
    """A question, taken apart.

    Attributes:
        text: The question as it is read; see `iio_kg.ask.mend`.
        language: Its language.
        links: Identifiers of what it names.
        kinds: The kinds of claim that its wording asks for, each with the words that do so.
        figure: Whether it asks for a number.
        type: Its type.
        words: The words that it asks with.
        terms: The terms it is worded in that are known, int64 of shape ``(n,)``; see `iio_kg.index.wording`.
        vector: The vector of the whole, float32 of shape ``(dimension,)``.
        word_vectors: Those of its words, one a row.
    """

    text: str
    language: str
    links: tuple[str, ...]
    kinds: dict[AnswerKind, str]
    figure: bool
    type: QuestionType
    words: tuple[str, ...]
    terms: NDArray[np.int64]
    vector: NDArray[np.float32]
    word_vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for every passage and every claim, in the order of the snapshot.

    Attributes:
        text: Of passages, float32 of shape ``(passages, len(TEXT_SIGNALS))``.
        near_words: How much of the question the words of each passage say, float32 of shape ``(passages,)``.
        claims: Of claims, float32 of shape ``(claims, len(CLAIM_SIGNALS))``.
        sentences: For each passage the number of its nearest sentence.
        statements: Of claims, how near their statement is in either language, float32 of shape ``(claims,)``.
        open: How near the nearest question is that the material leaves open.
        answered: How near each phrasing of a claim is, float32 of shape ``(phrasings,)``.
        answered_share: Of the questions about as near as the nearest one, which part the material answers, the nearer
            counting more; 1 where none is known that it leaves open.
        worded_as_answered: The log odds, by the wording of the question, that the material answers it.
        likely: The number of the nearest set of findings and how near it is.
    """

    text: NDArray[np.float32]
    near_words: NDArray[np.float32]
    claims: NDArray[np.float32]
    sentences: NDArray[np.int64]
    statements: NDArray[np.float32]
    open: float
    answered: NDArray[np.float32]
    answered_share: float
    worded_as_answered: float
    likely: tuple[int, float] | None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found, the best first, with the signals the judge looks at.

    Attributes:
        found: The best passages in order of score.
        signals: Named numbers; see `iio_kg.ask.judge`.
        links: Identifiers of what the question names.
        likely: The set of findings that the question is nearest to.
        nearness: How near the question is to each phrasing of a claim, float32 of shape ``(phrasings,)``.
        claims: How near it is to the nearest phrasing of each claim, float32 of shape ``(claims,)``.
    """

    found: tuple[Found, ...]
    signals: dict[str, float]
    links: tuple[str, ...]
    likely: Likely | None
    nearness: NDArray[np.float32]
    claims: NDArray[np.float32]


class Retriever:
    """Searches a snapshot.

    Args:
        content: The snapshot's content.
        encoder: The encoder the snapshot was made with.
        reranker: Reads the best passages together with the question, if given.

    Attributes:
        pairs: Which claims rest on which passages, by number: passage, claim.
    """

    def __init__(self, content: Content, encoder: Encoder, reranker: Reranker | None = None) -> None:
        self._content = content
        self._reranker = reranker
        self._linker = Linker(content.entities)
        self._mender = Mender(content.terms, content.claims, content.entities, content.spelling)
        self._support = Support(content, encoder)
        self._sets = LikelySets(content.question_sets)
        self._schemes = {entity.iri: entity.scheme for entity in content.entities}
        units = content.units
        self._unit_passage = np.array([unit.passage for unit in units], np.int64)
        self._unit_language = np.array([unit.language for unit in units], str)
        self._unit_part = np.array([unit.part for unit in units], np.int64)
        self._is_sentence = np.array([unit.kind == "sentence" for unit in units], bool)
        # Phrasings stand by claim and then by language, the statement first: each such stretch has one best phrasing.
        spoken = {language: number for number, language in enumerate(LANGUAGES)}
        cells = np.array([each.claim * len(spoken) + spoken[each.language] for each in content.phrasings], np.int64)
        self._stretches = np.flatnonzero(np.diff(cells, prepend=-1))
        self._cells = cells[self._stretches]
        numbers = {passage.key: number for number, passage in enumerate(content.passages)}
        kinds = {document.id: document.metadata.kind for document in content.documents}
        self._is_summary = np.array([kinds[passage.document] == "summary" for passage in content.passages], np.float32)
        self._has_figure = np.array([_has_figure(claim) for claim in content.claims], bool)
        self._topics = [_topics_of(claim, content.claims) for claim in content.claims]
        self._topic_column = {
            iri: column for column, iri in enumerate(sorted(filter(None, set().union(*self._topics))))
        }
        self._topic_table = np.zeros((len(content.claims), len(self._topic_column)), bool)
        for number, topics in enumerate(self._topics):
            self._topic_table[number, [self._topic_column[iri] for iri in topics if iri]] = True
        kinds_of_claims = [claim.kind for claim in content.claims]
        self._of_kind = {kind: np.array([its == kind for its in kinds_of_claims]) for kind in set(kinds_of_claims)}
        self._claim_passages = [
            list(dict.fromkeys(numbers[quotation.passage] for quotation in claim.quotations))
            for claim in content.claims
        ]
        pairs = [(passage, claim) for claim, its in enumerate(self._claim_passages) for passage in its]
        self._before = _sources_before(content, self._is_summary, self._claim_passages)
        self.pairs = np.array(pairs, np.int64).reshape(-1, 2)

    def retrieve(
        self,
        question: str,
        language: str,
        channels: Channels | None = None,
        *,
        passages: Callable[[int], bool] | None = None,
        claims: Callable[[Claim], bool] | None = None,
        weights: Weights | None = None,
        watch: Stopwatch | None = None,
    ) -> Retrieved:
        """Find what fits a question.

        Args:
            question: The question.
            language: Its language.
            channels: How much each channel counts.
            passages: Which passages, by number, may be found; None: all.
            claims: Which claims may be found; None: all.
            weights: How much each signal counts; for experiments.
            watch: Is told when a stage is over.
        """
        watch = watch or Stopwatch()
        understood = self.understand(question, language)
        watch.end("understand")
        signals = self.signals(understood)
        admitted = None if claims is None else np.array([claims(claim) for claim in self._content.claims], bool)
        found = self._rank(signals, admitted, passages, channels or Channels(), weights or load_weights())
        if self._reranker is not None:
            found = self._reranked(self._reranker, understood.text, language, found)
        found = self._source_first(found, understood.links)
        watch.end("retrieve")
        judged = self._judged(understood, signals, found) if found else {}
        watch.end("judge")
        return Retrieved(
            found=found,
            signals=judged,
            links=understood.links,
            likely=self._likely(understood, signals, judged),
            nearness=signals.answered,
            claims=signals.claims[:, :2].max(axis=1),
        )

    def read(self, question: str) -> str:
        """The question as it is read, typing errors mended; what is read once stays as it is."""
        return self._mender.read(question)

    def understand(self, question: str, language: str) -> Understood:
        """Take a question apart."""
        question = self.read(question)
        words = asked_words(question, language)
        vector, word_vectors = self._support.encode(question, words, language)
        return Understood(
            text=question,
            language=language,
            links=self._linker.link(question, language),
            kinds=wanted_kinds(question, language),
            figure=wants_figure(question, language),
            type=question_type(question),
            words=words,
            terms=self._content.wording.read(question, language),
            vector=vector,
            word_vectors=word_vectors,
        )

    def signals(self, question: Understood) -> Signals:
        """What speaks for every passage and claim."""
        text, sentences = self._text_signals(question)
        metric = self._content.metric
        vector = question.vector if metric is None else metric.of_query(question.vector)
        answered = np.maximum(self._content.phrasing_nearness.of(vector), 0)
        left_open, of_sets = (its.of(vector) for its in (self._content.open_nearness, self._content.set_nearness))
        claims, statements = self._claim_signals(question, answered)
        return Signals(
            text=text,
            near_words=self._support.of_passages(question.words, question.word_vectors, question.language),
            claims=claims,
            sentences=sentences,
            statements=statements,
            open=float(left_open.max(initial=0)),
            answered=answered,
            answered_share=_share(np.append(answered, of_sets), left_open),
            worded_as_answered=self._content.wording.answered(question.terms),
            likely=self._sets.nearest(of_sets),
        )

    def evidence_of(self, claim: int) -> Found:
        """The first passage that a claim, by number, rests on, as though nothing but the claim had led to it."""
        return Found(passage=self._claim_passages[claim][0], score=1.0, claim=claim, sentence=0)

    def _text_signals(self, question: Understood) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        content = self._content
        cosines = np.zeros(len(content.units), np.float32)
        numbers, scores = content.dense.search(question.vector, _NEAREST)
        # Cosines of E5 models lie between 0.7 and 1.0 (model card), others elsewhere; the range is stretched to 0-1.
        cosines[numbers] = np.clip((scores - content.floor) / (1 - content.floor), 0, 1)
        words = content.words.scores(question.text, question.language)
        # Words that two languages share are names, or the same by accident.
        words = np.where(self._unit_language == question.language, words, _SHARED_WORDS * words)
        count = len(content.passages)
        whole = ~self._is_sentence
        table = np.zeros((count, len(TEXT_SIGNALS)), np.float32)
        table[self._unit_passage[whole], 0] = cosines[whole]
        np.maximum.at(table[:, 1], self._unit_passage, cosines)
        np.maximum.at(table[:, 2], self._unit_passage, words)
        table[:, 3] = self._is_summary
        sentences = np.zeros(count, np.int64)
        nearest = np.flatnonzero(self._is_sentence)
        nearest = nearest[np.argsort(cosines[nearest], kind="stable")]
        # Later assignments win, and these come last in order of nearness.
        sentences[self._unit_passage[nearest]] = self._unit_part[nearest]
        return table, sentences

    def _claim_signals(
        self, question: Understood, cosines: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What speaks for claims, and for their statements; `cosines` is how near each phrasing is."""
        content = self._content
        table = np.zeros((len(content.claims), len(CLAIM_SIGNALS)), np.float32)
        if not len(content.claims):
            return table, np.zeros(0, np.float32)
        own = LANGUAGES.index(question.language)
        nearest = self._by_claim(np.maximum.reduceat(cosines, self._stretches))
        table[:, 0], table[:, 1] = nearest[:, own], np.delete(nearest, own, axis=1).max(axis=1)
        table[:, 2] = content.wording.of_claims(question.terms)
        statements = self._by_claim(cosines[self._stretches]).max(axis=1)
        links = dict.fromkeys(question.links)
        outcomes = (link for link in links if self._schemes.get(link) == _OUTCOMES)
        for kind in question.kinds:
            if kind in self._of_kind:
                table[self._of_kind[kind], 3] = 1
        if question.type == "definition":
            table[:, 4] = [not links.keys().isdisjoint(claim.defines) for claim in content.claims]
        table[:, 5] = np.minimum(self._count_topics(outcomes), _MANY_LINKS)
        table[:, 6] = np.minimum(len(links) - self._count_topics(links), _MANY_LINKS)
        table[:, 7] = 1
        return table, statements

    def _by_claim(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """A value for each stretch of phrasings as a table of claims by languages; 0 where there are none."""
        table = np.zeros(len(self._content.claims) * len(LANGUAGES), np.float32)
        table[self._cells] = values
        return table.reshape(-1, len(LANGUAGES))

    def _count_topics(self, links: Iterable[str]) -> NDArray[np.int64]:
        """How many of some things each claim is about."""
        columns = [self._topic_column[link] for link in links if link in self._topic_column]
        count: NDArray[np.int64] = self._topic_table[:, columns].sum(axis=1)
        return count

    def _rank(
        self,
        signals: Signals,
        admitted: NDArray[np.bool_] | None,
        allowed: Callable[[int], bool] | None,
        channels: Channels,
        weights: Weights,
    ) -> tuple[Found, ...]:
        count = len(self._content.passages)
        own = signals.text @ weights.text(channels)
        added = signals.claims @ weights.claims(channels)
        if admitted is not None:
            added = np.where(admitted, added, -np.inf)
        best = np.full(count, -1, np.int64)
        by_claim = np.zeros(count, np.float32)
        # Later assignments win: the best claim of a passage comes last, and of equal ones the first.
        pairs = self.pairs[np.argsort(-added[self.pairs[:, 1]], kind="stable")[::-1]]
        pairs = pairs[added[pairs[:, 1]] > 0]
        best[pairs[:, 0]], by_claim[pairs[:, 0]] = pairs[:, 1], added[pairs[:, 1]]
        total = own + np.maximum(by_claim, weights.instead(channels) * signals.near_words)
        in_order = np.argsort(-total, kind="stable").tolist()
        order = list(islice((number for number in in_order if allowed is None or allowed(number)), _RANKED))
        # Read from the arrays at once: number by number takes as long as all the rest here.
        rows = zip(order, total[order].tolist(), best[order].tolist(), signals.sentences[order].tolist(), strict=True)
        return tuple(
            Found(passage, score, claim if claim >= 0 else None, sentence) for passage, score, claim, sentence in rows
        )

    def _reranked(
        self, reranker: Reranker, question: str, language: str, found: tuple[Found, ...]
    ) -> tuple[Found, ...]:
        """The best of what was found in order of the mean of score and relevance; each keeps its score.

        Both lie between 0 and about 1. The mean was not fitted: no cross-encoder could be had to fit it with.
        """
        best = found[:_RERANKED]
        relevance = reranker.relevance(question, [self._as_read(each, language) for each in best])
        scores = np.array([each.score for each in best]) + relevance
        return (*(best[place] for place in np.argsort(-scores, kind="stable")), *found[_RERANKED:])

    def _as_read(self, found: Found, language: str) -> str:
        """A passage with its headings, behind the statement of the claim that led to it."""
        passage = self._content.passages[found.passage]
        text = with_headings(passage, passage.text)
        return text if found.claim is None else f"{self._content.claims[found.claim].statements[language]}\n{text}"

    def _source_first(self, found: tuple[Found, ...], links: tuple[str, ...]) -> tuple[Found, ...]:
        """What was found, a source's own words before a summary of ours that says the same or otherwise.

        Unless the summary fits much better, or the question names something that only the summary is about, such as
        whoever is said to say so.
        """
        if not found or found[0].claim is None:
            return found
        summarised, score = found[0].claim, found[0].score
        for claim in self._before.get(summarised, ()):
            only = self._topics[summarised] - self._topics[claim]
            place = next((f for f in found if f.passage in self._claim_passages[claim]), None)
            if place is not None and only.isdisjoint(links) and place.score >= score - _SOURCE_MARGIN:
                moved = replace(place, score=score, claim=claim)
                return (moved, *(other for other in found if other is not place))
        return found

    def _likely(self, question: Understood, signals: Signals, judged: dict[str, float]) -> Likely | None:
        """The set that a question is nearest to, with what speaks for it."""
        if signals.likely is None:
            return None
        number, near = signals.likely
        told = {
            "near": near,
            "ahead_of_answered": near - float(signals.answered.max(initial=0)),
            "ahead_of_open": near - signals.open,
            "unsaid": self._sets.unsaid(number, question.words, question.language),
            "weakest_word": judged.get("weakest_word", 0.0),
            "listed": float(question.type in ("list", "comparison")),
            "length": _length(question),
        }
        return Likely(number, told)

    def _judged(self, question: Understood, signals: Signals, found: tuple[Found, ...]) -> dict[str, float]:
        """The signals of what was found first; see `iio_kg.ask.judge`."""
        first, among = found[0], [its.passage for its in found]
        claim = None if first.claim is None else self._content.claims[first.claim]
        topics = frozenset() if first.claim is None else self._topics[first.claim]
        named = {scheme: {x for x in question.links if self._schemes.get(x) == scheme} for scheme in _JUDGED_SCHEMES}
        linked = sum(link in topics for link in question.links)
        runner_up = next((other.score for other in found if other.claim != first.claim), 0.0)
        judged = self._support.signals(question.words, question.word_vectors, question.language, question.kinds, first)
        judged |= {
            "uncovered": float(min(self._uncovered(question.links), _MANY_LINKS)),
            # The bare name of something is a question for what it is; any other single word is no question yet.
            "few": float(len(question.words) <= 1 and not linked),
            "linked": linked / len(question.links) if question.links else 0.0,
            "unlinked": float(min(len(question.links) - linked, _MANY_LINKS)),
            "figure_missing": float(question.figure and (first.claim is None or not self._has_figure[first.claim])),
            "no_claim": float(claim is None),
            "score": first.score,
            "margin": first.score - runner_up,
            "ahead": first.score - (found[1].score if len(found) > 1 else 0.0),
            "firsts": float((signals.text[among, :3] <= signals.text[first.passage, :3]).all(axis=0).sum()),
            "passage": float(signals.text[first.passage, 0]),
            "sentence": float(signals.text[first.passage, 1]),
            "words": float(signals.text[first.passage, 2]),
            "near_words": float(signals.near_words[first.passage]),
            "phrasing": 0.0 if first.claim is None else float(signals.claims[first.claim, 0]),
            # What no claim led to may be from a document that came after the open questions were written.
            "open": 0.0 if first.claim is None else max(signals.open, _OPEN_FLOOR),
            "answered_share": 0.0 if first.claim is None else signals.answered_share,
            "worded_as_answered": 0.0 if first.claim is None else signals.worded_as_answered,
            UNOPPOSED: float(not len(self._content.open_nearness)),
            "statement": 0.0 if first.claim is None else float(signals.statements[first.claim]),
            "length": _length(question),
            "english": float(question.language == "en"),
            "kind": float(claim is not None and claim.kind in question.kinds),
        }
        for scheme, its in named.items():
            judged[f"other_{scheme}"] = float(bool(its) and not its & topics)
        return judged

    def _uncovered(self, links: Iterable[str]) -> int:
        """How many pairs of what is named, of different schemes, no claim is about together.

        So the graph tells what it does not know: two things are in the material, and nothing on the one at the other.
        """
        named = [link for link in dict.fromkeys(links) if self._schemes.get(link) in _JUDGED_SCHEMES]
        pairs = ((a, b) for a, b in combinations(named, 2) if self._schemes[a] != self._schemes[b])
        return sum(not self._are_together(a, b) for a, b in pairs)

    def _are_together(self, a: str, b: str) -> bool:
        columns = [self._topic_column[iri] for iri in (a, b) if iri in self._topic_column]
        return len(columns) == 2 and bool(self._topic_table[:, columns].all(axis=1).any())


_JUDGED_SCHEMES = (_OUTCOMES, _SECTORS, _CONCEPTS)


def _length(question: Understood) -> float:
    return float(min(len(question.text.split()), _LONG))


def _share(answered: NDArray[np.float32], left_open: NDArray[np.float32]) -> float:
    """Which part of the near questions is answered: see `Signals.answered_share`."""
    nearest = max(answered.max(initial=0), left_open.max(initial=0))
    theirs, others = (
        float(np.exp(_NEIGHBOURLY * (near - nearest)).sum())
        for near in (cosines[cosines >= nearest - _NEIGHBOURHOOD] for cosines in (answered, left_open))
    )
    return theirs / (theirs + others) if theirs else 0.0


def _sources_before(
    content: Content, is_summary: NDArray[np.float32], passages: Sequence[Sequence[int]]
) -> dict[int, list[int]]:
    """For each claim on a summary the claims on sources' own words that are to come before it.

    Those that it disputes, that dispute it, or that find the same effect.
    """
    from_summary = [bool(is_summary[its[0]]) for its in passages]
    disputes = disputes_between(content.claims)
    found: dict[tuple[str | Effect, ...], list[int]] = {}
    for number, claim in enumerate(content.claims):
        if claim.effect is not None and claim.concept is not None and not from_summary[number]:
            found.setdefault((claim.concept, _bare(claim.effect)), []).append(number)
    before: dict[int, list[int]] = {}
    for number, claim in enumerate(content.claims):
        if from_summary[number]:
            same = found.get((claim.concept or "", _bare(claim.effect)), ()) if claim.effect else ()
            before[number] = [*same, *(other for other in disputes.get(number, ()) if not from_summary[other])]
    return before


def _bare(effect: Effect) -> Effect:
    """An effect without its figure and what it is compared with."""
    return replace(effect, number=None, low=None, high=None, unit=None, comparator=None, hedge="")


def _topics_of(claim: Claim, claims: Sequence[Claim]) -> frozenset[str | None]:
    """What a claim is about; one on conditions also about the outcomes that depend on them."""
    outcomes = (other.effect.outcome for other in enabled(claim, claims) if other.effect) if claim.conditions else ()
    return frozenset((*claim.topics, claim.sector, *outcomes))


def _has_figure(claim: Claim) -> bool:
    return any(character.isdigit() for text in claim.statements.values() for character in text)
