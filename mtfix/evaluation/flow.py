"""The whole flow against references: better, same, worse; and harm on clean text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from mtfix.corpus.align import align
from mtfix.corrector import Corrector
from mtfix.documents.edits import Replacement, apply_edits
from mtfix.documents.words import words
from mtfix.metrics import bootstrap
from mtfix.types import Correction, Span


def distance(text: str, reference: str) -> int:
    """Word-level edit distance."""
    return Levenshtein.distance(_words(text), _words(reference))


def improvement(original: str, edit: Replacement, reference: str) -> int:
    """By how many words the edit alone brings the sentence nearer to the reference."""
    changed = apply_edits(original, [edit])
    return distance(original, reference) - distance(changed, reference)


def settled(original: str, edit: Replacement, reference: str) -> int:
    """The improvement by the edit if none of it would have to be changed again to reach the reference, else 0.

    What only leaves out some of the words that are wrong, or puts one wrong word for two, is nearer and no repair.
    """
    nearer = improvement(original, edit, reference)
    if nearer <= 0:
        return 0
    changed = apply_edits(original, [edit])
    place = Span(edit.span.start, edit.span.start + len(edit.replacement))
    return 0 if any(place.touches(other.span) for other in align(changed, reference)) else nearer


def against_references(corrector: Corrector, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Per engine: edit distance to the reference before and after, sentences better/same/worse, precision of edits.

    An applied edit counts as right when it alone brings the sentence nearer to the reference; that is
    strict, since a good repair in other words than the reference's counts as wrong.
    """
    results = list(corrector.fix_many(row["damaged"] for row in rows))
    groups: dict[str, list[tuple[dict[str, Any], Correction]]] = defaultdict(list)
    for row, result in zip(rows, results, strict=True):
        engine = row["engine"]
        groups[engine if engine.startswith("mt:") else engine.split(":")[0]].append((row, result))
    return {name: _compared(found) for name, found in sorted(groups.items())}


def _compared(found: Sequence[tuple[dict[str, Any], Correction]]) -> dict[str, Any]:
    before = np.array([distance(r.original, row["clean"]) for row, r in found], float)
    after = np.array([distance(r.text, row["clean"]) for row, r in found], float)
    edits = [improvement(r.original, e, row["clean"]) for row, r in found for e in r.applied]
    length = sum(len(_words(row["clean"])) for row, _ in found)
    return {
        "sentences": len(found),
        "flags": sum(len(r.flags) for _, r in found),
        "applied": len(edits),
        "right": sum(e > 0 for e in edits),
        "neutral": sum(e == 0 for e in edits),
        "better": int(np.sum(after < before)),
        "worse": int(np.sum(after > before)),
        "distance before": round(float(before.sum() / length), 4),
        "distance after": round(float(after.sum() / length), 4),
    }


def harm(corrector: Corrector, rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Applied edits and flags per 1,000 clean sentences, by kind of text, with bootstrap intervals."""
    results = list(corrector.fix_many(text for _, text in rows))
    kinds = ["all", *sorted({kind for kind, _ in rows})]
    report: dict[str, Any] = {}
    for kind in kinds:
        chosen = [r for (k, _), r in zip(rows, results, strict=True) if kind in ("all", k)]
        edits = np.array([len(r.applied) for r in chosen], float) * 1000
        flags = np.array([len(r.flags) for r in chosen], float) * 1000
        count = sum(len(_words(r.original)) for r in chosen)
        report[kind] = {
            "sentences": len(chosen),
            "edits per 1000": round(float(edits.mean()), 2),
            "edits interval": [round(v, 2) for v in bootstrap(edits)],
            "flags per 1000": round(float(flags.mean()), 1),
            "flagged spans per 1000 words": round(float(flags.sum() / count), 2),
        }
    return report


def _words(text: str) -> list[str]:
    return [span.of(text) for span in words(text)]
