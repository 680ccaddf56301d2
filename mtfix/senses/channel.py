"""What the words of a phrase may have been before a paraphrasing tool exchanged them.

The word model of a noisy channel (Kernighan, Church and Gale 1990, "A Spelling Correction Program Based on a Noisy
Channel Model", there of letters): each word, or a few together, was exchanged by itself, or stayed. What makes sense
together is for a language model to say. `scripts/build_channel.py` fits the table on tortured phrases; what it holds
and its licences: data/README.md.
"""

from __future__ import annotations

import heapq
import math
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mtfix.documents.words import words

OWN = Path(__file__).parent / "data" / "channel.npz"
LONGEST_UNIT = 4  # words that are exchanged together
NEVER = -16.0  # nats, of what is not in the table
STEP = 1 / 16  # nats; the table's log-probabilities are multiples of it

Meant = tuple[float, str]  # log-probability (nats) and what was meant


class Channel:
    """Looks words up; the file is read at the first look."""

    def __init__(self, path: Path = OWN) -> None:
        self.path = path

    def meant(self, form: str) -> list[Meant]:
        """What a lower-case form, or some together, may stand for, likeliest first, a single one also for itself;
        nothing of unknown ones."""
        place = self._known.get(form)
        if place is None:
            return []
        start, end = self._tables["starts"][place : place + 2]
        meant, logs = self._tables["meant"][start:end], self._tables["costs"][start:end]
        return [(-float(cost) * STEP, self._words[int(number)]) for number, cost in zip(meant, logs, strict=True)]

    def phrase(self, text: str, most: int) -> list[Meant]:
        """The `most` likeliest other wordings of a text, likeliest first, cased alike: word for word, but for what
        several words stood for together."""
        spans = words(text)
        forms = [span.of(text).lower() for span in spans]
        beams: list[dict[str, float]] = [{} for _ in range(len(spans) + 1)]  # the text up to a word, reworded
        beams[0][""] = 0.0
        for first, begin in enumerate(spans):
            best = heapq.nlargest(most + 1, beams[first].items(), key=lambda one: one[1])  # the text itself may be one
            for last, end in enumerate(spans[first : first + LONGEST_UNIT], first):
                between = text[spans[first - 1].end if first else 0 : begin.start]
                old = text[begin.start : end.end]
                meant = self.meant(" ".join(forms[first : last + 1]))
                if first == last and not meant:
                    meant = [(0.0, forms[first])]
                for log, new in meant:
                    ending = between + _cased(new, old)
                    for before, total in best:
                        known = beams[last + 1].get(before + ending, -math.inf)
                        beams[last + 1][before + ending] = max(known, total + log)
        rest = text[spans[-1].end :] if spans else text
        found = sorted(((total, new + rest) for new, total in beams[-1].items()), key=lambda one: -one[0])
        return [(total, new) for total, new in found if new != text][:most]

    def kept(self, text: str) -> float:
        """The log-probability that no word of a text was exchanged, in nats."""
        total = 0.0
        for span in words(text):
            form = span.of(text).lower()
            meant = self.meant(form)
            total += next((log for log, new in meant if new == form), NEVER if meant else 0.0)
        return total

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


def _cased(new: str, old: str) -> str:
    if new == old.lower():
        return old
    if len(old) > 1 and old.isupper():
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
