"""What a family of metrics is, and how rows of numbers per item are kept and summed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mtfix.evaluation.items import Item, Output

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """unit: "", "%" or what is counted. better: "higher", "lower" or "" where neither is."""

    unit: str = ""
    better: str = "higher"


class Family(Protocol):
    """Metrics over the same evidence. An item without the gold that a family needs adds nothing."""

    metrics: dict[str, Metric]

    def add(self, item: Item, output: Output) -> dict[str, float]:
        """Take one item in; returns its own scores, if it has any."""

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        """The metrics with every item counted `weights[i]` times (None: once); NaN where one is undefined.

        weights: (items,), in the order in which items were added.
        """

    def curves(self) -> dict[str, Any]:
        """What a report draws."""

    def counts(self) -> dict[str, int]:
        """Sizes of the evidence."""


class Rows:
    """A table with a row of `width` numbers for every item, summed with weights."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._cells = array("d")
        self._frozen = np.zeros((0, width))

    def add(self, row: Sequence[float] | None) -> None:
        """None: the item has no part in it."""
        self._cells.extend(row if row is not None else [0.0] * self._width)

    def table(self) -> Floats:
        if self._frozen.size != len(self._cells):  # a copy: a view would forbid the buffer to grow
            self._frozen = np.array(self._cells, np.float64).reshape(-1, self._width)
        return self._frozen

    def sums(self, weights: Floats | None = None) -> Floats:
        table = self.table()
        result: Floats = table.sum(axis=0) if weights is None else weights @ table
        return result


def ratio(above: float, below: float, scale: float = 1.0) -> float:
    return scale * float(above) / float(below) if below else float("nan")


def f_score(precision: float, recall: float, beta: float = 1.0) -> float:
    """van Rijsbergen's F; NaN when both parts are undefined, 0.0 when one is."""
    if np.isnan(precision) and np.isnan(recall):
        return float("nan")
    precision, recall = np.nan_to_num(precision), np.nan_to_num(recall)
    below = beta**2 * precision + recall
    return float((1 + beta**2) * precision * recall / below) if below else 0.0
