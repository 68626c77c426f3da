"""Answers over the shipped corpus: what holds for every question in the set."""

from __future__ import annotations

import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iio_kg.ask.answer import Statement
from iio_kg.ask.engine import Engine, Scope
from iio_kg.ask.fusion import Channels, load_weights
from iio_kg.ask.judge import load_calibration
from iio_kg.ask.retrieve import Retriever
from iio_kg.errors import BadQuestion, SnapshotError
from iio_kg.index.nearness import Nearness

if TYPE_CHECKING:
    from iio_kg.ask.retrieve import Retrieved
    from iio_kg.evaluate.outcome import Asked
    from iio_kg.index.encoder import WindowedEncoder
    from iio_kg.snapshot import Snapshot

pytestmark = pytest.mark.model


def test_every_citation_of_every_question_is_true_to_the_letter(asked: tuple[Asked, ...], snapshot: Snapshot) -> None:
    texts = {d.id: d for d in snapshot.content.documents}
    statements = {claim.iri: claim.statements for claim in snapshot.content.claims}
    for one in asked:
        answer = one.answer
        assert answer.answered == (answer.statement is not None)
        for citation in answer.citations:
            document = texts[citation.document.id]
            assert document.text[citation.span.start : citation.span.end] == citation.quote
            assert citation.quote in citation.context
            assert citation.page == document.page_at(citation.span.start).number
            assert all(citation.span.contains(highlight) for highlight in citation.highlights)
        if answer.statement is None:
            continue
        if answer.statement.claim is not None:
            assert answer.statement.text == statements[answer.statement.claim][answer.language]
        else:
            assert answer.statement.text in answer.citations[0].quote


def test_a_figure_that_is_shown_stands_in_the_words_that_are_marked(engine: Engine) -> None:
    for claim in engine.snapshot.content.claims:
        if claim.effect is None or claim.effect.unit is None:
            continue
        answer = engine.ask(claim.statements["nl"])
        assert answer.statement is not None
        assert answer.statement.claim == claim.iri
        marked = " ".join(
            answer.citations[0].quote[low - answer.citations[0].span.start : high - answer.citations[0].span.start]
            for low, high in answer.citations[0].highlights
        )
        for figure in (claim.effect.number, claim.effect.low, claim.effect.high):
            assert figure is None or f"{figure:g}" in marked


def test_the_same_question_gives_the_same_answer(engine: Engine) -> None:
    first, second = (engine.ask("werkdruk van leraren").to_json() for _ in range(2))
    first.pop("took_ms"), second.pop("took_ms")
    assert first == second


def test_a_question_that_was_asked_is_not_answered_anew_unless_otherwise_put(engine: Engine) -> None:
    question = "Wat vonden ouders ervan, van die kleine experimenten met units?"
    engine.ask(question)
    again = engine.ask(f"  {question} ")
    assert list(again.stages) == ["cache"]
    in_english = engine.ask(question, "en")
    assert "cache" not in in_english.stages
    assert in_english.language == "en"
    scope = Scope(sector="primary-education")
    assert "cache" not in engine.ask(question, scope=scope).stages
    assert "cache" in engine.ask(question, scope=scope).stages
    # An experiment is never answered from what was kept.
    assert "cache" not in engine.ask(question, channels=Channels()).stages


def test_a_channel_that_is_switched_off_is_not_needed(engine: Engine) -> None:
    for channels in (
        Channels(dense=1, words=0, claims=0, links=0),
        Channels(dense=0, words=1, claims=0, links=0),
        Channels(dense=0, words=0, claims=1, links=1),
    ):
        assert engine.ask("werkdruk van leraren bij SlimFit", channels=channels).citations


def test_letters_and_accents_apart_are_the_letters(engine: Engine) -> None:
    whole = "levert het financiële voordelen op?"
    parted = unicodedata.normalize("NFD", whole)
    assert parted != whole
    assert engine.ask(parted).to_json()["answer"] == engine.ask(whole).to_json()["answer"]
    assert engine.ask(parted).question == whole
    assert engine.ask(parted).language == "nl"


def test_what_disputes_a_finding_beside_an_answer_is_shown_too(engine: Engine) -> None:
    answer = engine.ask("werkdruk en zittenblijvers bij slimfit")
    assert answer.statement is not None
    shown = [figure.claim.rsplit("/", 1)[-1] for figure in answer.statement.figures]
    assert {"slimfit-workload", "slimfit-repetition"} <= set(shown)
    disputing = [claim for claim in engine.snapshot.content.claims if claim.disputes]
    of_workload = {c.iri for c in disputing if any(iri.endswith("/slimfit-workload") for iri in c.disputes)}
    assert {dissent.claim for dissent in answer.dissent} >= of_workload - {f.claim for f in answer.statement.figures}


@pytest.mark.parametrize("question", ["", " ", "\n", "?!", "🎉", "\u200b"])
def test_what_is_no_question_is_refused(engine: Engine, question: str) -> None:
    with pytest.raises(BadQuestion):
        engine.ask(question)


def test_an_unknown_scope_is_refused(engine: Engine) -> None:
    for scope in (Scope(document="x"), Scope(concept="x"), Scope(sector="x")):
        with pytest.raises(BadQuestion, match="unknown"):
            engine.ask("werkdruk", scope=scope)


def test_a_snapshot_of_another_model_is_refused(snapshot: Snapshot, engine: Engine) -> None:
    class Other:
        dimension = 384
        fingerprint = "another"

    with pytest.raises(SnapshotError, match="another model"):
        Engine(snapshot, Other())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "question", ["<script>alert(1)</script>", "'; DROP TABLE claims; --", "qwxz plmk", "recept voor appeltaart"]
)
def test_what_nothing_ties_to_the_material_is_not_answered(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert not answer.answered
    assert answer.statement is None
    assert answer.citations


def test_where_sources_disagree_both_sides_are_shown(engine: Engine) -> None:
    for question, name in (
        ("Hoeveel scholen deden mee?", "number-of-schools"),
        ("Did SlimFit change teachers' workload?", "slimfit-workload"),
    ):
        answer = engine.ask(question)
        assert answer.statement is not None
        assert answer.statement.claim is not None
        assert answer.statement.claim.endswith(name)
        assert {d.citation.document.id for d in answer.dissent}.isdisjoint({answer.citations[0].document.id})
        assert answer.dissent
        for other in answer.dissent:
            assert other.citation.quote in other.citation.context
            assert other.language == answer.language


def test_a_dispute_is_seen_from_both_of_its_claims(engine: Engine, snapshot: Snapshot) -> None:
    def dissenting(iri: str) -> set[str]:
        return {dissent.claim for dissent in engine._dissent(Statement("", "nl", "result", iri), "nl")}

    for claim in snapshot.content.claims:
        for other in claim.disputes:
            assert claim.iri in dissenting(other)
            assert other in dissenting(claim.iri)


def test_with_a_judge_that_was_fitted_for_another_model_nothing_counts_as_answered(engine: Engine) -> None:
    question = "Met hoeveel procent stegen de citoscores?"
    fitted = load_calibration()
    assert engine.ask(question, calibration=fitted).answered
    unjudged = engine.ask(question, calibration=replace(fitted, model="another/encoder"))
    assert not unjudged.answered
    assert unjudged.citations


def test_a_source_stands_before_the_summary_that_disputes_it(engine: Engine) -> None:
    asked = engine.ask("hoe groot is zo'n unit")
    assert asked.citations[0].document.kind == "factsheet"
    assert "summary" in {other.citation.document.kind for other in asked.dissent}


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("Wat deed SlimFit met de examencijfers op de havo?", False),
        ("How many computers did each school buy?", False),
        ("asdf qwer", False),
        ("PAL", True),
        ("minder zittenblijvrs door slimfit??", True),
    ],
)
def test_what_is_of_another_sector_or_quantity_is_refused_and_a_bare_name_is_not(
    engine: Engine, question: str, answered: bool
) -> None:
    assert engine.ask(question).answered == answered


def test_films_in_place_of_lessons_are_answered_with_the_fall_and_not_with_the_rise_beside_it(engine: Engine) -> None:
    for question in (
        "cijfers als filmpjes de les vervangen",
        "what happens to grades when films replace contact hours",
    ):
        statement = engine.ask(question).statement
        assert statement is not None
        assert [effect.direction for effect in statement.effects] == ["decrease"]


def test_many_questions_at_once_get_the_answers_that_they_get_alone(engine: Engine) -> None:
    questions = [claim.questions["nl"][0] + " graag" for claim in engine.snapshot.content.claims[:60]]
    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(engine.ask, questions))
    for question, answer in zip(questions, together, strict=True):
        # With channels named it is answered anew.
        alone = engine.ask(question, channels=Channels())
        assert replace(answer, took_ms=0, stages={}) == replace(alone, took_ms=0, stages={})


def test_no_more_questions_are_worked_on_at_once_than_there_is_room_for(
    snapshot: Snapshot, encoder: WindowedEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most, counting = 0, 0, Lock()
    real = Retriever.retrieve

    def counted(*given: Any, **named: Any) -> Retrieved:
        nonlocal inside, most
        with counting:
            inside += 1
            most = max(most, inside)
        try:
            return real(*given, **named)
        finally:
            with counting:
                inside -= 1

    monkeypatch.setattr(Retriever, "retrieve", counted)
    room = len(os.sched_getaffinity(0)) + 1
    crowded = Engine(snapshot, encoder)
    for number in range(room + 1):
        with pytest.raises(BadQuestion):
            crowded.ask(f"werkdruk {number}", scope=Scope(concept="nonsense"))
    with ThreadPoolExecutor(4 * room) as pool:
        answers = list(pool.map(crowded.ask, [f"hoeveel scholen deden mee {n // 2}" for n in range(8 * room)]))
    assert 1 < most <= room
    assert all(one.statement == other.statement for one, other in zip(answers[::2], answers[1::2], strict=True))


def test_the_stages_of_an_answer_are_timed_and_make_up_most_of_it(engine: Engine) -> None:
    answer = engine.ask("Wat vonden de ouders toen van SlimFit, en waaruit blijkt dat?")
    assert list(answer.stages) == ["wait", "understand", "retrieve", "judge", "compose"]
    assert 0 < sum(answer.stages.values()) <= answer.took_ms


def test_a_question_that_is_known_to_be_open_is_refused(engine: Engine, snapshot: Snapshot) -> None:
    asked = snapshot.content.open_questions[:: len(snapshot.content.open_questions) // 100]
    assert not [question for question in asked if engine.ask(question.text).answered]


def test_where_no_open_question_was_written_down_all_else_still_judges(
    snapshot: Snapshot, encoder: WindowedEncoder
) -> None:
    content = replace(
        snapshot.content,
        open_questions=(),
        open_nearness=Nearness.build(np.zeros((0, 1), np.float32)),
    )
    unopposed = Engine(replace(snapshot, content=content), encoder)
    for question in ("Wat kost een kilo appels?", "Wie won het WK voetbal?", "what does a teacher earn in Finland"):
        assert not unopposed.ask(question).answered, question
    for question in ("Bleef de werkdruk bij SlimFit gelijk?", "how many schools took part"):
        assert unopposed.ask(question).answered, question


def test_figures_stay_within_the_document_that_is_searched(engine: Engine) -> None:
    document = "summary-effectmeting-iio-2015"
    question = "Hoeveel steeg de arbeidsproductiviteit?"
    kept = engine.ask(question, scope=Scope(document=document)).statement
    free = engine.ask("werd het efficienter").statement
    assert kept is not None
    assert free is not None
    assert all(f"/{document}/" in figure.claim for figure in kept.figures)
    assert len({figure.claim for figure in free.figures}) > 1


def test_who_names_no_concept_is_shown_what_each_of_the_likely_ones_did(engine: Engine) -> None:
    question = "hoeveel productiever ben je als je met zn allen lesgeeft"
    statement = engine.ask(question).statement
    assert statement is not None
    conditions = [figure.condition for figure in statement.figures]
    assert {"bij Videolessen", "bij Onderwijsteams"} <= set(conditions)
    assert [figure.citation is None for figure in statement.figures] == [True] + [False] * (len(conditions) - 1)
    kept = engine.ask(question, scope=Scope(concept="videolessen")).statement
    assert kept is not None
    assert {figure.effect for figure in kept.figures} <= {statement.effects[0]}, "a scope says which is meant"


def test_who_names_two_concepts_is_shown_both(engine: Engine) -> None:
    statement = engine.ask("bleef de kwaliteit op peil bij zowel de E-klas als Videolessen?").statement
    assert statement is not None
    assert {figure.condition.partition(",")[0] for figure in statement.figures} == {
        "bij E-klas & PAL-student",
        "bij Videolessen",
    }


@pytest.mark.parametrize("claims", [1.0, 0.0])
def test_like_words_add_where_no_claim_adds_as_much_and_take_no_claim_away(engine: Engine, claims: float) -> None:
    question = "how are parents involved in tailored teaching"
    near = engine.retriever.signals(engine.retriever.understand(question, "en")).near_words
    weight = load_weights().near_words
    plain, full = (
        {found.passage: found for found in engine.retrieve(question, "en", channels=channels).found}
        for channels in (Channels(claims=claims, near_words=0), Channels(claims=claims))
    )
    both = plain.keys() & full.keys()
    assert any(near[passage] > 0 for passage in both)
    for passage in both:
        assert full[passage].claim == plain[passage].claim
        added = full[passage].score - plain[passage].score
        most = weight * near[passage]
        assert -1e-5 <= added <= most + 1e-5
        if plain[passage].claim is None:
            assert added == pytest.approx(most, abs=1e-5)
    assert all(found.claim is None for found in full.values()) == (claims == 0)
