"""What a hyphen at a line end was, and which blanks stand inside a word."""

from __future__ import annotations

import pytest

from iio_kg.corpus.clean import find_inner_blanks, judge_line_end
from iio_kg.corpus.lexicon import Lexicon

LEXICON = Lexicon(["De InnovatieImpuls helpt onderwijsondersteuners."])


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
    ],
)
def test_a_hyphen_at_a_line_end_is_judged_by_the_words(left: str, right: str, spaced: bool, verdict: str) -> None:
    assert judge_line_end(left, right, LEXICON, spaced=spaced) == verdict


@pytest.mark.parametrize(
    ("line", "closed"),
    [
        ("het gepersona liseerd leren", ["gepersonaliseerd"]),
        ("leraren willen samen werken aan iets", []),
        ("innovatieve maat regelen zijn", []),
        ("in te spelen op", []),
        ("het flipping the classroom model", []),
    ],
)
def test_a_blank_is_closed_on_strong_evidence_only(line: str, closed: list[str]) -> None:
    lexicon = Lexicon([line])
    found = [line[:i].rsplit(" ", 1)[-1] + line[i + 1 :].split(" ", 1)[0] for i in find_inner_blanks(line, lexicon)]
    assert found == closed


def test_a_place_that_the_maintainer_named_is_closed() -> None:
    line = "innovatieve maat regelen zijn"
    assert [line[i] for i in find_inner_blanks(line, LEXICON, ["maat regelen"])] == [" "]
