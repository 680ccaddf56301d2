"""All families of a run, their intervals by bootstrap over items, and paired comparisons."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from mtfix.errors import ConfigError
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.scores.base import Family, Floats, Metric
from mtfix.evaluation.scores.integrity import Integrity

# family -> class in the module of the same name; imported when asked for
FAMILIES = {
    "detection": "Detection", "spans": "Spans", "correction": "Correction", "errant": "Errant", "gleu": "Gleu",
    "filling": "Filling", "harm": "Harm",
}  # fmt: skip
GROUP_DRAWS = 200  # for the intervals of parts of a suite
BLOCKS = 1000  # of each group; its items are dealt out to them in turn, the first ones have one each
MOST_GROUPS = 100  # more are no groups but names, and have no scores of their own


def accumulate(metrics: Sequence[str], *, seed: int = 12345, draws: int = 1000) -> Accumulator:
    """Empty scores of the families named in `metrics`.

    Raises ConfigError for unknown families, and for those whose libraries aren't installed.
    """
    families: dict[str, Family] = {}
    for name in metrics:
        if name not in FAMILIES:
            raise ConfigError(f"unknown metrics {name!r}; known are {', '.join(FAMILIES)}.")
        families[name] = getattr(import_module(f"mtfix.evaluation.scores.{name}"), FAMILIES[name])()
    return Accumulator({**families, "integrity": Integrity()}, seed, draws)


class Accumulator:
    """Scores in the making. Made by `accumulate`."""

    def __init__(self, families: dict[str, Family], seed: int, draws: int) -> None:
        self.families, self.seed, self.draws = families, seed, draws
        self._groups: dict[str, int] = {}
        self._blocks: list[array[int]] = []  # of each group
        self._dealt: list[int] = []  # items of each group
        self._group = array("i")  # of each block
        self._samples: list[dict[str, float]] | None = None

    def add(self, item: Item, output: Output) -> dict[str, float]:
        """Take in one item with its output; returns the item's own scores."""
        self._samples = None
        block = self._block(item.group)
        found: dict[str, float] = {}
        for family in self.families.values():
            found.update(family.add(block, item, output))
        return found

    def _block(self, name: str) -> int:
        if name not in self._groups and len(self._groups) <= MOST_GROUPS:
            self._groups[name] = len(self._groups)
        group = self._groups.get(name, MOST_GROUPS)
        if group == len(self._blocks):
            self._blocks.append(array("i"))
            self._dealt.append(0)
        blocks = self._blocks[group]
        if len(blocks) < BLOCKS:
            blocks.append(len(self._group))
            self._group.append(group)
        block = blocks[self._dealt[group] % BLOCKS]
        self._dealt[group] += 1
        return block

    @property
    def metrics(self) -> dict[str, Metric]:
        return {name: metric for family in self.families.values() for name, metric in family.metrics.items()}

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        """All metrics with every block counted `weights[i]` times; undefined ones are left out."""
        found = {name: v for family in self.families.values() for name, v in family.values(weights).items()}
        return {name: value for name, value in found.items() if not np.isnan(value)}

    def result(self) -> dict[str, Any]:
        """metrics and groups ({name: value, low, high, unit, better}), curves and counts, ready for JSON."""
        curves: dict[str, Any] = {}
        counts: dict[str, int] = {"items": sum(self._dealt)}
        for family in self.families.values():
            curves.update(family.curves())
            counts.update(family.counts())
        whole = self._described(self.values(), self.samples())
        return {"metrics": whole, "groups": self._by_group(), "curves": curves, "counts": counts}

    def resampled(self, draws: int) -> Iterator[Floats]:
        """`draws` bootstrap samples as weights (blocks,); the same for every system on the same items."""
        generator, size = np.random.default_rng(self.seed), len(self._group)
        for _ in range(draws):
            yield np.bincount(generator.integers(0, size, size), minlength=size).astype(np.float64)

    def samples(self) -> list[dict[str, float]]:
        """All metrics of every bootstrap sample, worked out once for intervals and comparisons."""
        if self._samples is None:
            self._samples = [self.values(weights) for weights in self.resampled(self.draws if self._group else 0)]
        return self._samples

    def _by_group(self) -> dict[str, Any]:
        if not 2 <= len(self._groups) <= MOST_GROUPS:
            return {}
        index = np.frombuffer(self._group, np.intc)
        draws = min(GROUP_DRAWS, self.draws)
        found = {}
        for group, i in sorted(self._groups.items()):
            mask = (index == i).astype(float)
            found[group] = self._described(self.values(mask), [self.values(w * mask) for w in self.resampled(draws)])
        return found

    def _described(self, values: dict[str, float], drawn: Sequence[dict[str, float]]) -> dict[str, Any]:
        metrics, samples = self.metrics, _columns(drawn)
        result = {}
        for name, value in values.items():
            low, high = np.percentile(samples[name], [2.5, 97.5]) if samples.get(name) else (value, value)
            result[name] = {
                "value": _rounded(value), "low": _rounded(low), "high": _rounded(high),
                "unit": metrics[name].unit, "better": metrics[name].better,
            }  # fmt: skip
        return result


def compare(a: Accumulator, b: Accumulator) -> dict[str, dict[str, float]]:
    """For each metric that both have: difference a - b, its 95 % interval, and a two-sided p.

    Paired bootstrap resampling (Koehn 2004): p is twice the share of resamples on the other side of zero,
    with one added to both counts. Both must have seen the same items in the same order.
    """
    if (a._group, a._dealt, list(a._groups)) != (b._group, b._dealt, list(b._groups)):
        raise ValueError("only scores of the same items in the same order can be compared")
    mine, theirs = a.values(), b.values()
    shared = [name for name in mine if name in theirs and a.metrics[name].better]
    differences = _columns(_minus(x, y, shared) for x, y in zip(a.samples(), b.samples(), strict=True))
    result = {}
    for name in shared:
        found = np.array(differences.get(name) or [0.0])
        low, high = np.percentile(found, [2.5, 97.5])
        tail = min(np.sum(found <= 0), np.sum(found >= 0))
        p = min(1.0, 2 * (tail + 1) / (len(found) + 1))
        result[name] = {
            "difference": _rounded(mine[name] - theirs[name]), "low": _rounded(low), "high": _rounded(high),
            "p": _rounded(p),
        }  # fmt: skip
    return result


def _minus(a: dict[str, float], b: dict[str, float], names: Sequence[str]) -> dict[str, float]:
    return {name: a[name] - b[name] for name in names if name in a and name in b}


def _columns(rows: Iterable[dict[str, float]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name, []).append(value)
    return found


def _rounded(value: float) -> float:
    return round(float(value), 6)
