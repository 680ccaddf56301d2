"""Beam search, beside all answers there are."""

from __future__ import annotations

import math
import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.rewriter.beam import LEAST, Beam

STOP = 0


class Chain:
    """A model whose next token depends on the last one only."""

    def __init__(self, tokens: int, seed: int) -> None:
        rng = random.Random(seed)
        rows = [[rng.random() ** 3 + 1e-3 for _ in range(tokens)] for _ in range(tokens)]
        self.next = [[math.log(p / sum(row)) for p in row] for row in rows]

    def best(self, last: int, count: int) -> tuple[list[float], list[int]]:
        ids = sorted(range(len(self.next)), key=lambda i: -self.next[last][i])[:count]
        return [self.next[last][i] for i in ids], ids

    def score(self, ids: tuple[int, ...]) -> float:
        return sum(self.next[a][b] for a, b in zip((STOP, *ids), ids, strict=False))


def searched(model: Chain, beams: int, longest: int) -> Beam:
    beam, where = Beam(beams, STOP, longest), 0
    kept = {}
    while not beam.over:
        last = [live.ids[-1] if live.ids else STOP for live in beam.live]
        places = list(range(where, where + len(last)))
        kept.update(zip(places, last, strict=True))
        where += len(last)
        found = [model.best(token, 2 * beams) for token in last]
        beam.advance([scores for scores, _ in found], [ids for _, ids in found], places)
        # what is kept of a beginning is the token before it and its own, in order
        for live in beam.live:
            assert [kept[place] for place in live.kept] == [STOP, *live.ids[:-1]]
    return beam


SEEDS = st.integers(0, 10_000)


@given(SEEDS, st.integers(2, 4), st.integers(1, 4))
def test_beams_enough_find_the_likeliest_answers_of_all(seed: int, tokens: int, longest: int) -> None:
    model, beams = Chain(tokens, seed), tokens**longest
    ends = [(*ids, STOP) for n in range(longest) for ids in product(range(1, tokens), repeat=n)]
    wanted = sorted((ids for ids in ends if model.score(ids) > LEAST), key=model.score, reverse=True)
    found = [ids for ids, _ in searched(model, beams, longest).found() if ids[-1] == STOP]
    assert [tuple(ids) for ids in found][: len(wanted)] == wanted


@given(SEEDS, st.integers(1, 5), st.integers(1, 6))
def test_answers_end_once_and_come_best_first(seed: int, beams: int, longest: int) -> None:
    model = Chain(6, seed)
    found = searched(model, beams, longest).found()
    assert len(found) <= beams
    finished = [ids for ids, _ in found if ids[-1] == STOP]
    assert found[: len(finished)] == [(ids, score) for ids, score in found if ids[-1] == STOP]
    scores = [score for _, score in found[: len(finished)]]
    assert scores == sorted(scores, reverse=True)
    for ids, score in found:
        assert STOP not in ids[:-1]
        assert 1 <= len(ids) <= longest
        assert score == pytest.approx(model.score(tuple(ids)))
