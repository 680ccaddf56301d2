"""Corrections of the editor's own: a sentence that was typed anew, as edits of the words that are different."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mtfix.documents.edits import Part, narrowed
from mtfix.render.diff import visible
from mtfix.review.anchors import Anchor, anchor, anchor_from
from mtfix.review.points import Point, point_from, point_row
from mtfix.types import Span

_MESSAGE = "a correction of the editor's own"
_BLANK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Own:
    """A place that was not found, and the words that the editor writes there."""

    point: Point
    place: Anchor
    words: str


def on_one_line(sentence: str) -> str:
    """The sentence to be changed, character for character; nothing in it is for a terminal to obey."""
    return visible(_BLANK.sub(" ", sentence))


def corrections(text: str, sentence: Span, typed: str) -> list[Own]:
    """What makes the sentence say what was typed in place of `on_one_line(sentence)`."""
    old = on_one_line(sentence.of(text))
    found = []
    for part in narrowed(Part(Span(0, len(old)), old, typed)):
        span = part.span.shifted(sentence.start)
        point = Point(span, span.of(text), "other", _MESSAGE, None, ())
        found.append(Own(point, anchor(text, span), part.replacement))
    return found


def own_row(own: Own) -> dict[str, Any]:
    return {**point_row(own.point), **own.place.row(), "replacement": own.words}


def own_from(row: dict[str, Any]) -> Own:
    """Raises KeyError, TypeError or ValueError for another row."""
    return Own(point_from(row), anchor_from(row), str(row["replacement"]))
