"""From the lines a reader found to the canonical text, with a map back to the source.

Four things are mended and nothing else: words cut at a line end are rejoined, blanks inside a word are closed, runs
of white space are folded, and characters that are not seen (soft hyphens, marks of width zero) are left out. Spelling
is never touched: a quotation keeps the errors of its source.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Literal

from iio_kg.corpus.document import Block, BlockKind, OffsetMap, Run, Span
from iio_kg.corpus.lexicon import Lexicon, in_dictionary, is_spelt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Joint = Literal["join", "keep-hyphen", "keep-apart"]

#: Hyphen, Unicode hyphen and soft hyphen, written for a character class.
HYPHENS = r"\-\u2010\u00ad"
#: Prefixes that Dutch spelling always sets off with a hyphen.
HYPHEN_PREFIXES = frozenset({"ex", "oud", "niet", "non", "bijna", "quasi", "semi", "pseudo"})
#: Names of letters, which Dutch spelling sets off too; those without a vowel are known by that.
LETTER_WORDS = frozenset("vo po mbo hbo wo vwo vso vve so ict it ov ob ab tv pc cd dvd hr pr wc cao iq vmbo".split())
_VOWELS = frozenset("aeiouyáéíóúàèëïöüêîôû")
COORDINATORS = frozenset({"en", "of", "and", "or"})
#: Vowels that would be read as one sound if the hyphen between two parts of a compound were dropped.
VOWEL_CLASHES = frozenset({"aa", "ae", "ai", "au", "ee", "ei", "eu", "ie", "ii", "oe", "oi", "oo", "ou", "ui", "uu"})
_LINE_END_HYPHEN = re.compile(rf"(\S*[^\s{HYPHENS}])([ \t]*)[{HYPHENS}]$")
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")
_LAST_PART = re.compile(r"[^\W_]+$")
_INNER_BLANK = re.compile(r"(?<![\w-])([^\W\d_A-Z]{2,}) (?=([^\W\d_A-Z]{2,})(?![\w-]))")
_WHITE = re.compile(r"\s+")
_CELL_LINE = re.compile(r"[^\s](?:[^\n]*[^\s])?")
#: Soft hyphen, space and joiner of no width, marks of direction: not seen, and in the way of whoever searches. The two
#: joiners that shape Arabic letters and pictures are left where they do so.
_UNSEEN = re.compile(
    "(?:[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    "|(?<=[A-Za-zÀ-ɏ])[\u200c\u200d](?=[A-Za-zÀ-ɏ]))+"
)


@dataclass(frozen=True, slots=True)
class RawBlock:
    """A block as a reader found it: ranges of the source, one a line, that belong together.

    Attributes:
        kind: As in `Block`.
        lines: The lines, in reading order, without the white space around them; the cells, of a row.
        level: As in `Block`.
        number: The number of a numbered list item.
        prefix: How many code points of the first line are the number or bullet and not quotable.
        hidden: Ranges within the lines that are no part of the text: the marks that lead to notes.
    """

    kind: BlockKind
    lines: tuple[Span, ...]
    level: int = 0
    number: int | None = None
    prefix: int = 0
    hidden: tuple[Span, ...] = ()


def judge_line_end(left: str, right: str, lexicon: Lexicon, *, spaced: bool = False) -> Joint:
    """Decide what a hyphen at a line end was: a cut word, a true hyphen, or a dash.

    Args:
        left: What stands before the hyphen, back to the blank before it (``verantwoor``, ``peer-to-peer``).
        right: The letters that open the next line (``delijk``).
        lexicon: The evidence.
        spaced: Whether a blank stands between `left` and the hyphen.
    """
    last = _LAST_PART.search(left)
    if last is None or not right:
        return "keep-apart" if spaced else "keep-hyphen"
    part = last.group()
    as_one = lexicon.knows(part + right)
    if not spaced and right.casefold() in COORDINATORS and not (as_one and lexicon.is_fragment(part)):
        return "keep-apart"
    if spaced:
        found = as_one or lexicon.is_fragment(part) or lexicon.is_fragment(right)
        return "join" if found and part.casefold() not in HYPHEN_PREFIXES else "keep-apart"
    # What the document itself does elsewhere outweighs any dictionary, and that any rule.
    elsewhere = lexicon.compare(part, right)
    if elsewhere:
        return "join" if elsewhere > 0 else "keep-hyphen"
    is_whole = not (lexicon.is_fragment(part) or lexicon.is_fragment(right))
    if 1 in (len(part), len(right)) or (is_whole and not lexicon.cuts_words and not as_one):
        return "keep-hyphen"
    if as_one and not (part.casefold() in HYPHEN_PREFIXES and in_dictionary(f"{part}-{right}".casefold())):
        return "join"
    return "keep-hyphen" if _keeps_hyphen(left, part, right, lexicon) else "join"


def _keeps_hyphen(left: str, part: str, right: str, lexicon: Lexicon) -> bool:
    """Whether the hyphen belongs to a word that neither the document nor a dictionary has."""
    small = part.casefold()
    is_code = not part.isalpha() or not (part[1:] + right).islower()
    if is_code or _is_letter_word(small) or in_dictionary(f"{part}-{right}".casefold()):
        return True
    if lexicon.prefers_hyphen(part):
        return True
    in_chain = "-" in left and not lexicon.is_fragment(part)
    if in_chain or lexicon.is_fragment(part) or lexicon.is_fragment(right):
        return in_chain
    clashes = small[-1] + right[0].casefold() in VOWEL_CLASHES
    return clashes or small in HYPHEN_PREFIXES or lexicon.is_english


def _is_letter_word(part: str) -> bool:
    """Whether a part is spelled letter by letter: *vmbo*, *ICT*, *mbo*."""
    return part in LETTER_WORDS or _VOWELS.isdisjoint(part)


def find_inner_blanks(line: str, lexicon: Lexicon, joins: Sequence[str] = ()) -> Iterator[int]:
    """Yield the offsets of blanks that stand inside a word.

    A blank is closed on strong evidence only: the two halves together are a word and at least one of them alone
    is not, or the maintainer named the place in ``joins``. Two words that belong in one (*wiskunde leraren*) are left.
    """
    for match in _INNER_BLANK.finditer(line):
        left, right = match.groups()
        named = f"{left} {right}" in joins
        halves = lexicon.blanks_break_words and (lexicon.is_fragment(left) or lexicon.is_fragment(right))
        torn = halves and lexicon.knows(left + right) and not (is_spelt(left.casefold()) and is_spelt(right.casefold()))
        if named or torn:
            yield match.end(1)


class TextBuilder:
    """Writes canonical text and remembers where each character came from."""

    def __init__(self, source: str, hidden: Sequence[Span] = ()) -> None:
        self._source = source
        self._hidden = hidden
        self._parts: list[str] = []
        self._runs: list[Run] = []
        self.length = 0

    def copy(self, start: int, end: int) -> None:
        """Take a stretch of the source over, letter for letter, but for what is hidden."""
        for span in self._hidden[bisect_right(self._hidden, start, key=lambda span: span.end) :]:
            if span.start >= end:
                break
            self._copy_whole(start, span.start)
            start = span.end
        self._copy_whole(start, end)

    def _copy_whole(self, start: int, end: int) -> None:
        if end > start:
            self._append(self._source[start:end], start, end - start)

    def put(self, text: str, start: int, end: int) -> None:
        """Write `text` in the place of a stretch of the source (a blank for a line break)."""
        self._append(text, start, end - start)

    def _append(self, text: str, start: int, source_length: int) -> None:
        self._parts.append(text)
        self._runs.append(Run(self.length, len(text), start, source_length))
        self.length += len(text)

    def finish(self) -> tuple[str, OffsetMap]:
        """The text and its map."""
        return "".join(self._parts), OffsetMap.from_runs(self._runs)


def build_text(
    source: str, raw_blocks: Sequence[RawBlock], joins: Sequence[str] = (), *, typed: bool = False
) -> tuple[str, OffsetMap, tuple[Block, ...]]:
    """Write the canonical text of a document from the blocks that a reader found in its source.

    Args:
        source: The text as it was extracted.
        raw_blocks: The blocks in reading order.
        joins: Places named by the maintainer where a blank stands inside a word.
        typed: Whether all other blanks stand where somebody put them.

    Returns:
        The canonical text, its map to the source, and the blocks with their ranges in the text.
    """
    lexicon = Lexicon(
        (source[line.start : line.end] for block in raw_blocks for line in block.lines),
        [halves for block in raw_blocks for halves in _line_ends(source, block)],
        typed=typed,
    )
    builder = TextBuilder(source, sorted(span for block in raw_blocks for span in block.hidden))
    blocks: list[Block] = []
    previous_end = 0
    for raw in raw_blocks:
        first = raw.lines[0].start
        if blocks:
            follows_row = raw.kind == blocks[-1].kind == "row"
            builder.put("\n" if follows_row else "\n\n", min(previous_end, first), first)
        start = builder.length
        body = start
        if raw.kind == "row":
            _write_row(builder, source, raw.lines, lexicon, joins)
        for i, line in enumerate(raw.lines if raw.kind != "row" else ()):
            prefix = raw.prefix if i == 0 else 0
            if prefix:
                builder.copy(line.start, line.start + prefix)
                body = builder.length
            following = raw.lines[i + 1] if i + 1 < len(raw.lines) else None
            _write_line(builder, source, Span(line.start + prefix, line.end), following, lexicon, joins)
        blocks.append(Block(raw.kind, Span(start, builder.length), Span(body, builder.length), raw.level, raw.number))
        previous_end = raw.lines[-1].end
    text, offsets = builder.finish()
    return text, offsets, tuple(blocks)


def _line_ends(source: str, block: RawBlock) -> Iterator[tuple[str, str]]:
    """What stands before and after each hyphen at the end of a line."""
    for line, following in pairwise(block.lines if block.kind != "row" else ()):
        hyphen = _LINE_END_HYPHEN.search(source, line.start, line.end)
        last = _LAST_PART.search(hyphen.group(1)) if hyphen else None
        opening = _FIRST_LETTERS.match(source, following.start, following.end)
        if last and opening:
            yield last.group(), opening.group()


def _write_line(
    builder: TextBuilder,
    source: str,
    line: Span,
    following: Span | None,
    lexicon: Lexicon,
    joins: Sequence[str],
) -> None:
    """Write one line and the joint that leads to the next."""
    end, joint, gap_start = line.end, " ", line.end
    if following is not None:
        hyphen = _LINE_END_HYPHEN.search(source, line.start, line.end)
        if hyphen is not None:
            opening = _FIRST_LETTERS.match(source, following.start, following.end)
            verdict: Joint = "join"
            # A soft hyphen shows at the end of a line only, and is never a letter of the word.
            if source[line.end - 1] != "\u00ad" or hyphen.group(2):
                verdict = judge_line_end(
                    hyphen.group(1), opening.group() if opening else "", lexicon, spaced=bool(hyphen.group(2))
                )
            if verdict == "join":
                end, joint = hyphen.end(1), ""
            elif verdict == "keep-hyphen":
                joint = ""
    _write_words(builder, source, Span(line.start, end), line.end, lexicon, joins)
    if following is not None and joint:
        builder.put(joint, gap_start, following.start)


def _write_row(
    builder: TextBuilder, source: str, cells: Sequence[Span], lexicon: Lexicon, joins: Sequence[str]
) -> None:
    """Write the cells of a row with a tab between two of them."""
    for i, cell in enumerate(cells):
        if i:
            builder.put("\t", cells[i - 1].end, max(cells[i - 1].end, cell.start))
        lines = [Span(*match.span()) for match in _CELL_LINE.finditer(source, cell.start, cell.end)]
        for line, following in zip_longest(lines, lines[1:]):
            _write_line(builder, source, line, following, lexicon, joins)


def _write_words(
    builder: TextBuilder, source: str, span: Span, line_end: int, lexicon: Lexicon, joins: Sequence[str]
) -> None:
    """Write the words of a line, folding white space and closing blanks inside words."""
    # The hyphen of a word cut at the end is looked at too: half a word is no evidence.
    closed = {span.start + offset for offset in find_inner_blanks(source[span.start : line_end], lexicon, joins)}
    position = span.start
    for white in _WHITE.finditer(source, span.start, span.end):
        _copy_seen(builder, source, position, white.start())
        if white.start() not in closed:
            builder.put(" ", white.start(), white.end())
        position = white.end()
    _copy_seen(builder, source, position, span.end)


def _copy_seen(builder: TextBuilder, source: str, start: int, end: int) -> None:
    """Copy a stretch without the characters that are not seen."""
    for unseen in _UNSEEN.finditer(source, start, end):
        builder.copy(start, unseen.start())
        start = unseen.end()
    builder.copy(start, end)
