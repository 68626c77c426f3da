"""Which passages and claims fit a question: by meaning, by words, and by what the graph knows they are about.

The channels are added in a convex combination of normalised scores (S. Bruch et al., "An Analysis of Fusion Functions
for Hybrid Retrieval", 2022), which needs one weight per channel and no tuning of ranks. Weights were chosen on the
dev part of the question set; see ``docs/evaluation.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.ask.kind import wanted_kinds, wants_figure
from iio_kg.ask.link import Linker
from iio_kg.index.words import lemma, stem, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

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
_LANGUAGES = ("nl", "en")
#: Beyond these numbers of words and of linked concepts a question is no more explicit than at them.
_MANY_WORDS = 8
_MANY_LINKS = 2


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
        sources: Words of a source itself, before our own summaries of one.
    """

    dense: float = 0.85
    words: float = 0.15
    claims: float = 1.0
    links: float = 0.1
    kinds: float = 0.07
    figures: float = 0.03
    sources: float = 0.08


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
        self._term_roots = [
            frozenset().union(*(_roots(word, name) for name in _LANGUAGES)) for word in content.terms.words
        ]
        units = content.units
        self._unit_passage = np.array([unit.passage for unit in units])
        self._is_statement = np.array([unit.kind == "statement" for unit in units])
        self._is_sentence = np.array([unit.kind == "sentence" for unit in units])
        self._unit_part = np.array([unit.part for unit in units])
        self._unit_language = np.array([unit.language for unit in units])
        numbers = {passage.key: number for number, passage in enumerate(content.passages)}
        kinds = {document.id: document.metadata.kind for document in content.documents}
        self._is_summary = np.array([kinds[passage.document] == "summary" for passage in content.passages])
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
        asked = self._asked(question, language)
        vector, vectors = self._encode(question, asked)
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
        found = self._rank(fused, claim_scores, passages, channels)
        if not found:
            return Retrieved(found, {}, links)
        claim = None if found[0].claim is None else content.claims[found[0].claim]
        near = self._support(asked, vectors, language, found[0])
        # "Stegen" asks for a result, whichever word the source has for a rise; but it ties nothing to the material.
        by_kind = set(tokenize(kinds.get(claim.kind, ""), language)) if claim else set()
        support = sorted(1.0 if word in by_kind else cosine for word, cosine in zip(asked, near, strict=True))
        tied = [cosine for word, cosine in zip(asked, near, strict=True) if word not in by_kind]
        linked = sum(link in claim.topics for link in links) if claim else 0
        signals = {
            "weakest_word": support[0] if support else COSINE_FLOOR,
            "second_weakest": support[min(1, len(support) - 1)] if support else COSINE_FLOOR,
            "strongest_word": max(tied or near, default=COSINE_FLOOR),
            "asked": float(min(len(asked), _MANY_WORDS)),
            "linked": linked / len(links) if links else 0.0,
            "unlinked": float(min(len(links) - linked, _MANY_LINKS)),
            "figure_missing": float(wants_figure(question, language) and not _has_figure(claim)),
            "top_cosine": float(cosines.max()),
            "score": found[0].score,
        }
        return Retrieved(found, signals, links)

    def evidence_of(self, claim: int) -> Found:
        """The first passage that a claim, by number, rests on, as though nothing but the claim had led to it."""
        return Found(passage=self._claim_passages[claim][0], score=1.0, claim=claim, claim_score=1.0, sentence=0)

    def _score_claims(
        self,
        fused: NDArray[np.float32],
        language: str,
        links: tuple[str, ...],
        kinds: Collection[AnswerKind],
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
        channels: Channels,
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
        total = np.maximum(own, best_score) - channels.sources * self._is_summary
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

    @staticmethod
    def _asked(question: str, language: str) -> list[str]:
        """The words of a question that ask for something."""
        return [word for word in dict.fromkeys(tokenize(question, language)) if word not in FRAME_WORDS]

    def _encode(self, question: str, asked: list[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The vector of a question and those of the words it asks with, one a row; the latter are kept."""
        known = {word: vector for word in asked if (vector := self._word_vectors.get(word)) is not None}
        new = [word for word in asked if word not in known]
        encoded = self._encoder.encode_queries([question, *new])
        known.update(zip(new, encoded[1:], strict=True))
        if len(self._word_vectors) > _KEPT_WORDS:
            self._word_vectors.clear()
        self._word_vectors.update(known)
        vectors = np.array([known[word] for word in asked], np.float32).reshape(len(asked), self._encoder.dimension)
        return encoded[0], vectors

    def _support(self, asked: list[str], vectors: NDArray[np.float32], language: str, found: Found) -> list[float]:
        """For each word that was asked how near the nearest word is in the passage or claim that was found.

        1.0 for the same word in whatever inflection, or else the cosine of their vectors.
        """
        terms = self._content.terms
        numbers = list(terms.of_passage[found.passage])
        if found.claim is not None:
            numbers += terms.of_claim[found.claim]
        if not numbers:
            return [COSINE_FLOOR] * len(asked)
        said = frozenset().union(*(self._term_roots[number] for number in numbers))
        nearest = (vectors @ self._content.term_vectors[numbers].T).max(axis=1)
        return [
            1.0 if _roots(word, language) & said else float(cosine) for word, cosine in zip(asked, nearest, strict=True)
        ]


def _has_figure(claim: Claim | None) -> bool:
    return claim is not None and any(character.isdigit() for text in claim.statements.values() for character in text)


def _roots(word: str, language: str) -> frozenset[str]:
    """What the inflections of a word share."""
    return frozenset((lemma(word, language), stem(word, language)))
