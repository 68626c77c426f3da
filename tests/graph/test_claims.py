"""Claims and their quotations: what is shipped is true, and what is wrong is named with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from rdflib import RDF, Graph, Literal, URIRef

from iio_kg.build import read_material
from iio_kg.errors import GraphError
from iio_kg.graph import build as graph_build
from iio_kg.graph.claims import LANGUAGES, Claim, read_claims
from iio_kg.graph.namespaces import Names
from iio_kg.graph.triples import to_nquads
from iio_kg.graph.turtle import parse_turtle
from iio_kg.graph.validate import find_problems

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material
    from iio_kg.config import Settings

NAMES = Names()


def test_every_figure_stands_in_its_statements_and_its_quotation(material: Material) -> None:
    for claim in material.claims:
        if claim.effect is None:
            continue
        for figure in (claim.effect.number, claim.effect.low, claim.effect.high):
            if figure is not None:
                for text in (*claim.statements.values(), " ".join(q.text for q in claim.quotations)):
                    assert f"{figure:g}" in text, claim.name


def test_every_quotation_is_the_slice_it_claims_to_be_on_its_page(material: Material) -> None:
    documents = {document.id: document for document in material.documents}
    for claim in material.claims:
        for quotation in claim.quotations:
            document = documents[quotation.document]
            assert document.text[quotation.span.start : quotation.span.end] == quotation.text
            assert document.page_at(quotation.span.start).number == quotation.page


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'quotation "De werkdruk van leraren blijft gelijk."',
            'quotation "De werkdruk van docenten blijft gelijk."',
            "The nearest words are “De werkdruk van leraren blijft gelijk",
        ),
        ('quotation "De kwaliteit blijft overeind."', 'quotation "Vier jaar experimenteren"', "stands in a heading"),
        ('"Quality holds up with Videolessen."@en', '"Quality holds up with Videolessen."', "no iio:statement in en"),
        ("iio:value 23.0 ; iio:unit unit:PERCENT", "iio:value 23.0", "a figure but no iio:unit"),
        ("iio:value 23.0 ; iio:unit unit:PERCENT", "iio:value 23.0 ; iio:unit unit:KiloGM", "is unknown"),
        ("iio:direction concept:unchanged", "iio:direction concept:sideways", "its direction"),
        ("iio:direction concept:decrease ;", "iio:direction concept:decrease ) ;", "this is not Turtle"),
    ],
)  # fmt: skip
def test_a_wrong_claim_is_named_with_file_and_line(
    settings: Settings, material: Material, tmp_path: Path, old: str, new: str, said: str
) -> None:
    original = (settings.corpus / "factsheet-2015" / "claims.ttl").read_text(encoding="utf-8")
    assert old in original
    path = tmp_path / "claims.ttl"
    path.write_text(original.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GraphError) as caught:
        read_claims(path, material.documents[0], material.passages, NAMES)
    message = str(caught.value)
    assert said in message
    line = int(message.removeprefix(f"{path}:").split(":")[0])
    assert abs(line - (original[: original.index(old)].count("\n") + 1)) <= 6


MUTATIONS = {
    "about": "Add iio:about",
    "statement": "Add iio:statement",
    "quotation": "Add iio:quotation",
    "intervention": "Add iio:intervention",
    "outcome": "Add iio:outcome",
    "direction": "Add iio:direction",
    "unit": "Give iio:value with iio:unit",
    "condition": "Add iio:condition",
    "defines": "Add iio:defines",
}


@pytest.fixture(scope="module")
def sound(settings: Settings, material: Material) -> tuple[Graph, Graph]:
    """All graphs together and the shapes that they keep to."""
    whole = graph_build.union(material.graphs.values())
    shapes, _ = parse_turtle(settings.ontology / "shapes.ttl")
    assert find_problems(whole, shapes) == ()
    return whole, shapes


@pytest.mark.slow
@pytest.mark.parametrize(("name", "message"), MUTATIONS.items())
def test_a_claim_that_lacks_something_breaks_its_shape(sound: tuple[Graph, Graph], name: str, message: str) -> None:
    whole, shapes = sound
    victim = min(whole.subjects(NAMES.ontology[name]))
    taken = list(whole.triples((victim, NAMES.ontology[name], None)))
    whole.remove((victim, NAMES.ontology[name], None))
    try:
        problems = find_problems(whole, shapes)
    finally:
        for triple in taken:
            whole.add(triple)
    assert {problem.focus for problem in problems} == {str(victim)}
    assert any(message in problem.message for problem in problems)


def test_every_claim_of_the_factsheet_answers_questions_in_both_languages_each_asked_once(material: Material) -> None:
    asked: dict[str, str] = {}
    for claim in material.claims:
        if "/factsheet-2015/" in claim.iri:
            assert set(claim.questions) == set(LANGUAGES), claim.name
        for language, questions in claim.questions.items():
            assert 4 <= len(questions) <= 60, (claim.name, language)
            for question in questions:
                assert question.endswith("?"), question
                assert question not in claim.statements.values()
                assert asked.setdefault(question.casefold(), claim.iri) == claim.iri, question


def test_a_claim_keeps_its_questions_through_json_and_may_have_none(material: Material) -> None:
    claim = next(claim for claim in material.claims if claim.name == "slimfit-repetition")
    assert "Minder zittenblijvers door units?" in claim.questions["nl"]
    assert msgspec.json.decode(msgspec.json.encode(claim), type=Claim) == claim
    without = {key: value for key, value in msgspec.to_builtins(claim).items() if key != "questions"}
    assert msgspec.convert(without, Claim).questions == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        Literal("Werkt het?"), Literal("Funktioniert das?", lang="de"), Literal("?", lang="nl"),
        URIRef("https://example.org/question"),
    ],
)  # fmt: skip
def test_a_question_has_a_language_and_words(
    settings: Settings, material: Material, question: Literal | URIRef
) -> None:
    whole = graph_build.union(material.stated.values())
    shapes, _ = parse_turtle(settings.ontology / "shapes.ttl")
    claim = URIRef(f"{NAMES.base}claim/factsheet-2015/slimfit-workload")
    whole.add((claim, NAMES.ontology.answersQuestion, question))
    problems = find_problems(whole, shapes)
    assert {problem.focus for problem in problems} == {str(claim)}
    assert all("Write each iio:answersQuestion in Dutch" in problem.message for problem in problems)


def test_two_claims_answer_the_same_question_only_when_one_disputes_the_other(
    settings: Settings, material: Material, tmp_path: Path
) -> None:
    document = next(document for document in material.documents if document.id == "factsheet-2015")
    written = (settings.corpus / document.id / "claims.ttl").read_text(encoding="utf-8")
    same = '\n<{0}claim/factsheet-2015/{1}> iio:answersQuestion "Krijgen leraren het {2}?"@nl .'
    path = tmp_path / "claims.ttl"
    path.write_text(
        written
        + same.format(NAMES.base, "slimfit-workload", "drukker")
        + same.format(NAMES.base, "eklas-workload", "Drukker")
    )
    with pytest.raises(GraphError, match=r"eklas-workload: it answers .*, and so does slimfit-workload") as caught:
        read_claims(path, document, material.passages, NAMES)
    assert f"{path}:" in str(caught.value)
    claim = f"{NAMES.base}claim/factsheet-2015/"
    path.write_text(path.read_text() + f"\n<{claim}eklas-workload> iio:disputes <{claim}slimfit-workload> .")
    read_claims(path, document, material.passages, NAMES)


@pytest.mark.slow
def test_everything_that_is_named_is_described(material: Material) -> None:
    whole = graph_build.union(material.graphs.values())
    described = set(whole.subjects(RDF.type))
    named = {
        node
        for node in whole.objects()
        if isinstance(node, URIRef) and node.startswith((NAMES.concept(""), f"{NAMES.base}agent/"))
    }
    assert {node for node in named if "/scheme/" not in node} <= described


@pytest.mark.slow
def test_the_dataset_is_the_same_at_every_reading(settings: Settings, material: Material) -> None:
    first = to_nquads(material.lines, NAMES)
    assert first == to_nquads(read_material(settings).lines, NAMES)
    assert len(first.splitlines()) == sum(len(graph) for graph in material.graphs.values())
