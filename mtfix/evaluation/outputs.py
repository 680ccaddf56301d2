"""Outputs of other tools, read from a file and checked against the suite's items.

Two forms are read, packed with gzip or not:

- JSON lines as `mtfix fix --lines --format jsonl` writes them: `corrected`, and as far as there are any
  `edits`, `flags`, `tokens`, `gaps`, `filled`. Rows with an `id` belong to the item of that id; rows
  without belong to the items in order.
- Plain text: line N is the correction of item N.

Where there are no edits they are what aligning text and correction gives.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from mtfix.errors import InputError
from mtfix.evaluation.extra import require
from mtfix.evaluation.items import Item, Output, OutputEdit, whole


class FileSystem:
    """The outputs in a file, as a system. Rows that fit no item are errors: their scores would mean nothing."""

    stored = True

    def __init__(self, path: Path) -> None:
        self.name = f"file:{path}"
        self.path = path
        self.left = 0  # rows that no item has asked for yet
        self._digest = ""
        self._file: IO[bytes] | None = None
        self._json = False
        self._places = _Places()
        self._number = 0

    def start(self) -> None:
        """Reads the file once: its checksum, its form, and where the row of each id is."""
        digest = hashlib.sha256()
        place = 0
        try:
            self._file = _opened(self.path)
            for line in self._file:
                if place == 0:
                    self._json = line.lstrip().startswith(b"{")
                if self._json and (name := _id(line)) is not None:
                    self._places.add(name, place)
                digest.update(line)
                place += len(line)
                self.left += 1
            self._file.seek(0)
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{self.path} cannot be read ({reason}); check the path.") from error
        self._digest = digest.hexdigest()

    def stop(self) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def signature(self) -> dict[str, Any]:
        return {"outputs": self._digest[:12]}

    def must_hold(self, number: int) -> None:
        """Raises InputError where rows that go by order are not `number`: those of a sample say nothing of all items.

        Called between `start` and `run`.
        """
        if not self._places and self.left != number:
            raise InputError(
                f"{self.path} has {self.left} rows without ids, and the sample has {number} items, so that no row can "
                "be told to belong to one; give every row the id of its item, or leave out --seed."
            )

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        for item in items:
            output = self._output(item, self._line(item))
            _check(output, item)
            yield output

    def _line(self, item: Item) -> bytes:
        if self._file is None:
            raise RuntimeError("start() has not been called")
        if self._places:
            return self._row_of(item.id)
        line = self._file.readline()
        self._number += 1
        self.left -= 1
        if not line:
            raise InputError(
                f"{self.path} ends after {self._number - 1} lines and the suite goes on; write an output for every "
                "item, in the order of `mtfix evaluate suites texts`."
            )
        return line

    def _row_of(self, name: str) -> bytes:
        assert self._file is not None
        for number, place in self._places.of(name):
            self._file.seek(place)
            if _id(line := self._file.readline()) == name:
                self._places.take(number)
                self.left -= 1
                return line
        raise LookupError(f"{self.path} has no row with the id {name!r}")

    def _output(self, item: Item, line: bytes) -> Output:
        where = f"the row of {item.id!r}" if self._places else f"line {self._number}"
        text = line.decode("utf-8").rstrip("\r\n")
        if not self._json:
            return Output(item.id, text, aligned(item.text, text))
        row = json.loads(text)
        if row.get("text", item.text) != item.text:
            raise InputError(
                f"{self.path}: {where} was made from another text than the suite's {item.id!r}; "
                "write the outputs in the order of `mtfix evaluate suites texts`."
            )
        output = replace(Output.from_dict({"text": item.text, **row}), id=item.id)
        if not output.edits:
            return replace(output, edits=aligned(item.text, output.corrected))
        if applied(item.text, output.edits) != output.corrected:
            raise ValueError(f"{self.path}: {where}: the edits do not turn the text into what is in 'corrected'")
        return output


def _check(output: Output, item: Item) -> None:
    """ValueError for what no score could be worked out of."""
    scored = [found for some in (output.flags, output.tokens, output.gaps) for found in some or ()]
    for span in (*(found.span for found in scored), *(edit.span for edit in output.edits)):
        if not whole(span):
            raise ValueError(f"a span is from {span.start!r} to {span.end!r}; give whole numbers")
    for found in scored:
        if not 0 <= found.score <= 1:  # nor is NaN
            raise ValueError(f"the score at {found.span.start} is {found.score:g}; scores are from 0 to 1")
    if output.filled is not None and item.spans is not None and len(output.filled) != len(item.spans):
        raise ValueError(f"'filled' has {len(output.filled)} lists, and the item has {len(item.spans)} spans")


class _Places:
    """Where rows are by their id: 16 bytes for each, for there may be very many. Used when all are added."""

    def __init__(self) -> None:
        self._keys, self._starts = array("q"), array("q")

    def __bool__(self) -> bool:
        return bool(self._keys)

    def add(self, name: str, start: int) -> None:
        self._keys.append(hash(name))
        self._starts.append(start)

    def of(self, name: str) -> list[tuple[int, int]]:
        """Numbers and starts of the rows not taken that may have this id, in order; others share its hash, if rarely.

        Items of two files may share an id: each takes a row of its own.
        """
        keys, starts = self._sorted
        first, last = (int(np.searchsorted(keys, hash(name), side)) for side in ("left", "right"))
        return [(number, int(starts[number])) for number in range(first, last) if starts[number] >= 0]

    def take(self, number: int) -> None:
        self._sorted[1][number] = -1

    @cached_property
    def _sorted(self) -> tuple[Any, Any]:
        keys = np.array(self._keys)
        order = np.argsort(keys, kind="stable")
        return keys[order], np.array(self._starts)[order]


def _opened(path: Path) -> IO[bytes]:
    """Open until the system is gone: rows are read as the run goes on."""
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path))
    return open(path, "rb")


def _id(line: bytes) -> str | None:
    try:
        name = json.loads(line).get("id")
    except (ValueError, AttributeError, RecursionError):
        return None  # reported when its turn comes
    return None if name is None else str(name)


def aligned(text: str, corrected: str) -> tuple[OutputEdit, ...]:
    """The edits that turn `text` into `corrected`, as `mtfix.corpus.align` cuts them."""
    if text == corrected:
        return ()
    align = require("mtfix.corpus.align", what="comparing texts").align
    return tuple(OutputEdit(e.span, e.replacement, category=e.category) for e in align(text, corrected))


def applied(text: str, edits: Iterable[OutputEdit]) -> str:
    """`text` with the edits that say they are applied; ValueError when they overlap or lie outside."""
    parts, position = [], 0
    for edit in sorted((e for e in edits if e.applied), key=lambda e: e.span):
        if edit.span.start < position or edit.span.end > len(text):
            raise ValueError(f"the edit at {edit.span.start} overlaps another or lies outside the text")
        parts += [text[position : edit.span.start], edit.replacement]
        position = edit.span.end
    return "".join([*parts, text[position:]])
