"""How probable each repair of a place is that is known to be wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.evaluation.rewriting import fit_choice
from mtfix.judge.choice import ANY, FEATURES, SEEN, Option, features, probabilities
from mtfix.judge.proposals import Proposal
from mtfix.types import Span


def option(
    rewriter: float, wider: float = 0.5, relief: float = 0.0, words: int = 1, exchanged: float | None = None
) -> Option:
    proposal = Proposal(
        Span(0, 5), "final", "late", "wrong-sense", 1.0, rewriter, 0.1, asked=words, exchanged=exchanged
    )
    return Option(proposal, wider, relief)


def chosen(among: list[float], some: list[float]) -> dict[str, Any]:
    """The same weights wherever it is; the last two are of what words look exchanged."""
    return {"choice": {"among": [*among[:SEEN], *among], "any": [*some, *some]}}


def test_how_probably_words_were_exchanged_counts_where_they_look_so() -> None:
    settings = chosen([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, -4.0], [0.0, 0.0, 30.0])
    settings["choice"]["among"][0] = 2.0
    first, second = probabilities([option(0.4), option(0.2)], settings)
    assert first / second == pytest.approx(4)
    first, second = probabilities([option(0.4, exchanged=-math.inf), option(0.2, exchanged=2.0)], settings)
    assert first / second == pytest.approx(2 * math.exp(-4 - 0.3 * 2))


def test_every_look_counts_by_its_weight() -> None:
    settings = chosen([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 2.0, 0.3, -4.0], [0.0, 0.0, 30.0])
    first, second = probabilities([option(0.4, 0.1, 0.0), option(0.2, 0.4, 0.7)], settings)
    assert first / second == pytest.approx(0.4 / 0.2 * math.sqrt(0.1 / 0.4) * math.exp(-2 * 0.7))


def test_that_none_is_right_is_the_more_probable_the_longer_the_place_and_the_worse_they_are() -> None:
    settings = chosen([1.0, *[0.0] * (SEEN + 1)], [1.0, -0.5, 2.0])
    assert sum(probabilities([option(0.3), option(0.3)], settings)) > sum(probabilities([option(0.3)], settings))
    assert probabilities([option(0.3)], settings) > probabilities([option(0.3, words=2)], settings)
    assert probabilities([option(0.3, words=8)], settings) == probabilities([option(0.3, words=9)], settings)


# where nothing looks exchanged; then where it does
TRUE = [0.6, *[0.0] * 5, 0.4, 1.5, 0.3, *[0.0] * 5, 0.2, 1.0, 0.5, -1.0]
NUMBERS = st.floats(-20, 20)
SHARES = st.floats(0, 1)


@given(
    st.lists(st.builds(option, SHARES, SHARES, NUMBERS, st.integers(0, 12), st.none() | NUMBERS), max_size=5),
    st.lists(NUMBERS, min_size=FEATURES, max_size=FEATURES),
    st.lists(NUMBERS, min_size=ANY, max_size=ANY),
)
def test_they_are_probabilities(options: list[Option], among: list[float], some: list[float]) -> None:
    found = probabilities(options, {"choice": {"among": among, "any": some}})
    assert len(found) == len(options)
    assert all(0 <= p <= 1 for p in found)
    assert sum(found) <= 1 + 1e-9


def test_what_is_fitted_tells_the_right_one_and_how_often_there_is_one() -> None:
    rng = np.random.default_rng(7)
    found = []
    for _ in range(12000):
        words = int(rng.integers(1, 6))
        drawn = rng.uniform([0.05, 0.05, -1, -3], [0.9, 0.9, 1, 1], (4, 4))
        plain = rng.random() < 0.5
        options = [
            option(p, q, r, words, None if plain else -math.inf if log > 0 else log) for p, q, r, log in drawn
        ]
        odds = np.exp([sum(w * x for w, x in zip(TRUE, features(one), strict=True)) for one in options])
        there = rng.random() < 1 / (1 + math.exp(0.8 * words - 2))
        right = rng.choice(4, p=odds / odds.sum()) if there else None
        found.append((options, [i == right for i in range(4)]))
    fitted = fit_choice(found)
    assert np.allclose(fitted["among"], TRUE, atol=0.15)
    told = [probabilities(options, {"choice": fitted}) for options, _ in found]
    for words in range(1, 6):
        own = [i for i, (options, _) in enumerate(found) if options[0].proposal.asked == words]
        assert np.mean([sum(told[i]) for i in own]) == pytest.approx(np.mean([any(found[i][1]) for i in own]), abs=0.04)
    assert np.mean([max(p) for p in told]) == pytest.approx(
        np.mean([right[int(np.argmax(p))] for p, (_, right) in zip(told, found, strict=True)]), abs=0.03
    )
