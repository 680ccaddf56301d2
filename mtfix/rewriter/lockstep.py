"""Several texts on each core, a step of each at a time: a step mostly waits for the weights, for one row as for thirty.

What is done with a text is a generator that yields what it wants of the model and is sent the answer. No answer depends
on what else was wanted (`mtfix.rewriter.graph`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mtfix.models import each
from mtfix.onnx import value
from mtfix.rewriter.graph import TEXTS, Shape
from mtfix.rewriter.requests import Tail

ROWS = 64  # for which tokens are looked up at once: each takes memory for a probability of every token there is
HIDDEN = np.float32(-1e9)

Floats = NDArray[np.float32]
T = TypeVar("T")


class Tree:
    """Tokens read so far, and what the layers remember of them."""

    def __init__(self, shape: Shape) -> None:
        self.past = [value(np.zeros((shape.groups, 0, shape.size), np.float32))] * (2 * shape.layers)
        self.size = 0

    def keep(self) -> None:
        """For longer: out of the runtime's arena, which would grow around what stays while all else comes and goes."""
        self.past = [value(np.array(kept.numpy())) for kept in self.past]

    def branch(self, branches: Sequence[Tail]) -> Read:
        """The tokens of all branches. Each goes on from some token of what was read, and sees all before."""
        ends = np.cumsum([0, *(len(ids) for _, ids in branches)]).tolist()
        sees = np.zeros((ends[-1], self.size + ends[-1]), bool)
        for (place, ids), (first, last) in zip(branches, pairwise(ends), strict=True):
            sees[first:last, :place] = True
            sees[first:last, self.size + first : self.size + last] = np.tri(len(ids), dtype=bool)
        positions = chain(*(range(place, place + len(ids)) for place, ids in branches))
        return Read(self, list(chain(*(ids for _, ids in branches))), list(positions), sees)


@dataclass(frozen=True, slots=True)
class Read:
    """Wants the states (r, width) of r more tokens of a tree. sees (r, size + r): which tokens each one sees."""

    tree: Tree
    ids: Sequence[int]
    positions: Sequence[int]
    sees: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Look:
    """Wants what comes after the states (r, width): log-probabilities of the targets (r), and the `count` likeliest
    tokens with theirs (r, count)."""

    states: Floats
    targets: Sequence[int]
    count: int


Work = Generator[Read | Look, Any, T]
Wanted = tuple[int, Work[T], Read | Look]  # the number of a text, too


class Lockstep:
    """Runs the sessions that `mtfix.rewriter.graph` makes, on so many cores."""

    def __init__(self, shape: Shape, trunk: Any, head: Any, workers: int) -> None:
        self.trunk, self.head = trunk, head
        self.shape, self.workers = shape, workers
        self._empty = Tree(shape)

    def all(self, works: Sequence[Work[T]]) -> list[T]:
        """What each comes to; the first ones begin first."""
        waiting = deque(enumerate(works))
        share = min(TEXTS, -(-len(works) // self.workers))
        done: dict[int, T] = {}
        each(range(self.workers), lambda _: self._work(waiting, share, done), self.workers)
        return [done[number] for number in range(len(works))]

    def _work(self, waiting: deque[tuple[int, Work[T]]], share: int, done: dict[int, T]) -> None:
        wanted: list[Wanted[T]] = []
        while True:
            while waiting and len(wanted) < share:
                try:
                    number, work = waiting.popleft()
                except IndexError:  # another core was faster
                    break
                wanted += _further(number, work, None, done)
            if not wanted:
                return
            looks = [want for want in wanted if isinstance(want[2], Look)]
            turn = looks or wanted  # what wants to read waits until all do
            answers = self.look([w for *_, w in turn]) if looks else self.read([w for *_, w in turn])
            rest = [want for want in wanted if looks and not isinstance(want[2], Look)]
            wanted = rest + [
                more
                for (number, work, _), answer in zip(turn, answers, strict=True)
                for more in _further(number, work, answer, done)
            ]

    def read(self, reads: Sequence[Any]) -> list[Floats]:
        counts = [len(read.ids) for read in reads]
        inputs = {
            "ids": value(np.array([i for read in reads for i in read.ids])),
            "positions": value(np.array([[p] for read in reads for p in read.positions])),
            "counts": value(np.array(counts + [0] * (TEXTS - len(counts)))),
        }
        names = ["states"]
        for text in range(TEXTS):
            own = self.shape.past(text)
            tree, sees = (reads[text].tree, reads[text].sees) if text < len(reads) else (self._empty, _NOTHING)
            mask = np.where(sees, np.float32(0), HIDDEN)
            inputs[f"mask of {text}"] = value(np.tile(mask, (self.shape.heads // self.shape.groups, 1))[None])
            inputs |= {f"past {name}": kept for name, kept in zip(own, tree.past, strict=True)}
            names += own if text < len(reads) else []
        states, *past = self.trunk.run_with_ort_values(names, inputs)
        size = 2 * self.shape.layers
        for number, (read, count) in enumerate(zip(reads, counts, strict=True)):
            read.tree.past = past[number * size : (number + 1) * size]
            read.tree.size += count
        return [part.copy() for part in np.split(states.numpy(), np.cumsum(counts)[:-1])]

    def look(self, looks: Sequence[Any]) -> list[tuple[list[float], list[list[float]], list[list[int]]]]:
        states = np.concatenate([look.states for look in looks])
        targets = np.array([target for look in looks for target in look.targets])[:, None]
        count = np.array([max(look.count for look in looks)])
        told: list[float] = []
        best: list[list[float]] = []
        ids: list[list[int]] = []
        for i in range(0, len(states), ROWS):
            inputs = {"states": states[i : i + ROWS], "targets": targets[i : i + ROWS], "count": count}
            found = self.head.run(["told", "best", "indices"], inputs)
            told += found[0][:, 0].tolist()
            best += found[1].tolist()
            ids += found[2].tolist()
        ends = np.cumsum([0, *(len(look.states) for look in looks)]).tolist()
        return [(told[a:b], best[a:b], ids[a:b]) for a, b in pairwise(ends)]


_NOTHING = np.zeros((0, 0), bool)


def _further(number: int, work: Work[T], answer: Any, done: dict[int, T]) -> list[Wanted[T]]:
    """What it wants next, nothing where it is done."""
    try:
        return [(number, work, work.send(answer))]
    except StopIteration as stop:
        done[number] = stop.value
        return []
