"""Rows of a corpus: pairs of a damaged and a clean sentence with the edits between them.

On disk they are Parquet (`mtfix corpus build`; columns in `schema`) or JSON lines, in which an edit is
[start, end, replacement, category]. In memory a row is a dictionary with edits of the latter form.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtfix.corpus.align import PairEdit
from mtfix.errors import InputError

Row = dict[str, Any]
DEV_SHARE = 20  # one document in so many

COLUMNS: dict[str, str] = {
    "id": "unique within the corpus: shard, round and number of the row",
    "damaged": "the damaged sentence; equal to `clean` where nothing is wrong",
    "clean": "the sentence as it was",
    "before": "the clean sentence before it in its document, or empty",
    "edits": "list of {start, end, replacement, category}; offsets are code points of `damaged`, `replacement` the "
    "original words; sorted and disjoint; all applied give `clean`",
    "engine": "the engine that did most of it, with its chain after a colon; identity:KIND when nothing is wrong",
    "engines": "every engine that changed the sentence, in order, before the damage was thinned to its density",
    "density": "share of the words that the edits touch",
    "seed": "seed of the sentence's shard and round",
    "doc": "document; all rows of one are in the same split",
    "source": "where the clean sentence comes from",
    "licence": "licence of the clean sentence",
}


@dataclass(frozen=True, slots=True)
class Clean:
    """A clean sentence with the one before it and where it comes from."""

    text: str
    before: str
    doc: str
    source: str
    licence: str


def schema() -> Any:
    """The Arrow schema of a corpus."""
    import pyarrow as pa

    numbers, texts = ("start", "end"), ("replacement", "category")
    edit = pa.struct([(name, pa.int32()) for name in numbers] + [(name, pa.string()) for name in texts])
    kinds = {
        "edits": pa.list_(edit), "engines": pa.list_(pa.string()), "density": pa.float32(), "seed": pa.int64(),
    }  # fmt: skip
    return pa.schema([pa.field(name, kinds.get(name, pa.string()), nullable=False) for name in COLUMNS])


def edit_row(edit: PairEdit) -> list[Any]:
    """The form that an edit has in a row."""
    return [edit.span.start, edit.span.end, edit.replacement, edit.category]


def is_dev(doc: str) -> bool:
    """Whether a document is held out, by a hash of its name."""
    return int(hashlib.sha256(doc.encode()).hexdigest(), 16) % DEV_SHARE == 0


def file_of(row: Mapping[str, Any]) -> str:
    """The file of sentences damaged by hand that a row is of, by its `id`."""
    return str(row["id"]).partition(":")[0]


def read_jsonl(path: Path) -> Iterator[Row]:
    """The objects of a file of JSON lines, plain or .gz."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a Parquet file, of all Parquet files below a folder, or of JSON lines; memory stays flat.

    InputError when the path does not exist, or is a folder without Parquet files.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; name a folder made by `mtfix corpus build`.")
    if path.is_dir():
        for file in parquet_files(path):
            yield from _read_parquet(file)
    elif path.suffix == ".parquet":
        yield from _read_parquet(path)
    else:
        yield from read_jsonl(path)


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files below a folder by name; InputError when there are none."""
    hidden = {p for p in folder.rglob("*.parquet") if any(q.startswith(".") for q in p.relative_to(folder).parts)}
    found = sorted(set(folder.rglob("*.parquet")) - hidden)
    if not found:
        raise InputError(f"{folder} holds no Parquet files; is it a folder made by `mtfix corpus build`?")
    return found


def _read_parquet(path: Path) -> Iterator[Row]:
    from pyarrow import ArrowInvalid
    from pyarrow import parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(1000):
                for row in batch.to_pylist():
                    row["edits"] = [[e["start"], e["end"], e["replacement"], e["category"]] for e in row["edits"]]
                    yield row
    except (OSError, ArrowInvalid) as error:
        raise InputError(f"{path} is no readable Parquet file ({error}).") from error


def table(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The rows as an Arrow table of `schema`."""
    import pyarrow as pa

    names = ("start", "end", "replacement", "category")
    shaped = [{**row, "edits": [dict(zip(names, edit, strict=True)) for edit in row["edits"]]} for row in rows]
    return pa.Table.from_pylist(shaped, schema=schema())


def write_jsonl(path: Path, rows: Iterable[Row]) -> int:
    """Write rows as JSON lines, packed when the name ends in .gz; returns their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opener = gzip.open if path.suffix == ".gz" else open
    number = 0
    with opener(path, "wt", encoding="utf-8") as file:
        for number, row in enumerate(rows, 1):  # noqa: B007
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return number
