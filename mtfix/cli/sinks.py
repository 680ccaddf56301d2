"""What `mtfix fix` does with each result as it comes: print it in some form, or write it back."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from mtfix.cli.inputs import Unit
from mtfix.cli.output import Output, report, say, write_file
from mtfix.documents.read import State, state_of
from mtfix.errors import InputError
from mtfix.render import jsonout
from mtfix.render.diff import word_diff
from mtfix.render.findings import Item, counted, has_findings
from mtfix.render.terminal import colour_diff
from mtfix.types import Correction


class Format(str, Enum):
    text = "text"
    json = "json"
    jsonl = "jsonl"
    html = "html"
    sarif = "sarif"
    github = "github"


Content = Callable[[Unit, Correction], bytes]


class Sink:
    """Takes each result and forgets it, which is what `--check` wants; the others do more.

    `finish` comes at the end of every run, an interrupted one included.
    """

    prints = True
    failed = False

    def take(self, unit: Unit, correction: Correction) -> None:
        pass

    def finish(self) -> None:
        pass


class Text(Sink):
    """The corrected text and nothing else; of a Word file its running text."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def take(self, unit: Unit, correction: Correction) -> None:
        self._output.write(f"{correction.text}\n" if unit.is_word else unit.content(correction))


def tracking(author: str) -> Content:
    """The Word file with its edits as tracked changes."""

    def content(unit: Unit, correction: Correction) -> bytes:
        from mtfix.documents.word import Word

        if not isinstance(unit.file, Word):
            raise InputError(f"{unit.name}: is no Word file; leave out --track-changes.")
        return unit.file.track(correction, author)

    return content


class Contents(Sink):
    """The corrected Word file."""

    def __init__(self, output: Output, content: Content) -> None:
        self._output = output
        self._content = content

    def take(self, unit: Unit, correction: Correction) -> None:
        if not unit.is_word:
            raise InputError(f"{unit.name}: is no Word file and cannot be written as one; name another --output.")
        self._output.write(self._content(unit, correction))


class Diff(Sink):
    """The lines with findings, under the name of their document."""

    def __init__(self, output: Output, *, colour: bool) -> None:
        self._output = output
        self._colour = colour
        self._document: str | None = None

    def take(self, unit: Unit, correction: Correction) -> None:
        render = colour_diff if self._colour else word_diff
        # with --lines a document comes in many parts, and one heading is enough
        heading = unit.line is None or unit.name != self._document
        shown = render(Item(unit.name, correction, unit.first_line), header=heading)
        if shown:
            self._document = unit.name
            self._output.write(shown)


class JsonArray(Sink):
    """One JSON value for the whole run, written as it grows and closed even when the run is cut short."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._started = False

    def add(self, name: str, result: dict[str, Any]) -> None:
        start = "" if self._started else jsonout.ARRAY_START
        self._output.write(start + jsonout.array_item(name, result, first=not self._started))
        self._started = True

    def take(self, unit: Unit, correction: Correction) -> None:
        self.add(unit.label, correction.to_dict())

    def finish(self) -> None:
        self._output.write(jsonout.ARRAY_END if self._started else jsonout.ARRAY_START + jsonout.ARRAY_END)


class JsonLines(Sink):
    def __init__(self, output: Output) -> None:
        self._output = output

    def add(self, unit: Unit, result: dict[str, Any]) -> None:
        self._output.write(jsonout.json_line(result, unit.name if unit.line is None else None))

    def take(self, unit: Unit, correction: Correction) -> None:
        self.add(unit, correction.to_dict())


class Whole(Sink):
    """What can only be written once all results are there."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._items: list[Item] = []

    def take(self, unit: Unit, correction: Correction) -> None:
        self._items.append(Item(unit.name, correction, unit.first_line))


class Html(Whole):
    """The page has its summary on top."""

    def finish(self) -> None:
        # imported here: it is of no use to any other form
        from mtfix.render.html import html_page

        self._output.write(html_page(self._items))


class Sarif(Whole):
    """One log for all results."""

    def finish(self) -> None:
        from mtfix.render.sarif import sarif

        self._output.write(sarif(self._items, Path.cwd()))


class GitHub(Sink):
    """Annotations of GitHub Actions, one for each finding."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def take(self, unit: Unit, correction: Correction) -> None:
        from mtfix.render.github import github_format

        self._output.write("".join(github_format(Item(unit.name, correction, unit.first_line))))


class WriteBack(Sink):
    """Change the files themselves, each at once when its last part is done, and only if it changes."""

    prints = False

    def __init__(self, content: Content, *, tracks: bool, quiet: bool) -> None:
        self._content = content
        self._tracks = tracks
        self._quiet = quiet
        self._parts: list[bytes] = []
        self._edits = 0
        self._changed = False
        self._written: dict[Path, State | None] = {}

    def take(self, unit: Unit, correction: Correction) -> None:
        self._parts.append(self._content(unit, correction))
        self._edits += len(correction.applied)
        self._changed |= correction.text != correction.original or (self._tracks and has_findings(correction))
        if not unit.last or unit.path is None:
            return
        if self._changed:
            self._write(unit.path, unit.state)
        self._parts, self._edits, self._changed = [], 0, False

    def _write(self, path: Path, read: State | None) -> None:
        try:
            if state_of(path) not in (read, self._written.get(path)):
                raise InputError(f"{path} was written by another program meanwhile, and is left alone; run it again.")
            write_file(path, b"".join(self._parts))
            self._written[path] = state_of(path)  # a file may be named twice
        except InputError as error:
            # the other files can still be written
            report(error)
            self.failed = True
        else:
            if not self._quiet:
                say(f"changed {path} ({counted(self._edits, 'edit')})")


def printing(form: Format, output: Output) -> Sink:
    kinds: dict[Format, type[Text | JsonArray | JsonLines | Html | Sarif | GitHub]] = {
        Format.text: Text,
        Format.json: JsonArray,
        Format.jsonl: JsonLines,
        Format.html: Html,
        Format.sarif: Sarif,
        Format.github: GitHub,
    }
    return kinds[form](output)
