"""A job's work on Ray: a Ray Data pipeline whose actors hold the models, on this machine or a cluster.

Ray works out results and nothing else. What the ledger lacks is put into Parquet files of chunks; Ray reads them, hands
each chunk to an actor, and writes Parquet files of records, in whatever order. They go into the ledger by key, and the
job then writes its outputs in input order as if it had known everything before. So neither order nor retries can change
an output, whichever actor or node dies.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from mtfix.errors import ConfigError, MtfixError
from mtfix.jobs.items import Outcome, Task, encodable
from mtfix.jobs.ledger import FOLDER
from mtfix.jobs.pool import Loader, Pool
from mtfix.types import Fingerprint

CHUNK = 20_000  # characters of a chunk, which a slow core should do well within the time limit of a document
_FILE = 256  # chunks of a file
_POLL = 1.0

Keyed = tuple[bytes, Task]


class RayEngine:
    """Works out the results of tasks on Ray.

    address: of a running cluster, whose nodes see the folder `out` and have the same mtfix; None starts Ray here.
    workers: actors. gpus: for each, None means one if there are enough. told: called now and then with the number of
    chunks done and of all.
    """

    def __init__(
        self, out: Path, loader: Loader, workers: int, limit: float | None, address: str | None = None,
        gpus: float | None = 0, told: Callable[[int, int], None] = lambda *_: None,
    ) -> None:  # fmt: skip
        self._folder = (out / FOLDER / "ray").absolute()
        self._loader, self._workers, self._limit = loader, workers, limit
        self._address, self._gpus, self._told = address, gpus, told
        self._ray = self._library()

    @staticmethod
    def _library() -> Any:
        try:
            importlib.import_module("ray.data")
            return importlib.import_module("ray")
        except ImportError as error:
            raise ConfigError(f'--engine ray needs Ray ({error}): pip install "mtfix[ray]"') from error

    def results(self, tasks: Iterable[Keyed], fingerprint: Fingerprint) -> Iterator[tuple[bytes, Outcome]]:
        """Every task's outcome, in any order; also those that a run before this one left behind.

        Raises ConfigError when actors have other models than those of the fingerprint, or Ray gives up.
        """
        todo, done = self._folder / "todo", self._folder / "done"
        yield from _records(done)
        shutil.rmtree(self._folder, ignore_errors=True)
        todo.mkdir(parents=True)
        chunks = _spool(tasks, todo)
        if chunks:
            self._pipeline(todo, done, chunks, fingerprint)
            yield from _records(done)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _pipeline(self, todo: Path, done: Path, chunks: int, fingerprint: Fingerprint) -> None:
        ray = self._ray
        # Ray gives its workers the lowest priority, and beside other work they would hardly run
        os.environ.setdefault("RAY_worker_niceness", "0")
        here = {} if self._address else {"num_cpus": self._workers + 1, "include_dashboard": False}
        ray.init(address=self._address, log_to_driver=False, logging_level="error", **here)
        finished = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(done, chunks, finished), daemon=True)
        watcher.start()
        try:
            gpus = self._gpus
            if gpus is None:
                gpus = int(ray.cluster_resources().get("GPU", 0) >= self._workers)
            ray.data.DataContext.get_current().enable_progress_bars = False
            # a block for each chunk: what an actor has in hand, and what is lost with it, is one of them
            source = ray.data.read_parquet(str(todo)).repartition(target_num_rows_per_block=1)
            corrected = source.map_batches(
                Corrections, fn_constructor_args=(self._loader, self._limit, fingerprint), batch_size=1,
                batch_format="pyarrow", compute=ray.data.ActorPoolStrategy(size=self._workers), num_cpus=1,
                num_gpus=gpus,
            )  # fmt: skip
            corrected.write_parquet(str(done))
        except ray.exceptions.RayError as error:
            cause = error.as_instanceof_cause() if hasattr(error, "as_instanceof_cause") else error
            if isinstance(cause, MtfixError):
                raise cause from error
            reason = str(error).strip().splitlines()[-1]
            raise ConfigError(f"Ray gave up ({reason}); see to the cluster, then run the command again.") from error
        finally:
            finished.set()
            watcher.join()
            ray.shutdown()

    def _watch(self, done: Path, chunks: int, finished: threading.Event) -> None:
        while not finished.wait(_POLL):
            self._told(sum(1 for _ in done.glob("*.parquet")) if done.is_dir() else 0, chunks)


class Corrections:
    """What an actor does: it has a worker process, so that time limits and crashes mean what they mean elsewhere."""

    def __init__(self, loader: Loader, limit: float | None, fingerprint: Fingerprint) -> None:
        self._pool = Pool(loader, 1, limit)
        if self._pool.fingerprint != fingerprint:
            self._pool.close()
            raise ConfigError("nodes of the cluster have other models or another mtfix; install the same everywhere.")

    def __call__(self, batch: Any) -> Any:
        """Chunks (chunk, keys, names, texts, files) to records (chunk, key, record, error)."""
        import pyarrow as pa

        rows: list[dict[str, Any]] = []
        for chunk in batch.to_pylist():
            columns = zip(chunk["names"], chunk["texts"], chunk["files"], strict=True)
            self._pool.submit([Task(name, file if text is None else text) for name, text, file in columns])
            while not (found := self._pool.done(None)):
                pass
            rows += [
                {"chunk": chunk["chunk"], "key": key, "error": outcome.error,
                 "record": None if outcome.record is None else json.dumps(outcome.record)}
                for key, outcome in zip(chunk["keys"], found[0][1], strict=True)
            ]  # fmt: skip
        return pa.Table.from_pylist(rows, schema=_result_schema())


def _result_schema() -> Any:
    import pyarrow as pa

    return pa.schema([("chunk", pa.int64()), ("key", pa.binary()), ("error", pa.string()), ("record", pa.string())])


def _spool(tasks: Iterable[Keyed], folder: Path) -> int:
    """Write the tasks as rows of chunks; returns how many chunks there are."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([
        ("chunk", pa.int64()), ("keys", pa.list_(pa.binary())), ("names", pa.list_(pa.string())),
        ("texts", pa.list_(pa.large_string())), ("files", pa.list_(pa.large_binary())),
    ])  # fmt: skip
    numbers = count()
    rows: list[dict[str, Any]] = []
    written = 0
    for chunk in _chunks(tasks):
        texts = [task.content if isinstance(task.content, str) else None for _, task in chunk]
        files = [task.content if isinstance(task.content, bytes) else None for _, task in chunk]
        rows.append({
            "chunk": next(numbers), "keys": [key for key, _ in chunk],
            "names": [encodable(task.name) for _, task in chunk], "texts": texts, "files": files,
        })  # fmt: skip
        if len(rows) == _FILE:
            parquet.write_table(pa.Table.from_pylist(rows, schema), folder / f"{written:06}.parquet")
            written, rows = written + 1, []
    if rows:
        parquet.write_table(pa.Table.from_pylist(rows, schema), folder / f"{written:06}.parquet")
    return next(numbers)


def _chunks(tasks: Iterable[Keyed]) -> Iterator[list[Keyed]]:
    chunk: list[Keyed] = []
    size = 0
    for key, task in tasks:
        if chunk and size + len(task.content) > CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append((key, task))
        size += len(task.content) + 50
    if chunk:
        yield chunk


def _records(folder: Path) -> Iterator[tuple[bytes, Outcome]]:
    """What is in the files of results; one that was cut short when a run was killed is passed over."""
    import pyarrow as pa
    from pyarrow import parquet

    for path in sorted(folder.glob("*.parquet")) if folder.is_dir() else ():
        try:
            rows = parquet.read_table(path).to_pylist()
        except (OSError, pa.ArrowException):
            continue
        for row in rows:
            yield row["key"], Outcome(None if row["record"] is None else json.loads(row["record"]), row["error"])
