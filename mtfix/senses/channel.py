"""What the words of a phrase may have been before a paraphrasing tool exchanged them.

The word model of a noisy channel (Kernighan, Church and Gale 1990, "A Spelling Correction Program Based on a Noisy
Channel Model", there of letters): each word, or a few together, was exchanged by itself, or stayed. What makes sense
together is for a language model to say. `scripts/build_channel.py` fits the table on tortured phrases; what it holds
and its licences: data/README.md.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mtfix.documents.spelling import one_word
from mtfix.types import Span

OWN = Path(__file__).parent / "data" / "channel.npz"
LONGEST_UNIT = 4  # words that are exchanged together
NEVER = -16.0  # nats, of what is not in the table
STEP = 1 / 16  # nats; the table's log-probabilities are multiples of it
LONGEST = 6  # words that a rewording changes
# what the table says of whether a word stayed, in log-odds, counts by half beside what its sentence says, and no more
# than this: it speaks of words in tortured phrases, most of which did not
STAYS, SUREST = 0.5, 4.0

Meant = tuple[float, str]  # log-probability (nats) and what was meant


@dataclass(frozen=True, slots=True)
class Rewording:
    """What a span was reworded to, and how probable that is against its words as they are (log-odds)."""

    span: Span
    text: str
    odds: float


class Channel:
    """Looks words up; the file is read at the first look."""

    def __init__(self, path: Path = OWN) -> None:
        self.path = path
        self._known_exchanges: dict[str, tuple[float, list[Meant]]] = {}

    @property
    def without(self) -> frozenset[str]:
        """The files of damaged articles that the table was made without."""
        return frozenset(self._tables["without"].tolist() if "without" in self._tables else ())

    def known(self) -> Sequence[str]:
        """All forms that the table has, single ones and some together, lower-case."""
        return list(self._known)

    def meant(self, form: str) -> list[Meant]:
        """What a lower-case form, or some together, may stand for, likeliest first, a single one also for itself;
        nothing of unknown ones."""
        place = self._known.get(form)
        if place is None:
            return []
        start, end = self._tables["starts"][place : place + 2]
        meant, logs = self._tables["meant"][start:end], self._tables["costs"][start:end]
        return [(-float(cost) * STEP, self._words[int(number)]) for number, cost in zip(meant, logs, strict=True)]

    def rewordings(
        self, text: str, run: Sequence[Span], doubts: Sequence[float], place: Span, most: int, least: float
    ) -> list[Rewording]:
        """The `most` likeliest ways to reword some of a run of neighbouring words, likeliest first.

        None unless that has log-odds of `least`. doubts: how sure it is that each of the words is wrong, in log-odds.
        Each rewording overlaps the `place`, and begins and ends with what is exchanged.
        """
        forms = [word.of(text).lower() for word in run]
        odds = [doubt + STAYS * self._exchanges(form)[0] for doubt, form in zip(doubts, forms, strict=True)]
        if self._at_most(forms, odds) < least:
            return []
        found: list[Rewording] = []
        for first in range(len(run)):
            stop = min(first + LONGEST, len(run))
            beams: list[dict[str, float]] = [{} for _ in range(first, stop + 1)]  # by how many words are reworded
            beams[0][""] = 0.0
            for number in range(first, stop):
                before = _best(beams[number - first], most)
                between = text[run[number - 1].end : run[number].start] if number > first else ""
                for last in range(number, min(number + LONGEST_UNIT, stop)):
                    old = text[run[number].start : run[last].end]
                    prior = sum(odds[number : last + 1])
                    _, meant = self._exchanges(" ".join(forms[number : last + 1]))
                    exchanged = [(log + prior, between + _cased(new, old)) for log, new in meant]
                    _extend(beams[last + 1 - first], before, exchanged)
                span, reworded = Span(run[first].start, run[number].end), beams[number + 1 - first]
                if span.overlaps(place):
                    found += [Rewording(span, new, total) for new, total in _best(reworded, most)]
                if number > first:  # or it stays, between others
                    _extend(reworded, before, [(0.0, between + run[number].of(text))])
        best = heapq.nlargest(most, found, key=lambda one: one.odds)
        return best if best and best[0].odds >= least else []

    def _at_most(self, forms: Sequence[str], odds: Sequence[float]) -> float:
        """Log-odds that no rewording surpasses: those of all words at their likeliest."""
        best = [0.0]
        for last in range(len(forms)):
            ways = [best[-1]]
            for first in range(max(0, last - LONGEST_UNIT + 1), last + 1):
                _, meant = self._exchanges(" ".join(forms[first : last + 1]))
                if meant:  # likeliest first
                    ways.append(best[first] + sum(odds[first : last + 1]) + meant[0][0])
            best.append(max(ways))
        return best[-1]

    def _exchanges(self, form: str) -> tuple[float, list[Meant]]:
        """The log-odds that a form, or some together, was exchanged, and what it then stands for."""
        if form not in self._known_exchanges:
            meant = self.meant(form)
            same = [one_word(form, new) for _, new in meant]
            others = [one for one, alike in zip(meant, same, strict=True) if not alike]
            stayed = sum(math.exp(log) for (log, _), alike in zip(meant, same, strict=True) if alike)
            # the table is rounded
            gone = max(1 - stayed, sum(math.exp(log) for log, _ in others), math.exp(NEVER))
            odds = math.log(gone) - math.log(max(stayed, math.exp(NEVER))) if others else 0.0
            self._known_exchanges[form] = (
                max(-SUREST, min(SUREST, odds)), [(log - math.log(gone), new) for log, new in others]
            )  # fmt: skip
        return self._known_exchanges[form]

    @cached_property
    def _tables(self) -> dict[str, Any]:
        with np.load(self.path) as file:
            return {name: file[name] for name in file.files}

    @cached_property
    def _words(self) -> list[str]:
        return str(self._tables["words"].tobytes().decode()).split("\n")

    @cached_property
    def _known(self) -> dict[str, int]:
        return {self._words[number]: place for place, number in enumerate(self._tables["known"].tolist())}


@lru_cache(maxsize=1)
def own() -> Channel:
    """The table of the package."""
    return Channel()


def _best(beam: dict[str, float], most: int) -> list[tuple[str, float]]:
    return heapq.nlargest(most, beam.items(), key=lambda one: one[1])


def _extend(beam: dict[str, float], before: Sequence[tuple[str, float]], meant: Sequence[Meant]) -> None:
    """Puts what was meant behind each of the beginnings."""
    for log, ending in meant:
        for beginning, total in before:
            beam[beginning + ending] = max(beam.get(beginning + ending, -math.inf), total + log)


def _cased(new: str, old: str) -> str:
    if new == old.lower():
        return old
    if len(old) > 1 and old.isupper():
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
