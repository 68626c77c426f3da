"""What a sentence says of an effect: its direction, its figures, its reservations, and what it compares with.

By words and their order alone, Dutch and English. What is not certain is left out: a candidate is read by a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from iio_kg.corpus.document import Span

if TYPE_CHECKING:
    from iio_kg.graph.claims import Direction


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as a sentence gives it: `number`, or `low` and `high`; `unit` as in `graph.claims.UNITS`."""

    number: float | None
    low: float | None
    high: float | None
    unit: str


#: A word for a change: a verb stands anywhere in its clause, a comparative beside what it is of, a noun names a change.
CueKind = Literal["verb", "comparative", "noun"]


@dataclass(frozen=True, slots=True)
class _Cue:
    span: Span
    direction: Direction
    kind: CueKind
    judges: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The direction that a sentence gives an outcome, in which word, and how near: 1 where it stands beside it."""

    direction: Direction
    word: str
    near: float


def _words(text: str) -> str:
    return "|".join(text.split())


_UP_VERBS = _words(
    """stijgt stijgen steeg stegen gestegen stijgende toegenomen toenam toenamen toeneemt toenemen groeit groeien
    groeide groeiden gegroeid verhoogt verhogen verhoogde verhoogden verhoogd vergroot vergroten vergrootte
    ontstaat ontstond rose rises risen increases increased grew grows grown raised raises"""
)
_DOWN_VERBS = _words(
    """daalt dalen daalde daalden gedaald dalende afgenomen afnam afnamen afneemt afnemen vermindert verminderen
    verminderde verminderden verminderd verlaagt verlagen verlaagde verlaagd halveert halveerde halveerden gehalveerd
    teruggelopen fell falls fallen drops dropped declines declined decreases decreased reduces reduced"""
)
_BETTER_VERBS = _words(
    """verbetert verbeteren verbeterde verbeterden verbeterd vooruitgegaan vooruitging improves improved"""
)
_WORSE_VERBS = _words(
    """verslechtert verslechteren verslechterde verslechterden verslechterd achteruitgegaan achteruitging
    deteriorates deteriorated worsened"""
)
_UP_COMPARATIVES = _words(
    r"""hogere? grotere? tevredener(?:e)? efficiënter efficiëntere gemotiveerder(?:e)? enthousiaster(?:e)? vaker meer
    higher larger more"""
)
_DOWN_COMPARATIVES = _words("lagere? kleinere? minder lower smaller less fewer")
_BETTER_COMPARATIVES = _words("betere? sterkere? better stronger")
_WORSE_COMPARATIVES = _words("slechtere? zwakkere? worse weaker")
_UP_NOUNS = r"\w*(?:stijging|toename|winst|verhoging|groei)(?:en)?|increase|rise|gain|gains|growth|voorsprong"
_DOWN_NOUNS = r"\w*(?:daling|afname|vermindering|verlaging)(?:en)?|decrease|decline|drop|reduction"
_BETTER_NOUNS = r"\w*verbetering(?:en)?|vooruitgang|improvements?|positieve?\s+effect(?:en)?|positive\s+effects?"
_WORSE_NOUNS = r"\w*verslechtering|achteruitgang|negatieve?\s+effect(?:en)?|negative\s+effects?"
#: Verbs in two parts, in a main clause: "nam … toe", "ging … vooruit".
_PARTED: tuple[tuple[str, Direction, bool], ...] = (
    (r"\b(?:neemt|nemen|nam|namen)\b(?=[^.;]*?\btoe\b)", "increase", False),
    (r"\b(?:neemt|nemen|nam|namen)\b(?=[^.;]*?\baf\b)", "decrease", False),
    (r"\b(?:loopt|lopen|liep|liepen)\b(?=[^.;]*?\bterug\b)", "decrease", False),
    (r"\b(?:gaat|gaan|ging|gingen)\b(?=[^.;]*?\bvooruit\b)", "increase", True),
    (r"\b(?:gaat|gaan|ging|gingen)\b(?=[^.;]*?\bachteruit\b)", "decrease", True),
    (r"\bwent\s+up\b", "increase", False),
    (r"\bwent\s+down\b", "decrease", False),
)


def _compile(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)


#: Each with its direction, its kind, and whether it says that things got better or worse rather than more or less.
_CUES: tuple[tuple[re.Pattern[str], Direction, CueKind, bool], ...] = (
    (_compile(_UP_VERBS), "increase", "verb", False),
    (_compile(_DOWN_VERBS), "decrease", "verb", False),
    (_compile(_BETTER_VERBS), "increase", "verb", True),
    (_compile(_WORSE_VERBS), "decrease", "verb", True),
    (_compile(_UP_COMPARATIVES), "increase", "comparative", False),
    (_compile(_DOWN_COMPARATIVES), "decrease", "comparative", False),
    (_compile(_BETTER_COMPARATIVES), "increase", "comparative", True),
    (_compile(_WORSE_COMPARATIVES), "decrease", "comparative", True),
    (_compile(_UP_NOUNS), "increase", "noun", False),
    (_compile(_DOWN_NOUNS), "decrease", "noun", False),
    (_compile(_BETTER_NOUNS), "increase", "noun", True),
    (_compile(_WORSE_NOUNS), "decrease", "noun", True),
    *((re.compile(words, re.IGNORECASE), d, "verb", judges) for words, d, judges in _PARTED),
)
_UNCHANGED = re.compile(
    r"""\b(?:
      (?:blij(?:ft|ven)|bleef|bleven|is|zijn|was|waren)\b[^.;,]{0,60}?\b(?:gelijk|stabiel|constant|hetzelfde)\b(?!\s+aan)
    | (?:gelijk|stabiel|constant|hetzelfde)\s+(?:gebleven|blij(?:ft|ven)|bleef|bleven)
    | (?:blij(?:ft|ven)|bleef|bleven)\b[^.;,]{0,60}?\b(?:op\s+peil|overeind)
    | (?:op\s+peil|overeind)\s+(?:gebleven|bleef|bleven|blijft)
    | ongewijzigd | onveranderd | niet\s+veranderd | unchanged
    | (?:geen|no)\s+(?:\w+\s+){0,3}?(?:verschil(?:len)?|effect(?:en|s)?|invloed
        |verandering(?:en)?|changes?|differences?)
    | (?:stayed|stays|remained|remains)\s+(?:\w+\s+){0,2}?(?:the\s+same|stable|level)
    | did\s+not\s+change | held\s+up
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT = re.compile(r"\b(?:niet(?!\s+alleen)|nooit|nergens|not(?!\s+only)|never)\b", re.IGNORECASE)
_NONE = re.compile(r"\b(?:geen|zonder|nauwelijks|nergens|no|without|hardly|neither)\s+(?:\S+\s+){0,3}$", re.IGNORECASE)
_JUST_NOT = re.compile(r"\b(?:niet|not)\s+(?:\S+\s+){0,2}$", re.IGNORECASE)
_NOT_FOUND = re.compile(
    r"\b(?:niet\s+(?:gevonden|gebleken|vastgesteld|aangetoond|waargenomen|zichtbaar)|not\s+(?:found|seen|shown))\b",
    re.IGNORECASE,
)
#: "eerder minder dan meer werkdruk": the second of the two is denied.
_RATHER = re.compile(
    r"\b(?:minder|lagere?|less|lower)\s+(?:dan|than)\s+(?:meer|hogere?|more|higher)\b"
    r"|\b(?:meer|hogere?|more|higher)\s+(?:dan|than)\s+(?:minder|lagere?|less|lower)\b",
    re.IGNORECASE,
)
#: Comparatives that are as often of a number of other things as of the outcome.
_COUNTS = re.compile(r"(?:meer|minder|more|less|fewer)\b", re.IGNORECASE)
_BOUNDARY = re.compile(
    r"[;]|,?\s+\b(?:maar|terwijl|hoewel|but|while|whereas)\b|,\s+(?:en\s+)?(?=(?:dat|waardoor|zodat|al)\b)|,\s+zonder\s+dat\b",
    re.IGNORECASE,
)
#: What is wanted, expected, required, asked or measured at the start is no finding.
_NO_FINDING = re.compile(
    r"""\?\s*$ | \b(?:
      (?:hoofd)?doel(?:en|stelling(?:en)?)?\b | beoog\w* | streef\w* | mikt\w*
    | streven | bedoel\w* | voorwaarde\b | als\s+grens
    | moe(?:t|ten|st|sten)\b | mag\b | mogen\b | mocht(?:en)?\b | wil(?:len)?\b | wilde(?:n)?\b | hoop\w* | hopen\b
    | verwacht\w* | hypothes\w* | oorzaak\b | de\s+naam\b | nulmeting | beginmeting | voormeting | bij\s+de\s+start
    | (?:vraag|hoofdvraag|onderzoeksvraag|vroeg|vroegen|onderzocht|onderzoekt|onderzoeken|nagegaan|toets\w*)\b
      [^.;]*?\bof\b
    | om\b[^.,;]*\bte\s+(?:ver\w+en|opvoeren)
    | aim(?:s|ed)?\b | goal\b | intended\b | expect\w* | hope[sd]?\b | should\b | must\b | whether\b | hypothes\w*
    | in\s+order\s+to | designed\s+to | baseline
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_EFFECT = re.compile(
    r"\b(?:effect(?:en|s)?\s+(?:op|heeft|hebben|had|on|of)|verschil(?:len)?|impact|difference)\b", re.IGNORECASE
)
_HEDGE = re.compile(
    r"""\b(?:gemiddeld | ongeveer | circa | bijna | ruim | tot\s+wel | zo’n | kan | kunnen | zou | zouden | lijkt
    | lijken | mogelijk | waarschijnlijk | enigszins | licht | vooral | on\s+average | about | approximately | nearly
    | up\s+to | may | might | can | could | likely)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_COMPARATOR = re.compile(
    r"""\b(?:ten\s+opzichte\s+van | t\.o\.v\. | vergeleken\s+met | in\s+vergelijking\s+(?:met|tot) | tegenover
    | dan\s+(?=(?:op|bij|in|hun|de)\b)
    | compared\s+(?:to|with) | relative\s+to | than\s+(?=(?:at|in|their|the)\b))
    [^.,;:()]*""",
    re.IGNORECASE | re.VERBOSE,
)


def clause_at(sentence: str, place: Span) -> Span:
    """The clause of a sentence in which a range stands: a sentence with "maar" says one thing before and one after."""
    edges = [0, *(match.end() for match in _BOUNDARY.finditer(sentence)), len(sentence)]
    start = max(edge for edge in edges[:-1] if edge <= place.start)
    return Span(start, min((edge for edge in edges if edge >= place.end and edge > start), default=start))


def is_finding(text: str) -> bool:
    """Whether a clause can be a finding: it is no aim, duty, expectation, question or state at the start."""
    return _NO_FINDING.search(text) is None


def speaks_of_effect(text: str) -> bool:
    """Whether a clause speaks of an effect or a difference without saying which way it goes."""
    return _EFFECT.search(text) is not None


def read_direction(sentence: str, outcome: Span, *, unwanted: bool) -> Reading | None:
    """What a sentence says happened to an outcome.

    Args:
        sentence: The sentence.
        outcome: Where the outcome is named in it.
        unwanted: Whether more of the outcome is worse (workload), so that "better" means less of it.

    Returns:
        The direction, or None where no word for a change belongs to the outcome.
    """
    clause = clause_at(sentence, outcome)
    text = sentence[clause.start : clause.end]
    place = Span(outcome.start - clause.start, outcome.end - clause.start)
    same = _UNCHANGED.search(text)
    if same:
        return Reading("unchanged", same.group(), 1.0)
    cues = [(distance, cue) for cue in _cues(text) if (distance := _distance(text, cue, place)) is not None]
    if not cues:
        return None
    distance, cue = min(cues, key=lambda pair: (pair[0], pair[1].span))
    word, near = text[slice(*cue.span)], max(1.0 - 0.04 * distance, 0.7)
    if _denied(text, cue):
        return Reading("unchanged", word, near)
    if cue.judges and unwanted:
        return Reading("decrease" if cue.direction == "increase" else "increase", word, near)
    return Reading(cue.direction, word, near)


def _cues(text: str) -> list[_Cue]:
    rather = [match.span() for match in _RATHER.finditer(text)]
    cues = []
    for pattern, direction, kind, judges in _CUES:
        for match in pattern.finditer(text):
            span = Span(*match.span())
            # Of "minder dan meer" the first counts, and stands where both stand.
            pair = next((Span(*both) for both in rather if Span(*both).overlap(span)), span)
            if span.start == pair.start:
                cues.append(_Cue(pair, direction, kind, judges))
    return cues


def _distance(text: str, cue: _Cue, outcome: Span) -> int | None:
    """How many words stand between a word for a change and an outcome; None where it is of something else."""
    if cue.span.overlap(outcome):
        return 0
    after = cue.span.end <= outcome.start
    between = text[cue.span.end : outcome.start] if after else text[outcome.end : cue.span.start]
    words = len(re.findall(r"\w+", between))
    if cue.kind != "comparative":
        return words
    if after:
        # "hogere citoscores", "meer en betere resultaten"; but "meer leerlingen … werkdruk" is of the pupils.
        return words if words <= (1 if _COUNTS.match(text[slice(*cue.span)]) else 3) else None
    follows = text[cue.span.end :].lstrip()
    # "liggen hoger dan", "werd minder": nothing follows that it could belong to.
    ends = not follows or bool(re.match(r"[.,;:!)]|(?:dan|than|wanneer|als|bij|en|werden|werd|when|and)\b", follows))
    return words + 1 if ends or not _COUNTS.match(text[slice(*cue.span)]) else None


def _denied(text: str, cue: _Cue) -> bool:
    """Whether a word for a change is denied: "geen hogere", "niet lager"; and a verb by "niet" anywhere beside it."""
    before = text[: cue.span.start]
    if _NONE.search(before) or _JUST_NOT.search(before) or _NOT_FOUND.search(text):
        return True
    return cue.kind != "comparative" and _NOT.search(text) is not None


_NUMBER_WORDS = {
    "een": 1, "één": 1, "anderhalf": 1.5, "anderhalve": 1.5, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6,
    "zeven": 7, "acht": 8, "negen": 9, "tien": 10, "elf": 11, "twaalf": 12, "vijftien": 15, "twintig": 20,
    "dertig": 30, "veertig": 40, "vijftig": 50, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_NUMBER = rf"(?:\d{{1,3}}(?:[.,]\d{{1,3}})?|{'|'.join(_NUMBER_WORDS)})"
_UNIT = (
    r"(?P<unit>%-?\s?punt(?:en)?|procentpunt(?:en)?|percentage\s+points?|procent|per\s?cent|%"
    r"|maand(?:en)?|months?|standaarddeviaties?|standaardafwijking(?:en)?|standard\s+deviations?|SD)(?![\w-])"
)
_FIGURE = re.compile(
    rf"(?<![\w.,/-])(?P<first>{_NUMBER})"
    rf"(?:\s*(?:%|procent|percent)?\s*(?:-|–|à|tot|to|en|and)\s*(?P<second>{_NUMBER}))?\s*{_UNIT}",
    re.IGNORECASE,
)
#: What stands before a figure that is no effect: a level of significance, a span of time, a change from one level.
_NO_FIGURE_BEFORE = re.compile(
    r"(?:\b(?:significant\w*\s+(?:op|at)|p\s*<|gedurende|na|in|binnen|elke|per|sinds|afgelopen|eerste|van|naar|during|after|"
    r"within|every|from)\s*(?:het|de|een|the|a)?\s*)$",
    re.IGNORECASE,
)
#: What stands after one: a share of people or things, a level of confidence, a duration.
_NO_FIGURE_AFTER = re.compile(
    r"-?\s*(?:(?:van|of)\s+(?:de|het|alle|onze|hen|the|all|them)\b|(?:van|of)\s+\w+en\b|-?\s?(?:niveau|betrouwbaarheid|interval|level)"
    r"|confidence|\)|lang\b|long\b|later\b|in\s+het\b|ervaart\b|subsidie\b)",
    re.IGNORECASE,
)
_LEARNING = re.compile(
    r"\b(?:voorsprong|achterstand|leerwinst|vooruit|verder|achter|ahead|behind|progress)\b", re.IGNORECASE
)
_FROM_TO = re.compile(
    rf"\b(?:van|from)\s+(?:{_NUMBER})\s*(?:%|procent|percent)?\s+(?:naar|to)\s+(?:{_NUMBER})", re.IGNORECASE
)


def read_figures(text: str) -> tuple[Figure, ...]:
    """The figures of a clause that can be the size of an effect, in their order.

    Years, pages, counts, shares ("40% van de leraren"), levels of significance and changes from one level to another
    are none.
    """
    levels = [Span(*match.span()) for match in _FROM_TO.finditer(text)]
    figures = []
    for match in _FIGURE.finditer(text):
        unit = _unit(match["unit"])
        here = Span(*match.span())
        if any(level.overlap(here) for level in levels):
            continue
        if _NO_FIGURE_BEFORE.search(text[: here.start]) and not _is_range_of(text, match):
            continue
        if _NO_FIGURE_AFTER.match(text[here.end :]) or (unit == "months" and not _LEARNING.search(text)):
            continue
        first = _value(match["first"])
        second = _value(match["second"]) if match["second"] else None
        if second is None:
            figures.append(Figure(first, None, None, unit))
        elif first < second:
            figures.append(Figure(None, first, second, unit))
    return tuple(figures)


def _is_range_of(text: str, match: re.Match[str]) -> bool:
    """Whether "van" before a figure opens the size of something: "een hogere tevredenheid van gemiddeld 4%"."""
    return match["second"] is not None or text[: match.start()].rstrip().lower().endswith("voorsprong van")


def _unit(text: str) -> str:
    low = text.lower()
    if "punt" in low or "point" in low:
        return "percentage point"
    if low.startswith(("maand", "month")):
        return "months"
    return "percent" if low.startswith(("%", "pro", "per")) else "standard deviations"


def _value(text: str) -> float:
    return float(_NUMBER_WORDS.get(text.lower()) or text.replace(",", "."))


def read_hedges(text: str) -> tuple[str, ...]:
    """The reservations of a clause in its own words: "gemiddeld", "ongeveer", "kan"."""
    return tuple(dict.fromkeys(" ".join(match.group().split()).lower() for match in _HEDGE.finditer(text)))


def read_comparator(text: str) -> str:
    """What a sentence compares with, in its own words, without the verb at its end; "" where it does not say."""
    match = _COMPARATOR.search(text)
    if match is None:
        return ""
    said = match.group()
    cut = min((cue.span.start for cue in _cues(said) if cue.kind == "verb"), default=len(said))
    return " ".join(said[:cut].split())
