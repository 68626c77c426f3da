"""The type of a question, by its wording: full sentences, a few words, misspelt and mixed."""

from __future__ import annotations

import pytest

from iio_kg.ask.kind import mend, question_type

ASKED = {
    "how-much": """
        met hoeveel procent stegen de citoscores
        hoeveel % ging het omhoog
        hoevel meer leerlingen per docent
        by how much did grades rise
        what percentage did it grow
        How much happier were the parents?
        how many more pupils can a teacher take
    """,
    "how-many": """
        hoeveel scholen deden mee
        aantal deelnemende scholen
        hoevel schoolen
        how many schools took part
        number of pilots in secondary
        hoe groot is zo'n unit
    """,
    "who": """
        wie deed het onderzoek
        door wie is het bedacht
        who ran the evaluation
        which firm did the study
        de e-klas, wie maakt die
    """,
    "when": """
        wanneer was iio
        waneer liep het
        in welke jaren was dit
        hoe lang duurde het
        When did it start?
        looptijd iio
        publication date of the study
        between which years did the experiments run
    """,
    "where": """
        waar vind ik meer info
        is er een site
        where can I read the report
        website iio
        heb je een link naar het rapport
    """,
    "why": """
        waarom lukte het
        Wat was de reden voor dit programma?
        why did it work
        geheim van het succes
        what made the projects work
    """,
    "definition": """
        wat is slimfit
        slimfit wat is dat
        waar staat PAL voor
        wat houdt leerlingen voor leerlingen in
        what does PAL stand for
        what's an E-class
        PAL afkorting?
        SlimFit meaning
    """,
    "condition": """
        wat heb je nodig voor onderwijsteams
        is een goede module nodig
        what does it take to keep quality
        what do teams need
        waar hangt het van af
    """,
    "contact": """
        wie kan ik bellen
        wie kan ik belen over iio
        telefoonnummer projectleiding
        e-mailadres margreet
        who should I email
        how do I get in touch
        contact
        contactpersonen
    """,
    "comparison": """
        vergelijk videolessen en onderwijsteams
        verschil tussen e-klas en videolessen
        slimfit vs videolessen
        What is the difference between SlimFit and E-class?
        which concept worked best
        compare de concepten
    """,
    "list": """
        wat leverde elk concept op?
        welke voorwaarden zijn er?
        welke voorwaaarden
        list the five concepts
        which innovations raised productivity?
        wat zijn de lessen
        welke concepten zijn er in het vo
        overal de cijfers
        what are the lessons learned
        geef een overzicht
        alle resultaten
        list de concepten
    """,
    "yes-no": """
        bleef de werkdruk gelijk
        Zijn ouders tevreden?
        did it make schools more efficient
        had het nou effect of niet
        Can teachers handle larger groups?
    """,
    "other": """
        werkdruk
        wat deed slimfit met de cito
        cito scores
        onderwijs
    """,
}
CASES = [(kind, line.strip()) for kind, lines in ASKED.items() for line in lines.splitlines() if line.strip()]


@pytest.mark.parametrize(("kind", "question"), CASES)
def test_the_wording_tells_the_type(kind: str, question: str) -> None:
    assert question_type(question) == kind
    assert question_type(f"  {question.upper()} ?? ") == kind or "??" in question


@pytest.mark.parametrize("word", ["haalden", "werken", "scholen", "leren", "conditie", "welken"])
def test_a_word_that_exists_is_not_mended(word: str) -> None:
    assert mend(word) == word


@pytest.mark.parametrize("question", ["", "?", "…", "🎉", "1234", "a" * 1000])
def test_what_is_no_question_has_no_type(question: str) -> None:
    assert question_type(question) == "other"
