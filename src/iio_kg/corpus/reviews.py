"""What somebody decided on candidates for claims: a file beside the document, a line of JSON for each decision.

It is part of the corpus: a candidate that was rejected stays away at the next build, on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from iio_kg.corpus.lines import read_lines

if TYPE_CHECKING:
    from pathlib import Path

REVIEWS_FILE = "reviews.jsonl"


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision on a candidate.

    Attributes:
        candidate: Its id.
        verdict: ``accept`` or ``reject``.
        reviewer: Who decided.
        at: When, as an xsd:dateTime.
        sentence: The sentence it was on, for whoever reads the file.
        claim: The name of the claim that an accepted candidate became.
    """

    candidate: str
    verdict: Literal["accept", "reject"]
    reviewer: str
    at: str
    sentence: str
    claim: str | None = None


def read_reviews(folder: Path) -> tuple[Review, ...]:
    """The decisions on candidates of the document in a folder, in their order; none when there is no file.

    Raises:
        CorpusError: The file cannot be read, or a line of it is no decision.
    """
    return tuple(review for _, review in read_lines(folder / REVIEWS_FILE, Review, "decision"))


def rejected(folder: Path) -> frozenset[str]:
    """The ids of the candidates that were rejected and not accepted later.

    Raises:
        CorpusError: The file of decisions cannot be used.
    """
    last = {review.candidate: review.verdict for review in read_reviews(folder)}
    return frozenset(name for name, verdict in last.items() if verdict == "reject")
