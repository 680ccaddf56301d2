"""`mtfix models`: which models there are, and whether they are intact."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any

import typer

from mtfix.cli import options
from mtfix.cli.output import StandardOutput, guarded, say
from mtfix.errors import ModelError
from mtfix.render.diff import visible
from mtfix.settings.effective import Given


class Format(str, Enum):
    text = "text"
    json = "json"


@guarded
@options.with_settings(only=["models"])
def models(
    form: Annotated[Format, typer.Option("--format", help="How to print the list.")] = Format.text,
    *,
    given: Given,
) -> None:
    """List the models and say whether their files are intact; exit 3 when one is not."""
    from mtfix.models import describe

    found = [dict(row) for row in describe(given.config().models)]
    if form is Format.json:
        text = json.dumps({"schema": 1, "models": found}, ensure_ascii=False, indent=2, default=str) + "\n"
    else:
        text = _table(found) if found else "no models found\n"
    StandardOutput().write(text)
    broken = [model for model in found if model.get("verified") is False]
    for model in broken:
        say(f"error: {model.get('error') or str(model.get('name')) + ' is damaged.'}")
    if broken:
        raise typer.Exit(ModelError.exit_code)


def _table(found: Sequence[dict[str, Any]]) -> str:
    """Columns as wide as their widest cell; plain, so that it can be cut and searched."""
    rows = [["NAME", "KIND", "MB", "SHA256", "INTACT", "PATH"], *(_row(model) for model in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _row(model: dict[str, Any]) -> list[str]:
    size, verified = model.get("size_mb"), model.get("verified")
    cells = [
        model.get("name", "?"),
        model.get("kind", "?"),
        f"{size:.1f}" if isinstance(size, (int, float)) else "?",
        str(model.get("sha256") or "?")[:12],
        "?" if verified is None else "yes" if verified else "no",
        model.get("path", "?"),
    ]
    return [visible(str(cell)) for cell in cells]
