"""Generated texts, set in lines, columns and pages, read back: every word in its order, on its page, at its place."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reading import read_as_document
from typeset import SIZE, Typesetter

from iio_kg.corpus.document import Span

if TYPE_CHECKING:
    from iio_kg.corpus.document import Document

WORDS = """
    leerlingen leraren scholen onderwijs resultaten onderzoek verantwoordelijk begeleiding samenwerking ontwikkeling
    docenten experimenten vergelijking gemiddeld basisonderwijs middelbare ondersteuning innovatie wiskunde verbetering
    de het een en van in op met zij ook nog meer dan door voor bij uit naar over tijdens
""".split()
#: Words whose hyphen is theirs, wherever a line ends.
HYPHENED = ["ex-leerlingen", "zee-eend", "vmbo-t", "e-mail", "IIO-scholen", "niet-rokers", "ICT-beleid", "mbo-docenten"]
COORDINATED = "taal- en rekenonderwijs"
COINED = "Debian-installatieprogramma"
HEADING = "Resultaten van het onderzoek"


#: A text of pages takes long to make smaller, and says as much as it is.
AS_IT_COMES = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def sentences(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.sampled_from(WORDS), min_size=4, max_size=18))
    for special in draw(st.lists(st.sampled_from([*HYPHENED, COORDINATED, COINED]), max_size=2)):
        words.insert(draw(st.integers(1, len(words))), special)
    return f"{words[0].capitalize()} {' '.join(words[1:])}."


@st.composite
def texts(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Blocks of a text: ``heading``, ``item`` or ``paragraph``, and its words."""
    # A compound of which no dictionary knows is known by the place where no line ends in it.
    blocks = [("paragraph", f"Het {COINED} is er."), ("paragraph", f"Dat {COINED} werkt.")]
    for number in range(draw(st.integers(3, 14))):
        kind = draw(st.sampled_from(["paragraph", "paragraph", "paragraph", "heading", "item"]))
        if kind == "heading" and blocks[-1][0] != "heading":
            blocks.append((kind, f"{HEADING} {number}"))
        words = " ".join(draw(st.lists(sentences(), min_size=1, max_size=9)))
        blocks.append(("item" if kind == "item" else "paragraph", words))
    return blocks


def syllables(word: str) -> list[int]:
    """Where a word may be cut: after its own hyphens, and between a consonant and a consonant with a vowel after it."""
    if "-" in word:
        return [i + 1 for i, c in enumerate(word) if c == "-" and 0 < i < len(word) - 1]
    bare = word.rstrip(".")
    vowels = "aeiou"
    return [
        i
        for i in range(3, len(bare) - 3)
        if bare[i] not in vowels and bare[i - 1] not in vowels and bare[i + 1] in vowels and len(bare) > 8
    ]


def set_and_read(blocks: list[tuple[str, str]], columns: int) -> Document:
    setter = Typesetter(columns, syllables, lambda page: f"Rapport {2015 + page % 2} over het onderwijs")
    number = 0
    for kind, words in blocks:
        number = number + 1 if kind == "item" else 0
        setter.add(f"{number}. {words}" if kind == "item" else words, size=15 if kind == "heading" else SIZE)
    with tempfile.TemporaryDirectory() as folder:
        return read_as_document(setter.save(Path(folder) / "rapport.pdf"))


def lead_back(document: Document) -> None:
    """Every character stands on its page at its place; a blank stands for blanks or what is at a line end."""
    for position, character in enumerate(document.text):
        start, end = document.offsets.to_source(position, position + 1)
        if character.isspace():
            assert not document.source[start:end].strip() or "\n" in document.source[start:end]
        else:
            assert document.source[start:end] == character
        page = document.page_at(position)
        assert page.source.start <= start < page.source.end


@pytest.mark.slow
@settings(AS_IT_COMES, max_examples=25)
@given(texts(), st.sampled_from([1, 2]))
def test_a_text_set_as_pdf_is_read_as_it_was(blocks: list[tuple[str, str]], columns: int) -> None:
    document = set_and_read(blocks, columns)
    lead_back(document)
    found = [(b.kind, document.text[b.body.start : b.body.end]) for b in document.blocks]
    if len(document.pages) < 3:
        # What stands above a page or two may be anything.
        found = [block for block in found if not block[1].startswith("Rapport 201")]
    assert " ".join(words for _, words in found).split() == " ".join(words for _, words in blocks).split()
    assert [words for kind, words in found if kind == "heading"] == [w for kind, w in blocks if kind == "heading"]
    assert sum(kind == "item" for kind, _ in found) == sum(kind == "item" for kind, _ in blocks)
    # No sentence is cut where a page or a column ends.
    kept = [words for _, words in found]
    for _, words in blocks:
        for sentence in words.split(". "):
            assert any(sentence in block for block in kept), sentence


@pytest.mark.slow
@settings(AS_IT_COMES, max_examples=15)
@given(st.lists(sentences(), min_size=60, max_size=90))
def test_a_quotation_across_pages_has_a_part_on_each(written: list[str]) -> None:
    """One paragraph of more than a page, without a full stop at which it could be parted."""
    words = " ".join(sentence.rstrip(".").lower() for sentence in written).replace(COINED.lower(), COINED)
    document = set_and_read([("paragraph", f"Het {COINED} is er."), ("paragraph", f"{words}.")], 1)
    block = document.blocks[-1]
    parts = document.parts_by_page(block.span)
    assert [page.number for page, _ in parts] == list(range(1, len(document.pages) + 1))
    joined = "".join(document.text[span.start : span.end] for _, span in parts)
    assert joined.replace(" ", "") == document.text[block.span.start : block.span.end].replace(" ", "")
    for page, span in parts:
        source = document.offsets.to_source(*span)
        assert Span(*page.source).contains(source)


@settings(AS_IT_COMES, max_examples=40)
@given(texts(), st.integers(40, 90))
def test_a_text_set_in_lines_is_read_as_it_was(blocks: list[tuple[str, str]], width: int) -> None:
    lines: list[str] = []
    for kind, words in blocks:
        if kind == "heading":
            continue
        lines.append("")
        line = ""
        for word in words.split(" "):
            cut = next((c for c in reversed(syllables(word)) if len(line) + c + 1 <= width), None)
            if line and len(line) + 1 + len(word) > width:
                if cut:
                    lines.append(f"{line} {word[:cut].rstrip('-')}-")
                    line = word[cut:]
                else:
                    lines.append(line)
                    line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tekst.txt"
        path.write_text("\n".join(lines), encoding="utf-8")
        document = read_as_document(path)
    lead_back(document)
    assert document.text.split() == " ".join(words for kind, words in blocks if kind != "heading").split()
