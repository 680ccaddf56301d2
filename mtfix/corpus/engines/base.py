"""What every engine has in common: how it is called and what it says when its tool is missing."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mtfix.corpus.align import PairEdit, align
from mtfix.corpus.tokens import cut
from mtfix.types import Category, Span


class EngineMissingError(RuntimeError):
    """The tool of an engine is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A damaged text. `phrases`: wrong wordings in it whose category their words alone don't tell."""

    text: str
    phrases: Mapping[str, Category] = field(default_factory=dict)


class LocalEngine(Protocol):
    """An engine that works on one sentence, inside this process.

    density: share of the words that should change, 0 to 1 (an aim, not a promise). context: the rest of the
    document. The same arguments and the same state of `rng` give the same damage.
    """

    def __call__(self, sentence: str, density: float, rng: random.Random, context: str, /) -> Damage: ...


class BatchEngine(Protocol):
    """An engine that calls a translator, which wants many sentences at a time.

    Gives each sentence after the chain of languages, None where the translator failed.
    """

    def __call__(self, sentences: Sequence[str], chain: str, /) -> list[str | None]: ...


def edits_of(damage: Damage, clean: str) -> list[PairEdit]:
    """The edits that turn the damaged text into `clean`; those inside known phrases get their category."""
    edits = align(damage.text, clean)
    if not damage.phrases:
        return edits
    lower = damage.text.lower()
    places = [
        (Span(start, start + len(phrase)), category)
        for phrase, category in damage.phrases.items()
        for start in _found(lower, phrase.lower())
    ]
    return [_labelled(edit, places) for edit in edits]


def damaged_share(edits: Sequence[PairEdit], clean: str) -> float:
    """Words that the edits touch, on the side where they are more, by words of `clean`: 0 to 1 or a little over."""
    touched = sum(max(_count(edit.original), _count(edit.replacement)) for edit in edits)
    return touched / max(1, _count(clean))


def _count(text: str) -> int:
    return len(cut(text)[0])


def _labelled(edit: PairEdit, places: Sequence[tuple[Span, Category]]) -> PairEdit:
    for span, category in places:
        if span.start < edit.span.end and edit.span.start < span.end:
            return PairEdit(edit.span, edit.original, edit.replacement, category)
    return edit


def _found(text: str, phrase: str) -> list[int]:
    places, start = [], text.find(phrase) if phrase else -1
    while start >= 0:
        end = start + len(phrase)
        if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
            places.append(start)
        start = text.find(phrase, start + 1)
    return places
