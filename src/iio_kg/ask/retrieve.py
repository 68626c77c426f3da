"""Which passages and claims fit a question: by meaning, by words, and by what the graph knows they are about.

The channels are added in a convex combination of normalised scores (S. Bruch et al., "An Analysis of Fusion Functions
for Hybrid Retrieval", 2022), which needs one weight per channel and no tuning of ranks. Weights were chosen on the
dev part of the question set; see ``docs/evaluation.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.ask.kind import wanted_kinds
from iio_kg.ask.link import Linker
from iio_kg.index.words import tokenize

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iio_kg.graph.claims import AnswerKind, Claim
    from iio_kg.index.encoder import Encoder
    from iio_kg.snapshot import Content

#: Cosines of E5 models lie between 0.7 and 1.0 (model card); this range is stretched to 0-1.
COSINE_FLOOR = 0.7
#: Words that say what kind of answer is wanted and not what about; no passage needs to have them.
FRAME_WORDS = frozenset(
    """
    hoeveel hoelang waarom waarvoor procent percentage nodig heb hebt iets effect effecten resultaat resultaten gevolg
    gevolgen rol soort keer uitleg vertel many much why need get got take takes effect effects result results impact
    role kind explain tell percent percentage long
    """.split()
)
_KEPT_WORDS = 50_000


@dataclass(frozen=True, slots=True)
class Channels:
    """How much each way of finding counts; 0 switches it off.

    Attributes:
        dense: Nearness of meaning, by the encoder.
        words: Shared words, by BM25.
        claims: Statements of claims, in the language of the question, as a way to the passages they rest on.
        links: Concepts that the question names and a claim is about.
        kinds: Claims of the kind that the wording of the question asks for.
        figures: Results that give a figure, before those that give a direction only.
    """

    dense: float = 0.85
    words: float = 0.15
    claims: float = 1.0
    links: float = 0.1
    kinds: float = 0.07
    figures: float = 0.03


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with what speaks for it.

    Attributes:
        passage: The number of the passage.
        score: From 0 to about 1.
        claim: The number of the claim that fits the question best among those that rest on the passage, or None.
        claim_score: The score of that claim.
        sentence: The number of the sentence that fits best.
    """

    passage: int
    score: float
    claim: int | None
    claim_score: float
    sentence: int


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found, the best first, with the signals the judge looks at.

    Attributes:
        found: Passages in order of score.
        signals: Named numbers; see `iio_kg.ask.judge`.
        links: Identifiers of what the question names.
    """

    found: tuple[Found, ...]
    signals: dict[str, float]
    links: tuple[str, ...]


class Retriever:
    """Searches a snapshot.

    Args:
        content: The snapshot's content.
        encoder: The encoder the snapshot was made with.
    """

    def __init__(self, content: Content, encoder: Encoder) -> None:
        self._content = content
        self._encoder = encoder
        self._linker = Linker(content.entities)
        self._word_vectors: dict[str, NDArray[np.float32]] = {}
        units = content.units
        self._unit_passage = np.array([unit.passage for unit in units])
        self._is_statement = np.array([unit.kind == "statement" for unit in units])
        self._is_sentence = np.array([unit.kind == "sentence" for unit in units])
        self._unit_part = np.array([unit.part for unit in units])
        self._unit_language = np.array([unit.language for unit in units])
        numbers = {passage.key: number for number, passage in enumerate(content.passages)}
        self._claim_passages = [
            list(dict.fromkeys(numbers[quotation.passage] for quotation in claim.quotations))
            for claim in content.claims
        ]

    def retrieve(
        self,
        question: str,
        language: str,
        channels: Channels | None = None,
        *,
        passages: Callable[[int], bool] = lambda _: True,
        claims: Callable[[Claim], bool] = lambda _: True,
    ) -> Retrieved:
        """Find what fits a question.

        Args:
            question: The question.
            language: Its language.
            channels: How much each channel counts.
            passages: Which passages, by number, may be found.
            claims: Which claims may be found.
        """
        channels = channels or Channels()
        content = self._content
        unit_count = len(content.units)
        cosines = np.full(unit_count, COSINE_FLOOR, np.float32)
        vector, asked = self._encode(question, language)
        if channels.dense:
            numbers, scores = content.dense.search(vector, unit_count)
            cosines[numbers] = scores
        dense = np.clip((cosines - COSINE_FLOOR) / (1 - COSINE_FLOOR), 0, 1)
        words = np.zeros(unit_count, np.float32)
        if channels.words:
            words = content.words.scores(question, language)
        fused = channels.dense * dense + channels.words * words
        links = self._linker.link(question, language)
        kinds = wanted_kinds(question, language)
        claim_scores = self._score_claims(fused, language, links, kinds, channels, claims)
        found = self._rank(fused, claim_scores, passages)
        signals = self._signals(question, language, cosines, words, found, asked)
        return Retrieved(found, signals, links)

    def _score_claims(
        self,
        fused: NDArray[np.float32],
        language: str,
        links: tuple[str, ...],
        kinds: frozenset[AnswerKind],
        channels: Channels,
        allowed: Callable[[Claim], bool],
    ) -> NDArray[np.float32]:
        """The score of every claim: its statement in the language of the question, and what it is about."""
        scores = np.full(len(self._content.claims), -np.inf, np.float32)
        if not channels.claims:
            return scores
        mine = self._is_statement & (self._unit_language == language)
        scores[self._unit_part[mine]] = channels.claims * fused[mine]
        for number, claim in enumerate(self._content.claims):
            if not allowed(claim):
                scores[number] = -np.inf
                continue
            scores[number] += channels.links * sum(link in claim.topics for link in links)
            scores[number] += channels.kinds * (claim.kind in kinds)
            scores[number] += channels.figures * (claim.effect is not None and claim.effect.unit is not None)
        return scores

    def _rank(
        self,
        fused: NDArray[np.float32],
        claim_scores: NDArray[np.float32],
        allowed: Callable[[int], bool],
    ) -> tuple[Found, ...]:
        count = len(self._content.passages)
        own = np.full(count, -np.inf, np.float32)
        text = ~self._is_statement
        np.maximum.at(own, self._unit_passage[text], fused[text])
        sentence_scores = np.full(count, -np.inf, np.float32)
        sentences = np.zeros(count, int)
        for unit in np.flatnonzero(self._is_sentence):
            passage = self._unit_passage[unit]
            if fused[unit] > sentence_scores[passage]:
                sentence_scores[passage], sentences[passage] = fused[unit], self._unit_part[unit]
        best_claim = np.full(count, -1)
        best_score = np.full(count, -np.inf, np.float32)
        for claim, passages in enumerate(self._claim_passages):
            for passage in passages:
                if claim_scores[claim] > best_score[passage]:
                    best_claim[passage], best_score[passage] = claim, claim_scores[claim]
        total = np.maximum(own, best_score)
        order = [int(number) for number in np.argsort(-total, kind="stable") if allowed(int(number))]
        return tuple(
            Found(
                passage=number,
                score=float(total[number]),
                claim=int(best_claim[number]) if best_claim[number] >= 0 else None,
                claim_score=float(best_score[number]),
                sentence=int(sentences[number]),
            )
            for number in order
        )

    def _signals(
        self,
        question: str,
        language: str,
        cosines: NDArray[np.float32],
        words: NDArray[np.float32],
        found: tuple[Found, ...],
        asked: NDArray[np.float32],
    ) -> dict[str, float]:
        """What tells an answerable question from one that is not: see `iio_kg.ask.judge`."""
        if not found:
            return {}
        ordered = np.sort(cosines)[::-1]
        top = found[0].score
        rest = [f.score for f in found[1:6]]
        support = self._support(asked, found[0])
        return {
            "top_score": top,
            "top_cosine": float(ordered[0]),
            "margin": float(top - (sum(rest) / len(rest) if rest else 0)),
            "coverage": self._content.words.coverage(question, language),
            "words": float(words.max(initial=0)),
            "weakest_word": float(support.min(initial=1.0)) if len(support) else COSINE_FLOOR,
            "mean_word": float(support.mean()) if len(support) else COSINE_FLOOR,
        }

    def _encode(self, question: str, language: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The vectors of a question and of the words in it that ask for something; words are kept."""
        words = [word for word in dict.fromkeys(tokenize(question, language)) if word not in FRAME_WORDS]
        known = {word: vector for word in words if (vector := self._word_vectors.get(word)) is not None}
        new = [word for word in words if word not in known]
        encoded = self._encoder.encode_queries([question, *new])
        known.update(zip(new, encoded[1:], strict=True))
        if len(self._word_vectors) > _KEPT_WORDS:
            self._word_vectors.clear()
        self._word_vectors.update(known)
        asked = np.array([known[word] for word in words], np.float32).reshape(len(words), self._encoder.dimension)
        return encoded[0], asked

    def _support(self, asked: NDArray[np.float32], found: Found) -> NDArray[np.float32]:
        """For each word that was asked the cosine of the word nearest to it in the passage or claim that was found."""
        terms = self._content.terms
        numbers = list(terms.of_passage[found.passage])
        if found.claim is not None:
            numbers += terms.of_claim[found.claim]
        if not numbers or not len(asked):
            return np.zeros(0, np.float32)
        cosines: NDArray[np.float32] = asked @ self._content.term_vectors[numbers].T
        nearest: NDArray[np.float32] = cosines.max(axis=1)
        return nearest
