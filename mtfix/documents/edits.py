"""Apply edits to the text they were made for; nothing outside their spans changes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Protocol

from mtfix.types import Edit, Span


@dataclass(frozen=True, slots=True)
class Part:
    """A replacement and nothing more."""

    span: Span
    original: str
    replacement: str


class Replacement(Protocol):
    """Anything that says: `original`, found at `span`, becomes `replacement`."""

    @property
    def span(self) -> Span: ...
    @property
    def original(self) -> str: ...
    @property
    def replacement(self) -> str: ...


def apply_edits(text: str, edits: Iterable[Replacement]) -> str:
    """`text` with every edit made.

    Raises ValueError when two edits overlap or an edit was made for another text
    (`original != text[span]`).
    """
    parts: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if edit.span.start < position:
            raise ValueError(f"edits overlap at {edit.span.start}")
        if edit.span.end > len(text) or edit.span.of(text) != edit.original:
            raise ValueError(f"the text at {edit.span.start} is not {edit.original!r}: edit made for another text?")
        parts += [text[position : edit.span.start], edit.replacement]
        position = edit.span.end
    return "".join([*parts, text[position:]])


def respected(edits: Sequence[Edit], untouchable: Sequence[Span], size: int) -> list[Edit]:
    """The edits without those that touch a stretch in `untouchable`; one over a seam (an empty span) is a suggestion.

    An edit that can be made on both sides of a seam, word by word, is not over it. Nothing is inserted between two
    untouchable stretches. `edits` are sorted and disjoint; `size` is the text's length.
    """
    kept = []
    for edit, near in zip(edits, _near(edits, untouchable), strict=True):
        touched = [span for span in near if edit.span.overlaps(span)]
        solid = [span for span in near if span.start < span.end]
        if any(span in solid for span in touched) or _walled(edit.span, solid, size):
            continue
        parts = narrowed(edit) if edit.applied and touched else ()
        over = any(part.span.overlaps(seam) for part in parts for seam in touched)
        kept.append(replace(edit, applied=False) if over else edit)
    return kept


def filled(text: str, place: Span, edit: Edit) -> str:
    """What stands in the place once the edit is made."""
    changed = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    end = len(changed) - (len(text) - place.end)
    if edit.span.start >= place.start:
        return changed[place.start : end]
    # white space before the place has gone, or an article has changed: so many words are not the place's
    before = len(text[edit.span.start : place.start].split())
    return " ".join(changed[edit.span.start : end].split()[before:])


def _walled(place: Span, solid: Sequence[Span], size: int) -> bool:
    """Whether it is a place between two characters neither of which may be edited."""
    if place.start < place.end:
        return False
    before = place.start == 0 or any(span.end == place.start for span in solid)
    return before and (place.start == size or any(span.start == place.start for span in solid))


def _near(edits: Sequence[Edit], spans: Iterable[Span]) -> Iterator[list[Span]]:
    """For each of the sorted edits the spans that overlap it or lie directly beside it."""
    waiting = deque(sorted(spans))
    near: list[Span] = []
    for edit in edits:
        while waiting and waiting[0].start <= edit.span.end:
            near.append(waiting.popleft())
        near = [span for span in near if span.end >= edit.span.start]
        yield near


_RUNS = re.compile(r"\s+|\S+")


def narrowed(edit: Replacement) -> list[Part]:
    """The edit as edits of its words that change; where old and new words pair up, one for each."""
    old, new = _RUNS.findall(edit.original), _RUNS.findall(edit.replacement)
    if len(old) == len(new) and all(a.isspace() == b.isspace() for a, b in zip(old, new, strict=True)):
        changes = [(i, i + 1, i, i + 1) for i in range(len(old)) if old[i] != new[i]]
    else:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        changes = [(a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    starts = list(accumulate(map(len, old), initial=edit.span.start))
    return [
        Part(Span(starts[a], starts[b]), "".join(old[a:b]), "".join(new[c:d]))
        for a, b, c, d in changes
    ]
