"""Tables of Arrow: Parquet files, and folders that `datasets` saved. Columns keep their types and metadata."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mtfix.errors import ConfigError, InputError
from mtfix.jobs.items import Item, Outcome
from mtfix.jobs.tables.base import ADDED, Columns, added, cell

_BATCH = 256  # rows read at a time
_GROUP = 16_384  # rows written together, at most
_GROUP_BYTES = 32_000_000


def _library(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = (error.name or name).partition(".")[0]
        raise ConfigError(f'this table needs {missing}, which is missing: pip install "mtfix[batch]"') from error


def _added_fields() -> list[Any]:
    pa = _library("pyarrow")
    text, number, real = pa.string(), pa.int64(), pa.float64()
    place = [("start", number), ("end", number)]
    other = pa.struct([("replacement", text), ("confidence", real)])
    edit = pa.struct([
        *place, ("original", text), ("replacement", text), ("category", text), ("confidence", real),
        ("applied", pa.bool_()), ("source", text), ("alternatives", pa.list_(other)),
    ])  # fmt: skip
    flag = pa.struct([*place, ("category", text), ("score", real), ("message", text)])
    stats = pa.struct([
        ("words", number), ("flagged", number), ("applied", number), ("suggested", number), ("damage", real),
        ("skipped", text),
    ])  # fmt: skip
    kinds = {"corrected": text, "edits": pa.list_(edit), "flags": pa.list_(flag), "stats": stats, "error": text}
    return [pa.field(name, kinds[name]) for name in ADDED]


class _Arrow:
    """Batches of a schema as items. row: the batch and the number of the row in it."""

    def __init__(self, path: Path, name: str, columns: Columns) -> None:
        self._path, self._name, self._columns = path, name, columns
        self._pa = _library("pyarrow")

    def _check(self, schema: Any) -> None:
        self._columns.check(schema.names, self._name)
        kind = schema.field(self._columns.text).type
        if not (self._pa.types.is_string(kind) or self._pa.types.is_large_string(kind)):
            raise InputError(f"{self._name}: column {self._columns.text!r} holds {kind}, not text.")

    def _rows(self, batches: Iterator[Any], size: int, total: int) -> Iterator[Item]:
        number = 0
        for batch in batches:
            texts = batch.column(self._columns.text).to_pylist()
            labels = batch.column(self._columns.id).to_pylist() if self._columns.id is not None else None
            for index, value in enumerate(texts):
                number += 1
                name = f"{self._name}:{number if labels is None else labels[index]}"
                text, error = cell(value, self._columns.text)
                yield Item(name, text, size * number // total, error, (batch, index))

    def _schema(self, schema: Any) -> Any:
        for field in _added_fields():
            schema = schema.append(field.with_name(self._columns.prefix + field.name))
        return schema


class ParquetTable(_Arrow):
    def _open(self) -> Any:
        parquet = _library("pyarrow.parquet")
        try:
            file = parquet.ParquetFile(self._path)
        except (OSError, self._pa.ArrowException) as error:
            raise InputError(f"{self._name}: is no Parquet file that can be read ({_first(error)}).") from error
        try:
            self._check(file.schema_arrow)
        except BaseException:
            file.close()
            raise
        return file

    def items(self) -> Iterator[Item]:
        file = self._open()
        try:
            batches = file.iter_batches(batch_size=_BATCH)
            yield from self._rows(batches, self._path.stat().st_size, file.metadata.num_rows)
        except (OSError, self._pa.ArrowException) as error:
            raise InputError(f"{self._name}: cannot be read on ({_first(error)}).") from error
        finally:
            file.close()

    def writer(self, target: Path) -> ArrowWriter:
        parquet = _library("pyarrow.parquet")
        file = self._open()
        schema = self._schema(file.schema_arrow)
        file.close()
        return ArrowWriter(parquet.ParquetWriter(target, schema, compression="zstd"), schema)


class DatasetTable(_Arrow):
    """What `Dataset.save_to_disk` wrote; written again so that `load_from_disk` reads it."""

    def _open(self) -> Any:
        try:
            data = _library("datasets").load_from_disk(str(self._path))
        except (OSError, ValueError, KeyError, self._pa.ArrowException) as error:
            raise InputError(f"{self._name}: is no dataset that can be read ({_first(error)}).") from error
        self._check(data.features.arrow_schema)
        return data

    def items(self) -> Iterator[Item]:
        data = self._open()
        size = sum(path.stat().st_size for path in self._path.glob("*.arrow"))
        try:
            yield from self._rows(data.with_format("arrow").iter(_BATCH), size, len(data))
        except (OSError, self._pa.ArrowException) as error:
            raise InputError(f"{self._name}: cannot be read on ({_first(error)}).") from error

    def writer(self, target: Path) -> ArrowWriter:
        features = _library("datasets").Features
        data = self._open()
        plain = data.features.arrow_schema.remove_metadata()
        more = features.from_arrow_schema(self._pa.schema(list(self._schema(plain))[len(plain) :]))
        whole = features({**data.features, **more})
        target.mkdir()
        name = "data-00000-of-00001.arrow"
        info = json.loads((self._path / "dataset_info.json").read_text(encoding="utf-8"))
        state = json.loads((self._path / "state.json").read_text(encoding="utf-8"))

        def describe() -> None:
            info["features"] = whole.to_dict()
            # a fingerprint stands for contents, and these are new
            state.update(_data_files=[{"filename": name}], _fingerprint=f"mtfix-{state['_fingerprint']}")
            (target / "dataset_info.json").write_text(json.dumps(info, indent=2), encoding="utf-8")
            (target / "state.json").write_text(json.dumps(state, indent=2), encoding="utf-8")

        schema = whole.arrow_schema
        return ArrowWriter(self._pa.ipc.new_stream(str(target / name), schema), schema, describe)


class ArrowWriter:
    """Puts the added columns beside the batches that the items came in, and writes some batches at a time."""

    def __init__(self, sink: Any, schema: Any, describe: Callable[[], None] = lambda: None) -> None:
        self._pa = _library("pyarrow")
        self._sink, self._schema, self._describe = sink, schema, describe
        self._batch: Any = None
        self._first = 0
        self._values: list[dict[str, Any]] = []
        self._waiting: list[Any] = []

    def add(self, item: Item, outcome: Outcome) -> None:
        batch, index = item.row
        if batch is not self._batch:
            self._complete()
            self._batch, self._first = batch, index
        self._values.append(added(item, outcome))

    def _complete(self) -> None:
        if self._values:
            fields = list(self._schema)[-len(ADDED) :]
            more = [
                self._pa.array([values[name] for values in self._values], field.type)
                for name, field in zip(ADDED, fields, strict=True)
            ]
            there = self._batch.slice(self._first, len(self._values))
            columns = [c.combine_chunks() if isinstance(c, self._pa.ChunkedArray) else c for c in there.columns]
            self._waiting.append(self._pa.Table.from_arrays([*columns, *more], schema=self._schema))
            self._values = []
        rows = sum(table.num_rows for table in self._waiting)
        if rows >= _GROUP or sum(table.nbytes for table in self._waiting) >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._sink.write_table(self._pa.concat_tables(self._waiting))
            self._waiting = []

    def finish(self) -> None:
        self._complete()
        self._flush()
        self._sink.close()
        self._describe()

    def close(self) -> None:
        self._sink.close()


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0]
