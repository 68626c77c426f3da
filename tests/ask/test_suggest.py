"""Suggestions: what is typed is found in both languages, with errors, and nothing is shown that should not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from iio_kg.ask.suggest import Suggester
from iio_kg.ask.typed import words_of
from iio_kg.graph.claims import Claim, Effect
from iio_kg.graph.vocabulary import Entity
from iio_kg.index.units import list_phrasings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iio_kg.ask.suggest import Suggestion
    from iio_kg.build import Material

BASE = "https://w3id.org/iio-kg/"


def concept(name: str) -> str:
    return f"{BASE}concept/{name}"


def thing(name: str, nl: str, en: str, scheme: str = "themes", **names: dict[str, tuple[str, ...]]) -> Entity:
    others, hidden = names.get("others", {}), names.get("hidden", {})
    return Entity(concept(name), "concept", {"nl": nl, "en": en}, others, scheme, hidden)


def claim(name: str, about: str, outcome: str | None, nl: tuple[str, ...], en: tuple[str, ...] = ()) -> Claim:
    return Claim(
        iri=f"{BASE}claim/{name}",
        kind="result",
        statements={"nl": name, "en": name},
        quotations=(),
        subjects=(concept(about),),
        concept=concept(about),
        effect=Effect(concept(outcome), "increase") if outcome else None,
        questions={"nl": nl, "en": en},
    )


ENTITIES = (
    thing("slimfit", "SlimFit", "SlimFit", "innovation-concepts"),
    thing(
        "quality", "onderwijskwaliteit", "quality of education", "outcomes",
        others={"nl": ("kwaliteit", "kwalitijd"), "en": ("quality",)}, hidden={"nl": ("kwalitijd",)},
    ),
    thing("workload", "werkdruk", "workload", "outcomes"),
    thing("pal", "Persoonlijk Assistent Leraar", "Personal Assistant", others={"nl": ("PAL-student",)}),
    thing("elsewhere", "werkplaats", "workplace"),
    Entity(f"{BASE}agent/pous", "agent", {"": "Margreet de Pous"}, {"": ("Margreet de Pous",)}),
)  # fmt: skip
CLAIMS = (
    claim(
        "workload", "slimfit", "workload",
        ("Wat deed SlimFit met de werkdruk?", "Werd de werkdruk lager?", "Is de werkdruk gelijk gebleven?"),
        ("What did SlimFit do to the workload?",),
    ),
    claim("better", "slimfit", "quality", ("Werd het onderwijs beter?", "Wat deed SlimFit met de kwaliteit?", "fijn?")),
    claim("efficient", "pal", None, ("Werkten leraren efficiënter met een PAL-student?",), ("Was it efficient?",)),
    claim("contact", "pal", "workload", ("Daalt de werkdruk door een PAL-student?",), ("Does a PAL lower workload?",)),
)  # fmt: skip


PEOPLE = Claim(f"{BASE}claim/pous", "contact", {}, (), (f"{BASE}agent/pous",), questions={"nl": ("Wie is zij?",)})


@pytest.fixture(scope="module")
def small() -> Suggester:
    return Suggester((*CLAIMS, PEOPLE), ENTITIES, BASE)


@pytest.fixture(scope="module")
def full(material: Material) -> Suggester:
    return Suggester(material.claims, material.entities, BASE)


def texts(found: tuple[Suggestion, ...]) -> list[str]:
    return [suggestion.text for suggestion in found]


def marked(suggestion: Suggestion) -> list[str]:
    return [suggestion.text[start:end] for start, end in suggestion.highlights]


def test_what_begins_so_comes_before_what_holds_the_word_somewhere(small: Suggester) -> None:
    found = texts(small.suggest("wat deed", "nl"))
    assert found == ["Wat deed SlimFit met de werkdruk?", "Wat deed SlimFit met de kwaliteit?"]
    assert texts(small.suggest("werkd", "nl"))[0] == "werkdruk"
    assert texts(small.suggest("slimfit werkdruk", "nl")) == ["Wat deed SlimFit met de werkdruk?"]


def test_both_languages_are_found_and_the_askers_comes_first(small: Suggester) -> None:
    assert texts(small.suggest("workload", "nl"))[:2] == ["workload", "Does a PAL lower workload?"]
    assert [s.language for s in small.suggest("slimfit", "en", 4)] == ["en", "en", "nl", "nl"]
    assert [s.language for s in small.suggest("slimfit", "nl", 4)] == ["nl", "nl", "nl", "en"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("werkdurk", "werkdruk"),
        ("wrkdruk", "werkdruk"),
        ("werkdrukk", "werkdruk"),
        ("wekrdru", "werkdruk"),
        ("slimft", "SlimFit"),
        ("worklod", "workload"),
        ("onderwijskwalitiet", "onderwijskwaliteit"),
    ],
)
def test_typing_errors_are_forgiven(small: Suggester, typed: str, meant: str) -> None:
    found = small.suggest(typed, "nl")
    assert found[0].text == meant
    assert found[0].highlights[0].start == 0


def test_two_letters_are_too_few_to_guess_at(small: Suggester) -> None:
    assert small.suggest("wf", "nl") == ()
    assert texts(small.suggest("we", "nl"))[0] == "werkdruk"


def test_accents_and_capitals_make_no_difference(small: Suggester) -> None:
    found = [small.suggest(typed, "nl") for typed in ("efficiënter", "EFFICIENTER", "efficie\u0308nter")]
    assert all(texts(one) == ["Werkten leraren efficiënter met een PAL-student?"] for one in found)
    assert all(marked(one[0]) == ["efficiënter"] for one in found)


def test_words_with_a_hyphen_are_found_apart_and_joined(small: Suggester) -> None:
    for typed in ("pal-student", "pal student", "palstudent", "student"):
        assert texts(small.suggest(typed, "nl"))[0] == "PAL-student"


def test_a_hidden_name_is_found_and_not_shown(small: Suggester) -> None:
    first, *others = small.suggest("kwalitijd", "nl")
    assert (first.text, first.kind, first.highlights) == ("onderwijskwaliteit", "outcome", ())
    assert texts(tuple(others)) == ["Werd het onderwijs beter?", "Wat deed SlimFit met de kwaliteit?"]


def test_questions_that_are_not_written_out_are_not_suggested(small: Suggester) -> None:
    assert small.suggest("fijn", "nl") == ()


def test_things_no_claim_is_about_are_not_suggested(small: Suggester) -> None:
    assert "werkplaats" not in texts(small.suggest("werkp", "nl", 20))


def test_a_name_in_no_language_says_so(small: Suggester) -> None:
    (found,) = small.suggest("margreet", "en")
    assert (found.kind, found.language, found.url) == ("agent", None, "/agent/pous")


def test_at_most_two_questions_of_one_claim(small: Suggester) -> None:
    found = texts(small.suggest("werkdruk", "nl", 20))
    assert len([t for t in found if t in CLAIMS[0].questions["nl"]]) == 2
    assert "Daalt de werkdruk door een PAL-student?" in found


def test_what_holds_no_word_or_too_many_letters_suggests_nothing(small: Suggester) -> None:
    assert small.suggest("?!", "nl") == ()
    assert small.suggest("werkdruk " * 100, "nl") == ()
    assert small.suggest("xyzzy", "nl") == ()


def test_nothing_typed_gives_a_question_on_each_concept(small: Suggester) -> None:
    assert texts(small.suggest("", "nl")) == [
        "Wat deed SlimFit met de kwaliteit?", "Daalt de werkdruk door een PAL-student?",
    ]  # fmt: skip
    assert small.suggest("  ", "nl", 1) == small.suggest("", "nl")[:1]


def nearness(near: dict[str, float]) -> NDArray[np.float32]:
    """How near each phrasing of the small claims is: as given, and 0 for the others."""
    return np.array([near.get(text, 0.0) for _, text in list_phrasings((*CLAIMS, PEOPLE))], np.float32)


def test_similar_questions_are_of_other_claims_on_the_same_outcome_or_concept(small: Suggester) -> None:
    asked = nearness({"Wat deed SlimFit met de kwaliteit?": 0.9})
    found = small.similar(CLAIMS[0].iri, "Wat deed SlimFit met de werkdruk?", "nl", asked)
    assert [s.question for s in found] == [
        "Daalt de werkdruk door een PAL-student?", "Wat deed SlimFit met de kwaliteit?",
    ]  # fmt: skip
    assert found[0].url == "/?q=Daalt+de+werkdruk+door+een+PAL-student%3F&lang=nl"
    assert len(small.similar(CLAIMS[0].iri, "werkdruk", "nl", asked, limit=1)) == 1
    assert small.similar(f"{BASE}claim/nowhere", "werkdruk", "nl", asked) == ()


def test_of_each_claim_the_nearest_question_is_chosen(small: Suggester) -> None:
    about = CLAIMS[0]
    for wanted in about.questions["nl"]:
        (found,) = (
            its.question
            for its in small.similar(CLAIMS[1].iri, "x", "nl", nearness({wanted: 0.9}))
            if its.question in about.questions["nl"]
        )
        assert found == wanted


def test_the_question_itself_is_never_similar(full: Suggester, material: Material) -> None:
    near = np.zeros(len(list(list_phrasings(material.claims))), np.float32)
    for one in material.claims:
        for language, questions in one.questions.items():
            found = full.similar(one.iri, questions[0], language, near)
            assert questions[0] not in [s.question for s in found]
            assert not {s.question for s in found} & set(questions)


def test_a_question_of_every_claim_is_found_by_its_beginning(full: Suggester, material: Material) -> None:
    questions = [
        (next(text for text in written if text[0].isupper()), spoken)
        for one in material.claims
        for spoken, written in one.questions.items()
    ]
    assert len(questions) == 2 * len(material.claims)
    missed = [text for text, spoken in questions if text not in texts(full.suggest(text[:-2], spoken))]
    assert missed == []


def test_no_hidden_name_of_the_corpus_is_ever_shown(full: Suggester, material: Material) -> None:
    claims = {t for one in material.claims for ts in one.questions.values() for t in ts}
    hidden = {
        (entity.iri, spoken): set(names) for entity in material.entities for spoken, names in entity.hidden.items()
    }
    assert len(hidden) > 50
    for (_, spoken), names in hidden.items():
        for name in names:
            for typed in (name, name[:4], name[:-1]):
                for found in full.suggest(typed, spoken, 20):
                    if found.kind == "question":
                        assert found.text in claims
                    else:
                        assert found.text not in hidden.get((found.iri or "", found.language or ""), set())


@given(
    typed=st.one_of(
        st.text(max_size=30),
        st.lists(st.sampled_from("werkdruk SlimFit cito-scores é effici PAL-student wat did x'".split()), max_size=5)
        .map(" ".join)
        .flatmap(lambda text: st.integers(0, len(text)).map(lambda cut: text[:cut])),
    ),
    language=st.sampled_from(["nl", "en", None]),
)
@run_with(max_examples=300, deadline=None)
def test_highlights_lie_in_the_text_and_cover_what_matches(full: Suggester, typed: str, language: str | None) -> None:
    words = words_of(typed).split()
    for found in full.suggest(typed, language):
        end = -1
        for low, high in found.highlights:
            assert end < low < high <= len(found.text)
            end = high
        covered = words_of(" ".join(marked(found))).split()
        # Every word of the suggestion that begins a highlight is one that was typed, or nearly.
        joined = "".join(words)
        assert all(part[0] in joined or len(part) >= 4 for part in covered)
        # And a word typed that stands in the suggestion is marked there.
        shown = words_of(found.text).split()
        assert all(word in covered for word in words if word in shown)
