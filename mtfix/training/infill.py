"""Marked sentences for the rewriter: which spans are shown, and what should come out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtfix.corpus.rows import Row, is_dev, read_rows
from mtfix.documents.words import words
from mtfix.errors import ConfigError
from mtfix.rewriter.prompt import PromptEncoder, canonical
from mtfix.types import Span

LONGEST = 8  # words; longer edits stay in the sentence unmarked
WIDEN = 0.15  # share of spans that take a neighbouring word along, as a detector's spans do
ALL_MARKED = 0.5  # share of sentences with all their damage marked, which teaches more; else one span, as at run time


@dataclass(frozen=True, slots=True)
class Marked:
    """Spans of `sentence`, sorted and disjoint, and the text that should stand in their place.

    `targets` are in the rewriter's form: with the white space that stands before the span.
    """

    sentence: str
    spans: list[Span]
    targets: list[str]
    group: str


@dataclass(frozen=True, slots=True)
class Encoded:
    prompt: list[int]
    answer: list[int]


def read_pairs(path: Path, *, reference: bool = False) -> Iterator[Row]:
    """Rows of a file or folder of damaged/clean pairs; with `reference` only clean text, which it may hold as well."""
    for row in read_rows(path):
        if "damaged" in row:
            yield {"text": row["clean"]} if reference else row
        elif reference and "text" in row:
            if not is_dev(row["doc"]):  # those documents measure harm
                yield {"text": row["text"]}
        else:
            raise ConfigError(f"{path} must hold damaged/clean pairs, its rows have {sorted(row)[:8]}")


def gold(row: dict[str, Any]) -> Marked:
    """The row with exactly its edits marked (those of up to LONGEST words), for evaluation."""
    text = row["damaged"]
    pairs = [_target(text, Span(a, b), new) for a, b, new, _ in row["edits"] if short(text[a:b], new)]
    return Marked(text, [span for span, _ in pairs], [target for _, target in pairs], row["engine"])


def mark(row: dict[str, Any], rng: random.Random, keep_share: float) -> Marked | None:
    """Random training view of a row; None when nothing would be marked."""
    text = row["damaged"]
    exact = gold(row)
    chosen = list(zip(exact.spans, exact.targets, strict=True))
    if len(chosen) > 1 and rng.random() > ALL_MARKED:
        chosen = [rng.choice(chosen)]
    units = words(text)
    taken = [Span(a, b) for a, b, _, _ in row["edits"]]
    chosen = [_widened(text, units, taken, span, target, rng) for span, target in chosen]
    if rng.random() < keep_share or not chosen:
        kept = _keep(text, units, taken, rng)
        if kept is not None and not any(kept[0].overlaps(span) for span, _ in chosen):
            chosen.append(kept)
    chosen = _disjoint(sorted(chosen))
    if not chosen:
        return None
    return Marked(text, [span for span, _ in chosen], [target for _, target in chosen], row["engine"])


def continuation(encoder: PromptEncoder, text: str) -> Encoded | None:
    """Plain text, each word to be foreseen from those before; None where a model can't begin with nothing."""
    if encoder.encoder_decoder or not encoder.beginning:
        return None
    return Encoded(encoder.beginning, encoder.answer([text]))


def encode(encoder: PromptEncoder, marked: Marked) -> Encoded | None:
    prompt = encoder.prompt(marked.sentence, marked.spans)
    return Encoded(prompt, encoder.answer(marked.targets)) if prompt else None


def short(original: str, replacement: str) -> bool:
    """Whether an edit is one that the rewriter is asked for."""
    return max(len(original.split()), len(replacement.split())) <= LONGEST


def _target(text: str, span: Span, replacement: str) -> tuple[Span, str]:
    place = canonical(text, span)
    if place.start < span.start and replacement:
        replacement = text[place.start : span.start] + replacement
    return place, replacement.rstrip()


def _widened(
    text: str, units: list[Span], taken: list[Span], span: Span, target: str, rng: random.Random
) -> tuple[Span, str]:
    """Sometimes take the word before or after along, if it isn't damaged itself."""
    if rng.random() >= WIDEN:
        return span, target
    if rng.random() < 0.5:
        left = [u for u in units if u.end <= span.start]
        if left and not any(left[-1].overlaps(t) for t in taken):
            place = canonical(text, Span(left[-1].start, span.end))
            return place, text[place.start : span.start] + target
    right = [u for u in units if u.start >= span.end]
    if right and not any(right[0].overlaps(t) or t.start == t.end == right[0].start for t in taken):
        return Span(span.start, right[0].end), target + text[span.end : right[0].end]
    return span, target


def _keep(text: str, units: list[Span], taken: list[Span], rng: random.Random) -> tuple[Span, str] | None:
    """A run of one to three undamaged words, to be answered with itself."""
    if not units:
        return None
    first = rng.randrange(len(units))
    last = min(len(units) - 1, first + rng.choice((0, 0, 1, 2)))
    span = canonical(text, Span(units[first].start, units[last].end))
    if any(span.overlaps(t) or t.start in (span.start, span.end) for t in taken):
        return None
    return span, span.of(text)


def _disjoint(chosen: list[tuple[Span, str]]) -> list[tuple[Span, str]]:
    result: list[tuple[Span, str]] = []
    for span, target in chosen:
        if not result or span.start >= result[-1][0].end:
            result.append((span, target))
    return result
