"""The names of things as rows of words, and where they stand: for questions and for running text alike.

In running text a name is sought as it is written, then by its lemmas, then by its stems; the longest first. Within a
phrase (*tevredenheid van ouders*) a thing of another kind (*ouders*) is found too; within a proper name nothing is. A
word that names nothing is held against its parts: those between hyphens (*SlimFit-scholen*), and those of a compound
(*werkdruk|vermindering*). Nothing is matched by likeness. What names two things is left out.

Names that are everyday words need care. Three kinds of names are told apart, by rule and not by list:

* ``name``: preferred and alternative labels.
* ``short``: an alternative label that is one ordinary word and only part of the preferred one (*kwaliteit* of
  *onderwijskwaliteit*), or one ordinary word for an organisation (*denktank*): a matter of what else is spoken of.
* ``hidden``: hidden labels, of which an ordinary single word that is no compound (*druk*, *rapport*) is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from iio_kg.corpus.document import Span
from iio_kg.corpus.lexicon import in_dictionary
from iio_kg.index.words import NOT_PARTS, Analyser, find_words, fold, lemma, stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from iio_kg.graph.vocabulary import Entity

LANGUAGES = ("nl", "en")
Found = TypeVar("Found")
Kind = Literal["name", "short", "hidden"]
How = Literal["exact", "inflected", "part"]

#: Names in which a label stands and means something else. They are found first, and mean nothing.
_OTHERS = {
    "nl": (
        *("PO-Raad", "VO-raad", "Arbeidsmarktplatform PO", "leiderschap PO"),
        *("ouder dan", "jaar ouder", "hoe ouder", "ouderwets", "ouderwetse"),
    ),
    "en": (),
}
_ARTICLES = {"nl": frozenset({"de", "het", "een"}), "en": frozenset({"the", "a", "an"})}
#: Between two words of a name none of these stands.
_BREAK = re.compile(r"[.;:!?…\n\t]")
_ADDRESS = re.compile(r"\S*(?:://|www\.|@)\S*")
_JOINT, _PIECE = re.compile(r"[-'’&]"), re.compile(r"[^-'’&]+")
#: Fewest letters of a word that is matched by lemma or stem; of a label at the head and at the end of a compound; and
#: of what stands behind and before it.
_INFLECTED, _HEAD, _TAIL, _REST, _MODIFIER = 4, 4, 6, 4, 3
#: Most letters of an abbreviation, and of one so short that in capitals it is somebody else's (*PO-bestanden*).
_ACRONYM, _SHORT = 4, 2
#: How many words that are no names are remembered with what their parts name.
_REMEMBERED = 65536


@dataclass(frozen=True, slots=True)
class Label:
    """A name of something in one language.

    Attributes:
        text: The name as it is written.
        language: ``nl`` or ``en``; a name in no language is a label in each.
        entity: What it names.
        rank: ``preferred``, ``other``, or ``hidden``: what people type and texts seldom write.
    """

    text: str
    language: str
    entity: Entity
    rank: str


def list_labels(entities: Iterable[Entity]) -> Iterator[Label]:
    """All names of things, each as often as there are languages in which it is used."""
    for entity in entities:
        for spoken, names in entity.synonyms.items():
            for name in names:
                rank = "hidden" if name in entity.hidden.get(spoken, ()) else "other"
                for language in _languages(spoken):
                    yield Label(name, language, entity, rank)
        for spoken, name in entity.labels.items():
            for language in _languages(spoken):
                yield Label(name, language, entity, "preferred")


def _languages(spoken: str) -> tuple[str, ...]:
    return (spoken,) if spoken in LANGUAGES else LANGUAGES


def longest_first(size: int, longest: int, lookup: Callable[[slice], Found | None]) -> Iterator[tuple[slice, Found]]:
    """The rows of words that name something, the longest first; a word is used once.

    Args:
        size: How many words there are.
        longest: How many words a name has at most.
        lookup: What a row of words names, or nothing.
    """
    used = [False] * size
    for length in range(min(longest, size), 0, -1):
        for start in range(size - length + 1):
            window = slice(start, start + length)
            if any(used[window]):
                continue
            found = lookup(window)
            if found:
                used[window] = [True] * length
                yield window, found


class _Form(NamedTuple):
    """A label as it is sought; an empty `iri` for a name that means nothing to us."""

    iri: str
    scheme: str
    kind: Kind
    rank: int
    proper: bool
    capitals: tuple[str, ...]


class _Word(NamedTuple):
    """A word of a text. A break between two words is a word without letters."""

    span: Span
    text: str
    folded: str = ""


class Match(NamedTuple):
    """A form found in a text, and how."""

    span: Span
    iri: str
    kind: Kind
    how: How


class LabelTable:
    """The labels of one language by their words, and the search for them in running text.

    Args:
        language: ``nl`` or ``en``.
        labels: The labels; those of other languages are passed over.
    """

    def __init__(self, language: str, labels: Iterable[Label]) -> None:
        self._language = language
        self._analyser = Analyser()
        self._exact: dict[tuple[str, ...], list[_Form]] = {}
        self._lemmas: dict[tuple[str, ...], list[_Form]] = {}
        self._stems: dict[tuple[str, ...], list[_Form]] = {}
        self._longest = 1
        self._reach: dict[str, int] = {}
        self._compounds: dict[str, tuple[tuple[Span, _Form], ...]] = {}
        for name in _OTHERS[language]:
            self._put(name, "", "", "name", 0)
        for label in labels:
            if label.language == language:
                self._add(label)
        self._settle()

    def _add(self, label: Label) -> None:
        """Take up a label, unless it is a word too common to be sought."""
        kind: Kind = "hidden" if label.rank == "hidden" else "name"
        if self._is_ordinary(label.text):
            if kind == "hidden":
                return
            if label.rank == "other" and self._is_shortened(label):
                kind = "short"
        rank = ("preferred", "other", "hidden").index(label.rank)
        for text in _variants(label.text):
            self._put(text, label.entity.iri, label.entity.scheme, kind, rank)

    def _settle(self) -> None:
        """Leave out what names two things: of one row of words the best ranks remain, if they are of one entity."""
        for table in (self._exact, self._lemmas, self._stems):
            for key, forms in list(table.items()):
                best = min(form.rank for form in forms)
                kept = [form for form in forms if form.rank == best]
                if len({form.iri for form in kept}) > 1:
                    kept = []
                table[key] = kept

    def search(self, text: str) -> Iterator[Match]:
        """All that a text names, shortened names included."""
        words = self._words(text)
        reaches = [self._reach_from(word.folded) for word in words]
        taken = [False] * len(words)

        def lookup(window: slice) -> tuple[_Form, How] | None:
            if window.stop - window.start > reaches[window.start]:
                return None
            return self._lookup(words[window])

        for window, (form, how) in longest_first(len(words), min(self._longest, max(reaches, default=0)), lookup):
            taken[window] = [True] * (window.stop - window.start)
            if form.iri:
                yield _match(words[window], form, how)
                if not form.proper:
                    yield from self._nested(words[window], form)
        for word, is_taken in zip(words, taken, strict=True):
            if word.folded and not is_taken:
                yield from self._parts(word)

    def _reach_from(self, folded: str) -> int:
        """How many words the longest name has that can begin with a word."""
        if not folded:
            return 0
        beginnings = (folded, lemma(folded, self._language), stem(folded, self._language))
        return max(self._reach.get(beginning, 0) for beginning in beginnings)

    def _nested(self, words: Sequence[_Word], outer: _Form) -> Iterator[Match]:
        """Things of other kinds within a phrase."""

        def lookup(window: slice) -> tuple[_Form, How] | None:
            found = self._lookup(words[window]) if window != slice(0, len(words)) else None
            return found if found and found[0].iri and found[0].scheme != outer.scheme else None

        for window, (form, how) in longest_first(len(words), len(words) - 1, lookup):
            yield _match(words[window], form, how)

    def _lookup(self, words: Sequence[_Word]) -> tuple[_Form, How] | None:
        key = tuple(word.folded for word in words)
        form = _fitting(self._exact.get(key, ()), words)
        if form:
            return form, "exact"
        if "" in key or max(map(len, key)) < _INFLECTED:
            return None
        form = _fitting(self._lemmas.get(self._reduce(words, lemma), ()), words)
        # Of a word that the dictionary has, it knows the lemma: a shared stem is that of another word.
        if not form and not any(in_dictionary(word.folded) for word in words):
            form = _fitting(self._stems.get(self._reduce(words, stem), ()), words)
        return (form, "inflected") if form else None

    def _reduce(self, words: Sequence[_Word], reduce: Callable[[str, str], str]) -> tuple[str, ...]:
        return tuple(reduce(word.folded, self._language) for word in words)

    def _parts(self, word: _Word) -> Iterator[Match]:
        """What the parts of a compound name."""
        if word.text not in self._compounds:
            if len(self._compounds) >= _REMEMBERED:
                self._compounds.clear()
            self._compounds[word.text] = tuple(self._split(word.text))
        for span, form in self._compounds[word.text]:
            yield Match(Span(word.span.start + span.start, word.span.start + span.end), form.iri, form.kind, "part")

    def _split(self, text: str) -> Iterator[tuple[Span, _Form]]:
        """The parts of a word that name something, by their places in it."""
        pieces = [_Word(Span(*found.span()), found.group(), fold(found.group())) for found in _PIECE.finditer(text)]

        def lookup(window: slice) -> _Form | None:
            joined = "".join(piece.text for piece in pieces[window])
            return self._part(joined)

        taken = [False] * len(pieces)
        for window, form in longest_first(len(pieces), len(pieces) - 1, lookup):
            taken[window] = [True] * (window.stop - window.start)
            yield Span(pieces[window][0].span.start, pieces[window][-1].span.end), form
        for piece, is_taken in zip(pieces, taken, strict=True):
            found = None if is_taken or self._language != "nl" else self._inside(piece)
            if found:
                (start, end), form = found
                yield Span(piece.span.start + start, piece.span.start + end), form

    def _inside(self, word: _Word) -> tuple[Span, _Form] | None:
        """A label at the head of a compound, or else at its end."""
        size = len(word.text)
        if size != len(word.folded):
            return None
        for cut in range(size - _REST, _HEAD - 1, -1):
            for head in (word.text[:cut], word.text[:cut].removesuffix("s")):
                form = self._part(head) if len(head) >= _HEAD else None
                # Neither *schap* is a word nor *chap* one behind a linking *s*.
                behind = (word.folded[cut:], word.folded[len(head) :])
                if form and form.kind == "name" and self._is_word(behind[0]) and behind[1] not in NOT_PARTS:
                    return Span(0, len(head)), form
        for cut in range(_MODIFIER, size - _TAIL + 1):
            form = self._part(word.text[cut:])
            if form and form.kind == "name" and in_dictionary(word.folded[:cut]):
                return Span(cut, size), form
        return None

    def _part(self, text: str) -> _Form | None:
        """The name that a part of a compound is."""
        word = _Word(Span(0, len(text)), text, fold(text))
        if len(text) <= _SHORT and text.isupper():
            return None
        for table in (self._exact, self._lemmas):
            form = _fitting(table.get((word.folded,), ()), [word])
            if form and form.kind != "short" and form.iri:
                return form
        return None

    def _is_word(self, text: str) -> bool:
        return text not in NOT_PARTS and (in_dictionary(text) or bool(self._analyser.split_compound(text)))

    def _put(self, text: str, iri: str, scheme: str, kind: Kind, rank: int) -> None:
        words = [word for word in self._words(text) if word.folded]
        if not words:
            return
        proper = any(character.isupper() for character in text[1:]) or not scheme
        form = _Form(iri, scheme, kind, rank, proper, _capitals(words))
        self._longest = max(self._longest, len(words))
        first = words[0].folded
        for beginning in (first, lemma(first, self._language), stem(first, self._language)):
            self._reach[beginning] = max(self._reach.get(beginning, 0), len(words))
        self._exact.setdefault(tuple(word.folded for word in words), []).append(form)
        for table, reduce in ((self._lemmas, lemma), (self._stems, stem)) if iri else ():
            key = self._reduce(words, reduce)
            if max(map(len, key)) >= _INFLECTED:
                table.setdefault(key, []).append(form)

    def _words(self, text: str) -> list[_Word]:
        """The words of a text without articles and addresses."""
        words: list[_Word] = []
        addresses = [Span(*found.span()) for found in _ADDRESS.finditer(text)]
        end = 0
        for found in find_words(text):
            span = Span(*found.span())
            if any(address.overlap(span) for address in addresses):
                continue
            if _BREAK.search(text, end, span.start):
                words.append(_Word(Span(end, end), ""))
            end = span.end
            if found.group().casefold() not in _ARTICLES[self._language]:
                words.append(_Word(span, found.group(), _JOINT.sub("", fold(found.group()))))
        return words

    def _is_ordinary(self, text: str) -> bool:
        """Whether a label is a single word that a dictionary has, in small letters, and no compound."""
        return (
            text.isalpha()
            and text == text.casefold()
            and len(text) > 2
            and in_dictionary(text)
            and not self._analyser.split_compound(text)
        )

    def _is_shortened(self, label: Label) -> bool:
        preferred = fold(label.entity.labels.get(label.language, ""))
        if label.entity.kind == "agent":
            return True
        reduced = lemma(label.text, self._language)
        if reduced in (preferred, lemma(preferred, self._language)):
            return False
        # *Ouder* is the singular of *ouders*, and the dictionary has it for another word: *older*.
        alike = stem(label.text, self._language) == stem(preferred, self._language)
        return alike or fold(label.text) in preferred or reduced in preferred


def _variants(text: str) -> tuple[str, ...]:
    """A name, and without the abbreviation that stands behind it in parentheses."""
    shorter = re.sub(r"\s*\([^)]*\)$", "", text)
    return (text,) if shorter == text else (text, shorter)


def _capitals(words: Sequence[_Word]) -> tuple[str, ...]:
    """For each word of a label how a text must write it: just so, with a capital (``^``), or as it likes (nothing).

    An abbreviation keeps its capitals (*PAL* is not *pal*), and so do the words of a name if each is an ordinary word
    and more than the first has a capital (*Slim Fit*, *Leerlingen voor Leerlingen*).
    """
    named = sum(word.text[0].isupper() for word in words) > 1 and all(in_dictionary(word.folded) for word in words)
    return tuple(
        word.text
        if len(word.text) <= _ACRONYM and any(character.isupper() for character in word.text[1:])
        else "^"
        if named and word.text[0].isupper()
        else ""
        for word in words
    )


def _fitting(forms: Sequence[_Form], words: Sequence[_Word]) -> _Form | None:
    """The first form whose capitals the words have."""
    for form in forms:
        if all(
            not wanted or (word.text[0].isupper() if wanted == "^" else word.text == wanted)
            for wanted, word in zip(form.capitals, words, strict=True)
        ):
            return form
    return None


def _match(words: Sequence[_Word], form: _Form, how: How) -> Match:
    return Match(Span(words[0].span.start, words[-1].span.end), form.iri, form.kind, how)
