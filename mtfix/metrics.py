"""Metrics of detection, as the shared tasks on quality estimation define them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mcc(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Matthews correlation over all words of a corpus at once, as the WMT word-level QE scorer does.

    Both are booleans of the same length. 0.0 where it is undefined (one class missing).
    """
    gold, predicted = np.asarray(gold, bool), np.asarray(predicted, bool)
    tp, tn = float(np.sum(gold & predicted)), float(np.sum(~gold & ~predicted))
    fp, fn = float(np.sum(~gold & predicted)), float(np.sum(gold & ~predicted))
    scale = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return float((tp * tn - fp * fn) / scale) if scale else 0.0


def best_threshold(gold: ArrayLike, scores: ArrayLike) -> tuple[float, float]:
    """(threshold, MCC) with the highest MCC among 99 thresholds at 0.01 steps; `score >= threshold` is BAD."""
    gold, scores = np.asarray(gold, bool), np.asarray(scores, float)
    return max(((t, mcc(gold, scores >= t)) for t in np.arange(1, 100) / 100), key=lambda pair: pair[1])


def expected_calibration_error(gold: ArrayLike, scores: ArrayLike, bins: int = 15) -> float:
    """Mean |confidence - accuracy| over equal-width bins, weighted by size (Naeini et al. 2015)."""
    gold, scores = np.asarray(gold, float), np.asarray(scores, float)
    index = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [abs(gold[index == b].mean() - scores[index == b].mean()) * np.sum(index == b) for b in np.unique(index)]
    return float(np.sum(gaps) / len(gold)) if len(gold) else 0.0


def bootstrap(values: NDArray[np.float64], draws: int = 1000, seed: int = 12345) -> tuple[float, float]:
    """95 % percentile interval of the mean of `values` (one value per sentence or item)."""
    generator = np.random.default_rng(seed)
    means = values[generator.integers(0, len(values), (draws, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def platt(gold: ArrayLike, logits: ArrayLike, offset: ArrayLike = 0.0, steps: int = 100) -> tuple[float, ...]:
    """(a, ..., b) so that sigmoid(a * logit + ... + b) is calibrated on the data (Platt 1999), by Newton's method.

    `logits` is (n,) or, for a stack of several scores, (n, k); the result has k weights and the bias.
    `offset` is a part of the logit that has no weight to fit.
    """
    y, x = np.asarray(gold, float), np.asarray(logits, float)
    design = np.column_stack([x, np.ones(len(y))])
    start = np.r_[np.full(design.shape[1] - 1, 1 / (design.shape[1] - 1)), 0.0]

    def loss(at: NDArray[Any]) -> float:
        z = design @ at + offset
        return float(np.sum(np.logaddexp(0, z) - y * z) + 5e-4 * np.sum((at - start) ** 2))

    weights, value = start, loss(start)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(design @ weights + offset, -30, 30)))
        gradient = design.T @ (p - y) + 1e-3 * (weights - start)
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + 1e-3 * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        while (found := loss(weights - step)) > value and np.abs(step).max() > 1e-8:
            step = step / 2  # a full step can overshoot, far from the minimum even for ever
        weights, value = weights - step, found
        if np.abs(step).max() < 1e-8:
            break
    return tuple(map(float, weights))
