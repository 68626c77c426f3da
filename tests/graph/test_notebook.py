"""Help for whoever writes claims: a skeleton on quoted words, and a claim as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

from iio_kg.cli import main
from iio_kg.corpus.library import CLAIMS_FILE
from iio_kg.errors import GraphError
from iio_kg.graph.notebook import skeleton

if TYPE_CHECKING:
    from iio_kg.build import Material
    from iio_kg.config import Settings

#: Reads the whole material, or drives a terminal, for each test.
pytestmark = pytest.mark.slow


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_a_skeleton_quotes_the_text_and_is_turtle_once_filled_in(settings: Settings, material: Material) -> None:
    document = material.documents[0]
    copied = "De werkdruk  van\nleraren blijft gelijk."
    written = skeleton(copied, document, material.passages)
    assert 'iio:quotation "De werkdruk van leraren blijft gelijk."@nl' in written
    assert "page 2" in written
    head = (settings.corpus / document.id / CLAIMS_FILE).read_text(encoding="utf-8")
    prefixes = [line for line in head.splitlines() if line.startswith("@prefix")]
    graph = Graph().parse(data="\n".join([*prefixes, written.replace("concept:…", "concept:slimfit")]), format="turtle")
    assert len(graph) == 12


def test_a_skeleton_can_be_made_for_every_quotation_there_is(material: Material) -> None:
    document = material.documents[0]
    for claim in material.claims:
        for quotation in claim.quotations:
            if document.text.count(quotation.text) == 1:
                assert f"{quotation.span.start}-{quotation.span.end}" in skeleton(
                    quotation.text, document, material.passages
                )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("de werkdruk van docenten", "is not in the text"),
        ("leraren", "times in factsheet-2015"),
        ("Vier jaar experimenteren", "stands in a heading"),
        ("  ", "no words to quote"),
    ],
)
def test_words_that_cannot_be_quoted_are_refused(material: Material, words: str, said: str) -> None:
    with pytest.raises(GraphError) as caught:
        skeleton(words, material.documents[0], material.passages)
    assert said in str(caught.value)


def test_the_command_names_the_documents_there_are() -> None:
    result = run("claims", "new", "--from", "nowhere", "words")
    assert result.exit_code == 2
    assert "Known are: factsheet-2015" in result.stderr


def test_a_claim_is_shown_with_its_figures_and_its_place() -> None:
    result = run("claims", "show", "lvl-grades-flipped")
    assert result.exit_code == 0
    lines = dict(line.split(None, 1) for line in result.stdout.splitlines() if not line.startswith("rests on"))
    assert (lines["low"], lines["high"], lines["direction"]) == ("3.0", "6.0", "afname")
    assert "(factsheet-2015, page 2, " in result.stdout


def test_all_claims_are_listed_and_an_unknown_one_is_refused(material: Material) -> None:
    assert len(run("claims", "show").stdout.splitlines()) == len(material.claims)
    assert run("claims", "show", "nothing").exit_code == 2
