"""PDF: real manuals held against other programs and forms of the same text; broken files refused in a sentence."""

from __future__ import annotations

import gzip
import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2
import pytest
from rapidfuzz.distance import LCSseq
from reading import headings, outline, read_as_document
from typeset import Typesetter

from iio_kg.corpus.clean import build_text
from iio_kg.corpus.document import Document, Metadata, Repair
from iio_kg.corpus.readers.pdf import read
from iio_kg.corpus.segment import segment
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from iio_kg.corpus.readers.reading import Reading

MANUALS = sorted(Path("/usr/share/doc/debian-edu-doc-nl").glob("*-manual.pdf"))
FAQ = Path("/usr/share/doc/debian/FAQ/debian-faq.nl.pdf.gz")
WORDS = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]+)*")
LETTERS = re.compile(r"[^\W\d_]{3,}")
NUMBERING = re.compile(r"^[\d.]+\s+")
pytestmark = pytest.mark.slow
on_manuals = pytest.mark.skipif(not MANUALS, reason="needs Debian's package debian-edu-doc-nl; see dev/material.sh")


class Words(HTMLParser):
    """The words of a page of HTML."""

    BLOCKS = frozenset("p div li td th tr h1 h2 h3 h4 h5 pre br dt dd table title".split())

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self.BLOCKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain(title: str) -> str:
    """A title without its number, and with the apostrophes of a typewriter."""
    return NUMBERING.sub("", title.strip()).replace("’", "'")


def as_document(reading: Reading) -> Document:
    text, offsets, blocks = build_text(reading.source, reading.blocks)
    metadata = Metadata(id="x", title="x", kind="report", language="nl", file="x.pdf")
    return Document(metadata, reading.source, text, offsets, reading.pages, blocks)


@pytest.fixture(scope="module", params=MANUALS, ids=lambda path: path.stem)
def manual(request: pytest.FixtureRequest) -> tuple[Path, Document]:
    return request.param, as_document(read(request.param, Repair()))


@on_manuals
def test_the_words_are_those_of_the_html_of_the_same_manual(manual: tuple[Path, Document]) -> None:
    path, document = manual
    known = {w.casefold() for w in WORDS.findall("".join(Words(path.with_suffix(".html").read_text("utf-8")).parts))}
    words = WORDS.findall(document.text)
    assert sum(word.casefold() in known for word in words) / len(words) >= 0.995


def in_order(document: Document, html: str) -> tuple[float, float]:
    """Which part of the words of the document stands in the page in this order, and the other way round."""
    ours, theirs = ([word.casefold() for word in LETTERS.findall(text)] for text in (document.text, html))
    alike = LCSseq.similarity(ours, theirs)
    return alike / len(ours), alike / len(theirs)


@on_manuals
def test_the_words_stand_in_the_order_of_the_html(manual: tuple[Path, Document]) -> None:
    path, document = manual
    page = read_as_document(path.with_suffix(".html"))
    precision, recall = in_order(document, page.text)
    assert precision >= 0.995
    assert recall >= 0.995


@pytest.mark.skipif(not FAQ.is_file(), reason="needs Debian's package debian-faq-nl; see dev/material.sh")
def test_a_running_head_that_names_the_section_is_in_no_passage(tmp_path: Path) -> None:
    (tmp_path / "faq.pdf").write_bytes(gzip.decompress(FAQ.read_bytes()))
    document = read_as_document(tmp_path / "faq.pdf")
    assert "HOOFDSTUK 1. DEFINITIES" in document.source
    assert "HOOFDSTUK" not in document.text
    assert "INHOUDSOPGAVE" not in document.text
    assert not re.search(r"(?:\. ){4}", document.text)


def test_notes_leave_the_flow_with_the_marks_that_lead_to_them(tmp_path: Path) -> None:
    setter = Typesetter()
    setter.at(70, 100, "De scholen zijn het eens")
    width = setter.pdf.get_string_width("De scholen zijn het eens")
    setter.at(70 + width, 96, "1", size=6)
    setter.at(70 + width + 4, 100, " en gaan door met 3 m")
    end = 70 + width + 4 + setter.pdf.get_string_width(" en gaan door met 3 m")
    setter.at(end, 96, "2", size=6)
    setter.at(70, 113, "aan ruimte voor elke leerling die er is, en dat al een")
    setter.at(70, 126, "jaar lang.")
    setter.at(70, 700, "1 Volgens de directeuren.", size=8)
    document = read_as_document(setter.save(tmp_path / "noot.pdf"))
    words = "De scholen zijn het eens en gaan door met 3 m2 aan ruimte voor elke leerling die er is, en dat al een "
    assert outline(document) == [("paragraph", f"{words}jaar lang."), ("paragraph", "1 Volgens de directeuren.")]


def test_columns_without_lines_are_rows_with_cells(tmp_path: Path) -> None:
    setter = Typesetter()
    rows = [("School", "Leerlingen", "Winst"), ("De Eik", "240", "12 %"), ("Het Bos", "", "9 %"), ("Zee", "85", "4 %")]
    setter.add("Een stuk tekst dat boven de tabel staat en over de scholen gaat.")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            setter.at(70 + 130 * column, 140 + 13 * number, cell)
    document = read_as_document(setter.save(tmp_path / "tabel.pdf"))
    assert [("row", "\t".join(row)) for row in rows] == [block[:2] for block in outline(document)[1:]]


def test_bold_lines_and_larger_type_are_headings_where_there_is_no_outline(tmp_path: Path) -> None:
    setter = Typesetter()
    setter.add("Het rapport", size=18)
    for title in ("De scholen", "De leraren"):
        setter.add(title, style="B")
        setter.add("Er is veel gezegd over wat er gebeurt als leraren samen een les maken. " * 4)
    setter.add("Dit is belangrijk.", style="B")
    setter.add("En dit volgt erop, gewoon gezet.")
    document = read_as_document(setter.save(tmp_path / "koppen.pdf"))
    assert [b for b in outline(document) if b[0] == "heading"] == [
        ("heading", "Het rapport", 1),
        ("heading", "De scholen", 2),
        ("heading", "De leraren", 2),
    ]


def test_a_table_of_contents_is_no_part_of_the_text(tmp_path: Path) -> None:
    setter = Typesetter()
    setter.add("Inhoud", size=16)
    titles = ["Inleiding", "Opzet", "Scholen", "Leraren", "Resultaten", "Slot"]
    for number, title in enumerate(titles, 1):
        setter.at(70, 130 + 13 * number, f"{number} {title}")
        setter.at(500, 130 + 13 * number, str(3 * number))
    setter._y = 741
    words = "Wij deden 3 proeven op 12 scholen, waarvan er zo veel waren als er in het land waren, en vonden in 2015"
    setter.add(words)
    document = read_as_document(setter.save(tmp_path / "inhoud.pdf"))
    assert outline(document)[1:] == [("paragraph", words)]
    assert not set(titles) & set(document.text.split())


def test_titles_of_slides_are_no_running_heads(tmp_path: Path) -> None:
    setter = Typesetter()
    for number in range(1, 7):
        setter._column, setter._y = 9, 741
        setter.add(f"Wat school {number} deed", size=20)
        setter.add("Een stuk tekst over wat er gedaan is en wat het gaf aan de leerlingen.")
    document = read_as_document(setter.save(tmp_path / "dia.pdf"))
    assert headings(document) == [f"Wat school {number} deed" for number in range(1, 7)]


def test_type_without_a_map_to_letters_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    setter = Typesetter()
    setter.add("Geen kaart van letters naar tekens. " * 20)
    setter.save(tmp_path / "x.pdf")
    # Every letter becomes a control character, as where type is embedded with codes of its own.
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        stream = pdf.pages[0].Contents
        coded = re.compile(rb"\((.*?)\) Tj")
        stream.write(
            coded.sub(lambda m: b"<%s> Tj" % bytes(c % 24 + 3 for c in m[1]).hex().encode(), stream.read_bytes())
        )
        pdf.save(tmp_path / "y.pdf")
    with pytest.raises(CorpusError, match="does not say which letters") as caught:
        read(tmp_path / "y.pdf", Repair())
    assert "iio-kg[ocr]" in str(caught.value)


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.save(tmp_path / "nul.pdf")
    with pytest.raises(CorpusError, match="no pages"):
        read(tmp_path / "nul.pdf", Repair())


@pytest.mark.parametrize(("user", "said"), [("geheim", "password"), ("", "")])
def test_a_pdf_that_needs_a_password_is_refused(tmp_path: Path, user: str, said: str) -> None:
    setter = Typesetter()
    setter.add("Een stuk tekst.")
    with pikepdf.open(setter.save(tmp_path / "x.pdf")) as pdf:
        pdf.save(tmp_path / "slot.pdf", encryption=pikepdf.Encryption(owner="eigenaar", user=user))
    if not said:
        assert "Een stuk tekst." in read(tmp_path / "slot.pdf", Repair()).source
        return
    with pytest.raises(CorpusError, match=said):
        read(tmp_path / "slot.pdf", Repair())


@on_manuals
def test_each_page_has_the_words_that_pdftotext_finds_on_it(manual: tuple[Path, Document]) -> None:
    path, document = manual
    alike = 0
    for page in document.pages:
        number = str(page.number)
        command = ["pdftotext", "-f", number, "-l", number, str(path), "-"]
        theirs = Counter(WORDS.findall(subprocess.run(command, capture_output=True, check=True).stdout.decode()))
        ours = Counter(WORDS.findall(document.source[page.source.start : page.source.end]))
        alike += (theirs & ours).total() >= 0.95 * theirs.total()
    assert alike >= 0.97 * len(document.pages)


@on_manuals
def test_the_headings_of_the_outline_are_found_on_their_pages(manual: tuple[Path, Document]) -> None:
    path, document = manual
    with pypdfium2.PdfDocument(path) as pdf:
        outline = {(plain(e.get_title()), e.get_dest().get_index() + 1) for e in pdf.get_toc() if e.get_dest()}
    found = {
        (plain(document.text[b.body.start : b.body.end]), document.page_at(b.span.start).number)
        for b in document.blocks
        if b.kind == "heading"
    }
    assert len(outline & found) >= 0.95 * len(outline)


@on_manuals
def test_every_passage_is_on_one_of_its_pages_and_no_running_foot_is_in_it(manual: tuple[Path, Document]) -> None:
    _, document = manual
    for passage in segment(document):
        assert document.text[passage.span.start : passage.span.end] == passage.text
        assert not re.fullmatch(r"[\divxlc ]+", passage.text)
    assert [page.label for page in document.pages[:2]] == ["i", "ii"]


def blank(path: Path) -> None:
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(595, 842).close()
    pdf.save(path)
    pdf.close()


def test_a_pdf_without_text_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    blank(tmp_path / "scan.pdf")
    with pytest.raises(CorpusError, match="no text") as caught:
        read(tmp_path / "scan.pdf", Repair())
    assert "iio-kg[ocr]" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"geen pdf", b"%PDF-1.7\n", b"PK\x03\x04" + bytes(200)])
def test_what_is_no_pdf_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pdf").write_bytes(content)
    with pytest.raises(CorpusError, match="not a whole PDF"):
        read(tmp_path / "x.pdf", Repair())


def test_a_truncated_pdf_is_refused_or_read_but_never_a_stack_trace(tmp_path: Path) -> None:
    blank(tmp_path / "whole.pdf")
    whole = (tmp_path / "whole.pdf").read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "part.pdf").write_bytes(whole[:length])
        with pytest.raises(CorpusError):
            read(tmp_path / "part.pdf", Repair())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is missing"):
        read(tmp_path / "gone.pdf", Repair())
