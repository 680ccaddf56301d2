"""Express edits of an already edited text as edits of the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mtfix.types import Edit, Span


@dataclass(slots=True)
class _Piece:
    """`now` stands in the current text for `span` of the original; `edit` made it, or nothing did."""

    span: Span
    now: str
    edit: Edit | None


def compose(original: str, first: Sequence[Edit], current: str, second: Sequence[Edit]) -> list[Edit]:
    """Edits of `original` with the effect of `first` and then, on its result `current`, `second`.

    All edits of `second` are applied ones. Suggestions of `first` that a later edit covers are dropped.
    Raises ValueError when `current` is not the result of the applied edits of `first`.
    """
    pieces = _pieces(original, [edit for edit in first if edit.applied])
    if "".join(piece.now for piece in pieces) != current:
        raise ValueError("the current text is not the result of the first edits")
    for edit in reversed(second):
        pieces = _applied(pieces, edit)
    applied = [p.edit for p in pieces if p.edit is not None]
    suggestions = [
        edit for edit in first if not edit.applied and not any(_clash(edit.span, done.span) for done in applied)
    ]
    return sorted([*applied, *suggestions], key=lambda edit: edit.span)


def _pieces(original: str, edits: Sequence[Edit]) -> list[_Piece]:
    pieces: list[_Piece] = []
    position = 0
    for edit in edits:
        if position < edit.span.start:
            span = Span(position, edit.span.start)
            pieces.append(_Piece(span, span.of(original), None))
        pieces.append(_Piece(edit.span, edit.replacement, edit))
        position = edit.span.end
    if position < len(original):
        pieces.append(_Piece(Span(position, len(original)), original[position:], None))
    return pieces


def _applied(pieces: list[_Piece], edit: Edit) -> list[_Piece]:
    """`pieces` after `edit`, whose offsets are those of the current text."""
    before: list[_Piece] = []
    touched: list[_Piece] = []
    after: list[_Piece] = []
    position, begin = 0, edit.span.start
    for piece in pieces:
        span = Span(position, position + len(piece.now))
        position = span.end
        for part, start, end in _cut(piece, edit.span, span):
            if not touched and _joins(part, edit.span, Span(start, end)):
                begin = start
                touched.append(part)
            elif end <= edit.span.start:
                before.append(part)
            elif start >= edit.span.end:
                after.append(part)
            else:  # an earlier replacement that the edit reaches into is swallowed whole
                begin = begin if touched else start
                touched.append(part)
    old = [p.edit for p in touched if p.edit is not None]
    here = before[-1].span.end if before else 0
    text = "".join(piece.now for piece in touched)
    now = text[: edit.span.start - begin] + edit.replacement + text[edit.span.end - begin :]
    merged = replace(
        edit,
        span=Span(touched[0].span.start, touched[-1].span.end) if touched else Span(here, here),
        original="".join(p.edit.original if p.edit else p.now for p in touched),
        replacement=now,
        confidence=min([edit.confidence, *(e.confidence for e in old)]),
        alternatives=() if old else edit.alternatives,
    )
    # a repair that takes an earlier one back leaves nothing to report
    return [*before, _Piece(merged.span, now, merged if merged.original != now else None), *after]


def _joins(piece: _Piece, edit: Span, span: Span) -> bool:
    """Whether the edit inserts directly beside words that were inserted, which would make two edits of one place."""
    inserts = edit.start == edit.end and piece.edit is not None and piece.span.start == piece.span.end
    return inserts and span.start <= edit.start <= span.end


def _cut(piece: _Piece, edit: Span, span: Span) -> list[tuple[_Piece, int, int]]:
    """The piece with its place in the current text; unchanged text is cut at the edit's ends."""
    if piece.edit is not None:
        return [(piece, span.start, span.end)]
    cuts = sorted({span.start, span.end, *(c for c in (edit.start, edit.end) if span.start < c < span.end)})
    parts = []
    for start, end in pairwise(cuts):
        offset = piece.span.start - span.start
        now = piece.now[start - span.start : end - span.start]
        parts.append((_Piece(Span(start + offset, end + offset), now, None), start, end))
    return parts


def _clash(one: Span, other: Span) -> bool:
    return one.overlaps(other) or one == other
