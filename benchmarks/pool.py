"""What a reader has to judge: the first passages that each compared system finds for each question, mixed.

A question set is written with one text in view, and other passages may answer as well. So that no system is marked down
for finding those, the first passages of all of them are pooled (as at TREC) with those already known to answer, in an
order that says nothing, and someone who does not know which system found what judges each. Writes shares of the
questions as JSON Lines: ``{"question", "language", "passages": [{"key", "document", "sections", "text"}]}``, the
unanswerable among them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from ask import systems
from iio_kg import resources
from iio_kg.ask.engine import open_engine
from iio_kg.config import load_settings
from iio_kg.evaluate.questions import read_questions
from iio_kg.evaluate.ranking import DEPTH, answers


def mixed(question: str, name: str) -> str:
    """What to sort by: the same at every run, and without meaning."""
    return hashlib.sha256(f"{question}\n{name}".encode()).hexdigest()


def main() -> None:
    """Write the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the shares are written, as pool-1.jsonl and so on")
    parser.add_argument("--shares", type=int, default=16, help="among how many readers (default: 16)")
    parser.add_argument("--depth", type=int, default=3, help="passages of each system (default: 3)")
    its = parser.parse_args()
    settings = load_settings().with_options(citations=DEPTH)
    engine = open_engine(settings)
    content = engine.snapshot.content
    titles = {document.id: document.metadata.title for document in content.documents}
    texts = {document.id: document.text for document in content.documents}
    searches = systems(engine, settings, {}).values()
    questions = read_questions(resources.root() / "tests" / "questions", "all", texts)
    its.folder.mkdir(parents=True, exist_ok=True)
    shares: list[list[str]] = [[] for _ in range(its.shares)]
    for place, question in enumerate(sorted(questions, key=lambda each: mixed(each.text, each.id))):
        pool = {number for search in searches for number in list(search(question.text))[: its.depth]}
        pool |= {n for n, passage in enumerate(content.passages) if answers(passage, question.gold)}
        judged = [
            {
                "key": content.passages[number].key,
                "document": titles[content.passages[number].document],
                "sections": content.passages[number].sections,
                "text": content.passages[number].text,
            }
            for number in sorted(pool, key=lambda number: mixed(question.text, content.passages[number].key))
        ]
        row = {"question": question.text, "language": question.language, "passages": judged}
        shares[place % its.shares].append(json.dumps(row, ensure_ascii=False))
    for number, share in enumerate(shares, 1):
        (its.folder / f"pool-{number}.jsonl").write_text("\n".join(share) + "\n", encoding="utf-8")
    print(f"{len(questions)} questions in {its.shares} shares, by {len(searches)} systems.")


if __name__ == "__main__":
    main()
