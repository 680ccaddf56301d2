"""A few threads for work that blocks, with a bounded queue before them and a time limit for each request.

A thread cannot be stopped from outside. The work of a request that is late, or whose client has gone, asks
`carry_on` between its steps and ends there; until then its thread counts as busy.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mtfix.serve.limits import Limits

T = TypeVar("T")

POLL = 0.25  # seconds between looks at the clock and at the client


class RefusedError(Exception):
    """No result. `status` is the HTTP status that says why, the message is one sentence for the client."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class AbandonedError(Exception):
    """Raised in a worker's thread: nobody waits for the result any more."""


class Job:
    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.abandoned = False

    @property
    def late(self) -> bool:
        return time.monotonic() >= self.deadline


_thread = threading.local()


def carry_on() -> None:
    """Raises AbandonedError in a worker whose request needs no answer any more; does nothing elsewhere."""
    job: Job | None = getattr(_thread, "job", None)
    if job is not None and (job.abandoned or job.late):
        raise AbandonedError


class Workers:
    """`run` is for the event loop's thread alone."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pool = ThreadPoolExecutor(limits.workers, "mtfix-worker")
        self._jobs: set[Job] = set()
        self._closed = False

    async def run(self, work: Callable[[], T], gone: Callable[[], Awaitable[bool]], deadline: float | None = None) -> T:
        """The result of `work` in a thread. `gone` says whether the client has hung up, `deadline` (by
        time.monotonic()) when its time is up, where that began to run before.

        Raises RefusedError: 429 when the queue is full, 503 when time is up or the server is stopping, 499 when
        the client has gone.
        """
        if self._closed:
            raise RefusedError(503, "The server is stopping.")
        if self.busy >= self._limits.workers + self._limits.queue:
            raise RefusedError(429, f"The server is busy: {self.busy} requests are before you. Try again later.")
        loop = asyncio.get_running_loop()
        job = Job(self._limits.seconds if deadline is None else deadline - time.monotonic())
        self._jobs.add(job)
        thread = self._pool.submit(_work, job, work)
        # the place is free when the thread is, not when nobody waits any more
        thread.add_done_callback(lambda _: loop.call_soon_threadsafe(self._jobs.discard, job))
        try:
            return await self._result(asyncio.wrap_future(thread), job, gone)
        finally:
            job.abandoned = True
            thread.cancel()  # where it still waits; what runs goes on to its next `carry_on`

    @property
    def busy(self) -> int:
        """Requests that are worked on or wait."""
        return len(self._jobs)

    async def _result(self, future: asyncio.Future[T], job: Job, gone: Callable[[], Awaitable[bool]]) -> T:
        while True:
            left = job.deadline - time.monotonic()
            await asyncio.wait({future}, timeout=max(0.0, min(POLL, left)))
            if future.done():
                try:
                    return future.result()
                except (AbandonedError, asyncio.CancelledError):
                    break
            if self._closed or job.late:
                break
            if await gone():
                raise RefusedError(499, "The client has gone.")
        if self._closed:
            raise RefusedError(503, "The server is stopping.")
        raise RefusedError(503, f"The answer took longer than {self._limits.seconds:g} seconds. Try a shorter text.")

    def close(self) -> None:
        """Refuse what comes, abandon what runs, wait for the threads to notice."""
        self._closed = True
        for job in self._jobs:
            job.abandoned = True
        self._pool.shutdown(wait=True, cancel_futures=True)


def _work(job: Job, work: Callable[[], T]) -> T:
    _thread.job = job
    try:
        carry_on()
        return work()
    finally:
        _thread.job = None
