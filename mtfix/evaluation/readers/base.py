"""What all readers share: lines of files, sources, broken rows, and the checks that every item must pass."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from mtfix.errors import InputError
from mtfix.evaluation.items import Item, whole
from mtfix.types import Span

_BOM = b"\xef\xbb\xbf"
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Source:
    """One entry of a suite's `data`. `fields` is what its format needs to know; `folder` is the suite's.

    documents: so many consecutive rows of a group are one item; 0: each row is one.
    """

    path: Path
    format: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""
    sha256: str | Mapping[str, str] = ""
    derive: tuple[str, ...] = ()
    folder: Path = Path()
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be used: where it is (`FILE:LINE`) and why."""

    where: str
    reason: str


@dataclass(frozen=True)
class Format:
    """How to read a format. `fields` are those it knows, `required` those it can't do without."""

    read: Callable[[Source], Iterator[Item | Broken]]
    fields: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    # every file that the items come from, by the name that the suite calls it
    files: Callable[[Source], dict[str, Path]] = lambda source: {source.path.name: source.path}


class RowError(ValueError):
    """What is wrong with one row; becomes a `Broken`."""


_Stream = Iterator[Item | Broken]


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number (from 1) and bytes of every line, without its line end; .gz is unpacked on the way."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                yield number, (line.removeprefix(_BOM) if number == 1 else line).rstrip(b"\r\n")
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read ({reason}); check the path and the file.") from error


def decoded(line: bytes) -> str:
    """Strict UTF-8; RowError with the place of the first wrong byte."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RowError(f"not UTF-8 at byte {error.start + 1}") from error


def attempt(build: Callable[[_Row, Source, str], Item | None], row: _Row, source: Source, where: str) -> _Stream:
    """What `build` makes of a row, checked: one item, one `Broken`, or nothing when it returns None."""
    try:
        item = build(row, source, where)
        if item is not None:
            yield checked(item)
    except RowError as error:
        yield Broken(where, str(error))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # rows are other people's: a shape that nobody thought of must not end the run
        yield Broken(where, f"{type(error).__name__}: {error}")


def side_by_side(files: Sequence[Path]) -> Iterator[tuple[int, list[bytes]]]:
    """Line number and that line of every file; InputError when one of them has fewer lines."""
    for number, row in enumerate(zip_longest(*map(lines, files)), 1):
        for file, line in zip(files, row, strict=True):
            if line is None:
                names = ", ".join(path.name for path in files)
                raise InputError(f"{file} ends before line {number}; {names} must have the same number of lines.")
        yield number, [line for _, line in row]


def each_object(source: Source, build: Callable[[dict[str, Any], Source, str], Item | None]) -> _Stream:
    """What `build` makes of the objects in a file of JSON lines; blank lines are passed over."""

    def read(line: bytes, source: Source, where: str) -> Item | None:
        return build(object_in(line), source, where)

    for number, line in lines(source.path):
        if line.strip():
            yield from attempt(read, line, source, f"{source.path}:{number}")


def object_in(line: bytes) -> dict[str, Any]:
    """The JSON object in a line; RowError when it is anything else."""
    try:
        row = json.loads(decoded(line))
    except json.JSONDecodeError as error:
        raise RowError(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise RowError(f"not a JSON object: {short(row)}")
    return row


def checked(item: Item) -> Item:
    """The item; RowError when its parts do not fit together."""
    if not item.text.strip():
        raise RowError("the text is empty")
    for span in (*(item.tokens or ()), *(gold.span for gold in item.spans or ())):
        if not whole(span):
            raise RowError(f"a span is from {short(span.start)} to {short(span.end)}; give whole numbers")
        if span.end > len(item.text):
            raise RowError(f"a span ends at {span.end}, and the text has {len(item.text)} characters")
    if (item.tokens is None) != (item.bad is None):
        raise RowError("tokens and their tags must come together")
    if item.tokens is not None and item.bad is not None and len(item.bad) != len(item.tokens):
        raise RowError(f"{len(item.bad)} tags for {len(item.tokens)} tokens")
    if item.gaps is not None and len(item.gaps) != len(item.tokens or ()) + 1:
        raise RowError(f"{len(item.gaps)} gap tags for {len(item.tokens or ())} tokens; there must be one more")
    if item.references is not None and not item.references:
        raise RowError("the list of references is empty")
    return item


def text_in(row: Mapping[str, Any], key: str) -> str:
    """The string under `key`; RowError when it is missing or something else."""
    value = row.get(key)
    if value is None:
        raise RowError(f"there is no {key!r}")
    if not isinstance(value, str):
        raise RowError(f"{key!r} is not a text: {short(value)}")
    return value


def written(references: Iterable[str]) -> tuple[str, ...]:
    """The references; RowError when one is empty, which is rather a correction that nobody has made."""
    found = tuple(references)
    if not all(reference.strip() for reference in found):
        raise RowError("a reference is empty")
    return found


def located(text: str, tokens: Iterable[str]) -> tuple[Span, ...]:
    """Where the tokens stand in `text`, with nothing but white space between; RowError when they don't."""
    spans, position = [], 0
    for token in tokens:
        start = position
        while start < len(text) and text[start].isspace():
            start += 1
        if not token or not text.startswith(token, start):
            raise RowError(f"the token {token!r} is not in the text at {start}")
        position = start + len(token)
        spans.append(Span(start, position))
    return tuple(spans)


def joined(tokens: Iterable[str]) -> tuple[str, tuple[Span, ...]]:
    """The tokens with a space between each two, and where they stand."""
    spans, position = [], 0
    words = list(tokens)
    for word in words:
        spans.append(Span(position, position + len(word)))
        position += len(word) + 1
    return " ".join(words), tuple(spans)


def tag(value: Any) -> bool:
    """True for BAD, False for OK, however it is written; RowError for anything else."""
    found = {"BAD": True, "OK": False, "GOOD": False, "1": True, "0": False, "TRUE": True, "FALSE": False}
    name = str(value).upper()
    if name not in found:
        raise RowError(f"a tag is {short(value)}; tags are OK and BAD")
    return found[name]


def short(value: Any) -> str:
    """A value as it may stand in a message."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
