"""How probable each repair of a place is that is known to be wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.evaluation.rewriting import fit_choice
from mtfix.judge.choice import ANY, FEATURES, Option, features, kind_of, probabilities
from mtfix.judge.proposals import Proposal
from mtfix.types import Span


def option(
    rewriter: float, wider: float = 0.5, relief: float = 0.0, words: int = 1, channel: float | None = None
) -> Option:
    proposal = Proposal(Span(0, 5), "final", "late", "wrong-sense", 1.0, rewriter, 0.1, asked=words)
    return Option(proposal, wider, relief, channel)


def chosen(among: list[float], some: list[float]) -> dict[str, Any]:
    """The last two weights are of the channel."""
    kinds = {"plain": among[: FEATURES["plain"]], "exchanged": among}
    return {"choice": {kind: {"among": weights, "any": some} for kind, weights in kinds.items()}}


def test_what_the_channel_says_counts_where_it_says_anything() -> None:
    settings = chosen([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, -4.0], [0.0, 0.0, 30.0])
    settings["choice"]["plain"]["among"][0] = 2.0
    first, second = probabilities([option(0.4), option(0.2)], settings)
    assert first / second == pytest.approx(4)
    first, second = probabilities([option(0.4), option(0.2, channel=-2.0)], settings)
    assert first / second == pytest.approx(2 * math.exp(-4 + 0.3 * 2))


def test_every_look_counts_by_its_weight() -> None:
    settings = chosen([1.0, 0.0, 0.0, 0.0, 0.5, 2.0, 0.3, -4.0], [0.0, 0.0, 30.0])
    first, second = probabilities([option(0.4, 0.1, 0.0), option(0.2, 0.4, 0.7)], settings)
    assert first / second == pytest.approx(0.4 / 0.2 * math.sqrt(0.1 / 0.4) * math.exp(-2 * 0.7))


def test_that_none_is_right_is_the_more_probable_the_longer_the_place_and_the_worse_they_are() -> None:
    settings = chosen([1.0, *[0.0] * (FEATURES["exchanged"] - 1)], [1.0, -0.5, 2.0])
    assert sum(probabilities([option(0.3), option(0.3)], settings)) > sum(probabilities([option(0.3)], settings))
    assert probabilities([option(0.3)], settings) > probabilities([option(0.3, words=2)], settings)
    assert probabilities([option(0.3, words=8)], settings) == probabilities([option(0.3, words=9)], settings)


TRUE = [0.6, 0.0, 0.0, 0.0, 0.4, 1.5, 0.5, -1.0]
NUMBERS = st.floats(-20, 20)
SHARES = st.floats(0, 1)


@given(
    st.lists(st.builds(option, SHARES, SHARES, NUMBERS, st.integers(0, 12), st.none() | st.floats(-20, 0)), max_size=5),
    st.lists(NUMBERS, min_size=FEATURES["exchanged"], max_size=FEATURES["exchanged"]),
    st.lists(NUMBERS, min_size=ANY, max_size=ANY),
)  # fmt: skip
def test_they_are_probabilities(options: list[Option], among: list[float], some: list[float]) -> None:
    found = probabilities(options, chosen(among, some))
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
        options = [option(p, q, r, words, None if plain or log > 0 else log) for p, q, r, log in drawn]
        odds = np.exp([sum(w * x for w, x in zip(TRUE[: len(seen)], seen, strict=True)) for seen in features(options)])
        there = rng.random() < 1 / (1 + math.exp(0.8 * words - 2))
        right = rng.choice(4, p=odds / odds.sum()) if there else None
        found.append((options, [i == right for i in range(4)]))
    fitted = fit_choice(found)
    assert {kind_of(options) for options, _ in found} == {"plain", "exchanged"}
    assert all(np.allclose(fitted[kind]["among"], TRUE[:size], atol=0.15) for kind, size in FEATURES.items())
    told = [probabilities(options, {"choice": fitted}) for options, _ in found]
    for words in range(1, 6):
        own = [i for i, (options, _) in enumerate(found) if options[0].proposal.asked == words]
        assert np.mean([sum(told[i]) for i in own]) == pytest.approx(np.mean([any(found[i][1]) for i in own]), abs=0.04)
    assert np.mean([max(p) for p in told]) == pytest.approx(
        np.mean([right[int(np.argmax(p))] for p, (_, right) in zip(told, found, strict=True)]), abs=0.03
    )
