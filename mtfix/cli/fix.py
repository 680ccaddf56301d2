"""`mtfix fix`: repair what looks like machine translation."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mtfix.cli import options
from mtfix.cli.inputs import Inputs, Unit
from mtfix.cli.output import FileOutput, Output, StandardOutput, guarded, say
from mtfix.cli.run import run
from mtfix.cli.sinks import Contents, Diff, Format, Sink, WriteBack, printing, tracking
from mtfix.documents.formats import WORD
from mtfix.documents.write import check_writable
from mtfix.errors import ConfigError
from mtfix.render.findings import Tally
from mtfix.render.terminal import colour_wanted
from mtfix.settings.effective import Given
from mtfix.types import Correction


@guarded
@options.with_settings()
def fix(
    files: options.Files = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show the changes and flags instead of the text.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Print only a summary; exit 1 when anything is found.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", "-w", help="Change the files in place.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the result of the one input here.")
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="How to print the result (default: text).", show_default=False)
    ] = None,
    track_changes: Annotated[
        bool, typer.Option("--track-changes", help="Word files: write edits as tracked changes, each with a comment.")
    ] = False,
    author: Annotated[str, typer.Option("--author", help="Who makes the tracked changes.")] = "mtfix",
    lines: options.Lines = False,
    quiet: options.Quiet = False,
    *,
    given: Given,
) -> None:
    """Repair machine-translation artifacts and print the corrected text.

    Reads plain text, Markdown (.md), HTML (.html) and Word files (.docx), told by the suffix; of a Word
    file the text is printed, and --output FILE.docx or --write makes a Word file. Where nothing is found
    the text comes back byte for byte. A text in another language is left alone, with a remark.
    """
    _refuse_contradictions(diff=diff, check=check, write=write, output=output, form=form)
    inputs = Inputs(files or [], by_line=lines)
    config = given.config(inputs.named)
    _check_output(inputs, write=write, output=output)
    target: Output = FileOutput(output) if output else StandardOutput()
    content = tracking(author) if track_changes else Unit.content
    if track_changes:
        _check_tracking(inputs, write=write, output=output, form=form)
    if write:
        sink: Sink = WriteBack(content, tracks=track_changes, quiet=quiet)
    elif output is not None and form is None and not diff and output.suffix.lower() in WORD:
        sink = Contents(target, content)
    else:
        sink = _printing(target, diff=diff, check=check, form=form)
    tally = Tally()

    def take(unit: Unit, correction: Correction) -> None:
        sink.take(unit, correction)
        tally.add(correction)

    if inputs.paths:
        import mtfix

        corrector = mtfix.load(**config.load_arguments())
        run(inputs, corrector.fix_many, take, sink.finish, quiet=quiet, prints=sink.prints and output is None)
    if not inputs.failed:
        target.commit()
    if (diff or check) and not quiet and (tally.lines or not inputs.failed):
        _summarise(tally, beside_results=form is not None or output is not None)
    if inputs.failed or sink.failed:
        raise typer.Exit(2)
    if check and tally.found:
        raise typer.Exit(1)


def _printing(target: Output, *, diff: bool, check: bool, form: Format | None) -> Sink:
    if diff:
        to_terminal = isinstance(target, StandardOutput) and sys.stdout.isatty()
        return Diff(target, colour=colour_wanted(to_terminal, os.environ))
    return Sink() if check and form is None else printing(form or Format.text, target)


def _refuse_contradictions(*, diff: bool, check: bool, write: bool, output: Path | None, form: Format | None) -> None:
    given = {"--write": write, "--output": output is not None, "--check": check, "--diff": diff, "--format": bool(form)}
    clashes = [("--write", "--output"), ("--write", "--check"), ("--write", "--diff"), ("--write", "--format")]
    for one, other in [*clashes, ("--output", "--check"), ("--diff", "--format")]:
        if given[one] and given[other]:
            raise ConfigError(f"{one} and {other} do not go together; leave one of them out.")


def _check_output(inputs: Inputs, *, write: bool, output: Path | None) -> None:
    """Find out before the work what would make it useless after."""
    if write and None in inputs.paths:
        raise ConfigError("--write changes files and cannot change standard input; name files, or leave it out.")
    if output is None:
        return
    if len(inputs.paths) > 1:
        raise ConfigError(f"--output takes the result of one input, and there are {len(inputs.paths)}.")
    named = next((path for path in inputs.paths if path is not None), None)
    if output.suffix.lower() in WORD and named is not None and named.suffix.lower() not in WORD:
        raise ConfigError(f"--output {output} would be a Word file, and {named} is none; name another output.")
    if output.is_dir() or not output.absolute().parent.is_dir():
        raise ConfigError(f"--output {output} is not a file in an existing folder.")
    if output.exists() and any(path is not None and path.exists() and path.samefile(output) for path in inputs.paths):
        raise ConfigError(f"--output {output} is the input itself; to change a file in place use --write.")
    check_writable(output)


def _check_tracking(inputs: Inputs, *, write: bool, output: Path | None, form: Format | None) -> None:
    if form is not None or not (write or output is not None):
        raise ConfigError("--track-changes makes a Word file: add --output FILE.docx or --write, and no --format.")
    if output is not None and output.suffix.lower() not in WORD:
        raise ConfigError(f"--track-changes makes a Word file, and --output {output} doesn't end in .docx.")
    for path in inputs.paths:
        if path is not None and path.suffix.lower() not in WORD:
            raise ConfigError(f"--track-changes goes with Word files, and {path} is none.")


def _summarise(tally: Tally, *, beside_results: bool) -> None:
    if beside_results:
        say(tally.summary())
    else:
        StandardOutput().write(tally.summary() + "\n")
