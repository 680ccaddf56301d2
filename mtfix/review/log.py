"""The append-only file in which a review is kept: every decision is on disk before the next key is read."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

from mtfix.errors import InputError

Row = dict[str, Any]
FORMAT = 1


class Log:
    """Rows of JSON, one a line, flushed to the disk one by one. Made by `open_log`; only one process has it."""

    def __init__(self, path: Path, file: FileIO, rows: list[Row]) -> None:
        self.path, self.rows = path, rows
        self._file = file

    def append(self, row: Row) -> None:
        """Add a row. Raises InputError, with the file as it was, when it cannot be written."""
        end = self._file.seek(0, os.SEEK_END)
        try:
            data = json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
            while data:  # a full disk may take a part
                data = data[self._file.write(data) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(end)
            raise InputError(
                f"{self.path}: the decision cannot be saved ({error.strerror or error}); make room and decide again."
            ) from error
        self.rows.append(row)

    def close(self) -> None:
        """Let another process have the file; one that holds nothing is taken away."""
        if not self.rows:
            with suppress(OSError):
                self.path.unlink()
        self._file.close()


def open_log(path: Path) -> Log:
    """The log at `path`, made when there is none; a last row that a crash cut short is dropped.

    Raises InputError when it cannot be opened, is in use, or is not a log.
    """
    try:
        # unbuffered: nothing of a failed row may linger and be written later
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+")
    except OSError as error:
        raise InputError(
            f"{path}: the decisions cannot be kept there ({error.strerror or error}); name another place with -o."
        ) from error
    try:
        _lock(file, path)
        data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        rows = _rows(whole, path)
        if not rows and data[len(whole) :].strip(b"\0"):
            _check_cut(data, path)
        if len(whole) < len(data):
            file.truncate(len(whole))
    except BaseException:
        file.close()
        raise
    return Log(path, file, rows)


def _rows(data: bytes, path: Path) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        try:
            row = json.loads(line.decode("utf-8", "surrogatepass"))
        except ValueError:
            row = None
        known = isinstance(row, dict) and isinstance(row.get("type"), str)
        if not known or (number == 1 and (row["type"], row.get("review")) != ("findings", FORMAT)):
            raise InputError(
                f"{path}: line {number} is no row of a review; if the file is not one of mtfix, name another place "
                "for the review with -o, and if it is damaged, take that line out."
            )
        rows.append(row)
    return rows


def _check_cut(data: bytes, path: Path) -> None:
    """A file with one unfinished line is ours only if it begins like our first row."""
    start = b'{"type": "findings"'
    if not data.startswith(start[: len(data)]):
        raise InputError(f"{path} is not a file of mtfix review; name another place for the review with -o.")


def _lock(file: FileIO, path: Path) -> None:
    """Keep other processes out until the file is closed, however this one ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(2**30)  # a place behind the content, since other programs could not read a locked one
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise InputError(f"{path} is in use: the document is under review in another window; go on there.") from error
