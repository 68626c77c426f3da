"""Questions that the material leaves open: read, held against the claims, and never answered by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.corpus.open_questions import OPEN_QUESTIONS_FILE, OpenQuestion, read_open_questions, still_open
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material
    from iio_kg.config import Settings


def write(folder: Path, text: str) -> None:
    (folder / OPEN_QUESTIONS_FILE).write_text(text, encoding="utf-8")


def test_no_file_holds_no_questions(tmp_path: Path) -> None:
    assert read_open_questions(tmp_path, ()) == ()


def test_questions_are_read_in_their_order(tmp_path: Path, material: Material) -> None:
    claim = material.claims[0]
    write(
        tmp_path,
        f'{{"near": "{claim.name}", "nl": ["wat kost een liniaal"], "en": ["why rulers"]}}\n\n{{"en": ["x?"]}}\n',
    )
    read = read_open_questions(tmp_path, material.claims)
    assert [(question.text, question.language) for question in read] == [
        ("wat kost een liniaal", "nl"), ("why rulers", "en"), ("x?", "en")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"near": "no-such-claim", "nl": ["wat?"]}', "the claim 'no-such-claim' is not there"),
        ('{"nl": "wat?"}', "this is no entry of open questions"),
        ('{"claim": "x", "nl": []}', "this is no entry of open questions"),
        ('{"nl": ["wat?", " ?"]}', "a question is missing or empty"),
        ("{}", "a question is missing or empty"),
        ("nothing", "this is no entry of open questions"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    write(tmp_path, f'{{"nl": ["waarom?"]}}\n{line}\n')
    with pytest.raises(CorpusError) as caught:
        read_open_questions(tmp_path, ())
    assert said in str(caught.value)
    assert f"{OPEN_QUESTIONS_FILE}:2" in str(caught.value)


def test_a_question_that_a_claim_answers_by_now_is_open_no_more(material: Material) -> None:
    claim = next(claim for claim in material.claims if claim.questions)
    answered = claim.questions["nl"][0]
    shouted = answered.upper().replace(" ", "  ").rstrip("?")
    asked = [OpenQuestion(text, "nl") for text in ("Wat kost een liniaal?", shouted, "wat kost een liniaal")]
    assert still_open(asked, [claim]) == (asked[-1],)


def test_the_shipped_ones_are_open_and_stand_there_once(material: Material, settings: Settings) -> None:
    shipped = list(read_open_questions(settings.corpus, ()))
    for document in material.documents:
        its = [claim for claim in material.claims if claim.quotations[0].document == document.id]
        shipped += read_open_questions(settings.corpus / document.id, its)
    assert shipped
    assert list(still_open(shipped, material.claims)) == shipped
    assert set(shipped) == set(material.open_questions)
