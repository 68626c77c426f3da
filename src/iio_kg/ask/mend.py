"""How a question is read that was typed in haste: words that no one writes so, put as the material writes them.

A word is left alone when a dictionary, the material, or a compound of known words has it, so that what the material
does not speak of is never turned into what it does. Anything else is read as the nearest word of the material, if that
is a typing error or some left-out vowels away (*werkdrk*, *hoevl*), or sounds the same (*kwalitijd*). Names are put
into their usual spelling (*slim fit* is *SlimFit*), as an encoder knows no more than the letters. What is shortened in
typing (*ipv*, *lln*) is written out.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from iio_kg.ask.kind import nearest_cue
from iio_kg.corpus.lexicon import in_dictionary
from iio_kg.graph.labels import list_labels, longest_first
from iio_kg.index.words import STOPWORDS, Analyser, find_words, fold, replace_at, stem, tokenize

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from iio_kg.graph.claims import Claim
    from iio_kg.graph.vocabulary import Entity
    from iio_kg.index.terms import Terms

#: The commonest words; *whats* is one of them too.
_COMMON = frozenset(chain.from_iterable(STOPWORDS.values()))
#: How often the commonest words are used at least, which are not counted.
_EVERYWHERE = 1000
#: What may not stand within a name.
_BETWEEN = re.compile(r"[^\w\s&'’-]")
#: Fewest letters of a word that is mended, and of a name that is put into its usual spelling.
_SHORTEST, _SHORTEST_NAME = 5, 4
#: Fewest letters of a word that may hold two errors: with fewer, too many words are as near as the one that was meant.
_TWO_ERRORS = 10
#: Vowels that may be left out, and how many consonants then have to be right at least.
_VOWELS, _LEFT_OUT, _CONSONANTS = frozenset("aeiouy"), 2, 3
#: A name that begins and ends with a word.
_NAME = re.compile(r"\w(?:.*\w)?", re.DOTALL)
#: What Dutch writers shorten when they type, among them what teachers call their pupils; with dots or without.
_SHORTENED = {
    "ipv": "in plaats van", "tov": "ten opzichte van", "dmv": "door middel van", "mbt": "met betrekking tot",
    "ivm": "in verband met", "mbv": "met behulp van", "obv": "op basis van", "bijv": "bijvoorbeeld",
    "evt": "eventueel", "lln": "leerlingen", "lkr": "leerkracht", "lkrn": "leerkrachten",
}  # fmt: skip
_SHORT_FORM = re.compile(
    r"(?<![\w.'’-])(?:"
    + "|".join(r"\.?".join(letters) for letters in sorted(_SHORTENED, key=len, reverse=True))
    + r")(?:\.(?=\s|$)|(?![\w.'’-]))"
)
#: What stands before a preposition in *daarmee*, *hierachter*, *ermee*.
_ADVERBS = ("daar", "hier", "waar", "er")
#: Spellings that sound the same in Dutch, and letters that are written once or twice.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in {
        r"ij|y": "ei",
        r"ou": "au",
        r"ph|v": "f",
        r"z|c(?=[eiy])": "s",
        r"c(?!h)|q(?=u)": "k",
        r"x": "ks",
        r"dt?$": "t",
        r"(.)\1": r"\1",
    }.items()
)
#: How many words a name has at most, and how many readings of words and of questions are kept.
_LONGEST, _KEPT, _KEPT_QUESTIONS = 4, 8192, 256


class Mender:
    """Reads words that were typed wrongly.

    Args:
        terms: The words of the material.
        claims: Its claims.
        entities: What has a name.
        spelling: Words that are spelt as people spell them.
    """

    def __init__(
        self, terms: Terms, claims: Iterable[Claim], entities: Sequence[Entity], spelling: Container[str]
    ) -> None:
        self._analyser = Analyser()
        self._spelling = spelling
        self._counts = _count_words(terms, claims, entities)
        self._written = {fold(word): word for word in terms.words if not word.isascii()}
        self._words = [word for word in self._counts if word.isalpha() and len(word) >= _SHORTEST - 1]
        self._by_consonants: dict[str, list[str]] = {}
        self._by_sound: dict[str, list[str]] = {}
        for word in self._words:
            self._by_consonants.setdefault(_consonants(word), []).append(word)
            self._by_sound.setdefault(_sound(word), []).append(word)
        # Words that people type for something; where one only sounds like a word of the material, it is that word.
        self._hidden = frozenset(
            fold(word)
            for label in list_labels(entities)
            if label.rank == "hidden"
            for word in tokenize(label.text, label.language)
        )
        self._spellings = _spellings(entities)
        self._read_word = lru_cache(_KEPT)(self._nearest)
        # What finds reads a question again that the engine has read, to tell its language.
        self._read = lru_cache(_KEPT_QUESTIONS)(self._read_anew)

    def read(self, question: str) -> str:
        """The question as it is read; what is known stays letter for letter."""
        return self._read(question)

    def _read_anew(self, question: str) -> str:
        written_out = _SHORT_FORM.sub(lambda match: _SHORTENED[match.group().replace(".", "")], question)
        # Names may be found in words that were mended, and hold words that need none.
        return self._with_names(self._with_words(self._with_names(written_out)))

    def _with_names(self, question: str) -> str:
        """The question with its names in their usual spelling."""
        words = list(find_words(question))
        letters = [_letters(match.group()) for match in words]

        def named(window: slice) -> str | None:
            name = self._spellings.get("".join(letters[window]))
            if name is None:
                return None
            typed = question[words[window][0].start() : words[window][-1].end()]
            is_word = window.stop - window.start == 1 and letters[window.start] in self._counts
            is_spelt = is_word or _spaced(name) == _spaced(typed) or _BETWEEN.search(typed) is not None
            return None if is_spelt else name

        found = longest_first(len(words), _LONGEST, named)
        return replace_at(question, {words[w][0].start(): (words[w][-1].end(), name) for w, name in found})

    def _with_words(self, question: str) -> str:
        """The question with its typing errors mended."""
        pieces = {}
        for match in find_words(question):
            read = self._read_word(match.group()) if match.group().islower() or match.group().isupper() else None
            if read is None and match.start() == 0 and match.group().istitle():
                # With a capital it may be a name, which is spelt so unless it is the one meant that is misspelt.
                read = self._read_word(match.group().lower())
            if read is not None:
                pieces[match.start()] = (match.end(), read)
        return replace_at(question, pieces)

    def _nearest(self, typed: str) -> str | None:
        """The word that one which nobody writes so is read as."""
        word = typed.lower()
        # Who types accents takes care; and half the dictionary of what they stand on is in other languages.
        if len(word) < _SHORTEST or not (word.isalpha() and word.isascii()) or self._is_known(word):
            return None
        candidates = [] if word in self._hidden else self._within_errors(word)
        if not candidates:
            alike = self._by_consonants.get(_consonants(word), ())
            candidates = [(0, found) for found in alike if _left_out(word, found)]
            candidates += [(0, found) for found in self._by_sound.get(_sound(word), ())]
        if not candidates:
            return None if word in self._hidden else nearest_cue(word)
        # Of equally near words one with letters too few or too many, then the one that is used most.
        found = min(candidates, key=lambda c: (c[0], not _is_within(word, c[1]), -self._counts[c[1]], c[1]))[1]
        return None if _inflects(word, found) else self._written.get(found, found)

    def _within_errors(self, word: str) -> list[tuple[int, str]]:
        """The words that are few enough typing errors away, each with their number."""
        errors = 1 if len(word) < _TWO_ERRORS else 2
        near = process.extract(word, self._words, scorer=OSA.distance, score_cutoff=errors, limit=None)
        return [(int(distance), found) for found, distance, _ in near]

    def _is_known(self, word: str) -> bool:
        return (
            word in self._counts
            or word in self._spelling
            or in_dictionary(word)
            or word.removesuffix("s") in _COMMON
            or bool(self._analyser.split_compound(word))
            or any(word.startswith(adverb) and in_dictionary(word.removeprefix(adverb)) for adverb in _ADVERBS)
        )


def _count_words(terms: Terms, claims: Iterable[Claim], entities: Sequence[Entity]) -> Counter[str]:
    """The words of the material, folded, and how many passages and claims use them.

    Of those that stand only in questions, some were typed wrongly on purpose: a dictionary has to have them.
    """
    uses = Counter(chain.from_iterable((*terms.of_passage, *terms.of_claim)))
    texts = [(text, language) for claim in claims for language, text in claim.statements.items()]
    texts += [(label.text, label.language) for label in list_labels(entities) if label.rank != "hidden"]
    said = {word for text, language in texts for word in tokenize(text, language)}
    said |= {terms.words[number] for number in chain.from_iterable(terms.of_passage)}
    counts: Counter[str] = Counter(dict.fromkeys(_COMMON, _EVERYWHERE))
    for number, word in enumerate(terms.words):
        if uses[number] and (word in said or in_dictionary(word)):
            counts[fold(word)] += uses[number]
    return counts


def _consonants(word: str) -> str:
    """A word without its vowels, a first one excepted."""
    return word[:1] + "".join(letter for letter in word[1:] if letter not in _VOWELS)


def _sound(word: str) -> str:
    """What Dutch words that sound alike are alike in: *kwalitijd* and *kwaliteit*, *effekt* and *effect*."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _is_within(typed: str, word: str) -> bool:
    """Whether the shorter of two words has nothing but letters of the longer, in their order."""
    shorter, longer = sorted((typed, word), key=len)
    letters = iter(longer)
    return all(letter in letters for letter in shorter)


def _inflects(typed: str, word: str) -> bool:
    """Whether one word is another with an ending, which is no error: what compares words knows both by their stem."""
    shorter, longer = sorted((typed, word), key=len)
    return longer.startswith(shorter) and any(stem(typed, spoken) == stem(word, spoken) for spoken in STOPWORDS)


def _left_out(typed: str, word: str) -> bool:
    """Whether a word was typed with some of its vowels left out."""
    return 0 < len(word) - len(typed) <= _LEFT_OUT and len(_consonants(word)) >= _CONSONANTS and _is_within(typed, word)


def _letters(text: str) -> str:
    """The folded letters and digits of a text, with nothing between; what stands between words is not among them."""
    return "".join(character for character in fold(text) if character.isalnum())


def _spaced(text: str) -> str:
    """A text in small letters, hyphens taken for blanks."""
    return text.casefold().replace("-", " ")


def _spellings(entities: Iterable[Entity]) -> dict[str, str]:
    """The usual spelling of each name by its letters, for names that have one: a capital inside, or a hyphen."""
    spellings: dict[str, str] = {}
    named = (entity for entity in entities if entity.kind != "document")
    for label in sorted(list_labels(named), key=lambda label: label.rank != "preferred"):
        letters = _letters(label.text)
        if label.rank != "hidden" and len(letters) >= _SHORTEST_NAME and _has_spelling(label.text):
            spellings.setdefault(letters, label.text)
    return spellings


def _has_spelling(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and ("-" in name or any(character.isupper() for character in name[1:]))
