"""How often the reference's words are found by who is told where to look, and what tells the right ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from mtfix.corrector import Corrector
from mtfix.documents.edits import filled
from mtfix.evaluation.logit import conditional_logit, logistic
from mtfix.judge.choice import FEATURES, Option, features, of_all, scores
from mtfix.metrics import bootstrap
from mtfix.suggestions import as_edit, considered, suggested
from mtfix.training.infill import gold, short
from mtfix.types import Span

Judged = tuple[list[Option], list[bool]]  # the options for a place, and whether each is the reference's


def exact_match(corrector: Corrector, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Share of gold spans whose reference replacement is the first, or among the first five, that are suggested.

    Words are compared, casing included, white space not. Grouped by engine and by category; intervals
    are 95 % bootstrap over spans. Spans of more than eight words are left out on both sides.
    """
    marked = [gold(row) for row in rows]
    requests = [(m.sentence, m.spans) for m in marked if m.spans]
    hits: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    answers = iter(suggested(corrector.detector, corrector.rewriter, requests))
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


def judged(corrector: Corrector, rows: Sequence[dict[str, Any]]) -> list[Judged]:
    """What is considered for the gold spans of the rows, those with anything. Any of a row's `repairs` is right."""
    marked = [(m, _accepted(row, m.spans)) for row in rows if (m := gold(row)).spans]
    found = considered(corrector.detector, corrector.rewriter, [(m.sentence, m.spans) for m, _ in marked])
    return [
        (options, [filled(m.sentence, place, as_edit(o, 0.0)).split() in right for o in options])
        for (m, accepted), groups in zip(marked, found, strict=True)
        for place, right, options in zip(m.spans, accepted, groups, strict=True)
        if options
    ]


def _accepted(row: dict[str, Any], spans: Sequence[Span]) -> list[list[list[str]]]:
    """The words that may stand in each of the gold spans of a row."""
    edits, repairs = row["edits"], row.get("repairs", [[edit[2]] for edit in row["edits"]])
    found: dict[Span, list[list[str]]] = {span: [] for span in spans}
    for number in range(max(map(len, repairs), default=0)):
        way = [[a, b, several[: number + 1][-1], c] for (a, b, _, c), several in zip(edits, repairs, strict=True)]
        marked = gold({**row, "edits": way})
        for span, target in zip(marked.spans, marked.targets, strict=True):
            if span in found:
                found[span].append(target.split())
    return list(found.values())


def fit_choice(found: Sequence[Judged]) -> dict[str, list[float]]:
    """Settings of `mtfix.judge.choice`."""
    among = conditional_logit([([features(option) for option in options], right) for options, right in found], FEATURES)
    some = [(of_all(options, scores(options, among)), any(right)) for options, right in found]
    return {"among": among, "any": logistic(some)}


def _summary(values: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    array = np.array(values, float)
    return {
        "spans": len(values),
        "exact": round(float(array[:, 0].mean()), 4),
        "exact interval": [round(v, 4) for v in bootstrap(array[:, 0])],
        "top 5": round(float(array[:, 1].mean()), 4),
        "top 5 interval": [round(v, 4) for v in bootstrap(array[:, 1])],
    }
