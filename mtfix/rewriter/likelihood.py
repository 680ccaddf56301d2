"""How much likelier a sentence is with a change in it, by the rewriter read as an ordinary language model.

A word that does not fit makes itself and the words after it unlikely. (Bryant and Briscoe 2018, "Language Model Based
Grammatical Error Correction without Annotated Training Data"; there of whole sentences. What stands before a change has
the same probability on both sides, and what stands far behind it hardly another.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtfix.rewriter.prompt import PromptEncoder
from mtfix.rewriter.requests import Reader, Reading, Tail
from mtfix.types import Span

AFTER = 8  # tokens behind a change that count
BEFORE = 600  # characters before a change that are read
WINDOW = 1000  # characters that are read in all

Change = tuple[Span, str]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A text's tokens, and what counts of it without and with a change: from where they differ to a little behind."""

    ids: tuple[int, ...]
    old: Tail
    new: Tail


def gains(
    encoder: PromptEncoder, reader: Reader, requests: Sequence[tuple[str, Sequence[Change]]]
) -> list[list[float]]:
    """For every (sentence, changes) by how much each change alone raises the log-likelihood, in nats.

    0 for a change of more text than is read.
    """
    pairs = [[_pair(encoder, sentence, *change) for change in changes] for sentence, changes in requests]
    # a sentence is read once for all its changes
    wanted: dict[tuple[int, ...], dict[Tail, None]] = {}
    for pair in (pair for some in pairs for pair in some if pair):
        wanted.setdefault(pair.ids, {}).update({pair.old: None, pair.new: None})
    readings = []
    for ids, tails in wanted.items():
        passage = encoder.passage(ids)
        before = len(passage) - len(ids)
        readings.append(Reading(passage, tuple((before + start, tail) for start, tail in tails)))
    told = {
        (ids, tail): sum(scores)
        for (ids, tails), found in zip(wanted.items(), reader.score(readings), strict=True)
        for tail, scores in zip(tails, found, strict=True)
    }
    return [
        [told[pair.ids, pair.new] - told[pair.ids, pair.old] if pair else 0.0 for pair in some] for some in pairs
    ]


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
    rest = max(0, same - AFTER)
    return _Pair(old, (start, old[start : len(old) - rest]), (start, changed[start : len(changed) - rest]))
