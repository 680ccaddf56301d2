"""Cut a text into blocks of prose and these into sentences, without losing a character.

All spans are sorted, disjoint, not empty, and neither start nor end with white space; every other
character lies in exactly one span. A byte order mark counts as white space here. All functions take
time linear in the length of the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from mtfix.types import Span

_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_WORD = re.compile(r"[^\s\ufeff]+")

# Columns of hard-wrapped text. Narrower is verse or a list, wider is one paragraph a line.
_NARROWEST, _WIDEST = 40, 100
_ITEM = re.compile(r"[-*+•–—#>|]|\(?\w{1,3}[.)]\s")

_STOPS = ".!?…"
_CLOSERS = "\"'”’»)]}*_"
_OPENERS = "\"'“‘«([{*_¿¡"
_LAST = frozenset(_STOPS + _CLOSERS)
_NOTE_MARKS = re.compile(r"(?:\[\d{1,3}\])+$")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})")
_ACRONYM = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MONTHS = _set(
    "January February March April May June July August September October November December "
    "Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec"
)
# What follows "5 p.m." inside a sentence.
_AFTER_TIME = _MONTHS | _set(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday GMT UTC EST EDT CST CDT MST MDT PST PDT CET BST IST"
)
# Never the last word of a sentence.
_TITLES = _set(
    "mr mrs ms mx messrs dr prof gen maj col lt sgt cpl capt cmdr adm brig rep reps sen sens gov pres rev hon st mt "
    "supt insp atty fr v vs cf ca approx viz fig figs eq eqs ch vol vols p pp ed eds trans incl esp resp al"
)
# The last word unless a number follows.
_BEFORE_NUMBER = _set("no nos art arts op tel ext")
# The last word only if the next one is a capitalised word that starts sentences.
_ABBREVIATIONS = _set(
    "inc co corp ltd llc plc bros jr sr dept univ assn ave blvd rd est misc sec ft jan feb mar apr jun jul aug sept "
    "sep oct nov dec mon tue tues wed thu thurs fri sat ala ariz ark calif colo conn del fla ga ill ind kan ky la md "
    "mass mich minn miss mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo ph.d e.g i.e"
)
# Of these, words of their own unless they are capitalised.
_WORDS_TOO = _set("ark co ill mar mass miss ore sat sun wash wed")
_STARTERS = _set(
    "The An A He She It They We You I This That These Those There Here In On At By For From To With But And Or So Yet "
    "If When While Where Although Though As After Before Since Because During Until However Meanwhile Also Then Now No "
    "Not His Her Their Its Our My Your What Who Why How Which Some Many Most All Both Each One Two Several Another "
    "Other According Later Earlier Only Even Under Over Among Despite Once Still"
)


def blocks(text: str) -> list[Span]:
    """Runs of prose: one span for every line, or for every hard-wrapped paragraph.

    Lines without a blank one between them count as wrapped when the widest has 40 to 100 columns and
    somewhere a line without a final stop is followed by one in lower case. Then a line goes on in the
    next one if the first word of that would not have fitted (with a tenth of the width as slack),
    unless it starts a list item.
    """
    found: list[Span] = []
    run: list[Span] = []
    for line in _lines(text):
        if line.start < line.end:
            run.append(line)
        elif run:
            found += _joined(text, run)
            run = []
    return found + list(_joined(text, run))


def sentences(text: str, *, max_words: int = 80) -> list[Span]:
    """The sentences of every block; those over `max_words` (white-space words) are cut at white space.

    Raises ValueError when `max_words` is under 1.
    """
    if max_words < 1:
        raise ValueError(f"max_words must be at least 1, not {max_words}")
    found: list[Span] = []
    for block in blocks(text):
        sentence: list[Span] = []
        tokens = [Span(*match.span()) for match in _WORD.finditer(text, block.start, block.end)]
        for index, token in enumerate(tokens):
            sentence.append(token)
            if index + 1 == len(tokens) or (
                text[token.end - 1] in _LAST and _ends(text, token, tokens[index + 1], first=len(sentence) == 1)
            ):
                found += _cut(text, sentence, max_words)
                sentence = []
    return found


def _lines(text: str) -> Iterator[Span]:
    """Every line without the white space around it; a blank line is an empty span."""
    start = 0
    for end, following in [*((match.start(), match.end()) for match in _LINE_END.finditer(text)), (len(text), 0)]:
        last = end
        while last > start and (text[last - 1].isspace() or text[last - 1] == "\ufeff"):
            last -= 1
        first = _WORD.search(text, start, last)
        yield Span(first.start(), last) if first else Span(start, start)
        start = following


def _joined(text: str, run: list[Span]) -> Iterator[Span]:
    """The lines of `run`, with those that are one hard-wrapped paragraph made one span."""
    width = max((line.end - line.start for line in run), default=0)
    if not _NARROWEST <= width <= _WIDEST or not any(
        text[after.start].islower() and text[before.end - 1] not in _LAST for before, after in pairwise(run)
    ):
        yield from run
        return
    start = run[0].start
    for before, after in pairwise(run):
        word = _WORD.match(text, after.start, after.end)
        reach = before.end - before.start + 1 + (len(word.group()) if word else 0)
        if reach <= 0.9 * width or _ITEM.match(text, after.start, after.end):
            yield Span(start, before.end)
            start = after.start
    yield Span(start, run[-1].end)


def _ends(text: str, token: Span, following: Span, *, first: bool) -> bool:
    """Whether a sentence ends after `token`. `first`: it is the only word of its sentence so far.

    Looks at 40 characters on either side at most, which keeps endless words cheap.
    """
    tail = _NOTE_MARKS.sub("", text[max(token.start, token.end - 40) : token.end])
    core = tail.rstrip(_CLOSERS)
    head = text[following.start : min(following.end, following.start + 40)].lstrip(_OPENERS)
    if not core or core[-1] not in _STOPS or not head or head[0] in "-–—":
        return False
    lower = head[0].islower()
    if core[-1] in "!?":
        return not lower
    stem = re.split(r"[-—–(/\[]", core.rstrip(_STOPS).lstrip(_OPENERS))[-1].lstrip(_OPENERS)
    if core.endswith(("..", "…")):
        return bool(stem) and not lower
    if first and _ENUMERATOR.fullmatch(core[:-1]):
        return False
    key = stem.lower()
    if lower:
        # a start that lost its capital, as spun text has it: believed only after an ordinary word
        return core == tail and len(stem) > 3 and stem.isalpha() and stem.islower() and not _is_abbreviation(stem)
    start = re.split(r"[,;:'’]", head, maxsplit=1)[0]
    if key in _TITLES:
        return False
    if key in _BEFORE_NUMBER:
        return not head[0].isdecimal()
    if key in ("a.m", "p.m"):
        return start.rstrip(".") not in _AFTER_TIME
    if stem.isdecimal() and len(stem) < 3 and start.rstrip(".") in _MONTHS:
        return False  # "on 17. June"
    if (len(stem) == 1 and stem.isupper()) or _ACRONYM.fullmatch(stem) or _shortens(stem):
        return start in _STARTERS
    return True


def _is_abbreviation(stem: str) -> bool:
    return stem.lower() in _TITLES or stem.lower() in _BEFORE_NUMBER or _shortens(stem)


def _shortens(stem: str) -> bool:
    return stem.lower() in _ABBREVIATIONS and stem not in _WORDS_TOO


def _cut(text: str, sentence: list[Span], max_words: int) -> Iterator[Span]:
    """`sentence` in pieces of at most `max_words` words, after a comma or the like in the second half if any."""
    start = 0
    while len(sentence) - start > max_words:
        stop = start + max_words
        for index in range(stop, start + max_words // 2, -1):
            if text[sentence[index - 1].end - 1] in ",;:—)":
                stop = index
                break
        yield Span(sentence[start].start, sentence[stop - 1].end)
        start = stop
    yield Span(sentence[start].start, sentence[-1].end)


def within(spans: Sequence[Span], place: Span) -> tuple[Span, ...]:
    """The parts of `spans` inside the place, in its own offsets."""
    return tuple(
        Span(max(s.start, place.start) - place.start, min(s.end, place.end) - place.start)
        for s in spans
        if s.start < place.end and s.end > place.start
    )


def within_each(spans: Iterable[Span], places: Sequence[Span]) -> Iterator[tuple[Span, ...]]:
    """The parts of `spans` in each place, in its own offsets; the places are sorted and disjoint."""
    waiting = deque(sorted(spans))
    open_: list[Span] = []
    for place in places:
        while waiting and waiting[0].start < place.end:
            open_.append(waiting.popleft())
        open_ = [span for span in open_ if span.end > place.start]
        yield within(open_, place)
