"""Word-level quality estimation: scores and flags against gold tags of words and gaps.

MCC is computed as the WMT shared tasks on quality estimation do (sheffieldnlp/qe-eval-scripts,
wmt20/word_evaluate.py): all words of the corpus together, gaps apart. A gold word takes the highest score of
the system's words that share a character with it, so that any tokenisation can be scored.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtfix.evaluation.items import Item, Output, ScoredSpan
from mtfix.evaluation.scores.base import Floats, Metric, ratio, summed
from mtfix.types import Span

BINS = 15  # of the calibration error
STEPS = 100  # thresholds that are tried: 0.00, 0.01, …
ROOM = 1 << 18  # words, those of some 12,000 sentences
THOUSANDTHS = 1000


class _Column:
    """Words (or gaps) with the block of each; words of a block that look the same are one with a count.

    Up to ROOM of them look the same only when they are; beyond, scores are kept to a thousandth.
    """

    def __init__(self) -> None:
        self.score, self.gold, self.flagged = array("f"), array("b"), array("b")
        self.block, self.count = array("i"), array("i")
        self._room = ROOM

    def add(self, block: int, scores: Sequence[float], gold: Sequence[bool], flagged: Sequence[bool]) -> None:
        self.score.extend(scores)
        self.gold.extend(gold)
        self.flagged.extend(flagged)
        self.block.extend([block] * len(gold))
        self.count.extend([1] * len(gold))
        if len(self.score) > self._room:
            self._merge()
            self._room = max(ROOM, 2 * len(self.score))

    def _merge(self) -> None:
        step = np.clip(np.array(self.score) * THOUSANDTHS, 0, THOUSANDTHS - 1).astype(np.int64)
        key = np.array(self.block, np.int64) * THOUSANDTHS + step
        key = key * 4 + np.array(self.gold) * 2 + np.array(self.flagged)
        keys, place = np.unique(key, return_inverse=True)
        self.count = array("i", np.bincount(place, np.array(self.count)).astype(np.intc).tobytes())
        self.flagged = array("b", (keys & 1).astype(np.int8).tobytes())
        self.gold = array("b", (keys >> 1 & 1).astype(np.int8).tobytes())
        # in the middle of the step: on the same side of every threshold, and merged alike the next time
        score = (keys // 4 % THOUSANDTHS + 0.5) / THOUSANDTHS
        self.score = array("f", score.astype(np.float32).tobytes())
        self.block = array("i", (keys // 4 // THOUSANDTHS).astype(np.intc).tobytes())


class Detection:
    """Scores of words and gaps. Without scores a system's flags stand for them, without flags its edits."""

    metrics = {  # noqa: RUF012
        "mcc": Metric(), "mcc_flags": Metric(), "f1_bad": Metric(), "f1_ok": Metric(), "f1_multi": Metric(),
        "precision": Metric(), "recall": Metric(), "best_precision": Metric(), "best_recall": Metric(),
        "best_threshold": Metric("", ""), "average_precision": Metric(), "ece": Metric("", "lower"),
        "gap_mcc": Metric(),
    }  # fmt: skip

    def __init__(self) -> None:
        self._words, self._gaps = _Column(), _Column()

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        if item.tokens is None or item.bad is None:
            return {}
        flags = pointed(output)
        flagged = [any(f.span.overlaps(t) for f in flags) for t in item.tokens]
        scores = overlapping(item.tokens, output.tokens if output.tokens is not None else flags)
        self._words.add(block, scores, item.bad, flagged)
        if item.gaps is not None:
            places = gap_places(item)
            found = gap_scores(places, output.gaps if output.gaps is not None else flags)
            self._gaps.add(block, found, item.gaps, [False] * len(places))
        hits = sum(f and b for f, b in zip(flagged, item.bad, strict=True))
        return {"words_found": hits, "words_missed": sum(item.bad) - hits, "words_false": sum(flagged) - hits}

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        words, _ = self._frozen
        sums = summed(self._by_block, weights)
        own, best, gaps = (tuple(float(x) for x in sums[i : i + 4]) for i in (0, 4, 8))
        tp, fp, fn, tn = own
        bad, ok = _f1(tp, fp, fn), _f1(tn, fn, fp)
        return {
            "mcc": _mcc(best), "mcc_flags": _mcc(own), "f1_bad": bad, "f1_ok": ok, "f1_multi": bad * ok,
            "precision": ratio(tp, tp + fp), "recall": ratio(tp, tp + fn),
            "best_precision": ratio(best[0], best[0] + best[1]), "best_recall": ratio(best[0], best[0] + best[2]),
            "best_threshold": self._cut if len(words.gold) else float("nan"),
            "average_precision": _average_precision(words, weights), "ece": _ece(sums[12:]),
            "gap_mcc": _mcc(gaps),
        }  # fmt: skip

    def curves(self) -> dict[str, Any]:
        words, _ = self._frozen
        if not len(words.gold):
            return {}
        return {"precision_recall": _precision_recall(words), "reliability": _reliability(summed(self._by_block)[12:])}

    def counts(self) -> dict[str, int]:
        words, gaps = self._frozen
        return {
            "words": int(words.count.sum()), "bad_words": int(words.count @ words.gold),
            "gaps": int(gaps.count.sum()), "bad_gaps": int(gaps.count @ gaps.gold),
        }  # fmt: skip

    @cached_property
    def _frozen(self) -> tuple[_Frozen, _Frozen]:
        return _Frozen(self._words), _Frozen(self._gaps)

    @cached_property
    def _cut(self) -> float:
        return _best_cut(self._frozen[0])

    @cached_property
    def _by_block(self) -> Floats:
        """(blocks, 12 + 3 * BINS) sums over the words of each block, for resamples need no more of most scores:
        cells of flags, of words and of gaps at their best threshold; weight, gold and scores of every bin."""
        words, gaps = self._frozen
        blocks = 1 + max((int(column.block.max()) for column in (words, gaps) if len(column.block)), default=-1)
        return np.hstack([
            _cells(words, words.flagged, blocks), _cells(words, words.score >= self._cut, blocks),
            _cells(gaps, gaps.score >= _best_cut(gaps), blocks), _bins(words, blocks),
        ])  # fmt: skip


class _Frozen:
    """A column's words from the highest score down; those of a block that are alike in all are one with a count."""

    def __init__(self, column: _Column) -> None:
        every = (np.array(x) for x in (column.flagged, column.gold, column.block, column.score))
        flagged, gold, block, score = keys = tuple(every)
        order = np.lexsort((flagged, gold, block, -score))
        first = np.zeros(len(order), bool)
        first[:1] = True
        for key in keys:
            first[1:] |= np.diff(key[order]) != 0
        kept = order[first]
        self.score = score[kept].astype(np.float64)
        self.gold, self.flagged = gold[kept].astype(bool), flagged[kept].astype(bool)
        self.block = block[kept].astype(np.intp)
        counts = np.array(column.count, np.float64)[order]
        self.count = np.add.reduceat(counts, np.flatnonzero(first)) if len(order) else counts
        # the wrong words; for each the last word of its score, and the last wrong one of it
        self.wrong = np.flatnonzero(self.gold)
        self.last = np.searchsorted(-self.score, -self.score[self.wrong], "right") - 1
        self.last_wrong = np.searchsorted(self.wrong, self.last, "right") - 1


def pointed(output: Output) -> Sequence[ScoredSpan]:
    """The system's flags; of a tool that knows only corrections, the places that it changed."""
    if output.flags is not None:
        return output.flags
    return [ScoredSpan(edit.span, 1.0, edit.category) for edit in output.edits if edit.applied]


def overlapping(tokens: Sequence[Span], found: Sequence[ScoredSpan]) -> list[float]:
    """For every token the highest score of what shares a character with it; 0.0 where nothing does."""
    ordered = sorted((f for f in found if f.span.start < f.span.end), key=lambda f: f.span)
    longest = max((f.span.end - f.span.start for f in ordered), default=0)
    starts = [f.span.start for f in ordered]
    result = []
    for token in tokens:
        first = bisect_left(starts, token.start - longest)
        last = bisect_left(starts, token.end)
        result.append(max((f.score for f in ordered[first:last] if f.span.overlaps(token)), default=0.0))
    return result


def gap_places(item: Item) -> list[Span]:
    """Where each gap lies: from the end of the token before to the start of the token after."""
    tokens = item.tokens or ()
    edges = [0, *(t.end for t in tokens)], [*(t.start for t in tokens), len(item.text)]
    return [Span(min(a, b), max(a, b)) for a, b in zip(*edges, strict=True)]


def gap_scores(places: Sequence[Span], found: Sequence[ScoredSpan]) -> list[float]:
    """For every gap the highest score of an empty span in it."""
    points = [f for f in found if f.span.start == f.span.end]
    return [max((f.score for f in points if p.start <= f.span.start <= p.end), default=0.0) for p in places]


def _cells(column: _Frozen, predicted: NDArray[np.bool_], blocks: int) -> Floats:
    """(blocks, 4) true positives, false positives, false negatives, true negatives; BAD is positive."""
    cell = 2 * ~predicted + 1 * ~column.gold
    return np.asarray(np.bincount(4 * column.block + cell, column.count, 4 * blocks), float).reshape(-1, 4)


def _mcc(cells: Sequence[float]) -> float:
    tp, fp, fn, tn = cells
    if not sum(cells):
        return float("nan")
    scale = math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return (tp * tn - fp * fn) / scale if scale else 0.0


def _f1(tp: float, fp: float, fn: float) -> float:
    return ratio(2 * tp, 2 * tp + fp + fn)


def _at_cuts(column: _Frozen) -> Iterator[tuple[float, Sequence[float]]]:
    """Every threshold with the cells of all words at it."""
    for cut in np.arange(STEPS + 1) / STEPS:
        cell = 2 * (column.score < cut) + 1 * ~column.gold
        yield float(cut), np.bincount(cell, column.count, 4).tolist()


def _best_cut(column: _Frozen) -> float:
    """The threshold with the highest MCC; the first of equal ones."""
    if not len(column.gold):
        return 0.5
    return max(list(_at_cuts(column))[1:STEPS], key=lambda found: _mcc(found[1]))[0]


def _average_precision(column: _Frozen, weights: Floats | None) -> float:
    """Sum over distinct scores of precision times gain in recall, as scikit-learn's average_precision_score."""
    w = column.count if weights is None else column.count * weights.take(column.block)
    wrong = w[column.wrong]
    true = np.cumsum(wrong)
    if not len(true) or not true[-1]:
        return float("nan")
    precision = true[column.last_wrong] / np.maximum(np.cumsum(w)[column.last], 1e-12)
    return float(wrong @ precision / true[-1])


def _bins(column: _Frozen, blocks: int) -> Floats:
    """(blocks, 3 * BINS) weight, sum of gold and sum of scores of bins of equal width."""
    bin = np.minimum((column.score * BINS).astype(int), BINS - 1)
    parts = (1.0, column.gold, column.score)
    return np.hstack([
        np.bincount(BINS * column.block + bin, column.count * x, BINS * blocks).reshape(-1, BINS) for x in parts
    ])  # fmt: skip


def _ece(bins: Floats) -> float:
    """Expected calibration error (Naeini et al. 2015)."""
    count, gold, score = bins.reshape(3, BINS)
    return ratio(float(np.abs(gold - score).sum()), float(count.sum()))


def _reliability(bins: Floats) -> list[list[float]]:
    """[mean score, share of wrong words, words] of every bin that has any."""
    return [[round(s / n, 4), round(g / n, 4), int(n)] for n, g, s in bins.reshape(3, BINS).T.tolist() if n]


def _precision_recall(column: _Frozen) -> list[list[float]]:
    """[recall, precision, threshold] at each threshold, as far as anything is at or over it."""
    points = []
    for cut, (tp, fp, fn, _) in _at_cuts(column):
        if tp + fp and tp + fn:
            points.append([round(tp / (tp + fn), 4), round(tp / (tp + fp), 4), round(cut, 2)])
    return points
