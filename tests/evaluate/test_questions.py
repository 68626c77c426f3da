"""The rules of the question sets, and how they are read."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

from iio_kg.errors import CorpusError
from iio_kg.evaluate.questions import checksum, read_questions
from support import ROOT

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from iio_kg.build import Material

FOLDER = ROOT / "tests" / "questions"
FOREIGN, SETS = FOLDER / "foreign", FOLDER / "sets"


def rows(*folders: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every line of every set with the part that it is in."""
    return [
        (path.stem.rsplit("-", 1)[-1], json.loads(line))
        for folder in folders
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def in_both(keys: dict[str, set[str]]) -> list[str]:
    """What is in the dev part and in the test part."""
    return sorted(key for key, parts in keys.items() if len(parts) > 1)


def test_every_file_is_of_one_part_and_every_question_has_an_id_of_its_own() -> None:
    read = rows(FOLDER, FOREIGN, SETS)
    assert {part for part, _ in read} == {"dev", "test"}
    assert [name for name, count in Counter(row["id"] for _, row in read).items() if count > 1] == []
    assert {row["language"] for _, row in read} == {"nl", "en"}


def test_no_question_stands_in_both_parts() -> None:
    # Only the ids are told: the test part is not looked at.
    asked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for part, row in rows(FOLDER, FOREIGN, SETS):
        asked[" ".join(re.findall(r"\w+", row["question"].casefold()))][part].add(row["id"])
    assert [sorted(set.union(*parts.values())) for parts in asked.values() if len(parts) > 1] == []


@pytest.mark.parametrize("folder", [FOLDER, FOREIGN])
def test_no_section_is_in_both_parts(folder: Path) -> None:
    parts: dict[str, set[str]] = defaultdict(set)
    for part, row in rows(folder):
        assert bool(row.get("gold")) == ("section" in row), row["id"]
        if "section" in row:
            parts[row["section"]].add(part)
    assert in_both(parts) == []


def test_every_quotation_is_in_its_document(material: Material) -> None:
    texts = {document.id: document.text for document in material.documents}
    questions = read_questions(FOLDER, "all", texts)
    assert len(questions) == len(rows(FOLDER))
    for question in questions:
        for gold in question.gold:
            assert texts[gold.document][gold.span.start : gold.span.end] == gold.quote
    counts = Counter((q.language, q.answerable) for q in questions)
    assert counts["nl", True] >= 150
    assert counts["en", True] >= 150
    assert counts["nl", False] + counts["en", False] >= 120


def test_a_quotation_that_is_not_there_is_told_with_its_line(tmp_path: Path) -> None:
    row = {"id": "a", "question": "q", "language": "nl", "type": "what", "gold": [{"document": "d", "quote": "niet"}]}
    (tmp_path / "x-dev.jsonl").write_text(json.dumps(row | {"gold": []}) + "\n" + json.dumps(row) + "\n")
    with pytest.raises(CorpusError, match=r"x-dev.jsonl:2: “niet” is not in the text of d"):
        read_questions(tmp_path, "dev", {"d": "wel"})
    with pytest.raises(CorpusError, match="no questions of the part 'test'"):
        read_questions(tmp_path, "test", {})
    (tmp_path / "x-dev.jsonl").write_text("[]\n")
    with pytest.raises(CorpusError, match=r"x-dev.jsonl:1: this is no question"):
        read_questions(tmp_path, "dev", {})


def test_the_checksum_names_the_questions(tmp_path: Path) -> None:
    (tmp_path / "x-dev.jsonl").write_text("1\n")
    first = checksum(tmp_path)
    assert checksum(tmp_path) == first
    (tmp_path / "x-dev.jsonl").rename(tmp_path / "y-dev.jsonl")
    assert checksum(tmp_path) != first
