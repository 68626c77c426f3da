"""Words that are spelt as people spell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from iio_kg.index.spelling import Spelling

if TYPE_CHECKING:
    from pathlib import Path


def test_words_of_both_languages_are_known_and_slips_are_not() -> None:
    spelling = Spelling.build()
    assert len(spelling) > 100_000
    for word in ("informatica", "Jansen", "reëel", "onderweg", "workload"):
        assert word in spelling
    for slip in ("werkdrk", "hoevl", "kwalitijd", "shcools", ""):
        assert slip not in spelling


@given(st.sets(st.text(max_size=8).map(str.casefold)), st.text(max_size=8).map(str.casefold))
def test_it_holds_what_it_was_given_and_nothing_else(words: set[str], other: str) -> None:
    spelling = Spelling.of(words)
    assert all(word in spelling for word in words)
    assert (other in spelling) == (other in words)


def test_a_round_trip_changes_nothing(tmp_path: Path) -> None:
    Spelling.of(["een", "Twee", "drie"]).save(tmp_path / "words.npy")
    opened = Spelling.load(tmp_path / "words.npy")
    assert len(opened) == 3
    assert "TWEE" in opened
    assert "vier" not in opened
