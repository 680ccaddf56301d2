"""`mtfix batch sample`: edits for people to judge, and what their marks say."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mtfix.cli.batch_status import Format
from mtfix.cli.output import StandardOutput, guarded, say, write_file
from mtfix.errors import ConfigError

if TYPE_CHECKING:
    from mtfix.jobs.sample import Estimate


@guarded
def sample(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Output folder of a job, to draw from.", show_default=False)
    ] = None,
    number: Annotated[int, typer.Option("--number", "-n", min=1, metavar="N", help="Edits to draw.")] = 200,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed draws the same edits.")] = 1,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the CSV here.", show_default=False)
    ] = None,
    marks: Annotated[
        Path | None,
        typer.Option("--marks", metavar="FILE", help="Estimate precision from this CSV, judged.", show_default=False),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the estimate.")] = Format.text,
) -> None:
    """Draw applied edits, or with --marks say from a judged sample how many of all edits are right.

    The judge writes y or n into the column correct.
    """
    if (folder is None) == (marks is None):
        raise ConfigError("name the output folder of a job to draw from, or a judged sample with --marks.")
    if marks is not None:
        _estimate(marks, form)
        return
    from mtfix.jobs.ledger import Ledger
    from mtfix.jobs.sample import as_csv, draw

    assert folder is not None
    ledger = Ledger(folder)
    try:
        rows = draw(ledger.listed, number, seed)
    finally:
        ledger.close()
    if output is None:
        StandardOutput().write(as_csv(rows))
    else:
        # spreadsheets take UTF-8 for what it is only after a byte order mark
        write_file(output, "\ufeff" + as_csv(rows))
        say(f"{len(rows)} edits drawn; write y or n into the column correct, then: mtfix batch sample --marks {output}")


def _estimate(path: Path, form: Format) -> None:
    from mtfix.documents.read import read_document
    from mtfix.jobs.sample import by_category, estimate, read_marks

    rows = read_marks(read_document(path).text.removeprefix("\ufeff"), str(path))
    whole, parts = estimate(rows), by_category(rows)
    if form is Format.json:
        found = {"precision": asdict(whole), "by_category": {name: asdict(part) for name, part in parts.items()}}
        StandardOutput().write(json.dumps(found) + "\n")
        return
    lines = [f"precision {_told(whole)}", *(f"  {name} {_told(part)}" for name, part in parts.items())]
    if whole.left_out:
        lines.append(f"{whole.left_out} edits lie in strata without marks; nothing is said of them")
    lines.append("95 % intervals: stratified Wilson, strata by category and confidence weighed by size")
    StandardOutput().write("".join(f"{line}\n" for line in lines))


def _told(found: Estimate) -> str:
    return f"{found.precision:.3f} [{found.low:.3f}, {found.high:.3f}] ({found.judged} of {found.of} edits judged)"
