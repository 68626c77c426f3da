# ruff: noqa: E501 - a fault is a line of a table
"""Faults put into copies of the shipped files: every one is found, by the right check, in words that help."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from iio_kg.cli import main
from iio_kg.graph.check import check_graph
from iio_kg.graph.owl import contradictions
from iio_kg.graph.turtle import parse_turtle

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.config import Settings

CLAIMS, ONTOLOGY, CONCEPTS, SHAPES = "claims.ttl", "iio.ttl", "concepts.ttl", "shapes.ttl"

#: File, what is taken away, what is put there, the check that has to find it, a part of what it has to say.
FAULTS = [
    # syntax
    (CLAIMS, "iio:direction concept:decrease ;", "iio:direction concept:decrease ) ;", "syntax", "this is not Turtle"),
    (CLAIMS, '@prefix unit:     <http://qudt.org/vocab/unit/> .', "", "syntax", "unit"),
    (ONTOLOGY, ":EffectClaim a owl:Class ;", ":EffectClaim a owl:Class", "syntax", "this is not Turtle"),
    (CONCEPTS, '"werkdruk"@nl,', '"werkdruk@nl,', "syntax", "this is not Turtle"),
    (SHAPES, "sh:minCount 2", "sh:minCount [", "syntax", "this is not Turtle"),
    # quotations and the figures of claims
    (CLAIMS, 'quotation "De werkdruk van leraren', 'quotation "De werkdruk van docenten', "quotations", "The nearest words are"),
    (CLAIMS, 'quotation "De kwaliteit blijft overeind."', 'quotation "Vier jaar experimenteren"', "quotations", "stands in a heading"),
    (CLAIMS, 'gemiddeld ongeveer 23%, uitgedrukt', 'gemiddeld ongeveer 32%, uitgedrukt', "quotations", "is not in the text"),
    (CLAIMS, '"Quality holds up with Videolessen."@en', '"Quality holds up with Videolessen."', "quotations", "no iio:statement in en"),
    (CLAIMS, "iio:value 23.0 ; iio:unit unit:PERCENT", "iio:value 23.0", "quotations", "a figure but no iio:unit"),
    (CLAIMS, "iio:value 23.0 ; iio:unit unit:PERCENT", "iio:value 23.0 ; iio:unit unit:KiloGM", "quotations", "is unknown"),
    (CLAIMS, "iio:direction concept:unchanged", "iio:direction concept:sideways", "quotations", "its direction"),
    (CLAIMS, "iio:outcome concept:workload ; ", "", "quotations", "no iio:outcome"),
    (CLAIMS, "iio:value 23.0", 'iio:value "a lot"', "quotations", "is not a number"),
    # shapes
    (CLAIMS, "iio:about concept:slimfit, concept:workload ; ", "", "shapes", "Add iio:about"),
    (CLAIMS, "iio:intervention concept:videolessen ;\n  iio:outcome concept:education-quality", "iio:outcome concept:education-quality", "shapes", "Add iio:intervention"),
    (CLAIMS, "iio:low 2.0 ; iio:high 3.0", "iio:low 3.0 ; iio:high 2.0", "shapes", "below iio:high"),
    (CLAIMS, "iio:low 2.0 ; iio:high 3.0", "iio:low 2.0", "shapes", "Give iio:value with iio:unit"),
    (CLAIMS, "iio:low 2.0 ; iio:high 3.0", "iio:value 2.5 ; iio:low 2.0 ; iio:high 3.0", "shapes", "Give iio:value with iio:unit"),
    (CLAIMS, "iio:value 20.0", "iio:value 20", "shapes", "as a decimal"),
    (CLAIMS, '"ongeveer"@nl', '"ongeveer"', "shapes", "Write iio:hedge"),
    (CLAIMS, "iio:conditionFor concept:onderwijsteams ;", "", "shapes", "Add iio:conditionFor"),
    (CLAIMS, "iio:defines concept:pal-student ;", "", "shapes", "Add iio:defines"),
    (CLAIMS, "iio:agent agent:ocw ; ", "", "shapes", "Add iio:agent"),
    (CLAIMS, "  prov:wasAttributedTo agent:iio-kg ;", " ", "shapes", "who recorded the claims"),
    (CLAIMS, '; prov:generatedAtTime "2026-11-24T00:00:00Z"^^xsd:dateTime', '; prov:generatedAtTime "yesterday"', "shapes", "when the claims were recorded"),
    (CLAIMS, "iio:sector concept:primary-education", "iio:sector concept:slimfit", "shapes", "Give iio:sector"),
    (CLAIMS, ', "Ministry of Education, Culture and Science (OCW)"@en', "", "shapes", "Add skos:prefLabel of the organisation"),
    (CLAIMS, ' foaf:name "Margreet de Pous" ;', "", "shapes", "Add foaf:name"),
    (CONCEPTS, ':workload a skos:Concept ;', ':workload a skos:Concept ; skos:broader :pupil-results ;', "shapes", "A top concept has no skos:broader"),
    (CONCEPTS, ':workload a skos:Concept ;', ':workload a skos:Concept ; skos:exactMatch :labour-productivity ;', "shapes", "Concepts of one scheme are not matched"),
    (CONCEPTS, '"werkdruk"@nl, "workload"@en', '"arbeidsproductiviteit"@nl, "labour productivity"@en', "shapes", "the same preferred label"),
    (CONCEPTS, '"werkdruk"@nl, "workload"@en', '"werkdruk"@nl', "shapes", "Add skos:prefLabel once in Dutch and once in English"),
    (CONCEPTS, 'skos:altLabel "werkdruk van leraren"@nl', 'skos:altLabel "werkdruk"@nl', "shapes", "alternative label too"),
    (CONCEPTS, 'dcterms:title "Uitkomsten"@nl, "Outcomes"@en', 'dcterms:title "Uitkomsten"@nl', "shapes", "Add dcterms:title of the scheme"),
    (CONCEPTS, ":cito-score a skos:Concept ; skos:inScheme scheme:outcomes ; skos:broader", ":cito-score a skos:Concept ; skos:broader", "shapes", "Add skos:inScheme"),
    (ONTOLOGY, 'rdfs:label "uitkomst"@nl, "outcome"@en', 'rdfs:label "uitkomst"@nl', "shapes", "Give the term rdfs:label"),
    # identifiers
    (CLAIMS, "iio:about concept:slimfit, concept:workload", "iio:about concept:slimfit, concept:werkdruk", "identifiers", "described nowhere"),
    (CONCEPTS, "skos:related :unit, :primary-education", "skos:related :units, :primary-education", "identifiers", "described nowhere"),
    # typing
    (CLAIMS, "iio:hedge \"ongeveer\"@nl", "iio:hegde \"ongeveer\"@nl", "typing", "is not declared in the ontology"),
    (CLAIMS, "claim:study a iio:DocumentClaim", "claim:study a iio:DocumentClaim, iio:StudyClaim", "typing", "Its class"),
    (CLAIMS, "iio:role concept:commissioner .", 'iio:role "opdrachtgever" .', "typing", "takes something with an identifier"),
    (CLAIMS, 'iio:telephone "06 483 71 856"', "iio:telephone <tel:0648371856>", "typing", "takes a value"),
    (ONTOLOGY, ":outcome a owl:ObjectProperty", ":outcome a owl:ObjectProperty, owl:DatatypeProperty", "typing", "is declared as"),
]  # fmt: skip


def copied(settings: Settings, folder: Path) -> Settings:
    """A corpus of the factsheet alone, with the vocabulary, to be spoilt."""
    shutil.copytree(settings.corpus / "factsheet-2015", folder / "corpus" / "factsheet-2015")
    return settings.with_options(
        corpus=folder / "corpus",
        ontology=shutil.copytree(settings.ontology, folder / "ontology"),
    )


def spoil(settings: Settings, name: str, old: str, new: str) -> tuple[Path, int]:
    """Put a fault into a file; returns the file and the line of the fault."""
    path = settings.corpus / "factsheet-2015" / name if name == CLAIMS else settings.ontology / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path, text.count("\n", 0, text.index(old)) + 1


@pytest.mark.slow
@pytest.mark.parametrize(("name", "old", "new", "check", "said"), FAULTS)
def test_a_fault_is_found_and_told(
    settings: Settings, tmp_path: Path, name: str, old: str, new: str, check: str, said: str
) -> None:
    spoiled = copied(settings, tmp_path)
    path, _ = spoil(spoiled, name, old, new)
    problems = {one.name: one.problems for one in check_graph(spoiled, reason=False)}
    told = [problem for problem in problems[check] if said in problem]
    assert told, problems
    assert any(problem.startswith(f"{path}:") for problem in told), told


CONTRADICTIONS = {
    "a claim that is a passage": "claim:study a iio:Passage .",
    "an effect on a condition": "claim:lesson-6-training iio:outcome concept:workload .",
    "a person that is an organisation": "agent:jurjen-van-den-bergh a foaf:Organization .",
    "a concept that is its scheme": "concept:workload skos:inScheme concept:workload ; a skos:ConceptScheme .",
}


@pytest.mark.parametrize("said", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_what_cannot_be_true_is_found_by_the_reasoner(settings: Settings, said: str) -> None:
    claims_file = settings.corpus / "factsheet-2015" / CLAIMS
    graph = parse_turtle(settings.ontology / ONTOLOGY)[0] + parse_turtle(claims_file)[0]
    prefixes = [line for line in claims_file.read_text(encoding="utf-8").splitlines() if line.startswith("@prefix")]
    graph.parse(data="\n".join([*prefixes, said]), format="turtle")
    assert contradictions(graph) == ["The statements contradict each other: no world can be as they say."]


def test_a_class_nothing_can_belong_to_is_named(settings: Settings) -> None:
    graph, text = parse_turtle(settings.ontology / ONTOLOGY)
    prefixes = [line for line in text.splitlines() if line.startswith("@prefix")]
    graph.parse(data="\n".join([*prefixes, ":Odd a owl:Class ; rdfs:subClassOf :Claim, :Passage ."]), format="turtle")
    assert contradictions(graph) == ["Nothing can belong to the class <https://w3id.org/iio-kg/ontology#Odd>."]


@pytest.mark.slow
def test_what_is_shipped_is_sound(settings: Settings) -> None:
    checks = check_graph(settings)
    assert [one.name for one in checks] == ["syntax", "quotations", "shapes", "identifiers", "typing", "reasoner"]
    assert not any(one.problems or one.skipped for one in checks)


@pytest.mark.slow
def test_the_command_lists_every_problem_and_ends_with_code_1(settings: Settings, tmp_path: Path) -> None:
    spoiled = copied(settings, tmp_path)
    spoil(spoiled, CLAIMS, "De werkdruk van leraren blijft gelijk", "De werkdruk blijft gelijk")
    spoil(spoiled, CLAIMS, 'quotation "De kwaliteit blijft', 'quotation "De kwaliteit bleef')
    environment = {"IIO_KG_ONTOLOGY": str(spoiled.ontology), "IIO_KG_CORPUS": str(spoiled.corpus)}
    result = CliRunner().invoke(main, ["graph", "check", "--json"], env=environment)
    assert result.exit_code == 1
    checks = {one["name"]: one for one in json.loads(result.stdout)}
    assert len(checks["quotations"]["problems"]) == 2
    assert checks["shapes"]["skipped"]
