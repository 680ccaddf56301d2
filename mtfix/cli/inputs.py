"""The documents named on the command line, read one after the other."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mtfix.cli.output import report
from mtfix.errors import ConfigError, InputError
from mtfix.types import Correction, Document, Result

if TYPE_CHECKING:
    from mtfix.documents.formats import Prose
    from mtfix.documents.read import State

_BIG = 20_000  # bytes; a machine without a graphics card takes many seconds for more


@dataclass(frozen=True, slots=True)
class Unit:
    """What is worked on as one: a file, or with --lines one line of it (`end` is its line end).

    state: what tells whether the file was written since it was read.
    """

    name: str
    document: Document
    path: Path | None = None
    file: Prose | None = None
    line: int | None = None
    end: str = ""
    last: bool = True
    state: State | None = None

    @property
    def label(self) -> str:
        return self.name if self.line is None else f"{self.name}:{self.line}"

    @property
    def first_line(self) -> int:
        return self.line or 1

    @property
    def is_word(self) -> bool:
        return self.file is not None and self.file.source is None

    def content(self, correction: Correction) -> bytes:
        """What the file holds once it is corrected (of a line: the line and its end)."""
        if self.file is None:
            return (correction.text + self.end).encode()
        if self.is_word:
            return self.file.apply(correction.applied)
        return correction.text.encode(self.file.encoding, "xmlcharrefreplace")


class Inputs:
    """What cannot be read is reported and passed over; `failed` remembers that."""

    def __init__(self, files: Sequence[str], *, by_line: bool = False) -> None:
        self.failed = False
        self._by_line = by_line
        self.paths: list[Path | None] = []  # None is standard input
        if not files and (sys.stdin is None or sys.stdin.isatty()):
            raise ConfigError("no input: name files to read, or pipe text in, as in `mtfix fix < article.txt`.")
        if list(files).count("-") > 1:
            raise ConfigError("standard input (-) can be read only once.")
        for name in files or ["-"]:
            self.paths += [None] if name == "-" else self._expanded(name)

    @property
    def noun(self) -> str:
        return "line" if self._by_line else "document"

    @property
    def named(self) -> list[Path]:
        return [path for path in self.paths if path is not None]

    @property
    def many(self) -> bool:
        """Whether the work may be long: lines, several documents, or a big one."""
        sizes = (path.stat().st_size for path in self.paths if path is not None and path.exists())
        return self._by_line or len(self.paths) > 1 or sum(sizes) > _BIG

    def _expanded(self, name: str) -> list[Path]:
        from mtfix.documents.read import expand

        try:
            return list(expand([Path(name)]))
        except InputError as error:
            report(error)
            self.failed = True
            return []

    def units(self, expect: Callable[[int], None]) -> Iterator[Unit]:
        """Everything that can be read, in order; `expect` is told of how many more will come."""
        if not self._by_line:
            expect(len(self.paths))
        for path in self.paths:
            try:
                if self._by_line and path is None:
                    yield from _standard_input_lines(expect)
                    continue
                if self._by_line and path is not None:
                    from mtfix.documents.read import read_document, state_of

                    state = state_of(path)
                    document = read_document(path)
                    expect(document.text.count("\n"))
                    yield from (replace(unit, state=state) for unit in _lines(document, path))
                else:
                    yield _file(path)
            except InputError as error:
                report(error)
                self.failed = True


def paired(
    units: Iterable[Unit], work: Callable[[Iterable[str | Document]], Iterator[Result]]
) -> Iterator[tuple[Unit, Result]]:
    """Each unit with its result, in offsets of the file's text. `work` reads ahead; what it has taken waits."""
    waiting: deque[Unit] = deque()

    def documents() -> Iterator[Document]:
        for unit in units:
            waiting.append(unit)
            yield unit.document

    for result in work(documents()):
        unit = waiting.popleft()
        yield unit, unit.file.located(result) if unit.file is not None else result


def _file(path: Path | None) -> Unit:
    from mtfix.documents.formats import open_document
    from mtfix.documents.read import read_file, read_stream, state_of

    name = str(path) if path is not None else "<stdin>"
    state = state_of(path) if path is not None else None
    file = open_document(name, read_file(path) if path is not None else read_stream(sys.stdin.buffer))
    return Unit(name, file.document(name), path, file, state=state)


def _standard_input_lines(expect: Callable[[int], None]) -> Iterator[Unit]:
    """Line after line as they arrive, so that a pipe may be longer than memory, or wait for answers."""
    from mtfix.documents.read import decode, lines

    number = 0
    while raw := _next_line():
        for line, end in lines(Document(decode(raw, f"<stdin>:{number + 1}"))):
            number += 1
            expect(1)
            yield Unit("<stdin>", line, line=number, end=end)


def _next_line() -> bytes:
    try:
        return sys.stdin.buffer.readline()
    except OSError as error:
        raise InputError(f"<stdin>: cannot be read ({error.strerror or error}).") from error


def _lines(document: Document, path: Path | None) -> Iterator[Unit]:
    from mtfix.documents.read import lines

    before: Unit | None = None
    for number, (line, end) in enumerate(lines(document), 1):
        if before is not None:
            yield before
        before = Unit(document.name, line, path, line=number, end=end, last=False)
    if before is not None:
        yield replace(before, last=True)
