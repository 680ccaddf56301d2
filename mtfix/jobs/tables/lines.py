"""JSON lines. A row keeps its own bytes; the added keys come after them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtfix.errors import InputError
from mtfix.jobs.items import Item, Outcome
from mtfix.jobs.tables.base import Columns, added, cell, check_encoding


class LinesTable:
    def __init__(self, path: Path, name: str, columns: Columns) -> None:
        self._path, self._name, self._columns = path, name, columns

    def items(self) -> Iterator[Item]:
        read = 0
        try:
            with open(self._path, "rb") as file:
                for number, line in enumerate(file, 1):
                    if number == 1:
                        check_encoding(line, self._name)
                    read += len(line)
                    if line.strip():
                        yield self._item(line, number, read)
        except OSError as error:
            raise InputError(f"{self._name}: cannot be read ({error.strerror}).") from error

    def _item(self, line: bytes, number: int, read: int) -> Item:
        """row: the line, and whether it is an object."""
        name = f"{self._name}:{number}"
        try:
            row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except ValueError as reason:
            return Item(name, None, read, f"is no JSON: {reason}", (line, False))
        except RecursionError:
            return Item(name, None, read, "is JSON nested too deep to be read", (line, False))
        if not isinstance(row, dict):
            return Item(name, None, read, "is no JSON object", (line, False))
        columns = self._columns
        if number == 1:
            columns.check(row, self._name)
        if columns.id is not None and columns.id in row:
            name = f"{self._name}:{row[columns.id]}"
        text, error = None, None
        if clash := [column for column in columns.added if column in row]:
            error = f"there is a column {clash[0]!r} already"
        elif columns.text not in row:
            error = f"no column {columns.text!r}"
        else:
            text, error = cell(row[columns.text], columns.text)
        return Item(name, text, read, error, (line, True))

    def writer(self, target: Path) -> LinesWriter:
        return LinesWriter(target, self._columns)


class LinesWriter:
    def __init__(self, target: Path, columns: Columns) -> None:
        self._file = open(target, "xb")  # noqa: SIM115
        self._columns = columns

    def add(self, item: Item, outcome: Outcome) -> None:
        more = {self._columns.prefix + name: value for name, value in added(item, outcome).items()}
        line, whole = item.row
        self._file.write(_spliced(line, more, whole=whole))

    def finish(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _spliced(line: bytes, more: dict[str, Any], *, whole: bool) -> bytes:
    """The object of `line` with further keys; where it is none (not `whole`) it becomes the value of `line`."""
    if not whole:
        return _dumped({"line": line.decode("utf-8", "replace").rstrip("\r\n"), **more})
    start = line.rstrip()[:-1].rstrip()
    return start + (b"" if start.endswith(b"{") else b", ") + _dumped(more)[1:]


def _dumped(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
