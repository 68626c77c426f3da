"""What somebody decided on candidates for claims: a file beside the document, a line of JSON for each decision.

It is part of the corpus: a candidate that was rejected stays away at the next build, on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from iio_kg.errors import CorpusError

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
    path = folder / REVIEWS_FILE
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror}.", "Give the rights to read it.") from None
    reviews = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            reviews.append(msgspec.json.decode(line, type=Review))
        except msgspec.DecodeError as error:
            raise CorpusError(
                f"{path}:{number}: this is no decision ({error}).", "Correct or remove the line."
            ) from None
        except UnicodeDecodeError:
            raise CorpusError(f"{path}:{number}: this is not UTF-8.", "Save it in UTF-8.") from None
    return tuple(reviews)


def rejected(folder: Path) -> frozenset[str]:
    """The ids of the candidates that were rejected and not accepted later.

    Raises:
        CorpusError: The file of decisions cannot be used.
    """
    last = {review.candidate: review.verdict for review in read_reviews(folder)}
    return frozenset(name for name, verdict in last.items() if verdict == "reject")
