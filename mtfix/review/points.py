"""What there is to decide on: one point for each finding, and the decisions that can be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from mtfix.render.findings import Mark, marks
from mtfix.types import Alternative, Category, Correction, Span

Kind = Literal["accept", "edit", "reject", "skip", "ignore"]
KINDS = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Point:
    """One finding of a text. `original == text[span]`; `choices` are the repairs, best first, perhaps none.

    score: the detector's probability that the place is wrong, None where no flag led to the repair.
    """

    span: Span
    original: str
    category: Category
    message: str
    score: float | None
    choices: tuple[Alternative, ...]

    @property
    def confidence(self) -> float:
        """Probability that the first repair is right; without any, that the place is wrong."""
        return self.choices[0].confidence if self.choices else self.score or 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """`replacement` is the text to write: of "accept" one of the choices, of "edit" the editor's own words.

    "reject" and "ignore" keep the original; "skip" puts the decision off.
    """

    kind: Kind
    replacement: str | None = None

    @property
    def changes(self) -> bool:
        return self.replacement is not None

    @property
    def final(self) -> bool:
        return self.kind != "skip"


def points(correction: Correction) -> list[Point]:
    """The findings in order; their spans do not overlap."""
    return [_point(mark, correction.original) for mark in marks(correction)]


def _point(mark: Mark, text: str) -> Point:
    flag, edit = mark.flag, mark.edit
    message, score = (flag.message, flag.score) if flag else ("", None)
    if edit is None:
        assert flag is not None
        return Point(mark.span, mark.span.of(text), flag.category, message, score, ())
    choices = (Alternative(edit.replacement, edit.confidence), *edit.alternatives)
    return Point(edit.span, edit.original, edit.category, message, score, choices)


def point_row(point: Point) -> dict[str, Any]:
    """The point as a JSON object; `choices` are [replacement, confidence]."""
    return {
        "start": point.span.start,
        "end": point.span.end,
        "original": point.original,
        "category": point.category,
        "message": point.message,
        "score": point.score,
        "choices": [[choice.replacement, choice.confidence] for choice in point.choices],
    }


def point_from(row: dict[str, Any]) -> Point:
    """Raises KeyError, TypeError or ValueError for a row that is no point."""
    score = None if row["score"] is None else float(row["score"])
    span = Span(row["start"], row["end"])
    return Point(span, row["original"], row["category"], row["message"], score, choices_from(row))


def choices_from(row: dict[str, Any]) -> tuple[Alternative, ...]:
    """Raises KeyError, TypeError or ValueError for a row without choices."""
    return tuple(Alternative(str(text), float(sure)) for text, sure in row["choices"])


def decision_from(row: dict[str, Any]) -> Decision:
    """Raises KeyError or ValueError for a row that is no decision."""
    if row["decision"] not in KINDS:
        raise ValueError(f"unknown decision {row['decision']!r}")
    return Decision(row["decision"], row["replacement"])
