"""Questions for the rewriter: which spans of a damaged sentence are asked about, and what the answers are."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from mtfix.corpus.rows import Row, is_dev, read_rows
from mtfix.documents.words import words
from mtfix.errors import ConfigError
from mtfix.rewriter.prompt import PromptEncoder, canonical
from mtfix.types import Span

LONGEST = 8  # words; longer edits stay in the sentence, and nothing is asked about them
WIDEN = 0.2  # share of spans that take a neighbouring word along, as a detector's spans do
JOIN = 0.25  # share of neighbouring edits that are asked about as one span as well
MOST = 6  # questions about a sentence


@dataclass(frozen=True, slots=True)
class Marked:
    """Spans of `sentence` and the text that should stand in place of each, all others left as they are.

    `targets` are in the rewriter's form: with the white space that stands before the span.
    """

    sentence: str
    spans: list[Span]
    targets: list[str]
    group: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids: a passage, and (question, answer) for all that is asked about it."""

    passage: list[int]
    questions: list[tuple[list[int], list[int]]]

    def __len__(self) -> int:
        return len(self.passage) + sum(len(question) + len(answer) for question, answer in self.questions)


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
    """The row with exactly its edits marked (those of up to LONGEST words), for evaluation: sorted and disjoint."""
    text = row["damaged"]
    pairs = [_target(text, Span(a, b), new) for a, b, new, _ in row["edits"] if short(text[a:b], new)]
    return Marked(text, [span for span, _ in pairs], [target for _, target in pairs], row["engine"])


def mark(row: dict[str, Any], rng: random.Random, keep_share: float) -> Marked | None:
    """What training asks about a row, drawn at random; None when that is nothing."""
    text = row["damaged"]
    exact = gold(row)
    pairs = list(zip(exact.spans, exact.targets, strict=True))
    units = words(text)
    taken = [Span(a, b) for a, b, _, _ in row["edits"]]
    chosen = [_widened(text, units, taken, span, target, rng) for span, target in pairs]
    if len(pairs) == len(taken):  # else an edit that is not asked about may lie between two that are
        chosen += [_joined(text, *two) for two in pairwise(pairs) if rng.random() < JOIN]
    if rng.random() < keep_share or not chosen:
        kept = _keep(text, units, taken, rng)
        chosen += [kept] if kept else []
    chosen = [(span, target) for span, target in chosen if short(span.of(text), target)]
    if not chosen:
        return None
    chosen = rng.sample(chosen, min(MOST, len(chosen)))
    return Marked(text, [span for span, _ in chosen], [target for _, target in chosen], row["engine"])


def continuation(encoder: PromptEncoder, text: str) -> Encoded | None:
    """Plain text, each word to be foreseen from those before; None where a model can't begin with nothing."""
    if encoder.encoder_decoder or not encoder.beginning:
        return None
    return Encoded(encoder.beginning, [([], encoder.answer(text))])


def encode(encoder: PromptEncoder, marked: Marked) -> list[Encoded]:
    """One example for every passage; for an encoder-decoder, which reads nothing twice, for every question."""
    found: dict[tuple[int, ...], list[tuple[list[int], list[int]]]] = defaultdict(list)
    for prompt, target in zip(encoder.prompts(marked.sentence, marked.spans), marked.targets, strict=True):
        if prompt:
            found[prompt.passage].append((list(prompt.question), encoder.answer(target)))
    if encoder.encoder_decoder:
        return [Encoded(list(passage), [pair]) for passage, pairs in found.items() for pair in pairs]
    return [Encoded(list(passage), pairs) for passage, pairs in found.items()]


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
        if left and _undamaged(left[-1], Span(left[-1].end, span.start), taken):
            place = canonical(text, Span(left[-1].start, span.end))
            return place, text[place.start : span.start] + target
    right = [u for u in units if u.start >= span.end]
    if right and _undamaged(right[0], Span(span.end, right[0].start), taken):
        return Span(span.start, right[0].end), target + _beyond(text, span, right[0].end)
    return span, target


def _undamaged(word: Span, between: Span, taken: list[Span]) -> bool:
    """Whether no edit changes the word, puts something before it, or starts between it and the place."""
    return not any(
        word.overlaps(t) or t.start == t.end == word.start or between.start < t.start < between.end for t in taken
    )


def _joined(text: str, left: tuple[Span, str], right: tuple[Span, str]) -> tuple[Span, str]:
    """Two edits and what stands between them as one."""
    (first, before), (last, after) = left, right
    return Span(first.start, last.end), before + _beyond(text, first, last.start) + after


def _beyond(text: str, span: Span, end: int) -> str:
    """What follows the answer to `span` up to `end`: where only white space was asked about, it stands after, too."""
    gap = span.of(text)
    return (gap if gap.isspace() else "") + text[span.end : end]


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
