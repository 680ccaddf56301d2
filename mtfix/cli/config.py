"""`mtfix config show`: the settings in force, and where each comes from."""

from __future__ import annotations

import json
import os
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from mtfix.cli import options
from mtfix.cli.output import StandardOutput, guarded, say
from mtfix.render.diff import visible
from mtfix.settings.effective import KEYS, Effective, Given, effective
from mtfix.settings.sources import strange_variables

app = typer.Typer(help="Settings of a project.", no_args_is_help=True)


class Format(str, Enum):
    text = "text"
    json = "json"


@app.callback()
def root() -> None:
    """Settings of a project."""


@app.command()
@guarded
@options.with_settings(*sorted({key.table for key in KEYS.values()} - {""}))
def show(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Documents for which to show them.", show_default=False),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the settings.")] = Format.text,
    *,
    given: Given,
) -> None:
    """Show the settings in force and where each comes from: the default, a file, the environment or a flag."""
    found = effective(given, files or [])
    rows = [(name, _plain(value), found.origins[name]) for name, value in _values(found)]
    if form is Format.json:
        settings = [{"key": name, "value": value, "origin": origin} for name, value, origin in rows]
        result = {"schema": 1, "file": str(found.file) if found.file else None, "settings": settings}
        text = json.dumps(result, ensure_ascii=False, indent=2) + "\n"
    else:
        text = _table([(name, _shown(value), origin) for name, value, origin in rows])
    StandardOutput().write(text)
    for remark in strange_variables(os.environ, KEYS):
        say(remark)


def _values(found: Effective) -> list[tuple[str, Any]]:
    values = []
    for name in KEYS:
        value: Any = found.config
        for part in name.split("."):
            value = getattr(value, part.replace("-", "_"))
        values.append((name, value))
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def _shown(value: Any) -> str:
    """As it would stand in the file; strings of JSON are strings of TOML."""
    return "not set" if value is None else visible(json.dumps(value, ensure_ascii=False))


def _table(rows: list[tuple[str, str, str]]) -> str:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "".join(f"{name:<{first}}  {value:<{second}}  {visible(origin)}\n" for name, value, origin in rows)
