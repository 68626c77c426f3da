"""Figures in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from iio_kg.ask.figures import word_effect, write_number
from iio_kg.graph.claims import Effect
from iio_kg.graph.namespaces import Names

if TYPE_CHECKING:
    from iio_kg.ask.collect import Shelf
    from iio_kg.graph.claims import Claim

NAMES = Names()
COMPARED = "ten opzichte van vergelijkbare vakken op controlescholen"


def worded(shelf: Shelf, claim: Claim, language: str) -> str:
    assert claim.effect is not None
    return word_effect(claim.effect, claim.iri, shelf.entities, language).text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        (
            "slimfit-cito-partial",
            "nl",
            "gemiddeld 3 % hoger: citoscore, bij groepsoverstijgend onderwijs met differentiatie naar leertempo",
        ),
        ("slimfit-cito-full", "en", "on average 4 % higher: Cito score, with fully cross-grade teaching"),
        ("lvl-grades-flipped", "nl", "3–6 % lager: eindejaarcijfer, bij filmpjes in plaats van contacturen"),
        (
            "lvl-grades-inside-lessons",
            "nl",
            f"ongeveer 4 % hoger: eindejaarcijfer, {COMPARED}, bij filmpjes als onderdeel van de les",
        ),
        ("eklas-group-size", "nl", "tot wel 20–40 % hoger: groepsgrootte"),
        (
            "eklas-quality",
            "en",
            "unchanged: quality of education, condition: module of good quality; support by a PAL student",
        ),
        ("eklas-workload", "en", "decrease: workload, reservation: “eerder minder dan meer”"),
    ],
)
def test_an_effect_is_told_with_all_that_limits_it(
    shelf: Shelf, claims: dict[str, Claim], name: str, language: str, text: str
) -> None:
    assert worded(shelf, claims[f"factsheet-2015/{name}"], language) == text


def test_no_figure_is_told_that_its_claim_does_not_have(shelf: Shelf) -> None:
    for claim in shelf.claims:
        if claim.effect is None:
            continue
        have = {value for value in (claim.effect.number, claim.effect.low, claim.effect.high) if value is not None}
        for language in ("nl", "en"):
            told = re.sub(r"“.*”", "", worded(shelf, claim, language))
            assert {float(digits) for digits in re.findall(r"\d+(?:\.\d+)?", told)} == have


@pytest.mark.parametrize(
    ("value", "nl", "en"), [(3.0, "3", "3"), (3.5, "3,5", "3.5"), (0.125, "0,125", "0.125"), (1200.0, "1200", "1200")]
)
def test_a_number_is_written_as_its_language_does(value: float, nl: str, en: str) -> None:
    assert (write_number(value, "nl"), write_number(value, "en")) == (nl, en)


@pytest.mark.parametrize(
    ("number", "unit", "nl", "en"),
    [
        (1.0, "months", "1 maand hoger: citoscore", "1 month higher: Cito score"),
        (2.0, "months", "2 maanden hoger: citoscore", "2 months higher: Cito score"),
        (1.5, "percentage point", "1,5 procentpunt hoger: citoscore", "1.5 percentage points higher: Cito score"),
        (
            0.2,
            "standard deviations",
            "0,2 standaarddeviaties hoger: citoscore",
            "0.2 standard deviations higher: Cito score",
        ),
    ],
)
def test_every_unit_has_its_words(shelf: Shelf, number: float, unit: str, nl: str, en: str) -> None:
    effect = Effect(NAMES.concept("cito-score"), "increase", number, unit=unit)
    for language, text in (("nl", nl), ("en", en)):
        assert word_effect(effect, "", shelf.entities, language).text.replace("\u00a0", " ") == text
