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
        words, gaps = self._frozen
        cut, w = self._cut, words.weights(weights)
        best = _cells(words, words.score >= cut, w)
        own = _cells(words, words.flagged, w)
        bad, ok = _f1(own), _f1((own[3], own[2], own[1], own[0]))
        return {
            "mcc": _mcc(best), "mcc_flags": _mcc(own), "f1_bad": bad, "f1_ok": ok, "f1_multi": bad * ok,
            "precision": ratio(own[0], own[0] + own[1]), "recall": ratio(own[0], own[0] + own[2]),
            "best_precision": ratio(best[0], best[0] + best[1]), "best_recall": ratio(best[0], best[0] + best[2]),
            "best_threshold": cut if len(words.gold) else float("nan"),
            "average_precision": _average_precision(words, w), "ece": _ece(words, w),
            "gap_mcc": _mcc(_cells(gaps, gaps.score >= self._gap_cut, gaps.weights(weights))),
        }  # fmt: skip

    def curves(self) -> dict[str, Any]:
        words, _ = self._frozen
        if not len(words.gold):
            return {}
        return {"precision_recall": _precision_recall(words), "reliability": _reliability(words)}

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
    def _gap_cut(self) -> float:
        return _best_cut(self._frozen[1])


class _Frozen:
    def __init__(self, column: _Column) -> None:
        self.score = np.array(column.score, np.float64)
        self.gold = np.array(column.gold, bool)
        self.flagged = np.array(column.flagged, bool)
        self.block = np.array(column.block)
        self.count = np.array(column.count, np.float64)
        self.order = np.argsort(-self.score, kind="stable").astype(np.intc)
        self.bin = np.minimum((self.score * BINS).astype(np.intc), BINS - 1)

    def weights(self, blocks: Floats | None = None) -> Floats:
        return self.count if blocks is None else np.asarray(self.count * blocks[self.block])


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


def _cells(column: _Frozen, predicted: NDArray[np.bool_], w: Floats) -> Cells:
    """True positives, false positives, false negatives, true negatives; BAD is positive. w: of each word."""
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
    return float(max(cuts, key=lambda cut: _mcc(_cells(column, column.score >= cut, column.count))))


def _average_precision(column: _Frozen, w: Floats) -> float:
    """Sum over distinct scores of precision times gain in recall, as scikit-learn's average_precision_score."""
    w = w[column.order]
    gold, score = column.gold[column.order], column.score[column.order]
    positives = w[gold].sum()
    if not positives:
        return float("nan")
    true, every = np.cumsum(w * gold), np.cumsum(w)
    last = np.r_[score[1:] != score[:-1], True]
    precision = true[last] / np.maximum(every[last], 1e-12)
    return float(np.sum(np.diff(np.r_[0.0, true[last]]) * precision) / positives)


def _bins(column: _Frozen, w: Floats) -> tuple[Floats, Floats, Floats]:
    """Weight, sum of gold and sum of scores of equal-width bins."""
    return tuple(np.bincount(column.bin, w * x, BINS) for x in (1.0, column.gold, column.score))  # type: ignore[return-value]


def _ece(column: _Frozen, w: Floats) -> float:
    """Expected calibration error (Naeini et al. 2015)."""
    count, gold, score = _bins(column, w)
    return ratio(float(np.abs(gold - score).sum()), float(count.sum()))


def _reliability(column: _Frozen) -> list[list[float]]:
    """[mean score, share of wrong words, words] of every bin that has any."""
    bins = zip(*_bins(column, column.count), strict=True)
    return [[round(s / n, 4), round(g / n, 4), int(n)] for n, g, s in bins if n]


def _precision_recall(column: _Frozen) -> list[list[float]]:
    """[recall, precision, threshold] at each threshold, as far as anything is at or over it."""
    points = []
    for cut in np.arange(STEPS + 1) / STEPS:
        tp, fp, fn, _ = _cells(column, column.score >= cut, column.count)
        if tp + fp and tp + fn:
            points.append([round(tp / (tp + fn), 4), round(tp / (tp + fp), 4), round(float(cut), 2)])
    return points
