"""`mtfix detect`: find what looks like machine translation and leave it as it is."""

from __future__ import annotations

import os
import sys
from enum import Enum
from typing import Annotated

import typer

from mtfix.cli import options
from mtfix.cli.inputs import Inputs, Unit
from mtfix.cli.output import Output, StandardOutput, guarded
from mtfix.cli.run import run
from mtfix.cli.sinks import GitHub, JsonArray, JsonLines, Sarif, Sink
from mtfix.errors import ConfigError
from mtfix.render.findings import Item, counted, has_findings, line_starts, marked_lines
from mtfix.render.terminal import colour_wanted, line_format, listing
from mtfix.settings.effective import Given
from mtfix.types import Correction, Detection, detection_dict


class Format(str, Enum):
    text = "text"
    line = "line"
    json = "json"
    jsonl = "jsonl"
    sarif = "sarif"
    github = "github"


@guarded
@options.with_settings()
def detect(
    files: options.Files = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the findings.")] = Format.text,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Add the score of every word and gap to json and jsonl.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 when anything is found.")] = False,
    lines: options.Lines = False,
    quiet: options.Quiet = False,
    *,
    given: Given,
) -> None:
    """List what looks like a machine-translation artifact, with place, category and score.

    `--format line` prints one finding on each line, PATH:LINE:COLUMN:CATEGORY:SCORE:'ORIGINAL' ->
    'REPAIR', for editors; columns count characters from 1. `--format sarif` and `--format github` are for code
    hosts. These three also look for repairs and so take longer.
    """
    if tokens and form not in (Format.json, Format.jsonl):
        raise ConfigError("--tokens goes with --format json or --format jsonl.")
    inputs = Inputs(files or [], by_line=lines)
    config = given.config(inputs.named)
    found = False
    if inputs.paths:
        import mtfix

        repairing = form in (Format.line, Format.sarif, Format.github)
        corrector = mtfix.load(**config.load_arguments(), rewrite=repairing)
        if repairing:
            repairs = _Repairs(form)
            run(inputs, corrector.fix_many, repairs.take, repairs.finish, quiet=quiet, prints=True)
            found = repairs.found
        else:
            flags = _Listing(quiet=quiet) if form is Format.text else _Json(tokens=tokens, array=form is Format.json)
            run(inputs, corrector.detect_many, flags.take, flags.finish, quiet=quiet, prints=True)
            found = flags.found
    if inputs.failed:
        raise typer.Exit(2)
    if check and found:
        raise typer.Exit(1)


class Lines(Sink):
    """One finding on each line, with its best repair."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def take(self, unit: Unit, correction: Correction) -> None:
        self._output.write("".join(line_format(Item(unit.name, correction, unit.first_line))))


class _Repairs:
    """Findings with their repairs, for programs."""

    def __init__(self, form: Format) -> None:
        self.found = False
        sinks = {Format.line: Lines, Format.sarif: Sarif, Format.github: GitHub}
        self._sink: Sink = sinks[form](StandardOutput())
        self.finish = self._sink.finish

    def take(self, unit: Unit, correction: Correction) -> None:
        self.found = self.found or has_findings(correction)
        self._sink.take(unit, correction)


class _Listing:
    """For people: the lines with flags, and a sum at the end."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._output = StandardOutput()
        self._colour = colour_wanted(sys.stdout.isatty(), os.environ)
        self._flags = self._flagged_lines = self._lines = 0

    @property
    def found(self) -> bool:
        return self._flags > 0

    def take(self, unit: Unit, detection: Detection) -> None:
        self._flags += len(detection.flags)
        self._flagged_lines += marked_lines(detection.text, detection.flags)
        self._lines += len(line_starts(detection.text))
        self._output.write(listing(unit.name, detection, first_line=unit.first_line, colour=self._colour))

    def finish(self) -> None:
        if not self._quiet:
            lines = counted(self._lines, "line")
            flags = f"{counted(self._flags, 'flag')} in {self._flagged_lines} of {lines}"
            self._output.write(f"{flags if self._flags else f'no findings in {lines}'}\n")


class _Json:
    """The documented objects, in one array or on lines."""

    def __init__(self, *, tokens: bool, array: bool) -> None:
        self.found = False
        self._tokens = tokens
        self._array = JsonArray(StandardOutput()) if array else None
        self._lines = JsonLines(StandardOutput())

    def take(self, unit: Unit, detection: Detection) -> None:
        self.found = self.found or bool(detection.flags)
        result = detection_dict(detection, tokens=self._tokens)
        if self._array is not None:
            self._array.add(unit.label, result)
        else:
            self._lines.add(unit, result)

    def finish(self) -> None:
        if self._array is not None:
            self._array.finish()
