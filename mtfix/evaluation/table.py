"""Results as a table on the terminal: a row for each score, a column for each system."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mtfix.render.diff import visible

if TYPE_CHECKING:
    from rich.table import Table

_ARROWS = {"higher": "↑", "lower": "↓"}
SPEED = {
    "words_per_second": "words/s ↑",
    "peak_memory_mib": "peak memory, MiB ↓",
    "cold_start_seconds": "cold start, s ↓",
}


def rendered(results: Mapping[str, Any], *, width: int, colour: bool) -> str:
    """The tables and the signatures as text of at most `width` columns; `colour` adds terminal codes."""
    from rich.console import Console
    from rich.text import Text

    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=colour, no_color=not colour, color_system="standard" if colour else None,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    suite = results["suite"]
    title = f"{suite['name']} {suite['version']}, {suite['items']} items; in brackets: 95 % intervals"
    console.print(Text(visible(title)))
    console.print(_scores(results))
    if results["comparisons"]:
        console.print(_comparisons(results))
    # signatures are for copying: whole lines, whatever the width
    lines = [f"{visible(system['name'])}  {system['signature']}" for system in results["systems"]]
    return file.getvalue() + "".join(f"{line}\n" for line in lines)


def _scores(results: Mapping[str, Any]) -> Table:
    table = _table("")
    systems = results["systems"]
    for system in systems:
        table.add_column(_text(system["name"]), justify="right")
    for metric, score in metrics_of(systems).items():
        cells = [interval(system["metrics"].get(metric)) for system in systems]
        table.add_row(_text(label(metric, score)), *map(_text, cells))
    table.add_section()
    for key, name in SPEED.items():
        values = [system["speed"].get(key) for system in systems]
        if any(value is not None for value in values):
            table.add_row(name, *("" if value is None else number(value) for value in values))
    if any(system["failures"] for system in systems):
        table.add_row("items without an output", *(str(system["failures"]) for system in systems))
    return table


def _comparisons(results: Mapping[str, Any]) -> Table:
    metrics = metrics_of(results["systems"])
    table = _table("against")
    for name in ("score", "difference", "p"):
        table.add_column(name, justify="left" if name == "score" else "right")
    for row in results["comparisons"]:
        score = {"value": row["difference"], "low": row["low"], "high": row["high"]}
        name = label(row["metric"], metrics.get(row["metric"], {}))
        pair = f"{row['system']} − {row['baseline']}"
        table.add_row(_text(pair), _text(name), interval(score, sign=True), f"{row['p']:.3f}")
    return table


def _table(first: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(first, overflow="fold")
    return table


def metrics_of(systems: Any) -> dict[str, Mapping[str, Any]]:
    """Every score of any system, in the order in which they come."""
    found: dict[str, Mapping[str, Any]] = {}
    for system in systems:
        for name, score in system["metrics"].items():
            found.setdefault(name, score)
    return found


def label(metric: str, score: Mapping[str, Any]) -> str:
    """Name, unit, and which way is better."""
    unit = f", {score['unit']}" if score.get("unit") else ""
    arrow = _ARROWS.get(score.get("better", ""), "")
    return f"{metric}{unit} {arrow}".rstrip()


def interval(score: Mapping[str, Any] | None, *, sign: bool = False) -> str:
    """Value and 95 % interval, like `0.412 [0.390, 0.434]`; a dash where there is none."""
    if score is None or score.get("value") is None:
        return "–"
    value, low, high = score["value"], score.get("low"), score.get("high")
    digits = _digits(value, low, high)
    text = f"{value:{'+' if sign else ''}.{digits}f}"
    return text if low is None or high is None else f"{text} [{low:.{digits}f}, {high:.{digits}f}]"


def number(value: float) -> str:
    return f"{value:.{_digits(value)}f}"


def _digits(*values: float | None) -> int:
    """Decimals that a score of this size is worth."""
    largest = max(abs(value) for value in values if value is not None)
    return 3 if largest < 2 else 2 if largest < 20 else 1


def _text(value: str) -> Any:
    from rich.text import Text

    return Text(visible(value))


def listing(rows: Iterator[list[str]] | list[list[str]]) -> str:
    """Columns as wide as their widest cell; plain, so that it can be cut and searched."""
    cells = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)
    return "".join(f"{line}\n" for line in lines)
