"""`mtfix evaluate`: measure mtfix, baselines and other tools on held-out text."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mtfix.cli import options, suites
from mtfix.cli.output import StandardOutput, guarded, say, write_file
from mtfix.cli.progress import Progress
from mtfix.errors import ConfigError

if TYPE_CHECKING:
    from mtfix.evaluation.runner import Plan
    from mtfix.evaluation.suites import Suite
    from mtfix.evaluation.systems import Options, System

_EPILOG = """\
\b
Exit codes:
  0    done; with --regression: every score as expected
  1    with --regression: a score outside its tolerance
  2    wrong usage, or rows or items that failed (the others are scored)
  3    a model is missing or damaged
  130  interrupted; the same command with the same --output goes on
"""
app = typer.Typer(
    help="Measure mtfix, baselines and the outputs of other tools on held-out text.",
    epilog=_EPILOG,
    rich_markup_mode=None,
)
app.add_typer(suites.app, name="suites")


class Format(str, Enum):
    table = "table"
    json = "json"


@app.callback(invoke_without_command=True)
@guarded
def evaluate(
    context: typer.Context,
    suite: Annotated[str | None, typer.Option("--suite", metavar="NAME", help="The suite, by name or file.")] = None,
    places: suites.Suites = None,
    systems: Annotated[
        list[str] | None,
        typer.Option("--system", metavar="NAME", help="mtfix (the default), or file:PATH with outputs; repeatable."),
    ] = None,
    baselines: Annotated[
        list[str] | None,
        typer.Option(
            "--baseline",
            metavar="NAME",
            help="none, lexicon, surprisal, harper, whole, or all of them; repeatable. Without it those that take no "
            "time: none, harper, and with --lexicon the lexicon.",
        ),
    ] = None,
    limit: suites.Limit = None,
    seed: suites.Seed = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", file_okay=False, help="Keep outputs, samples and results here."),
    ] = None,
    strictness: options.Strictness = "balanced",
    models: options.Models = None,
    lexicon: Annotated[
        Path | None, typer.Option("--lexicon", metavar="FILE", help="Phrases of the baseline lexicon (JSON lines).")
    ] = None,
    surprisal: Annotated[
        float, typer.Option("--surprisal", metavar="BITS", help="Threshold of the baseline surprisal.")
    ] = 12.0,
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", metavar="DIR", help="Torch model for the baseline whole; else ours.")
    ] = None,
    regression: Annotated[
        Path | None, typer.Option("--regression", metavar="FILE", help="Compare the scores with those expected.")
    ] = None,
    write_expected: Annotated[
        Path | None, typer.Option("--write-expected", metavar="FILE", help="Write the scores as those to expect.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the results.")] = Format.table,
    threads: options.Threads = 0,
    quiet: options.Quiet = False,
) -> None:
    """Run systems and baselines over a suite and print their scores with 95 % intervals.

    With --output, DIR holds results.json, samples.jsonl (every item with what each system made of it),
    report.html (a page that shows both) and the outputs, from which an interrupted run goes on.
    """
    if context.invoked_subcommand is not None:
        return
    if suite is None:
        raise ConfigError("name a suite with --suite; `mtfix evaluate suites list` shows those there are.")
    from mtfix.evaluation.regression import read_expected
    from mtfix.evaluation.suites import find_suite
    from mtfix.evaluation.systems import Options

    expected = read_expected(regression) if regression else None
    chosen = Options(strictness, models, threads, lexicon, surprisal, checkpoint)
    with _folder(output) as folder:
        found = _scorable(find_suite(suite, places))
        beside = _beside(found, baselines or [], systems or ["mtfix"], chosen, alone=bool(regression or write_expected))
        plan = _plan(found, systems or ["mtfix"], beside, chosen, folder, limit, seed)
        results, failed = _run(plan, quiet=quiet)
        deviant = _compared(results, expected)
        if output:
            write_file(output / "results.json", _json(results))
            _write_report(output)
    if write_expected:
        _write_expected(write_expected, results)
    _print(results, form)
    if failed:
        raise typer.Exit(2)
    if deviant:
        raise typer.Exit(1)


@app.command()
@guarded
def report(folder: Annotated[Path, typer.Argument(metavar="DIR", help="What --output named.")]) -> None:
    """Write DIR/report.html once more from DIR/results.json and DIR/samples.jsonl."""
    _write_report(folder)


def _write_report(folder: Path) -> None:
    from mtfix.evaluation.report import write_report

    write_report(folder)


@contextmanager
def _folder(output: Path | None) -> Iterator[Path]:
    if output is not None:
        yield output
        return
    with TemporaryDirectory(prefix="mtfix-") as folder:
        yield Path(folder)


def _beside(suite: Suite, named: list[str], systems: list[str], chosen: Options, *, alone: bool) -> list[str]:
    """The baselines to run: those named, or the light ones; none of the latter where mtfix is measured `alone`."""
    from mtfix.evaluation.baselines import BASELINES, by_default, lacking

    light = by_default(suite.metrics, chosen)
    if "all" in named:
        reasons = {name: lacking(name, chosen) for name in BASELINES}
        for reason in filter(None, reasons.values()):
            say(f"left out: {reason}")
        return [name for name in BASELINES if not reasons[name] and name not in systems]
    if not named and not alone:
        return [name for name in light if name not in systems]
    return ["none", *named] if "none" in light and "none" not in [*named, *systems] else named


def _plan(
    suite: Suite, systems: list[str], baselines: list[str], chosen: Options, folder: Path,
    limit: int | None, seed: int | None,
) -> Plan:  # fmt: skip
    from mtfix.evaluation.runner import Plan

    made = _made([*systems, *baselines], chosen)
    return Plan(suite, made[: len(systems)], made[len(systems) :], folder, limit, seed)


def _scorable(suite: Suite) -> Suite:
    """The suite without ERRANT's scores where ERRANT is missing and others are asked for: it is big to install."""
    if "errant" not in suite.metrics or len(suite.metrics) == 1:
        return suite
    from mtfix.evaluation.scores.errant import missing

    if reason := missing():
        say(f"left out: {reason}")
        return replace(suite, metrics=tuple(name for name in suite.metrics if name != "errant"))
    return suite


def _made(specs: list[str], chosen: Options) -> list[System]:
    from mtfix.evaluation.systems import make

    if twice := [spec for spec in specs if specs.count(spec) > 1]:
        raise ConfigError(f"{twice[0]} is named twice; name it once.")
    return [make(spec, chosen) for spec in specs]


def _run(plan: Plan, *, quiet: bool) -> tuple[dict[str, Any], bool]:
    """The results, and whether some rows or items had to be left out."""
    from datetime import datetime, timezone

    from mtfix.evaluation.extra import require
    from mtfix.evaluation.runner import Runner

    scorer = require("mtfix.evaluation.scores", what="scoring")
    with _Watcher(quiet=quiet) as watcher:
        runner = Runner(plan, scorer, watcher)
        results = runner.results()
    results["command"] = shlex.join(["mtfix", *sys.argv[1:]])
    results["created"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return results, bool(runner.broken or runner.failures)


def _compared(results: dict[str, Any], expected: dict[str, Any] | None) -> bool:
    """Put what is not as expected into the results; whether there is any."""
    from mtfix.evaluation.regression import deviations

    if expected is None:
        return False
    found = list(deviations(results, expected))
    results["regression"] = [deviation.to_dict() for deviation in found]
    for deviation in found:
        say(f"not as expected: {deviation}")
    return bool(found)


def _write_expected(path: Path, results: dict[str, Any]) -> None:
    from mtfix.evaluation.regression import expected_from

    write_file(path, _json(expected_from(results)))


def _print(results: dict[str, Any], form: Format) -> None:
    if form is Format.json:
        StandardOutput().write(_json(results))
        return
    from mtfix.evaluation.table import rendered
    from mtfix.render.terminal import colour_wanted

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else 200
    StandardOutput().write(rendered(results, width=width, colour=colour_wanted(terminal, os.environ)))


def _json(results: dict[str, Any]) -> str:
    return json.dumps(results, ensure_ascii=False, indent=1) + "\n"


class _Watcher:
    """Progress on standard error, one bar for each system, and remarks."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._progress: Progress | None = None

    def __enter__(self) -> _Watcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.__exit__(kind, error, trace)

    def begin(self, system: str, items: int) -> None:
        self.__exit__(None, None, None)
        self._progress = Progress(f"{system}: item", bar=True, quiet=self._quiet).__enter__()
        self._progress.expect(items)

    def advance(self) -> None:
        if self._progress is not None:
            self._progress.advance()

    def note(self, message: str) -> None:
        say(message)
