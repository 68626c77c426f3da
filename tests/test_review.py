"""Reviewing candidates: decisions are written whole or not at all, and are still there the next time."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import sys
import termios
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rdflib import FOAF, PROV, RDF, Graph, Literal, URIRef

from iio_kg.build import Material, _inputs, read_material
from iio_kg.cli import main
from iio_kg.corpus.reviews import read_reviews
from iio_kg.errors import CorpusError, GraphError, IioKgError
from iio_kg.graph.check import check_graph
from iio_kg.graph.drafts import PREFIXES, agent_name, literal, recorded_by, to_turtle
from iio_kg.graph.namespaces import Names
from iio_kg.index.models import ModelFolder
from iio_kg.review import ReviewSession

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iio_kg.config import Settings
    from iio_kg.graph.drafts import Draft

#: Reads the whole material, or drives a terminal, for each test.
pytestmark = pytest.mark.slow

NAMES = Names()
REPORT, FACTSHEET = "proefverslag", "factsheet-2015"
TEXT = """\
# Verslag van de proef met SlimFit

## Uitkomsten

De werkdruk van leraren daalde met 3 tot 4% ten opzichte van de controlescholen.
De scholen stuurden vier keer een vragenlijst rond.

De tevredenheid van ouders steeg gemiddeld met 2,5 procentpunt.

De citoscores bleven gelijk.
"""
WORKLOAD, PARENTS, CITO = (
    "De werkdruk van leraren daalde met 3 tot 4% ten opzichte van de controlescholen.",
    "De tevredenheid van ouders steeg gemiddeld met 2,5 procentpunt.",
    "De citoscores bleven gelijk.",
)
STATEMENT = {
    "nl": "De werkdruk van leraren daalde bij SlimFit met 3 tot 4%.",
    "en": "Teachers' workload fell by 3 to 4% with SlimFit.",
}


@pytest.fixture(scope="module")
def template(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Material]:
    """The factsheet without its claim on workload, and a report nobody has read; as files and as they are read."""
    folder = tmp_path_factory.mktemp("template")
    factsheet = shutil.copytree(settings.corpus / FACTSHEET, folder / "corpus" / FACTSHEET)
    claims = (factsheet / "claims.ttl").read_text(encoding="utf-8")
    claims, count = re.subn(r"(?ms)^claim:slimfit-workload .*?@nl \.\n", "", claims)
    assert count == 1
    (factsheet / "claims.ttl").write_text(claims, encoding="utf-8")
    # Some of them come near that claim.
    (factsheet / "open-questions.jsonl").unlink()
    report = folder / "corpus" / REPORT
    report.mkdir()
    (report / "verslag.md").write_text(TEXT, encoding="utf-8")
    (report / "document.toml").write_text(
        'title = "Verslag van de proef"\nkind = "report"\nlanguage = "nl"\nfile = "verslag.md"\n', encoding="utf-8"
    )
    chosen = settings.with_options(corpus=folder / "corpus")
    return chosen, read_material(chosen)


@pytest.fixture
def corpus(template: tuple[Settings, Material], tmp_path: Path) -> Settings:
    """A copy of the template to write in."""
    copied = shutil.copytree(template[0].corpus, tmp_path / "corpus")
    return template[0].with_options(corpus=copied, data_dir=tmp_path / "data")


@pytest.fixture
def session(corpus: Settings, template: tuple[Settings, Material]) -> ReviewSession:
    return ReviewSession(corpus, template[1], "Ada  de Vries")


def completed(session: ReviewSession, sentence: str = WORKLOAD) -> Draft:
    [candidate] = [one for one in session.queue() if one.text == sentence]
    return msgspec.structs.replace(session.draft(candidate), statement=STATEMENT)


def files(corpus: Settings) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(corpus.corpus.rglob("*")) if path.is_file()}


def waiting(material: Material) -> list[str]:
    return [candidate.text for candidate in material.candidates]


def test_the_queue_holds_what_nobody_has_judged(session: ReviewSession) -> None:
    assert [one.text for one in session.queue(REPORT)] == [WORKLOAD, PARENTS, CITO]
    assert [one.text for one in session.queue(FACTSHEET)] == ["De werkdruk van leraren blijft gelijk."]
    workload, parents, cito = (session.describe(one) for one in session.queue(REPORT))
    assert workload["figures"] == [{"number": None, "low": 3.0, "high": 4.0, "unit": "percent"}]
    assert workload["comparator"] == "ten opzichte van de controlescholen"
    assert (workload["direction"], parents["direction"], cito["direction"]) == ("decrease", "increase", "unchanged")
    assert parents["hedges"] == ["gemiddeld"]
    assert parents["draft"]["number"] == 2.5
    assert workload["draft"]["statement"] == {"nl": "", "en": ""}
    assert workload["section"] == "Uitkomsten"


def test_an_accepted_candidate_is_a_claim_with_its_reviewer(corpus: Settings, session: ReviewSession) -> None:
    candidate = session.queue(REPORT)[0]
    iri = session.accept(candidate, completed(session))
    assert iri == f"{NAMES.base}claim/{REPORT}/slimfit-workload"
    assert candidate not in session.queue()
    material = read_material(corpus)
    [claim] = [claim for claim in material.claims if claim.iri == iri]
    assert claim.statements == STATEMENT
    assert claim.effect is not None
    assert (claim.effect.low, claim.effect.high, claim.effect.direction) == (3.0, 4.0, "decrease")
    assert [quotation.text for quotation in claim.quotations] == [WORKLOAD]
    graph = material.stated[REPORT]
    [agent] = graph.objects(URIRef(iri), PROV.wasAttributedTo)
    assert (agent, RDF.type, FOAF.Person) in graph
    assert graph.value(agent, FOAF.name) == Literal("Ada de Vries")
    [when] = graph.objects(URIRef(iri), PROV.generatedAtTime)
    assert datetime.fromisoformat(str(when)) <= datetime.now(UTC)
    assert waiting(material) == ["De werkdruk van leraren blijft gelijk.", PARENTS, CITO]
    assert str(agent) not in {entity.iri for entity in material.entities}
    [review] = read_reviews(corpus.corpus / REPORT)
    assert (review.verdict, review.reviewer, review.claim) == ("accept", "Ada de Vries", "slimfit-workload")
    assert not [problem for check in check_graph(corpus, reason=False) for problem in check.problems]


def test_other_claims_of_the_file_keep_who_recorded_them(corpus: Settings, session: ReviewSession) -> None:
    path = corpus.corpus / FACTSHEET / "claims.ttl"
    before = path.read_text(encoding="utf-8")
    [candidate] = session.queue(FACTSHEET)
    iri = session.accept(candidate, completed(session, candidate.text))
    assert path.read_text(encoding="utf-8").startswith(before)
    graph = read_material(corpus).stated[FACTSHEET]
    head = {URIRef(f"{NAMES.base}agent/iio-kg")}
    assert set(graph.objects(URIRef(f"{NAMES.base}claim/{FACTSHEET}/slimfit-parents"), PROV.wasAttributedTo)) == head
    assert set(graph.objects(URIRef(iri), PROV.wasAttributedTo)) == {
        URIRef(f"{NAMES.base}agent/{agent_name('Ada de Vries')}")
    }
    assert len(set(graph.objects(URIRef(iri), PROV.generatedAtTime))) == 1


def test_one_reviewer_can_accept_more_than_one(corpus: Settings, session: ReviewSession) -> None:
    for candidate in session.queue(REPORT):
        session.accept(candidate, completed(session, candidate.text))
    assert len([claim for claim in read_material(corpus).claims if f"/{REPORT}/" in claim.iri]) == 3
    again = ReviewSession(corpus, read_material(corpus), "Ada de Vries")
    assert [one.document for one in again.queue()] == [FACTSHEET]


def test_a_rejected_candidate_does_not_come_back(corpus: Settings, session: ReviewSession) -> None:
    session.reject(session.queue(REPORT)[1])
    assert waiting(read_material(corpus)) == ["De werkdruk van leraren blijft gelijk.", WORKLOAD, CITO]
    assert PARENTS in (corpus.corpus / REPORT / "reviews.jsonl").read_text(encoding="utf-8")
    [count] = [report.candidates for report in read_material(corpus).reports if report.id == REPORT]
    assert count == 2


def test_a_decision_is_part_of_what_a_build_is_made_from(corpus: Settings, session: ReviewSession) -> None:
    model = ModelFolder("a model", corpus.data_dir, "its checksum")
    before = _inputs(corpus, model)
    session.reject(session.queue(REPORT)[1])
    assert _inputs(corpus, model) != before
    session.undo()
    assert _inputs(corpus, model) == before


def test_the_last_decisions_can_be_taken_back(corpus: Settings, session: ReviewSession) -> None:
    before = files(corpus)
    workload, parents, _ = session.queue(REPORT)
    session.accept(workload, completed(session))
    session.reject(parents)
    assert session.undo() == parents
    assert session.undo() == workload
    assert session.undo() is None
    assert files(corpus) == before
    assert set(session.queue(REPORT)) >= {workload, parents}


def test_what_was_changed_since_is_not_taken_back(corpus: Settings, session: ReviewSession) -> None:
    session.accept(session.queue(REPORT)[0], completed(session))
    path = corpus.corpus / REPORT / "claims.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="was changed since"):
        session.undo()
    assert path.read_text(encoding="utf-8").endswith("# mine\n")


def _changed(**values: object) -> Callable[[ReviewSession], object]:
    return lambda session: msgspec.structs.replace(completed(session), **values)


def _edited(old: str, new: str) -> Callable[[ReviewSession], object]:
    def edit(session: ReviewSession) -> str:
        text = to_turtle(completed(session), session.queue(REPORT)[0])
        assert old in text
        return text.replace(old, new)

    return edit


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (_changed(statement={"nl": "De werkdruk daalde.", "en": " "}), "lacks a statement in en"),
        (_changed(intervention=None, direction=None), "lacks its intervention, its direction"),
        (_changed(outcome="gloom"), "Add iio:outcome with the one outcome this claim is on"),
        (_changed(outcome="workload> <x"), "cannot be a name"),
        (_changed(name='x" .'), "cannot be a name"),
        (_changed(unit="euro"), "unit 'euro' is unknown"),
        (_changed(unit=None), "it has a figure but no iio:unit"),
        (_changed(low=None, high=None), "has a unit and no figure"),
        (_changed(statement={"nl": "Minder.", "en": "Less."}), "Add iio:statement"),
        (_edited("3 tot 4% ten opzichte", "4 tot 5% ten opzichte"), "is not in the text of proefverslag"),
        (_edited(WORKLOAD, CITO), "does not quote the sentence"),
        (_edited("iio:direction concept:decrease", "iio:direction concept:…"), "its direction"),
        (_edited(" ;\n  iio:outcome", "\n  iio:outcome"), "this is not Turtle"),
        (_edited("claim:slimfit-workload", "concept:slimfit-workload"), "There is no claim in it"),
        (lambda _: "", "There is no claim in it"),
    ],
)  # fmt: skip
def test_a_claim_that_is_not_right_is_not_written(
    corpus: Settings, session: ReviewSession, claim: Callable[[ReviewSession], Draft | str], said: str
) -> None:
    before = files(corpus)
    candidate = session.queue(REPORT)[0]
    with pytest.raises(GraphError) as raised:
        session.accept(candidate, claim(session))
    assert said in str(raised.value)
    assert files(corpus) == before
    assert candidate in session.queue()


def test_a_claim_that_is_there_is_not_changed(corpus: Settings, session: ReviewSession) -> None:
    before = files(corpus)
    [candidate] = session.queue(FACTSHEET)
    draft = msgspec.structs.replace(completed(session, candidate.text), name="slimfit-parents")
    with pytest.raises(GraphError, match="There is a claim 'slimfit-parents' already"):
        session.accept(candidate, draft)
    assert files(corpus) == before


def test_a_file_that_cannot_be_written_is_one_sentence(corpus: Settings, session: ReviewSession) -> None:
    (corpus.corpus / REPORT / "reviews.jsonl").mkdir()
    before = files(corpus)
    for decide in (
        lambda: session.reject(session.queue(REPORT)[0]),
        lambda: session.accept(session.queue(REPORT)[0], completed(session)),
    ):
        with pytest.raises(CorpusError, match=r"reviews\.jsonl: .*Nothing was written"):
            decide()
        assert files(corpus) == before
        assert len(session.queue(REPORT)) == 3


def test_a_broken_file_of_decisions_is_named_with_its_line(corpus: Settings) -> None:
    (corpus.corpus / REPORT / "reviews.jsonl").write_text('\n{"candidate": "x"}\n', encoding="utf-8")
    with pytest.raises(IioKgError, match=r"reviews\.jsonl:2: this is no decision"):
        read_material(corpus)


def _parsed(turtle: str) -> Graph:
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    return Graph().parse(data=f"{head}@prefix claim: <{NAMES.base}claim/x/> .\n{turtle}", format="turtle")


@given(st.text())
def test_any_text_comes_back_from_turtle(text: str) -> None:
    [value] = _parsed(f"claim:x iio:statement {literal(text, 'nl')} .").objects()
    assert (str(value), value.language) == (text, "nl")


@given(st.text(min_size=1))
def test_any_reviewer_can_be_recorded(name: str) -> None:
    graph = _parsed(recorded_by(["x"], name, "2026-11-25T12:00:00Z"))
    assert [str(said) for said in graph.objects(None, FOAF.name)] == [name]
    assert len(set(graph.subjects())) == 2


def test_half_a_character_is_refused() -> None:
    with pytest.raises(GraphError, match="a character that is none"):
        literal("\ud800")


def variables(corpus: Settings) -> dict[str, str]:
    return {"IIO_KG_CORPUS": str(corpus.corpus), "IIO_KG_DATA_DIR": str(corpus.data_dir)}


def test_another_front_end_can_decide(corpus: Settings) -> None:
    def run(*arguments: str, typed: str | None = None) -> tuple[int, str, str]:
        result = CliRunner().invoke(main, ["claims", *arguments], env=variables(corpus), input=typed)
        return result.exit_code, result.stdout, result.stderr

    code, output, _ = run("review", "--json", "--document", REPORT)
    workload, parents, cito = json.loads(output)
    assert code == 0
    draft = workload["draft"] | {"statement": STATEMENT}
    decide = ("decide", workload["id"], "accept", "--reviewer", "Ada", "--claim", "-", "--json")
    code, output, _ = run(*decide, typed=json.dumps(draft))
    assert (code, json.loads(output)["claim"]) == (0, f"{NAMES.base}claim/{REPORT}/slimfit-workload")
    turtle = (
        parents["turtle"]
        .replace('"…"@nl', '"Ouders waren tevredener."@nl')
        .replace('"…"@en', '"Parents were happier."@en')
    )
    code, output, _ = run("decide", parents["id"], "accept", "--reviewer", "Ada", "--claim", "-", typed=turtle)
    assert (code, output) == (
        0,
        f"{parents['id']}: accepted as {NAMES.base}claim/{REPORT}/slimfit-parent-satisfaction\n",
    )
    assert run("decide", cito["id"], "reject", "--reviewer", "Ada")[:2] == (0, f"{cito['id']}: rejected\n")
    assert json.loads(run("review", "--json", "--document", REPORT)[1]) == []
    for arguments, typed, said in (
        (decide, json.dumps(draft), "waits for review"),
        ((*decide[:4], " ", *decide[5:]), "{}", "no name of a reviewer"),
        (("review",), None, "Reviewing needs a terminal"),
        (("review", "--json", "--document", "nothing"), None, "There is no document 'nothing'"),
    ):
        code, _, problem = run(*arguments, typed=typed)
        assert (code, said in problem) == (2, True), problem


class Terminal:
    """A command in a terminal of its own, driven as a person does: read until something is asked, then type."""

    def __init__(self, *arguments: str, **extra: str) -> None:
        self.seen = ""
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            # A run of the tests in the background has Ctrl-C ignored, and hands that on.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            environment = {k: v for k, v in os.environ.items() if not k.startswith("IIO_KG_")}
            os.execve(
                sys.executable, [sys.executable, "-m", "iio_kg", *arguments], environment | extra | {"TERM": "xterm"}
            )

    def until(self, words: str) -> str:
        """Everything that is shown up to and with some words."""
        return self._read(lambda: words in self.seen, words)

    def interrupt_until(self, words: str) -> str:
        """Press Ctrl-C, and again if nothing comes of it: just before the answer is waited for it is lost."""

        def is_shown() -> bool:
            if words in self.seen:
                return True
            os.write(self._terminal, b"\x03")
            # What is echoed comes at once, what the command says a little later.
            while select.select([self._terminal], [], [], 1)[0] and words not in self.seen:
                self.seen += os.read(self._terminal, 4096).decode(errors="replace")
            return words in self.seen

        deadline = time.monotonic() + 120
        while not is_shown():
            assert time.monotonic() < deadline, f"'{words}' did not come: {self.seen}"
        return self.until(words)

    def type(self, line: str) -> None:
        """Answer a question that takes a line."""
        os.write(self._terminal, line.encode())

    def press(self, key: str) -> None:
        """Press a key, once the terminal gives keys one by one; what is pressed before is dropped."""
        deadline = time.monotonic() + 120
        while termios.tcgetattr(self._terminal)[3] & termios.ICANON:
            assert time.monotonic() < deadline
            os.sched_yield()
        os.write(self._terminal, key.encode())

    def end(self) -> str:
        """What is shown until the command ends, which it has to do well."""
        shown = self._read(lambda: False, "")
        assert os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1]) == 0, shown
        os.close(self._terminal)
        return shown

    def _read(self, done: Callable[[], bool], words: str) -> str:
        deadline = time.monotonic() + 120
        while not done():
            ready, _, _ = select.select([self._terminal], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                os.kill(self.process, signal.SIGKILL)
                raise AssertionError(f"'{words}' did not come: {self.seen}")
            try:
                chunk = os.read(self._terminal, 4096)
            except OSError:  # the other side is gone
                chunk = b""
            if not chunk:
                assert not words, f"'{words}' did not come: {self.seen}"
                break
            self.seen += chunk.decode(errors="replace")
        end = self.seen.index(words) + len(words) if words else len(self.seen)
        shown, self.seen = self.seen[:end], self.seen[end:]
        return re.sub(r"\x1b\[[0-9;]*m", "", shown)


KEYS = "[q]uit"

EDITOR = """\
import sys
path, count = sys.argv[1], {count!r}
tries = len(open(count).read()) if __import__("os").path.exists(count) else 0
open(count, "a").write("x")
text = open(path, encoding="utf-8").read()
assert tries == 0 or text.startswith("# "), text
text = text.replace('"…"@nl', '"Ouders waren bij SlimFit tevredener."@nl')
if tries:
    text = text.replace('"…"@en', '"Parents were more satisfied with SlimFit."@en')
open(path, "w", encoding="utf-8").write(text)
"""


def test_a_walk_through_a_terminal_can_be_left_and_taken_up(corpus: Settings, tmp_path: Path) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text(EDITOR.format(count=str(tmp_path / "count")), encoding="utf-8")
    extra = variables(corpus) | {"EDITOR": f"{sys.executable} {editor}"}
    command = ("claims", "review", "--document", REPORT)

    walk = Terminal(*command, **extra)
    walk.until("Your name")
    walk.type('Ada "de" Vries\n')
    shown = walk.until(KEYS)
    assert "3 to go" in shown
    assert WORKLOAD in shown
    assert re.search(r"direction +decrease", shown)
    assert re.search(r"figures +3 to 4 percent", shown)
    walk.press("a")
    walk.until("Statement in Dutch")
    walk.type("\n")
    walk.until("Take the sentence itself?")
    walk.type("y\n")
    walk.until("Statement in English")
    walk.type('Teachers\' workload fell by "3 to 4%" with SlimFit.\n')
    walk.until("Written: ")
    assert PARENTS in walk.until(KEYS)
    walk.press("e")
    walk.until("Edit it again?")
    walk.type("y\n")
    walk.until("Written: ")
    assert CITO in walk.until(KEYS)
    walk.press("q")
    assert "2 decided, 1 left." in walk.end()

    material = read_material(corpus)
    workload, parents = (claim for claim in material.claims if f"/{REPORT}/" in claim.iri)
    assert workload.statements == {"nl": WORKLOAD, "en": 'Teachers\' workload fell by "3 to 4%" with SlimFit.'}
    assert parents.statements["en"] == "Parents were more satisfied with SlimFit."
    assert [str(name) for name in material.stated[REPORT].objects(None, FOAF.name)] == ['Ada "de" Vries']

    again = Terminal(*command, "--reviewer", "Ben", **extra)
    shown = again.until(KEYS)
    assert "1 to go" in shown
    assert CITO in shown
    again.press("r")
    assert "1 decided, 0 left." in again.end()
    assert waiting(read_material(corpus)) == ["De werkdruk van leraren blijft gelijk."]


def test_a_walk_can_go_back_and_ends_at_the_keys_that_end_programs(corpus: Settings) -> None:
    before = files(corpus)
    walk = Terminal("claims", "review", "--document", REPORT, "--reviewer", "Ada", **variables(corpus))
    walk.until(KEYS)
    walk.press("u")
    walk.until("Nothing was decided yet.")
    walk.until(KEYS)
    walk.press("s")
    assert PARENTS in walk.until(KEYS)
    walk.press("r")
    walk.until("Rejected.")
    walk.until(KEYS)
    walk.press("u")
    walk.until("Taken back.")
    assert PARENTS in walk.until(KEYS)
    walk.press("a")
    walk.until("Statement in Dutch")
    walk.interrupt_until("Nothing was written.")  # while something is asked: the candidate stays
    walk.until(KEYS)
    walk.press("\x03")
    assert "0 decided, 3 left." in walk.end()
    assert files(corpus) == before
