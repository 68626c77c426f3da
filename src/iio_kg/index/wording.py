"""What the words of a question and their order say: which claim it asks for, and whether any answers it.

Two questions may be near each other in meaning and differ by the one word that decides (*wat kostte het per leerling*).
So the stems of words and pairs of neighbouring ones are counted, common words included, as those tell what is asked:

- of each claim in all ways in which people ask for it, as a language model with Dirichlet smoothing (C. Zhai and
  J. Lafferty, "A Study of Smoothing Methods for Language Models Applied to Information Retrieval", 2004);
- of what the material answers against what it leaves open, by a logistic regression (S. Wang and C. Manning,
  "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", 2012).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from iio_kg.index.hashing import number_texts
from iio_kg.index.mapped import map_array
from iio_kg.index.postings import add_up
from iio_kg.index.words import fold, stem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
#: Raised when the same text gives other terms than before; what was made with another number is refused.
_VERSION = 1
#: A term that occurs less often tells nothing.
_FEWEST = 2
#: As how many terms of a claim the material's questions as a whole count.
_SMOOTHING = 20.0
#: What part of the claims, in per cent, those with fewest terms, count as though they had as many as the next ones.
_SHORT = 25.0
#: How strongly the regression is held back; scikit-learn's ``C``.
_FREEDOM = 30.0
#: The log odds of a claim, by the root of the number of terms, that count as sure; and those of being answered.
_SURE_CLAIM, _SURE_ANSWER = 8.0, 6.0


@dataclass(frozen=True, slots=True)
class Wording:
    """What terms say of a question.

    Attributes:
        terms: The numbers of the terms, in order, uint64 of shape ``(terms,)``.
        odds: The log odds of being answered that each adds, float32 of shape ``(terms,)``.
        bias: Those of a question without any of them, float32 of shape ``()``.
        starts: Where the claims of each term begin, and where the last end, int64 of shape ``(terms + 1,)``.
        claims: The claims that have a term, term by term, int32 of shape ``(n,)``.
        gains: What the term adds to the log odds of each, float32 of shape ``(n,)``.
        losses: What any term takes from those of each claim, float32 of shape ``(claims,)``.
    """

    terms: NDArray[np.uint64]
    odds: NDArray[np.float32]
    bias: NDArray[np.float32]
    starts: NDArray[np.int64]
    claims: NDArray[np.int32]
    gains: NDArray[np.float32]
    losses: NDArray[np.float32]

    @classmethod
    def build(
        cls,
        phrasings: Sequence[tuple[str, str]],
        owners: Sequence[int],
        count: int,
        left_open: Sequence[tuple[str, str]],
        for_sets: Sequence[tuple[str, str]] = (),
    ) -> Wording:
        """Count the terms.

        Args:
            phrasings: In which ways claims are put and asked for, each with its language.
            owners: The number of the claim of each.
            count: How many claims there are.
            left_open: Questions that nothing answers, each with its language.
            for_sets: Questions that a set of claims answers, each with its language.
        """
        answered = len(phrasings) + len(for_sets)
        texts = [frozenset(terms_of(text, language)) for text, language in chain(phrasings, for_sets, left_open)]
        # In order, as the regression comes out a little different in another.
        numbers = number_texts(chain.from_iterable(map(sorted, texts)))
        known, places, often = np.unique(numbers, return_inverse=True, return_counts=True)
        kept = often >= _FEWEST
        renumbered = np.where(kept, np.cumsum(kept) - 1, -1)[places]
        rows = np.repeat(np.arange(len(texts)), [len(its) for its in texts])[renumbered >= 0]
        columns = renumbered[renumbered >= 0]
        size = int(kept.sum())
        odds, bias = _fit_odds(rows, columns, size, answered, len(texts))
        asked = rows < len(phrasings)
        owned = np.asarray(owners, np.int64)[rows[asked]]
        # Each pair of a term and a claim once, by term, with how many of its phrasings have it.
        pairs, used = np.unique(columns[asked] * max(count, 1) + owned, return_counts=True)
        by_term, claims = np.divmod(pairs, max(count, 1))
        expected = _SMOOTHING * np.bincount(columns[asked], minlength=size) / max(1, len(owned))
        lengths = np.bincount(owned, minlength=count)
        # Shorter ones would be likely for any question, as so little is known of how they are asked for.
        lengths = np.maximum(lengths, np.percentile(lengths, _SHORT, method="higher") if count else 0)
        return cls(
            terms=known[kept],
            odds=odds,
            bias=bias,
            starts=np.searchsorted(by_term, np.arange(size + 1)).astype(np.int64),
            claims=claims.astype(np.int32),
            gains=np.log1p(used / expected[by_term]).astype(np.float32),
            losses=np.log(_SMOOTHING / (lengths + _SMOOTHING)).astype(np.float32),
        )

    def read(self, question: str, language: str) -> NDArray[np.int64]:
        """The places of the terms of a question that are known here, each once; int64."""
        numbers = np.unique(number_texts(terms_of(question, language)))
        places = np.searchsorted(self.terms, numbers)
        inside = places < len(self.terms)
        known: NDArray[np.int64] = places[inside][self.terms[places[inside]] == numbers[inside]]
        return known

    def of_claims(self, terms: NDArray[np.int64]) -> NDArray[np.float32]:
        """How much rather a question is worded like those for each claim than like any, float32 from 0 to 1.

        Args:
            terms: What `read` gives.
        """
        asked = [number for number in terms.tolist() if self.starts[number] < self.starts[number + 1]]
        if not asked:
            return np.zeros(len(self.losses), np.float32)
        gained = add_up(asked, self.starts, self.claims, self.gains, len(self.losses))
        total = len(asked) * self.losses + gained
        scaled = np.clip(total / (_SURE_CLAIM * np.sqrt(len(asked))), -1, 1)
        likeness: NDArray[np.float32] = ((1 + scaled) / 2).astype(np.float32)
        return likeness

    def answered(self, terms: NDArray[np.int64]) -> float:
        """The log odds that a question is worded like what is answered and not like what is left open, -6 to 6.

        Args:
            terms: What `read` gives.
        """
        total = float(self.bias) + float(self.odds[terms].sum()) / max(1.0, len(terms) ** 0.5)
        return float(np.clip(total, -_SURE_ANSWER, _SURE_ANSWER))

    def save(self, folder: Path) -> None:
        """Write it into a new folder."""
        folder.mkdir(parents=True)
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))
        np.save(folder / "version.npy", _VERSION)

    @classmethod
    def load(cls, folder: Path) -> Wording:
        """Open what `save` wrote; the files are mapped.

        Raises:
            ValueError: It was made by another version.
        """
        version = int(np.load(folder / "version.npy"))
        if version != _VERSION:
            raise ValueError(f"wordings were counted by version {version}, not {_VERSION}")
        return cls(**{field.name: map_array(folder / f"{field.name}.npy") for field in fields(cls)})


def terms_of(text: str, language: str) -> list[str]:
    """The stems of the words of a text, and each two that are neighbours."""
    stems = [stem(word, language) for word in _WORD.findall(fold(text))]
    return stems + [f"{one} {other}" for one, other in pairwise(stems)]


def _fit_odds(
    rows: NDArray[np.int64], columns: NDArray[np.int64], size: int, answered: int, count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The log odds of being answered that each term adds, and those without any.

    Args:
        rows: Texts, each as often as it has terms.
        columns: The terms of each.
        size: How many terms there are.
        answered: How many texts are answered; they come first.
        count: How many texts there are.
    """
    if not size or not 0 < answered < count:
        return np.zeros(size, np.float32), np.zeros((), np.float32)
    from scipy.sparse import csr_array
    from sklearn.linear_model import LogisticRegression

    lengths = np.bincount(rows, minlength=count)
    # liblinear takes no longer numbers.
    places = rows.astype(np.int32), columns.astype(np.int32)
    table: Any = csr_array((lengths[rows] ** -0.5, places), shape=(count, size))
    regression = LogisticRegression(C=_FREEDOM, class_weight="balanced", solver="liblinear", max_iter=1000)
    regression.fit(table, np.arange(count) < answered)
    odds, bias = (np.asarray(of[0], np.float32) for of in (regression.coef_, regression.intercept_))
    return odds, bias
