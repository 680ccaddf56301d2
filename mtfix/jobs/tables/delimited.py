"""CSV and TSV with a header."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from mtfix.errors import InputError
from mtfix.jobs.items import Item, Outcome
from mtfix.jobs.tables.base import ADDED, Columns, added, cell

csv.field_size_limit(2**31 - 1)  # texts may be longer than the library expects


class DelimitedTable:
    """The delimiter is a tab in .tsv, else the commonest of `,;|` and tab in the header."""

    def __init__(self, path: Path, name: str, columns: Columns) -> None:
        self._path, self._name, self._columns = path, name, columns

    def _look(self) -> tuple[str, str, str]:
        """Delimiter, line end and encoding, after the first line."""
        try:
            with open(self._path, "rb") as file:
                first = file.readline()
        except OSError as error:
            raise InputError(f"{self._name}: cannot be read ({error.strerror}).") from error
        if first.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"{self._name}: is UTF-16, not UTF-8; convert it first, for instance with iconv.")
        tab = self._path.suffix.lower() == ".tsv"
        delimiter = "\t" if tab else max(",;\t|", key=lambda mark: first.count(mark.encode()))
        end = "\r\n" if first.endswith(b"\r\n") else "\n"
        return delimiter, end, "utf-8-sig" if first.startswith(b"\xef\xbb\xbf") else "utf-8"

    def _open(self, encoding: str) -> IO[str]:
        # bytes that are no UTF-8 pass through as they are; the cell they are in becomes an error
        return open(self._path, encoding=encoding, errors="surrogateescape", newline="")

    def header(self) -> list[str]:
        """The names of the columns. Raises InputError and ConfigError when they won't do."""
        delimiter, _, encoding = self._look()
        with self._open(encoding) as file:
            names = next(csv.reader(file, delimiter=delimiter), [])
        self._columns.check(names, self._name)
        return names

    def items(self) -> Iterator[Item]:
        names = self.header()
        delimiter, _, encoding = self._look()
        place = names.index(self._columns.text)
        label = names.index(self._columns.id) if self._columns.id is not None else None
        try:
            with self._open(encoding) as file:
                rows = csv.reader(file, delimiter=delimiter)
                next(rows)
                for row in rows:
                    if not row:
                        continue
                    name = f"{self._name}:{rows.line_num if label is None or label >= len(row) else row[label]}"
                    # where the buffered reader is, which is near enough
                    yield self._item(row, len(names), place, name, file.buffer.tell(), delimiter)  # type: ignore[attr-defined]
        except (OSError, csv.Error) as error:
            raise InputError(f"{self._name}: cannot be read on ({error}).") from error

    @staticmethod
    def _item(row: list[str], width: int, place: int, name: str, read: int, delimiter: str) -> Item:
        if len(row) != width:
            error = f"has {len(row)} fields, and the header {width}"
            whole = [*row[: width - 1], delimiter.join(row[width - 1 :])] if len(row) > width else row
            return Item(name, None, read, error, whole + [""] * (width - len(whole)))
        text, reason = cell(row[place], "of the text")
        return Item(name, text, read, reason, row)

    def writer(self, target: Path) -> DelimitedWriter:
        delimiter, end, encoding = self._look()
        return DelimitedWriter(target, [*self.header(), *self._columns.added], delimiter, end, encoding)


class DelimitedWriter:
    """Edits, flags and stats are JSON in their cells; None is an empty cell."""

    def __init__(self, target: Path, names: list[str], delimiter: str, end: str, encoding: str) -> None:
        self._file = open(target, "x", encoding=encoding, errors="surrogateescape", newline="")  # noqa: SIM115
        self._delimiter, self._end = delimiter, end
        self._write(names)

    def add(self, item: Item, outcome: Outcome) -> None:
        values = added(item, outcome)
        for name in ("edits", "flags", "stats"):
            values[name] = json.dumps(values[name], ensure_ascii=False)
        self._write([*item.row, *(values[name] or "" for name in ADDED)])

    def _write(self, fields: list[str]) -> None:
        self._file.write(self._delimiter.join(self._quoted(field) for field in fields) + self._end)

    def _quoted(self, field: str) -> str:
        # csv.writer leaves a carriage return without quotes, and no reader puts the row together again
        if any(mark in field for mark in (self._delimiter, '"', "\r", "\n")):
            return '"' + field.replace('"', '""') + '"'
        return field

    def finish(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()
