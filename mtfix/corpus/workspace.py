"""The folder of a build: clean shards, finished parts, and the corpus that is put together from them.

    OUT/.build/settings.json     what was asked for; a build with other settings refuses to go on here
    OUT/.build/clean/00000.jsonl whole documents in an order drawn by the seed
    OUT/.build/parts/…           for every shard and round train and dev rows (Parquet), then a record (JSON)
    OUT/{train,dev}/*.parquet    the corpus; with README.md, manifest.json and report/

Every file appears whole or not at all (written beside its place and renamed), and a part counts only once its
record is there. So a build may be killed at any moment: what was not recorded is made again, the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mtfix.corpus.rows import COLUMNS, Clean, Row, is_dev, schema, table
from mtfix.errors import ConfigError, InputError

SPLITS = ("train", "dev")
_BUCKETS = 64
ROWS_PER_FILE = 100_000

Job = tuple[int, int]  # round, shard


class Workspace:
    """Paths and files of the build in a folder `out`."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.build = out / ".build"
        self.manifest = out / "manifest.json"

    def claim(self, settings: dict[str, Any]) -> dict[str, Any] | None:
        """Start a build here, or go on with one of the same settings; the manifest when it is finished.

        ConfigError when there is a corpus of other settings, InputError when nothing can be written.
        """
        path = self.build / "settings.json"
        finished: dict[str, Any] | None = None
        if self.manifest.exists():
            finished = json.loads(self.manifest.read_text(encoding="utf-8"))
        begun = json.loads(path.read_text(encoding="utf-8")) if path.exists() else settings
        for there in (begun, finished["settings"] if finished else settings):
            differing = sorted(k for k in {*there, *settings} if there.get(k) != settings.get(k))
            if differing:
                raise ConfigError(
                    f"{self.out} holds a corpus built with other settings ({', '.join(differing)}); "
                    "choose another folder, or delete it."
                )
        if finished is not None:
            shutil.rmtree(self.build, ignore_errors=True)
            return finished
        try:
            self.build.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{self.out} cannot be written ({error.strerror}); choose another folder.") from error
        write_text(path, json.dumps(settings, indent=1))
        return None

    # clean shards

    def shards(self) -> int | None:
        """How many clean shards there are; None while they aren't all there."""
        path = self.build / "clean.json"
        return json.loads(path.read_text(encoding="utf-8"))["shards"] if path.exists() else None

    def collect(self, sentences: Iterable[Clean], seed: int, size: int) -> tuple[int, int]:
        """Spread documents over shards of about `size` sentences, in an order drawn by the seed.

        Returns how many shards and sentences there are. The memory needed is that of one shard.
        """
        buckets, clean = self.build / "buckets", self.build / "clean"
        for folder in (buckets, clean):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        files = [open(buckets / f"{i:02}.jsonl", "w", encoding="utf-8") for i in range(_BUCKETS)]  # noqa: SIM115
        try:
            for sentence in sentences:
                place = hashlib.sha256(f"{seed}/{sentence.doc}".encode()).digest()[0] % _BUCKETS
                files[place].write(json.dumps(asdict(sentence), ensure_ascii=False) + "\n")
        finally:
            for file in files:
                file.close()
        shards = count = 0
        for shard in _packed(sorted(buckets.iterdir()), size):
            write_text(clean / f"{shards:05}.jsonl", "".join(shard))
            shards += 1
            count += len(shard)
        shutil.rmtree(buckets)
        return shards, count

    def collected(self, shards: int, report: dict[str, Any]) -> None:
        """Record that all clean shards are there, with what was skipped and refused on the way."""
        write_text(self.build / "clean.json", json.dumps({"shards": shards, **report}, ensure_ascii=False))

    def clean_report(self) -> dict[str, Any]:
        """What `collected` recorded."""
        return dict(json.loads((self.build / "clean.json").read_text(encoding="utf-8")))

    def clean(self, shard: int) -> list[Clean]:
        """The sentences of a shard."""
        text = (self.build / "clean" / f"{shard:05}.jsonl").read_text(encoding="utf-8")
        return [Clean(**json.loads(line)) for line in text.split("\n") if line]

    # parts

    def record(self, job: Job) -> dict[str, Any] | None:
        """What is known of a finished part; None when it isn't finished."""
        path = self._part(job, "json")
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def save(self, job: Job, rows: Sequence[Row]) -> dict[str, Any]:
        """Write the rows of a part and then its record, which is returned."""
        from pyarrow import parquet as pq

        self._part(job, "json").parent.mkdir(exist_ok=True)
        named = [{"id": f"{job[0]:03}-{job[1]:05}-{i:04}", **row} for i, row in enumerate(rows)]
        counts: Counter[str] = Counter()
        for split in SPLITS:
            chosen = [row for row in named if (split == "dev") == is_dev(row["doc"])]
            counts.update(f"{split} {row['engine']}" for row in chosen)
            path = self._part(job, f"{split}.parquet")
            pq.write_table(table(chosen), f"{path}.tmp", compression="zstd")
            os.replace(f"{path}.tmp", path)
        record = {"damaged": sum(bool(row["edits"]) for row in rows), "counts": counts}
        write_text(self._part(job, "json"), json.dumps(record))
        return record

    def _part(self, job: Job, ending: str) -> Path:
        return self.build / "parts" / f"{job[0]:03}-{job[1]:05}.{ending}"

    # the corpus

    def assemble(self, jobs: Sequence[Job]) -> dict[str, list[dict[str, Any]]]:
        """Put the parts together as the corpus; returns the files of each split with rows and sha256."""
        files: dict[str, list[dict[str, Any]]] = {}
        for split in SPLITS:
            made = self.build / "final" / split
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(parents=True)
            files[split] = _join((self._part(job, f"{split}.parquet") for job in jobs), made, split)
            shutil.rmtree(self.out / split, ignore_errors=True)
            os.replace(made, self.out / split)
        return files

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the card, then the manifest, which says that the corpus is whole; then drop the build's files."""
        write_text(self.out / "README.md", _card(manifest))
        write_text(self.manifest, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        shutil.rmtree(self.build)


def write_text(path: Path, text: str) -> None:
    """Write a file in one step, so that it is there whole or not at all, whenever the machine stops."""
    beside = path.with_name(path.name + ".tmp")
    with open(beside, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def _packed(buckets: Sequence[Path], size: int) -> Iterator[list[str]]:
    """Lines of the buckets, sorted by document inside each, in runs of at least `size`; long documents are cut."""
    shard: list[str] = []
    doc = ""
    for bucket in buckets:
        lines = bucket.read_text(encoding="utf-8").split("\n")[:-1]
        # a document's lines lie in order in one bucket, but others may lie between them
        for line in sorted(lines, key=lambda line: json.loads(line)["doc"]):
            this = json.loads(line)["doc"]
            if len(shard) >= size and (this != doc or len(shard) >= 2 * size):
                yield shard
                shard = []
            shard.append(line + "\n")
            doc = this
    if shard:
        yield shard


def _join(parts: Iterable[Path], folder: Path, split: str) -> list[dict[str, Any]]:
    from pyarrow import parquet as pq

    files: list[dict[str, Any]] = []
    writer = None
    for part in parts:
        rows = pq.read_table(part)
        if not rows.num_rows:  # `datasets` can't read a file whose first group of rows is empty
            continue
        if writer is None or files[-1]["rows"] + rows.num_rows > ROWS_PER_FILE:
            if writer is not None:
                writer.close()
            path = folder / f"{split}-{len(files):05}.parquet"
            files.append({"path": f"{split}/{path.name}", "rows": 0})
            writer = pq.ParquetWriter(path, schema(), compression="zstd")
        writer.write_table(rows)
        files[-1]["rows"] += rows.num_rows
    if writer is not None:
        writer.close()
    for file in files:
        file["sha256"] = _digest(folder.parent / file["path"])
    return files


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _card(manifest: dict[str, Any]) -> str:
    """README.md of the corpus: how to load it, its columns, what is in it."""
    rows = "".join(f"| `{name}` | {text} |\n" for name, text in COLUMNS.items())
    counts = "".join(f"| {name} | {number:,} |\n" for name, number in sorted(manifest["counts"].items()))
    licences = ", ".join(manifest["licences"]) or "unknown"
    splits = "".join(
        f"  - split: {name}\n    path: {folder}/*.parquet\n"
        for folder, name in (("train", "train"), ("dev", "validation"))
        if manifest["files"][folder]
    )
    return f"""---
configs:
- config_name: default
  data_files:
{splits}language: en
---

# Damaged and clean English sentences

Made by `mtfix corpus build` ({manifest['damaged']:,} damaged sentences). The clean sentences keep their licences:
{licences}.

```python
datasets.load_dataset({str(manifest['name'])!r})
```

| column | what it holds |
|---|---|
{rows}
| split and engine | rows |
|---|---:|
{counts}"""
