"""Scores of a system on a suite: families of metrics over (item, output) pairs, with intervals and paired tests.

    scores = accumulate(["detection", "harm"])
    for item, output in pairs:
        scores.add(item, output)
    scores.result()

Every interval is a 95 % percentile bootstrap over items (Koehn 2004); a comparison draws the same items for
both systems. Where a group has more than a thousand items they are drawn in a thousand blocks, and sums of
blocks are all that is kept: memory does not grow with a long suite.
"""

from __future__ import annotations

from mtfix.evaluation.scores.accumulator import FAMILIES, Accumulator, accumulate, compare

__all__ = ["FAMILIES", "Accumulator", "accumulate", "compare"]
