"""Which figures an answer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.ask.beside import Asked, besides, carries_condition, companions, examples, figures_of, rivals
from iio_kg.ask.sets import OUTCOMES, by_scheme
from iio_kg.graph.namespaces import Names

if TYPE_CHECKING:
    from iio_kg.ask.collect import Shelf
    from iio_kg.graph.claims import Claim

NAMES = Names()


def test_claims_for_another_condition_belong_together(shelf: Shelf, claims: dict[str, Claim]) -> None:
    def others(name: str) -> list[str]:
        return [other.name for other in companions(claims[f"factsheet-2015/{name}"], shelf.claims)]

    assert others("slimfit-cito-partial") == ["slimfit-cito-full"]
    assert others("lvl-grades-flipped") == ["lvl-grades-inside-lessons"]
    assert others("slimfit-workload") == [], "a source that says otherwise is a dispute, not another condition"
    assert others("slimfit-definition") == []


def test_a_claim_on_conditions_is_followed_by_what_holds_under_them(shelf: Shelf, claims: dict[str, Claim]) -> None:
    def shown(name: str) -> list[str]:
        figures = figures_of("", claims[name], shelf.claims, shelf.entities, "nl", lambda c: shelf.cite(1, c))
        assert all(figure.citation for figure in figures)
        return [figure.claim.partition("/claim/factsheet-2015/")[2] for figure in figures]

    assert shown("factsheet-2015/eklas-conditions") == ["eklas-quality"]
    assert shown("factsheet-2015/teams-conditions") == ["teams-grades"]
    assert shown("factsheet-2015/lesson-1-involvement") == []


def test_a_general_claim_without_a_figure_is_followed_by_the_figures_of_each_concept(
    shelf: Shelf, claims: dict[str, Claim]
) -> None:
    def found(name: str) -> list[str]:
        return [other.name for other in examples(claims[f"factsheet-2015/{name}"], shelf.claims, shelf.entities)]

    assert found("primary-tailored-results") == ["slimfit-cito-partial", "slimfit-cito-full"]
    assert found("programme-efficiency") == ["video-productivity", "teams-productivity"]
    assert found("eklas-workload") == [], "what one concept did is no example of what another did"
    assert found("slimfit-parents") == [], "it has a figure of its own"
    claim = claims["factsheet-2015/primary-tailored-parents"]
    figures = figures_of("", claim, shelf.claims, shelf.entities, "nl", lambda c: shelf.cite(1, c))
    assert "bij SlimFit" in figures[1].text


def test_what_another_concept_did_is_shown_where_a_question_names_none_and_is_as_near(
    shelf: Shelf, claims: dict[str, Claim]
) -> None:
    video, teams = (claims[f"factsheet-2015/{name}"] for name in ("video-productivity", "teams-productivity"))
    close = {video.iri: 0.36, teams.iri: 0.27}

    def found(near: dict[str, float], *links: str) -> list[str]:
        asked = Asked("", by_scheme(links, shelf.entities), lambda claim: near.get(claim.iri, 0.0))
        others = rivals(asked, video, shelf.claims, shelf.entities)
        return [other.name for other in others]

    assert found(close) == ["teams-productivity"]
    assert found(close | {video.iri: 0.7}) == [], "the other is too far behind"
    assert found(close, NAMES.concept("videolessen")) == [], "the question says which it means"
    both = NAMES.concept("videolessen"), NAMES.concept("onderwijsteams")
    assert found({}, *both) == ["teams-productivity"], "it names two"
    assert found(close, NAMES.concept("primary-education")) == [], "neither was found there"
    assert found(close, NAMES.concept("labour-productivity")) == ["teams-productivity"]
    assert found(close | {teams.iri: 0.19, video.iri: 0.1}) == [], "it is near neither"
    figures = figures_of("", video, shelf.claims, shelf.entities, "nl", lambda c: shelf.cite(1, c), (teams,))
    assert [figure.condition for figure in figures] == ["bij Videolessen", "bij Onderwijsteams"]
    assert [figure.citation is None for figure in figures] == [True, False]
    grades, cito = claims["factsheet-2015/teams-grades"], claims["factsheet-2015/slimfit-cito-partial"]

    def results(question: str, *links: str) -> tuple[Claim, ...]:
        alike = (grades.iri, cito.iri)
        asked = Asked(question, by_scheme(links, shelf.entities), lambda claim: 0.5 * (claim.iri in alike))
        return rivals(asked, cito, shelf.claims, shelf.entities)

    assert results("scoren kinderen hoger") == (grades,), "grades and Cito scores are both results of pupils"
    assert results("hoger bij volledig groepsoverstijgend onderwijs") == (), "only one concept has that form"
    assert results("hoger", NAMES.concept("cito-score")) == (), "grades are not what was asked for"
    assert results("hoger", NAMES.concept("pupil-results")) == (grades,)


def test_what_a_concept_did_to_another_outcome_that_is_named_is_shown_as_well(
    shelf: Shelf, claims: dict[str, Claim]
) -> None:
    load, grades = NAMES.concept("workload"), NAMES.concept("year-end-grade")

    def shown(name: str, *links: str, question: str = "wie") -> list[tuple[str, str]]:
        assert all(link in shelf.entities for link in links)
        claim, quality = (claims[f"factsheet-2015/{its}"] for its in (name, "video-quality"))
        near = {claim.iri: 0.5, quality.iri: 0.4}
        asked = Asked(question, by_scheme(links, shelf.entities), lambda c: near.get(c.iri, 0.3))
        others = besides(asked, claim, shelf.claims, shelf.entities)
        figures = figures_of("", claim, shelf.claims, shelf.entities, "nl", lambda c: shelf.cite(1, c), others)
        assert all(figure.citation for figure in figures if figure.claim != claim.iri)
        return [(figure.claim.partition("/claim/factsheet-2015/")[2], figure.condition) for figure in figures]

    assert shown("slimfit-definition", load) == [("slimfit-workload", "bij SlimFit")]
    assert shown("slimfit-definition", grades) == [], "nobody says what it did to those"
    assert shown("slimfit-definition") == []
    assert shown("slimfit-workload", load) == [("slimfit-workload", "")], "it says so itself"
    assert [name for name, _ in shown("eklas-quality", load)] == ["eklas-quality", "eklas-workload"]
    assert [name for name, _ in shown("teams-conditions", grades)] == ["teams-grades"], "once, with its conditions"
    assert shown("five-concepts", load) == [], "nobody says what became of it in all of the programme"
    secondary = NAMES.concept("secondary-education")
    assert shown("slimfit-definition", load, secondary) == [], "it was found in primary education"
    cause = next(claim for claim in shelf.claims if claim.name == "slimfit-productivity-cause")
    productivity = Asked("", {OUTCOMES: [NAMES.concept("labour-productivity")]}, lambda _: 0.5)
    assert besides(productivity, cause, shelf.claims, shelf.entities) == (), "it is about that"
    poorer = "is remote tuition any poorer"
    assert shown("video-definition", question=poorer) == [("video-quality", "bij Videolessen")]
    assert shown("video-definition", question="what is remote tuition") == [], "what it is has been said"
    assert shown("video-productivity", question=poorer) == [("video-productivity", "")], "that is a finding"
    assert shown("slimfit-definition", question=poorer) == [], "no finding is as near"


def test_a_rival_comes_with_all_its_forms_and_never_says_what_its_source_does_not(
    shelf: Shelf, claims: dict[str, Claim]
) -> None:
    grades, fall = claims["factsheet-2015/teams-grades"], claims["factsheet-2015/lvl-grades-flipped"]
    figures = figures_of("", grades, shelf.claims, shelf.entities, "nl", lambda c: shelf.cite(1, c), (fall,))
    told = [figure.claim.partition("/claim/factsheet-2015/")[2] for figure in figures]
    assert told == ["teams-grades", "lvl-grades-flipped", "lvl-grades-inside-lessons"]
    load, disputing = (
        claims[name]
        for name in ("factsheet-2015/eklas-workload", "summary-school-magazine-slimfit-2013/slimfit-workload")
    )
    assert disputing.disputes
    asked = Asked("", {}, lambda claim: 0.5 + 0.1 * (claim is disputing))
    found = rivals(asked, load, shelf.claims, shelf.entities)
    assert found
    assert disputing not in found


@pytest.mark.parametrize(
    ("question", "name", "shown"),
    [
        ("Met hoeveel procent stegen de citoscores?", "slimfit-cito-partial", 2),
        ("by how much did cito scores rise", "slimfit-cito-full", 2),
        ("cito bij volledig groepsoverstijgend onderwijs", "slimfit-cito-full", 1),
        ("groepsoverstijgend: volledig of toch naar leertempo, wat is beter voor cito?", "slimfit-cito-partial", 2),
        ("volledig of maar half groepsoverstijgend, wat is het beste voor cito", "slimfit-cito-full", 2),
        ("flipped or not flipped, better grades?", "lvl-grades-flipped", 2),
        ("stegen de cijfers bij flipping the classroom of niet", "lvl-grades-flipped", 2),
        ("cijfers leerlingen voor leerlingen", "lvl-grades-inside-lessons", 2),
        ("Wat gebeurt er met de cijfers als filmpjes contacturen vervangen?", "lvl-grades-flipped", 1),
        ("flipping the classroom cijfers", "lvl-grades-flipped", 1),
        ("what happens to grades when films replace contact hours", "lvl-grades-flipped", 1),
        ("werkdruk slimfit", "slimfit-workload", 1),
        ("wat is slimfit", "slimfit-definition", 0),
        ("ouders tevreden?", "primary-tailored-parents", 2),
        ("did it make schools more efficient", "programme-efficiency", 3),
    ],
)
def test_a_condition_in_the_question_leaves_one_figure_and_none_leaves_all(
    shelf: Shelf, claims: dict[str, Claim], question: str, name: str, shown: int
) -> None:
    claim = claims[f"factsheet-2015/{name}"]
    figures = figures_of(question, claim, shelf.claims, shelf.entities, "nl", lambda c: shelf.cite(1, c))
    assert len(figures) == shown
    for figure in figures:
        cited = next(c for c in shelf.claims if c.iri == figure.claim)
        assert figure.effect == cited.effect
        assert (figure.citation is None) == (cited is claim)
        if figure.citation is not None:
            assert figure.citation.quote == cited.quotations[0].text
            assert figure.citation.quote == shelf.documents["factsheet-2015"].text[slice(*figure.citation.span)]


def test_a_condition_that_all_share_tells_none_apart(shelf: Shelf, claims: dict[str, Claim]) -> None:
    group = [claims["factsheet-2015/slimfit-cito-partial"], claims["factsheet-2015/slimfit-cito-full"]]
    assert not carries_condition("groepsoverstijgend onderwijs", group, shelf.entities)
    assert carries_condition("volledig groepsoverstijgend onderwijs", group, shelf.entities)
    assert carries_condition("gedifferentieerd naar leertempo", group, shelf.entities)
