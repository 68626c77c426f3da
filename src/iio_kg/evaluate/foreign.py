"""Measuring on documents that nothing was tuned on: a heading as the question, its section as the answer.

A heading is encoded with the passages below it, which makes it easy to find; so it is asked twice, of the documents as
they are and of the same documents without any heading.
"""

from __future__ import annotations

import json
import math
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iio_kg import resources
from iio_kg.ask.fusion import Channels
from iio_kg.build import build
from iio_kg.errors import ConfigError, CorpusError
from iio_kg.evaluate.manual import Manual, map_passages, read_manuals, write_manual
from iio_kg.evaluate.measures import mean
from iio_kg.evaluate.outcome import ask_all, judge_all, rank, rank_by_encoder
from iio_kg.evaluate.questions import read_questions, sets_on
from iio_kg.evaluate.ranking import DEPTH, measure_rankings
from iio_kg.evaluate.remember import remembering_engine
from iio_kg.evaluate.report import table
from iio_kg.evaluate.run import only
from iio_kg.evaluate.summary import by_language, summarise
from iio_kg.index.adapter import find_adapter
from iio_kg.index.dense import DenseIndex
from iio_kg.index.encoder import SentenceTransformerEncoder
from iio_kg.index.models import find_model, open_encoder
from iio_kg.index.units import list_units
from iio_kg.snapshot import open_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iio_kg.ask.engine import Engine
    from iio_kg.build import Report
    from iio_kg.config import Settings
    from iio_kg.evaluate.questions import Question
    from iio_kg.index.encoder import Encoder
    from iio_kg.snapshot import Content

#: About how many passages are read of a folder; encoding them twice takes a few minutes.
LIMIT = 1500
_EVERYTHING = 1_000_000
_KEPT, _STRIPPED = "headings kept", "headings stripped"
_MEASURES = ("MRR@10", "hit@1")
#: What is measured, with the head of its column, and the encoders that what ships is held against.
_CONFIGURATIONS = {
    "published": "without adapter",
    "encoder": "encoder",
    "words": "words alone",
    "without near_words": "without near_words",
    "shipped": "shipped",
}
_ALONE = ("published", "encoder")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as a question, with the section it stands above: the document and its place among the sections."""

    text: str
    language: str
    document: str
    section: int

    @property
    def part(self) -> str:
        """``dev`` or ``test``, by its document and place: a translation is in the part of its original."""
        return "dev" if sha256(f"{self.document} {self.section}".encode()).digest()[0] % 2 else "test"


def measure_foreign(
    settings: Settings,
    path: Path,
    report: Report,
    *,
    limit: int = LIMIT,
    translations: Mapping[str, str] | None = None,
    questions: Path | None = None,
) -> list[dict[str, Any]]:
    """Measure on a document, or on a sample of those in a folder.

    Args:
        settings: The settings; the snapshot that they name is left alone.
        path: A file that can be read, or a folder of them.
        report: Is told how it goes on.
        limit: How many passages are enough.
        translations: Headings in English by their text; those of the checkout when None.
        questions: Questions on foreign documents; those of the checkout when None.

    Returns:
        A row for each variant, language and part: the ranking measures of the encoder alone, as it was published and
        with our adapter, of words alone, without words by likeness, and as shipped. Then a row for each language and
        part of the questions written by hand on these documents, if there are such.

    Raises:
        CorpusError: Nothing can be read, or nothing in it has a heading that can be asked.
    """
    known = _translations() if translations is None else translations
    report.step("Reading the documents")
    manuals = read_manuals(path, limit)
    headings = _headings(manuals, known)
    if not headings:
        raise CorpusError(f"{path}: no heading of three words stands above a text.", "Name a manual with headings.")
    rows = []
    published = _published(settings)
    with tempfile.TemporaryDirectory() as folder:
        for variant in (_KEPT, _STRIPPED):
            its = Path(folder) / variant.replace(" ", "-")
            engine, encoder = _open(settings, manuals, its, report, with_headings=variant == _KEPT)
            report.step(f"Asking {len(headings)} headings, {variant}")
            rows += _measure_headings(engine, encoder, published, variant, manuals, headings)
            if variant == _KEPT:
                rows += _measure_questions(engine, questions or _folder())
    return rows


@contextmanager
def asked_elsewhere(
    settings: Settings, path: Path, report: Report, *, questions: Path | None = None
) -> Iterator[tuple[Engine, tuple[Question, ...]]]:
    """Other documents, ready to be asked, and the questions of the dev part that were written on them.

    Args:
        settings: The settings; the snapshot that they name is left alone.
        path: A file that can be read, or a folder of them.
        report: Is told how it goes on.
        questions: Questions on foreign documents; those of the checkout when None.

    Raises:
        CorpusError: Nothing can be read, or no question set is on these documents.
    """
    report.step("Reading the documents to fit on beside")
    manuals = read_manuals(path, _EVERYTHING)
    with tempfile.TemporaryDirectory() as folder:
        engine, _ = _open(settings, manuals, Path(folder), report, with_headings=True)
        texts = {document.id: document.text for document in engine.snapshot.content.documents}
        asked = questions or _folder()
        sets = sets_on(asked, texts)
        if not sets:
            raise CorpusError(f"{path}: no question set is on these documents.", "See tests/questions/README.md.")
        yield engine, read_questions(asked, "dev", texts, sets)


def _open(
    settings: Settings, manuals: Iterable[Manual], folder: Path, report: Report, *, with_headings: bool
) -> tuple[Engine, Encoder]:
    """A snapshot of some documents alone, open, with its encoder."""
    temporary = settings.with_options(corpus=folder / "corpus", data_dir=folder / "data")
    for manual in manuals:
        write_manual(manual, temporary.corpus / manual.document.id, with_headings=with_headings)
    build(temporary, report)
    encoder = open_encoder(temporary)
    return remembering_engine(open_snapshot(temporary.data_dir), encoder, DEPTH), encoder


def _published(settings: Settings) -> Encoder | None:
    """The encoder without our adapter, in float32 by PyTorch; None where it has none."""
    model = find_model(settings.model, settings.cache_dir)
    if model is None or find_adapter(settings.adapter, settings.model) is None:
        return None
    return SentenceTransformerEncoder(model.path, model.fingerprint, settings.threads)


def foreign_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """What `measure_foreign` returns, as Markdown."""
    headings = [row for row in rows if "variant" in row]
    lines = table(
        (
            "variant",
            "language",
            "part",
            "headings",
            *_CONFIGURATIONS.values(),
            *(f"shipped / {_CONFIGURATIONS[name]}" for name in _ALONE),
        ),
        [
            (
                row["variant"],
                row["language"],
                row["part"],
                str(row["questions"]),
                *(f"{row[name]['MRR@10']:.3f}" if name in row else "-" for name in _CONFIGURATIONS),
                *(f"{row['gain'][name]:.2f}" if name in row["gain"] else "-" for name in _ALONE),
            )
            for row in headings
        ],
    )
    lines = ["MRR@10, a heading as the question and its section as the answer:", "", *lines]
    asked = [row for row in rows if "measures" in row]
    if asked:
        names = list(asked[0]["measures"])
        cells = [
            (row["language"], row["part"], str(row["questions"]), *(_number(row["measures"][name]) for name in names))
            for row in asked
        ]
        lines += ["", "Questions written on these documents by hand:", ""]
        lines += table(("language", "part", "questions", *names), cells)
    return "\n".join(lines)


def _headings(manuals: Sequence[Manual], translations: Mapping[str, str]) -> list[Heading]:
    """Every heading of three words and more that stands above a text, and stands once in all documents."""
    counts: dict[str, int] = {}
    for manual in manuals:
        for section in manual.sections:
            counts[section.heading.casefold()] = counts.get(section.heading.casefold(), 0) + 1
    headings = []
    for manual in manuals:
        for number, section in enumerate(manual.sections):
            long_enough = sum(any(c.isalpha() for c in word) for word in section.heading.split()) >= 3
            if section.passages and long_enough and counts[section.heading.casefold()] == 1:
                document = manual.document
                headings.append(Heading(section.heading, document.metadata.language, document.id, number))
                if section.heading in translations:
                    headings.append(Heading(translations[section.heading], "en", document.id, number))
    return headings


def _measure_headings(
    engine: Engine,
    encoder: Encoder,
    published: Encoder | None,
    variant: str,
    manuals: Sequence[Manual],
    headings: Sequence[Heading],
) -> list[dict[str, Any]]:
    """The ranking measures of every configuration that can be measured, by language and part."""
    content = engine.snapshot.content
    relevant: dict[str, frozenset[str]] = {}
    for manual in manuals:
        its = [passage for passage in content.passages if passage.document == manual.document.id]
        places = map_passages(manual, its)
        for number, section in enumerate(manual.sections):
            keys = (p.key for p, place in zip(its, places, strict=True) if section.start <= place < section.end)
            relevant[f"{manual.document.id} {number}"] = frozenset(keys)
    asked = {f"{h.language} {h.document} {h.section}": h for h in headings}
    gold = {name: relevant[f"{h.document} {h.section}"] or frozenset({"nowhere"}) for name, h in asked.items()}
    texts = {name: heading.text for name, heading in asked.items()}
    found = {"encoder": rank_by_encoder(content, encoder, texts)}
    if published is not None:
        found["published"] = rank_by_encoder(_encoded_by(published, content), published, texts)
    every = {"words": only(words=1.0), "without near_words": Channels(near_words=0.0), "shipped": Channels()}
    for configuration, channels in every.items():
        found[configuration] = {name: rank(engine, h.text, h.language, channels) for name, h in asked.items()}
    measured = {configuration: measure_rankings(gold, its) for configuration, its in found.items()}
    rows = []
    for language in sorted({h.language for h in headings}, reverse=True):
        for part in ("dev", "test"):
            names = [name for name, h in asked.items() if (h.language, h.part) == (language, part)]
            if not names:
                continue
            values = {
                configuration: {measure: mean(its[name][measure] for name in names) for measure in _MEASURES}
                for configuration, its in measured.items()
            }
            alone = {name: values[name]["MRR@10"] for name in _ALONE if name in values}
            gain = {name: values["shipped"]["MRR@10"] / base for name, base in alone.items() if base}
            rows.append(
                {"variant": variant, "language": language, "part": part, "questions": len(names)}
                | values
                | {"gain": gain}
            )
    return rows


def _encoded_by(encoder: Encoder, content: Content) -> Content:
    """The same content with whole passages only, in the vectors of another encoder."""
    languages = {document.id: document.metadata.language for document in content.documents}
    whole = [(unit, text) for unit, text in list_units(content.passages, languages) if unit.kind == "passage"]
    vectors = encoder.encode_passages([text for _, text in whole])
    return replace(content, units=tuple(unit for unit, _ in whole), dense=DenseIndex.build(vectors))


def _measure_questions(engine: Engine, folder: Path) -> list[dict[str, Any]]:
    """The measures on the questions written by hand, when the documents that they are on are there."""
    texts = {document.id: document.text for document in engine.snapshot.content.documents}
    sets = sets_on(folder, texts)
    if not sets:
        return []
    outcomes = judge_all(ask_all(engine, read_questions(folder, "all", texts, sets)), engine.snapshot)
    rows = []
    for language, its in by_language(outcomes).items():
        for part in ("dev", "test"):
            chosen = [outcome for outcome in its if outcome.part == part]
            if not chosen:
                continue
            measures = {name: e.value for name, e in summarise(chosen, intervals=False).items() if "value" not in name}
            rows.append({"language": language, "part": part, "questions": len(chosen), "measures": measures})
    return rows


def _folder() -> Path:
    return resources.root() / "tests" / "questions" / "foreign"


def _translations() -> dict[str, str]:
    """Headings in English; none where this is no checkout."""
    path = _folder() / "headings-en.json"
    try:
        translations: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ConfigError(f"{path}: {error}.", "Correct the file; its format is JSON.") from None
    return translations


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
