"""A report on one self-contained page: original beside corrected, line by line; no script, no outside asset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import count, groupby

from mtfix.render.findings import Item, Mark, Stretch, Tally, counted, marks, stretches
from mtfix.render.html_style import CATEGORIES, STYLE
from mtfix.types import Span

_KINDS = {"edit": "repaired", "suggestion": "suggested", "flag": "only flagged"}

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
    sections = [_section(number, name, group, sums=len(groups) > 1) for number, (name, group) in enumerate(groups)]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>mtfix report</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>mtfix report</h1>\n"
        f"<p>{escape(_summary(tally, len(sections)))}</p>\n{_LEGEND}\n{_by_category(items)}{_produced_by(items)}"
        f"{_contents([name for name, _ in groups])}</header>\n<main>\n{''.join(sections)}</main>\n</body>\n</html>\n"
    )


def _contents(names: Sequence[str]) -> str:
    if len(names) < 2:
        return ""
    links = "".join(f'<li><a href="#document-{n}">{escape(name)}</a></li>\n' for n, name in enumerate(names))
    return f'<nav aria-label="Documents">\n<ul>\n{links}</ul>\n</nav>\n'


def _by_category(items: Iterable[Item]) -> str:
    """How much was found of each category; the colours are those under the marks."""
    found: Counter[tuple[str, str]] = Counter(
        (_category(mark), mark.kind) for item in items for mark in marks(item.correction)
    )
    rows = "".join(
        f'<tr class="{name}"><th scope="row"><span class="swatch"></span>{name}</th>'
        f"{''.join(f'<td>{found[name, kind] or str()}</td>' for kind in _KINDS)}</tr>\n"
        for name in CATEGORIES
        if any(found[name, kind] for kind in _KINDS)
    )
    if not rows:
        return ""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Category", *_KINDS.values()))
    return f'<table class="sums">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n'


def _summary(tally: Tally, documents: int) -> str:
    return f"{counted(documents, 'document')}: {tally.summary()}"


def _produced_by(items: Sequence[Item]) -> str:
    fingerprint = next((item.correction.fingerprint for item in items if item.correction.fingerprint), None)
    if fingerprint is None:
        return ""
    models = ", ".join(f"{name} {digest[:12]}" for name, digest in sorted(fingerprint.models.items()))
    return f'<p class="soft">{escape(f"mtfix {fingerprint.version}" + (f" with {models}" if models else ""))}</p>\n'


def _section(number: int, name: str, items: Sequence[Item], *, sums: bool) -> str:
    marked = _numbered(f"{number}-", items)
    rows = "".join(row for item, found in marked for row in _rows(item, found))
    reasons = dict.fromkeys(item.correction.skipped for item in items if item.correction.skipped)
    skipped = "".join(f"<p>Left alone: {escape(reason)}</p>\n" for reason in reasons)
    return (
        f'<section>\n<h2 id="document-{number}">{escape(name)}</h2>\n{_sums(items) if sums else ""}{skipped}'
        '<table class="sides">\n<thead><tr><th class="number" scope="col">Line</th><th scope="col">Original</th>'
        f'<th scope="col">Corrected</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n'
        f"{_findings(marked)}</section>\n"
    )


def _sums(items: Iterable[Item]) -> str:
    tally = Tally()
    for item in items:
        tally.add(item.correction)
    return f'<p class="soft">{escape(tally.summary())}</p>\n'


def _numbered(prefix: str, items: Iterable[Item]) -> list[tuple[Item, dict[Span, str]]]:
    """Each item with the identifiers of its marks, which place and finding refer to each other by."""
    numbers = count(1)
    return [
        (item, {mark.span: f"{prefix}{number}" for mark, number in zip(marks(item.correction), numbers)})  # noqa: B905
        for item in items
    ]


def _rows(item: Item, names: dict[Span, str]) -> Iterator[str]:
    text = item.correction.original
    for stretch in stretches(text, marks(item.correction), first_line=item.first_line, all_lines=True):
        if not stretch.marks and not stretch.span.of(text).strip():
            continue
        left, right = _sides(text, stretch, names)
        row = "<tr>" if stretch.marks else '<tr class="same">'
        yield (f'{row}<th class="number" scope="row">{stretch.number}</th><td>{left}</td><td>{right}</td></tr>\n')


def _sides(text: str, stretch: Stretch, names: dict[Span, str]) -> tuple[str, str]:
    left, right = [], []
    position = stretch.span.start
    for mark in stretch.marks:
        keep = escape(text[position : mark.span.start])
        old = mark.span.of(text)
        new = mark.edit.replacement if mark.kind == "edit" and mark.edit is not None else old
        before, after = ("del", "ins") if mark.kind == "edit" else ("mark", "mark")
        name = names[mark.span]
        left += [keep, f'<a class="place {_category(mark)}" id="place-{name}" ', _linked(before, old, mark, name)]
        right += [keep, f'<a class="place {_category(mark)}" ', _linked(after, new, mark, name)]
        position = mark.span.end
    rest = escape(text[position : stretch.span.end])
    return "".join([*left, rest]), "".join([*right, rest])


def _linked(tag: str, text: str, mark: Mark, name: str) -> str:
    """The rest of a link to the finding, which a pointer or the keyboard makes tell what is known about it."""
    # one side may be empty: a small sign keeps the place, and what is known about it, within reach
    shown = f"<{tag}>{escape(text)}</{tag}>" if text else "<mark>‸</mark>"
    return f'href="#finding-{name}">{shown}<span class="tip">{_tip(mark)}</span></a>'


def _tip(mark: Mark) -> str:
    category, confidence, alternatives = _facts(mark)
    parts = [confidence]
    if mark.kind == "suggestion" and mark.edit is not None:
        parts.append(f"suggestion: {_or_nothing(mark.edit.replacement)}")
    if mark.flag is not None and mark.flag.message:
        parts.append(mark.flag.message)
    if alternatives:
        parts.append(f"or: {alternatives}")
    return f"<b>{escape(category)}</b>{''.join(f'<span>{escape(part)}</span>' for part in parts)}"


def _category(mark: Mark) -> str:
    found = mark.edit or mark.flag
    assert found is not None
    return found.category


def _facts(mark: Mark) -> tuple[str, str, str]:
    """Category, how sure, and the alternatives."""
    if mark.edit is not None:
        others = ", ".join(f"{_or_nothing(a.replacement)} ({a.confidence:.0%})" for a in mark.edit.alternatives)
        return mark.edit.category, f"{mark.edit.confidence:.0%} sure of the repair", others
    assert mark.flag is not None
    return mark.flag.category, f"{mark.flag.score:.0%} sure that it is wrong", ""


def _or_nothing(text: str) -> str:
    return f"“{text}”" if text else "(nothing)"


def _findings(items: Iterable[tuple[Item, dict[Span, str]]]) -> str:
    """What is known about each place once more as a table, for paper and screen readers."""
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


def _finding_rows(items: Iterable[tuple[Item, dict[Span, str]]]) -> Iterator[str]:
    for item, names in items:
        text = item.correction.original
        for stretch in stretches(text, marks(item.correction), first_line=item.first_line):
            for mark in stretch.marks:
                category, confidence, alternatives = _facts(mark)
                name = names[mark.span]
                place = f'<a href="#place-{name}">{escape(mark.span.of(text) or "‸")}</a>'
                kind = f'<span class="swatch {category}"></span>{escape(category)}'
                repair, sure, others = map(escape, (_repair(mark), confidence, alternatives or "–"))
                cells = "".join(f"<td>{cell}</td>" for cell in (place, repair, kind, sure, others))
                yield f'<tr id="finding-{name}"><th class="number" scope="row">{stretch.number}</th>{cells}</tr>\n'


def _repair(mark: Mark) -> str:
    if mark.edit is None:
        return "none found"
    replacement = mark.edit.replacement or "(taken out)"
    return replacement if mark.kind == "edit" else f"{replacement} (suggested, not applied)"
