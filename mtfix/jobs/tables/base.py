"""What all tables have in common: the columns that are read and those that are added."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mtfix.errors import ConfigError, InputError
from mtfix.jobs.items import Item, Outcome, corrected

ADDED = ("corrected", "edits", "flags", "stats", "error")


@dataclass(frozen=True, slots=True)
class Columns:
    """text: the column that is corrected. id: one that names the rows. prefix: put before the names of ADDED."""

    text: str = "text"
    id: str | None = None
    prefix: str = ""

    @property
    def added(self) -> list[str]:
        return [self.prefix + name for name in ADDED]

    def check(self, there: Iterable[str], name: str) -> None:
        """ConfigError where a column to be added is there already, InputError where one to be read is missing."""
        there = list(there)
        for column in (self.text, *([self.id] if self.id is not None else [])):
            if column not in there:
                raise InputError(
                    f"{name}: no column {column!r} (there are {', '.join(there) or 'none'}); name the right one with "
                    "--text-column or --id-column."
                )
        for column in self.added:
            if column in there:
                raise ConfigError(f"{name}: there is a column {column!r} already; give --column-prefix.")


class Writer(Protocol):
    """Takes rows in their order. `finish` once after the last; `close` in any case, and more than once does no harm."""

    def add(self, item: Item, outcome: Outcome) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


class Table(Protocol):
    """A table that is read from its beginning by every call of `items`."""

    def items(self) -> Iterator[Item]:
        """The rows. One that is broken has an error; InputError where the table can't be read on."""

    def writer(self, target: Path) -> Writer:
        """Writes the rows to a new file (of a dataset a new folder)."""


def check_encoding(first: bytes, name: str) -> None:
    """InputError when the first line of a table shows that it is UTF-16."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{name}: is UTF-16, not UTF-8; convert it first, for instance with iconv.")


def added(item: Item, outcome: Outcome) -> dict[str, Any]:
    """The values of ADDED for a row, under these names. A cell without text has `corrected` None and no error."""
    record = outcome.record
    if record is None or not isinstance(item.content, str):
        return {"corrected": None, "edits": [], "flags": [], "stats": None, "error": outcome.error}
    return {
        "corrected": corrected(item.content, record), "edits": record["edits"], "flags": record["flags"],
        "stats": record["stats"], "error": None,
    }  # fmt: skip


def cell(value: object, column: str) -> tuple[str | None, str | None]:
    """The text of a cell and why it can't be used; both None for a cell that is null."""
    if value is None:
        return None, None
    if not isinstance(value, str):
        return None, f"column {column!r} holds {type(value).__name__}, not text"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return None, f"column {column!r} is not valid Unicode"
    return value, None
