"""Outputs on disk, one line for each item in the order of the run, so that an interrupted run goes on.

Lines are appended as batches finish and are whole or, after a crash, torn at the end; a torn end is cut
off. The file's name holds a key of everything the outputs depend on, so that outputs of other data,
models or settings are never taken for these, and are still there when one goes back to those.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from mtfix.errors import InputError
from mtfix.evaluation.items import Item, Output


@dataclass(frozen=True, slots=True)
class Record:
    """An output, the seconds that it took (its share of its batch), and the checksum of the text it is for."""

    output: Output
    seconds: float
    sha256: str

    @classmethod
    def of(cls, item: Item, output: Output, seconds: float) -> Record:
        return cls(output, round(seconds, 6), text_digest(item.text))

    def fits(self, item: Item) -> bool:
        return self.output.id == item.id and self.sha256 == text_digest(item.text)


def text_digest(text: str) -> str:
    """sha256 of a text in hex; half surrogate pairs, which JSON can bring in, count as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class OutputCache:
    """The file `outputs.SYSTEM.KEY.jsonl` in a folder; a context manager that holds it for one run alone.

    about: what the outputs depend on; its checksum is the key, and the file's first line tells it.
    """

    def __init__(self, folder: Path, system: str, about: Mapping[str, Any]) -> None:
        self._header = json.dumps({"schema": 1, "system": system, **about}, sort_keys=True)
        key = hashlib.sha256(self._header.encode()).hexdigest()[:12]
        self.path = folder / f"outputs.{re.sub(r'[^A-Za-z0-9._-]+', '_', system)}.{key}.jsonl"
        self.measured: dict[str, Any] = {}  # what `measure` noted, in this run or an earlier one

    def __enter__(self) -> OutputCache:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self.path, "a+b")
        except OSError as error:
            raise InputError(f"{self.path} cannot be written: {error.strerror}.") from error
        _hold(self._file, self.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def replay(self) -> Iterator[Record]:
        """What is there, in order; from the first line that isn't whole on, the file is cut off.

        The caller that stops early because a record doesn't fit calls `cut`.
        """
        self._file.seek(0)
        self._place = len(first) if (first := self._file.readline()).endswith(b"\n") else 0
        while line := self._file.readline():
            try:
                row = json.loads(line if line.endswith(b"\n") else b"{}")
                if "measured" in row:
                    self.measured = row["measured"]
                    self._place += len(line)
                    continue
                record = Record(Output.from_dict(row["output"]), float(row["seconds"]), str(row["sha256"]))
            except (ValueError, TypeError, KeyError):
                break
            yield record
            self._place += len(line)
        self.cut()

    def cut(self) -> None:
        """Drop everything after the last record that the caller took; append from here."""
        self._file.truncate(self._place)
        if self._place == 0:
            self._write(self._header)

    def append(self, records: Iterable[Record]) -> None:
        """Write the records of a batch; they are safe from a killed process when this returns."""
        rows = ({"output": r.output.to_dict(), "seconds": r.seconds, "sha256": r.sha256} for r in records)
        self._write(*(json.dumps(row) for row in rows))

    def measure(self, **values: Any) -> None:
        """Note what was measured of the process that computed the outputs."""
        self.measured = values
        self._write(json.dumps({"measured": values}))

    def _write(self, *rows: str) -> None:
        try:
            self._file.write("".join(f"{row}\n" for row in rows).encode())
            self._file.flush()
        except OSError as error:
            raise InputError(f"{self.path} cannot be written: {error.strerror}.") from error


def _hold(file: Any, path: Path) -> None:
    """Two runs that append to one file would double its lines."""
    try:
        import fcntl
    except ModuleNotFoundError:  # no such locks on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(f"another run is writing {path}; wait for it, or name another --output.") from None
    except OSError:
        return  # a file system without locks
