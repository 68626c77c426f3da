"""What a hyphen at a line end was, and which blanks stand inside a word."""

from __future__ import annotations

import pytest

from iio_kg.corpus.clean import RawBlock, build_text, find_inner_blanks, judge_line_end
from iio_kg.corpus.document import Span
from iio_kg.corpus.lexicon import Lexicon

LEXICON = Lexicon(["De InnovatieImpuls helpt onderwijsondersteuners."])
MANUAL = Lexicon(["Het Debian-installatieprogramma en debian-edu-router.", "Een Unix-systeem.", "De Debian-site."])


@pytest.mark.parametrize(
    ("left", "right", "spaced", "verdict"),
    [
        ("verantwoor", "delijk", False, "join"),
        ("gedu", "rende", False, "join"),
        ("Innovatie", "Impuls", True, "join"),
        ("ontwik", "keling", True, "join"),
        ("onderwijsonder", "steuners", True, "join"),
        ("onderwijs", "teams", False, "join"),
        ("ex", "leerlingen", False, "keep-hyphen"),
        ("peer-to-peer", "vernieuwing", False, "keep-hyphen"),
        ("ICT", "infrastructuur", False, "keep-hyphen"),
        ("IIO", "scholen", False, "keep-hyphen"),
        ("E", "klas", False, "keep-hyphen"),
        ("zee", "eend", False, "keep-hyphen"),
        ("2011", "2014", False, "keep-hyphen"),
        ("taal", "en", False, "keep-apart"),
        ("komt", "zo", True, "keep-apart"),
        ("ex", "perimenten", False, "join"),
        ("oud", "heid", False, "join"),
        ("oud", "leerling", False, "keep-hyphen"),
        ("e", "mail", False, "keep-hyphen"),
        ("vmbo", "t", False, "keep-hyphen"),
        ("mbo", "docenten", False, "keep-hyphen"),
        ("po", "litiek", False, "join"),
        ("MySQL", "server", False, "keep-hyphen"),
        ("niet", "rokers", False, "keep-hyphen"),
    ],
)
def test_a_hyphen_at_a_line_end_is_judged_by_the_words(left: str, right: str, spaced: bool, verdict: str) -> None:
    assert judge_line_end(left, right, LEXICON, spaced=spaced) == verdict


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("Debian", "installatieprogramma", "keep-hyphen"),  # written so elsewhere
        ("edu", "router", "keep-hyphen"),  # a part of a longer one
        ("Debian", "spiegelserver", "keep-hyphen"),  # as the document sets off this part
        ("installatie", "programma", "join"),
    ],
)
def test_what_the_document_does_elsewhere_decides(left: str, right: str, verdict: str) -> None:
    assert judge_line_end(left, right, MANUAL) == verdict


def test_where_no_word_is_cut_each_hyphen_belongs_to_its_word() -> None:
    ends = [("wiki", "pagina"), ("login", "scherm"), ("automount", "informatie")] * 2
    assert judge_line_end("login", "scherm", Lexicon([], ends)) == "keep-hyphen"
    cut = [("leer", "lingen"), ("verant", "woordelijk"), ("onder", "steuning")] * 2
    assert judge_line_end("login", "scherm", Lexicon([], cut)) == "join"


def test_a_soft_hyphen_is_never_a_letter_of_the_word() -> None:
    source = "een ex\u00ad\nleerling"
    text, _, _ = build_text(source, [RawBlock("paragraph", (Span(0, 7), Span(8, 16)))])
    assert text == "een exleerling"


def test_half_a_word_at_a_line_end_closes_no_blank() -> None:
    source = "dan voor onders-\nteuning"
    text, _, _ = build_text(source, [RawBlock("paragraph", (Span(0, 16), Span(17, 24)))])
    assert text == "dan voor ondersteuning"


def test_what_is_hidden_is_left_out_and_the_rest_leads_back() -> None:
    source = "een woord1 met noot"
    text, offsets, _ = build_text(source, [RawBlock("paragraph", (Span(0, 19),), hidden=(Span(9, 10),))])
    assert text == "een woord met noot"
    assert offsets.to_source(10, 13) == (11, 14)


@pytest.mark.parametrize(
    ("line", "closed"),
    [
        ("het gepersona liseerd leren", ["gepersonaliseerd"]),
        ("leraren willen samen werken aan iets", []),
        ("innovatieve maat regelen zijn", []),
        ("in te spelen op", []),
        ("het flipping the classroom model", []),
        ("alle wiskunde leraren deden mee", []),
    ],
)
def test_a_blank_is_closed_on_strong_evidence_only(line: str, closed: list[str]) -> None:
    lexicon = Lexicon([line])
    found = [line[:i].rsplit(" ", 1)[-1] + line[i + 1 :].split(" ", 1)[0] for i in find_inner_blanks(line, lexicon)]
    assert found == closed


def test_a_place_that_the_maintainer_named_is_closed() -> None:
    line = "innovatieve maat regelen zijn"
    assert [line[i] for i in find_inner_blanks(line, LEXICON, ["maat regelen"])] == [" "]
