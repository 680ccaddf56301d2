"""Apply edits to the text they were made for; nothing outside their spans changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from mtfix.types import Edit, Span


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


def respected(edits: Iterable[Edit], untouchable: Sequence[Span]) -> list[Edit]:
    """The edits without those that touch a stretch in `untouchable`; one over a seam (an empty span) is a suggestion.

    `edits` are sorted, and so is the result.
    """
    kept = []
    for edit in edits:
        touched = [span for span in untouchable if edit.span.overlaps(span)]
        if any(span.start < span.end for span in touched):
            continue
        kept.append(replace(edit, applied=False) if touched else edit)
    return kept
