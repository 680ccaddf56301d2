"""How much likelier a sentence is with a change in it, by the rewriter read as an ordinary language model.

A word that does not fit makes itself and the words after it unlikely. (Bryant and Briscoe 2018, "Language Model Based
Grammatical Error Correction without Annotated Training Data"; there of whole sentences. What stands before a change has
the same probability on both sides, and what stands far behind it hardly another.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mtfix.rewriter.prompt import PromptEncoder
from mtfix.types import Span

AFTER = 8  # tokens behind a change that count
BEFORE = 600  # characters before a change that are read
WINDOW = 1000  # characters that are read in all

Change = tuple[Span, str]


class Reader(Protocol):
    def score(self, passages: Sequence[tuple[int, ...]]) -> list[list[float]]:
        """Log-probability (nats) of every token of a passage but its first, given all before it.

        No passage's values depend on the other passages.
        """


@dataclass(frozen=True, slots=True)
class _Side:
    """A text's tokens, and how many of them count."""

    ids: tuple[int, ...]
    end: int


@dataclass(frozen=True, slots=True)
class _Pair:
    """A text without and with a change; before `start` they are the same."""

    start: int
    old: _Side
    new: _Side


def gains(
    encoder: PromptEncoder, reader: Reader, requests: Sequence[tuple[str, Sequence[Change]]]
) -> list[list[float]]:
    """For every (sentence, changes) by how much each change alone raises the log-likelihood, in nats.

    0 for a change of more text than is read.
    """
    pairs = [[_pair(encoder, sentence, *change) for change in changes] for sentence, changes in requests]
    ends: dict[tuple[int, ...], int] = {}  # a sentence is read once for all its changes, as far as the last one needs
    for side in (side for some in pairs for pair in some if pair for side in (pair.old, pair.new)):
        ends[side.ids] = max(ends.get(side.ids, 0), side.end)
    scores = reader.score([encoder.passage(ids[:end]) for ids, end in ends.items()])
    known: dict[tuple[int, ...], list[float]] = {}
    for (ids, end), found in zip(ends.items(), scores, strict=True):
        # nothing stands before the first token where texts have no start: it counts for nothing
        known[ids] = ([0.0] * (end - len(found)) + found)[-end:] if end else []
    return [
        [
            sum(known[pair.new.ids][pair.start : pair.new.end]) - sum(known[pair.old.ids][pair.start : pair.old.end])
            if pair else 0.0
            for pair in some
        ]
        for some in pairs
    ]  # fmt: skip


def _pair(encoder: PromptEncoder, sentence: str, span: Span, new: str) -> _Pair | None:
    begin = 0
    if span.start > BEFORE:  # from a word's beginning
        begin = span.start - BEFORE
        begin += len(sentence[begin : span.start].partition(" ")[0])
    end = begin + WINDOW
    if span.end > end:
        return None
    old = tuple(encoder.encode(sentence[begin:end]))
    changed = tuple(encoder.encode(sentence[begin : span.start] + new + sentence[span.end : end]))
    most = min(len(old), len(changed))
    start = next((i for i in range(most) if old[i] != changed[i]), most)
    same = next((i for i in range(most - start) if old[-1 - i] != changed[-1 - i]), most - start)
    return _Pair(start, *(_Side(ids, len(ids) - max(0, same - AFTER)) for ids in (old, changed)))
