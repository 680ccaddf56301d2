"""Whether outputs say all that they changed: applying their edits to the text must give the corrected text."""

from __future__ import annotations

from typing import Any

from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.scores.base import Floats, Metric, Rows, ratio


class Integrity:
    """Items whose corrected text differs from the text with the stated edits, in per cent of all."""

    metrics = {"integrity_violations": Metric("%", "lower")}  # noqa: RUF012

    def __init__(self) -> None:
        self._rows = Rows(2)

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        self._rows.add(block, [float(applied(item.text, output) != output.corrected), 1.0])
        return {}

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        wrong, items = self._rows.sums(weights)
        return {"integrity_violations": ratio(wrong, items, 100)}

    def curves(self) -> dict[str, Any]:
        return {}

    def counts(self) -> dict[str, int]:
        return {"integrity_violations": int(self._rows.sums()[0])}


def applied(text: str, output: Output) -> str | None:
    """`text` with the output's applied edits; None when they overlap or reach beyond it."""
    parts: list[str] = []
    position = 0
    for edit in sorted((e for e in output.edits if e.applied), key=lambda e: e.span):
        if edit.span.start < position or edit.span.end > len(text):
            return None
        parts += [text[position : edit.span.start], edit.replacement]
        position = edit.span.end
    return "".join([*parts, text[position:]])
