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

from mtfix.documents.words import words
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.scores.base import Floats, Metric

ORDER = 4
ROUNDS = 500
WIDTH = 2 + 2 * ORDER
Grams = list[Counter[tuple[str, ...]]]


class Gleu:
    metrics = {"gleu": Metric(), "gleu_before": Metric("", "")}  # noqa: RUF012

    def __init__(self, rounds: int = ROUNDS) -> None:
        self._rounds = rounds
        self._after: list[list[list[float]]] = []  # item -> reference -> statistics
        self._before: list[list[list[float]]] = []
        self._tables: dict[str, Floats] = {}

    def add(self, item: Item, output: Output) -> dict[str, float]:
        source, references = _words(item.text), [_words(r) for r in item.references or ()]
        hypothesis = _words(output.corrected)
        self._after.append([statistics(source, hypothesis, reference) for reference in references])
        self._before.append([statistics(source, source, reference) for reference in references])
        self._tables.clear()
        return {}

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        if not any(self._after):
            return {}
        return {"gleu": self._score("after", weights), "gleu_before": self._score("before", weights)}

    def _score(self, which: str, weights: Floats | None) -> float:
        tables = self._sampled(which)
        sums = tables.sum(axis=1) if weights is None else np.einsum("i,rik->rk", weights, tables)
        return float(np.mean([gleu(list(row)) for row in sums]))

    def _sampled(self, which: str) -> Floats:
        """(rounds, items, WIDTH): the statistics with the reference that each round draws for each item."""
        if which not in self._tables:
            rows = self._after if which == "after" else self._before
            several = any(len(row) > 1 for row in rows)
            table = np.zeros((self._rounds if several else 1, len(rows), WIDTH))
            for j, chosen in enumerate(table):
                generator = random.Random(j * 101)
                for i, row in enumerate(rows):
                    if row:
                        chosen[i] = row[generator.randint(0, len(row) - 1)]
            self._tables[which] = table
        return self._tables[which]

    def curves(self) -> dict[str, Any]:
        return {}

    def counts(self) -> dict[str, int]:
        return {"gleu_items": sum(bool(row) for row in self._after)}


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
