"""Questions are told apart by the words they are put in and their order."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iio_kg.index.wording import Wording, terms_of
from iio_kg.index.words import stem

if TYPE_CHECKING:
    from pathlib import Path

PHRASINGS = [
    ("Hoeveel scholen deden mee?", "nl"),
    ("how many schools took part", "en"),
    ("aantal scholen", "nl"),
    ("Bleef de werkdruk gelijk?", "nl"),
    ("what happened to the workload of teachers", "en"),
    ("werkdruk van leraren", "nl"),
]
OWNERS = [0, 0, 0, 1, 1, 1]
LEFT_OPEN = [("Wat kostte het per school?", "nl"), ("wat kostte het", "nl"), ("what did it cost the schools", "en")]


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording.build(PHRASINGS, OWNERS, 2, LEFT_OPEN)


def test_a_question_is_worded_like_those_for_its_claim(wording: Wording) -> None:
    for question, language, claim in (
        ("hoeveel school deed er mee", "nl", 0),
        ("many schools", "en", 0),
        ("de werkdruk van een leraar", "nl", 1),
    ):
        likeness = wording.of_claims(wording.read(question, language))
        assert likeness.dtype == np.float32
        assert likeness.argmax() == claim, question
        assert 0 <= likeness.min() < likeness.max() <= 1


def test_what_is_left_open_is_told_from_what_is_answered(wording: Wording) -> None:
    odds = [wording.answered(wording.read(text, language)) for text, language in (*PHRASINGS, *LEFT_OPEN)]
    assert min(odds[: len(PHRASINGS)]) > max(odds[len(PHRASINGS) :])


def test_what_a_set_answers_is_answered_and_speaks_for_no_claim() -> None:
    for_sets = [("welke uitkomsten zijn er", "nl"), ("alle uitkomsten", "nl")]
    with_sets = Wording.build(PHRASINGS, OWNERS, 2, LEFT_OPEN, for_sets)
    terms = with_sets.read("alle uitkomsten", "nl")
    assert with_sets.answered(terms) > with_sets.answered(with_sets.read("wat kostte het", "nl"))
    for_sets_only = with_sets.read("uitkomsten", "nl")
    assert len(for_sets_only) == 1
    assert not with_sets.of_claims(for_sets_only).any()


def test_words_that_were_never_used_say_nothing(wording: Wording) -> None:
    for question in ("", "?!", "xyzzy plugh"):
        terms = wording.read(question, "nl")
        assert not len(terms)
        assert not wording.of_claims(terms).any()
        assert wording.answered(terms) == pytest.approx(float(wording.bias), abs=1e-6)


def test_a_term_that_only_open_questions_have_speaks_for_no_claim(wording: Wording) -> None:
    assert len(wording.read("kostte", "nl"))
    assert not wording.of_claims(wording.read("kostte", "nl")).any()


def test_what_is_kept_is_opened_as_it_was(wording: Wording, tmp_path: Path) -> None:
    wording.save(tmp_path / "wording")
    opened = Wording.load(tmp_path / "wording")
    terms = wording.read("hoeveel scholen", "nl")
    assert np.array_equal(opened.read("hoeveel scholen", "nl"), terms)
    assert np.array_equal(opened.of_claims(terms), wording.of_claims(terms))
    assert opened.answered(terms) == wording.answered(terms)
    np.save(tmp_path / "wording" / "version.npy", 0)
    with pytest.raises(ValueError, match="version 0"):
        Wording.load(tmp_path / "wording")


@pytest.mark.parametrize(
    ("phrasings", "left_open"), [([], []), ([], LEFT_OPEN), (PHRASINGS, []), ([("aa", "nl")], [("bb", "nl")])]
)
def test_without_claims_open_questions_or_words_that_return_nothing_is_told(
    phrasings: list[tuple[str, str]], left_open: list[tuple[str, str]]
) -> None:
    owners = OWNERS[: len(phrasings)]
    wording = Wording.build(phrasings, owners, len(set(owners)), left_open)
    terms = wording.read("hoeveel scholen", "nl")
    assert wording.answered(terms) == 0
    assert wording.of_claims(terms).shape == (len(set(owners)),)


@given(st.lists(st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=6), max_size=6))
def test_the_terms_are_the_stems_and_each_two_that_are_neighbours(words: list[str]) -> None:
    stems = [stem(word, "nl") for word in words]
    terms = terms_of(" ".join(words), "nl")
    assert terms[: len(stems)] == stems
    assert [term.split(" ") for term in terms[len(stems) :]] == [list(pair) for pair in pairwise(stems)]


@given(st.permutations(range(len(PHRASINGS))))
def test_the_order_of_phrasings_changes_nothing(order: list[int]) -> None:
    one = Wording.build(PHRASINGS, OWNERS, 2, LEFT_OPEN)
    other = Wording.build([PHRASINGS[n] for n in order], [OWNERS[n] for n in order], 2, LEFT_OPEN)
    terms = one.read("hoeveel scholen deden mee met de werkdruk", "nl")
    assert np.allclose(one.of_claims(terms), other.of_claims(terms), atol=1e-6)
    assert one.answered(terms) == pytest.approx(other.answered(terms), abs=1e-3)


def test_a_claim_of_which_little_is_known_is_no_likelier_than_others() -> None:
    phrasings = [(f"{text} {n}", language) for text, language in PHRASINGS for n in range(20)]
    owners = [owner for owner in OWNERS for _ in range(20)]
    wording = Wording.build([*phrasings, ("krijtborden", "nl"), ("de krijtborden", "nl")], [*owners, 2, 2], 3, [])
    likeness = wording.of_claims(wording.read("hoeveel scholen deden mee", "nl"))
    assert likeness.argmax() == 0
    assert likeness[2] <= likeness[1]
