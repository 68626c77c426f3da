"""Questions that ask for a whole set: read, and refused with their place where they cannot be used."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from iio_kg.corpus.set_questions import SET_QUESTIONS_FILE, QuestionSet, read_question_sets
from iio_kg.errors import CorpusError
from iio_kg.index.words import fold
from support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material

KNOWN = ("slimfit", "workload", "secondary-education")


def test_no_file_holds_no_sets(tmp_path: Path) -> None:
    assert read_question_sets(tmp_path, KNOWN) == ()


def test_sets_are_read_in_their_order(tmp_path: Path) -> None:
    (tmp_path / SET_QUESTIONS_FILE).write_text(
        '{"kind": "effects", "concepts": ["slimfit"], "nl": ["wat kwam eruit"], "en": ["results"]}\n\n'
        '{"kind": "contacts", "en": ["who to call"]}\n',
        encoding="utf-8",
    )
    first, second = read_question_sets(tmp_path, KNOWN)
    assert first == QuestionSet("effects", concepts=("slimfit",), nl=("wat kwam eruit",), en=("results",))
    assert first.questions == ("wat kwam eruit", "results")
    assert second.kind == "contacts"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"kind": "effects", "concepts": ["jenaplan"], "nl": ["wat?"]}', "the concept 'jenaplan' is not there"),
        ('{"kind": "effects", "outcomes": ["sleep"], "nl": ["wat?"]}', "the concept 'sleep' is not there"),
        ('{"kind": "effects", "sector": "mbo", "nl": ["wat?"]}', "the concept 'mbo' is not there"),
        ('{"kind": "effects", "populations": ["cooks"], "nl": ["wat?"]}', "the concept 'cooks' is not there"),
        ('{"kind": "prices", "nl": ["wat?"]}', "this is no set of questions"),
        ('{"nl": ["wat?"]}', "this is no set of questions"),
        ('{"kind": "contacts"}', "a question is missing or empty"),
        ('{"kind": "contacts", "en": ["who?", " "]}', "a question is missing or empty"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / SET_QUESTIONS_FILE).write_text(f'{{"kind": "contacts", "nl": ["wie?"]}}\n{line}\n', encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_question_sets(tmp_path, KNOWN)
    assert said in str(caught.value)
    assert f"{SET_QUESTIONS_FILE}:2" in str(caught.value)


def test_no_question_of_the_corpus_asks_for_two_sets_or_stands_there_twice(material: Material) -> None:
    asked = [
        " ".join(re.findall(r"\w+", fold(question))) for its in material.question_sets for question in its.questions
    ]
    assert [question for question, count in Counter(asked).items() if count > 1] == []
    lines = (ROOT / "corpus" / SET_QUESTIONS_FILE).read_text(encoding="utf-8").splitlines()
    assert len(material.question_sets) == len(lines)
