"""Wrong stretches: character-level F1 with half credit for severity, and spans found.

The F1 is that of WMT23's error-span task (WMT-QE-Task/qe-eval-scripts, wmt23/task2_evaluate.py): over all
characters of a test set a predicted character counts 1 in a gold span of the same severity, 0.5 in one of
another; an empty span marks one character slot. Flags have no severity and count as major.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.scores.base import Floats, Metric, Rows, f_score, ratio
from mtfix.types import Span

_NONE, _MINOR, _MAJOR = 0, 1, 2


class Spans:
    metrics = {  # noqa: RUF012
        "span_f1": Metric(), "span_f1_precision": Metric(), "span_f1_recall": Metric(), "spans_found": Metric("%"),
        "flag_precision": Metric("%"),
    }  # fmt: skip

    def __init__(self) -> None:
        self._rows = Rows(7)
        self._categories: dict[str, list[int]] = {}

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        if item.spans is None:
            return {}
        predicted = raised(output)
        size = len(item.text) + 1
        gold = _painted(size, ((s.span, _MINOR if s.severity == "minor" else _MAJOR) for s in item.spans))
        found = _painted(size, ((span, _MAJOR) for span in predicted))
        both = (gold > 0) & (found > 0)
        credit = float(np.sum(both & (gold == found)) + 0.5 * np.sum(both & (gold != found)))
        hit = 0
        for span in item.spans:
            touched = any(near(span.span, p) for p in predicted)
            tally = self._categories.setdefault(span.category, [0, 0])
            tally[0] += touched
            tally[1] += 1
            hit += touched
        right = sum(any(near(s.span, p) for s in item.spans) for p in predicted)
        self._rows.add(block, [
            credit, float(np.sum(found > 0)), float(np.sum(gold > 0)), hit, len(item.spans), right, len(predicted)
        ])  # fmt: skip
        return {"spans_found": hit, "spans": len(item.spans), "flags_right": right}

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        credit, found, gold, hit, spans, right, flags = self._rows.sums(weights)
        precision, recall = ratio(credit, found), ratio(credit, gold)
        return {
            "span_f1": f_score(precision, recall), "span_f1_precision": precision, "span_f1_recall": recall,
            "spans_found": ratio(hit, spans, 100), "flag_precision": ratio(right, flags, 100),
        }  # fmt: skip

    def curves(self) -> dict[str, Any]:
        return {"categories": {name: {"found": a, "spans": n} for name, (a, n) in sorted(self._categories.items())}}

    def counts(self) -> dict[str, int]:
        sums = self._rows.sums()
        return {"gold_spans": int(sums[4]), "flags": int(sums[6])}


def raised(output: Output) -> list[Span]:
    """What a system points at: its flags, and its applied edits where no flag covers them."""
    spans = {flag.span for flag in output.flags or ()}
    edits = {edit.span for edit in output.edits if edit.applied}
    return sorted(spans | {e for e in edits if not any(near(e, s) for s in spans)})


def near(a: Span, b: Span) -> bool:
    """Whether they share a character, or one is empty and lies in or beside the other."""
    if a.start == a.end or b.start == b.end:
        return a.start <= b.end and b.start <= a.end
    return a.overlaps(b)


def _painted(size: int, spans: Iterable[tuple[Span, int]]) -> Any:
    """(text + 1,) severity of every character slot; the higher one where spans overlap."""
    marks = np.zeros(size, np.int8)
    for span, severity in spans:
        stretch = slice(min(span.start, size - 1), max(min(span.end, size), min(span.start, size - 1) + 1))
        marks[stretch] = np.maximum(marks[stretch], severity)
    return marks
