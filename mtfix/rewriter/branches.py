"""A causal rewriter on ONNX Runtime: a passage is read once, and all that follows it are branches that share it.

Questions are branches of their passage, beginnings of answers are branches of their question, and other ways in which a
sentence could go on are branches of the sentence. Each token sees what leads to it and nothing of other branches; keys
and values are kept once and never moved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from threading import Lock
from typing import TypeVar

import numpy as np

from mtfix.models import ModelFolder, workers
from mtfix.rewriter.beam import Beam
from mtfix.rewriter.graph import Shape, head, trunk
from mtfix.rewriter.lockstep import Floats, Lockstep, Look, Read, Tree, Work
from mtfix.rewriter.requests import Hypothesis, Reading, Request
from mtfix.variables import variables_of

QUESTIONS = 16  # of one passage that are answered together
TAILS = 32  # of one passage that are read together
TOKENS = 512  # and of these questions or tails so many: each takes memory for all others, though it does not see them
KEPT = 4000  # tokens of passages that are remembered for the next reading, 46 KB each in the model that ships

S = TypeVar("S")
T = TypeVar("T")


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
    """int8 on the processor, several passages at a time on each core. ValueError for what `graph` doesn't know."""

    def __init__(self, model: ModelFolder, stop: int, threads: int) -> None:
        files = model.inside("model/")
        variables = variables_of(files["model.bin"])
        epsilon = json.loads(files["config.json"]).get("layer_norm_epsilon") or 1e-5
        shape = Shape(variables, epsilon)
        self.lockstep = Lockstep(shape, trunk(variables, shape), head(variables, shape), workers("cpu", threads))
        self._stop = stop
        self._passages = Passages()

    def generate(self, requests: Sequence[Request], beams: int) -> list[list[list[Hypothesis]]]:
        self._passages.forget()
        parts = [
            (i, Request(r.passage, r.questions[some], r.longest[some]))
            for i, r in enumerate(requests)
            for some in _parts([len(question) for question in r.questions], QUESTIONS)
        ]
        return self._shared(len(requests), parts, lambda request: self._answers(request, beams), _questions)

    def score(self, readings: Sequence[Reading]) -> list[list[list[float]]]:
        parts = [
            (i, Reading(r.passage, r.tails[some]))
            for i, r in enumerate(readings)
            for some in _parts([len(ids) for _, ids in r.tails], TAILS)
        ]
        return self._shared(len(readings), parts, self._scores, _tails)

    def _shared(
        self, count: int, parts: Sequence[tuple[int, S]], work: Callable[[S], Work[list[T]]], cost: Callable[[S], int]
    ) -> list[list[T]]:
        """What is found for each of so many owners; the largest part first, so that no core waits for one."""
        order = sorted(range(len(parts)), key=lambda k: -cost(parts[k][1]))
        done = dict(zip(order, self.lockstep.all([work(parts[k][1]) for k in order]), strict=True))
        found: list[list[T]] = [[] for _ in range(count)]
        for k, (owner, _) in enumerate(parts):
            found[owner] += done[k]
        return found

    def _read(self, passage: tuple[int, ...]) -> Work[tuple[Tree, Floats]]:
        """A tree that holds the passage, and its states. Always read by itself, so that values are always the same."""
        found = self._passages.get(passage)
        if found is None:
            tree = Tree(self.lockstep.shape)
            states = yield tree.branch([(0, passage)])
            tree.keep()
            found = tree, states
            self._passages.keep(passage, found)
        tree, states = found
        return copy(tree), states

    def _answers(self, request: Request, beams: int) -> Work[list[list[Hypothesis]]]:
        tree, _ = yield from self._read(request.passage)
        start = tree.size
        ends = np.cumsum([start, *map(len, request.questions)]).tolist()
        last = [end - 1 for end in ends[1:]]
        states = yield tree.branch([(start, question) for question in request.questions])
        states = states[np.array(last) - start]
        searches = [Beam(beams, self._stop, longest) for longest in request.longest]
        rows = [(number, search.live[0]) for number, search in enumerate(searches)]
        kept = last
        while True:
            _, scores, ids = yield Look(states, [0] * len(states), 2 * beams)
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
            states = yield Read(tree, [live.ids[-1] for _, live in rows], places, sees)

    def _scores(self, reading: Reading) -> Work[list[list[float]]]:
        passage, tails = reading.passage, reading.tails
        if not any(ids for _, ids in tails):
            return [[] for _ in tails]
        tree, states = yield from self._read(passage)
        own = [passage[start : start + len(ids)] == ids for start, ids in tails]
        # a tail's last token is told by those before it, and need not be read
        others = [(start, ids[:-1]) for (start, ids), same in zip(tails, own, strict=True) if not same]
        ends = iter(np.cumsum([tree.size, *(len(ids) for _, ids in others)]).tolist())
        if any(ids for _, ids in others):
            more = yield tree.branch(others)
            states = np.concatenate([states, more])
        rows: list[int] = []
        for (start, ids), same in zip(tails, own, strict=True):
            first = start if same else next(ends)
            rows += [start - 1, *range(first, first + len(ids) - 1)][: len(ids)]
        told, _, _ = yield Look(states[np.maximum(rows, 0)], [i for _, ids in tails for i in ids], 1)
        known = iter([score if row >= 0 else 0.0 for score, row in zip(told, rows, strict=True)])
        return [[next(known) for _ in ids] for _, ids in tails]


def _parts(sizes: Sequence[int], most: int) -> Iterator[slice]:
    """Runs of at most so many, of TOKENS together at most; one that is larger by itself."""
    start = tokens = 0
    for i, size in enumerate(sizes):
        if i > start and (i - start == most or tokens + size > TOKENS):
            yield slice(start, i)
            start, tokens = i, 0
        tokens += size
    if sizes:
        yield slice(start, len(sizes))


def _questions(request: Request) -> int:
    """About how much work they are."""
    return len(request.passage) + 3 * sum(map(len, request.questions))


def _tails(reading: Reading) -> int:
    return len(reading.passage) + sum(len(ids) for _, ids in reading.tails)
