"""samples.jsonl: every item with what every system made of it, so that a score can be looked into."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

from mtfix.documents.words import words
from mtfix.evaluation.cache import text_digest
from mtfix.evaluation.extra import require
from mtfix.evaluation.items import Item, Output


def sample_line(system: str, item: Item, output: Output, scores: Mapping[str, float]) -> str:
    """One line of samples.jsonl. Offsets are code points of `text`; `sha256` is that of `text`.

    scores: the item's own, from the accumulator; the counts of `item_scores` are added.
    """
    found = output.to_dict()
    row = {
        "id": item.id,
        "sha256": text_digest(item.text),
        "system": system,
        "group": item.group,
        "where": item.where,
        "text": item.text,
        "references": item.references,
        "clean": item.clean,
        "gold": None if item.spans is None else [_gold(span) for span in item.spans],
        "bad": None if item.bad is None else [[t.start, t.end] for t in compress(item.tokens or (), item.bad)],
        **{key: found[key] for key in ("corrected", "edits", "flags", "filled", "failed")},
        "scores": {**scores, **item_scores(item, output)},
    }
    return json.dumps(row)


def _gold(found: Any) -> dict[str, Any]:
    return {
        "start": found.span.start, "end": found.span.end, "severity": found.severity, "category": found.category,
        "repairs": found.repairs,
    }  # fmt: skip


def item_scores(item: Item, output: Output) -> dict[str, Any]:
    """Counts that tell good samples from bad ones.

    edits, flags: how many were applied and raised. before, after: word-level edit distance of text and
    correction to the nearest reference. improved: by how many words the correction is nearer.
    found, missed: gold spans that a flag or an applied edit touches, or none does.
    """
    applied = [edit.span for edit in output.edits if edit.applied]
    scores: dict[str, Any] = {"edits": len(applied), "flags": len(output.flags or ())}
    if item.references:
        before, after = (_distance(text, item.references) for text in (item.text, output.corrected))
        scores |= {"before": before, "after": after, "improved": before - after}
    if item.spans:
        raised = [*applied, *(flag.span for flag in output.flags or ())]
        touched = sum(any(gold.span.touches(span) for span in raised) for gold in item.spans)
        scores |= {"found": touched, "missed": len(item.spans) - touched}
    return scores


def _distance(text: str, references: Sequence[str]) -> int:
    levenshtein = require("rapidfuzz.distance", what="comparing texts").Levenshtein
    tokens = _words(text)
    found: int = min(levenshtein.distance(tokens, _words(reference)) for reference in references)
    return found


def _words(text: str) -> list[str]:
    return [span.of(text) for span in words(text)]
