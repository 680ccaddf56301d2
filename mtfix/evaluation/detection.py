"""How well the detector's word scores agree with human tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtfix.detector.document import shifts
from mtfix.detector.model import Detector, combined, joined
from mtfix.metrics import best_threshold, expected_calibration_error, mcc
from mtfix.training.tagged import Tagged
from mtfix.types import Span, Token

Array = NDArray[Any]


@dataclass(frozen=True)
class Scored:
    """One sentence: gold of its words (n,) and gaps (n + 1,), and their logits, (n, tasks) or combined (n,)."""

    group: str
    bad: Array
    word_logits: Array
    missing: Array
    gap_logits: Array


def score(detector: Detector, rows: Sequence[Tagged]) -> list[Scored]:
    """Logits of every task that tells what is wrong, for the given words, in one batch."""
    encoded = [detector.encoder.encode(row.words, row.spaced) for row in rows]
    logits = iter(detector.backend.logits([chunk for chunks in encoded for chunk in chunks]))
    results = []
    for row, chunks in zip(rows, encoded, strict=True):
        word, gap, _ = joined([next(logits) for _ in chunks], len(detector.kinds))
        word, gap = word[:, : detector.tasks], gap[:, : detector.tasks]
        results.append(Scored(row.group, np.array(row.bad), word, np.array(row.missing), gap))
    return results


def score_documents(detector: Detector, documents: Sequence[Sequence[Tagged]]) -> list[list[Scored]]:
    """The same for the sentences of documents, all in one batch."""
    scored = iter(score(detector, [row for document in documents for row in document]))
    return [[next(scored) for _ in document] for document in documents]


def calibrated(found: Sequence[Scored], calibration: dict[str, Sequence[float]]) -> list[Scored]:
    """The same with the detector's own combination of the tasks in place of their logits."""
    return [
        replace(
            s,
            word_logits=combined(s.word_logits, calibration["word"]),
            gap_logits=combined(s.gap_logits, calibration["gap"]),
        )
        for s in found
    ]


def informed(document: Sequence[Scored], weights: Sequence[float] | None) -> list[Scored]:
    """The `calibrated` sentences of a document, moved by what the rest of it says (`mtfix.detector.document`)."""
    if weights is None:
        return list(document)
    words = [[Token(Span(0, 1), float(p)) for p in _sigmoid(s.word_logits)] for s in document]
    moves = shifts(words, weights)
    return [replace(s, word_logits=s.word_logits + move) for s, move in zip(document, moves, strict=True)]


def word_mcc(found: Sequence[Scored], threshold: float, draws: int = 500, seed: int = 12345) -> dict[str, Any]:
    """MCC of words with `logit >= threshold`, with a 95 % bootstrap interval over sentences."""
    gold, predicted = [s.bad for s in found], [s.word_logits >= threshold for s in found]
    value = mcc(np.concatenate(gold), np.concatenate(predicted))
    generator = np.random.default_rng(seed)
    cells = np.array([_cells(g, p) for g, p in zip(gold, predicted, strict=True)], float)
    sample = cells[generator.integers(0, len(cells), (draws, len(cells)))].sum(axis=1)
    tp, tn, fp, fn = sample.T
    scale = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    values = np.where(scale > 0, (tp * tn - fp * fn) / np.maximum(scale, 1e-9), 0)
    low, high = np.percentile(values, [2.5, 97.5])
    return {"mcc": round(value, 4), "interval": [round(float(low), 4), round(float(high), 4)], "sentences": len(found)}


def _cells(gold: Array, predicted: Array) -> tuple[int, int, int, int]:
    return (
        int(np.sum(gold & predicted)), int(np.sum(~gold & ~predicted)),
        int(np.sum(~gold & predicted)), int(np.sum(gold & ~predicted)),
    )  # fmt: skip


def report(found: Sequence[Scored]) -> dict[str, Any]:
    """Of `calibrated` scores: MCC per group at the one threshold that is best over all groups; gap MCC likewise."""
    bad, logits = np.concatenate([s.bad for s in found]), np.concatenate([s.word_logits for s in found])
    threshold, _ = best_threshold(bad, _sigmoid(logits))
    cut = float(np.log(threshold / (1 - threshold)))
    missing, gaps = np.concatenate([s.missing for s in found]), np.concatenate([s.gap_logits for s in found])
    groups = sorted({s.group for s in found})
    return {
        "threshold": round(float(threshold), 2),
        "words": {g: word_mcc([s for s in found if s.group == g], cut) for g in groups},
        "all words": word_mcc(found, cut),
        "gap mcc (best threshold)": round(best_threshold(missing, _sigmoid(gaps))[1], 4),
    }


def summary(found: Sequence[Scored]) -> dict[str, Any]:
    """Of `calibrated` scores: MCC of all words at the best threshold, and the calibration error."""
    bad, logits = np.concatenate([s.bad for s in found]), np.concatenate([s.word_logits for s in found])
    threshold, _ = best_threshold(bad, _sigmoid(logits))
    return {**word_mcc(found, float(np.log(threshold / (1 - threshold)))), "ece": calibration_error(found)}


def calibration_error(found: Sequence[Scored]) -> float:
    """Of `calibrated` scores."""
    bad, logits = np.concatenate([s.bad for s in found]), np.concatenate([s.word_logits for s in found])
    return round(expected_calibration_error(bad, _sigmoid(logits)), 4)


def _sigmoid(x: Array) -> Array:
    result: Array = 1 / (1 + np.exp(-np.clip(x, -30, 30)))
    return result
