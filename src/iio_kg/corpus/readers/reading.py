"""What every reader returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iio_kg.corpus.clean import RawBlock
    from iio_kg.corpus.document import Page


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read: its text as extracted, its pages and the blocks found in it."""

    source: str
    pages: tuple[Page, ...]
    blocks: tuple[RawBlock, ...]
