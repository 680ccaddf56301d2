"""What a family of metrics is, and how rows of numbers per item are kept and summed."""

from __future__ import annotations

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
    """Metrics over the same evidence. An item without the gold that a family needs adds nothing.

    Evidence is summed by block, and what is drawn for intervals are blocks: an item each, or where there
    are very many (`accumulator.BLOCKS`) several, so that what is kept does not grow with the suite.
    """

    metrics: dict[str, Metric]

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        """Take one item in; returns its own scores, if it has any. Blocks are numbered from 0 without holes."""

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        """The metrics with every block counted `weights[i]` times (None: once); NaN where one is undefined.

        weights: (blocks,).
        """

    def curves(self) -> dict[str, Any]:
        """What a report draws."""

    def counts(self) -> dict[str, int]:
        """Sizes of the evidence."""


class Rows:
    """A table with a row of `width` sums for every block."""

    def __init__(self, width: int) -> None:
        self._table = np.zeros((0, width))

    def add(self, block: int, row: Sequence[float]) -> None:
        self._table = with_room(self._table, block)
        self._table[block] += row

    def sums(self, weights: Floats | None = None) -> Floats:
        return summed(self._table, weights)


def summed(table: Floats, weights: Floats | None = None) -> Floats:
    """The sum of its rows, a row for every block, each counted `weights[i]` times."""
    if weights is None:
        return np.asarray(table.sum(axis=0))
    # rows beyond the last block are room to grow; blocks beyond the last row had nothing to add
    size = min(len(weights), len(table))
    return np.asarray(weights[:size] @ table[:size])


def with_room(table: NDArray[Any], block: int) -> NDArray[Any]:
    """The table, longer by zeros where it has no row `block` yet."""
    if block < len(table):
        return table
    more = max(16, block + 1 - len(table), len(table))
    return np.concatenate([table, np.zeros((more, *table.shape[1:]), table.dtype)])


def ratio(above: float, below: float, scale: float = 1.0) -> float:
    return scale * float(above) / float(below) if below else float("nan")


def f_score(precision: float, recall: float, beta: float = 1.0) -> float:
    """van Rijsbergen's F; NaN when both parts are undefined, 0.0 when one is."""
    if np.isnan(precision) and np.isnan(recall):
        return float("nan")
    precision, recall = np.nan_to_num(precision), np.nan_to_num(recall)
    below = beta**2 * precision + recall
    return float((1 + beta**2) * precision * recall / below) if below else 0.0
