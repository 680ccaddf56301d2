"""`mtfix batch`: correct thousands of documents, unattended."""

from __future__ import annotations

import glob
import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mtfix.cli import batch_sample, batch_status, options
from mtfix.cli.batch_progress import Shown
from mtfix.cli.output import guarded, say
from mtfix.errors import ConfigError, InputError
from mtfix.settings.effective import Given

if TYPE_CHECKING:
    from mtfix.jobs.cluster import RayEngine
    from mtfix.jobs.inputs import Inputs
    from mtfix.jobs.job import Job, Options
    from mtfix.jobs.ledger import Ledger
    from mtfix.jobs.pool import Loader

app = typer.Typer(
    help="Correct thousands of documents, unattended; a job that was interrupted goes on where it was.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("status")(batch_status.status)
app.command("cancel")(batch_status.cancel)
app.command("sample")(batch_sample.sample)

_EPILOG = """\
\b
Exit codes:
  0    every document is done
  1    documents failed; the report names them
  2    wrong usage, or an input or output that failed
  3    a model is missing or damaged
  130  interrupted or cancelled; the same command goes on
"""


class Device(str, Enum):
    cpu = "cpu"
    cuda = "cuda"
    auto = "auto"


class Engine(str, Enum):
    local = "local"
    ray = "ray"


LogJson = Annotated[bool, typer.Option("--log-json", help="Report progress as JSON lines on standard error.")]


@app.command(epilog=_EPILOG)
@guarded
@options.with_settings(without=["threads"])
def run(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Documents, folders or a quoted pattern of them; or tables: JSONL, CSV, TSV, Parquet, a folder that "
            "datasets saved.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", file_okay=False, help="Folder for results, ledger and report."),
    ],
    text_column: Annotated[
        str | None, typer.Option("--text-column", metavar="NAME", help="Column to correct (default: text).")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option("--id-column", metavar="NAME", help="Column that names the rows in messages.")
    ] = None,
    column_prefix: Annotated[
        str, typer.Option("--column-prefix", metavar="TEXT", help="Put before the names of the added columns.")
    ] = "",
    workers: Annotated[
        int, typer.Option("--workers", min=0, metavar="N", help="Processes, each with the models; 0 means one a core.")
    ] = 0,
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0, metavar="SECONDS", help="For one document; 0 means none.")
    ] = 600,
    max_errors: Annotated[
        int | None, typer.Option("--max-errors", min=0, metavar="N", help="Stop when more documents than this fail.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="Where the work is done: processes here, or Ray.")
    ] = Engine.local,
    ray_address: Annotated[
        str | None,
        typer.Option("--ray-address", metavar="ADDRESS", help="A running Ray cluster; without it Ray is started here."),
    ] = None,
    device: Annotated[
        Device, typer.Option("--device", help="Where the models run; auto takes a graphics card where there is one.")
    ] = Device.auto,
    log_json: LogJson = False,
    quiet: options.Quiet = False,
    *,
    given: Given,
) -> None:
    """Correct documents or the rows of tables.

    DIR gets the corrected documents in the same tree, or the same tables with the columns corrected, edits, flags,
    stats and error, and a report. Run again, only what is new or changed is worked on.
    """
    if ray_address is not None and engine is not Engine.ray:
        raise ConfigError("--ray-address is for --engine ray; leave it out, or choose that engine.")
    asked = {
        "inputs": inputs, "text_column": text_column, "id_column": id_column, "column_prefix": column_prefix,
        "workers": workers, "time_limit": time_limit, "max_errors": max_errors,
        "engine": engine.value, "ray_address": ray_address, "device": device.value,
    }  # fmt: skip
    asked["inputs"] = [_absolute(name) for name in inputs]
    asked["load"] = _lasting(given.config([Path(name) for name in inputs]).load_arguments())
    _start(output, asked, Shown(log_json=log_json, quiet=quiet))


@app.command(epilog=_EPILOG)
@guarded
def retry(
    output: batch_status.Output,
    log_json: LogJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Run the job of this folder again, the documents that failed included."""
    from mtfix.jobs.ledger import Ledger

    ledger = Ledger(output)
    asked = ledger.job().get("asked")
    ledger.close()
    if asked is None:
        raise InputError(f"{output}: the job never began; use `mtfix batch run`.")
    _start(output, asked, Shown(log_json=log_json, quiet=quiet), again=True)


def _start(output: Path, asked: dict[str, Any], shown: Shown, *, again: bool = False) -> None:
    from mtfix.jobs.inputs import Inputs
    from mtfix.jobs.ledger import Ledger

    # first of all, so that a name that was mistyped leaves nothing behind
    inputs = Inputs(asked["inputs"], output, only_tables=asked["text_column"] is not None)
    ledger = Ledger(output, create=True)
    try:
        if not ledger.claim():
            raise ConfigError(f"{output}: a job is running here already; wait for it, or use `mtfix batch cancel`.")
        if again:
            ledger.forget_failures()
        job = _job(inputs, output, asked, ledger, shown)
        with shown:
            job.run(asked=asked)
        job.report(engine=asked["engine"], workers=job.options.workers, input=", ".join(asked["inputs"]))
        _finish(job, shown)
    finally:
        ledger.close()


def _job(inputs: Inputs, output: Path, asked: dict[str, Any], ledger: Ledger, shown: Shown) -> Job:
    from functools import partial

    import mtfix
    from mtfix.jobs.job import Job, Options
    from mtfix.jobs.tables import Columns
    from mtfix.models import usable_cores

    cores = usable_cores()
    workers = asked["workers"] or cores
    columns = Columns(asked["text_column"] or "text", asked["id_column"], asked["column_prefix"])
    loader = partial(
        mtfix.load, **{**asked["load"], "threads": max(1, cores // workers), "device": asked["device"]}
    )
    plan = Options(workers, asked["time_limit"] or None, asked["max_errors"])
    engine = _engine(output, asked, loader, plan, shown)
    return Job(inputs, output, ledger, columns, loader, plan, shown.progress, shown.failure, engine)


def _engine(output: Path, asked: dict[str, Any], loader: Loader, plan: Options, shown: Shown) -> RayEngine | None:
    if asked["engine"] != Engine.ray.value:
        return None
    from mtfix.jobs.cluster import RayEngine

    gpus = {"cpu": 0, "cuda": 1, "auto": None}[asked["device"]]
    return RayEngine(output, loader, plan.workers, plan.limit, asked["ray_address"], gpus, shown.chunks)


def _absolute(name: str) -> str:
    """The name in any working folder. What looks like a pattern in the name of the working folder itself is none."""
    if not glob.has_magic(name) or Path(name).exists():
        return os.path.abspath(name)
    return os.path.normpath(os.path.join(glob.escape(os.getcwd()), name))


def _lasting(value: Any) -> Any:
    """The value in JSON, with paths that mean the same in any working folder."""
    if isinstance(value, dict):
        return {name: _lasting(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_lasting(each) for each in value]
    return str(value.absolute()) if isinstance(value, Path) else value


def _finish(job: Job, shown: Shown) -> None:
    shown.end(job)
    if job.state == "cancelled":
        raise typer.Exit(130)
    if job.state == "stopped":
        most = job.options.max_errors
        say(f"stopped: more than {most} documents failed in this run; the same command goes on from here")
    if job.tally.failed:
        raise typer.Exit(1)
