"""A causal rewriter on ONNX Runtime: a passage is read once, and all that follows it are branches that share it.

Questions are branches of their passage, beginnings of answers are branches of their question, and other ways in which a
sentence could go on are branches of the sentence. Each token sees what leads to it and nothing of other branches; keys
and values are kept once and never moved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import copy
from itertools import chain
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mtfix.models import ModelFolder, each, workers
from mtfix.onnx import value
from mtfix.rewriter.beam import Beam
from mtfix.rewriter.graph import Shape, head, trunk
from mtfix.rewriter.requests import Hypothesis, Reading, Request, Tail
from mtfix.variables import variables_of

QUESTIONS = 16  # of one passage that are answered together
TAILS = 32  # of one passage that are read together
KEPT = 4000  # tokens of passages that are remembered for the next reading, 46 KB each in the model that ships
ROWS = 64  # for which tokens are looked up at once: each takes memory for a probability of every token there is
HIDDEN = np.float32(-1e9)

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
S = TypeVar("S")
T = TypeVar("T")


class Tree:
    """Tokens read so far, and what their layers remember."""

    def __init__(self, shape: Shape, session: Any) -> None:
        self._shape, self._session = shape, session
        nothing = value(np.zeros((shape.groups, 0, shape.size), np.float32))
        self._past = [nothing] * len(shape.past)
        self.size = 0

    def read(self, ids: Sequence[int], positions: Sequence[int], sees: NDArray[np.bool_]) -> Floats:
        """States (r, width) of r more tokens. sees (r, size + r): which tokens each one sees, itself among them."""
        shape = self._shape
        mask = np.where(sees, np.float32(0), HIDDEN)
        inputs = {
            "ids": value(np.array(ids)),
            "positions": value(np.array([positions])),
            "mask": value(np.tile(mask, (shape.heads // shape.groups, 1))[None]),
            **{f"past_{name}": kept for name, kept in zip(shape.past, self._past, strict=True)},
        }
        states, *self._past = self._session.run_with_ort_values(["states", *shape.past], inputs)
        self.size += len(ids)
        found: Floats = states.numpy()
        return found

    def branch(self, branches: Sequence[Tail]) -> Floats:
        """States of the tokens of all branches. Each goes on from some token of what was read, and sees all before."""
        ends = np.cumsum([0, *(len(ids) for _, ids in branches)]).tolist()
        sees = np.zeros((ends[-1], self.size + ends[-1]), bool)
        for (place, ids), first, last in zip(branches, ends, ends[1:], strict=False):
            sees[first:last, :place] = True
            sees[first:last, self.size + first : self.size + last] = np.tri(len(ids), dtype=bool)
        positions = chain(*(range(place, place + len(ids)) for place, ids in branches))
        return self.read(list(chain(*(ids for _, ids in branches))), list(positions), sees)


class Passages:
    """Those of the last questions, KEPT tokens of them; for several threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], tuple[Tree, Floats]] = {}
        self._lock, self._size = Lock(), 0

    def get(self, passage: tuple[int, ...]) -> tuple[Tree, Floats] | None:
        return self._known.get(passage)

    def keep(self, passage: tuple[int, ...], found: tuple[Tree, Floats]) -> None:
        with self._lock:
            if self._size + len(passage) <= KEPT:
                self._known[passage] = found
                self._size += len(passage)

    def forget(self) -> None:
        with self._lock:
            self._known, self._size = {}, 0


class OnnxBackend:
    """int8 on the processor, one core for every passage. ValueError for a model that `graph` does not know."""

    def __init__(self, model: ModelFolder, stop: int, threads: int) -> None:
        files = model.inside("model/")
        variables = variables_of(files["model.bin"])
        epsilon = json.loads(files["config.json"]).get("layer_norm_epsilon") or 1e-5
        self.shape = Shape(variables, epsilon)
        self._trunk, self._head = trunk(variables, self.shape), head(variables, self.shape)
        self._stop, self._workers = stop, workers("cpu", threads)
        self._passages = Passages()

    def generate(self, requests: Sequence[Request], beams: int) -> list[list[list[Hypothesis]]]:
        self._passages.forget()
        parts = [
            (i, Request(r.passage, r.questions[j : j + QUESTIONS], r.longest[j : j + QUESTIONS]))
            for i, r in enumerate(requests)
            for j in range(0, len(r.questions), QUESTIONS)
        ]
        answered = self._shared([r for _, r in parts], lambda r: self._answers(r, beams), _questions)
        return _whole(len(requests), parts, answered)

    def score(self, readings: Sequence[Reading]) -> list[list[list[float]]]:
        parts = [
            (i, Reading(r.passage, r.tails[j : j + TAILS]))
            for i, r in enumerate(readings)
            for j in range(0, len(r.tails), TAILS)
        ]
        scored = self._shared([r for _, r in parts], self._scores, _tails)
        return _whole(len(readings), parts, scored)

    def _shared(self, items: Sequence[S], work: Callable[[S], list[T]], cost: Callable[[S], int]) -> list[list[T]]:
        """The work on every item, the largest first, so that no core waits for one."""
        order = sorted(range(len(items)), key=lambda i: -cost(items[i]))
        done = dict(zip(order, each([items[i] for i in order], work, self._workers), strict=True))
        return [done[i] for i in range(len(items))]

    def _read(self, passage: tuple[int, ...]) -> tuple[Tree, Floats]:
        """A tree that holds the passage, and its states. Always read by itself, so that values are always the same."""
        found = self._passages.get(passage)
        if found is None:
            tree = Tree(self.shape, self._trunk)
            found = tree, tree.branch([(0, passage)])
            self._passages.keep(passage, found)
        tree, states = found
        return copy(tree), states

    def _answers(self, request: Request, beams: int) -> list[list[Hypothesis]]:
        tree, _ = self._read(request.passage)
        start = tree.size
        ends = np.cumsum([start, *map(len, request.questions)]).tolist()
        last = [end - 1 for end in ends[1:]]
        states = tree.branch([(start, question) for question in request.questions])[np.array(last) - start]
        searches = [Beam(beams, self._stop, longest) for longest in request.longest]
        rows = [(number, search.live[0]) for number, search in enumerate(searches)]
        kept = last
        while True:
            scores, ids = self._best(states, 2 * beams)
            for number, search in enumerate(searches):
                own = [k for k, (owner, _) in enumerate(rows) if owner == number]
                if own:
                    search.advance([scores[k] for k in own], [ids[k] for k in own], [kept[k] for k in own])
            rows = [(n, live) for n, search in enumerate(searches) if not search.over for live in search.live]
            if not rows:
                return [search.found() for search in searches]
            sees = np.zeros((len(rows), tree.size + len(rows)), bool)
            sees[:, :start] = True
            for k, (n, live) in enumerate(rows):
                sees[k, ends[n] : ends[n + 1]] = True
                sees[k, [*live.kept, tree.size + k]] = True
            places = [start + len(request.questions[n]) + len(live.ids) - 1 for n, live in rows]
            kept = [tree.size + k for k in range(len(rows))]
            states = tree.read([live.ids[-1] for _, live in rows], places, sees)

    def _scores(self, reading: Reading) -> list[list[float]]:
        passage, tails = reading.passage, reading.tails
        if not any(ids for _, ids in tails):
            return [[] for _ in tails]
        tree, states = self._read(passage)
        own = [passage[start : start + len(ids)] == ids for start, ids in tails]
        # a tail's last token is told by those before it, and need not be read
        others = [(start, ids[:-1]) for (start, ids), same in zip(tails, own, strict=True) if not same]
        ends = iter(np.cumsum([tree.size, *(len(ids) for _, ids in others)]).tolist())
        if any(ids for _, ids in others):
            states = np.concatenate([states, tree.branch(others)])
        rows: list[int] = []
        for (start, ids), same in zip(tails, own, strict=True):
            first = start if same else next(ends)
            rows += [start - 1, *range(first, first + len(ids) - 1)][: len(ids)]
        told = iter(self._told(states[np.maximum(rows, 0)], [i for _, ids in tails for i in ids], rows))
        return [[next(told) for _ in ids] for _, ids in tails]

    def _best(self, states: Floats, count: int) -> tuple[list[list[float]], list[list[int]]]:
        scores: list[list[float]] = []
        ids: list[list[int]] = []
        for i in range(0, len(states), ROWS):
            some = states[i : i + ROWS]
            inputs = {"states": some, "targets": np.zeros((len(some), 1), np.int64), "count": np.array([count])}
            best, indices = self._head.run(["best", "indices"], inputs)
            scores += best.tolist()
            ids += indices.tolist()
        return scores, ids

    def _told(self, states: Floats, targets: Sequence[int], rows: Sequence[int]) -> list[float]:
        found: list[float] = []
        for i in range(0, len(rows), ROWS):
            wanted = np.array(targets[i : i + ROWS])[:, None]
            inputs = {"states": states[i : i + ROWS], "targets": wanted, "count": np.array([1])}
            found += self._head.run(["told"], inputs)[0][:, 0].tolist()
        return [score if row >= 0 else 0.0 for score, row in zip(found, rows, strict=True)]


def _whole(count: int, parts: Sequence[tuple[int, Any]], results: Sequence[list[T]]) -> list[list[T]]:
    found: list[list[T]] = [[] for _ in range(count)]
    for (owner, _), some in zip(parts, results, strict=True):
        found[owner] += some
    return found


def _questions(request: Request) -> int:
    """About how much work they are."""
    return len(request.passage) + 3 * sum(map(len, request.questions))


def _tails(reading: Reading) -> int:
    return len(reading.passage) + sum(len(ids) for _, ids in reading.tails)
