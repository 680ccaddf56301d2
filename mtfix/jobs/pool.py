"""Worker processes with a corrector each. What hangs or crashes one of them is found out and costs itself alone.

A chunk of documents that runs out of time, or takes its process along, is halved and tried again by a new process,
until the documents that are to blame stand alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from mtfix.errors import ConfigError, MtfixError
from mtfix.jobs.items import Outcome, Task
from mtfix.jobs.work import Fixer, correct
from mtfix.types import Fingerprint

Loader = Callable[[], Fixer]

_STARTS = 3  # times in a row that processes may die before their models are loaded


@dataclass(slots=True)
class _Chunk:
    """Some tasks, and where their outcomes belong: `outcomes[start:start + len(tasks)]` of the `whole` submitted.

    returned: whether a worker was found dead already when it should get them.
    """

    tasks: Sequence[Task]
    whole: _Whole
    start: int
    returned: bool = False


@dataclass(slots=True)
class _Whole:
    ticket: int
    outcomes: list[Outcome | None]
    left: int


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    chunk: _Chunk | None = None
    deadline: float = field(default=float("inf"))


class Pool:
    """Processes that correct chunks of documents.

    loader: makes a worker's corrector; must be picklable. limit: seconds for a document. Raises what the loader raises
    (MtfixError), and ConfigError when processes die before they are ready.
    """

    def __init__(self, loader: Loader, workers: int, limit: float | None = None) -> None:
        self._loader, self._limit = loader, limit
        self._context = multiprocessing.get_context("spawn")
        self._queue: deque[_Chunk] = deque()
        self._failed: list[tuple[int, list[Outcome]]] = []  # tickets that ended while chunks were handed out
        self._died = 0
        self._tickets = 0
        self._fingerprint: Fingerprint | None = None
        self._workers = [self._start() for _ in range(workers)]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def fingerprint(self) -> Fingerprint:
        """What the workers' results depend on; waits until one of them is ready."""
        while self._fingerprint is None:
            for _ in self._events(None):
                raise AssertionError("no work was given yet")
        return self._fingerprint

    @property
    def free(self) -> int:
        """How many more chunks could be worked on at once."""
        return max(0, sum(worker.chunk is None for worker in self._workers) - len(self._queue))

    def submit(self, tasks: Sequence[Task]) -> int:
        """Have the tasks done together; returns the ticket under which `done` hands out the outcomes."""
        self._tickets += 1
        self._queue.append(_Chunk(tasks, _Whole(self._tickets, [None] * len(tasks), len(tasks)), 0))
        self._assign()
        return self._tickets

    def done(self, timeout: float | None) -> list[tuple[int, list[Outcome]]]:
        """What was finished, after at most `timeout` seconds; an empty list when nothing was."""
        found = [*self._events(0 if self._failed else timeout), *self._failed]
        self._failed = []
        return found

    def close(self) -> None:
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.connection.close()
        self._workers = []

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._loader), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _assign(self) -> None:
        for worker in self._workers:
            if self._queue and worker.ready and worker.chunk is None:
                worker.chunk = self._queue.popleft()
                worker.deadline = time.monotonic() + (self._limit or float("inf"))
                try:
                    worker.connection.send(worker.chunk.tasks)
                except OSError:
                    self._take_back(worker, worker.chunk)

    def _take_back(self, worker: _Worker, chunk: _Chunk) -> None:
        """The worker is gone and never had the chunk, which is not to blame; but not so time after time."""
        if not chunk.returned:
            chunk.returned, worker.chunk = True, None
            self._queue.appendleft(chunk)
        self._failed += self._replace(worker, _ended(worker.process))

    def _events(self, timeout: float | None) -> Iterator[tuple[int, list[Outcome]]]:
        until = min([worker.deadline for worker in self._workers], default=float("inf")) - time.monotonic()
        longest = max(0.0, min(until, float("inf") if timeout is None else timeout))
        found = wait([worker.connection for worker in self._workers], None if longest == float("inf") else longest)
        for worker in list(self._workers):
            if worker.connection in found:
                yield from self._heard(worker)
            elif worker.deadline <= time.monotonic():
                worker.process.kill()
                yield from self._replace(worker, f"took longer than {self._limit:g} s")
        self._assign()

    def _heard(self, worker: _Worker) -> Iterator[tuple[int, list[Outcome]]]:
        try:
            answer = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._replace(worker, _ended(worker.process))
            return
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Fingerprint):
            worker.ready, self._fingerprint, self._died = True, answer, 0
            return
        chunk, worker.chunk, worker.deadline = worker.chunk, None, float("inf")
        assert chunk is not None
        yield from _settled(chunk, answer)

    def _replace(self, worker: _Worker, reason: str) -> list[tuple[int, list[Outcome]]]:
        """A new process in place of one that is gone; its chunk is halved, or has failed when it is one document."""
        worker.process.join()
        worker.connection.close()
        if not worker.ready:
            self._died += 1
            if self._died >= _STARTS:
                raise ConfigError(
                    f"worker processes die while they load the models ({reason}), perhaps for want of memory: try "
                    "a smaller --workers."
                )
        self._workers[self._workers.index(worker)] = self._start()
        chunk = worker.chunk
        if chunk is None:
            return []
        if len(chunk.tasks) == 1:
            return list(_settled(chunk, [Outcome(None, reason)]))
        half = len(chunk.tasks) // 2
        self._queue.appendleft(_Chunk(chunk.tasks[half:], chunk.whole, chunk.start + half))
        self._queue.appendleft(_Chunk(chunk.tasks[:half], chunk.whole, chunk.start))
        return []


def _settled(chunk: _Chunk, outcomes: Sequence[Outcome]) -> Iterator[tuple[int, list[Outcome]]]:
    whole = chunk.whole
    whole.outcomes[chunk.start : chunk.start + len(outcomes)] = outcomes
    whole.left -= len(outcomes)
    if not whole.left:
        yield whole.ticket, [outcome for outcome in whole.outcomes if outcome is not None]


def _ended(process: BaseProcess) -> str:
    process.join()
    code = process.exitcode or 0
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return f"the process that worked on it ended {how}"


def _serve(connection: Connection, loader: Loader) -> None:
    """The life of a worker: load, then answer chunks until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    _end_with_parent()
    try:
        corrector = loader()
        connection.send(corrector.fingerprint)
    except MtfixError as error:
        connection.send(error)
        return
    with suppress(EOFError, OSError):
        while True:
            tasks = connection.recv()
            try:
                answer: list[Outcome] | MtfixError = correct(corrector, tasks)
            except MtfixError as error:
                answer = error
            connection.send(answer)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()

    def end() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    # a killed parent tells nothing to a child that is busy
    threading.Thread(target=end, daemon=True).start()
