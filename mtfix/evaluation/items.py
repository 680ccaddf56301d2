"""What evaluation speaks of: an item of held-out text with its gold, and what a system made of it.

An output is the documented JSON of `mtfix fix --lines --format jsonl` (schema 1), with the `tokens` and
`gaps` of `mtfix detect --tokens` where a system has word scores; any other tool's output written in
that form, or as plain corrected lines, is scored by the same code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mtfix.types import Span

Severity = Literal["minor", "major", "critical"]


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A stretch of an item's text that is wrong, and every repair that its annotators accept.

    `repairs` replace exactly `span`; the first is the annotator's own choice; empty: no repair is known.
    """

    span: Span
    severity: Severity = "major"
    category: str = "other"
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One unit of held-out text. What a suite has no gold for is None.

    references: corrected versions of `text` (several: alternatives). tokens: spans of the gold tokens in
    `text`, with `bad` (wrong or not, one each) and `gaps` (something is missing before token i; one more
    than tokens, the last at the end). spans: wrong stretches (empty: nothing is wrong). clean: nothing in
    the text is wrong, so every edit is harm. group: language pair, topic or kind of text, for scores by
    part. where: file and line, for messages.
    """

    id: str
    text: str
    references: tuple[str, ...] | None = None
    tokens: tuple[Span, ...] | None = None
    bad: tuple[bool, ...] | None = None
    gaps: tuple[bool, ...] | None = None
    spans: tuple[GoldSpan, ...] | None = None
    clean: bool = False
    group: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class OutputEdit:
    """A repair a system applied or, `applied` false, suggested; offsets in the item's text."""

    span: Span
    replacement: str
    applied: bool = True
    category: str = "other"
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A flag, a word with its score, or (start == end) a gap with its score."""

    span: Span
    score: float
    category: str = "other"


@dataclass(frozen=True, slots=True)
class Output:
    """What a system made of one item. None: the system doesn't give this kind of answer."""

    id: str
    corrected: str
    edits: tuple[OutputEdit, ...] = ()
    flags: tuple[ScoredSpan, ...] | None = None
    tokens: tuple[ScoredSpan, ...] | None = None
    gaps: tuple[ScoredSpan, ...] | None = None
    # ranked replacements for each of the item's gold spans, where the system was told them
    filled: tuple[tuple[str, ...], ...] | None = None
    # why the system gave no output; the item then counts as left alone
    failed: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that caches and samples files hold; `from_dict` reads it back."""
        return {
            "id": self.id,
            "corrected": self.corrected,
            "edits": [
                {
                    "start": e.span.start, "end": e.span.end, "replacement": e.replacement, "applied": e.applied,
                    "category": e.category, "confidence": e.confidence,
                    "alternatives": [{"replacement": a} for a in e.alternatives],
                }
                for e in self.edits
            ],
            **{
                name: None if found is None else [_span_dict(s) for s in found]
                for name, found in (("flags", self.flags), ("tokens", self.tokens), ("gaps", self.gaps))
            },
            "filled": None if self.filled is None else [list(found) for found in self.filled],
            "failed": self.failed,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, row: dict[str, Any], *, id: str = "") -> Output:
        """Read the object of `to_dict`, `mtfix fix` or `mtfix detect`; KeyError, TypeError, ValueError for others."""
        corrected = row["corrected"] if "corrected" in row else row["text"]
        edits = tuple(
            OutputEdit(
                Span(e["start"], e["end"]), str(e["replacement"]), bool(e.get("applied", True)),
                str(e.get("category", "other")), float(e.get("confidence", 1.0)),
                tuple(str(a["replacement"]) for a in e.get("alternatives", ())),
            )
            for e in row.get("edits") or ()
        )  # fmt: skip
        flags, tokens, gaps = (_spans(row.get(name)) for name in ("flags", "tokens", "gaps"))
        filled = row.get("filled")
        ranked = None if filled is None else tuple(tuple(map(str, found)) for found in filled)
        failed = row.get("failed")
        reason = None if failed is None else str(failed)
        return cls(str(row.get("id", id)), str(corrected), edits, flags, tokens, gaps, ranked, reason)


def whole(span: Span) -> bool:
    """Whether its ends are whole numbers: JSON knows others, and text cannot be cut there."""
    return type(span.start) is int and type(span.end) is int


def _span_dict(found: ScoredSpan) -> dict[str, Any]:
    return {"start": found.span.start, "end": found.span.end, "score": found.score, "category": found.category}


def _spans(rows: list[dict[str, Any]] | None) -> tuple[ScoredSpan, ...] | None:
    if rows is None:
        return None
    return tuple(
        ScoredSpan(
            Span(r["start"], r["end"]) if "start" in r else Span(r["offset"], r["offset"]),
            float(r.get("score", 1.0)),
            str(r.get("category", "other")),
        )
        for r in rows
    )
