"""What the models said of a sentence is kept, and changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.detector.encode import Chunk
from mtfix.rewriter.requests import Request
from mtfix.serve import workers
from mtfix.serve.remember import Memory, RememberingDetector, RememberingRewriter
from mtfix.serve.workers import AbandonedError, Job


class Counting:
    """Backends of both kinds that note what they are asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def logits(self, chunks: Sequence[Chunk]) -> list[Any]:
        self.asked += [tuple(chunk.ids) for chunk in chunks]
        return [np.full((2, 4), sum(chunk.ids), dtype=np.float32) for chunk in chunks]

    def generate(self, requests: Sequence[Request], beams: int) -> list[Any]:
        self.asked += [request.passage for request in requests]
        return [
            [[([*r.passage, *q, most], -float(beams))] for q, most in zip(r.questions, r.longest, strict=True)]
            for r in requests
        ]


def chunk(*ids: int, feature: float = 0.0) -> Chunk:
    return Chunk(list(ids), [0], [0], np.full((1, 8), feature, dtype=np.float32), [0] * len(ids))


IDS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=2), max_size=12)


@given(st.lists(IDS, max_size=4), st.integers(0, 5))
def test_answers_are_those_of_the_models(batches: list[list[list[int]]], size: int) -> None:
    plain = Counting()
    detector, rewriter = RememberingDetector(plain, size), RememberingRewriter(plain, size)
    for batch in batches:
        chunks = [chunk(*ids) for ids in batch]
        for one, other in zip(detector.logits(chunks), plain.logits(chunks), strict=True):
            assert (one == other).all()
        requests = [Request(tuple(ids), ((1,), (2,)), (16, 32)) for ids in batch]
        assert rewriter.generate(requests, 4) == plain.generate(requests, 4)


def test_the_same_is_asked_once() -> None:
    models = Counting()
    detector = RememberingDetector(models, 100)
    detector.logits([chunk(1), chunk(2), chunk(1)])
    detector.logits([chunk(2), chunk(3)])
    assert models.asked == [(1,), (2,), (3,)]
    # what differs in anything is another question
    detector.logits([chunk(1, feature=1.0)])
    assert models.asked[3:] == [(1,)]


def test_what_was_not_used_for_long_is_forgotten() -> None:
    memory = Memory(2)
    asked: list[str] = []

    def through(key: str) -> None:
        memory.through([key], 1, lambda _: [asked.append(key)])

    for key in ("a", "b", "a", "c", "a", "b"):
        through(key)
    assert asked == ["a", "b", "c", "b"]
    assert len(memory) == 2


def test_threads_share_it() -> None:
    models = Counting()
    detector = RememberingDetector(models, 50)
    wrong: list[int] = []

    def work(seed: int) -> None:
        for i in range(200):
            n = (seed * i) % 97
            if detector.logits([chunk(n)])[0][0, 0] != n:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 3, 5, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_it_stops_between_two_groups() -> None:
    models = Counting()
    job = Job(60)

    class Late(Counting):
        def logits(self, chunks: Sequence[Chunk]) -> list[Any]:
            job.abandoned = True
            return models.logits(chunks)

    workers._thread.job = job
    try:
        with pytest.raises(AbandonedError):
            RememberingDetector(Late(), 10).logits([chunk(n) for n in range(500)])
    finally:
        workers._thread.job = None
    assert 0 < len(models.asked) < 500


def test_a_job_is_late_after_its_time() -> None:
    job = Job(0.01)
    time.sleep(0.02)
    assert job.late
