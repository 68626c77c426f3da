"""Running a question set."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from iio_kg import resources
from iio_kg.ask.engine import open_engine
from iio_kg.ask.fusion import Channels
from iio_kg.ask.judge import load_calibration
from iio_kg.errors import ConfigError
from iio_kg.evaluate.calibrate import fit
from iio_kg.evaluate.measures import mean
from iio_kg.evaluate.outcome import ask_all, judge_all, rank, rank_by_encoder, relevant_to
from iio_kg.evaluate.questions import checksum, read_questions
from iio_kg.evaluate.ranking import DEPTH, RANKING, measure_rankings
from iio_kg.evaluate.remember import remembering_engine
from iio_kg.evaluate.sets import ask_for_sets, read_set_questions
from iio_kg.evaluate.summary import LANGUAGES
from iio_kg.index.models import open_encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from iio_kg.ask.engine import Engine
    from iio_kg.config import Settings
    from iio_kg.evaluate.outcome import Asked, Outcome
    from iio_kg.evaluate.questions import Question
    from iio_kg.evaluate.sets import SetOutcome
    from iio_kg.index.encoder import Encoder
    from iio_kg.snapshot import Snapshot

#: What says how far to trust a document is no way of finding, and stays on in every row.
_ALWAYS = "sources"

#: Per configuration and language the ranking measures.
Rows = dict[str, dict[str, dict[str, float]]]


def only(**weights: float) -> Channels:
    """The channels with all others switched off."""
    off = {its.name: 0.0 for its in fields(Channels) if its.type == "float" and its.name != _ALWAYS}
    return replace(Channels(), **(off | weights))


def configurations() -> dict[str, Channels]:
    """What is measured beside what ships: the baselines, and every channel switched off in turn."""
    shipped = Channels()
    named = {
        "words only": only(words=1.0),
        "encoder only": only(dense=1.0),
        "encoder and words": only(dense=shipped.dense, words=shipped.words),
        "shipped": shipped,
    }
    for its in fields(Channels):
        if its.type == "float" and getattr(shipped, its.name):
            named[f"without {its.name}"] = replace(shipped, **{its.name: 0.0})
    return named


@dataclass(frozen=True)
class Result:
    """A run over a question set.

    Attributes:
        part: The part of the set: ``dev``, ``test`` or ``all``.
        outcomes: What every question brought.
        snapshot: The snapshot that was asked.
        model: Its encoder.
        questions: The checksum of the question set.
        ablation: With channels switched off; empty when that was not asked for.
        failures: Questions of the dev part that went wrong, a line each.
        sets: What came of questions for lists and comparisons.
    """

    part: str
    outcomes: tuple[Outcome, ...]
    snapshot: str
    model: str
    questions: str
    ablation: Rows = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    sets: tuple[SetOutcome, ...] = ()


def evaluate(
    settings: Settings,
    folder: Path | None,
    *,
    part: str,
    ablation: bool = False,
    calibrate: bool = False,
    elsewhere: tuple[Engine, Sequence[Question]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Measure the current snapshot on a question set.

    Args:
        settings: The settings.
        folder: The question sets; those of the checkout when None.
        part: ``dev``, ``test`` or ``all``.
        ablation: Also measure with channels switched off.
        calibrate: Fit ranking and judge on the dev part first, and write their weights.
        elsewhere: Other material without claims and questions on it, to fit the judge of bare passages on as well.
        progress: Is told how many questions of how many are asked.

    Raises:
        ConfigError: There is no question set, or ir-measures is not installed.
        IioKgError: The snapshot or the model cannot be used.
    """
    folder = folder or question_folder()
    engine = open_engine(settings.with_options(citations=DEPTH))
    content = engine.snapshot.content
    texts = {document.id: document.text for document in content.documents}
    if calibrate:
        fit(engine, read_questions(folder, "dev", texts), read_set_questions(folder, "dev"), elsewhere)
        load_calibration.cache_clear()
    questions, for_sets = read_questions(folder, part, texts), read_set_questions(folder, part)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, len(questions))

    asked = ask_all(engine, questions, advance)
    outcomes = judge_all(asked, engine.snapshot)
    rows: Rows = {}
    if ablation:
        rows = compare_channels(engine.snapshot, open_encoder(settings), questions)
    return Result(
        part=part,
        outcomes=outcomes,
        snapshot=engine.snapshot.id,
        model=engine.snapshot.manifest.model,
        questions=checksum(folder),
        sets=ask_for_sets(engine, for_sets),
        ablation=rows,
        failures=tuple(_failures(asked, outcomes)),
    )


def question_folder() -> Path:
    """The question sets of the checkout.

    Raises:
        ConfigError: This is no checkout.
    """
    folder = resources.root() / "tests" / "questions"
    if not folder.is_dir():
        raise ConfigError("There is no question set here.", "Name its folder with --questions.")
    return folder


def compare_channels(snapshot: Snapshot, encoder: Encoder, questions: Sequence[Question]) -> Rows:
    """The ranking measures of the encoder on its own and of all `configurations`, per language.

    Args:
        snapshot: What is asked.
        encoder: The encoder it was made with.
        questions: The questions; those that the material does not answer are left out.
    """
    engine = remembering_engine(snapshot, encoder)
    relevant = relevant_to(questions, snapshot.content.passages)
    asked = {q.id: q for q in questions if q.id in relevant}
    texts = {name: question.text for name, question in asked.items()}
    rankings = {"encoder on whole passages": rank_by_encoder(snapshot.content, encoder, texts)}
    for name, channels in configurations().items():
        rankings[name] = {q.id: rank(engine, q.text, q.language, channels) for q in asked.values()}
    rows: Rows = {}
    for name, found in rankings.items():
        measured = measure_rankings(relevant, found)
        rows[name] = {
            language: {measure: mean(measured[i][measure] for i in its) for measure in RANKING}
            for language in LANGUAGES
            if (its := [q.id for q in asked.values() if q.language == language])
        }
    return rows


def _failures(asked: Sequence[Asked], outcomes: Sequence[Outcome]) -> list[str]:
    """What went wrong in the dev part; the test part is not looked at."""
    lines = []
    for one, outcome in zip(asked, outcomes, strict=True):
        wrong = []
        if outcome.answerable and not outcome.right:
            wrong.append("another passage first")
        if outcome.answered != outcome.answerable:
            wrong.append("refused" if outcome.answerable else "answered")
        if outcome.answered and outcome.value_right is False:
            wrong.append("another value")
        if wrong and outcome.part == "dev":
            lines.append(f"{outcome.id} ({outcome.language}, {outcome.kind}): {one.question.text} [{', '.join(wrong)}]")
    return lines
