"""Lists and comparisons: complete, held against queries written by hand, and none where one thing is asked."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from iio_kg.ask.collect import Shelf, collect_answer, collect_likely
from iio_kg.ask.language import detect_language, neutral_names
from iio_kg.ask.link import Linker
from iio_kg.corpus.set_questions import QuestionSet
from iio_kg.graph import build as graph_build
from iio_kg.graph.namespaces import Names
from iio_kg.graph.store import Store
from iio_kg.graph.triples import to_nquads

if TYPE_CHECKING:
    from collections.abc import Callable

    from iio_kg.ask.answer import Collection, Language
    from iio_kg.build import Material

NAMES = Names()
RESULTS = "concept:pupil-results"
FACTSHEET = "https://w3id.org/iio-kg/claim/factsheet-2015/"
TRIED = "?c iio:intervention ?i . ?i skos:inScheme <https://w3id.org/iio-kg/concept/scheme/innovation-concepts> ."


@pytest.fixture(scope="module")
def collect(material: Material, shelf: Shelf) -> Callable[..., Collection | None]:
    linker = Linker(material.entities)
    neutral = neutral_names(n for e in material.entities for n in e.names("nl") & e.names("en"))

    def run(question: str, language: Language | None = None, **narrowed: str) -> Collection | None:
        asked_in = detect_language(question, neutral=neutral)
        return collect_answer(question, linker.link(question, asked_in), shelf, language or asked_in, **narrowed)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="module")
def store(material: Material) -> Store:
    return Store(to_nquads(material.lines, NAMES).encode(), graph_build.prefixes(NAMES))


def select(store: Store, pattern: str) -> set[str]:
    query = f"SELECT DISTINCT ?c WHERE {{ {pattern} FILTER(STRSTARTS(STR(?c), '{FACTSHEET}')) }}"
    _, _, body = store.answer(query, table="csv", graph=None, max_bytes=1_000_000)
    return {row[0] for row in list(csv.reader(io.StringIO(body.decode())))[1:]}


#: A question, and a query for the claims of the factsheet that have to be in the table, and no others.
LISTS = [
    ("wat leverde elk concept op?", f"?c a iio:EffectClaim . {TRIED}"),
    ("What did each innovation yield?", f"?c a iio:EffectClaim . {TRIED}"),
    ("welke voorwaarden zijn er?", "?c a iio:ConditionClaim"),
    ("welke voorwaaarden gelden voor slimfit", "?c a iio:ConditionClaim ; iio:conditionFor concept:slimfit"),
    (
        "vergelijk videolessen en onderwijsteams",
        "?c a iio:EffectClaim ; iio:intervention ?i . VALUES ?i { concept:videolessen concept:onderwijsteams }",
    ),
    (
        "compare SlimFit and video lessons",
        "?c a iio:EffectClaim ; iio:intervention ?i . VALUES ?i { concept:slimfit concept:videolessen }",
    ),
    (
        "wat vonden ouders en leraren",
        "?c a iio:EffectClaim ; iio:population ?p . VALUES ?p { concept:parents concept:teachers }",
    ),
    (
        "which innovations raised productivity?",
        f"?c a iio:EffectClaim ; iio:outcome concept:labour-productivity ; iio:direction concept:increase . {TRIED}",
    ),
    ("wie deden er mee", "?c a iio:RoleClaim"),
    ("welke organisaties waren betrokken?", "?c a iio:RoleClaim"),
    (
        "wat zijn de lessen",
        "?c a iio:ConditionClaim ; iio:conditionFor concept:iio ; iio:condition ?x FILTER(?x != concept:own-design)",
    ),
    (
        "contactpersonen",
        "?c a iio:ContactClaim FILTER NOT EXISTS { ?c iio:agent ?a, ?b FILTER(?a != ?b) }",
    ),
    ("overal de cijfers", "?c a iio:EffectClaim ; iio:unit ?u"),
    ("all figures please", "?c a iio:EffectClaim ; iio:unit ?u"),
    ("welke effecten had SlimFit?", "?c a iio:EffectClaim ; iio:intervention concept:slimfit"),
    (
        "results of each concept in secondary education",
        f"?c a iio:EffectClaim ; iio:sector concept:secondary-education . {TRIED}",
    ),
    (
        "alle effecten op de kwaliteit van het onderwijs",
        "?c a iio:EffectClaim ; iio:outcome concept:education-quality",
    ),
    (
        "welke concepten verbeterden de leerlingresultaten",
        f"?c a iio:EffectClaim ; iio:direction concept:increase ; iio:outcome/skos:broader? {RESULTS} . {TRIED}",
    ),
    ("welke rapporten zijn er", "?c a iio:DocumentClaim"),
]


@pytest.mark.parametrize(("question", "pattern"), LISTS, ids=[question for question, _ in LISTS])
def test_the_table_is_what_a_query_written_by_hand_gives(
    collect: Callable[..., Collection | None], store: Store, question: str, pattern: str
) -> None:
    collection = collect(question)
    assert collection is not None
    claims = [row.claim for row in collection.rows]
    assert set(claims) == select(store, pattern)
    assert len(claims) == len(set(claims)) > 1


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("list the five concepts", ["slimfit", "eklas", "lvl", "video", "teams"]),
        ("welke concepten zijn er in het vo", ["eklas", "lvl", "video", "teams"]),
    ],
)
def test_each_concept_is_listed_once_in_the_order_of_the_text(
    collect: Callable[..., Collection | None], question: str, names: list[str]
) -> None:
    collection = collect(question)
    assert collection is not None
    assert [row.claim for row in collection.rows] == [f"{FACTSHEET}{name}-definition" for name in names]


@pytest.mark.parametrize(
    "question",
    [
        "wat deed slimfit met de cito",
        "Met hoeveel procent stegen de citoscores?",
        "wat heb je nodig voor onderwijsteams",
        "wat is slimfit",
        "wie deed het onderzoek",
        "wie kan ik bellen",
        "hoeveel concepten zijn er bedacht",
        "is er een verschil in werkdruk",
        "effect van de e-klas op de werkdruk van leraren",
        "had het effect",
        "werkdruk",
        # What nothing in the graph accounts for narrows the question, and no table may pass for its answer.
        "wat kostte elk concept",
        "wat leverde elk concept op voor de examens",
        "welke effecten had slimfit op de havo",
        "vergelijk videolessen en onderwijsteams qua kosten",
        "list all headmasters",
        "welke scholen deden mee",
        "which innovations raised exam results in Utrecht",
        "",
        "🎉",
    ],
)
def test_a_question_for_one_thing_or_for_what_is_not_understood_gets_no_table(
    collect: Callable[..., Collection | None], question: str
) -> None:
    assert collect(question) is None


def test_rows_are_in_the_order_of_the_text_those_on_one_concept_together(
    collect: Callable[..., Collection | None],
) -> None:
    collection = collect("wat leverde elk concept op")
    assert collection is not None
    concepts = [row.cells[0] for row in collection.rows]
    assert len(set(concepts)) == 5
    assert sum(a != b for a, b in itertools.pairwise(concepts)) == 4
    for concept in set(concepts):
        starts = [row.citation.span.start for row in collection.rows if row.cells[0] == concept]
        assert starts == sorted(starts)


def test_every_row_is_cited_word_for_word_and_every_cell_is_in_the_graph(
    collect: Callable[..., Collection | None], shelf: Shelf
) -> None:
    claims = {claim.iri: claim for claim in shelf.claims}
    for question, _ in LISTS:
        for language in ("nl", "en"):
            collection = collect(question, language)
            assert collection is not None
            assert all(len(row.cells) == len(collection.columns) for row in collection.rows)
            assert all(any(row.cells[i] for row in collection.rows) for i in range(len(collection.columns)))
            for row in collection.rows:
                text = shelf.documents[row.citation.document.id].text
                assert text[slice(*row.citation.span)] == row.citation.quote
                assert row.citation.quote == claims[row.claim].quotations[0].text
                if collection.kind != "contacts":
                    assert row.cells[-1] == claims[row.claim].statements[language]


def test_summaries_are_added_only_for_what_no_source_has_and_say_that_they_are(
    collect: Callable[..., Collection | None],
) -> None:
    collection = collect("welke resultaten waren er voor motivatie van leerlingen en werkdruk")
    assert collection is not None
    kinds = {row.claim.rsplit("/", 2)[-2]: row.citation.document.kind for row in collection.rows}
    summaries = ("summary-lerarenagenda-slimmer-werken-2014", "summary-slimfit-site-kwalitatief-onderzoek")
    assert kinds == {"factsheet-2015": "factsheet"} | dict.fromkeys(summaries, "summary")


def test_a_row_that_is_disputed_stands_beside_what_disputes_it(collect: Callable[..., Collection | None]) -> None:
    collection = collect("welke effecten had SlimFit?", "en")
    assert collection is not None
    disputed = {row.claim.removeprefix(FACTSHEET): row.dissent for row in collection.rows if row.dissent}
    assert set(disputed) == {"slimfit-workload"}
    assert {other.language for other in disputed["slimfit-workload"]} == {"en"}
    assert all(other.citation.quote for other in disputed["slimfit-workload"])


@pytest.mark.parametrize(
    ("question", "concept", "rows", "first"),
    [
        ("wat kwam er uit slimfit", "slimfit", 5, "increase"),
        ("wat is er bij slimfit allemaal gestegen", "slimfit", 3, "increase"),
        ("wat is er bij slimfit allemaal gedaald", "slimfit", 5, "decrease"),
        ("wat is er bij videolessen gedaald", "videolessen", 4, "increase"),
    ],
)
def test_of_a_likely_set_all_is_shown_where_too_little_went_that_way(
    shelf: Shelf, question: str, concept: str, rows: int, first: str
) -> None:
    its = QuestionSet("effects", concepts=(concept,))
    table = collect_likely(its, question, (), shelf, "nl")
    assert table is not None
    assert (len(table.rows), table.leads) == (rows, True)
    effects = {claim.iri: claim.effect for claim in shelf.claims}
    went = [effect.direction for row in table.rows if (effect := effects[row.claim])]
    assert went[0] == first
    beside = collect_likely(its, question, (), shelf, "nl", leads=False)
    assert beside == replace(table, leads=False)


def test_what_a_set_is_about_and_what_is_named_besides_are_not_mixed(shelf: Shelf) -> None:
    workload, parents = (NAMES.concept(name) for name in ("workload", "parents"))
    for its, named in (
        (QuestionSet("effects", populations=("parents",)), workload),
        (QuestionSet("effects", outcomes=("workload",)), parents),
    ):
        table = collect_likely(its, "", (named,), shelf, "nl")
        assert table == collect_likely(its, "", (), shelf, "nl", leads=False), "the set, below"
    both = collect_likely(QuestionSet("effects", tried=True), "", (workload, parents), shelf, "nl")
    assert both is not None
    effects = [claim.effect for claim in shelf.claims if claim.iri in {row.claim for row in both.rows} and claim.effect]
    assert {workload, parents} <= {thing for effect in effects for thing in (effect.outcome, effect.population)}


def test_where_nothing_went_that_way_no_other_thing_that_did_takes_its_place(shelf: Shelf) -> None:
    links = tuple(NAMES.concept(name) for name in ("workload", "teachers"))
    table = collect_likely(QuestionSet("effects", tried=True), "waar steeg de werkdruk van leraren", links, shelf, "nl")
    assert table is not None
    effects = {claim.iri: claim.effect for claim in shelf.claims}
    told = [effect for row in table.rows if (effect := effects[row.claim])]
    assert {effect.outcome for effect in told} == {links[0]}
    assert "increase" not in {effect.direction for effect in told}


def test_things_that_are_compared_and_not_named_stand_among_all_below_the_answer(shelf: Shelf) -> None:
    table = collect_likely(QuestionSet("effects", tried=True, compared=True), "", (), shelf, "nl")
    every = collect_likely(QuestionSet("effects", tried=True), "", (), shelf, "nl")
    assert table is not None
    assert every is not None
    assert (table.rows, table.leads, every.leads) == (every.rows, False, True)


def test_a_sector_to_stay_within_narrows_the_table(collect: Callable[..., Collection | None]) -> None:
    collection = collect("wat leverde elk concept op", sector=NAMES.concept("primary-education"))
    assert collection is not None
    assert {row.cells[0] for row in collection.rows} == {"SlimFit"}
