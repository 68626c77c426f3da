"""Words that are spelt as people spell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
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


def test_the_language_of_a_word_is_where_it_is_used_more() -> None:
    spelling = Spelling.build([("cito scores", "en"), ("scores po", "en"), ("cito score po", "nl")])
    for word in ("werkdruk", "niet", "Juf", "hoeveel"):
        assert (spelling.leaning(word) or 0) > 1, word
    for word in ("workload", "The", "grades", "pupils"):
        assert (spelling.leaning(word) or 0) < 0, word
    assert spelling.leaning("xqzt") is None
    one_sided = Spelling.build([("scores po", "en"), ("what of it", "en")])
    assert one_sided.leaning("scores") == Spelling.build().leaning("scores"), "nothing to weigh them against"
    before = Spelling.build().leaning("scores") or 0
    assert (spelling.leaning("scores") or 0) < before, "here it is English"


@given(st.dictionaries(st.text(max_size=8).map(str.casefold), st.floats(-9, 9)), st.text(max_size=8).map(str.casefold))
def test_it_holds_what_it_was_given_and_nothing_else(words: dict[str, float], other: str) -> None:
    spelling = Spelling.of(words)
    assert len(spelling) == len(words)
    for word, odds in words.items():
        assert word in spelling
        assert spelling.leaning(word) == pytest.approx(max(-5, min(5, odds)), abs=0.03)
    assert (other in spelling) == (other in words)
    assert (spelling.leaning(other) is None) == (other not in words)


def test_a_round_trip_changes_nothing(tmp_path: Path) -> None:
    Spelling.of({"een": 2.0, "Twee": 0.0, "three": -3.0}).save(tmp_path / "words")
    opened = Spelling.load(tmp_path / "words")
    assert len(opened) == 3
    assert "TWEE" in opened
    assert opened.leaning("three") == -3
    assert "vier" not in opened
    np.save(tmp_path / "words" / "languages.npy", np.zeros(2, np.int8))
    with pytest.raises(ValueError, match="not equally many"):
        Spelling.load(tmp_path / "words")
