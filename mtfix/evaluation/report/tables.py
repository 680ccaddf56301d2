"""The numbers of the terminal's tables as HTML: scores of all systems, comparisons, and what was run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mtfix.evaluation.report.text import safe
from mtfix.evaluation.table import SPEED, interval, label, metrics_of, number

_SURE, _SURER = 0.05, 0.01


def plain(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "numbers") -> str:
    """A table of text; the first cell of a row is its heading."""
    body = "".join(
        f'<tr><th scope="row">{safe(first)}</th>{"".join(f"<td>{safe(cell)}</td>" for cell in rest)}</tr>\n'
        for first, *rest in rows
    )
    columns = "".join(f'<th scope="col">{safe(name)}</th>' for name in head)
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr>{columns}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>\n"
    )


def scores(results: Mapping[str, Any]) -> str:
    """A row for each score, a column for each system, marked where it differs from the first."""
    systems = results["systems"]
    marks = _marks(results)
    rows = []
    for metric, score in metrics_of(systems).items():
        cells = ((_value(interval(s["metrics"].get(metric))), marks.get((s["name"], metric), "")) for s in systems)
        rows.append(_row(label(metric, score), "".join(f"<td>{value}{mark}</td>" for value, mark in cells)))
    for key, name in SPEED.items():
        values = [system["speed"].get(key) for system in systems]
        if any(value is not None for value in values):
            rows.append(_row(name, "".join(f"<td>{'' if v is None else number(v)}</td>" for v in values)))
    if any(system["failures"] for system in systems):
        rows.append(_row("items without an output", "".join(f"<td>{s['failures']}</td>" for s in systems)))
    columns = "".join(f'<th scope="col">{safe(s["name"])}</th>' for s in systems)
    legend = _legend(systems[0]["name"]) if marks else ""
    return (
        '<div class="wide"><table class="scores"><thead><tr><th scope="col">score</th>'
        f"{columns}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table></div>\n{legend}"
    )


def _row(name: str, cells: str) -> str:
    return f'<tr><th scope="row">{safe(name)}</th>{cells}</tr>\n'


def _value(text: str) -> str:
    value, bracket, rest = text.partition(" [")
    return f'{safe(value)}<span class="soft"> [{safe(rest)}</span>' if bracket else safe(value)


def _marks(results: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """{(system, metric): mark} where a paired test sets it apart from the first system."""
    systems = results["systems"]
    metrics, first = metrics_of(systems), systems[0]["name"]
    found = {}
    for row in results["comparisons"]:
        better = metrics.get(row["metric"], {}).get("better")
        if row["system"] != first or row["p"] >= _SURE or better not in ("higher", "lower") or not row["difference"]:
            continue
        behind = (row["difference"] > 0) == (better == "higher")
        sign, word = ("▾", "worse") if behind else ("▴", "better")
        sign *= 2 if row["p"] < _SURER else 1
        told = safe(f"{word} than {first}, p = {row['p']:.3f}")
        found[row["baseline"], row["metric"]] = (
            f' <span class="{word}" role="img" aria-label="{told}" title="{told}">{sign}</span>'
        )
    return found


def _legend(first: str) -> str:
    return (
        '<p class="soft">In brackets: 95 % bootstrap intervals over items. <span class="worse">▾</span> worse, '
        f'<span class="better">▴</span> better than {safe(first)} by a paired bootstrap test: one sign for '
        f"p &lt; {_SURE}, two for p &lt; {_SURER}.</p>\n"
    )


def comparisons(results: Mapping[str, Any]) -> str:
    """Every paired test; nothing where there are none."""
    if not results["comparisons"]:
        return ""
    metrics = metrics_of(results["systems"])
    rows = [
        (
            f"{row['system']} − {row['baseline']}",
            label(row["metric"], metrics.get(row["metric"], {})),
            interval({"value": row["difference"], "low": row["low"], "high": row["high"]}, sign=True),
            f"{row['p']:.3f}",
        )
        for row in results["comparisons"]
    ]
    table = plain(("against", "score", "difference", "p"), rows)
    return f"<details><summary>All paired comparisons</summary>\n{table}</details>\n"


def runs(results: Mapping[str, Any]) -> str:
    """What all systems share, then what each was run with, then the signatures, whole, for copying."""
    systems = results["systems"]
    every = [s["settings"] for s in systems]
    shared = {k: v for k, v in every[0].items() if k != "system" and all(fields.get(k) == v for fields in every)}
    facts = {**shared, "metrics": ", ".join(results["suite"]["metrics"]), "licence": results["suite"]["licence"]}
    items = "".join(f"<div><dt>{safe(k)}</dt><dd>{safe(v)}</dd></div>" for k, v in facts.items() if v not in (None, ""))
    rows = [
        (s["name"], ", ".join(f"{k} {v}" for k, v in s["settings"].items() if k not in shared and k != "system") or "–")
        for s in systems
    ]
    lines = "".join(f"<p><code>{safe(s['signature'])}</code></p>\n" for s in systems)
    return (
        f'<dl class="facts">{items}</dl>\n{plain(("system", "run with"), rows, "runs")}'
        f'<details class="keep"><summary>Signatures</summary>\n{lines}</details>\n'
    )


def failures(results: Mapping[str, Any]) -> str:
    """Rows that were left out and items without an output; nothing where there are none."""
    suite = results["suite"]
    rows = [("row left out", broken["where"], broken["reason"]) for broken in suite["broken"]]
    rows += [(s["name"], failed["id"], failed["reason"]) for s in results["systems"] for failed in s["failed"]]
    if not rows:
        return ""
    left = suite["broken_rows"] + sum(s["failures"] for s in results["systems"]) - len(rows)
    return plain(("what", "where", "reason"), rows, "runs") + (f"<p>… and {left} more.</p>\n" if left > 0 else "")
