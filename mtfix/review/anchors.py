"""Find a place of a text again after the text has changed, by the words around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mtfix.types import Span

CONTEXT = 60  # characters kept on either side
ENOUGH = 24  # characters around it that must be as they were
_PROBE = 12  # characters beside an empty place by which it is looked for


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place as it was: its text, up to CONTEXT characters on either side, and where it began."""

    original: str
    before: str
    after: str
    start: int

    def row(self) -> dict[str, Any]:
        """What a point's row does not say of its place."""
        return {"before": self.before, "after": self.after}


def anchor(text: str, span: Span) -> Anchor:
    before, after = text[max(0, span.start - CONTEXT) : span.start], text[span.end : span.end + CONTEXT]
    return Anchor(span.of(text), before, after, span.start)


def anchor_from(row: dict[str, Any]) -> Anchor:
    """Raises KeyError for a row that has no place."""
    return Anchor(row["original"], row["before"], row["after"], row["start"])


def find_again(text: str, anchors: Sequence[Anchor]) -> list[Span | None]:
    """Where each of the anchors, best sorted by their start, lies in `text` now; None where it is gone.

    A place must have its old text, and around it ENOUGH characters as they were, or all that were kept. Of
    several such places the one with most in common is taken, then the one nearest to where it should be after
    the anchor before it. Places that are found do not overlap.
    """
    found: list[Span | None] = []
    drift = 0
    for each in anchors:
        taken = [span for span in found if span is not None]
        options = [option for option in _candidates(text, each) if not any(_clash(option[1], t) for t in taken)]
        wanted = each.start + drift
        best = max(options, key=lambda option: (option[0], -abs(option[1].start - wanted)), default=None)
        if best is not None:
            drift = best[1].start - each.start
        found.append(best and best[1])
    return found


def _candidates(text: str, each: Anchor) -> Iterator[tuple[int, Span]]:
    """Places that may be meant, each with the number of characters around it that are as they were."""
    starts = _occurrences(text, each.original) if each.original else _between(text, each)
    for start in starts:
        end = start + len(each.original)
        left = _common(each.before[::-1], text[max(0, start - CONTEXT) : start][::-1])
        right = _common(each.after, text[end : end + CONTEXT])
        whole = left == len(each.before) and right == len(each.after)
        if whole or left + right >= ENOUGH:
            yield left + right, Span(start, end)


def _occurrences(text: str, part: str) -> Iterator[int]:
    position = text.find(part)
    while position >= 0:
        yield position
        position = text.find(part, position + 1)


def _between(text: str, each: Anchor) -> Iterator[int]:
    """Places for an insertion: behind what stood before it, and before what stood behind it."""
    before, after = each.before[-_PROBE:], each.after[:_PROBE]
    places = {start + len(before) for start in _occurrences(text, before)} if before else {0}
    places |= set(_occurrences(text, after)) if after else {len(text)}
    yield from sorted(places)


def _clash(one: Span, other: Span) -> bool:
    return one == other or one.overlaps(other)


def _common(one: str, other: str) -> int:
    """Length of the longest common prefix."""
    number = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        number += 1
    return number
