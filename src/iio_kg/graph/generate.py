"""What the graph says of a document by program alone, from its text and the vocabulary; no one has to write it.

It is most of the graph, and the same as long as the text and the vocabulary are. So it is made as lines of N-Triples,
which are kept from one build to the next.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from iio_kg.graph.build import MENTIONS, describe_passages
from iio_kg.graph.candidates import Candidate, CandidateFinder
from iio_kg.graph.mentions import Mention, MentionFinder, describe_mentions
from iio_kg.graph.triples import Lines, to_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iio_kg.corpus.document import Document, Passage
    from iio_kg.graph.namespaces import Names
    from iio_kg.graph.vocabulary import Entity


class Generated(msgspec.Struct, frozen=True):
    """What was generated for one document.

    Attributes:
        lines: Triples by the named graph that they belong to.
        candidates: Sentences that may be claims, those that are reviewed already among them.
        mentions: What its passages mention.
    """

    lines: dict[str, Lines]
    candidates: tuple[Candidate, ...]
    mentions: tuple[Mention, ...]


class Generator:
    """Describes documents.

    Args:
        entities: What they may mention.
        names: How identifiers are minted.
    """

    def __init__(self, entities: Iterable[Entity], names: Names) -> None:
        self._entities = tuple(entities)
        self._names = names

    @cached_property
    def _mentions(self) -> MentionFinder:
        # Made when the first document needs it; a build in which nothing is new has none.
        return MentionFinder(self._entities)

    @cached_property
    def _candidates(self) -> CandidateFinder:
        return CandidateFinder(self._entities, self._mentions)

    def generate(self, document: Document, passages: Sequence[Passage]) -> Generated:
        """Describe a document's passages, and find what they mention and what may be claims in them."""
        mentions = self._mentions.find(document, passages)
        return Generated(
            {
                document.id: to_lines(describe_passages(passages, document, self._names)),
                MENTIONS: to_lines(describe_mentions(mentions, self._names)),
            },
            self._candidates.find(document, passages, mentions),
            mentions,
        )
