"""Foreign documents: cut into sections, written without headings, found again; and a tiny one measured as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.build import Silent
from iio_kg.corpus.library import read_document
from iio_kg.corpus.segment import segment
from iio_kg.errors import CorpusError
from iio_kg.evaluate.foreign import asked_elsewhere, foreign_table, measure_foreign
from iio_kg.evaluate.manual import map_passages, read_manuals, write_manual

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.config import Settings

SECTIONS = {
    "1. De fiets van de buurman": [
        ("1.1. Een lekke band plakken", "Ruw het rubber op met schuurpapier & wacht tot de <lijm> droog is."),
        ("1.2. De ketting goed smeren", "Gebruik *weinig* olie; veeg af wat er te veel op zit."),
    ],
    "2. Zorgen voor planten binnen": [
        ("2.1. Hoe vaak je water geeft", "In de zomer twee keer per week, in de winter zelden."),
        ("2.2. Verpotten", "Neem een pot die twee vingers breder is. # Dit is geen kop."),
        ("2.3. Luizen op de bladeren", "Spoel ze af met lauw water en een druppel groene zeep."),
    ],
}
ENGLISH = {"Een lekke band plakken": "Mending a flat tyre", "Luizen op de bladeren": "Greenfly on the leaves"}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A manual of two chapters, as HTML."""
    lines = ["<h1>Een kleine handleiding</h1>"]
    for chapter, sections in SECTIONS.items():
        lines.append(f"<h2>{chapter}</h2>")
        for heading, text in sections:
            escaped = text.replace("&", "&amp;").replace("<", "&lt;")
            lines.append(f"<h3>{heading}</h3><p>{escaped}</p><ul><li>Zie ook punt {heading[:3]} hiervoor.</li></ul>")
    path = tmp_path / "Handleiding 1.html"
    path.write_text('<!doctype html><html lang="nl"><meta charset="utf-8"><body>' + "".join(lines), encoding="utf-8")
    return path


def test_a_manual_is_cut_into_sections(page: Path) -> None:
    (manual,) = read_manuals(page, 100)
    assert manual.document.id == "handleiding-1"
    found = {section.heading: section for section in manual.sections}
    assert list(found) == [
        "Een kleine handleiding",
        "De fiets van de buurman",
        "Een lekke band plakken",
        "De ketting goed smeren",
        "Zorgen voor planten binnen",
        "Hoe vaak je water geeft",
        "Verpotten",
        "Luizen op de bladeren",
    ]
    whole, chapter, band = (found[name] for name in list(found)[:3])
    assert band.passages == 2
    assert chapter.passages == 4
    assert whole.passages == len(manual.passages) == 10
    text = manual.document.text
    assert "schuurpapier" in text[band.start : band.end]
    assert "olie" not in text[band.start : band.end]


def test_without_headings_every_passage_is_found_again(page: Path, tmp_path: Path) -> None:
    (manual,) = read_manuals(page, 100)
    for kept in (True, False):
        folder = tmp_path / str(kept).lower()
        write_manual(manual, folder, with_headings=kept)
        document = read_document(folder)
        assert bool([block for block in document.blocks if block.kind == "heading"]) == kept
        passages = segment(document)
        places = map_passages(manual, passages)
        assert places == [passage.span.start for passage in manual.passages]
        assert [p.text for p in passages] == [p.text for p in manual.passages]


def test_passages_of_another_document_are_refused(page: Path) -> None:
    (manual,) = read_manuals(page, 100)
    with pytest.raises(CorpusError, match="is not found again"):
        map_passages(manual, manual.passages[::-1])


def test_a_folder_is_read_once_for_each_text_and_up_to_a_limit(page: Path) -> None:
    for number in range(3):
        (page.parent / f"tekst-{number}.html").write_bytes(page.read_bytes())
        (page.parent / f"tekst-{number}.md").write_text("# Kop\n\nTekst.\n")
    (page.parent / "stuk.pdf").write_bytes(b"%PDF-1.4 no more")
    manuals = read_manuals(page.parent, 1000)
    assert sorted(manual.document.id for manual in manuals) == ["handleiding-1", "tekst-0", "tekst-1", "tekst-2"]
    assert {manual.path.suffix for manual in manuals} == {".html"}
    assert [m.document.id for m in read_manuals(page.parent, 11)] == [m.document.id for m in manuals[:2]]
    (page.parent / "leeg").mkdir()
    with pytest.raises(CorpusError, match="nothing in it can be read"):
        read_manuals(page.parent / "leeg", 10)
    with pytest.raises(CorpusError, match=r"stuk\.pdf"):
        read_manuals(page.parent / "stuk.pdf", 10)


def test_a_manual_without_headings_cannot_be_measured(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "kaal.md").write_text("Alleen tekst.\n\n# Kop\n\nMeer tekst.\n")
    with pytest.raises(CorpusError, match="no heading of three words"):
        measure_foreign(settings, tmp_path / "kaal.md", Silent(), translations={})


@pytest.mark.model
def test_questions_of_the_dev_part_are_asked_elsewhere(page: Path, settings: Settings, tmp_path: Path) -> None:
    questions = tmp_path / "questions"
    questions.mkdir()
    for name, document in {"x-dev": "handleiding-1", "x-test": "handleiding-1", "y-dev": "another"}.items():
        (questions / f"{name}.jsonl").write_text(
            f'{{"id": "{name}", "question": "hoeveel water", "language": "nl", "type": "how-many", '
            f'"gold": [{{"document": "{document}", "quote": "twee keer per week"}}]}}\n'
        )
    with asked_elsewhere(settings, page, Silent(), questions=questions) as (engine, asked):
        assert [question.id for question in asked] == ["x-dev"]
        assert [document.id for document in engine.snapshot.content.documents] == ["handleiding-1"]
        assert engine.snapshot.content.claims == ()
    (questions / "x-dev.jsonl").unlink()
    (questions / "x-test.jsonl").unlink()
    with (
        pytest.raises(CorpusError, match="no question set is on these documents"),
        asked_elsewhere(settings, page, Silent(), questions=questions),
    ):
        pass


@pytest.mark.model
def test_a_tiny_manual_is_measured(page: Path, settings: Settings, tmp_path: Path) -> None:
    questions = tmp_path / "questions"
    questions.mkdir()
    (questions / "x-dev.jsonl").write_text(
        '{"id": "a", "question": "hoeveel water per week", "language": "nl", "type": "how-many", "section": "s", '
        '"gold": [{"document": "handleiding-1", "quote": "twee keer per week"}]}\n'
    )
    before = sorted(settings.data_dir.rglob("*"))
    rows = measure_foreign(settings, page, Silent(), translations=ENGLISH, questions=questions)
    assert sorted(settings.data_dir.rglob("*")) == before
    headings = [row for row in rows if "variant" in row]
    assert {row["variant"] for row in headings} == {"headings kept", "headings stripped"}
    for variant in ("headings kept", "headings stripped"):
        counts = {"nl": 0, "en": 0}
        for row in headings:
            if row["variant"] == variant:
                counts[row["language"]] += row["questions"]
                for name in ("published", "encoder", "words", "without near_words", "shipped"):
                    assert 0 <= row[name]["hit@1"] <= row[name]["MRR@10"] <= 1
                for name, gain in row["gain"].items():
                    assert gain == pytest.approx(row["shipped"]["MRR@10"] / row[name]["MRR@10"])
        # "Verpotten" is one word.
        assert counts == {"nl": 7, "en": 2}
    kept = [row for row in headings if (row["variant"], row["language"]) == ("headings kept", "nl")]
    assert all(row["shipped"]["hit@1"] == 1 for row in kept)
    (asked,) = (row for row in rows if "measures" in row)
    assert asked["questions"] == 1
    assert asked["measures"]["hit@1"] == 1
    table = foreign_table(rows)
    assert "| headings stripped | en |" in table
    assert "| nl | dev | 1 | 1.000 |" in table
