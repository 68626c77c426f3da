"""How Dutch words are read, and searching by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iio_kg.index.words import FIELDS, Analyser, WordIndex, lemma, stem, tokenize

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = [
    ("De hogere cito-scores van leerlingen", "nl"),
    ("Goede begeleiding door experts", "nl"),
    ("Het beleid van de gemeente", "nl"),
    ("The workload of teachers", "en"),
]


@pytest.mark.parametrize(
    ("one", "other"), [("begeleiding", "beleid"), ("gemeente", "meen"), ("ongelijkheid", "onlijk"), ("gebied", "bied")]
)
def test_words_that_differ_stay_apart(one: str, other: str) -> None:
    assert stem(one, "nl") != stem(other, "nl")
    assert lemma(one, "nl") != lemma(other, "nl")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("kwaliteitszorg", ("kwaliteit", "zorg")),
        ("kansenongelijkheid", ("kansen", "ongelijkheid")),
        ("lerarenopleiding", ("leraren", "opleiding")),
        ("burgerschapsonderwijs", ("burgerschap", "onderwijs")),
        ("onderwijs", ()),
        ("begeleiding", ()),
    ],
)
def test_compounds_are_split_where_both_parts_are_words(word: str, parts: tuple[str, ...]) -> None:
    assert Analyser(["burgerschap"]).split_compound(word) == parts


def test_negations_are_kept() -> None:
    assert tokenize("niet geen zonder minder", "nl") == ["niet", "geen", "zonder", "minder"]


def test_a_compound_finds_what_is_written_with_a_hyphen() -> None:
    scores = WordIndex.build(TEXTS).scores("citoscore", "nl")
    assert scores.argmax() == 0
    assert scores[0] > 0
    assert scores[1:].max() == 0


@pytest.mark.parametrize("question", ["", "???", "xyzzy", "de het een"])
def test_what_shares_no_word_scores_nothing(question: str) -> None:
    assert WordIndex.build(TEXTS).scores(question, "nl").tolist() == [0.0] * len(TEXTS)


def test_scores_lie_between_0_and_1_and_survive_saving(tmp_path: Path) -> None:
    index = WordIndex.build(TEXTS)
    index.save(tmp_path / "words")
    loaded = WordIndex.load(tmp_path / "words")
    for text, language in TEXTS:
        scores = index.scores(text, language)
        assert 0 <= scores.min() <= scores.max() <= 1
        assert scores.tolist() == loaded.scores(text, language).tolist()


def test_of_no_texts_an_index_is_made_and_opened_that_finds_nothing(tmp_path: Path) -> None:
    WordIndex.build([]).save(tmp_path / "words")
    assert WordIndex.load(tmp_path / "words").scores("citoscore", "nl").shape == (0,)


def test_scores_are_those_of_the_library_field_by_field() -> None:
    import bm25s

    index = WordIndex.build(TEXTS)
    question = "hogere citoscores en begeleiding van leerlingen"
    expected = np.zeros(len(TEXTS))
    for name, weight in FIELDS.items():
        library = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
        library.index([index.analyser.terms(*text)[name] for text in TEXTS], show_progress=False)
        asked = [term for term in index.analyser.terms(question, "nl")[name] if term in library.vocab_dict]
        expected += weight * library.get_scores(list(dict.fromkeys(asked)))
    scores = index.scores(question, "nl")
    assert scores.max() > 0
    assert np.allclose(scores / scores.max(), expected / expected.max(), atol=1e-5)
