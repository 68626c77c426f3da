"""Questions typed in haste: what is mended, and what is left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iio_kg.ask.mend import Mender
from iio_kg.index.spelling import Spelling
from iio_kg.index.words import find_words

if TYPE_CHECKING:
    from iio_kg.build import Material
    from iio_kg.index.terms import Terms

MENDED = {
    "werkdrk slimfit??": "werkdruk slimfit??",
    "hoevl scholen deeden mee": "hoeveel scholen deden mee",
    "Onderwijsasistent samenwerkng": "onderwijsassistent samenwerking",
    "what support did shcools receive": "what support did schools receive",
    "grotste voordeel v. videolesen": "grootste voordeel v. videolessen",
    "tevreedenheid ouders": "tevredenheid ouders",
    "teachrs workloed": "teachers workload",
    "aantal schln": "aantal scholen",
    "is de kwalitijd goed": "is de kwaliteit goed",
    "rezultaaten per koncept": "resultaten per concept",
}
WRITTEN_OUT = {
    "films ipv les": "films in plaats van les",
    "film i.p.v. les, wat gebeurt er": "film in plaats van les, wat gebeurt er",
    "minder tov vorig jaar": "minder ten opzichte van vorig jaar",
    "lln tevreden?": "leerlingen tevreden?",
    "hoeveel meer lln.": "hoeveel meer leerlingen",
    "e-klas evt.": "e-klas eventueel",
}
SPELT = {
    "wat is slim fit": "wat is SlimFit",
    "wat is n eklas?": "wat is n E-klas?",
    "iio opmaat": "IIO op Maat",
    "slimm fit": "SlimFit",
    "for which subjects is there an eclass": "for which subjects is there an E-class",
}
LEFT = (
    # What the material does not speak of is not turned into what it does.
    *("jenaplan", "Montesori scholen", "snappet of kahoot", "chatgpt in de klas", "havo vmbo mbo"),
    *("een chromebook", "explainer videos", "IPV", "www.lln.nl", "they'll", "ip v les", "tovenaar", "i.p.v.d"),
    # Words that dictionaries and material lack, but that are made of what they have; everyday abbreviations.
    *("personeelstekort", "citotoets", "wat had iio daarmee te maken", "zit iemand hierachter?", "whats in the kit"),
    # Names in the spelling of either language, and inflections.
    *("Is het slim? Fit zijn de kinderen", "citoscore", "By pupils, for pupils"),
    *("informatica", "the hague", "zowat", "geleden", "iphone", "Pieter Jansen", "breda", "poraad", "fontys"),
    *("privé", "reëel", "kopieën", "technologieën", "caffè"),
    *("pal-student", "SlimFit-school", "slimfit", "hoeveel paginas", "exacte vakken", "enthousiastere leraren"),
)  # fmt: skip


@pytest.fixture(scope="module")
def mender(material: Material, terms: Terms) -> Mender:
    return Mender(terms, material.claims, material.entities, Spelling.build())


@pytest.mark.parametrize("typed", {**MENDED, **SPELT, **WRITTEN_OUT})
def test_typing_errors_are_mended_and_names_spelt_as_usual(mender: Mender, typed: str) -> None:
    assert mender.read(typed) == {**MENDED, **SPELT, **WRITTEN_OUT}[typed]


@pytest.mark.parametrize("typed", LEFT)
def test_what_is_no_error_stays_as_it_is(mender: Mender, typed: str) -> None:
    assert mender.read(typed) == typed


def test_what_the_material_itself_says_stays_as_it_is(mender: Mender, material: Material) -> None:
    texts = [passage.text for passage in material.passages]
    texts += [statement for claim in material.claims for statement in claim.statements.values()]
    for text in texts:
        typed, read = _words(text), _words(mender.read(text))
        # Names that one source writes apart are put into the usual spelling; no other word changes.
        assert "".join(typed) == "".join(read), text


def test_what_is_read_once_is_read_the_same_again(mender: Mender, material: Material) -> None:
    for claim in material.claims:
        for questions in claim.questions.values():
            for question in questions:
                read = mender.read(question)
                assert mender.read(read) == read


TYPED = ("wat is slim fit", "werkdruk bij de E-klas", "IIO op Maat voor scholen", "leerlingen voor leerlingen, ouders")


@given(st.sampled_from(TYPED), st.lists(st.tuples(st.integers(0, 40), st.sampled_from("aeiklnprst -,?é")), max_size=4))
def test_whatever_is_typed_is_read_once_and_for_all(mender: Mender, text: str, errors: list[tuple[int, str]]) -> None:
    for place, letter in errors:
        text = text[:place] + letter + text[place + 1 :]
    read = mender.read(text)
    assert mender.read(read) == read


@given(st.text(max_size=60))
def test_any_text_can_be_read(mender: Mender, text: str) -> None:
    read = mender.read(text)
    assert mender.read(read) == read


def _words(text: str) -> list[str]:
    return [match.group().casefold().replace("-", "") for match in find_words(text)]
