"""The memory of a job: an SQLite file in its output folder that survives whatever happens to the process.

    results   what was worked out, by key (content and settings): computed once, whatever happens
    items     the documents of the last run in input order, with their keys
    outputs   which files were written from which result, to leave alone what is as it was left
    job       what was asked for and how far it is, as JSON
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from mtfix.errors import InputError
from mtfix.jobs.items import Outcome, encodable

FOLDER = ".mtfix"
FORMAT = 1
_NAME, _LOCK = "ledger.sqlite", "lock.sqlite"
_MANY = 500  # keys asked for at a time
_PATIENCE = 2.0  # seconds to wait for a claim: `running` holds the lock for a moment

_TABLES = """
CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, error TEXT, record BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (number INTEGER PRIMARY KEY, name TEXT NOT NULL, key BLOB, error TEXT);
CREATE TABLE IF NOT EXISTS outputs (name TEXT PRIMARY KEY, key BLOB, size INTEGER, changed INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS job (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of the last run with its result."""

    name: str
    error: str | None
    record: dict[str, Any] | None


def _told(method: Callable[_P, _T]) -> Callable[_P, _T]:
    """SQLite's errors as InputError: a full disk, a lost or damaged file."""

    @wraps(method)
    def tell(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return method(*args, **kwargs)
        except sqlite3.Error as error:
            path = getattr(args[0], "path", "")
            raise InputError(
                f"{path}: the ledger of the job fails ({error}); see to the disk, then run the same command again."
            ) from error

    return tell


class Ledger:
    """The ledger in the output folder `out`. Raises InputError when it is missing (unless `create`) or unusable."""

    def __init__(self, out: Path, *, create: bool = False) -> None:
        self.folder = out / FOLDER
        self.path = self.folder / _NAME
        self._lock: sqlite3.Connection | None = None
        if create:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"{out}: cannot be written ({error.strerror}); choose another output.") from error
        elif not self.path.is_file():
            raise InputError(f"{out}: no batch job was run here; name the folder that was given with --output.")
        self._open()

    @_told
    def _open(self) -> None:
        self._base = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")
        [format_] = self._base.execute("PRAGMA user_version").fetchone()
        if format_ not in (0, FORMAT):
            raise InputError(f"{self.path}: the ledger of another version of mtfix; choose another output.")
        self._base.executescript(_TABLES + f"PRAGMA user_version={FORMAT};")

    def close(self) -> None:
        self._base.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # one job at a time

    def claim(self) -> bool:
        """Whether this process may work here now; the claim ends with the process, however that ends.

        A wish to cancel that is there already was meant for a job before this one, and is forgotten.
        """
        lock = sqlite3.connect(self.folder / _LOCK, timeout=_PATIENCE, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            lock.close()
            return False
        self._lock = lock
        self.note(cancel=False)
        return True

    @property
    def running(self) -> bool:
        """Whether another process works here."""
        if self._lock is not None or not (self.folder / _LOCK).exists():
            return False
        with closing(sqlite3.connect(self.folder / _LOCK, timeout=0, isolation_level=None)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                return True
            return False

    # results

    @_told
    def look_up(self, keys: Sequence[bytes]) -> dict[bytes, Outcome]:
        """What is known of these keys (without data)."""
        found: dict[bytes, Outcome] = {}
        for start in range(0, len(keys), _MANY):
            some = keys[start : start + _MANY]
            marks = ",".join("?" * len(some))
            rows = self._base.execute(f"SELECT key, error, record FROM results WHERE key IN ({marks})", some)
            found.update((key, Outcome(_unpacked(record), error)) for key, error, record in rows)
        return found

    @_told
    def store(self, results: Iterable[tuple[bytes, Outcome]]) -> None:
        rows = [(key, _error(outcome.error), _packed(outcome.record)) for key, outcome in results]
        with self._transaction():
            self._base.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)

    @_told
    def first_seen(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those keys that this process asks about for the first time."""
        self._base.execute("CREATE TEMP TABLE IF NOT EXISTS seen (key BLOB PRIMARY KEY) WITHOUT ROWID")
        insert = "INSERT OR IGNORE INTO seen VALUES (?)"
        return {key for key in keys if self._base.execute(insert, (key,)).rowcount}

    @_told
    def forget_failures(self) -> int:
        """Drop the results that are errors, so that they are tried again; returns how many."""
        return self._base.execute("DELETE FROM results WHERE error IS NOT NULL").rowcount

    # documents and their outputs

    @_told
    def begin(self) -> None:
        """Start the list of documents anew."""
        self._base.execute("DELETE FROM items")

    @_told
    def list_items(self, rows: Sequence[tuple[int, str, bytes | None, str | None]]) -> None:
        """Add documents: number in input order, name, key, and the error of one that could not be read."""
        plain = [(number, encodable(name), key, _error(error)) for number, name, key, error in rows]
        with self._transaction():
            self._base.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", plain)

    def listed(self) -> Iterator[Listed]:
        """The documents of the last run in input order; one after the other, however many."""
        rows = self._base.execute(
            "SELECT name, coalesce(items.error, results.error), record "
            "FROM items LEFT JOIN results USING (key) ORDER BY number"
        )
        for name, error, record in rows:
            yield Listed(name, error, _unpacked(record))

    @_told
    def output(self, name: str) -> tuple[bytes, int, int] | None:
        """Key, size and time of change of a file as it was written."""
        asked = "SELECT key, size, changed FROM outputs WHERE name = ?"
        row = self._base.execute(asked, (encodable(name),)).fetchone()
        return None if row is None else (row[0], row[1], row[2])

    @_told
    def note_output(self, name: str, key: bytes, size: int, changed: int) -> None:
        row = (encodable(name), key, size, changed)
        self._base.execute("INSERT OR REPLACE INTO outputs VALUES (?, ?, ?, ?)", row)

    @_told
    def drop_output(self, name: str) -> None:
        self._base.execute("DELETE FROM outputs WHERE name = ?", (encodable(name),))

    # the job

    @_told
    def note(self, **values: Any) -> None:
        rows = [(name, json.dumps(value)) for name, value in values.items()]
        with self._transaction():
            self._base.executemany("INSERT OR REPLACE INTO job VALUES (?, ?)", rows)

    @_told
    def job(self) -> dict[str, Any]:
        return {name: json.loads(value) for name, value in self._base.execute("SELECT name, value FROM job")}

    def _transaction(self) -> _Transaction:
        return _Transaction(self._base)


class _Transaction:
    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def __enter__(self) -> None:
        self._base.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._base.execute("COMMIT")
        elif self._base.in_transaction:
            self._base.execute("ROLLBACK")


def _error(error: str | None) -> str | None:
    return None if error is None else encodable(error)


def _packed(record: dict[str, Any] | None) -> bytes | None:
    return None if record is None else zlib.compress(json.dumps(record, ensure_ascii=False).encode("utf-8"), 1)


def _unpacked(record: bytes | None) -> dict[str, Any] | None:
    if record is None:
        return None
    found: dict[str, Any] = json.loads(zlib.decompress(record))
    return found
