"""The founding document as it is read: pages, headings, whole results, mended words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from iio_kg.build import Material
    from iio_kg.corpus.document import Document, Passage


@pytest.fixture(scope="module")
def factsheet(material: Material) -> Document:
    return next(document for document in material.documents if document.id == "factsheet-2015")


@pytest.fixture(scope="module")
def passages(material: Material, factsheet: Document) -> list[Passage]:
    return [passage for passage in material.passages if passage.document == factsheet.id]


def texts(document: Document, kind: str) -> list[str]:
    return [document.text[b.body.start : b.body.end] for b in document.blocks if b.kind == kind]


def test_four_pages_are_told_apart_and_the_last_holds_no_text(factsheet: Document) -> None:
    assert [page.number for page in factsheet.pages] == [1, 2, 3, 4]
    filled = [bool(factsheet.source[p.source.start : p.source.end].strip()) for p in factsheet.pages]
    assert filled == [True, True, True, False]
    assert factsheet.page_at(factsheet.text.index("In het SlimFit-concept")).number == 2
    assert factsheet.page_at(factsheet.text.index("Bij Videolessen zit")).number == 3


def test_headings_and_labels_in_the_margin_are_recognised(factsheet: Document) -> None:
    assert texts(factsheet, "side-heading") == ["Werkwijze", "Primair onderwijs", "Voortgezet onderwijs", "Lessen"]
    assert texts(factsheet, "heading") == [
        "Onderwijsvernieuwing door scholen zelf leidt tot beter onderwijs",
        "Vier jaar experimenteren",
        "Vijf zelf ontwikkelde concepten",
        "Vraagstukken uit het onderwijs zelf aangepakt",
        "SlimFit, experiment in het primair onderwijs",
        "Resultaten",
        "Voorwaarden voor succes",
        "Vier experimenten in het voortgezet onderwijs",
        "Resultaten",
        "Algemene lessen uit de experimenten",
    ]


def test_no_heading_stands_inside_a_passage(passages: list[Passage], factsheet: Document) -> None:
    headings = [block.span for block in factsheet.blocks if block.kind in ("heading", "side-heading")]
    assert not any(p.span.overlap(heading) for p in passages for heading in headings)


def test_passages_are_slices_that_cover_every_word_outside_headings(
    passages: list[Passage], factsheet: Document
) -> None:
    covered = sum(len(p.text.split()) for p in passages)
    bodies = [b.body for b in factsheet.blocks if b.kind in ("paragraph", "item")]
    assert covered == sum(len(factsheet.text[b.start : b.end].split()) for b in bodies)
    for passage in passages:
        assert factsheet.text[passage.span.start : passage.span.end] == passage.text
        assert any(body.contains(passage.span) for body in bodies)
        assert [passage.span.start, passage.span.end] == [passage.sentences[0].start, passage.sentences[-1].end]


def test_numbered_results_are_whole(factsheet: Document) -> None:
    items = [
        (block.number, factsheet.text[block.body.start : block.body.end]) for block in factsheet.blocks if block.number
    ]
    assert [number for number, _ in items] == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6]
    teams = items[7][1]
    assert teams.startswith("Onderwijsteams kunnen")
    assert "gemiddeld 2 tot 3%" in teams
    assert teams.endswith("uitgedrukt in het aantal leerlingen per contactuur van leraren.")


@pytest.mark.parametrize(
    "words",
    [
        "subsidieregeling InnovatieImpuls Onderwijs (IIO)",
        "innovatieve maatregelen zijn zuiver",
        "gepersonaliseerd leren",
        "leerkrachten, onderwijsondersteuners en",
        "peer-to-peer-vernieuwing.",
        "kennis- en dienstencentrum CAOP",
        "maatschappelijke denktank Kennisland",
        "ICT-infrastructuur",
        "wisselen leraren",
    ],
)
def test_cut_words_are_mended_and_true_hyphens_kept(factsheet: Document, words: str) -> None:
    assert words in factsheet.text


def test_an_error_of_the_source_stays(factsheet: Document) -> None:
    assert "waarbij een student hen ondersteunden" in factsheet.text


def test_passages_know_the_headings_above_them(passages: list[Passage]) -> None:
    passage = next(p for p in passages if p.text.startswith("Bij Videolessen zit"))
    assert passage.section == "Vier experimenten in het voortgezet onderwijs › Resultaten"
    lesson = next(p for p in passages if p.text.startswith("Een grote mate"))
    assert lesson.section == "Algemene lessen uit de experimenten"
