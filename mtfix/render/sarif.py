"""Findings as SARIF 2.1.0, which code hosts and editors show beside the lines.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from mtfix.documents.dismissed import dismissal
from mtfix.render.findings import Item, Mark, column_starts, marks, place
from mtfix.types import Category, Span
from mtfix.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = list(get_args(Category))


def sarif(items: Iterable[Item], base: Path) -> str:
    """The log of one run. Paths below `base` are told from there; columns are UTF-16 code units, counted from 1.

    `fixes` holds the repair and its alternatives, whether applied or not.
    """
    run = {
        "tool": {"driver": {"name": "mtfix", "semanticVersion": __version__, "rules": [_rule(r) for r in _RULES]}},
        "columnKind": "utf16CodeUnits",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": [result for item in items for result in _results(item, base)],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def message(mark: Mark, text: str) -> str:
    """What is wrong and what may be meant, in one line of plain text."""
    words = " ".join(mark.span.of(text).split())
    reason = mark.flag.message if mark.flag else f"“{words}” can be improved"
    if mark.edit is None or f"“{mark.edit.replacement}”" in reason:
        return reason
    return f"{reason}: perhaps “{mark.edit.replacement}”" if mark.edit.replacement else f"{reason}: perhaps nothing"


def category(mark: Mark) -> Category:
    found = mark.edit or mark.flag
    assert found is not None
    return found.category


def _rule(name: str) -> dict[str, Any]:
    text = f"Looks like a machine-translation artifact: {name.replace('-', ' ')}."
    return {"id": name, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "warning"}}


def _results(item: Item, base: Path) -> list[dict[str, Any]]:
    text = item.correction.original
    starts = column_starts(text)
    artifact = {"uri": _uri(item.name, base)}
    results = []
    seen: dict[str, int] = {}
    for mark in marks(item.correction):
        region = _region(text, starts, mark.span, item.first_line)
        result: dict[str, Any] = {
            "ruleId": category(mark),
            "ruleIndex": _RULES.index(category(mark)),
            "level": "warning",
            "message": {"text": message(mark, text)},
            "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
            "partialFingerprints": {"mtfixContext/v1": _fingerprint(text, mark.span, seen)},
        }
        if mark.flag is not None:
            result["rank"] = round(100 * mark.flag.score, 1)
        if mark.edit is not None:
            choices = [mark.edit.replacement, *(a.replacement for a in mark.edit.alternatives)]
            result["fixes"] = [_fix(artifact, region, choice) for choice in choices]
        results.append(result)
    return results


def _region(text: str, starts: Sequence[int], span: Span, first_line: int) -> dict[str, int]:
    line, column = _utf16(text, starts, span.start, first_line)
    last, end = _utf16(text, starts, span.end, first_line)
    return {"startLine": line, "startColumn": column, "endLine": last, "endColumn": end}


def _utf16(text: str, starts: Sequence[int], offset: int, first_line: int) -> tuple[int, int]:
    line, column = place(starts, offset, first_line)
    before = text[offset - column + 1 : offset]
    return line, len(before) + sum(character > "\uffff" for character in before) + 1


def _fix(artifact: dict[str, str], region: dict[str, int], choice: str) -> dict[str, Any]:
    change = {"deletedRegion": region, "insertedContent": {"text": choice}}
    return {
        "description": {"text": f"Write “{choice}”." if choice else "Leave it out."},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": [change]}],
    }


def _fingerprint(text: str, span: Span, seen: dict[str, int]) -> str:
    """The same as long as the words and their neighbours are; alike places in a file are numbered."""
    here = dismissal(text, span)
    key = "\0".join((here.flagged, here.before, here.after))
    seen[key] = seen.get(key, 0) + 1
    return f"{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}:{seen[key]}"


def _uri(name: str, base: Path) -> str:
    path = Path(name)
    if path.is_absolute():
        try:
            path = path.relative_to(base)
        except ValueError:
            return path.as_uri()
    return quote(path.as_posix(), errors="surrogateescape")
