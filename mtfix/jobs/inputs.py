"""The files of a job, found one after the other: folders of millions need no list in memory."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mtfix.documents.read import LITTER
from mtfix.documents.read import SUFFIXES as DOCUMENTS
from mtfix.errors import ConfigError, InputError
from mtfix.jobs import tables
from mtfix.jobs.items import Item
from mtfix.jobs.tables import Columns, Table, open_table

REPORTS = ("report.json", "report.html")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the input. name: its path below the input and below the output. table: its kind, None of documents."""

    path: Path
    name: str
    table: str | None = None

    @property
    def size(self) -> int:
        """Bytes; 0 for what is gone."""
        try:
            files = self.path.glob("*.arrow") if self.table == tables.DATASET else [self.path]
            return sum(file.stat().st_size for file in files)
        except OSError:
            return 0

    def open(self, columns: Columns) -> Table:
        assert self.table is not None
        return open_table(self.table, self.path, self.name, columns)

    def items(self, columns: Columns) -> Iterator[Item]:
        """The rows of a table, or the one document. Raises InputError when a table can't be read (on)."""
        if self.table is not None:
            yield from self.open(columns).items()
            return
        try:
            data = self.path.read_bytes()
        except OSError as error:
            yield Item(self.name, None, self.size, f"cannot be read ({error.strerror or error})")
        else:
            yield Item(self.name, data, len(data))


class Inputs:
    """What was named on the command line: files, folders, patterns, a folder that `datasets` saved.

    Of a folder its documents are read, at any depth; its tables where there are no documents, or when `only_tables`.
    Hidden folders, links to folders and the output `out` are passed over. Raises InputError for what isn't there.
    """

    def __init__(self, names: Sequence[str], out: Path, *, only_tables: bool = False) -> None:
        self._out = out.resolve()
        self._only_tables = only_tables
        self._roots = [(Path(name), self._expanded(name)) for name in names]
        files = [path for _, paths in self._roots for path in paths if not path.is_dir()]
        if only_tables:
            _check_tables(files)
        self._above = _common([path.absolute().parent for path in files])
        self._taken: set[Path] = set()  # inputs below the output
        for _, paths in self._roots:
            for path in paths:
                place = path.resolve()
                if place == self._out:
                    raise ConfigError(f"{path} is both input and output; name another folder with --output.")
                if self._out in place.parents:
                    self._taken.add(place)

    def _expanded(self, name: str) -> list[Path]:
        path = Path(name)
        if path.exists():
            return [path]
        if glob.has_magic(name):
            paths = sorted(Path(found) for found in glob.glob(name, recursive=True))
            found = [path for path in paths if path.is_file() and not path.name.startswith(LITTER)]
            files = [path for path in found if self._out not in path.resolve().parents]
            if not files:
                raise InputError(f"{name}: no file is called like that; check the pattern.")
            return files
        raise InputError(f"{name}: no such file or folder; check the path.")

    def parts(self) -> Iterator[Part]:
        """The files in an order that stays the same."""
        for _, paths in self._roots:
            for path in paths:
                if path.is_dir():
                    yield from self._folder(path)
                else:
                    yield self._named(path, path.absolute().relative_to(self._above).as_posix())

    @cached_property
    def count(self) -> tuple[int, int]:
        """How many files there are, and their bytes.

        InputError for none; ConfigError for two of one name, and when an output would take the place of an input.
        """
        number = size = 0
        seen: set[str] | None = set() if sum(len(paths) for _, paths in self._roots) > 1 else None
        for part in self.parts():
            if part.name in REPORTS:
                raise ConfigError(f"{part.path}: the report of the job would have this name; rename the file.")
            if self._overwrites(part):
                raise ConfigError(
                    f"{part.path}: its output would take the place of an input; name another folder with --output."
                )
            if seen is not None:
                if part.name in seen:
                    raise ConfigError(f"{part.path}: another input has the same name {part.name!r}; use two jobs.")
                seen.add(part.name)
            number += 1
            size += part.size
        if not number:
            what = sorted(tables.SUFFIXES if self._only_tables else tables.SUFFIXES | DOCUMENTS)
            where = ", ".join(str(path) for path, _ in self._roots)
            raise InputError(f"no files to correct in {where} ({', '.join(what)}).")
        return number, size

    def _overwrites(self, part: Part) -> bool:
        place = self._out / part.name
        try:
            # a link, or another way to write its name, leads to the same file as well
            same = os.path.samefile(place, part.path)
        except OSError:  # nothing is there yet
            same = False
        return same or not self._taken.isdisjoint((place, *place.parents))

    def companions(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of files that hold the input together and belong beside the output."""
        for _, paths in self._roots:
            for path in paths:
                if (path / "dataset_dict.json").is_file():
                    yield "dataset_dict.json", (path / "dataset_dict.json").read_bytes()

    def _folder(self, folder: Path) -> Iterator[Part]:
        if (folder / "state.json").is_file() and (folder / "dataset_info.json").is_file():
            yield Part(folder, folder.resolve().name, tables.DATASET)
        elif (folder / "dataset_dict.json").is_file():
            for split in sorted(path for path in folder.iterdir() if (path / "state.json").is_file()):
                yield Part(split, split.name, tables.DATASET)
        else:
            documents = not self._only_tables and any(self._files(folder, DOCUMENTS))
            for path in self._files(folder, DOCUMENTS if documents else tables.SUFFIXES):
                yield self._named(path, path.relative_to(folder).as_posix())

    def _files(self, folder: Path, suffixes: frozenset[str]) -> Iterator[Path]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise InputError(f"{folder}: cannot be read ({error.strerror}); check its permissions.") from error
        for entry in entries:
            path = folder / entry.name
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".") and path.resolve() != self._out:
                    yield from self._files(path, suffixes)
            elif path.suffix.lower() in suffixes and not entry.name.startswith(LITTER) and entry.is_file():
                yield path

    @staticmethod
    def _named(path: Path, name: str) -> Part:
        suffix = path.suffix.lower()
        return Part(path, name, suffix if suffix in tables.SUFFIXES else None)


def _common(folders: Sequence[Path]) -> Path:
    try:
        return Path(os.path.commonpath(folders)) if folders else Path()
    except ValueError as error:
        raise ConfigError("the inputs lie on several drives; use a job for each.") from error


def _check_tables(files: Sequence[Path]) -> None:
    for path in files:
        if path.suffix.lower() not in tables.SUFFIXES:
            raise ConfigError(
                f"{path}: is no table ({', '.join(sorted(tables.SUFFIXES))}, or a folder that datasets saved); convert "
                "it, or leave --text-column out to correct it as a document."
            )
