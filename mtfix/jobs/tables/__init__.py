"""Tables whose rows are documents: read row by row, written again with columns added."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mtfix.jobs.tables.base import Columns, Table
from mtfix.jobs.tables.delimited import DelimitedTable
from mtfix.jobs.tables.lines import LinesTable

__all__ = ["DATASET", "SUFFIXES", "Columns", "Table", "open_table"]

DATASET = "dataset"  # the kind of a folder that `datasets` saved


def open_table(kind: str, path: Path, name: str, columns: Columns) -> Table:
    """The table at `path`. kind: its suffix, or DATASET. name: for people. Raises InputError and ConfigError."""
    return _KINDS[kind](path, name, columns)


def _parquet(path: Path, name: str, columns: Columns) -> Table:
    from mtfix.jobs.tables.arrow import ParquetTable

    return ParquetTable(path, name, columns)


def _dataset(path: Path, name: str, columns: Columns) -> Table:
    from mtfix.jobs.tables.arrow import DatasetTable

    return DatasetTable(path, name, columns)


_KINDS: dict[str, Callable[[Path, str, Columns], Table]] = {
    ".jsonl": LinesTable, ".ndjson": LinesTable, ".csv": DelimitedTable, ".tsv": DelimitedTable,
    ".parquet": _parquet, DATASET: _dataset,
}  # fmt: skip
SUFFIXES = frozenset(_KINDS) - {DATASET}
