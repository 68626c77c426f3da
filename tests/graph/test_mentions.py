"""What passages mention: traps, properties, the triples, and how well it is done on a sample labelled by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st
from rdflib import RDF, Graph, URIRef

from iio_kg.corpus.document import Span
from iio_kg.evaluate.mentions import Score, fit_confidence, read_sample, score
from iio_kg.graph import build as graph_build
from iio_kg.graph.labels import list_labels
from iio_kg.graph.mentions import CONFIDENCE, Mention, MentionFinder, describe_mentions
from iio_kg.graph.namespaces import OA, SCHEMA, Names
from iio_kg.graph.turtle import parse_turtle
from iio_kg.graph.validate import find_problems
from iio_kg.graph.vocabulary import Entity
from support import ROOT

if TYPE_CHECKING:
    from iio_kg.build import Material

SAMPLE = ROOT / "tests" / "graph" / "mentions"
NAMES = Names()


@pytest.fixture(scope="module")
def finder(material: Material) -> MentionFinder:
    return MentionFinder(material.entities)


def names_found(finder: MentionFinder, text: str, language: str = "nl", *headings: str) -> dict[str, str]:
    found = finder.find_in(text, language, headings)
    return {iri.rsplit("/", 1)[-1]: text[span.start : span.end] for span, iri, _ in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Op SlimFit-scholen daalt de werkdruk.", {"slimfit": "SlimFit-scholen", "workload": "werkdruk"}),
        ("De werkdrukvermindering bleef uit.", {"workload": "werkdruk"}),
        ("Hogere Cito-resultaten.", {"cito-score": "Cito"}),
        (
            "Meer tevredenheid van de ouders.",
            {"parent-satisfaction": "tevredenheid van de ouders", "parents": "ouders"},
        ),
        ("PAL-studenten in een E-klas.", {"pal-student": "PAL-studenten", "e-klas-pal-student": "E-klas"}),
        ("De docenten en leerkrachten.", {"teachers": "leerkrachten"}),
        ("De IIO op Maat-aanpak en IIO op Maat.", {"iio": "IIO", "iio-op-maat": "IIO op Maat"}),
        ("Het ministerie van Economische Zaken.", {"ez": "ministerie van Economische Zaken"}),
        ("Een vakdocent geeft les.", {"teachers": "docent"}),
    ],
)
def test_names_are_found_inflected_and_in_compounds(finder: MentionFinder, text: str, expected: dict[str, str]) -> None:
    assert names_found(finder, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "De derde druk van het boek is uit.",
        "Het rapport van de inspectie is openbaar.",
        "Wie slim traint en fit blijft, wint.",
        "De subsidie gaf een impuls aan het team.",
        "Een goede pal onder de deur.",
        "Hij is ouder dan zijn broer, en hun oudere computers ook.",
        "De PO-Raad en de VO-raad vergaderden.",
        "Een ouderwetse klas is niet ouderwets.",
        "Schrijf naar info@slimfit.nl of kijk op www.werkdruk.nl/werkdruk.",
        "Kennislandschap en vergezichten.",
        "Werk. Druk is het niet.",
        "De vertaling staat in PO-bestanden.",
        "",
    ],
)
def test_other_meanings_are_left_alone(finder: MentionFinder, text: str) -> None:
    assert names_found(finder, text) == {}


def test_a_shortened_name_needs_a_passage_or_heading_on_the_programme(finder: MentionFinder) -> None:
    text = "De kwaliteit blijft overeind."
    assert names_found(finder, text) == {}
    assert names_found(finder, f"{text} Zo werken Videolessen.").keys() == {"education-quality", "videolessen"}
    assert names_found(finder, text, "nl", "Videolessen") == {"education-quality": "kwaliteit"}


def test_an_ordinary_phrase_is_a_name_only_with_its_capitals(finder: MentionFinder) -> None:
    assert names_found(finder, "Er is Leerlingen voor Leerlingen.").keys() == {"leerlingen-voor-leerlingen"}
    assert names_found(finder, "Een feest van leerlingen voor leerlingen.").keys() == {"pupils"}


def test_a_name_of_two_things_is_left_out() -> None:
    two = [
        Entity(f"{NAMES.concept(name)}", "concept", {"nl": "zonnebloem"}, {}, "themes") for name in ("plant", "project")
    ]
    assert MentionFinder(two).find_in("Een zonnebloem.", "nl") == ()
    assert len(MentionFinder(two[:1]).find_in("Een zonnebloem.", "nl")) == 1


def test_another_language_has_no_names(finder: MentionFinder) -> None:
    assert finder.find_in("SlimFit", "de") == ()


def _words(material: Material) -> list[str]:
    labels = {word for label in list_labels(material.entities) for word in label.text.split()}
    return [*sorted(labels), "IIO-scholen", "werkdrukverlaging", ".", "—", "\n", "É", "ﬀ", "ǰ", "’", "-", "𝒳", "x@y.nl"]


def test_a_mention_is_words_of_its_text_and_none_of_one_thing_overlap(
    material: Material, finder: MentionFinder
) -> None:
    @run_with(max_examples=300, deadline=None)
    @given(st.lists(st.sampled_from(_words(material)), max_size=25), st.sampled_from([" ", ", ", "", "-"]))
    def holds(words: list[str], between: str) -> None:
        text = between.join(words)
        for language in ("nl", "en"):
            found = finder.find_in(text, language)
            assert list(found) == sorted(found, key=lambda m: (m[0].start, -m[0].end, m[1]))
            ends: dict[str, int] = {}
            for span, iri, confidence in found:
                assert 0 <= span.start < span.end <= len(text)
                assert text[span.start : span.end] == text[span.start : span.end].strip() != ""
                assert 0 < confidence <= 1
                assert span.start >= ends.get(iri, 0)
                ends[iri] = span.end

    holds()


def test_every_mention_of_the_corpus_lies_in_its_passage(material: Material) -> None:
    passages = {passage.key: passage for passage in material.passages}
    texts = {document.id: document.text for document in material.documents}
    assert len(material.mentions) > 500
    for mention in material.mentions:
        passage = passages[mention.passage]
        assert passage.span.contains(mention.span)
        assert texts[passage.document][mention.span.start : mention.span.end].strip()


# ------------------------------------------------------------------------------------------------- the triples


def test_the_graph_says_what_is_mentioned_where_and_how_surely(material: Material) -> None:
    graph = material.graphs[graph_build.MENTIONS]
    ontology = NAMES.ontology
    pairs = {(NAMES.passage(mention.passage), mention.iri) for mention in material.mentions}
    assert {(str(s), str(o)) for s, o in graph.subject_objects(SCHEMA.mentions)} == pairs
    assert len(graph) <= 13 * len(pairs)
    places = {(NAMES.passage(m.passage), m.iri, m.span, m.confidence) for m in material.mentions}
    for annotation in graph.subjects(RDF.type, OA.Annotation):
        target = graph.value(annotation, OA.hasTarget)
        position = graph.value(target, OA.hasSelector)
        passage = graph.value(target, OA.hasScope)
        assert str(passage).startswith(f"{graph.value(target, OA.hasSource)}#")
        span = (int(graph.value(position, OA.start)), int(graph.value(position, OA.end)))
        confidence = float(graph.value(annotation, ontology.confidence))
        assert (str(passage), str(graph.value(annotation, OA.hasBody)), span, confidence) in places


def test_of_several_places_the_surest_is_described() -> None:
    spans = ((Span(2, 5), 0.5), (Span(9, 12), 0.9), (Span(20, 23), 0.9))
    places = [Mention("d#p1", span, NAMES.concept("a"), confidence) for span, confidence in spans]
    graph = describe_mentions(places, NAMES)
    assert [int(start) for start in graph.objects(None, OA.start)] == [9]
    assert len(graph) == 13


def test_the_graph_keeps_to_the_shapes_and_one_without_confidence_does_not(material: Material) -> None:
    shapes, _ = parse_turtle(ROOT / "ontology" / graph_build.SHAPES, NAMES.base)
    annotations = Graph()
    for shape in (
        URIRef("https://w3id.org/iio-kg/shapes#Annotation"),
        URIRef("https://w3id.org/iio-kg/shapes#Position"),
    ):
        annotations += shapes.cbd(shape)
    mentions = describe_mentions(material.mentions[:40], NAMES)
    assert find_problems(mentions, annotations) == ()
    mentions.remove((None, NAMES.ontology.confidence, None))
    assert find_problems(mentions, annotations)


# --------------------------------------------------------------------------------------------------- the sample


def _kind(material: Material, name: str) -> str:
    entity = next(e for e in material.entities if e.kind != "document" and e.iri.endswith(f"/{name}"))
    return "agent" if entity.kind == "agent" else "outcome" if entity.scheme == "outcomes" else "concept"


def test_the_sample_is_of_documents_of_several_kinds_and_names_what_exists(material: Material) -> None:
    dev, test = (read_sample(SAMPLE / f"{part}.jsonl") for part in ("dev", "test"))
    assert len(dev) + len(test) >= 130
    assert {one.source for one in test} == {"factsheet", "summary", "own"}
    assert not {one.passage.split("#")[0] for one in dev} & {one.passage.split("#")[0] for one in test}
    assert all(_kind(material, name) for one in (*dev, *test) for name in one.mentions)


@pytest.mark.parametrize(
    ("kind", "precision", "recall"),
    [("concept", 0.95, 0.87), ("outcome", 0.90, 0.78), ("agent", 0.97, 0.92)],
)
def test_mentions_are_found_as_well_as_was_measured(
    material: Material, finder: MentionFinder, kind: str, precision: float, recall: float
) -> None:
    measured = score(finder, read_sample(SAMPLE / "test.jsonl"), lambda name: _kind(material, name) == kind)
    assert measured.precision >= precision, measured
    assert measured.recall >= recall, measured


def test_the_confidences_are_those_of_the_dev_part(finder: MentionFinder) -> None:
    fitted = fit_confidence(finder, read_sample(SAMPLE / "dev.jsonl"))
    assert fitted == pytest.approx({key: CONFIDENCE[key] for key in fitted}, abs=0.01)
    assert {CONFIDENCE[key] for key in CONFIDENCE.keys() - fitted.keys()} == {0.5}


def test_a_score_is_counted() -> None:
    counted = Score(right=6, wrong=2, missed=4)
    assert (counted.precision, counted.recall, counted.f1) == pytest.approx((0.75, 0.6, 2 / 3))
    assert (Score().precision, Score().recall, Score().f1) == (1.0, 1.0, 1.0)
