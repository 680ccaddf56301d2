"""Where a text speaks of names: capitalised words in runs, places with the word for their kind, acronyms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mtfix.documents.segment import sentences
from mtfix.names.gazetteer import DISTRICT, PROVINCE, TOWN
from mtfix.types import Span

# words that say what kind of place a name names, with the levels where a gazetteer would have it
HEADS: dict[str, tuple[int, ...]] = {
    "district": (DISTRICT, TOWN),
    "subdistrict": (DISTRICT, TOWN),
    "county": (DISTRICT,),
    "municipality": (DISTRICT, TOWN),
    "prefecture": (PROVINCE, DISTRICT),
    "province": (PROVINCE,),
    "governorate": (PROVINCE, DISTRICT),
    "oblast": (PROVINCE,),
    "region": (PROVINCE, DISTRICT),
    "department": (PROVINCE, DISTRICT),
    "canton": (PROVINCE, DISTRICT),
    "city": (TOWN,),
    "town": (TOWN, DISTRICT),
    "village": (TOWN,),
    "valley": (PROVINCE, DISTRICT, TOWN),
}
# kinds that also name what is no place ("Defense Department", "the Chicago region"): only a hint, never a reason
VAGUE = frozenset({"region", "department", "city", "town", "village", "valley", "canton"})
_DAYS = frozenset(
    """January February March April May June July August September October November December Monday Tuesday
    Wednesday Thursday Friday Saturday Sunday""".split()
)
_TITLES = frozenset("Mr Mrs Ms Dr President Minister Prime General Senator Judge King Queen Colonel Captain".split())
_NO_NAMES = _DAYS | frozenset("I A An The And Or But In On At Of For To From By With As If It He She They We".split())
_WORD = re.compile(r"[^\W\d_]+(?:[-'’‘ʿʾ`][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A capitalised word of a sentence, without the ending of the possessive."""

    text: str
    span: Span
    initial: bool  # it opens its sentence, where a capital tells nothing


Run = tuple[Word, ...]  # capitalised words apart by one blank


@dataclass(frozen=True, slots=True)
class Slot:
    """A name with the word for its kind: `name` is "Pandjshir" in "Pandjshir Valley" and "valley of Pandjshir"."""

    name: Run
    head: str


@dataclass(frozen=True, slots=True)
class Acronym:
    """An acronym in brackets and the words before it, which may be more than it stands for."""

    span: Span
    text: str
    expansion: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    span: Span
    runs: tuple[Run, ...]
    slots: tuple[Slot, ...]


def read(text: str) -> list[Sentence]:
    """The sentences of a text with what they name."""
    found = []
    for span in sentences(text):
        tokens = [_token(m) for m in _WORD.finditer(text, span.start, span.end)]
        runs = tuple(_runs(text, span, tokens))
        found.append(Sentence(span, runs, tuple(_slots(text, tokens, runs))))
    return found


def _token(match: re.Match[str]) -> Span:
    ending = _POSSESSIVE.search(match.group())
    return Span(match.start(), match.end() - (len(ending.group()) if ending else 0))


def _runs(text: str, sentence: Span, tokens: Sequence[Span]) -> Iterator[Run]:
    run: list[Word] = []
    for token in tokens:
        word = token.of(text)
        fits = word[0].isupper() and len(word) > 1 and word not in _NO_NAMES and word not in _TITLES
        if run and (not fits or text[run[-1].span.end : token.start] != " "):
            yield tuple(run)
            run = []
        if fits:
            run.append(Word(word, token, not text[sentence.start : token.start].strip(" \"'“”‘’(")))
    if run:
        yield tuple(run)


def _slots(text: str, tokens: Sequence[Span], runs: Sequence[Run]) -> Iterator[Slot]:
    starts = {run[0].span.start: run for run in runs}
    for run in runs:
        heads = [i for i, word in enumerate(run) if word.text.lower() in HEADS]
        for at in heads[:1]:
            if at:
                yield Slot(run[:at], run[at].text.lower())
        following = _WORD.match(text, run[-1].span.end + 1)
        if not heads and following and following.group() in HEADS and text[run[-1].span.end] == " ":
            yield Slot(run, following.group())
    for token in tokens:
        head = token.of(text).lower()
        if head in HEADS and text.startswith(" of ", token.end) and token.end + 4 in starts:
            yield Slot(starts[token.end + 4], head)


_IN_BRACKETS = re.compile(r"\(([A-Z]{3,7})\)")
_REACH = 9  # words before the bracket


def acronyms(text: str, sentence: Span) -> Iterator[Acronym]:
    """Acronyms in brackets directly after words, at least one of them capitalised."""
    for match in _IN_BRACKETS.finditer(text, sentence.start, sentence.end):
        before = [Span(*m.span()) for m in _PIECE.finditer(text, sentence.start, match.start())][-_REACH:]
        while before and re.search(r"[^\w\s'’&/.-]", text[before[0].start : match.start()]):
            before = before[1:]  # not across a comma or another bracket
        if before and text[before[-1].end : match.start()] == " " and before[-1].of(text)[0].isupper():
            yield Acronym(Span(*match.span(1)), match.group(1), tuple(before))


_PIECE = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|&")
SMALL = frozenset("of the for and to in on a de des du la le di del y e against with &".split())


def spells(expansion: Sequence[str], acronym: str) -> bool:
    """Whether the words can give the acronym: its letters in order, the first of each capitalised word among
    them; small words and inner letters may help out ("Kennedy Space Center", "Bangladesh", "Aceh")."""
    return _covers([w.lower() for w in expansion], acronym.lower())


def _covers(words: Sequence[str], letters: str) -> bool:
    """Letters taken from the words from left to right, every word that isn't small giving its first letter."""
    states = {0}
    for word in words:
        after: set[int] = set()
        for at in states:
            if word in SMALL:
                after.add(at)
            if at < len(letters) and word[0] == letters[at]:
                after |= {at + n for n in _lengths(word[1:], letters[at + 1 :])}
        states = after
    return len(letters) in states


def _lengths(rest: str, letters: str) -> Iterator[int]:
    """1 and how many more of the letters come in the rest of the word, in order."""
    yield 1
    place = 0
    for count, letter in enumerate(letters, start=2):
        place = rest.find(letter, place) + 1
        if not place:
            return
        yield count
