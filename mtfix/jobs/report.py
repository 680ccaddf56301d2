"""The report of a job: report.json, and the same on a page for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from mtfix.jobs.tally import CONFIDENCE, DAMAGE, Tally
from mtfix.render.diff import visible
from mtfix.types import Fingerprint
from mtfix.version import __version__

REPAIRS = 50  # the most common ones shown

# tells browsers to fetch nothing, whatever a text might smuggle in
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1d2127; --soft: #5c6570; --line: #dfe3e8; --panel: #f5f7f9;
  --bar: #0969c8; --del: #9d1c1c; --ins: #11602f; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #15181c; --ink: #e4e7eb; --soft: #9aa4b0;
  --line: #323941; --panel: #1d2126; --bar: #62adff; --del: #ffb3ac; --ins: #9be3b2; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 64rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; } h2 { margin: 2.5rem 0 .5rem; font-size: 1.15rem; }
.soft { color: var(--soft); } .wide { overflow-x: auto; } code { font-size: .85em; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93rem; }
th, td { padding: .3rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
thead th { background: var(--panel); color: var(--soft); font-size: .85em; } tbody th { font-weight: normal; }
.n { text-align: right; white-space: nowrap; } .bar { width: 14rem; min-width: 6rem; }
.bar i { display: block; height: .8em; margin-top: .35em; background: var(--bar); border-radius: 2px; }
del { color: var(--del); } ins { color: var(--ins); text-decoration: none; font-weight: 600; }
@media print { body { max-width: none; padding: 0; font-size: 9.5pt; } tr { break-inside: avoid; }
  .bar i { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""


def report_of(
    tally: Tally, *, state: str, seconds: float, fingerprint: Fingerprint | None, **about: Any
) -> dict[str, Any]:
    """The report as JSON. seconds: of this run. about: further facts on the job, shown as they are."""
    computed = tally.computed_words
    return {
        "mtfix": __version__,
        "state": state,
        **about,
        "seconds": round(seconds, 1),
        "documents": {
            "all": tally.documents, "failed": tally.failed, "skipped": tally.skipped,
            **{name: tally.origins[name] for name in ("computed", "duplicate", "known")},
        },
        "words": {"all": tally.words, "computed": computed},
        "throughput": {
            "words_per_second": round(computed / seconds, 1) if seconds else None,
            "documents_per_second": round(tally.origins["computed"] / seconds, 2) if seconds else None,
        },
        "edits": {
            **_sides(tally.edits),
            "by_category": {
                name: _sides({key: n for key, n in tally.edits.items() if key[0] == name})
                for name in sorted({name for name, _, _ in tally.edits})
            },
            "by_confidence": [
                {"from": level / CONFIDENCE, "to": (level + 1) / CONFIDENCE,
                 **_sides({key: n for key, n in tally.edits.items() if key[1] == level})}
                for level in reversed(range(CONFIDENCE))
            ],
        },
        "flags": dict(tally.flags.most_common()),
        "damage": [
            {"over": over, "up_to": end, "documents": tally.damage[i]}
            for i, (over, end) in enumerate(zip([None, *DAMAGE], DAMAGE, strict=False))
        ],
        "repairs": [
            {"original": original, "replacement": replacement, "count": count}
            for (original, replacement), count in tally.repairs.most_common(REPAIRS)
        ],
        "repairs_exact": not tally.repairs_dropped,
        "failures": [{"document": name, "error": error} for name, error in tally.failures],
        "fingerprint": asdict(fingerprint) if fingerprint else None,
    }  # fmt: skip


def _sides(edits: Mapping[tuple[str, int, bool], int]) -> dict[str, int]:
    sums: Counter[bool] = Counter()
    for (_, _, applied), number in edits.items():
        sums[applied] += number
    return {"applied": sums[True], "suggested": sums[False]}


def as_json(report: Mapping[str, Any]) -> bytes:
    return (json.dumps(report, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def page(report: Mapping[str, Any]) -> bytes:
    """A self-contained page; no script, nothing from outside."""
    documents, words, edits = report["documents"], report["words"], report["edits"]
    rate = report["throughput"]
    facts = [
        ("documents", f"{documents['all']:,}, {documents['failed']:,} failed, {documents['skipped']:,} left alone"),
        ("worked on now", f"{documents['computed']:,} ({words['computed']:,} words) in {report['seconds']:,} s"),
        ("alike, known before", f"{documents['duplicate']:,}, {documents['known']:,}"),
        ("throughput", f"{rate['words_per_second']} words/s, {rate['documents_per_second']} documents/s"),
        ("words", f"{words['all']:,}"),
        ("edits", f"{edits['applied']:,} applied, {edits['suggested']:,} suggested"),
        *((name, str(report[name])) for name in ("engine", "workers", "input") if name in report),
    ]
    confidence = [(f"{row['from']:.1f} to {row['to']:.1f}", row) for row in edits["by_confidence"]]
    damage = [(_class(row["over"], row["up_to"]), row["documents"]) for row in report["damage"]]
    sections = [
        ("Edits by category", _edits("category", edits["by_category"].items()) if edits["by_category"] else ""),
        ("Edits by confidence", _edits("confidence", confidence) if edits["by_category"] else ""),
        ("Documents by damage", _bars("share of words", damage)),
        ("Flags by category", _bars("category", list(report["flags"].items())) if report["flags"] else ""),
        ("Most common repairs", _repairs(report["repairs"], exact=report["repairs_exact"])),
        ("Failures", _failures(report["failures"], documents["failed"])),
    ]
    body = "".join(f"<section>\n<h2>{title}</h2>\n{content}</section>\n" for title, content in sections if content)
    rows = "".join(f"<tr><th>{name}</th><td>{_safe(value)}</td></tr>\n" for name, value in facts)
    whole = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>mtfix batch report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n"
        f"<h1>Batch report: {_safe(report['state'])}</h1>\n<table>{rows}</table>\n"
        f'<p class="soft">{_safe(_produced_by(report))}</p>\n</header>\n<main>\n{body}</main>\n</body>\n</html>\n'
    )
    return whole.encode("utf-8", "replace")


def _produced_by(report: Mapping[str, Any]) -> str:
    models = (report["fingerprint"] or {}).get("models", {})
    named = ", ".join(f"{name} {digest}" for name, digest in sorted(models.items()))
    return f"mtfix {report['mtfix']}" + (f" with {named}" if named else "")


def _edits(what: str, rows: Iterable[tuple[str, Mapping[str, int]]]) -> str:
    listed = list(rows)
    most = max(row["applied"] + row["suggested"] for _, row in listed)
    cells = [[name, r["applied"], r["suggested"], (r["applied"] + r["suggested"], most)] for name, r in listed]
    return _table([what, "applied", "suggested", ""], cells)


def _bars(what: str, rows: Sequence[tuple[str, int]]) -> str:
    most = max(number for _, number in rows)
    return _table([what, "number", ""], [[name, number, (number, most)] for name, number in rows])


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Numbers go to the right; a pair is a bar, of its first number where the second fills the column."""
    lines = []
    for first, *cells in rows:
        shown = "".join(
            f'<td class="bar"><i style="width:{100 * cell[0] / (cell[1] or 1):.1f}%"></i></td>'
            if isinstance(cell, tuple)
            else f'<td class="n">{cell:,}</td>'
            for cell in cells
        )
        lines.append(f"<tr><th>{_safe(first)}</th>{shown}</tr>\n")
    heads = f"<th>{head[0]}</th>" + "".join(f'<th class="n">{name}</th>' for name in head[1:])
    body = f"<thead><tr>{heads}</tr></thead>\n<tbody>{''.join(lines)}</tbody>"
    return f'<div class="wide"><table>\n{body}</table></div>\n'


def _class(over: float | None, end: float) -> str:
    return "none" if over is None else f"{100 * over:.0f} to {100 * end:.0f} %"


def _repairs(repairs: Sequence[Mapping[str, Any]], *, exact: bool) -> str:
    if not repairs:
        return ""
    rows = "".join(
        f'<tr><td class="n">{row["count"]:,}</td><td><del>{_safe(row["original"])}</del></td>'
        f"<td><ins>{_safe(row['replacement'])}</ins></td></tr>\n"
        for row in repairs
    )
    note = "" if exact else '<p class="soft">Of many different repairs the rare ones were not counted throughout.</p>\n'
    return f'{note}<div class="wide"><table>\n<tbody>{rows}</tbody></table></div>\n'


def _failures(failures: Sequence[Mapping[str, str]], number: int) -> str:
    if not failures:
        return ""
    pairs = [(_safe(failure["document"]), _safe(failure["error"])) for failure in failures]
    rows = "".join(f"<tr><th><code>{name}</code></th><td>{error}</td></tr>\n" for name, error in pairs)
    more = f"<p>The first {len(failures)} of {number:,}.</p>\n" if number > len(failures) else ""
    return f'{more}<div class="wide"><table>\n<tbody>{rows}</tbody></table></div>\n'


def _safe(text: str) -> str:
    return escape(visible(str(text)), quote=True)
