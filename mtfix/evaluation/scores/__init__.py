"""Scores of a system on a suite: families of metrics over (item, output) pairs, with intervals and paired tests.

    scores = accumulate(["detection", "harm"])
    for item, output in pairs:
        scores.add(item, output)
    scores.result()

Every interval is a 95 % percentile bootstrap over items (Koehn 2004); a comparison draws the same items for
both systems. What is kept of an item is a few numbers, so memory stays small on long suites.
"""

from __future__ import annotations

from mtfix.evaluation.scores.accumulator import FAMILIES, Accumulator, accumulate, compare

__all__ = ["FAMILIES", "Accumulator", "accumulate", "compare"]
