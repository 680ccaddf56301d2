"""`mtfix batch status` and `cancel`: a job seen, and stopped, from another terminal."""

from __future__ import annotations

import json
import time
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from mtfix.cli.output import StandardOutput, guarded, say
from mtfix.errors import InputError
from mtfix.render.findings import counted

Output = Annotated[Path, typer.Argument(metavar="DIR", help="Output folder of the job.", show_default=False)]


class Format(str, Enum):
    text = "text"
    json = "json"


@guarded
def status(
    output: Output, form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.text
) -> None:
    """Say how far a job is; exit 1 when documents of it failed."""
    from mtfix.jobs.ledger import Ledger

    ledger = Ledger(output)
    job = ledger.job()
    if job.get("state") == "running" and not ledger.running:
        job["state"] = "interrupted"
    ledger.close()
    job.pop("cancel", None)
    StandardOutput().write(json.dumps(job, ensure_ascii=False) + "\n" if form is Format.json else _text(job))
    if job.get("failed"):
        raise typer.Exit(1)


def _text(job: dict[str, Any]) -> str:
    state = job.get("state", "not begun")
    lines = [f"{state}: {counted(job.get('done', 0), 'document')} done, {job.get('failed', 0)} of them failed"]
    if "share" in job:
        lines[0] += f"; {job['share']:.0%} of the input"
    if "updated" in job:
        lines.append(f"last sign of life {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(job['updated']))}")
    if asked := job.get("asked"):
        lines.append(f"input: {', '.join(asked['inputs'])}")
    if state == "stopped":
        lines.append("the same command goes on from here; `mtfix batch retry` also tries once more what failed")
    elif state in ("interrupted", "cancelled"):
        lines.append("the same command, or `mtfix batch retry`, goes on from here")
    return "".join(f"{line}\n" for line in lines)


@guarded
def cancel(output: Output) -> None:
    """Stop a running job; the same command goes on later."""
    from mtfix.jobs.ledger import Ledger

    ledger = Ledger(output)
    try:
        if not ledger.running:
            raise InputError(f"{output}: no job is running here.")
        ledger.note(cancel=True)
    finally:
        ledger.close()
    say("the job will stop in a moment")
