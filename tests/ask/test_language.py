"""Telling Dutch from English, also in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.ask.language import detect_language, neutral_names

if TYPE_CHECKING:
    from iio_kg.snapshot import Snapshot


@pytest.mark.parametrize(
    "question",
    [
        "werkdruk juf",
        "wie bellen",
        "Hoeveel scholen deden mee?",
        "blijven er minder kinderen zitten",
        "wat is een PAL-student",
        "zittenblijven",
    ],
)
def test_dutch_is_dutch(question: str) -> None:
    assert detect_language(question) == "nl"


@pytest.mark.parametrize(
    "question",
    [
        "teacher workload",
        "who do I call",
        "how many schools",
        "did SlimFit change workload",
        "what are Onderwijsteams",
        "fewer kids repeating",
    ],
)
def test_english_is_english(question: str) -> None:
    assert detect_language(question) == "en"


def test_a_name_that_both_languages_use_tells_nothing() -> None:
    neutral = neutral_names(["flipping the classroom", "SlimFit"])
    assert detect_language("flipping the classroom cijfers omlaag?", neutral=neutral) == "nl"
    assert detect_language("Flipping the Classroom", neutral=neutral) == "nl"
    assert detect_language("Flipping the Classroom grades", neutral=neutral) == "en"


def test_nothing_to_go_by_is_the_default() -> None:
    assert detect_language("SlimFit 2015 ???") == "nl"
    assert detect_language("xqzt", default="en") == "en"


def test_words_that_both_languages_have_are_told_by_how_they_are_used(snapshot: Snapshot) -> None:
    def told(question: str) -> str:
        return detect_language(question, leaning=snapshot.content.spelling.leaning)

    for question in ("cito scores", "student helpers", "school uniforms", "official webiste", "cost per pupil"):
        assert told(question) == "en", question
    for question in ("cito", "student als hulp", "schooluniform", "kosten per leerling", "wie bellen", "team"):
        assert told(question) == "nl", question
