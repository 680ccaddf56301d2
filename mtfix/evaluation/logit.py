"""Log-linear models fitted by Newton's method, with a small ridge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def logistic(found: Sequence[tuple[Sequence[float], bool]], ridge: float = 1.0) -> list[float]:
    """Weights of a logistic model."""
    x, y = np.array([f for f, _ in found]), np.array([float(label) for _, label in found])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (p - y) + ridge * weights
        weights -= np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + ridge * np.eye(len(weights)), gradient)
    return [round(float(w), 4) for w in weights]


def conditional_logit(
    groups: Sequence[tuple[Sequence[list[float]], Sequence[bool]]], features: int, ridge: float = 1.0
) -> list[float]:
    """Weights that tell the right one of each group from the wrong ones.

    groups: of each one so many features, and whether it is right. Where several are, any of them will do: each has an
    equal part in what is looked for. A group in which all are, or none is, tells nothing.
    """
    told = [(np.array(x), np.array(right, float) / sum(right)) for x, right in groups if any(right) and not all(right)]

    def shares(weights: Floats) -> list[Floats]:
        scores = [x @ weights for x, _ in told]
        odds = [np.exp(score - score.max()) for score in scores]
        return [odd / odd.sum() for odd in odds]

    def loss(weights: Floats, found: list[Floats]) -> float:
        misfit = -sum(float(wanted @ np.log(p + 1e-300)) for p, (_, wanted) in zip(found, told, strict=True))
        return misfit + ridge / 2 * float(weights @ weights)

    weights = np.zeros(features)
    found = shares(weights)
    for _ in range(30):
        gradient, curvature = ridge * weights, ridge * np.eye(len(weights))
        for p, (x, wanted) in zip(found, told, strict=True):
            gradient = gradient + x.T @ (p - wanted)
            curvature += (x.T * p) @ x - np.outer(x.T @ p, x.T @ p)
        step = np.linalg.solve(curvature, gradient)
        before = loss(weights, found)
        # a whole step may lead beyond the best where that is far away
        for size in (0.5**n for n in range(20)):
            further = weights - size * step
            found = shares(further)
            if loss(further, found) <= before:
                break
        weights = further
    return [round(float(w), 4) for w in weights]
