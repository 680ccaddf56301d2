"""Log-linear models find the weights that made the data."""

from __future__ import annotations

import numpy as np

from mtfix.evaluation.logit import conditional_logit


def test_the_weights_that_chose_are_found_also_where_whole_steps_lead_too_far() -> None:
    """Few of many are marked by anything, and those are nearly always chosen: whole steps end at weights of -75."""
    rng = np.random.default_rng(0)
    groups, true = [], np.array([4.0, 5.0, 1.0])
    for _ in range(300):
        x = np.zeros((80, 3))
        x[:, 0] = np.where(rng.random(80) < 0.03, rng.exponential(1, 80) + 0.7, 0)
        x[0, 1] = 1
        x[:, 2] = rng.random(80) < 0.1
        odds = np.exp(x @ true)
        chosen = rng.choice(80, p=odds / odds.sum())
        groups.append((x.tolist(), [i == chosen for i in range(80)]))
    assert np.allclose(conditional_logit(groups, 3), true, atol=0.3)


def test_groups_that_tell_nothing_leave_the_weights_at_zero() -> None:
    assert conditional_logit([([[1.0], [2.0]], [False, False]), ([[3.0]], [True])], 1) == [0.0]
    assert conditional_logit([], 2) == [0.0, 0.0]
