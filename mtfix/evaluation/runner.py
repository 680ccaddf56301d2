"""Run systems over a suite: stream items, keep outputs, score them, compare.

Nothing here grows with the length of a suite but what the scores keep of each item, a few numbers.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TextIO

from mtfix.errors import InputError
from mtfix.evaluation.cache import OutputCache
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.outputs import FileSystem
from mtfix.evaluation.readers import Broken
from mtfix.evaluation.samples import sample_line
from mtfix.evaluation.signature import code_digest, scorer_fields, signature, suite_fields
from mtfix.evaluation.stream import Asked, Stream, started
from mtfix.evaluation.suites import Suite
from mtfix.evaluation.systems import System

_SHOWN = 20  # broken rows and failed items that are told one by one


class Accumulator(Protocol):
    """Scores in the making: what `mtfix.evaluation.scores.accumulate` returns."""

    def add(self, item: Item, output: Output) -> dict[str, float]: ...
    def result(self) -> dict[str, Any]: ...


class Scorer(Protocol):
    """The part of `mtfix.evaluation.scores` that a run needs."""

    def accumulate(self, metrics: Sequence[str]) -> Any: ...
    def compare(self, a: Any, b: Any) -> dict[str, dict[str, float]]: ...


class Watcher(Protocol):
    """Who is told of progress, and of what went wrong without ending the run."""

    def begin(self, system: str, items: int) -> None: ...
    def advance(self) -> None: ...
    def note(self, message: str) -> None: ...


@dataclass(frozen=True)
class Plan:
    """What to run. limit, seed: see `Suite.sample`. folder: where outputs and samples go; made if need be."""

    suite: Suite
    systems: Sequence[System]
    baselines: Sequence[System]
    folder: Path
    limit: int | None = None
    seed: int | None = None


class Runner:
    """Runs a plan. `broken`: rows that could not be used. `failures`: items that a system gave no output for."""

    def __init__(self, plan: Plan, scorer: Scorer, watcher: Watcher) -> None:
        self.plan, self.scorer, self.watcher = plan, scorer, watcher
        self.broken = self.failures = 0
        self._examples: list[Broken] = []
        self._metrics = [name for name in plan.suite.metrics if name != "speed"]
        self._asked = Asked.by(plan.suite.metrics)
        limits = [limit for limit in (plan.limit, plan.suite.limit) if limit is not None]
        self._limit = min(limits) if limits else None
        self._total = 0

    def results(self) -> dict[str, Any]:
        """The content of results.json but for `command` and `created`; samples.jsonl is written beside it.

        Raises MtfixError when data, models or options are wrong as a whole.
        """
        digest = self.plan.suite.hash
        self._count()
        samples = self.plan.folder / "samples.jsonl"
        part = samples.with_name("samples.jsonl.part")
        every = (*self.plan.systems, *self.plan.baselines)
        with _writable(part) as file:
            scored = [self._scored(system, digest, file) for system in every]
        os.replace(part, samples)
        return {
            "schema": 1,
            "suite": self._suite(digest),
            "systems": [row for row, _ in scored],
            "comparisons": list(self._comparisons([(row["name"], scores) for row, scores in scored])),
        }

    def _count(self) -> None:
        """One look at all items before hours of work: how many there are, and which rows are broken."""
        items = self.plan.suite.read(self._note_broken)
        whole = self._limit is None or self.plan.seed is not None
        self._total = sum(1 for _ in (items if whole else islice(items, self._limit)))
        if self.broken > _SHOWN:
            self.watcher.note(f"{self.broken - _SHOWN} more rows left out")
        if not self._total:
            raise InputError(f"the suite {self.plan.suite.name} has no item that can be used.")

    def _note_broken(self, broken: Broken) -> None:
        self.broken += 1
        if self.broken <= _SHOWN:
            self._examples.append(broken)
            self.watcher.note(f"{broken.where}: row left out: {broken.reason}")

    @property
    def _number(self) -> int:
        return self._total if self._limit is None else min(self._limit, self._total)

    def _scored(self, system: System, digest: str, samples: TextIO) -> tuple[dict[str, Any], Accumulator]:
        """The system's part of the results, and its scores for comparisons."""
        self.watcher.begin(system.name, self._number)
        scores: Accumulator = self.scorer.accumulate(self._metrics)
        failed: list[dict[str, str]] = []
        number = 0
        with ExitStack() as stack:
            cold = started(system)
            if isinstance(system, FileSystem) and self.plan.seed is not None and self._number < self._total:
                system.must_hold(self._number)
            cache = None if system.stored else stack.enter_context(self._cache(system, digest))
            stream = Stream(system, self._asked, cache, cold)
            items = self.plan.suite.sample(self._limit, self.plan.seed, total=self._total)
            for item, record in stream.records(items):
                own = scores.add(item, record.output)
                samples.write(sample_line(system.name, item, record.output, own) + "\n")
                if record.output.failed is not None:
                    number += 1
                    failed += [{"id": item.id, "reason": record.output.failed}] if number <= _SHOWN else []
                self.watcher.advance()
        self._remark(system, failed, number)
        fields, threshold = self._fields(system, digest), getattr(system, "threshold", None)
        system.stop()
        gc.collect()
        row = {
            "name": system.name, "baseline": system in self.plan.baselines, "signature": signature(fields),
            "settings": fields, "threshold": threshold, **scores.result(), "speed": stream.speed(),
            "failures": number, "failed": failed,
        }  # fmt: skip
        return row, scores

    def _cache(self, system: System, digest: str) -> OutputCache:
        sample = None if self.plan.seed is None else [self.plan.seed, self._limit]
        about = {
            "data": digest, "sample": sample, "asked": self._asked.names(), "settings": system.signature,
            "code": code_digest(),
        }  # fmt: skip
        return OutputCache(self.plan.folder, system.name, about)

    def _remark(self, system: System, failed: Sequence[dict[str, str]], number: int) -> None:
        self.failures += number
        if number:
            first = failed[0]
            self.watcher.note(f"{system.name}: no output for {number} of {self._number} items, "
                              f"first for {first['id']}: {first['reason']}")  # fmt: skip
        if isinstance(system, FileSystem) and system.left and self._limit is None:
            self.watcher.note(f"{system.path} has {system.left} more rows than the suite has items")

    def _fields(self, system: System, digest: str) -> dict[str, Any]:
        suite = self.plan.suite
        about = suite_fields(suite.name, suite.version, digest, items=self._number, seed=self.plan.seed)
        return {**about, "system": system.name, **system.signature, **scorer_fields(self._metrics)}

    def _suite(self, digest: str) -> dict[str, Any]:
        suite = self.plan.suite
        return {
            "name": suite.name, "version": suite.version, "hash": digest, "items": self._number,
            "licence": suite.licence, "description": suite.description, "kind": suite.kind,
            "metrics": list(suite.metrics), "limit": self._limit, "seed": self.plan.seed,
            "broken_rows": self.broken, "broken": [asdict(broken) for broken in self._examples],
        }  # fmt: skip

    def _comparisons(self, scored: Sequence[tuple[str, Accumulator]]) -> Iterator[dict[str, Any]]:
        """Every system against every later one and every baseline, metric by metric."""
        for i, (name, scores) in enumerate(scored[: len(self.plan.systems)]):
            for other, rival in scored[i + 1 :]:
                for metric, found in self.scorer.compare(scores, rival).items():
                    yield {"system": name, "baseline": other, "metric": metric, **found}


def _writable(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "w", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
