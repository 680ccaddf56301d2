"""Findings as workflow commands, which GitHub Actions shows as annotations beside the lines.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from mtfix.render.diff import visible
from mtfix.render.findings import Item, column_starts, marks, place
from mtfix.render.sarif import category, message

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def github_format(item: Item) -> Iterator[str]:
    """One `::warning` for every finding; columns only where it begins and ends on one line."""
    text = item.correction.original
    starts = column_starts(text)
    for mark in marks(item.correction):
        line, column = place(starts, mark.span.start, item.first_line)
        last, end = place(starts, mark.span.end, item.first_line)
        properties = {"file": item.name, "line": line, "endLine": last}
        if line == last:
            properties |= {"col": column, "endColumn": end}
        properties["title"] = f"mtfix: {category(mark)}"
        told = ",".join(f"{name}={_shown(str(value)).translate(_PROPERTY)}" for name, value in properties.items())
        yield f"::warning {told}::{_shown(message(mark, text)).translate(_DATA)}\n"


def _shown(text: str) -> str:
    """The text without what the terminal that shows the log would obey; its lines, which the format escapes, stay."""
    return "\n".join(visible(line) for line in text.split("\n"))
