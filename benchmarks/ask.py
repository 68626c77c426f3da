"""How well and how fast questions are answered, stage by stage, beside other ways to search the same passages.

Prints two tables and writes ``benchmarks/results/ask.json``. All systems get the same passages and the same questions,
one after another in one process; each is warm before it is timed. Plain sentence-transformers with FAISS, bm25s with
its own tokeniser, and txtai (when it is installed) stand for what one gets without this project. Quality is measured on
the part of the question set that is named; nothing is tuned on the test part.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from iio_kg import resources
from iio_kg.ask.engine import open_engine
from iio_kg.config import load_settings
from iio_kg.evaluate.measures import percentile
from iio_kg.evaluate.questions import read_questions
from iio_kg.evaluate.ranking import DEPTH, answers
from iio_kg.index.models import obtain_model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iio_kg.ask.engine import Engine
    from iio_kg.config import Settings
    from iio_kg.evaluate.questions import Question

    Search = Callable[[str], Sequence[int]]

RESULTS = Path(__file__).parent / "results" / "ask.json"
WARM_UP, WARMING = 10, "graag"


def ours(engine: Engine, stages: dict[str, list[float]]) -> Search:
    """The engine as it is served: the language is found out, the answer composed, each citation a passage.

    The milliseconds of each stage are added to `stages`.
    """
    numbers = {f"document/{passage.key}": n for n, passage in enumerate(engine.snapshot.content.passages)}
    base = engine.snapshot.manifest.base_uri

    def search(question: str) -> Sequence[int]:
        answer = engine.ask(question)
        for name, milliseconds in answer.stages.items():
            stages.setdefault(name, []).append(milliseconds)
        return [numbers[citation.passage.removeprefix(base)] for citation in answer.citations]

    return search


def sentence_transformers_and_faiss(folder: Path, passages: Sequence[str]) -> Search:
    """The encoder with its prompts and an exact index."""
    import faiss
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    vectors = model.encode(list(passages), prompt_name="passage", normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)

    def search(question: str) -> Sequence[int]:
        vector = model.encode([question], prompt_name="query", normalize_embeddings=True)
        return [int(number) for number in index.search(vector, DEPTH)[1][0]]

    return search


def bm25(passages: Sequence[str]) -> Search:
    """The library of its name with its Dutch stop words and Snowball's stemmer, as its documentation shows."""
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("dutch")

    def tokens(texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords="nl", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25()
    index.index(tokens(list(passages)), show_progress=False)
    return lambda question: [
        int(n) for n in index.retrieve(tokens([question]), k=DEPTH, show_progress=False).documents[0]
    ]


def txtai(folder: Path, passages: Sequence[str]) -> Search | None:
    """Its embeddings database with dense and sparse vectors together."""
    try:
        from txtai import Embeddings
    except ImportError:
        return None
    found = Embeddings(path=str(folder), hybrid=True, instructions={"query": "query: ", "data": "passage: "})
    found.index(list(passages))
    return lambda question: [int(number) for number, _ in found.search(question, DEPTH)]


def systems(engine: Engine, settings: Settings, stages: dict[str, list[float]]) -> dict[str, Search]:
    """What is compared, by name, over the passages of an engine; txtai where it is installed."""
    passages = [passage.text for passage in engine.snapshot.content.passages]
    model = obtain_model(settings.model, settings.cache_dir, settings.model_source).path
    found = {
        "iio-kg": ours(engine, stages),
        "sentence-transformers + FAISS": sentence_transformers_and_faiss(model, passages),
        "bm25s": bm25(passages),
        "txtai (hybrid)": txtai(model, passages),
    }
    return {name: search for name, search in found.items() if search is not None}


def measure(search: Search, questions: Sequence[Question], engine: Engine) -> dict[str, float]:
    """hit@1 and MRR@10 by language, and milliseconds a question."""
    passages = engine.snapshot.content.passages
    for question in questions[:WARM_UP]:
        # Another question than those that are timed: answers are kept.
        search(f"{question.text} {WARMING}")
    times: list[float] = []
    hits: dict[str, list[tuple[float, float]]] = {"nl": [], "en": []}
    for question in questions:
        begun = time.perf_counter()
        found = search(question.text)
        times.append((time.perf_counter() - begun) * 1000)
        right = [answers(passages[number], question.gold) for number in found[:DEPTH]]
        reciprocal = next((1 / rank for rank, good in enumerate(right, 1) if good), 0.0)
        hits[question.language].append((float(any(right[:1])), reciprocal))
    row = {"p50 ms": percentile(times, 0.5), "p95 ms": percentile(times, 0.95)}
    for language, pairs in hits.items():
        row[f"hit@1 {language}"] = fmean(first for first, _ in pairs)
        row[f"MRR@10 {language}"] = fmean(reciprocal for _, reciprocal in pairs)
    return row


def show(title: str, rows: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    print(f"\n{title}")
    for name, row in rows.items():
        print(f"  {name:32}" + "  ".join(f"{what} {value:7.3f}" for what, value in row.items()))


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["dev", "test"], default="test")
    part = parser.parse_args().part
    settings = load_settings().with_options(citations=DEPTH)
    engine = open_engine(settings)
    content = engine.snapshot.content
    texts = {document.id: document.text for document in content.documents}
    folder = resources.root() / "tests" / "questions"
    questions = [question for question in read_questions(folder, part, texts) if question.answerable]
    taken: dict[str, list[float]] = {}
    rows = {name: measure(search, questions, engine) for name, search in systems(engine, settings, taken).items()}
    show(f"{len(questions)} questions of the part {part}, {len(content.passages)} passages", rows)
    by_stage = {name: {"p50 ms": percentile(its, 0.5), "p95 ms": percentile(its, 0.95)} for name, its in taken.items()}
    show("Stages of an answer", by_stage)
    machine = {"processors": os.cpu_count(), "python": platform.python_version()}
    results = {"machine": machine, "part": part, "questions": len(questions), "systems": rows, "stages": by_stage}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
