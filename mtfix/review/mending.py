"""Corrections of the editor's own: a sentence that was typed anew, as edits of the words that are different."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mtfix.documents.edits import Part, apply_edits, narrowed
from mtfix.render.diff import visible
from mtfix.review.anchors import Anchor, anchor, anchor_from
from mtfix.review.points import Point, point_from, point_row
from mtfix.types import Span

_MESSAGE = "a correction of the editor's own"
_BLANK = re.compile(r"\s")
_NO_BLANK_BEFORE = tuple(".,;:!?)")


@dataclass(frozen=True, slots=True)
class Own:
    """A place that was not found, and the words that the editor writes there."""

    point: Point
    place: Anchor
    words: str


def on_one_line(sentence: str) -> str:
    """The sentence to be changed, character for character; nothing in it is for a terminal to obey."""
    return visible(_BLANK.sub(" ", sentence))


def retyped(words: str, typed: str) -> str:
    """The words changed as `on_one_line(words)` was; line ends, and the markup of a quotation, stay between words."""
    old = on_one_line(words)
    parts = narrowed(Part(Span(0, len(old)), old, typed))
    return apply_edits(words, [Part(part.span, part.span.of(words), part.replacement) for part in parts])


def set_off(words: str, place: Anchor) -> str:
    """The words as they can stand at a place: with the white space at its ends, or with blanks where nothing stood.

    Where the repair takes a word out with its blank, own words in its stead need that blank.
    """
    old, core = place.original, words.strip()
    if not old.strip():
        left, right = place.before[-1:] + words[:1], words[-1:] + place.after[:1]
        return " " * _glued(left) + words + " " * _glued(right)
    if not core:
        return words
    before = "" if core.startswith(_NO_BLANK_BEFORE) else old[: len(old) - len(old.lstrip())]
    return before + core + old[len(old.rstrip()) :]


def corrections(text: str, sentence: Span, typed: str) -> list[Own]:
    """What makes the sentence say what was typed in place of `on_one_line(sentence)`."""
    old = on_one_line(sentence.of(text))
    found = []
    for part in narrowed(Part(Span(0, len(old)), old, typed)):
        span = part.span.shifted(sentence.start)
        point = Point(span, span.of(text), "other", _MESSAGE, None, ())
        found.append(Own(point, anchor(text, span), part.replacement))
    return found


def _glued(pair: str) -> bool:
    """Whether two characters would run into one word."""
    return len(pair) == 2 and all(character.isalnum() for character in pair)


def own_row(own: Own) -> dict[str, Any]:
    return {**point_row(own.point), **own.place.row(), "replacement": own.words}


def own_from(row: dict[str, Any]) -> Own:
    """Raises KeyError, TypeError or ValueError for another row."""
    return Own(point_from(row), anchor_from(row), str(row["replacement"]))
