"""CSV and TSV with a header."""

from __future__ import annotations

import csv
import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO

from mtfix.errors import InputError
from mtfix.jobs.items import Item, Outcome
from mtfix.jobs.tables.base import ADDED, Columns, added, cell, check_encoding

csv.field_size_limit(2**31 - 1)  # texts may be longer than the library expects

_CLOSING = re.compile(r'(?:[^"]|"")*"')
_END = "\n\n"  # empty, and unlike any line of a file


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
        check_encoding(first, self._name)
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
            _, names = next(self._rows(file, delimiter), (0, []))
        self._columns.check(names, self._name)
        return names

    def items(self) -> Iterator[Item]:
        names = self.header()
        delimiter, _, encoding = self._look()
        place = names.index(self._columns.text)
        label = names.index(self._columns.id) if self._columns.id is not None else None
        try:
            with self._open(encoding) as file:
                rows = self._rows(file, delimiter)
                next(rows)
                for line, row in rows:
                    if not row:
                        continue
                    name = f"{self._name}:{line if label is None or label >= len(row) else row[label]}"
                    # where the buffered reader is, which is near enough
                    yield self._item(row, len(names), place, name, file.buffer.tell(), delimiter)  # type: ignore[attr-defined]
        except (OSError, csv.Error) as error:
            raise InputError(f"{self._name}: cannot be read on ({error}).") from error

    def _rows(self, file: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """The rows with the lines in which they end. InputError for one that runs on because of a stray quotation mark.

        Marks that do not reach beyond their line are read as ever: `"a"b` costs no other row anything.
        """
        lines: list[str] = []

        def kept() -> Iterator[str]:
            # the end is no row, unless a cell is still open there
            for line in chain(file, [_END]):
                lines.append(line)
                yield line

        rows = csv.reader(kept(), delimiter=delimiter)
        for row in rows:
            if len(lines) > 1 and (index := _stray(lines, delimiter)) is not None:
                raise InputError(
                    f"{self._name}: the quotation mark that opens in line {rows.line_num - len(lines) + 1 + index} is "
                    "not closed, or not at the end of its cell; close it, or where it belongs to the text double it "
                    "and put the whole cell in quotation marks."
                )
            lines.clear()
            yield rows.line_num, row

    def _item(self, row: list[str], width: int, place: int, name: str, read: int, delimiter: str) -> Item:
        if len(row) != width:
            error = f"has {len(row)} fields, and the header {width}"
            whole = [*row[: width - 1], delimiter.join(row[width - 1 :])] if len(row) > width else row
            return Item(name, None, read, error, whole + [""] * (width - len(whole)))
        text, reason = cell(row[place], self._columns.text)
        if reason is not None:
            reason = f"column {self._columns.text!r} is not UTF-8; convert the table first, for instance with iconv"
        return Item(name, text, read, reason, row)

    def writer(self, target: Path) -> DelimitedWriter:
        delimiter, end, encoding = self._look()
        return DelimitedWriter(target, [*self.header(), *self._columns.added], delimiter, end, encoding)


def _stray(lines: Sequence[str], delimiter: str) -> int | None:
    """Of a row over several lines, the one in which a cell opens that does not end as it should; None without any."""

    def cells(number: int) -> int:
        return len(next(csv.reader(lines[:number], delimiter=delimiter)))

    before = len(lines) - 1
    if lines[-1] != _END:
        strict = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            next(strict)
            return None
        except csv.Error:
            before = strict.line_num - 1
            if before and _closes(lines[before], delimiter):
                return None
    # the cell is the last one of the lines before that in which reading failed
    return bisect_left(range(1, before + 1), cells(before), key=cells) if before else None


def _closes(line: str, delimiter: str) -> bool:
    """Whether the cell that is open where the line begins ends in it as it should; what comes after may be odd."""
    mark = _CLOSING.match(line)
    return mark is not None and line[mark.end() : mark.end() + 1] in (delimiter, "\r", "\n", "")


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
