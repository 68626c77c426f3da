"""The bibliography: what is shipped is whole, and what is wrong is named with its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.corpus.bibliography import BIBLIOGRAPHY_FILE, Work, read_bibliography
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material
    from iio_kg.config import Settings

GOOD = '[[work]]\nid = "een-rapport"\ntitle = "Een rapport"\nkind = "report"\nlanguage = "nl"\n'


def test_every_summary_but_the_one_of_other_programmes_names_its_source(settings: Settings, material: Material) -> None:
    works = {work.id for work in read_bibliography(settings.corpus)}
    summaries = [d for d in material.documents if d.metadata.kind == "summary"]
    assert {d.metadata.source for d in summaries if d.metadata.source} <= works
    assert [d.id for d in summaries if not d.metadata.source] == ["summary-verwante-programmas"]


def test_a_corpus_may_have_no_bibliography(tmp_path: Path) -> None:
    assert read_bibliography(tmp_path) == ()


def test_an_entry_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / BIBLIOGRAPHY_FILE).write_text(GOOD + 'authors = ["A. Auteur"]\ndate = "2015-06"\n', encoding="utf-8")
    (work,) = read_bibliography(tmp_path)
    assert work == Work("een-rapport", "Een rapport", "report", "nl", authors=("A. Auteur",), date="2015-06")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[work]\n", "bibliography.toml"),
        ('work = "x"\n', "beside the entries"),
        ('title = "x"\n' + GOOD, "beside the entries"),
        ('work = ["x"]\n', "entry 1 is not a table"),
        (GOOD.replace("title", "titel"), "'titel' is unknown"),
        (GOOD.replace('kind = "report"\n', ""), "'kind' is missing"),
        (GOOD.replace('"report"', '"film"'), "the kind 'film' is unknown"),
        (GOOD.replace('"nl"', "1"), "'language' is not a text"),
        (GOOD.replace("een-rapport", "Een Rapport"), "cannot be an id"),
        (GOOD + 'date = "juni"\n', "the date 'juni'"),
        (GOOD + 'authors = "A. Auteur"\n', "'authors' is not a list"),
        (GOOD + GOOD, "two entries with the id 'een-rapport'"),
    ],
)
def test_a_wrong_bibliography_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / BIBLIOGRAPHY_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_bibliography(tmp_path)
    assert said in str(caught.value)
    assert BIBLIOGRAPHY_FILE in str(caught.value)
