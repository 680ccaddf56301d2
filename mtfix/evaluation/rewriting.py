"""How often the rewriter finds the reference's words when it is told where to look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from mtfix.documents.edits import filled
from mtfix.metrics import bootstrap
from mtfix.rewriter.model import Rewriter
from mtfix.suggestions import suggested
from mtfix.training.infill import gold, short


def exact_match(rewriter: Rewriter, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Share of gold spans whose reference replacement is the first, or among the first five, that are suggested.

    Words are compared, casing included, white space not. Grouped by engine and by category; intervals
    are 95 % bootstrap over spans. Spans of more than eight words are left out on both sides.
    """
    marked = [gold(row) for row in rows]
    requests = [(m.sentence, m.spans) for m in marked if m.spans]
    hits: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    answers = iter(suggested(rewriter, requests))
    for row, m in zip(rows, marked, strict=True):
        if not m.spans:
            continue
        categories = [c for a, b, new, c in row["edits"] if short(row["damaged"][a:b], new)]
        for place, target, edits, category in zip(m.spans, m.targets, next(answers), categories, strict=True):
            found = [filled(m.sentence, place, edit).split() for edit in edits[:5]]
            hit = (bool(found) and found[0] == target.split(), target.split() in found)
            for key in ("all", row["engine"].split(":")[0], f"category {category}"):
                hits[key].append(hit)
    return {key: _summary(values) for key, values in sorted(hits.items())}


def _summary(values: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    array = np.array(values, float)
    return {
        "spans": len(values),
        "exact": round(float(array[:, 0].mean()), 4),
        "exact interval": [round(v, 4) for v in bootstrap(array[:, 0])],
        "top 5": round(float(array[:, 1].mean()), 4),
        "top 5 interval": [round(v, 4) for v in bootstrap(array[:, 1])],
    }
