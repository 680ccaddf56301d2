"""Log-linear models find the weights that made the data."""

from __future__ import annotations

import numpy as np

from mtfix.evaluation.logit import conditional_logit


def test_the_weights_that_chose_are_found_also_where_a_whole_step_leads_too_far() -> None:
    rng = np.random.default_rng(3)
    groups, true = [], np.array([6.0, -2.0, 0.0])
    for _ in range(2000):
        x = rng.normal(size=(12, 3)) * rng.exponential(2, (12, 1))  # near certain for most, close for some
        odds = np.exp(x @ true - (x @ true).max())
        chosen = rng.choice(12, p=odds / odds.sum())
        groups.append((x.tolist(), [i == chosen for i in range(12)]))
    assert np.allclose(conditional_logit(groups, 3), true, atol=0.5)


def test_groups_that_tell_nothing_leave_the_weights_at_zero() -> None:
    assert conditional_logit([([[1.0], [2.0]], [False, False]), ([[3.0]], [True])], 1) == [0.0]
    assert conditional_logit([], 2) == [0.0, 0.0]
