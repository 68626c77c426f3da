"""Searching by words: BM25 over folded tokens, lemmas, stems and the parts of compounds.

Each way of reading a word is a field with a BM25 index of its own (S. Robertson and H. Zaragoza, "The Probabilistic
Relevance Framework: BM25 and Beyond", 2009), and a text's score is the weighted sum of its fields. So an exact word
counts most and a shared stem still counts.

Dutch needs care. The Snowball stemmer called ``dutch`` maps *begeleiding* (guidance) to *beleid* (policy);
``dutch_porter`` keeps the two apart, so it is named here and tested with pairs of words. Compounds are split where both
parts are words (after P. Koehn and K. Knight, "Empirical Methods for Compound Splitting", 2003).
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import Stemmer

from iio_kg.corpus.dictionary import lemmatize
from iio_kg.corpus.lexicon import in_dictionary
from iio_kg.index.mapped import map_array
from iio_kg.index.postings import add_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

#: Raised when the same text gives other terms than before; an index made with another number is refused.
ANALYSIS_VERSION = 1

FIELDS = {"token": 1.0, "lemma": 0.7, "stem": 0.4, "part": 0.5}
_STEMMERS = {"nl": "dutch_porter", "en": "english"}
_WORD = re.compile(r"[^\W_]+(?:[-'’&][^\W_]+)*")
#: A part of a compound has at least this many letters; shorter ones split words that are none.
_PART_LENGTH = 4
#: Letters that Dutch puts between the parts of a compound.
_LINKERS = ("", "s", "e", "en", "er", "n")
#: Words that are far more often a prefix or suffix than a part: *onder|wijs*, *verantwoorde|lijk*.
NOT_PARTS = frozenset(
    """
        achter boven buiten door heid lijk loos mede mits onder over overs schap tegen toch uit vers voor
        wijs
        """.split()
)
_CACHE_SIZE = 65536
_HEAD = "analysis.json"

#: Words too common to tell texts apart. Negations and comparisons are not among them: they carry the answer.
STOPWORDS = {
    "nl": frozenset(
        """
        de het een en van in op te dat die is was zijn waren wordt worden werd werden met voor aan bij als
        om er door naar over uit ook tot dan dus of maar hun hen haar zij ze hij ik je jij u we wij ons onze
        deze dit daar hier wat wie waar wanneer hoe welke welk wel nog al zo heeft hebben had hadden kan
        kunnen kon konden zal zullen zou zouden moet moeten moest mag mogen doen doet deed gaat gaan ging
        waarbij waarin waardoor eigenlijk precies
        """.split()
    ),
    "en": frozenset(
        """
        the a an and or of in on to for with by at from as is was are were be been being it its this that
        these those they their them he she his her i you your we our us my me what who whom which when where
        how does do did has have had can could will would should may might must there than then so but if
        into about also exactly
        """.split()
    ),
}


def fold(text: str) -> str:
    """Small letters without accents, so that *financiële* and *financiele* are one word."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def find_words(text: str) -> Iterator[re.Match[str]]:
    """The words of a text where they stand; a word with hyphens is one."""
    return _WORD.finditer(text)


def replace_at(text: str, pieces: Mapping[int, tuple[int, str]]) -> str:
    """A text with others in the place of stretches of it, given by where those begin and end."""
    read_as, position = [], 0
    for start, (end, piece) in sorted(pieces.items()):
        read_as += [text[position:start], piece]
        position = end
    return "".join([*read_as, text[position:]])


def tokenize(text: str, language: str) -> list[str]:
    """The words of a text, in small letters, hyphens kept, the commonest words left out."""
    words = (match.group().casefold() for match in find_words(text))
    return [word for word in words if word not in STOPWORDS[language]]


@lru_cache(maxsize=65536)
def lemma(word: str, language: str) -> str:
    """The form under which a dictionary has a word, folded."""
    return fold(lemmatize(word, language)).replace("_", "")


@lru_cache(maxsize=65536)
def stem(word: str, language: str) -> str:
    """The stem of a word, folded."""
    return str(_stemmer(language).stemWord(fold(word)))


@lru_cache(maxsize=2)
def _stemmer(language: str) -> Any:
    return Stemmer.Stemmer(_STEMMERS[language], 0)


class Analyser:
    """Turns texts into terms.

    Args:
        vocabulary: The words of the indexed texts; beside the dictionary they are evidence for the parts of a
            compound (*citoscores* has *cito* in it because the texts write *cito-scores*).
    """

    def __init__(self, vocabulary: Iterable[str] = ()) -> None:
        self.vocabulary = frozenset(vocabulary)
        self._splits: dict[str, tuple[str, ...]] = {}

    @classmethod
    def of_texts(cls, texts: Iterable[tuple[str, str]]) -> Analyser:
        """An analyser that knows the words of some texts, each given with its language."""
        words = (word for text, language in texts for word in tokenize(text, language))
        return cls(part for word in words for part in word.split("-") if len(part) >= _PART_LENGTH)

    def split_compound(self, word: str) -> tuple[str, ...]:
        """The parts of a Dutch compound, or nothing when it is none.

        Of all cuts between two words, with or without a linking sound, the one whose shorter part is longest wins;
        the last part may be a compound itself.
        """
        known = self._splits.get(word)
        if known is None:
            # Threads share this: what another forgets meanwhile is still at hand here.
            if len(self._splits) > _CACHE_SIZE:
                self._splits.clear()
            known = self._splits[word] = self._split(word)
        return known

    def parts_of(self, word: str) -> tuple[str, ...]:
        """What a Dutch word is made of: the words between its hyphens, and the parts of those that are compounds."""
        return tuple(part for piece in word.split("-") if piece for part in (self.split_compound(piece) or (piece,)))

    def _split(self, word: str) -> tuple[str, ...]:
        best: tuple[int, str, str] | None = None
        for cut in range(_PART_LENGTH, len(word) - _PART_LENGTH + 1):
            head, tail = word[:cut], word[cut:]
            if not self._is_part(tail):
                continue
            for linker in _LINKERS:
                part = head[: len(head) - len(linker)] if head.endswith(linker) else ""
                if self._is_part(part):
                    candidate = (min(len(part), len(tail)), part, tail)
                    best = max(best, candidate) if best else candidate
        if best is None:
            return ()
        _, part, tail = best
        return (part, *(self._split(tail) or (tail,)))

    def _is_part(self, part: str) -> bool:
        if len(part) < _PART_LENGTH or part in NOT_PARTS:
            return False
        return part in self.vocabulary or in_dictionary(part)

    def terms(self, text: str, language: str) -> dict[str, list[str]]:
        """The terms of a text for each field.

        Args:
            text: The text.
            language: ``nl`` or ``en``.
        """
        terms: dict[str, list[str]] = {name: [] for name in FIELDS}
        for word in tokenize(text, language):
            whole = word.replace("-", "")
            terms["token"].append(fold(whole))
            terms["lemma"].append(lemma(whole, language))
            terms["stem"].append(stem(whole, language))
            parts = self.parts_of(word) if language == "nl" else filter(None, word.split("-"))
            terms["part"].extend(lemma(part, language) for part in parts)
        return terms


@dataclass(frozen=True, slots=True)
class _Postings:
    """Which texts have each term and what it is worth there, one term after another.

    Attributes:
        starts: Where those of each term begin, and where the last ends, int64 of shape ``(terms + 1,)``.
        texts: The numbers of the texts, int32 of shape ``(n,)``.
        scores: What the term adds to the score of each, float32 of shape ``(n,)``.
        best: The most that each term adds to any score, float32 of shape ``(terms,)``.
    """

    starts: NDArray[np.int64]
    texts: NDArray[np.int32]
    scores: NDArray[np.float32]
    best: NDArray[np.float32]


class WordIndex:
    """BM25 indexes over the same texts, one a field.

    Args:
        analyser: Turns texts into the terms of the index.
        size: How many texts there are.
        terms: The terms of each field. All of them, those of one field behind those of another, number the postings.
        postings: Which texts have them.

    Attributes:
        analyser: Turns texts into the terms of the index.
        size: How many texts there are.
    """

    def __init__(self, analyser: Analyser, size: int, terms: Mapping[str, Sequence[str]], postings: _Postings) -> None:
        self.analyser = analyser
        self.size = size
        self._postings = postings
        number = count()
        self._numbers = {name: {term: next(number) for term in its} for name, its in terms.items()}
        # A term that no text has counts like the rarest that one has.
        firsts = np.cumsum([0, *map(len, terms.values())])
        self._unknown = max(
            (
                float(postings.best[low:high].max(initial=0)) / FIELDS[name]
                for name, (low, high) in zip(terms, pairwise(firsts.tolist()), strict=True)
            ),
            default=0.0,
        )

    @classmethod
    def build(cls, texts: Sequence[tuple[str, str]]) -> WordIndex:
        """Index texts, each with its language.

        Args:
            texts: Pairs of text and language; their order numbers them.
        """
        analyser = Analyser.of_texts(texts)
        analysed = [analyser.terms(text, language) for text, language in texts]
        indexed = {name: _weigh([terms[name] for terms in analysed], weight) for name, weight in FIELDS.items()}
        stretches = [stretch for its in indexed.values() for stretch in its.values()]
        postings = _Postings(
            starts=np.cumsum([0, *(len(numbers) for numbers, _ in stretches)], dtype=np.int64),
            texts=np.concatenate([np.zeros(0, np.int32), *(numbers for numbers, _ in stretches)]),
            scores=np.concatenate([np.zeros(0, np.float32), *(scores for _, scores in stretches)]),
            best=np.array([scores.max(initial=0) for _, scores in stretches], np.float32),
        )
        return cls(analyser, len(texts), {name: tuple(its) for name, its in indexed.items()}, postings)

    def scores(self, question: str, language: str) -> NDArray[np.float32]:
        """How much of a question each text has, float32 of shape ``(size,)``, from 0 to 1.

        The BM25 score is divided by what a text would score that has every term of the question once, words that no
        text has included. So a text that shares one common word of five scores low, and 0 means that no word is shared.
        """
        postings = self._postings
        found: list[int] = []
        attainable = 0.0
        for name, terms in self.analyser.terms(question, language).items():
            known = self._numbers[name]
            for term in dict.fromkeys(terms):
                number = known.get(term)
                if number is None:
                    attainable += FIELDS[name] * self._unknown
                    continue
                attainable += float(postings.best[number])
                found.append(number)
        if not found:
            return np.zeros(self.size, np.float32)
        total = add_up(found, postings.starts, postings.texts, postings.scores, self.size)
        return np.minimum(total / attainable, 1.0).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write the index into a new folder."""
        folder.mkdir(parents=True)
        for field in fields(_Postings):
            np.save(folder / f"{field.name}.npy", getattr(self._postings, field.name))
        head = {
            "version": ANALYSIS_VERSION,
            "size": self.size,
            "vocabulary": sorted(self.analyser.vocabulary),
            "terms": {name: list(numbers) for name, numbers in self._numbers.items()},
        }
        (folder / _HEAD).write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> WordIndex:
        """Open an index that `save` wrote; the postings are mapped.

        Raises:
            ValueError: It was made by another version of the analysis.
        """
        head = json.loads((folder / _HEAD).read_text(encoding="utf-8"))
        if head["version"] != ANALYSIS_VERSION:
            raise ValueError(f"the words were analysed by version {head['version']}, not {ANALYSIS_VERSION}")
        postings = {field.name: map_array(folder / f"{field.name}.npy") for field in fields(_Postings)}
        return cls(Analyser(head["vocabulary"]), head["size"], head["terms"], _Postings(**postings))


def _weigh(texts: Sequence[Sequence[str]], weight: float) -> dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """For each term, in order, the texts that have it and what it is worth there times a weight."""
    # Serving does without it: with SciPy it takes a fifth of a second and 27 MB.
    import bm25s

    index = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
    # Of no texts at all bm25s cannot make an index: it gets one without a word, which no question finds.
    index.index([terms or [""] for terms in texts] or [[""]], show_progress=False)
    starts, numbers, scores = (index.scores[name] for name in ("indptr", "indices", "data"))
    stretches = {term: slice(*starts[column : column + 2]) for term, column in index.vocab_dict.items() if term}
    return {term: (numbers[its], weight * scores[its]) for term, its in sorted(stretches.items())}
