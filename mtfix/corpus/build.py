"""Build a corpus of damaged and clean sentences: in parallel, and going on where a killed build was.

The clean sentences lie in shards. A job damages one shard in one round; its random numbers depend on the seed,
the round and the shard alone, so that the corpus is the same whatever number of processes made it, and however
often they were killed. Rounds are added until the damaged sentences suffice.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtfix.corpus.damage import damaged_rows
from mtfix.corpus.engines.registry import IDENTITY, NAMES, Engines, missing
from mtfix.corpus.overlap import HeldOut
from mtfix.corpus.rows import Clean, Row, is_dev, read_jsonl, read_rows
from mtfix.corpus.sources import clean_sentences, files
from mtfix.corpus.workspace import Job, Workspace, write_text
from mtfix.errors import ConfigError
from mtfix.version import __version__

__all__ = ["Progress", "Request", "Row", "build", "is_dev", "read_jsonl", "read_rows", "usable"]

SAMPLED = 20  # skipped sentences kept for each reason
LARGEST, SMALLEST = 4000, 25  # sentences of a shard: translators want many at a time, an interruption costs one shard
TRIED = 200  # sentences without any damage after which a build gives up
IN_FLIGHT = 2  # jobs for each process that are started before their turn


@dataclass(frozen=True, slots=True)
class Request:
    """What to build. sentences: damaged ones wanted. data: folder of omw/, tortured/ and gazetteer/.

    avoid: checksum of the held-out texts that the user named, "" where there are none (`overlap.digest`).
    marian: folders of Marian models, out and back, for the engine of that name.
    """

    clean: Sequence[Path]
    engines: Sequence[str]
    out: Path
    sentences: int
    seed: int
    data: Path
    avoid: str = ""
    marian: Sequence[tuple[Path, Path]] = ()

    def settings(self) -> dict[str, Any]:
        """What the corpus depends on: held-out texts by content, other files by name, size and time."""
        sources = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files(self.clean)]
        settings: dict[str, Any] = {
            "version": __version__, "engines": list(self.engines), "sentences": self.sentences, "seed": self.seed,
            "data": str(self.data.resolve()), "sources": sources,
        }  # fmt: skip
        if self.avoid:
            settings["avoid"] = self.avoid
        if self.marian:
            settings["marian"] = [[str(folder.resolve()) for folder in pair] for pair in self.marian]
        return settings


@dataclass(frozen=True, slots=True)
class Progress:
    """Damaged sentences done of those wanted, and the seconds since this run of the build began with `before`."""

    stage: str
    done: int
    wanted: int
    before: int
    seconds: float

    @property
    def rate(self) -> float:
        """Damaged sentences a second."""
        return (self.done - self.before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds left, None while nobody can tell."""
        return max(0, self.wanted - self.done) / self.rate if self.rate > 0 else None


Report = Callable[[Progress], None]


def usable(names: Sequence[str], data: Path, marian: Sequence[tuple[Path, Path]] = ()) -> tuple[list[str], list[str]]:
    """The engines that can run, and for each other one how to install it. ConfigError for names nobody knows."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise ConfigError(f"there is no engine {unknown[0]!r}; known are {', '.join(NAMES)}.")
    lacking = {name: missing(name, data, marian=marian) for name in dict.fromkeys(names)}
    hints = [hint for hint in lacking.values() if hint]
    found = [name for name in names if not lacking[name]]
    if not set(found) - {IDENTITY}:
        raise ConfigError("no engine can run: " + "; ".join(hints or ["identity alone damages nothing"]) + ".")
    return found, hints


def build(
    request: Request, *, workers: int, held_out: Callable[[], HeldOut], report: Report = lambda _: None
) -> dict[str, Any]:
    """Build the corpus, or finish one that was begun; returns its manifest.

    The engines must be usable here. held_out: loads what no sentence may overlap; not called when the clean
    sentences were collected before. Raises ConfigError when the folder holds another corpus or nothing can be
    damaged, InputError when a file can't be read.
    """
    workspace = Workspace(request.out)
    settings = request.settings()
    finished = workspace.claim(settings)
    if finished is not None:
        return finished
    if workspace.shards() is None:
        _collect(request, workspace, held_out(), report)
    jobs = _run(request, workspace, workers, report)
    return _finish(request, workspace, settings, jobs)


def _collect(request: Request, workspace: Workspace, held_out: HeldOut, report: Report) -> None:
    skipped: Counter[str] = Counter()
    samples: dict[str, list[dict[str, str]]] = {}
    refused: list[dict[str, Any]] = []
    licences: set[str] = set()
    started = time.monotonic()

    def skip(reason: str, where: str, text: str) -> None:
        skipped[reason] += 1
        if len(samples.setdefault(reason, [])) < SAMPLED:
            samples[reason].append({"reason": reason, "where": where, "text": text[:300]})

    def allowed(sentences: Iterable[Clean]) -> Iterator[Clean]:
        for number, sentence in enumerate(sentences):
            if number % 5000 == 0:
                report(Progress("collecting", number, 0, 0, time.monotonic() - started))
            found = held_out.overlap(sentence.text)
            if found is None:
                licences.add(sentence.licence)
                yield sentence
            else:
                refused.append(
                    {"text": sentence.text, "doc": sentence.doc, "held_out": found.name, "share": round(found.share, 3)}
                )

    size = min(LARGEST, max(SMALLEST, request.sentences // 8))
    shards, count = workspace.collect(allowed(clean_sentences(request.clean, skip)), request.seed, size)
    if not count:
        raise ConfigError(
            f"no usable sentence was found ({sum(skipped.values())} skipped, {len(refused)} refused for overlap); "
            "name files of English prose with --clean."
        )
    summary = {
        "sentences": count, "skipped": dict(skipped.most_common()), "refused": len(refused),
        "held_out": len(held_out), "licences": sorted(licences),
    }  # fmt: skip
    listed = [sample for found in samples.values() for sample in found]
    workspace.collected(shards, {"summary": summary, "samples": listed, "refused": refused})


def _run(request: Request, workspace: Workspace, workers: int, report: Report) -> list[Job]:
    """Do jobs in order until the first ones of them hold enough damaged sentences; returns those."""
    shards = workspace.shards() or 0
    engines = Engines(request.data, marian=request.marian)
    started = time.monotonic()
    order = ((round_, shard) for round_ in range(1_000_000) for shard in range(shards))
    done: list[Job] = []
    patience = 1 + TRIED // workspace.clean_report()["summary"]["sentences"]
    damaged = before = last_found = 0
    waiting: deque[tuple[Job, Future[dict[str, Any]] | None]] = deque()
    pool: ProcessPoolExecutor | None = None
    try:
        while damaged < request.sentences:
            while len(waiting) < IN_FLIGHT * workers:
                job = next(order)
                if workspace.record(job) is not None:
                    waiting.append((job, None))
                    continue
                pool = pool or _pool(workers, request, engines)
                waiting.append((job, pool.submit(_work, job)))
            job, future = waiting.popleft()
            record = _result(future) if future else workspace.record(job)
            assert record is not None
            damaged += record["damaged"]
            last_found = job[0] if record["damaged"] else last_found
            before += 0 if future else record["damaged"]
            done.append(job)
            report(Progress("damaging", damaged, request.sentences, before, time.monotonic() - started))
            if job[0] - last_found > patience:
                raise ConfigError(
                    f"the engines {', '.join(dict.fromkeys(request.engines))} find nothing to damage in this text."
                )
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)
    return done


def _result(future: Future[dict[str, Any]]) -> dict[str, Any]:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise ConfigError(
            "a process of the build was killed, perhaps for want of memory: start the same command again, which goes "
            "on from here, with a smaller --jobs."
        ) from error


def _pool(workers: int, request: Request, engines: Engines) -> ProcessPoolExecutor:
    # forked processes share the lexicons (700 MB with all wordnets), which a spawned one would load anew
    forks = sys.platform.startswith("linux") and threading.active_count() == 1
    if forks:
        engines.load(request.engines)
    context = multiprocessing.get_context("fork" if forks else "spawn")
    given = engines if forks else Engines(request.data, marian=request.marian)
    return ProcessPoolExecutor(workers, context, _start, (request, given))


_STATE: dict[str, Any] = {}


def _start(request: Request, engines: Engines) -> None:
    _STATE.update(request=request, engines=engines)
    parent = multiprocessing.parent_process()

    def end_with_parent() -> None:
        assert parent is not None
        parent.join()
        os._exit(1)

    # a killed parent tells its children nothing: they would wait for work for ever
    threading.Thread(target=end_with_parent, daemon=True).start()


def _work(job: Job) -> dict[str, Any]:
    request: Request = _STATE["request"]
    workspace = Workspace(request.out)
    rows = damaged_rows(workspace.clean(job[1]), _STATE["engines"], request.engines, job_seed(request.seed, job))
    return workspace.save(job, list(rows))


def job_seed(seed: int, job: Job) -> int:
    """The seed of a shard in a round, 0 to 2**32 - 1."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{job[0]}/{job[1]}".encode()).digest()[:4], "big")


def _finish(request: Request, workspace: Workspace, settings: dict[str, Any], jobs: list[Job]) -> dict[str, Any]:
    collected = workspace.clean_report()
    counts: Counter[str] = Counter()
    damaged = 0
    for job in jobs:
        record = workspace.record(job)
        assert record is not None
        counts.update(record["counts"])
        damaged += record["damaged"]
    report = request.out / "report"
    report.mkdir(exist_ok=True)
    for name in ("samples", "refused"):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in collected[name])
        write_text(report / f"{'skipped' if name == 'samples' else name}.jsonl", lines)
    manifest = {
        "name": request.out.name, "settings": settings, "damaged": damaged, "clean": collected["summary"],
        "licences": collected["summary"]["licences"], "rounds": jobs[-1][0] + 1, "counts": dict(sorted(counts.items())),
        "files": workspace.assemble(jobs),
    }  # fmt: skip
    workspace.finish(manifest)
    return manifest
