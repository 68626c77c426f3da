"""How much of what a question asks with each passage says in some word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from iio_kg.ask.support import Support, asked_words
from iio_kg.index.nearness import Nearness
from iio_kg.index.terms import words_of_passages
from iio_kg.index.words import tokenize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iio_kg.index.encoder import WindowedEncoder
    from iio_kg.index.terms import Terms
    from iio_kg.snapshot import Content, Snapshot


@pytest.fixture(scope="module")
def content(snapshot: Snapshot) -> Content:
    return snapshot.content


@pytest.fixture(scope="module")
def support(content: Content, encoder: WindowedEncoder) -> Support:
    return Support(content, encoder)


def shares(support: Support, question: str, language: str = "nl") -> NDArray[np.float32]:
    words = asked_words(question, language)
    return support.of_passages(words, support.encode(question, words, language)[1], language)


def speaking(content: Content, terms: Terms) -> Content:
    """The content with other words in its passages."""
    said, _ = words_of_passages(terms)
    return replace(content, terms=terms, word_nearness=Nearness.build(content.term_vectors[said]))


def having(content: Content, word: str) -> NDArray[np.bool_]:
    """Which passages have a word, in their text or headings."""
    return np.array(
        [word in tokenize(" ".join((p.text, *p.sections[1:])), "nl") for p in content.passages],
        bool,
    )


@pytest.mark.parametrize("word", ["zittenblijvers", "werkdruk", "leraren", "computers"])
def test_a_passage_that_has_the_word_has_all_of_it(support: Support, content: Content, word: str) -> None:
    found, has = shares(support, word), having(content, word)
    assert has.any()
    assert found[has] == pytest.approx(1)
    assert ((found >= 0) & (found <= 1 + 1e-6)).all()
    assert found[~has].mean() < 0.5


@pytest.mark.parametrize(("asked", "said"), [("parents", "ouders"), ("workload", "werkdruk"), ("maths", "rekenen")])
def test_a_word_is_like_the_one_of_another_language(support: Support, content: Content, asked: str, said: str) -> None:
    found, has = shares(support, asked, "en"), having(content, said)
    assert found[has].mean() > 0.5
    assert found[has].mean() > 2 * found[~has].mean()


def test_a_rare_word_counts_more_than_a_common_one(support: Support, content: Content) -> None:
    common, rare = having(content, "scholen"), having(content, "citoscores")
    found = shares(support, "citoscores scholen")
    assert (rare & ~common).any()
    assert (common & ~rare).any()
    assert found[rare & ~common].min() > np.median(found[common & ~rare])
    assert found[rare & common] == pytest.approx(1)


def test_a_question_without_a_word_of_its_own_finds_nothing(support: Support) -> None:
    assert not shares(support, "wat is dat").any()


def test_what_is_kept_of_a_word_is_what_is_measured_anew(
    support: Support, content: Content, encoder: WindowedEncoder
) -> None:
    shares(support, "computers kwaliteit")
    kept = shares(support, "kwaliteit van computers")
    assert np.array_equal(kept, shares(Support(content, encoder), "kwaliteit van computers"))


def test_inflections_are_one_word(support: Support, content: Content) -> None:
    either = having(content, "computer") | having(content, "computers")
    for word in ("computer", "computers"):
        assert shares(support, word)[either] == pytest.approx(1)


def test_a_compound_is_also_each_of_its_parts(content: Content, encoder: WindowedEncoder) -> None:
    compound, part = "lerarentekort", "tekort"
    words = content.terms.words
    number = words.index(compound)
    assert part in [words[its] for its in content.terms.parts[number]]
    terms = replace(content.terms, of_passage=((number,), (words.index("computers"),)))
    found = shares(Support(speaking(content, terms), encoder), part)
    assert found[0] == 1
    assert found[1] < 0.5


def test_a_passage_without_words_says_nothing_and_takes_nothing_from_others(
    content: Content, encoder: WindowedEncoder
) -> None:
    number = content.terms.words.index("werkdruk")
    terms = replace(content.terms, of_passage=((), (number,), (), (), (number,), ()))
    found = shares(Support(speaking(content, terms), encoder), "werkdruk")
    assert found.tolist() == [0, 1, 0, 0, 1, 0]


def test_nothing_is_said_where_there_are_no_words(content: Content, encoder: WindowedEncoder) -> None:
    terms = replace(content.terms, of_passage=((), ()))
    assert shares(Support(speaking(content, terms), encoder), "werkdruk").tolist() == [0, 0]
