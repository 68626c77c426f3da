"""How the ways of finding are added up: a weight for each signal of a passage and of a claim.

All signals lie between 0 and about 1 and are added (a convex combination: S. Bruch et al., "An Analysis of Fusion
Functions for Hybrid Retrieval", 2022). The score of a passage is that of its text and, where positive, that of the best
claim that rests on it: the graph adds to what the text says and takes nothing away. Where no claim adds as much, words
do that are like those of the question.

The weights lie in ``fusion.json`` beside this module; ``iio-kg eval --calibrate`` fits them on the dev part of the
questions. That of like words was chosen on other documents, as it tells most where nobody wrote claims (decision 15).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from iio_kg.errors import ModelError

WEIGHTS = Path(__file__).with_name("fusion.json")
#: Signals of a passage: nearness of it and of its nearest sentence, words it shares, whether it is our own summary.
TEXT_SIGNALS = ("passage", "sentence", "words", "summary")
#: Signals of a claim: nearness of a phrasing in the language of the question and in the other, how much the question
#: is worded like its phrasings, asks for its kind, asks what something is and it says so, outcomes that the question
#: names and it is about, things that the question names and it is not about; and a constant.
CLAIM_SIGNALS = ("phrasing", "translation", "wording", "kind", "defines", "outcome", "unlinked", "claim")
#: Signals that speak against; all others speak for.
AGAINST = frozenset({"summary", "unlinked", "claim"})


@dataclass(frozen=True, slots=True)
class Channels:
    """How much each way of finding counts, as a part of its usual weight; 0 switches it off.

    Attributes:
        dense: Nearness of meaning of texts, by the encoder.
        words: Shared words: with texts, by BM25, and with the phrasings of claims.
        near_words: Words of texts that are like those of the question, by their vectors, where no claim leads.
        claims: Statements of claims and the questions they answer, as a way to the passages they rest on.
        links: What the question names and a claim is about, or is not about.
        kinds: Claims of the kind that the wording of the question asks for; definitions of what it asks the meaning of.
        sources: Words of a source itself, before our own summaries of one.
    """

    dense: float = 1.0
    words: float = 1.0
    near_words: float = 1.0
    claims: float = 1.0
    links: float = 1.0
    kinds: float = 1.0
    sources: float = 1.0

    def of_signals(self) -> dict[str, float]:
        """By how much each signal is multiplied."""
        claims = self.claims
        return {
            "passage": self.dense,
            "sentence": self.dense,
            "words": self.words,
            "summary": self.sources,
            "phrasing": claims,
            "translation": claims,
            "wording": claims * self.words,
            "kind": claims * self.kinds,
            "defines": claims * self.kinds,
            "outcome": claims * self.links,
            "unlinked": claims * self.links,
            "claim": claims,
            "near_words": self.near_words,
        }


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each signal; those of `AGAINST` are negative."""

    passage: float
    sentence: float
    words: float
    summary: float
    phrasing: float
    translation: float
    wording: float
    kind: float
    defines: float
    outcome: float
    unlinked: float
    claim: float
    near_words: float

    def text(self, channels: Channels) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """The weights of `TEXT_SIGNALS`, float32."""
        return self._of(TEXT_SIGNALS, channels)

    def claims(self, channels: Channels) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """The weights of `CLAIM_SIGNALS`, float32."""
        return self._of(CLAIM_SIGNALS, channels)

    def instead(self, channels: Channels) -> float:
        """The weight of words like those of the question, which stand in for a claim."""
        return self.near_words * channels.of_signals()["near_words"]

    def _of(self, names: tuple[str, ...], channels: Channels) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        parts = channels.of_signals()
        return np.array([getattr(self, name) * parts[name] for name in names], np.float32)


@lru_cache(maxsize=4)
def load_weights(path: Path = WEIGHTS) -> Weights:
    """Read the weights.

    Raises:
        ModelError: The file is missing or unusable.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))["weights"]
        return Weights(**{field.name: float(table[field.name]) for field in fields(Weights)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: the weights cannot be read ({error}).", "Run 'iio-kg eval --calibrate'.") from error
