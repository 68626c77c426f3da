"""The words of the material, and what compounds among them are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iio_kg.index.terms import Terms


def test_what_only_stands_in_compounds_comes_last(terms: Terms) -> None:
    used = {number for numbers in (*terms.of_passage, *terms.of_claim) for number in numbers}
    assert used == set(range(len(used)))
    only_parts = range(len(used), len(terms.words))
    assert len(only_parts) > 0
    assert {part for parts in terms.parts for part in parts} >= set(only_parts)
    assert not any(terms.parts[number] for number in only_parts)
    assert len(terms.words) == len(set(terms.words)) == len(terms.roots) == len(terms.parts)


def test_compounds_are_dutch(terms: Terms) -> None:
    def parts(word: str) -> list[str]:
        return [terms.words[number] for number in terms.parts[terms.words.index(word)]]

    assert parts("werkdruk") == ["werk", "druk"]
    assert parts("lerarentekort") == ["leraren", "tekort"]
    assert parts("cito-scores") == ["cito", "scores"]
    assert parts("workload") == [], "no text in Dutch has it"
    assert parts("scholen") == []


def test_parts_that_tell_nothing_are_left_out(terms: Terms) -> None:
    for parts in terms.parts:
        assert not {terms.words[number] for number in parts} & {"e", "to", "de", "op", "van"}
