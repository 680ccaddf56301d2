"""A report on one self-contained page: original beside corrected, line by line; no script, no outside asset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from mtfix.render.findings import Item, Mark, Stretch, Tally, counted, marks, stretches

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1d2127; --soft: #626b77; --line: #dfe3e8; --panel: #f5f7f9;
  --del: #9d1c1c; --del-ground: #fde4e2; --ins: #11602f; --ins-ground: #d9f3e0; --mark: #6b4b00; --mark-ground: #fff0bf;
  }
@media (prefers-color-scheme: dark) { :root { --ground: #15181c; --ink: #e4e7eb; --soft: #9aa4b0; --line: #323941;
  --panel: #1d2126; --del: #ffb3ac; --del-ground: #4c1f1f; --ins: #9be3b2; --ins-ground: #17402a; --mark: #f5d67b;
  --mark-ground: #463810; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 84rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.15rem; overflow-wrap: anywhere; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; } p { margin: .25rem 0; } .soft { color: var(--soft); }
.legend > * { margin-right: .9em; }
table { width: 100%; border-collapse: collapse; } th, td { padding: .4rem .75rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { background: var(--panel); font-size: .85em; color: var(--soft); }
.sides { table-layout: fixed; } .sides td { white-space: pre-wrap; } .sides .number { width: 4rem; }
.number { color: var(--soft); font-weight: normal; font-variant-numeric: tabular-nums; text-align: right;
  white-space: nowrap; }
.same td, .same .number { color: var(--soft); } .findings { font-size: .9em; }
.findings th, .findings td { overflow-wrap: break-word; } .wide { overflow-x: auto; }
del, ins, mark { padding: 0 .15em; border-radius: .2em; cursor: help; }
del { color: var(--del); background: var(--del-ground); }
ins { color: var(--ins); background: var(--ins-ground); text-decoration: none; font-weight: 600; }
mark { color: var(--mark); background: var(--mark-ground); text-decoration: underline dotted; }
.legend del, .legend ins, .legend mark { cursor: default; }
@media (min-width: 60rem) { .findings td:nth-child(n+4):nth-child(-n+5) { white-space: nowrap; } }
@media (max-width: 46rem) { body { padding: 1rem .5rem; } th, td { padding: .35rem .4rem; }
  .sides .number { width: 2.6rem; } }
@media print { body { max-width: none; padding: 0; font-size: 9.5pt; } thead { display: table-header-group; }
  tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .findings td { overflow-wrap: anywhere; } .findings td:nth-child(4) { overflow-wrap: normal; }
  del, ins, mark { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""

_LEGEND = (
    '<p class="legend soft"><span><del>taken out</del></span><span><ins>put in</ins></span>'
    "<span><mark>looks wrong, not changed</mark></span></p>"
)


def html_page(items: Sequence[Item]) -> str:
    """The report on all documents; items that follow each other under one name share a section."""
    tally = Tally()
    for item in items:
        tally.add(item.correction)
    groups = [(name, list(group)) for name, group in groupby(items, key=lambda item: item.name)]
    # a single document has its sums in the head of the page already
    sections = [_section(name, group, sums=len(groups) > 1) for name, group in groups]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>mtfix report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n<h1>mtfix report</h1>\n"
        f"<p>{escape(_summary(tally, len(sections)))}</p>\n{_LEGEND}\n{_produced_by(items)}</header>\n<main>\n"
        f"{''.join(sections)}</main>\n</body>\n</html>\n"
    )


def _summary(tally: Tally, documents: int) -> str:
    return f"{counted(documents, 'document')}: {tally.summary()}"


def _produced_by(items: Sequence[Item]) -> str:
    fingerprint = next((item.correction.fingerprint for item in items if item.correction.fingerprint), None)
    if fingerprint is None:
        return ""
    models = ", ".join(f"{name} {digest[:12]}" for name, digest in sorted(fingerprint.models.items()))
    return f'<p class="soft">{escape(f"mtfix {fingerprint.version}" + (f" with {models}" if models else ""))}</p>\n'


def _section(name: str, items: Sequence[Item], *, sums: bool) -> str:
    rows = "".join(row for item in items for row in _rows(item))
    reasons = dict.fromkeys(item.correction.skipped for item in items if item.correction.skipped)
    skipped = "".join(f"<p>Left alone: {escape(reason)}</p>\n" for reason in reasons)
    return (
        f"<section>\n<h2>{escape(name)}</h2>\n{_sums(items) if sums else ''}{skipped}"
        '<table class="sides">\n<thead><tr><th class="number" scope="col">Line</th><th scope="col">Original</th>'
        f'<th scope="col">Corrected</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n'
        f"{_findings(items)}</section>\n"
    )


def _sums(items: Iterable[Item]) -> str:
    tally = Tally()
    for item in items:
        tally.add(item.correction)
    return f'<p class="soft">{escape(tally.summary())}</p>\n'


def _rows(item: Item) -> Iterator[str]:
    text = item.correction.original
    for stretch in stretches(text, marks(item.correction), first_line=item.first_line, all_lines=True):
        if not stretch.marks and not stretch.span.of(text).strip():
            continue
        left, right = _sides(text, stretch)
        row = "<tr>" if stretch.marks else '<tr class="same">'
        yield (f'{row}<th class="number" scope="row">{stretch.number}</th><td>{left}</td><td>{right}</td></tr>\n')


def _sides(text: str, stretch: Stretch) -> tuple[str, str]:
    left, right = [], []
    position = stretch.span.start
    for mark in stretch.marks:
        keep = escape(text[position : mark.span.start])
        old = mark.span.of(text)
        if mark.kind == "edit" and mark.edit is not None:
            # one side may be empty: a small sign keeps the place, and its tooltip, within reach
            left.append(keep + _tagged("del" if old else "mark", old or "‸", mark))
            right.append(keep + _tagged("ins" if mark.edit.replacement else "mark", mark.edit.replacement or "‸", mark))
        else:
            left.append(keep + _tagged("mark", old or "‸", mark))
            right.append(keep + _tagged("mark", old or "‸", mark))
        position = mark.span.end
    rest = escape(text[position : stretch.span.end])
    return "".join([*left, rest]), "".join([*right, rest])


def _tagged(tag: str, text: str, mark: Mark) -> str:
    # `aria-description` because a name (aria-label) is not allowed on these elements
    tip = escape(_tip(mark), quote=True)
    return f'<{tag} title="{tip}" aria-description="{tip}">{escape(text)}</{tag}>'


def _tip(mark: Mark) -> str:
    """What is known about the finding, in one sentence or two."""
    category, confidence, alternatives = _facts(mark)
    parts = [f"{category}, {confidence}"]
    if mark.kind == "suggestion" and mark.edit is not None:
        parts.append(f"suggestion: {_or_nothing(mark.edit.replacement)}")
    if mark.flag is not None and mark.flag.message:
        parts.append(mark.flag.message)
    if alternatives:
        parts.append(f"or: {alternatives}")
    return "; ".join(parts)


def _facts(mark: Mark) -> tuple[str, str, str]:
    """Category, how sure, and the alternatives."""
    if mark.edit is not None:
        others = ", ".join(f"{_or_nothing(a.replacement)} ({a.confidence:.0%})" for a in mark.edit.alternatives)
        return mark.edit.category, f"{mark.edit.confidence:.0%} sure of the repair", others
    assert mark.flag is not None
    return mark.flag.category, f"{mark.flag.score:.0%} sure that it is wrong", ""


def _or_nothing(text: str) -> str:
    return f"“{text}”" if text else "(nothing)"


def _findings(items: Iterable[Item]) -> str:
    """The tooltips once more as a table, for paper, touch screens and screen readers."""
    rows = "".join(_finding_rows(items))
    if not rows:
        return ""
    return (
        '<h3>Findings</h3>\n<div class="wide"><table class="findings">\n'
        '<thead><tr><th class="number" scope="col">Line</th>'
        '<th scope="col">Original</th><th scope="col">Repair</th><th scope="col">Category</th>'
        '<th scope="col">Confidence</th><th scope="col">Alternatives</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table></div>\n"
    )


def _finding_rows(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        text = item.correction.original
        for stretch in stretches(text, marks(item.correction), first_line=item.first_line):
            for mark in stretch.marks:
                category, confidence, alternatives = _facts(mark)
                cells = [mark.span.of(text) or "‸", _repair(mark), category, confidence, alternatives or "–"]
                yield (
                    f'<tr><th class="number" scope="row">{stretch.number}</th>'
                    f"{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n"
                )


def _repair(mark: Mark) -> str:
    if mark.edit is None:
        return "none found"
    replacement = mark.edit.replacement or "(taken out)"
    return replacement if mark.kind == "edit" else f"{replacement} (suggested, not applied)"
