"""Word-level quality estimation: scores and flags against gold tags of words and gaps.

MCC is computed as the WMT shared tasks on quality estimation do (sheffieldnlp/qe-eval-scripts,
wmt20/word_evaluate.py): all words of the corpus together, gaps apart. A gold word takes the highest score of
the system's words that share a character with it, so that any tokenisation can be scored.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtfix.evaluation.items import Item, Output, ScoredSpan
from mtfix.evaluation.scores.base import Floats, Metric, ratio
from mtfix.types import Span

BINS = 15  # of the calibration error
STEPS = 100  # thresholds that are tried: 0.00, 0.01, …


class _Column:
    """Scores and gold of all words (or gaps), and the item of each."""

    def __init__(self) -> None:
        self.score, self.gold, self.flagged, self.item = array("f"), array("b"), array("b"), array("i")
        self.items = 0

    def add(self, scores: Sequence[float], gold: Sequence[bool], flagged: Sequence[bool]) -> None:
        self.score.extend(scores)
        self.gold.extend(gold)
        self.flagged.extend(flagged)
        self.item.extend([self.items] * len(gold))
        self.items += 1


class Detection:
    """Scores of words and gaps. Without scores a system's flags stand for them."""

    metrics = {  # noqa: RUF012
        "mcc": Metric(), "mcc_flags": Metric(), "f1_bad": Metric(), "f1_ok": Metric(), "f1_multi": Metric(),
        "precision": Metric(), "recall": Metric(), "best_precision": Metric(), "best_recall": Metric(),
        "best_threshold": Metric("", ""), "average_precision": Metric(), "ece": Metric("", "lower"),
        "gap_mcc": Metric(),
    }  # fmt: skip

    def __init__(self) -> None:
        self._words, self._gaps = _Column(), _Column()

    def add(self, item: Item, output: Output) -> dict[str, float]:
        if item.tokens is None or item.bad is None:
            self._words.add([], [], [])
            self._gaps.add([], [], [])
            return {}
        flags = output.flags or ()
        flagged = [any(f.span.overlaps(t) for f in flags) for t in item.tokens]
        scores = overlapping(item.tokens, output.tokens if output.tokens is not None else flags)
        self._words.add(scores, item.bad, flagged)
        if item.gaps is not None:
            places = gap_places(item)
            found = gap_scores(places, output.gaps if output.gaps is not None else flags)
            self._gaps.add(found, item.gaps, [False] * len(places))
        else:
            self._gaps.add([], [], [])
        hits = sum(f and b for f, b in zip(flagged, item.bad, strict=True))
        return {"words_found": hits, "words_missed": sum(item.bad) - hits, "words_false": sum(flagged) - hits}

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        words, gaps = self._frozen
        cut = self._cut
        best = _cells(words, words.score >= cut, weights)
        own = _cells(words, words.flagged, weights)
        bad, ok = _f1(own), _f1((own[3], own[2], own[1], own[0]))
        return {
            "mcc": _mcc(best), "mcc_flags": _mcc(own), "f1_bad": bad, "f1_ok": ok, "f1_multi": bad * ok,
            "precision": ratio(own[0], own[0] + own[1]), "recall": ratio(own[0], own[0] + own[2]),
            "best_precision": ratio(best[0], best[0] + best[1]), "best_recall": ratio(best[0], best[0] + best[2]),
            "best_threshold": cut if len(words.gold) else float("nan"),
            "average_precision": _average_precision(words, weights), "ece": _ece(words, weights),
            "gap_mcc": _mcc(_cells(gaps, gaps.score >= self._gap_cut, weights)),
        }  # fmt: skip

    def curves(self) -> dict[str, Any]:
        words, _ = self._frozen
        if not len(words.gold):
            return {}
        return {"precision_recall": _precision_recall(words), "reliability": _reliability(words)}

    def counts(self) -> dict[str, int]:
        words, gaps = self._frozen
        return {
            "words": len(words.gold), "bad_words": int(words.gold.sum()), "gaps": len(gaps.gold),
            "bad_gaps": int(gaps.gold.sum()),
        }  # fmt: skip

    @cached_property
    def _frozen(self) -> tuple[_Frozen, _Frozen]:
        return _Frozen(self._words), _Frozen(self._gaps)

    @cached_property
    def _cut(self) -> float:
        return _best_cut(self._frozen[0])

    @cached_property
    def _gap_cut(self) -> float:
        return _best_cut(self._frozen[1])


class _Frozen:
    def __init__(self, column: _Column) -> None:
        self.score = np.array(column.score, np.float64)
        self.gold = np.array(column.gold, bool)
        self.flagged = np.array(column.flagged, bool)
        self.item = np.array(column.item, np.int64)
        self.order = np.argsort(-self.score, kind="stable")

    def weights(self, items: Floats | None) -> Floats:
        return np.ones(len(self.gold)) if items is None else items[self.item]


def overlapping(tokens: Sequence[Span], found: Sequence[ScoredSpan]) -> list[float]:
    """For every token the highest score of what shares a character with it; 0.0 where nothing does."""
    ordered = sorted((f for f in found if f.span.start < f.span.end), key=lambda f: f.span)
    longest = max((f.span.end - f.span.start for f in ordered), default=0)
    starts = [f.span.start for f in ordered]
    result = []
    for token in tokens:
        first = int(np.searchsorted(starts, token.start - longest))
        last = int(np.searchsorted(starts, token.end))
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


Cells = tuple[float, float, float, float]


def _cells(column: _Frozen, predicted: NDArray[np.bool_], weights: Floats | None) -> Cells:
    """True positives, false positives, false negatives, true negatives; BAD is positive."""
    w = column.weights(weights)
    tp, fp = w[predicted & column.gold].sum(), w[predicted & ~column.gold].sum()
    fn = w[~predicted & column.gold].sum()
    return float(tp), float(fp), float(fn), float(w.sum() - tp - fp - fn)


def _mcc(cells: Cells) -> float:
    tp, fp, fn, tn = cells
    if not sum(cells):
        return float("nan")
    scale = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return float((tp * tn - fp * fn) / scale) if scale else 0.0


def _f1(cells: Cells) -> float:
    tp, fp, fn, _ = cells
    return ratio(2 * tp, 2 * tp + fp + fn)


def _best_cut(column: _Frozen) -> float:
    """The threshold with the highest MCC; the first of equal ones."""
    cuts = np.arange(1, STEPS) / STEPS
    if not len(column.gold):
        return 0.5
    return float(max(cuts, key=lambda cut: _mcc(_cells(column, column.score >= cut, None))))


def _average_precision(column: _Frozen, weights: Floats | None) -> float:
    """Sum over distinct scores of precision times gain in recall, as scikit-learn's average_precision_score."""
    w = column.weights(weights)[column.order]
    gold, score = column.gold[column.order], column.score[column.order]
    positives = w[gold].sum()
    if not positives:
        return float("nan")
    true, every = np.cumsum(w * gold), np.cumsum(w)
    last = np.r_[score[1:] != score[:-1], True]
    precision = true[last] / np.maximum(every[last], 1e-12)
    return float(np.sum(np.diff(np.r_[0.0, true[last]]) * precision) / positives)


def _bins(column: _Frozen, weights: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Weight, sum of gold and sum of scores of equal-width bins."""
    w = column.weights(weights)
    index = np.minimum((column.score * BINS).astype(int), BINS - 1)
    return tuple(np.bincount(index, w * x, BINS) for x in (1.0, column.gold, column.score))  # type: ignore[return-value]


def _ece(column: _Frozen, weights: Floats | None) -> float:
    """Expected calibration error (Naeini et al. 2015)."""
    count, gold, score = _bins(column, weights)
    return ratio(float(np.abs(gold - score).sum()), float(count.sum()))


def _reliability(column: _Frozen) -> list[list[float]]:
    """[mean score, share of wrong words, words] of every bin that has any."""
    return [[round(s / n, 4), round(g / n, 4), int(n)] for n, g, s in zip(*_bins(column, None), strict=True) if n]


def _precision_recall(column: _Frozen) -> list[list[float]]:
    """[recall, precision, threshold] at each threshold, as far as anything is at or over it."""
    points = []
    for cut in np.arange(STEPS + 1) / STEPS:
        tp, fp, fn, _ = _cells(column, column.score >= cut, None)
        if tp + fp and tp + fn:
            points.append([round(tp / (tp + fn), 4), round(tp / (tp + fp), 4), round(float(cut), 2)])
    return points
