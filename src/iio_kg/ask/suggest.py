"""What to suggest while somebody types, and the questions like one that was asked.

Only questions that a claim answers are suggested, and only things that a claim is about. A hidden name of a thing is
found and never shown. What is typed is compared word by word, folded (small letters, no accents), in both languages.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlencode

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from iio_kg.ask.answer import Similar
from iio_kg.ask.typed import ANY_ERROR, INSIDE, errors_allowed, forms_of, highlight, lengths_compared, words_of
from iio_kg.graph.claims import LANGUAGES
from iio_kg.graph.labels import list_labels
from iio_kg.index.units import list_phrasings
from iio_kg.index.words import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from iio_kg.corpus.document import Span
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.labels import Label
    from iio_kg.graph.vocabulary import Entity

SuggestionKind = Literal["question", "concept", "outcome", "agent"]

#: Words that may be missing from what is suggested.
_COMMON = STOPWORDS["nl"] | STOPWORDS["en"]
#: Longer texts are no beginning of anything.
_LONGEST = 200
#: At most so many things, and so many questions of one claim, are suggested together.
_MOST_THINGS, _MOST_OF_CLAIM = 3, 2
#: How much one claim is like another for having its outcome or its concept.
_SAME_OUTCOME, _SAME_CONCEPT = 2, 1
#: Among how many claims that are alike questions are sought.
_ALIKE = 12
#: The questions of a claim that has none, and their places.
_NO_QUESTIONS: tuple[NDArray[np.int64], tuple[str, ...]] = (np.zeros(0, np.int64), ())
#: After every folded word in the order of the alphabet.
_END = "\U0010ffff"

#: Fewest letters by whose beginning a hidden name is found: what is shown then need not begin so.
_HIDDEN = 3
#: How long a good question to begin with is, in letters.
_OPENING = 45

#: How well a suggestion fits, the best first: it begins so; every word begins a word of it; every word that tells
#: does; it is about a thing of that name; every word is in a word of it; so with typing errors.
_WHOLE, _EVERY, _TELLING, _TOPIC, _INFIX, _TYPO = range(6)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of what was typed.

    Attributes:
        text: What to show and to put in the field.
        kind: Whether it is a question or the name of a thing.
        language: The language of `text`; None for a name in no language.
        url: Its address within the site: the answer, or the page of the thing.
        iri: For a thing: its identifier.
        highlights: The ranges of `text` that match what was typed, in order and apart.
    """

    text: str
    kind: SuggestionKind
    language: str | None
    url: str
    iri: str | None
    highlights: tuple[Span, ...] = ()


class _Entry(NamedTuple):
    """Something to suggest: a question of the claim `owner`, or a name of the thing `owner`.

    It is found by `name`, which is hidden where `text` is another; `key` holds its words.
    """

    text: str
    kind: SuggestionKind
    language: str
    owner: str
    name: str
    key: str


class Suggester:
    """Completes questions, and finds those like one that was asked.

    Args:
        claims: The claims with their questions.
        entities: The things that claims are about.
        base: The base of identifiers; what follows it is the address within the site.
        vectors: The vector of each claim, float32 of shape ``(claims, n)``: of claims on the same thing those
            that lie near are alike. None: those that stand first are taken.
    """

    def __init__(
        self,
        claims: Sequence[Claim],
        entities: Iterable[Entity],
        base: str,
        vectors: NDArray[np.float32] | None = None,
    ) -> None:
        self._base = base
        self._vectors = np.zeros((len(claims), 1), np.float32) if vectors is None else vectors
        self._alike: dict[int, tuple[tuple[int, int], ...]] = {}
        self._claims = claims
        self._numbers = {claim.iri: number for number, claim in enumerate(claims)}
        topics = {topic for claim in claims for topic in claim.topics}
        # Things before questions, the shorter before the longer: where two fit alike, the order here decides.
        things = list(_things([entity for entity in entities if entity.iri in topics]))
        self._entries = things + sorted(_questions(claims), key=lambda entry: (len(entry.text), entry.text))
        self._keys = sorted((entry.key, number) for number, entry in enumerate(self._entries))
        self._postings: dict[str, set[int]] = {}
        for number, entry in enumerate(self._entries):
            for word in forms_of(entry.name, entry.key):
                self._postings.setdefault(word, set()).add(number)
        self._vocabulary = sorted(self._postings)
        self._beginnings: dict[int, dict[str, list[str]]] = {}
        self._named: dict[str, set[str]] = {}
        for entry in things:
            self._named.setdefault(entry.key, set()).add(entry.owner)
        self._topical: dict[str, set[int]] = {}
        for number, entry in enumerate(self._entries[len(things) :], len(things)):
            for topic in claims[self._numbers[entry.owner]].topics:
                self._topical.setdefault(topic, set()).add(number)
        # The questions of each claim that are written out, and where they stand among all phrasings of claims.
        written: dict[tuple[int, str], dict[int, str]] = {}
        for place, (phrasing, text) in enumerate(list_phrasings(claims)):
            if phrasing.kind == "question" and _is_written_out(text):
                written.setdefault((phrasing.claim, phrasing.language), {})[place] = text
        self._written = {key: (np.array(list(its), np.int64), tuple(its.values())) for key, its in written.items()}
        self._openings = {spoken: tuple(self._opening(spoken)) for spoken in LANGUAGES}

    def suggest(self, text: str, language: str | None = None, limit: int = 8) -> tuple[Suggestion, ...]:
        """Complete what is typed; nothing typed gives questions to begin with.

        Args:
            text: What is typed.
            language: The language to prefer; what is typed is found in both.
            limit: At most so many.
        """
        typed = words_of(text).split() if len(text) <= _LONGEST else []
        if not typed:
            return () if text.strip() else self._openings[language or LANGUAGES[0]][:limit]
        found = self._find(typed)
        last = self._postings.get(typed[-1], set())

        def order(number: int) -> tuple[bool, bool, int, int, bool, int]:
            fit, errors = found[number]
            strange = language is not None and self._entries[number].language not in (language, "")
            return fit > _EVERY, strange, fit, errors, number not in last, number

        chosen = self._choose(sorted(found, key=order), " ".join(typed), limit)
        return tuple(
            self._suggestion(self._entries[number], typed, fuzzy=found[number][0] == _TYPO) for number in chosen
        )

    def similar(
        self, claim: str, question: str, language: str, nearness: NDArray[np.float32], limit: int = 3
    ) -> tuple[Similar, ...]:
        """Questions about the same outcome or concept that other claims answer, one of each claim.

        Args:
            claim: The identifier of the claim that answered.
            question: The question that was asked.
            language: The language of the questions.
            nearness: How near the question is to each phrasing of the claims, in the order of
                `iio_kg.index.units.list_phrasings`; the nearest question of each claim is chosen.
            limit: At most so many.
        """
        if claim not in self._numbers:
            return ()
        asked, here = words_of(question), self._numbers[claim]
        own = frozenset(self._claims[here].questions.get(language, ()))
        ranked: list[tuple[int, float, int, str]] = []
        for number, alike in self._alike_to(here):
            places, texts = self._written.get((number, language), _NO_QUESTIONS)
            if own.issuperset(texts):
                continue
            near = nearness[places]
            if not own.isdisjoint(texts):
                near[[text in own for text in texts]] = -np.inf
            nearest = int(near.argmax())
            ranked.append((-alike, -float(near[nearest]), number, texts[nearest]))
        # What was asked word for word is no suggestion, whichever claim has it too.
        others = (text for text in dict.fromkeys(text for *_, text in sorted(ranked)) if words_of(text) != asked)
        return tuple(Similar(text, language, _address(text, language)) for text in islice(others, limit))

    def _alike_to(self, claim: int) -> tuple[tuple[int, int], ...]:
        """The claims that are most alike to one, by number, and how much they are about the same."""
        if claim not in self._alike:
            here = self._claims[claim]
            nearness = self._vectors @ self._vectors[claim]
            found = [
                (number, alike)
                for number, other in enumerate(self._claims)
                if number != claim and (alike := _likeness(here, other))
            ]
            found.sort(key=lambda pair: (-pair[1], -nearness[pair[0]], pair[0]))
            self._alike[claim] = tuple(found[:_ALIKE])
        return self._alike[claim]

    def _opening(self, language: str) -> Iterator[Suggestion]:
        """A question on the effects of each concept, those first that most claims are about."""
        counts = Counter(claim.concept for claim in self._claims if claim.concept and claim.effect)
        for concept in sorted(counts, key=lambda iri: (-counts[iri], iri)):
            names = {f" {name} " for name, things in self._named.items() if concept in things}
            texts = [
                text
                for number, claim in enumerate(self._claims)
                if claim.concept == concept and claim.effect
                for text in self._written.get((number, language), _NO_QUESTIONS)[1]
                # A question to begin with says by itself what it is about, in a sentence.
                if ":" not in text and any(name in f" {words_of(text)} " for name in names)
            ]
            if texts:
                text = min(texts, key=lambda text: (abs(len(text) - _OPENING), text))
                yield Suggestion(text, "question", language, _address(text, language), None)

    def _find(self, typed: Sequence[str]) -> dict[int, tuple[int, int]]:
        """What fits, with how well it does and how many typing errors that takes."""
        telling = [word for word in typed if word not in _COMMON] or typed
        by_fit = {
            _WHOLE: self._beginning_with(" ".join(typed)),
            _EVERY: _all(self._prefixed(word) for word in typed),
            _TELLING: _all(self._prefixed(word) for word in telling),
            _TOPIC: self._about(" ".join(telling)),
        }
        is_known = any(by_fit.values())
        by_fit[_INFIX] = _all(self._containing(word) for word in telling)
        found: dict[int, tuple[int, int]] = {}
        if not is_known:
            found = {number: (_TYPO, errors) for number, errors in self._misspelled(telling).items()}
        for fit in sorted(by_fit, reverse=True):
            found.update(dict.fromkeys(by_fit[fit], (fit, 0)))
        return found

    def _choose(self, ranked: Iterable[int], typed: str, limit: int) -> list[int]:
        """The first ones, each thing and each text once, without too many alike."""
        chosen: list[int] = []
        texts: set[str] = set()
        owners: Counter[str] = Counter()
        things = 0
        for number in ranked:
            entry = self._entries[number]
            is_thing = entry.kind != "question"
            if entry.text in texts or owners[entry.owner] >= (1 if is_thing else _MOST_OF_CLAIM):
                continue
            if is_thing and (things == _MOST_THINGS or _is_remote(entry, typed)):
                continue
            if len(chosen) >= limit:
                break
            things += is_thing
            texts.add(entry.text)
            owners[entry.owner] += 1
            chosen.append(number)
        return chosen

    def _suggestion(self, entry: _Entry, typed: Sequence[str], *, fuzzy: bool) -> Suggestion:
        is_thing = entry.kind != "question"
        return Suggestion(
            text=entry.text,
            kind=entry.kind,
            language=entry.language or None,
            url="/" + entry.owner.removeprefix(self._base) if is_thing else _address(entry.text, entry.language),
            iri=entry.owner if is_thing else None,
            highlights=highlight(entry.text, typed, fuzzy=fuzzy),
        )

    def _beginning_with(self, key: str) -> set[int]:
        low, high = bisect_left(self._keys, (key, 0)), bisect_left(self._keys, (key + _END, 0))
        return {number for _, number in self._keys[low:high]}

    def _prefixed(self, word: str) -> set[int]:
        low, high = bisect_left(self._vocabulary, word), bisect_left(self._vocabulary, word + _END)
        return self._with_any(self._vocabulary[low:high])

    def _containing(self, word: str) -> set[int]:
        if len(word) < INSIDE:
            return self._prefixed(word)
        return self._with_any(known for known in self._vocabulary if word in known)

    def _with_any(self, words: Iterable[str]) -> set[int]:
        return set().union(*(self._postings[word] for word in words))

    def _about(self, name: str) -> set[int]:
        """The questions of the claims about a thing that is called just so."""
        return set().union(*(self._topical.get(thing, set()) for thing in self._named.get(name, ())))

    def _misspelled(self, words: Sequence[str]) -> dict[int, int]:
        """What has all words, those that begin no known word with a typing error; with the number of errors."""
        found: dict[int, int] | None = None
        for word in words:
            here = dict.fromkeys(self._prefixed(word), 0) or self._nearly(word)
            found = (
                here
                if found is None
                else {number: found[number] + here[number] for number in found.keys() & here.keys()}
            )
            if not found:
                return {}
        return found or {}

    def _nearly(self, word: str) -> dict[int, int]:
        """What has a word that begins almost as what is typed, with the number of errors."""
        found: dict[int, int] = {}
        for length in lengths_compared(word):
            beginnings = self._begun(length)
            alike = process.extract(
                word, beginnings.keys(), scorer=OSA.distance, score_cutoff=errors_allowed(word), limit=None
            )
            for beginning, errors, _ in alike:
                if beginning[0] != word[0] and len(word) < ANY_ERROR:
                    continue
                # People seldom get the first letter wrong.
                cost = errors + (beginning[0] != word[0])
                for number in self._with_any(beginnings[beginning]):
                    found[number] = min(found.get(number, cost), cost)
        return found

    def _begun(self, length: int) -> dict[str, list[str]]:
        """The known words by their first letters."""
        if length not in self._beginnings:
            beginnings: dict[str, list[str]] = {}
            for word in self._vocabulary:
                beginnings.setdefault(word[:length], []).append(word)
            self._beginnings[length] = beginnings
        return self._beginnings[length]


def _things(entities: Collection[Entity]) -> Iterator[_Entry]:
    """The names of things, of each the names it is shown by before the hidden ones."""

    def order(label: Label) -> tuple[int, int, str]:
        return ("preferred", "other", "hidden").index(label.rank), len(label.text), label.text

    for label in sorted(list_labels(entities), key=order):
        thing = label.entity
        if thing.kind not in ("concept", "agent"):
            continue
        kind: SuggestionKind = (
            "agent" if thing.kind == "agent" else "outcome" if thing.scheme == "outcomes" else "concept"
        )
        # A name in no language is listed once for each.
        in_none = label.text in (thing.labels.get(""), *thing.synonyms.get("", ()))
        shown = thing.label(label.language) if label.rank == "hidden" else label.text
        yield _Entry(shown, kind, "" if in_none else label.language, thing.iri, label.text, words_of(label.text))


def _questions(claims: Iterable[Claim]) -> Iterator[_Entry]:
    """The questions that are written out; those in small letters are as people type them, and often half a question."""
    for claim in claims:
        for language, texts in claim.questions.items():
            for text in filter(_is_written_out, texts):
                yield _Entry(text, "question", language, claim.iri, text, words_of(text))


def _is_written_out(question: str) -> bool:
    return question[:1].isupper() and question.endswith("?")


def _is_remote(entry: _Entry, typed: str) -> bool:
    """Whether too little is typed to show a thing by another name than the one that begins so."""
    return len(typed) < _HIDDEN and typed != entry.key and entry.name != entry.text


def _likeness(one: Claim, other: Claim) -> int:
    """How much two claims are about the same."""
    same_outcome = bool(one.effect and other.effect and one.effect.outcome == other.effect.outcome)
    same_concept = one.concept is not None and one.concept == other.concept
    return _SAME_OUTCOME * same_outcome + _SAME_CONCEPT * same_concept


def _address(question: str, language: str) -> str:
    """Where a question is answered, on a page in its language."""
    return "/?" + urlencode({"q": question, "lang": language})


def _all(sets: Iterable[set[int]]) -> set[int]:
    first, *others = sets
    return first.intersection(*others)
