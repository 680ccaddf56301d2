"""Every ticket is answered, whenever a worker dies."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable

import pytest
from slow_fixer import Idle, Load

from mtfix.jobs.items import Outcome, Task
from mtfix.jobs.pool import Pool


def answers(pool: Pool) -> list[tuple[int, list[Outcome]]]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := pool.done(1):
            return found
    raise AssertionError("no ticket was answered")


def end_workers(how: Callable[[multiprocessing.Process], None]) -> None:
    for child in multiprocessing.active_children():
        how(child)  # type: ignore[arg-type]
        child.join(60)


@pytest.mark.parametrize("number", [1, 3])
def test_a_worker_that_died_idle_costs_no_document(number: int) -> None:
    with Pool(Load(), 1) as pool:
        assert pool.fingerprint
        end_workers(multiprocessing.Process.kill)
        ticket = pool.submit([Task(f"{n}.txt", b"a final") for n in range(number)])
        [(answered, outcomes)] = answers(pool)
    assert answered == ticket
    assert [(outcome.data, outcome.error) for outcome in outcomes] == [(b"a late", None)] * number


def test_workers_that_always_die_idle_are_not_tried_for_ever() -> None:
    with Pool(Idle(), 1) as pool:
        assert pool.fingerprint
        end_workers(lambda _: None)
        ticket = pool.submit([Task("a.txt", b"a final")])
        end_workers(lambda _: None)
        [(answered, [outcome])] = answers(pool)
    assert (answered, outcome.error) == (ticket, "the process that worked on it ended with exit code 7")
