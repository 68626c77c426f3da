"""Which set a question is likely to ask for: by the nearest questions, narrowed by the names in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iio_kg.ask.likely import LikelySets, requests_of
from iio_kg.corpus.set_questions import QuestionSet
from iio_kg.evaluate.sets import read_set_questions
from iio_kg.graph.namespaces import Names
from support import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iio_kg.ask.answer import Collection
    from iio_kg.ask.engine import Engine
    from iio_kg.ask.sets import Request
    from iio_kg.build import Material
    from iio_kg.graph.vocabulary import Entity

NAMES = Names()
SLIMFIT, VIDEO, TEAMS = (NAMES.concept(name) for name in ("slimfit", "videolessen", "onderwijsteams"))
PRIMARY, SECONDARY = NAMES.concept("primary-education"), NAMES.concept("secondary-education")
WORKLOAD, TEACHERS = NAMES.concept("workload"), NAMES.concept("teachers")


@pytest.fixture(scope="module")
def entities(material: Material) -> Mapping[str, Entity]:
    return {entity.iri: entity for entity in material.entities}


def asked_of(its: QuestionSet, question: str, links: tuple[str, ...], entities: Mapping[str, Entity]) -> Request:
    """What is asked for, all that the question names being in it."""
    request, whole = next(requests_of(its, question, links, entities, NAMES))
    assert whole
    return request


def test_the_mean_of_the_three_nearest_questions_counts() -> None:
    one_by_chance = QuestionSet("contacts", nl=("a", "b", "c"))
    all_alike = QuestionSet("documents", nl=("d", "e"), en=("f", "g"))
    sets = LikelySets((one_by_chance, all_alike))
    found = sets.nearest(np.array([1.0, 0.1, 0.1, 0.8, 0.0, 0.8, 0.8], np.float32))
    assert found is not None
    assert found[0] == 1
    assert found[1] == pytest.approx(0.8)


def test_of_fewer_questions_the_mean_is_over_those_there_are() -> None:
    sets = LikelySets((QuestionSet("contacts", nl=("a", "b")),))
    found = sets.nearest(np.array([0.9, 0.5], np.float32))
    assert found is not None
    assert found[1] == pytest.approx(0.7)


def test_words_count_in_whatever_inflection() -> None:
    sets = LikelySets((QuestionSet("contacts", nl=("wie kan ik mailen",), en=("who to call",)),))
    assert sets.unsaid(0, ("mail", "mailt"), "nl") == 0
    assert sets.unsaid(0, ("calls", "planets"), "en") == 0.5
    assert sets.unsaid(0, (), "nl") == 0


def test_without_sets_none_is_likely() -> None:
    assert LikelySets(()).nearest(np.zeros(0, np.float32)) is None


def test_the_names_in_a_question_narrow_a_set(entities: Mapping[str, Entity]) -> None:
    results = QuestionSet("effects", tried=True, nl=("wat leverde het op",))
    whole = asked_of(results, "", (), entities)
    assert (whole.concepts, whole.sector, whole.tried) == ((), None, True)
    named = asked_of(results, "", (VIDEO, SECONDARY, WORKLOAD, TEACHERS), entities)
    assert (named.concepts, named.outcomes, named.sector, named.populations) == (
        (VIDEO,),
        (WORKLOAD,),
        SECONDARY,
        (TEACHERS,),
    )
    both = asked_of(QuestionSet("effects", sector="secondary-education"), "", (PRIMARY, SECONDARY), entities)
    assert both.sector is None, "who names both sectors wants both"


def test_a_set_is_about_people_unless_others_are_named(entities: Mapping[str, Entity]) -> None:
    for_pupils = QuestionSet("effects", populations=("pupils",), nl=("wat hebben kinderen eraan",))
    assert asked_of(for_pupils, "", (), entities).populations == (NAMES.concept("pupils"),)
    assert asked_of(for_pupils, "", (TEACHERS,), entities).populations == (TEACHERS,)


@pytest.mark.parametrize(
    ("question", "directions"),
    [
        ("waar gingen de cijfers omhoog", ("increase",)),
        ("werd het er slechter van", ()),
        ("what got better and what fell", ()),
        ("wat is er nog meer gedaald", ("decrease",)),
        ("which trial reduced workload better", ()),
        ("waar steeg er minder", ("increase",)),
        ("what fell", ("decrease",)),
        ("omhoog of omlaag", ()),
        ("wat werkt beter", ()),
        ("en wat is er nog meer", ()),
    ],
)
def test_one_way_narrows_and_a_comparison_does_not(
    entities: Mapping[str, Entity], question: str, directions: tuple[str, ...]
) -> None:
    assert asked_of(QuestionSet("effects", tried=True), question, (), entities).directions == directions


def test_a_name_takes_the_place_of_the_one_a_set_is_about(entities: Mapping[str, Entity]) -> None:
    its = QuestionSet("conditions", concepts=("slimfit",))
    ((request, whole),) = requests_of(its, "", (TEAMS, WORKLOAD), entities, NAMES)
    assert (request.concepts, request.outcomes) == ((TEAMS,), ())
    assert not whole, "conditions have no outcome"


def test_where_narrowing_leaves_too_little_there_is_less_of_it(entities: Mapping[str, Entity]) -> None:
    taught = QuestionSet("effects", concepts=("onderwijsteams",))
    told = [
        (request.directions, request.populations, whole)
        for request, whole in requests_of(taught, "gingen de cijfers omhoog", (TEAMS, TEACHERS), entities, NAMES)
    ]
    assert told == [(("increase",), (TEACHERS,), True), ((), (TEACHERS,), True), ((), (), False)]
    for_teachers = QuestionSet("effects", populations=("teachers",))
    ((request, whole),) = requests_of(for_teachers, "", (TEACHERS,), entities, NAMES)
    assert (request.populations, whole) == ((TEACHERS,), True), "that is what it is about"
    *_, (request, whole) = requests_of(for_teachers, "", (WORKLOAD,), entities, NAMES)
    assert (request.populations, request.outcomes, whole) == ((TEACHERS,), (), False)


def test_names_do_not_narrow_what_is_not_about_concepts(entities: Mapping[str, Entity]) -> None:
    ((request, whole),) = requests_of(QuestionSet("contacts"), "", (SLIMFIT, SECONDARY), entities, NAMES)
    assert (request.concepts, request.sector, whole) == ((), None, False)
    assert list(requests_of(QuestionSet("contacts"), "", (), entities, NAMES)) == [(request, True)]


def test_a_comparison_is_of_what_is_named_or_else_of_all(entities: Mapping[str, Entity]) -> None:
    compared = QuestionSet("effects", tried=True, compared=True)
    first, *_ = requests_of(compared, "", (SLIMFIT, WORKLOAD), entities, NAMES)
    assert (first[0].concepts, first[0].outcomes, first[1]) == ((), (WORKLOAD,), False)
    request = asked_of(compared, "gingen de cijfers omhoog", (SLIMFIT, TEAMS), entities)
    assert request.directions == (), "both ways are compared"
    assert request.concepts == (SLIMFIT, TEAMS)


@pytest.mark.model
class TestAsked:
    """Questions of the dev part, and that what is likely never stands in the way of what is certain."""

    @pytest.mark.parametrize(
        ("question", "kind", "about"),
        [
            ("everything slimfit achieved pls", "effects", {SLIMFIT}),
            ("E-class vs video lessons", "effects", {NAMES.concept("e-klas-pal-student"), VIDEO}),
            ("workload effct per concept", "effects", {SLIMFIT, NAMES.concept("e-klas-pal-student")}),
            ("pros and cons of slimfit", "effects", {SLIMFIT}),
        ],
    )
    def test_a_set_is_the_answer(self, engine: Engine, question: str, kind: str, about: set[str]) -> None:
        table = self.table(engine, question)
        assert (table.kind, table.leads) == (kind, True)
        claims = {claim.iri: claim for claim in engine.snapshot.content.claims}
        assert {claims[row.claim].concept for row in table.rows} == about
        answer = engine.ask(question)
        assert answer.answered
        assert answer.citations[0].passage in {row.citation.passage for row in table.rows}

    def test_a_set_stands_beside_an_answer(self, engine: Engine) -> None:
        asked = read_set_questions(ROOT / "tests" / "questions", "dev")
        answers = [(row.wanted.kind, engine.ask(row.text)) for row in asked if row.wanted]
        beside = [(kind, its) for kind, its in answers if its.collection and not its.collection.leads]
        assert beside
        assert all(its.statement and its.citations for _, its in beside)
        right = [kind for kind, its in beside if its.collection and its.collection.kind == kind]
        assert len(right) > len(beside) / 2

    @pytest.mark.parametrize(
        "question",
        [
            "met hoeveel procent stegen de citoscores?",
            "cost per pupil for each concept",
            "recept voor appeltaart",
            "alle cijfers over corona",
            "list all planets",
            "voorwaarden zorgverzekering",
        ],
    )
    def test_who_asks_for_one_thing_or_for_nothing_we_have_gets_none(self, engine: Engine, question: str) -> None:
        collection = engine.ask(question).collection
        assert collection is None or not collection.leads

    def test_what_we_have_no_reports_on_gets_no_table(self, engine: Engine) -> None:
        assert engine.ask("welke rapporten zijn er over klimaatverandering").collection is None

    @pytest.mark.parametrize(
        ("question", "about"),
        [
            ("wat levert het op voor leraren", TEACHERS),
            ("effects on parents", NAMES.concept("parents")),
        ],
    )
    def test_what_it_brought_some_people_is_a_table(self, engine: Engine, question: str, about: str) -> None:
        claims = {claim.iri: claim for claim in engine.snapshot.content.claims}
        effects = [claims[row.claim].effect for row in self.table(engine, question).rows]
        assert {effect.population for effect in effects if effect} == {about}

    def test_a_set_stays_within_the_scope(self, engine: Engine) -> None:
        from iio_kg.ask.engine import Scope

        within = engine.ask("everything slimfit achieved pls", scope=Scope(document="factsheet-2015")).collection
        assert within is not None
        assert {row.citation.document.id for row in within.rows} == {"factsheet-2015"}
        elsewhere = engine.ask("everything slimfit achieved pls", scope=Scope(concept="videolessen")).collection
        assert elsewhere is None

    @staticmethod
    def table(engine: Engine, question: str) -> Collection:
        collection = engine.ask(question).collection
        assert collection is not None
        return collection
