"""Suites: what is measured on, as small versioned YAML files that anyone can write.

    name: my-articles
    version: "1.0"
    description: Spun sentences of our archive with an editor's corrections.
    licence: CC BY 4.0
    kind: pairs
    data:
      - path: articles.jsonl       # relative to this file
        format: jsonl
        fields: {text: spun, references: corrected}
        group: articles
        sha256: 9f86d08…           # may be left out; checked when it is there

A suite's `hash` stands for its data and how it is read: scores of one hash may be compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from mtfix.errors import ConfigError, InputError, MtfixError
from mtfix.evaluation.extra import require
from mtfix.evaluation.items import Item
from mtfix.evaluation.readers import FORMATS, Broken, Source, read
from mtfix.evaluation.readers.derive import DERIVED

METRICS = ("detection", "spans", "correction", "errant", "gleu", "filling", "harm", "speed")
# what kind of gold the items have, and what is measured when the suite names no metrics
KINDS: dict[str, tuple[str, ...]] = {
    "pairs": ("correction", "errant", "gleu", "speed"),
    "tags": ("detection", "speed"),
    "spans": ("spans", "filling", "speed"),
    "clean": ("harm", "speed"),
    "probes": ("spans", "filling", "speed"),
    "mixed": (),
}

Report = Callable[[Broken], None]


@dataclass(frozen=True)
class Suite:
    """A checked suite. `limit`: items to take at most (None: all)."""

    name: str
    version: str
    description: str
    licence: str
    kind: str
    metrics: tuple[str, ...]
    sources: tuple[Source, ...]
    path: Path
    limit: int | None = None

    @cached_property
    def hash(self) -> str:
        """sha256 (64 hex digits) over the data and how it is read. Raises ConfigError when data isn't as declared."""
        parts = [
            [s.format, dict(s.fields), s.group, s.derive, _digests(self.path, s), *filter(None, [s.documents])]
            for s in self.sources
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def read(self, report: Report | None = None) -> Iterator[Item]:
        """The items: a row of each source in turn, so that a limit takes from all of them alike.

        Broken rows go to `report` and are left out. Memory does not grow with the length of the data.
        """
        for found in _in_turn([read(source) for source in self.sources]):
            if isinstance(found, Item):
                yield found
            elif report is not None:
                report(found)

    def sample(self, limit: int | None, seed: int | None = None, *, total: int = 0) -> Iterator[Item]:
        """The items that a run takes: all, the first `limit`, or with a seed `limit` at random, always in order.

        total: how many items there are; needed with a seed.
        """
        if limit is None:
            return self.read()
        if seed is None:
            return islice(self.read(), limit)
        chosen = set(random.Random(seed).sample(range(total), min(limit, total)))
        return (item for index, item in enumerate(self.read()) if index in chosen)


def _in_turn(streams: Sequence[Iterator[Item | Broken]]) -> Iterator[Item | Broken]:
    while streams:
        going = []
        for stream in streams:
            for found in stream:
                yield found
                if isinstance(found, Item):
                    going.append(stream)
                    break
        streams = going


def _digests(suite: Path, source: Source) -> list[str]:
    """sha256 of every file of the source, in the order of their names."""
    files = FORMATS[source.format].files(source)
    expected = source.sha256 if isinstance(source.sha256, Mapping) else dict.fromkeys(files, source.sha256)
    if unknown := set(expected) - set(files):
        raise ConfigError(f"{suite}: sha256 names {min(unknown)}, and the data files are {', '.join(files)}.")
    digests = []
    for name, path in sorted(files.items()):
        digest = file_digest(path)
        if expected.get(name) and expected[name] != digest:
            raise ConfigError(
                f"{suite}: {path} is not the file that the suite was made for: its sha256 is {digest}, "
                f"and {expected[name]} is declared."
            )
        digests.append(digest)
    return digests


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes in hex; InputError when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while chunk := file.read(1 << 16):
                digest.update(chunk)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path.") from error
    return digest.hexdigest()


def load_suite(path: Path) -> Suite:
    """Read and check a suite file field by field; ConfigError names the file and the key."""
    yaml = require("yaml", what="reading suites")
    try:
        row = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    fields = _Fields(path, "", row)
    fields.only("name version description licence kind metrics limit data")
    kind = fields.choice("kind", tuple(KINDS))
    metrics = fields.choices("metrics", METRICS) or KINDS[kind]
    if not metrics:
        raise ConfigError(f"{path}: metrics: a suite of kind 'mixed' must name them: {', '.join(METRICS)}.")
    data = row.get("data")
    if not isinstance(data, list) or not data:
        raise ConfigError(f"{path}: data: must be a list with one entry for each data file.")
    return Suite(
        name=fields.text("name"),
        version=fields.text("version"),
        description=fields.text("description", ""),
        licence=fields.text("licence"),
        kind=kind,
        metrics=metrics,
        sources=tuple(_source(_Fields(path, f"data[{i}]", entry)) for i, entry in enumerate(data)),
        path=path,
        limit=fields.number("limit"),
    )


def _source(entry: _Fields) -> Source:
    entry.only("path format fields group sha256 derive documents")
    name = entry.choice("format", tuple(FORMATS))
    form = FORMATS[name]
    fields = entry.row.get("fields") or {}
    if not isinstance(fields, dict):
        raise entry.error("fields", "must be a mapping")
    if unknown := sorted(set(map(str, fields)) - form.fields):
        known = f"it knows {', '.join(sorted(form.fields))}" if form.fields else "it has none"
        raise entry.error("fields", f"the format {name} does not know {unknown[0]!r}; {known}")
    if lacking := sorted(form.required - set(fields)):
        raise entry.error("fields", f"the format {name} needs {lacking[0]!r}")
    sha256 = entry.row.get("sha256") or ""
    if not isinstance(sha256, (str, dict)):
        raise entry.error("sha256", "must be a checksum in hex, or a mapping of file names to them")
    folder = entry.path.parent
    return Source(
        path=folder / entry.text("path"),
        format=name,
        fields=fields,
        group=entry.text("group", ""),
        sha256=sha256,
        derive=entry.choices("derive", DERIVED),
        folder=folder,
        documents=entry.number("documents") or 0,
    )


class _Fields:
    """The keys of one mapping in a suite file, taken with checks. `inside`: where in the file it stands."""

    def __init__(self, path: Path, inside: str, row: Any) -> None:
        self.path, self.inside = path, inside
        if not isinstance(row, dict):
            raise ConfigError(f"{path}: {inside or 'the file'} must be a mapping of keys to values.")
        self.row: dict[Any, Any] = row

    def error(self, key: str, problem: str) -> ConfigError:
        return ConfigError(f"{self.path}: {f'{self.inside}.' if self.inside else ''}{key}: {problem}.")

    def only(self, known: str) -> None:
        if unknown := [key for key in self.row if key not in known.split()]:
            raise self.error(str(unknown[0]), f"unknown key; known are {', '.join(known.split())}")

    def text(self, key: str, default: str | None = None) -> str:
        """A text or a number (`version: 1.0` is a number to YAML)."""
        value = self.row.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if isinstance(value, (list, dict, bool)):
            raise self.error(key, f"must be a text, not {value!r}")
        return str(value).strip()

    def number(self, key: str) -> int | None:
        value = self.row.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise self.error(key, f"must be a whole number from 1, not {value!r}")
        return value

    def choice(self, key: str, known: Sequence[str]) -> str:
        value = self.text(key)
        if value not in known:
            raise self.error(key, f"unknown value {value!r}; choose one of {', '.join(known)}")
        return value

    def choices(self, key: str, known: Sequence[str]) -> tuple[str, ...]:
        value = self.row.get(key) or []
        if not isinstance(value, list):
            raise self.error(key, "must be a list")
        if unknown := [v for v in value if v not in known]:
            raise self.error(key, f"unknown value {unknown[0]!r}; choose from {', '.join(known)}")
        return tuple(dict.fromkeys(value))


def built_in() -> Path:
    """The folder of the suites that come with mtfix: inside the installed package, else in the source tree."""
    package = Path(__file__).parents[1]
    installed = package / "_seeds" / "suites"
    return installed if installed.is_dir() else package.parent / "seeds" / "suites"


def folders(chosen: Path | None = None) -> list[Path]:
    """Where suites are looked for: the chosen folder, $MTFIX_SUITES, the built-in ones."""
    named = os.environ.get("MTFIX_SUITES")
    if chosen is not None and not chosen.is_dir():
        raise ConfigError(f"--suites {chosen} is not a folder.")
    return [folder for folder in (chosen, Path(named) if named else None, built_in()) if folder is not None]


def list_suites(places: Iterable[Path]) -> list[tuple[Path, Suite | MtfixError]]:
    """Every suite file of the folders, in order of folder and file name, with the suite or what is wrong with it."""
    found: list[tuple[Path, Suite | MtfixError]] = []
    for place in places:
        for path in sorted((*place.glob("*.yaml"), *place.glob("*.yml"))):
            try:
                found.append((path, load_suite(path)))
            except ConfigError as error:
                found.append((path, error))
    return found


def find_suite(name: str, chosen: Path | None = None) -> Suite:
    """The suite of that name, or in that file; ConfigError with the known names when there is none."""
    if Path(name).suffix in (".yaml", ".yml"):
        return load_suite(Path(name))
    known = list_suites(folders(chosen))
    for path, suite in known:
        if isinstance(suite, Suite) and suite.name == name:
            return suite
        if isinstance(suite, MtfixError) and path.stem == name:
            raise suite
    names = ", ".join(suite.name for _, suite in known if isinstance(suite, Suite)) or "none here"
    raise ConfigError(f"there is no suite {name!r}; known are {names}. A suite's own file may be named, too.")
