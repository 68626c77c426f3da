"""How what is typed is compared with texts: folded words, their beginnings, typing errors, and where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import OSA

from iio_kg.ask.compose import merge
from iio_kg.corpus.document import Span
from iio_kg.index.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Words joined by one of these are also one word: *Cito-scores* is found as *citoscores*.
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_JOINTS = frozenset("-'’")
#: Fewest letters that are sought inside words; that may hold a typing error; that may hold one in the first letter or
#: one letter too many; that may hold two.
INSIDE, _ONE_ERROR, ANY_ERROR, _TWO_ERRORS = 4, 3, 5, 8


class _Token(NamedTuple):
    """A word of a text: folded, where it stands, and for each folded letter the letter of the text it came from."""

    folded: str
    span: Span
    places: tuple[int, ...]


def words_of(text: str) -> str:
    """The folded words of a text with a blank between."""
    return " ".join(_WORD.findall(text.lower()) if text.isascii() else map(fold, _WORD.findall(text)))


def forms_of(text: str, key: str) -> Iterable[str]:
    """All words by which a text is found; `key` holds those it is written with."""
    return key.split() if _JOINTS.isdisjoint(text) else (token.folded for token in _tokens(text))


def highlight(text: str, typed: Sequence[str], *, fuzzy: bool) -> tuple[Span, ...]:
    """The letters of a text that each word typed matches: a whole word, else a beginning, else a part."""
    tokens = list(_tokens(text))
    spans = [span for word in typed if (span := _match(tokens, word, fuzzy=fuzzy))]
    return merge(spans)


def _match(tokens: Sequence[_Token], word: str, *, fuzzy: bool) -> Span | None:
    for token in tokens:
        if token.folded == word:
            return token.span
    for token in tokens:
        if token.folded.startswith(word):
            return _part(token, 0, len(word))
    for token in tokens:
        if len(word) >= INSIDE and word in token.folded:
            start = token.folded.index(word)
            return _part(token, start, start + len(word))
    return _likest(tokens, word) if fuzzy else None


def _likest(tokens: Sequence[_Token], word: str) -> Span | None:
    """The beginning, as long as may be, that takes the fewest typing errors."""
    compared = (
        (OSA.distance(word, token.folded[:length]), number, -length)
        for number, token in enumerate(tokens)
        for length in lengths_compared(word)
        # As for what is found: of a short word the first letter is taken to be right.
        if len(word) >= ANY_ERROR or token.folded[:1] == word[0]
    )
    errors, number, length = min(compared, default=(len(word), 0, 0))
    if errors > errors_allowed(word):
        return None
    token = tokens[number]
    return _part(token, 0, min(-length, len(token.folded)))


def _part(token: _Token, start: int, end: int) -> Span:
    """Where some folded letters of a word stand, with the accents that belong to the last."""
    last = token.places[end] if end < len(token.places) else token.span.end
    return Span(token.places[start], max(last, token.places[end - 1] + 1))


def errors_allowed(word: str) -> int:
    """How many typing errors a word may hold."""
    return 0 if len(word) < _ONE_ERROR else 1 if len(word) < _TWO_ERRORS else 2


def lengths_compared(word: str) -> tuple[int, ...]:
    """How long the beginnings are that a word with typing errors is compared with."""
    size = len(word)
    if size < _ONE_ERROR:
        return ()
    return (size, size + 1) if size < ANY_ERROR else (size, size + 1, size - 1)


def _tokens(text: str) -> Iterator[_Token]:
    """The words of a text, and the longer ones they make where they are joined."""
    run: list[_Token] = []
    for match in _WORD.finditer(text):
        token = _token(match.group(), match.start())
        if run and not (token.span.start == run[-1].span.end + 1 and text[run[-1].span.end] in _JOINTS):
            run = []
        run.append(token)
        yield token
        if len(run) > 1:
            yield _Token(
                "".join(part.folded for part in run),
                Span(run[0].span.start, token.span.end),
                tuple(place for part in run for place in part.places),
            )


def _token(word: str, start: int) -> _Token:
    if word.isascii():
        return _Token(word.lower(), Span(start, start + len(word)), tuple(range(start, start + len(word))))
    letters = [(letter, start + place) for place, character in enumerate(word) for letter in fold(character)]
    return _Token(
        "".join(letter for letter, _ in letters),
        Span(start, start + len(word)),
        tuple(place for _, place in letters),
    )
