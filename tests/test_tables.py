"""Tables on a terminal."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from iio_kg.cli.tables import lay_out

words = st.text("abcdé €", max_size=60)
tables = st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(words, min_size=n, max_size=n), min_size=1, max_size=6))


@given(tables, st.integers(20, 160))
@example([["", "", "aaaaaa ", "aaaaaa"]], 20)
def test_nothing_is_lost_and_nothing_is_wider_than_need_be(rows: list[list[str]], width: int) -> None:
    headings, *others = rows
    lines = list(lay_out(headings, others, width))
    for number, row in enumerate(rows):
        shown = "".join(line for at, line in lines if at == number)
        assert sorted(shown.replace(" ", "")) == sorted("".join(row).replace(" ", ""))
    longest = [
        max((len(word) for row in rows for word in row[column].split()), default=1) for column in range(len(headings))
    ]
    room = sum(min(24, letters) for letters in longest) + 2 * (len(headings) - 1)
    assert all(len(line) <= max(width, room) for _, line in lines)


def test_columns_stand_under_their_headings() -> None:
    lines = [line for _, line in lay_out(["Concept", "Effect"], [["SlimFit", "3 % hoger"], ["E-klas", "afname"]], 80)]
    assert lines == ["Concept  Effect", "SlimFit  3 % hoger", "E-klas   afname"]


def test_a_long_cell_is_broken_between_words() -> None:
    lines = [line for _, line in lay_out(["A", "B"], [["kort", "een hele lange zin die niet past"]], 20)]
    assert lines == ["A     B", "kort  een hele lange", "      zin die niet", "      past"]
