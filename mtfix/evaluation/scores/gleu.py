"""GLEU for corrections against several references, as JFLEG's script computes it.

Napoles, Sakaguchi, Post and Tetreault: "Ground Truth for Grammatical Error Correction Metrics" (2015) and
"GLEU Without Tuning" (2016, arXiv:1605.02592); keisks/jfleg, eval/gleu.py: n-grams up to 4, n-grams of the
source that a reference lacks are penalised, and the score is the mean over 500 random choices of one
reference for every sentence, with the seeds of the script.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtfix.documents.words import words
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.scores.base import Floats, Metric, Rows, with_room

ORDER = 4
ROUNDS = 500
CELLS = 500_000  # blocks times rounds; 20 MB
WIDTH = 2 + 2 * ORDER
Grams = list[Counter[tuple[str, ...]]]


class Gleu:
    """Where blocks are many, fewer rounds are kept: the more sentences, the less a round differs from another."""

    metrics = {"gleu": Metric(), "gleu_before": Metric("", "")}  # noqa: RUF012

    def __init__(self, rounds: int = ROUNDS) -> None:
        self._generators = [random.Random(j * 101) for j in range(rounds)]
        self._items = 0
        self._tally = Rows(1)  # items of each block
        self._several = False  # only when an item has several references do rounds differ
        # (blocks, rounds, WIDTH); float32 is exact for counts up to 16 million
        self._after, self._before = np.zeros((2, 0, 1, WIDTH), np.float32)

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        if not item.references:
            return {}
        if len(item.references) > 1 and not self._several:
            self._begin_rounds()
        source, references = _words(item.text), [_words(r) for r in item.references]
        hypothesis = _words(output.corrected)
        chosen = self._drawn(len(references))
        self._after, self._before = with_room(self._after, block), with_room(self._before, block)
        before = np.array([statistics(source, source, r) for r in references])[chosen]
        same = hypothesis == source
        after = before if same else np.array([statistics(source, hypothesis, r) for r in references])[chosen]
        self._before[block] += before
        self._after[block] += after
        self._items += 1
        self._tally.add(block, [1])
        if len(self._generators) > 1 and self._several and block * len(self._generators) > CELLS:
            self._generators = self._generators[: len(self._generators) // 2]
            rounds = len(self._generators)
            self._after, self._before = self._after[:, :rounds].copy(), self._before[:, :rounds].copy()
        return {}

    def _begin_rounds(self) -> None:
        """Every round so far took the only reference there was; its generator has drawn for each."""
        self._several = True
        rounds = len(self._generators)
        self._after, self._before = np.repeat(self._after, rounds, axis=1), np.repeat(self._before, rounds, axis=1)
        for generator in self._generators:
            for _ in range(self._items):
                generator.randint(0, 0)

    def _drawn(self, references: int) -> list[int]:
        """The reference that each round takes for this item."""
        if not self._several:
            return [0]
        return [generator.randint(0, references - 1) for generator in self._generators]

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        if not self._tally.sums(weights)[0]:  # nothing to score here, which is not to score 0
            return {}
        return {"gleu": _score(self._after, weights), "gleu_before": _score(self._before, weights)}

    def curves(self) -> dict[str, Any]:
        return {}

    def counts(self) -> dict[str, int]:
        return {"gleu_items": self._items}


def _score(table: NDArray[np.float32], weights: Floats | None) -> float:
    if weights is None:
        sums = table.sum(axis=0, dtype=np.float64)
    else:
        size = min(len(weights), len(table))
        sums = np.tensordot(weights[:size].astype(np.float32), table[:size], 1)
    return float(np.mean([gleu(list(row)) for row in sums]))


def statistics(source: Sequence[str], hypothesis: Sequence[str], reference: Sequence[str]) -> list[float]:
    """Lengths of hypothesis and reference, then for every order matches less penalty, and n-grams in all."""
    row = [float(len(hypothesis)), float(len(reference))]
    for theirs, ours, right in zip(_grams(source), _grams(hypothesis), _grams(reference), strict=True):
        lost = Counter({gram: count for gram, count in theirs.items() if gram not in right})
        row.append(float(max(sum((ours & right).values()) - sum((ours & lost).values()), 0)))
        row.append(float(max(sum(ours.values()), 0)))
    return row


def gleu(stats: Sequence[float]) -> float:
    """The score of summed statistics: 0.0 as soon as one of them is 0."""
    if any(value == 0 for value in stats):
        return 0.0
    hypothesis, reference = stats[:2]
    logs = sum(math.log(x / y) for x, y in zip(stats[2::2], stats[3::2], strict=True)) / ORDER
    return math.exp(min(0.0, 1 - reference / hypothesis) + logs)


def _grams(tokens: Sequence[str]) -> Grams:
    return [Counter(zip(*(tokens[i:] for i in range(n)), strict=False)) for n in range(1, ORDER + 1)]


def _words(text: str) -> list[str]:
    return [span.of(text) for span in words(text)]
