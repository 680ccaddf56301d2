"""Acronyms that the words before them don't give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mtfix.names.doubts import Doubt
from mtfix.names.evidence import Text
from mtfix.names.gazetteer import Gazetteer
from mtfix.names.mentions import SMALL, Acronym, acronyms, spells
from mtfix.names.rank import Option
from mtfix.types import Span

SHARED = 0.5  # of the letters; fewer, and the acronym is of another language


def doubted_acronyms(document: Text, gazetteer: Gazetteer, references: Sequence[Text]) -> Iterator[Doubt]:
    """Words before an acronym in brackets that give some of its letters and not all.

    Acronyms that are known are left alone: those of other languages ("FARC") fit no English words.
    """
    for sentence in document.sentences:
        for acronym in acronyms(document.text, sentence.span):
            pieces = [piece.of(document.text) for piece in acronym.expansion]
            fits = any(spells(pieces[at:], acronym.text) for at in range(len(pieces)))
            if fits or gazetteer.known(acronym.text):
                continue
            yield from _doubt(acronym, document, references)


def _doubt(acronym: Acronym, document: Text, references: Sequence[Text]) -> Iterator[Doubt]:
    span = _best_part(acronym, document.text)
    if span is None:
        return
    words = span.of(document.text)
    reason = f"“{words}” does not give “{acronym.text}”"
    initials = "".join(w[0] for w in words.split() if w.lower() not in SMALL).upper()
    if initials != acronym.text and sorted(initials) == sorted(acronym.text):
        yield Doubt((acronym.span,), reason, 0.6, (Option(initials, 0.6, "the words before it"),))
        return
    for text in (*references, document):
        right = text.expansions.get(acronym.text)
        if right:
            yield Doubt(
                (_same_start(span, right, document.text),), reason, 0.9, (Option(right, 0.95, text.title),), silent=True
            )
            return
    yield Doubt((span,), reason, 0.6)


def _best_part(acronym: Acronym, text: str) -> Span | None:
    """The capitalised words before the bracket, from where their initials give most of the acronym."""
    pieces = acronym.expansion
    first = len(pieces)
    while first and (pieces[first - 1].of(text)[0].isupper() or pieces[first - 1].of(text).lower() in SMALL):
        first -= 1
    best: tuple[float, int] = (0.0, -1)
    for at in range(first, len(pieces)):
        if pieces[at].of(text)[0] == acronym.text[0]:
            initials = [p.of(text)[0].upper() for p in pieces[at:] if p.of(text).lower() not in SMALL]
            share = _in_order(initials, acronym.text) / len(acronym.text) if len(initials) > 1 else 0.0
            best = max(best, (share, -at))
    return Span(pieces[-best[1]].start, pieces[-1].end) if best[0] >= SHARED else None


def _in_order(initials: Sequence[str], acronym: str) -> int:
    """How many letters of the acronym the initials give, in order."""
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity("".join(initials), acronym))


def _same_start(span: Span, right: str, text: str) -> Span:
    """The words to write over; words that the right ones begin with stand before them in no other way."""
    first = right.split()[0]
    at = span.of(text).find(first)
    return Span(span.start + at, span.end) if at > 0 else span
