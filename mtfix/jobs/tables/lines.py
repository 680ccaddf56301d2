"""JSON lines. A row keeps its own bytes; the added keys come after them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtfix.errors import InputError
from mtfix.jobs.items import Item, Outcome
from mtfix.jobs.tables.base import Columns, added, cell


class LinesTable:
    def __init__(self, path: Path, name: str, columns: Columns) -> None:
        self._path, self._name, self._columns = path, name, columns

    def items(self) -> Iterator[Item]:
        read = 0
        try:
            with open(self._path, "rb") as file:
                for number, line in enumerate(file, 1):
                    read += len(line)
                    if line.strip():
                        yield self._item(line, number, read)
        except OSError as error:
            raise InputError(f"{self._name}: cannot be read ({error.strerror}).") from error

    def _item(self, line: bytes, number: int, read: int) -> Item:
        name = f"{self._name}:{number}"
        try:
            row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except ValueError as error:
            return Item(name, None, read, f"is no JSON: {error}", line)
        if not isinstance(row, dict):
            return Item(name, None, read, "is no JSON object", line)
        columns = self._columns
        if columns.text not in row and number > 1:
            return Item(name, None, read, f"no column {columns.text!r}", line)
        if number == 1:
            columns.check(row, self._name)
        if clash := [column for column in columns.added if column in row]:
            return Item(name, None, read, f"there is a column {clash[0]!r} already", line)
        if columns.id is not None and columns.id in row:
            name = f"{self._name}:{row[columns.id]}"
        text, reason = cell(row[columns.text], columns.text)
        return Item(name, text, read, reason, line)

    def writer(self, target: Path) -> LinesWriter:
        return LinesWriter(target, self._columns)


class LinesWriter:
    def __init__(self, target: Path, columns: Columns) -> None:
        self._file = open(target, "xb")  # noqa: SIM115
        self._columns = columns

    def add(self, item: Item, outcome: Outcome) -> None:
        more = {self._columns.prefix + name: value for name, value in added(item, outcome).items()}
        self._file.write(_spliced(item.row, more))

    def finish(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _spliced(line: bytes, more: dict[str, Any]) -> bytes:
    """The object of `line` with further keys; a line that holds none becomes the value of `line`."""
    body = line.strip()
    try:
        whole = isinstance(json.loads(body.decode("utf-8-sig")), dict)
    except ValueError:
        whole = False
    if not whole:
        return _dumped({"line": line.decode("utf-8", "replace").rstrip("\r\n"), **more})
    start = body[:-1].rstrip()
    return start + (b"" if start.endswith(b"{") else b", ") + _dumped(more)[1:]


def _dumped(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
