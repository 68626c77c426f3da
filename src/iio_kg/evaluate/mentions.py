"""How well mentions are found: against a sample of passages of which it was noted, by reading, what each mentions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from iio_kg.graph.labels import How, Kind
    from iio_kg.graph.mentions import MentionFinder


class Sampled(msgspec.Struct, frozen=True):
    """A passage of the sample.

    Attributes:
        passage: Its key, or one like it where the text was written for the sample.
        source: What kind of document it is from.
        language: ``nl`` or ``en``.
        section: The headings above it.
        text: The passage.
        mentions: The last part of the identifier of each thing that it mentions.
    """

    passage: str
    source: str
    language: str
    section: str
    text: str
    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Things found rightly, things found wrongly, and things not found; a thing counts once for a passage."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 1.0 when nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of what is there that was found; 1.0 when nothing is there."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0.0 when nothing is right."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


def read_sample(path: Path) -> tuple[Sampled, ...]:
    """Read the passages of a sample, a line of JSON each."""
    return tuple(msgspec.json.decode(line, type=Sampled) for line in path.read_bytes().splitlines())


def score(finder: MentionFinder, sample: Iterable[Sampled], wanted: Callable[[str], bool] = lambda _: True) -> Score:
    """Count over a sample what is found.

    Args:
        finder: Finds mentions.
        sample: Passages with what they mention.
        wanted: Whether a thing, by the last part of its identifier, is counted.
    """
    right = wrong = missed = 0
    for one in sample:
        there = {name for name in one.mentions if wanted(name)}
        found = {_name(iri) for _, iri, _ in finder.find_in(one.text, one.language, (one.section,))}
        found = {name for name in found if wanted(name)}
        right += len(found & there)
        wrong += len(found - there)
        missed += len(there - found)
    return Score(right, wrong, missed)


def fit_confidence(finder: MentionFinder, sample: Iterable[Sampled]) -> dict[tuple[Kind, How], float]:
    """How likely a match of each kind is right: (right + 1) / (all + 2) over the places of a sample.

    That is the mean of the distribution of the precision after the sample when nothing is known of it before (Laplace's
    rule of succession): kinds of which there are few cases stay near one half.
    """
    counts: dict[tuple[Kind, How], Score] = {}
    for one in sample:
        for match in finder.match(one.text, one.language, (one.section,)):
            key = (match.kind, match.how)
            so_far = counts.get(key, Score())
            is_right = _name(match.iri) in one.mentions
            counts[key] = Score(so_far.right + is_right, so_far.wrong + (not is_right))
    return {key: (count.right + 1) / (count.right + count.wrong + 2) for key, count in counts.items()}


def _name(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]
