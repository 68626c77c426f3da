"""The API of a running server, asked as a program would."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from support import start_server, stop_server

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.config import Settings
    from iio_kg.snapshot import Snapshot
    from support import Server

pytestmark = pytest.mark.model


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of a response, whatever its status."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def ask(server: Server, question: str, **parameters: str) -> tuple[int, dict[str, Any]]:
    query = urllib.parse.urlencode({"q": question, **parameters})
    status, _, body = get(f"{server.url}/api/v1/ask?{query}")
    return status, json.loads(body)


def test_an_answer_has_the_one_json_shape(server: Server) -> None:
    status, answer = ask(server, "Met hoeveel procent stegen de citoscores?")
    assert status == 200
    assert set(answer) == {
        "question", "read_as", "question_language", "language", "answered", "answer", "citations", "dissent", "related",
        "contacts", "confidence", "snapshot", "took_ms", "similar", "collection",
    }  # fmt: skip
    assert answer["answered"] is True
    assert answer["read_as"] is None
    assert answer["collection"] is None
    assert set(answer["answer"]) == {"text", "language", "kind", "claim", "concept", "values"}
    for value in answer["answer"]["values"]:
        assert set(value) == {
            "number", "unit", "direction", "outcome", "text", "amount", "label", "reservation", "claim", "citation",
        }  # fmt: skip
    for citation in answer["citations"]:
        assert set(citation) == {
            "rank", "quote", "language", "start", "end", "context", "highlights", "page", "page_label", "section",
            "passage",
            "document", "url", "score",
        }  # fmt: skip
        assert set(citation["document"]) == {"iri", "id", "title", "kind", "publisher", "date", "url"}
    assert [citation["rank"] for citation in answer["citations"]] == list(range(1, len(answer["citations"]) + 1))


def test_a_question_typed_in_haste_is_answered_and_says_how_it_was_read(server: Server) -> None:
    status, answer = ask(server, "bleef de werkdrk gelijk bij slim fit")
    assert status == 200
    assert answer["question"] == "bleef de werkdrk gelijk bij slim fit"
    assert answer["read_as"] == "bleef de werkdruk gelijk bij SlimFit"
    assert answer["answer"]["claim"].endswith("/slimfit-workload")


def test_every_citation_is_the_slice_of_the_served_text_that_it_claims_to_be(server: Server) -> None:
    _, answer = ask(server, "flipping the classroom")
    for citation in answer["citations"]:
        _, headers, body = get(f"{server.url}/documents/{citation['document']['id']}/text")
        text = body.decode()
        assert headers["Content-Type"] == "text/plain; charset=utf-8"
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert citation["quote"] in citation["context"]
        for low, high in citation["highlights"]:
            assert citation["start"] <= low < high <= citation["end"]


def test_the_answer_is_in_the_language_of_the_question_or_the_one_asked_for(server: Server) -> None:
    assert ask(server, "Blijft de werkdruk van leraren bij SlimFit gelijk?")[1]["language"] == "nl"
    assert ask(server, "Did the workload stay the same with SlimFit?")[1]["language"] == "en"
    answer = ask(server, "Blijft de werkdruk van leraren bij SlimFit gelijk?", lang="en")[1]
    assert answer["answer"]["language"] == "en"
    assert answer["citations"][0]["language"] == "nl"


def test_a_fall_is_told_as_a_fall_and_not_as_the_rise_beside_it(server: Server) -> None:
    _, answer = ask(server, "Wat gebeurt er met de eindejaarcijfers als filmpjes contacturen vervangen?")
    (value,) = answer["answer"]["values"]
    assert (value["direction"], value["low"], value["high"], value["unit"]) == ("decrease", 3, 6, "percent")


def test_a_figure_says_for_what_it_holds_and_others_cite_their_own_words(server: Server) -> None:
    _, answer = ask(server, "By how much did the Cito scores rise?")
    first, second = answer["answer"]["values"]
    assert first["claim"] == answer["answer"]["claim"]
    assert first["citation"] is None
    assert {first["number"], second["number"]} == {3, 4}
    assert first["label"] != second["label"]
    cited = second["citation"]
    _, _, body = get(f"{server.url}/documents/{cited['document']['id']}/text")
    assert body.decode()[cited["start"] : cited["end"]] == cited["quote"]
    assert f"{second['number']:g}%" in cited["quote"]
    assert cited["url"].startswith(server.url)


def test_a_list_is_a_table_with_a_citation_a_row(server: Server) -> None:
    _, answer = ask(server, "Which innovations raised productivity?")
    assert answer["answered"] is True
    table = answer["collection"]
    assert set(table) == {"kind", "leads", "title", "columns", "rows"}
    assert table["leads"] is True
    assert (table["kind"], len(table["rows"])) == ("effects", 2)
    for row in table["rows"]:
        assert set(row) == {"cells", "claim", "citation", "dissent"}
        assert len(row["cells"]) == len(table["columns"])
        assert row["citation"]["url"].startswith(server.url)
    assert answer["answer"]["claim"] in [row["claim"] for row in table["rows"]]


def test_what_the_material_does_not_say_is_not_answered(server: Server) -> None:
    _, answer = ask(server, "Wat voor weer wordt het morgen in Utrecht?")
    assert answer["answered"] is False
    assert answer["answer"] is None
    assert answer["citations"], "the nearest passages are still listed"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"q": ""}, "There is no question."),
        ({}, "There is no question."),
        ({"q": "   \t "}, "There is no question."),
        ({"q": "x" * 10_000}, "at most 1000 are taken"),
        ({"q": "🎉🎉🎉"}, "holds no word"),
        ({"q": "werkdruk", "lang": "fr"}, "The language 'fr' is unknown."),
        ({"q": "werkdruk", "document": "nowhere"}, "The document 'nowhere' is unknown."),
        ({"q": "werkdruk", "concept": "nothing"}, "The concept 'nothing' is unknown."),
        ({"q": "werkdruk", "sector": "<script>"}, "The sector '<script>' is unknown."),
        ({"q": "werkdruk", "sort": "up"}, "The parameter 'sort' is unknown."),
    ],
)
def test_bad_input_is_a_problem_with_one_clear_sentence(server: Server, parameters: dict[str, str], said: str) -> None:
    status, headers, body = get(f"{server.url}/api/v1/ask?{urllib.parse.urlencode(parameters)}")
    problem = json.loads(body)
    assert status == 400
    assert headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == 400
    assert said in problem["detail"]
    assert "Traceback" not in body.decode()


@pytest.mark.parametrize(
    "question",
    [
        "<script>alert(1)</script> werkdruk",
        "'; DROP TABLE claims; --",
        "%00 null \x00 byte",
        "‮ rechts naar links",
        "wérkdrük zonder reden?!",
        "SELECT * WHERE {?s ?p ?o}",
    ],
)
def test_odd_questions_are_questions(server: Server, question: str) -> None:
    status, answer = ask(server, question)
    assert status == 200
    assert isinstance(answer["answered"], bool)


def test_a_question_can_be_kept_within_a_document_a_concept_and_a_sector(server: Server, snapshot: Snapshot) -> None:
    pages = {passage.key: passage for passage in snapshot.content.passages}
    of_slimfit = {
        quotation.passage
        for claim in snapshot.content.claims
        if any(subject.endswith("/slimfit") for subject in (*claim.subjects, claim.concept or ""))
        for quotation in claim.quotations
    }
    _, answer = ask(server, "hogere cijfers", concept="slimfit", document="factsheet-2015")
    found = {citation["passage"].rsplit("/", 1)[-1] for citation in answer["citations"]}
    assert found
    assert found <= of_slimfit
    assert found <= set(pages)
    _, answer = ask(server, "hogere cijfers", sector="secondary-education")
    assert not {c["passage"].rsplit("/", 1)[-1] for c in answer["citations"]} & of_slimfit


def test_the_same_parameter_twice_is_refused(server: Server) -> None:
    status, _, body = get(f"{server.url}/api/v1/ask?q=a&q=b")
    assert status == 400
    assert "more than once" in json.loads(body)["detail"]


def test_other_sites_may_read_the_api(server: Server) -> None:
    _, headers, _ = get(f"{server.url}/api/v1/ask?q=werkdruk", Origin="https://example.org")
    assert headers["Access-Control-Allow-Origin"] == "*"
    _, headers, _ = get(f"{server.url}/api/v1/ask?q=", Origin="https://example.org")
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_health_and_readiness(server: Server, snapshot: Snapshot) -> None:
    assert get(f"{server.url}/healthz")[0] == 200
    status, _, body = get(f"{server.url}/readyz")
    assert (status, json.loads(body)["snapshot"]) == (200, snapshot.id)


def test_an_unknown_address_is_a_problem_to_programs_and_a_page_to_people(server: Server) -> None:
    status, headers, _ = get(f"{server.url}/nowhere")
    assert (status, headers["Content-Type"]) == (404, "application/problem+json")
    status, headers, body = get(f"{server.url}/nowhere", Accept="text/html")
    assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert b"<html" in body


def test_a_wrong_method_names_the_right_ones(server: Server) -> None:
    request = urllib.request.Request(f"{server.url}/api/v1/ask?q=x", method="DELETE")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=30)
    assert caught.value.code == 405
    assert "GET" in caught.value.headers["Allow"]
    caught.value.close()


def test_every_response_carries_the_safety_headers(server: Server) -> None:
    for path in ("/", "/api/v1/ask?q=werkdruk", "/documents/factsheet-2015", "/sparql"):
        _, headers, _ = get(f"{server.url}{path}", Accept="text/html")
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_dataset_describes_itself_at_the_known_place(server: Server) -> None:
    status, headers, body = get(f"{server.url}/.well-known/void", Accept="text/turtle")
    assert (status, headers["Content-Type"]) == (200, "text/turtle; charset=utf-8")
    assert b"void" in body
    status, _, page = get(f"{server.url}/dataset/iio-kg", Accept="text/html")
    assert status == 200
    assert "Kennisgraaf van de InnovatieImpuls Onderwijs" in page.decode()


def test_the_whole_dataset_can_be_fetched(server: Server, snapshot: Snapshot) -> None:
    status, headers, body = get(f"{server.url}/dataset/iio-kg.nq")
    assert (status, headers["Content-Type"]) == (200, "application/n-quads")
    assert body == snapshot.content.nquads


@pytest.mark.parametrize(("language", "word"), [("nl", "bewering over een effect"), ("en", "effect claim")])
def test_every_term_of_the_ontology_has_its_anchor(server: Server, language: str, word: str) -> None:
    status, _, page = get(f"{server.url}/ontology?lang={language}", Accept="text/html")
    assert status == 200
    text = page.decode()
    assert 'id="EffectClaim"' in text
    assert word in text
    assert 'title="https://schema.org/Claim"' in text


def test_suggestions_have_one_shape_and_lead_to_answers_and_things(server: Server) -> None:
    status, headers, body = get(f"{server.url}/api/v1/suggest?q=werkdr&lang=nl")
    shown = json.loads(body)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert set(shown) == {"query", "suggestions", "snapshot"}
    assert shown["query"] == "werkdr"
    assert len(shown["suggestions"]) == 8
    thing, question = shown["suggestions"][:2]
    for suggestion in (thing, question):
        assert set(suggestion) == {"text", "kind", "language", "iri", "url", "highlights"}
    assert (thing["text"], thing["kind"], thing["highlights"]) == ("werkdruk", "outcome", [[0, 6]])
    assert thing["url"] == f"{server.url}/concept/workload"
    assert (question["kind"], question["iri"]) == ("question", None)
    for suggestion in (thing, question):
        assert get(suggestion["url"], Accept="text/html")[0] == 200


def test_suggestions_may_be_kept_and_read_by_other_sites(server: Server) -> None:
    address = f"{server.url}/api/v1/suggest?q=werkdr"
    _, headers, _ = get(address, Origin="https://example.org")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "public, max-age=300"
    status, headers, body = get(address, If_None_Match=headers["Etag"])
    assert (status, body) == (304, b"")
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_nothing_typed_gives_questions_that_are_answered(server: Server) -> None:
    for language in ("nl", "en"):
        _, _, body = get(f"{server.url}/api/v1/suggest?lang={language}")
        opening = json.loads(body)["suggestions"]
        assert len(opening) >= 5
        for suggestion in opening:
            assert ask(server, suggestion["text"])[1]["answered"] is True, suggestion["text"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"q": "a", "lang": "fr"}, "The language 'fr' is unknown."),
        ({"q": "a", "limit": "0"}, "The limit '0' cannot be used."),
        ({"q": "a", "limit": "21"}, "The limit '21' cannot be used."),
        ({"q": "a", "limit": "٣"}, "The limit '٣' cannot be used."),
        ({"q": "a", "limit": "9" * 5000}, "cannot be used."),
        ({"q": "a", "concept": "slimfit"}, "The parameter 'concept' is unknown."),
    ],
)
def test_bad_input_to_suggestions_is_a_problem(server: Server, parameters: dict[str, str], said: str) -> None:
    status, headers, body = get(f"{server.url}/api/v1/suggest?{urllib.parse.urlencode(parameters)}")
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert said in json.loads(body)["detail"]


def test_an_answer_names_questions_that_other_claims_answer(server: Server, snapshot: Snapshot) -> None:
    asked_of = {
        text: claim.iri for claim in snapshot.content.claims for texts in claim.questions.values() for text in texts
    }
    _, answer = ask(server, "Wat doet SlimFit met de werkdruk?")
    assert 1 <= len(answer["similar"]) <= 3
    for other in answer["similar"]:
        assert set(other) == {"question", "language", "url"}
        assert other["language"] == "nl"
        assert other["url"].startswith(f"{server.url}/?q=")
        assert asked_of[other["question"]] != answer["answer"]["claim"]


def test_who_types_may_ask_more_often_than_who_asks(settings: Settings, snapshot: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "iio-kg.toml").write_text('rate_limit = "2 per minute"\n', encoding="utf-8")
    running = start_server(settings, tmp_path)
    try:
        typed = [get(f"{running.url}/api/v1/suggest?q=w")[0] for _ in range(21)]
        asked = [get(f"{running.url}/api/v1/ask?q=werkdruk") for _ in range(3)]
    finally:
        stop_server(running)
    assert typed == [200] * 20 + [429]
    assert [status for status, _, _ in asked] == [200, 200, 429]
    assert "2 per 1 minute" in json.loads(asked[-1][2])["detail"]
