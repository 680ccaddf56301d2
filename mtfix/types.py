"""The shared vocabulary: frozen, serialisable values that every stage speaks.

All offsets count Unicode code points of the *original* text of a document.
Edits and flags of one text are sorted and edits never overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, TypeVar

Category = Literal[
    "wrong-sense",
    "literal-idiom",
    "collocation",
    "word-order",
    "function-word",
    "agreement-tense",
    "name",
    "number-unit",
    "casing",
    "repetition",
    "untranslated",
    "omission",
    "tortured-phrase",
    "other",
]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range [start, end) of code points; start == end is a gap between two characters."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: start {self.start}, end {self.end}")

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def shifted(self, offset: int) -> Span:
        return Span(self.start + offset, self.end + offset)

    def overlaps(self, other: Span) -> bool:
        """True when the two share a character; a gap overlaps only a span it lies strictly inside."""
        if self.start == self.end or other.start == other.end:
            return self.start < other.end and other.start < self.end
        return max(self.start, other.start) < min(self.end, other.end)

    def touches(self, other: Span) -> bool:
        """True when the two share a character, or one is a gap inside or right beside the other."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.overlaps(other)


@dataclass(frozen=True, slots=True)
class Token:
    """One word (or punctuation mark) with the detector's probability that it is wrong.

    kind: the likeliest category of damage, should it be wrong; None where the detector tells none.
    """

    span: Span
    score: float
    kind: Category | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A place between words with the detector's probability that something is missing there."""

    offset: int
    score: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A stretch that looks wrong; `score` is the detector's probability, with or without a repair."""

    span: Span
    category: Category
    score: float
    message: str


@dataclass(frozen=True, slots=True)
class Alternative:
    replacement: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Edit:
    """A repair of `original == text[span]`; `applied` says whether the corrected text contains it.

    `alternatives` are further repairs, best first, without `replacement` itself. `confidence` is the
    calibrated probability that an editor would accept the replacement.
    """

    span: Span
    original: str
    replacement: str
    category: Category
    confidence: float
    source: str
    applied: bool
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What produced a result: package version, model hashes (name -> sha256 prefix), settings."""

    version: str
    models: dict[str, str]
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A text and where it came from. `name` is a path, or `<stdin>`, or `FILE:LINE` with --lines.

    untouchable: stretches of the text that are neither flagged nor edited, in any order. An empty one is a
    seam: both sides may be edited, but no applied edit reaches over it. reading: for marked-up text, how it is
    read as running prose; offsets of results are those of `text` all the same.
    """

    text: str
    name: str = "<text>"
    untouchable: tuple[Span, ...] = ()
    reading: Reading | None = None


class Reading(Protocol):
    """A way to read a document: as another one, whose results become results of the document.

    place: where a span of the document lies in what is read, empty if nothing of it is.
    """

    def read(self, document: Document) -> Document: ...
    def restored(self, result: Result) -> Result: ...
    def place(self, span: Span) -> Span: ...


@dataclass(frozen=True, slots=True)
class Detection:
    """The detector's view of one text. `skipped` says why the text was left alone, if it was."""

    text: str
    flags: tuple[Flag, ...]
    tokens: tuple[Token, ...] = ()
    gaps: tuple[Gap, ...] = ()
    skipped: str | None = None
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """The result for one text: `text` is `original` with the applied edits, and nothing else changed."""

    original: str
    text: str
    flags: tuple[Flag, ...]
    edits: tuple[Edit, ...]
    skipped: str | None = None
    fingerprint: Fingerprint | None = None
    stats: dict[str, float] = field(default_factory=dict)

    @property
    def applied(self) -> tuple[Edit, ...]:
        return tuple(edit for edit in self.edits if edit.applied)

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON object (schema 1)."""
        return {
            "schema": SCHEMA_VERSION,
            "text": self.original,
            "corrected": self.text,
            "flags": [_flag_dict(flag) for flag in self.flags],
            "edits": [_edit_dict(edit) for edit in self.edits],
            "skipped": self.skipped,
            "fingerprint": asdict(self.fingerprint) if self.fingerprint else None,
        }


Result = TypeVar("Result", Correction, Detection)


def _flag_dict(flag: Flag) -> dict[str, Any]:
    return {
        "start": flag.span.start,
        "end": flag.span.end,
        "category": flag.category,
        "score": round(flag.score, 4),
        "message": flag.message,
    }


def _edit_dict(edit: Edit) -> dict[str, Any]:
    return {
        "start": edit.span.start,
        "end": edit.span.end,
        "original": edit.original,
        "replacement": edit.replacement,
        "category": edit.category,
        "confidence": round(edit.confidence, 4),
        "applied": edit.applied,
        "source": edit.source,
        "alternatives": [
            {"replacement": a.replacement, "confidence": round(a.confidence, 4)} for a in edit.alternatives
        ],
    }


def detection_dict(detection: Detection, *, tokens: bool = False) -> dict[str, Any]:
    """The documented JSON object of `mtfix detect` (schema 1); `tokens` adds per-word and gap scores."""
    result: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "text": detection.text,
        "flags": [_flag_dict(flag) for flag in detection.flags],
        "skipped": detection.skipped,
        "fingerprint": asdict(detection.fingerprint) if detection.fingerprint else None,
    }
    if tokens:
        result["tokens"] = [
            {"start": t.span.start, "end": t.span.end, "score": round(t.score, 4)} for t in detection.tokens
        ]
        result["gaps"] = [{"offset": g.offset, "score": round(g.score, 4)} for g in detection.gaps]
    return result


def suggestions_dict(
    text: str, places: Sequence[Span], found: Sequence[Sequence[Edit]], fingerprint: Fingerprint | None = None
) -> dict[str, Any]:
    """What `Corrector.suggest` found for places of the text, as a documented JSON object (schema 1)."""
    return {
        "schema": SCHEMA_VERSION,
        "text": text,
        "places": [
            {"start": place.start, "end": place.end, "edits": [_edit_dict(edit) for edit in edits]}
            for place, edits in zip(places, found, strict=True)
        ],
        "fingerprint": asdict(fingerprint) if fingerprint else None,
    }
