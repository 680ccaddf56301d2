"""The models' outputs for the sentences seen last, and a look between two groups whether to carry on.

Editors send the whole text again after every change, and the review page asks about one part of a text
after the other. What the models say of one sentence does not depend on the others, so it can be kept. Kept
are numbers of tokens, never text, in memory only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from mtfix.corrector import Corrector
from mtfix.detector.encode import Chunk
from mtfix.detector.model import Backend as DetectorBackend
from mtfix.rewriter.requests import Backend as RewriterBackend
from mtfix.rewriter.requests import Hypothesis, Reading, Request
from mtfix.serve.workers import carry_on

R = TypeVar("R")

SENTENCES = 64  # the detector's work between two looks, about a second
PASSAGES = 8  # the rewriter's: four on each of two cores


class Memory:
    """The last `size` results by key; for several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    def through(
        self, keys: Sequence[Hashable], group: int, work: Callable[[list[int]], Sequence[R]]
    ) -> list[R]:
        """The results for `keys`; `work` makes those of the indices it is given, at most `group` at once."""
        results: dict[int, R] = {}
        first: dict[Hashable, int] = {}
        with self._lock:
            for index, key in enumerate(keys):
                if key in self._known:
                    self._known.move_to_end(key)
                    results[index] = self._known[key]
                else:
                    first.setdefault(key, index)
        wanted = list(first.values())
        for start in range(0, len(wanted), group):
            carry_on()
            taken = wanted[start : start + group]
            for index, result in zip(taken, work(taken), strict=True):
                results[index] = result
                self._keep(keys[index], result)
        return [results[index] if index in results else results[first[key]] for index, key in enumerate(keys)]

    def _keep(self, key: Hashable, result: Any) -> None:
        with self._lock:
            self._known[key] = result
            while len(self._known) > self._size:
                self._known.popitem(last=False)


class RememberingDetector:
    def __init__(self, backend: DetectorBackend, size: int) -> None:
        self._backend, self._memory = backend, Memory(size)

    def logits(self, chunks: Sequence[Chunk]) -> list[Any]:
        keys = [(*map(tuple, (c.ids, c.casing, c.first, c.last)), c.features.tobytes()) for c in chunks]
        return self._memory.through(keys, SENTENCES, lambda some: self._backend.logits([chunks[i] for i in some]))


class RememberingRewriter:
    def __init__(self, backend: RewriterBackend, size: int) -> None:
        self._backend, self._memory = backend, Memory(size)
        self._scores = Memory(size)

    def generate(self, requests: Sequence[Request], beams: int) -> list[list[list[Hypothesis]]]:
        keys = [(request, beams) for request in requests]
        return self._memory.through(
            keys, PASSAGES, lambda some: self._backend.generate([requests[i] for i in some], beams)
        )

    def score(self, readings: Sequence[Reading]) -> list[list[list[float]]]:
        return self._scores.through(
            readings, PASSAGES, lambda some: self._backend.score([readings[i] for i in some])
        )


def remembering(corrector: Corrector, sentences: int) -> Corrector:
    """The same corrector, whose models keep the results of so many sentences each and stop for `carry_on`."""
    corrector.detector.backend = RememberingDetector(corrector.detector.backend, sentences)
    corrector.rewriter.backend = RememberingRewriter(corrector.rewriter.backend, sentences)
    return corrector
