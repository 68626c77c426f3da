"""What a question names: labels, inflections, typing errors, and words that only look like them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.ask.link import Linker

if TYPE_CHECKING:
    from iio_kg.build import Material


@pytest.fixture(scope="module")
def linker(material: Material) -> Linker:
    return Linker(material.entities)


def named(linker: Linker, question: str, language: str) -> set[str]:
    return {iri.rpartition("/")[2] for iri in linker.link(question, language)}


@pytest.mark.parametrize(
    ("question", "language", "names"),
    [
        ("werkdrk bij slimft", "nl", {"workload", "slimfit"}),
        ("wat vinden ouders van videolesen", "nl", {"parent-satisfaction", "videolessen"}),
        ("Did parents in secondary become happier?", "en", {"parents", "secondary-education"}),
        ("E-classes", "en", {"e-klas-pal-student"}),
    ],
)
def test_what_is_named_is_found_with_typing_errors_too(
    linker: Linker, question: str, language: str, names: set[str]
) -> None:
    assert named(linker, question, language) == names


@pytest.mark.parametrize(
    "question", ["multi-age classes", "where can I learn more", "sewing classes", "the primary goal", "is it worth it"]
)
def test_a_word_of_a_dictionary_is_no_name_with_an_error(linker: Linker, question: str) -> None:
    assert named(linker, question, "en") == set()
