"""A job from beginning to end: documents in, workers, ledger, outputs in input order.

Only a window of the input is in memory. A document whose result is in the ledger is not worked on again, and of those
with the same content only the first one is; all of them are written. What was worked out is in the ledger before
anything is written, so that a run that was killed goes on from there and ends like one that was not.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from mtfix.errors import InputError
from mtfix.jobs.inputs import Inputs, Part
from mtfix.jobs.items import Item, Outcome, Task, settings_digest
from mtfix.jobs.ledger import Ledger
from mtfix.jobs.outputs import Outputs
from mtfix.jobs.pool import Loader, Pool
from mtfix.jobs.report import as_json, page, report_of
from mtfix.jobs.tables import Columns
from mtfix.jobs.tally import Origin, Tally
from mtfix.types import Fingerprint

CHUNK = 60_000  # characters (bytes of files) that a worker gets at once, about a batch of the corrector
_SMALLEST, _FIRST = 3_000, 12_000  # of a chunk; of the first ones, when nobody knows how fast it goes
_HASTE = 5  # a chunk should take no more than this part of the time limit, which is for single documents
_BLOCK = 256  # items looked up together
_WINDOW = 4  # chunks for each worker that may be in memory
_ITEMS = 20_000  # documents that may be
_POLL = 0.5  # seconds between two looks for `batch cancel`


@dataclass(frozen=True, slots=True)
class Options:
    """workers: processes. limit: seconds for a document, None for any. max_errors: documents that may fail in a run."""

    workers: int = 1
    limit: float | None = None
    max_errors: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """share: of the input's bytes, 0 to 1. seconds: since the run began."""

    done: int
    failed: int
    words: int
    share: float
    seconds: float


class Engine(Protocol):
    """Works out results elsewhere, before the job writes them."""

    def results(
        self, tasks: Iterable[tuple[bytes, Task]], fingerprint: Fingerprint
    ) -> Iterator[tuple[bytes, Outcome]]:
        """The outcomes of all tasks by their keys, in any order."""


@dataclass(slots=True, eq=False)
class _Slot:
    """A place in the order of the output; item None is the end of a part. share: of the input read up to here."""

    part: Part
    item: Item | None
    read: int
    key: bytes | None = None
    outcome: Outcome | None = None
    origin: Origin = "known"
    known: Outcome | None = None

    @property
    def size(self) -> int:
        return len(self.item.content) + 50 if self.item is not None and self.item.content is not None else 50


class Job:
    """One run. state: "running", then "finished", "cancelled" (`batch cancel`) or "stopped" (too many errors).

    watch: told of the progress several times a second; failed: of every failure. engine: has the work done elsewhere.
    """

    def __init__(
        self, inputs: Inputs, out: Path, ledger: Ledger, columns: Columns, loader: Loader, options: Options,
        watch: Callable[[Progress], None] = lambda _: None, failed: Callable[[str, str], None] = lambda *_: None,
        engine: Engine | None = None,
    ) -> None:  # fmt: skip
        self._inputs, self._ledger, self._columns, self._loader = inputs, ledger, columns, loader
        self.options, self._watch, self._failed = options, watch, failed
        self._out, self._engine = out, engine
        self._window: deque[_Slot] = deque()
        self._size = 0
        self._todo: deque[_Slot] = deque()
        self._todo_size = 0
        self._working: dict[int, tuple[list[_Slot], float]] = {}
        self._speed: float | None = None  # characters that a worker does in a second
        self._same: dict[bytes, list[_Slot]] = {}
        self._exhausted = False
        self._ahead_of: Counter[str] = Counter()
        self._failed_now = 0
        self._failed_ahead: set[bytes] = set()
        self._read = 0
        self._polled = 0.0
        self.tally = Tally()
        self.state = "running"
        self.fingerprint: Any = None

    def run(self, **about: Any) -> None:
        """Do it all. Raises InputError, ConfigError, ModelError when it cannot go on; what is done stays done.

        about: what the ledger shall know of the job, once its input has been found to be there.
        """
        self._started = time.monotonic()
        self._files, self._total = self._inputs.count
        self._ledger.begin()
        self._ledger.note(state="running", started=time.time(), total=self._total, **about)
        self._outputs = Outputs(self._out, self._ledger, self._columns)
        try:
            # where another engine does the work, one process is enough to put its edits into files
            workers = self.options.workers if self._engine is None else 1
            with Pool(self._loader, workers, self.options.limit) as pool:
                self.fingerprint = pool.fingerprint
                self._settings = settings_digest(pool.fingerprint)
                if self._engine is not None:
                    self._ahead(self._engine)
                self._loop(pool)
            if self._engine is not None:
                # what the engine worked out looked known to the loop
                self.tally.origins["known"] -= self._ahead_of["documents"]
                self.tally.origins["computed"] += self._ahead_of["documents"]
                self.tally.computed_words += self._ahead_of["words"]
            if self.state == "running":
                for name, data in self._inputs.companions():
                    self._outputs.place(name, data)
                self._outputs.settle()
                self.state = "finished"
        finally:
            self._outputs.abandon()
            with suppress(InputError):
                self._note()

    def report(self, **about: Any) -> None:
        """Write report.json and report.html. about: further facts to tell."""
        found = report_of(
            self.tally, state=self.state, seconds=self.seconds, fingerprint=self.fingerprint, **about
        )
        self._outputs.place("report.json", as_json(found))
        self._outputs.place("report.html", page(found))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def _loop(self, pool: Pool) -> None:
        source = self._slots()
        while self.state == "running":
            self._fill(source)
            self._dispatch(pool)
            self._drain()
            if self._exhausted and not self._window:
                return
            waits = bool(self._working) and (self._window[0].outcome is None)
            for ticket, outcomes in pool.done(_POLL if waits else 0):
                slots, begun = self._working.pop(ticket)
                self._speed = sum(slot.size for slot in slots) / max(1e-3, time.monotonic() - begun)
                self._settle(slots, outcomes)
            self._look_around()

    def _ahead(self, engine: Engine) -> None:
        """Have an engine work out all that the ledger lacks."""
        results = engine.results(self._unknown(), self.fingerprint)
        while batch := list(islice(results, _BLOCK)):
            self._ledger.store(batch)
            self._failed_ahead.update(key for key, found in batch if found.error is not None)
            self._ahead_of.update(documents=len(batch))
            self._ahead_of.update(words=sum(found.record["stats"]["words"] for _, found in batch if found.record))

    def _unknown(self) -> Iterator[tuple[bytes, Task]]:
        source = self._slots()
        while block := list(islice(source, _BLOCK)):
            items = [slot.item for slot in block if slot.item is not None]
            keyed = [(key, item) for item in items if (key := item.key(self._settings)) is not None]
            keys = self._ledger.first_seen([key for key, _ in keyed])
            keys -= self._ledger.look_up(sorted(keys)).keys()
            for key, item in keyed:
                if key in keys and item.content is not None:
                    keys.remove(key)
                    yield key, Task(item.name, item.content)

    def _slots(self) -> Iterator[_Slot]:
        before = 0
        for part in self._inputs.parts():
            try:
                for item in part.items(self._columns):
                    yield _Slot(part, item, before + item.read)
                before += part.size
                yield _Slot(part, None, before)
            except InputError as error:
                if self._files == 1:
                    raise
                # no end of the part: a table that breaks off is not written
                before += part.size
                yield _Slot(part, Item(part.name, None, 0, str(error).removeprefix(f"{part.name}: ")), before)

    def _fill(self, source: Iterator[_Slot]) -> None:
        """Read on while the window has room; find out which of the new documents need work."""
        limit = _WINDOW * self.options.workers * CHUNK
        while not self._exhausted and self._size < limit and len(self._window) < _ITEMS:
            block = []
            size = 0
            for slot in islice(source, _BLOCK):
                block.append(slot)
                size += slot.size
                if size >= CHUNK:
                    break
            self._exhausted = not block
            for slot in block:
                slot.key = slot.item.key(self._settings) if slot.item is not None else None
            known = self._ledger.look_up([slot.key for slot in block if slot.key is not None])
            for slot in block:
                self._sort_in(slot, known.get(slot.key) if slot.key is not None else None)
            self._window += block
            self._size += size

    def _sort_in(self, slot: _Slot, known: Outcome | None) -> None:
        if slot.item is None or slot.key is None:
            slot.outcome = Outcome(None, slot.item.error if slot.item is not None else None)
            return
        if slot.key in self._same:
            slot.origin = "duplicate"
            self._same[slot.key].append(slot)
            return
        if known is not None and self._needs_nothing(slot, known):
            slot.outcome = known
            return
        slot.known = known
        slot.origin = "computed" if known is None else "known"
        self._same[slot.key] = [slot]
        self._todo.append(slot)
        self._todo_size += slot.size

    def _needs_nothing(self, slot: _Slot, known: Outcome) -> bool:
        if slot.part.table is not None or known.error is not None:
            return True
        assert slot.key is not None
        return self._outputs.current(slot.part, slot.key)

    def _dispatch(self, pool: Pool) -> None:
        while self._todo and pool.free:
            # towards the end everyone gets a share
            share = self._todo_size // (2 * self.options.workers) if self._exhausted else CHUNK
            room = min(self._largest, max(_SMALLEST, share))
            chunk: list[_Slot] = []
            while self._todo and (not chunk or room >= self._todo[0].size):
                slot = self._todo.popleft()
                self._todo_size -= slot.size
                room -= slot.size
                chunk.append(slot)
            self._working[pool.submit([_task(slot) for slot in chunk])] = chunk, time.monotonic()

    @property
    def _largest(self) -> int:
        """Characters of a chunk that will be done well within the time limit."""
        if self.options.limit is None:
            return CHUNK
        known = _FIRST if self._speed is None else int(self._speed * self.options.limit / _HASTE)
        return min(CHUNK, max(_SMALLEST, known))

    def _settle(self, slots: list[_Slot], outcomes: list[Outcome]) -> None:
        pairs = list(zip(slots, outcomes, strict=True))
        self._ledger.store((slot.key, found) for slot, found in pairs if slot.key is not None and slot.known is None)
        for slot, outcome in pairs:
            assert slot.key is not None
            for same in self._same.pop(slot.key):
                same.outcome = outcome

    def _drain(self) -> None:
        """Hand on the results at the head of the window, in order."""
        rows = []
        while self._window and self._window[0].outcome is not None and self.state == "running":
            slot = self._window.popleft()
            self._size -= slot.size
            self._read = slot.read
            item, outcome = slot.item, slot.outcome
            assert outcome is not None
            if item is None:
                self._outputs.finish(slot.part)
                continue
            if item.row is not None or slot.part.table is None:
                self._outputs.take(slot.part, item, outcome, slot.key)
            else:
                self._outputs.fail(slot.part)
            rows.append((self.tally.documents, item.name, slot.key, None if slot.key else outcome.error))
            self.tally.add(item.name, outcome, slot.origin)
            if outcome.error is not None:
                self._failed(item.name, outcome.error)
                self._count_failure(slot)
        if rows:
            self._ledger.list_items(rows)

    def _count_failure(self, slot: _Slot) -> None:
        # a failure known from an earlier run would stop every further one at the same document
        if slot.key is None or slot.origin != "known" or slot.key in self._failed_ahead:
            self._failed_now += 1
        if self.options.max_errors is not None and self._failed_now > self.options.max_errors:
            self.state = "stopped"

    def _look_around(self) -> None:
        now = time.monotonic()
        if now - self._polled < _POLL:
            return
        self._polled = now
        self._watch(self.progress)
        self._note()
        if self.state == "running" and self._ledger.job().get("cancel"):
            self.state = "cancelled"

    @property
    def progress(self) -> Progress:
        share = self._read / self._total if self._total else 1.0
        tally = self.tally
        return Progress(tally.documents, tally.failed, tally.computed_words, min(1.0, share), self.seconds)

    def _note(self) -> None:
        self._ledger.note(
            state=self.state, done=self.tally.documents, failed=self.tally.failed, words=self.tally.words,
            share=self.progress.share, updated=time.time(),
        )  # fmt: skip


def _task(slot: _Slot) -> Task:
    assert slot.item is not None
    assert slot.item.content is not None
    return Task(slot.item.name, slot.item.content, slot.known.record if slot.known is not None else None)
