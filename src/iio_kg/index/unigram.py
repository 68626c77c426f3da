"""A unigram tokenizer that is small and quick to open: the ids of the `tokenizers` library without its trie.

The library takes three seconds and 290 MB to open the 250,037 pieces of XLM-R, for a search tree of its own; a
dictionary of the pieces takes a tenth of either. Normalising and cutting before the pieces are still the library's,
by the same tokenizer with its pieces taken out; only the search for the best pieces is done here (T. Kudo, "Subword
Regularization", 2018, section 3.2), step for step as the library does it. `iio_kg.index.export` compares the two
before this one is used.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

SKELETON_FILE = "tokenizer-skeleton.json"
PIECES_FILE = "pieces.txt"
SCORES_FILE = "scores.npy"
_SEPARATOR = "\0"
#: Stands for a blank, before a word.
_BLANK = "\u2581"
_WORD = re.compile(f"{_BLANK}?[^{_BLANK}]+|{_BLANK}")
#: Of how many words the pieces are kept.
_KEPT_WORDS = 50_000
#: How much less likely than the rarest piece an unknown character is, as in the library.
_UNKNOWN_PENALTY = 10.0


def write_unigram(tokenizer: dict[str, Any], folder: Path) -> bool:
    """Write the files of a `UnigramTokenizer`, where a tokenizer can be one.

    Args:
        tokenizer: The content of a ``tokenizer.json``.
        folder: Where to write.

    Returns:
        Whether it can: its model is a unigram without bytes, and no added token asks for what is not done here.
    """
    model = tokenizer["model"]
    added = tokenizer.get("added_tokens") or []
    special = all(not (token["normalized"] or token["single_word"] or token["rstrip"]) for token in added)
    if model.get("type") != "Unigram" or model.get("byte_fallback") or model.get("unk_id") is None or not special:
        return False
    pieces = [piece for piece, _ in model["vocab"]]
    if any(_SEPARATOR in piece for piece in pieces):
        return False
    unknown = pieces[model["unk_id"]]
    skeleton = tokenizer | {
        "truncation": None,
        "padding": None,
        "post_processor": None,
        "added_tokens": [],
        "model": model | {"vocab": [[unknown, 0.0]], "unk_id": 0},
        "iio_kg": {
            "unknown": model["unk_id"],
            "fuse": model.get("fuse_unk", True),
            # No piece goes on from one word into the next, so that each word can be cut by itself.
            "by_word": _BLANK in pieces and not any(_BLANK in piece[1:] for piece in pieces),
            "added": {token["content"]: {"id": token["id"], "lstrip": token["lstrip"]} for token in added},
        },
    }
    (folder / SKELETON_FILE).write_text(json.dumps(skeleton, ensure_ascii=False), encoding="utf-8")
    (folder / PIECES_FILE).write_text(_SEPARATOR.join(pieces), encoding="utf-8", newline="")
    np.save(folder / SCORES_FILE, np.array([score for _, score in model["vocab"]], np.float64))
    return True


class UnigramTokenizer:
    """Turns texts into ids; see the module.

    Args:
        folder: What `write_unigram` wrote.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        skeleton = json.loads((folder / SKELETON_FILE).read_text(encoding="utf-8"))
        own = skeleton.pop("iio_kg")
        library = Tokenizer.from_str(json.dumps(skeleton))
        self._normalizer = library.normalizer
        self._pre_tokenizer = library.pre_tokenizer
        pieces = (folder / PIECES_FILE).read_bytes().decode().split(_SEPARATOR)
        scores = np.load(folder / SCORES_FILE)
        self._ids = dict(zip(pieces, range(len(pieces)), strict=True))
        self._scores = memoryview(scores)
        self._longest = max(map(len, pieces))
        self._unknown: int = own["unknown"]
        self._unknown_score = float(scores.min()) - _UNKNOWN_PENALTY
        self._fuse: bool = own["fuse"]
        self._by_word: bool = own["by_word"]
        self._best = lru_cache(_KEPT_WORDS)(self._search)
        self._added: dict[str, int] = {content: token["id"] for content, token in own["added"].items()}
        patterns = [
            (r"\s*" if own["added"][content]["lstrip"] else "") + re.escape(content)
            for content in sorted(self._added, key=len, reverse=True)
        ]
        self._special = re.compile("(" + "|".join(patterns) + ")") if patterns else None

    def ids(self, text: str) -> list[int]:
        """The ids of a text, without those the model wants around it."""
        found: list[int] = []
        for number, part in enumerate(self._special.split(text) if self._special else [text]):
            if number % 2:
                found.append(self._added[part.lstrip() if part not in self._added else part])
            elif part:
                normalised = self._normalizer.normalize_str(part) if self._normalizer else part
                cut = self._pre_tokenizer.pre_tokenize_str(normalised) if self._pre_tokenizer else [(normalised, None)]
                for stretch, _ in cut:
                    for word in _WORD.findall(stretch) if self._by_word else (stretch,):
                        found += self._best(word)
        return found

    def _search(self, word: str) -> tuple[int, ...]:
        """The most likely sequence of pieces (Viterbi)."""
        size = len(word)
        ids, all_scores, longest = self._ids, self._scores, self._longest
        reached: list[float | None] = [None] * (size + 1)
        reached[0] = 0.0
        origin = [0] * (size + 1)
        by = [0] * (size + 1)
        for start in range(size):
            here = reached[start]
            if here is None:  # pragma: no cover - every position is reached, by an unknown character if need be
                continue
            single = False
            for end in range(start + 1, min(start + longest, size) + 1):
                piece = ids.get(word[start:end])
                if piece is None:
                    continue
                single = single or end == start + 1
                score = here + all_scores[piece]
                best = reached[end]
                if best is None or score > best:
                    reached[end], origin[end], by[end] = score, start, piece
            if not single:
                score = here + self._unknown_score
                best = reached[start + 1]
                if best is None or score > best:
                    reached[start + 1], origin[start + 1], by[start + 1] = score, start, self._unknown
        path: list[int] = []
        end = size
        while end > 0:
            if not (self._fuse and path and by[end] == self._unknown == path[-1]):
                path.append(by[end])
            end = origin[end]
        return tuple(reversed(path))
