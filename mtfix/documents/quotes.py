"""What stands in quotation marks: the words of somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mtfix.documents.protect import union
from mtfix.documents.segment import blocks
from mtfix.types import Span

_PAIRS = [re.compile(pattern) for pattern in ("«([^«»]+)»", "»([^«»]+)«", "„([^„“”]+)[“”]")]
_CURLY = re.compile("[“”]")
_STRAIGHT = re.compile('"')
_SINGLE = re.compile(r"(?<![^\s(\[“\"—–-])‘(?=[^\s\d])")
_SINGLE_END = re.compile(r"’(?!\w)")
MARKS = frozenset('"“”„«»‘')  # not the apostrophe


def quotations(text: str) -> list[Span]:
    """Sorted, disjoint spans of the text inside paired quotation marks, without the marks.

    A pair lies within one block or two that follow each other; of nested quotations the outer one counts. What a mark
    opens and none closes is quoted to the end of the block if the next one begins with such a mark. Other marks
    without a partner are ignored, and so are straight single ones, which are apostrophes more often.
    """
    parts, found = blocks(text), list[Span]()
    for block in parts:
        for pattern in _PAIRS:
            found += [Span(*match.span(1)) for match in pattern.finditer(text, block.start, block.end)]
        found += _single(text, block)
    found += [*_curly(text, parts), *_straight(text, parts)]
    return union(span for span in found if span.start < span.end)


def _curly(text: str, parts: Sequence[Span]) -> Iterator[Span]:
    waiting: int | None = None  # behind an opening mark of the block before
    for block, following in zip(parts, [*parts[1:], None], strict=False):
        opened: list[int] = []
        begun = False  # by a straight mark, once
        for match in _CURLY.finditer(text, block.start, block.end):
            if match.group() == "“":
                opened.append(match.end())
            elif opened:
                yield Span(opened.pop(), match.start())
            elif waiting is not None:
                yield Span(waiting, match.start())
            elif not begun:
                begun = True
                yield from _before(text, block, match.start())
            waiting = None
        for start in opened[:1]:
            closing = _straight_end(text, start, block)
            if closing is not None:
                yield Span(start, closing)
            elif _goes_on(text, following, "“"):
                yield Span(start, block.end)
        waiting = opened[-1] if opened else None


def _before(text: str, block: Span, end: int) -> Iterator[Span]:
    """What a straight mark opens and a curly one closes at `end`."""
    starts = [m.end() for m in _STRAIGHT.finditer(text, block.start, end) if _opens(text, block, m.start())]
    if starts and starts[-1] < end:
        yield Span(starts[-1], end)


def _straight(text: str, parts: Sequence[Span]) -> Iterator[Span]:
    """Pairs of `"`: one that can open and the next that can close."""
    for block, following in zip(parts, [*parts[1:], None], strict=False):
        opened: int | None = None
        for match in _STRAIGHT.finditer(text, block.start, block.end):
            at = match.start()
            if _opens(text, block, at) and (opened is None or at == block.start or text[at - 1].isspace()):
                opened = at + 1
            elif opened is not None and _closes(text, block, at):
                if opened < at:
                    yield Span(opened, at)
                opened = None
        if opened is not None and _goes_on(text, following, '"'):
            yield Span(opened, block.end)


def _opens(text: str, block: Span, at: int) -> bool:
    """No word before it, no space after it."""
    before = text[at - 1] if at > block.start else " "
    return not before.isalnum() and at + 1 < block.end and not text[at + 1].isspace()


def _closes(text: str, block: Span, at: int) -> bool:
    return at > block.start and not text[at - 1].isspace() and not text[at + 1 : min(at + 2, block.end)].isalnum()


def _straight_end(text: str, start: int, block: Span) -> int | None:
    found = (match.start() for match in _STRAIGHT.finditer(text, start + 1, block.end))
    return next((at for at in found if _closes(text, block, at)), None)


def _goes_on(text: str, following: Span | None, mark: str) -> bool:
    """Whether a quotation goes on in the next block, which begins with the mark again."""
    return following is not None and text[following.start] == mark


def _single(text: str, block: Span) -> Iterator[Span]:
    """The first mark that may close it; after an s, which may make it a possessive, rather one behind a stop."""
    opening = [match.end() for match in _SINGLE.finditer(text, block.start, block.end)]
    for start, limit in pairwise([*opening, block.end]):
        ends = [match.start() for match in _SINGLE_END.finditer(text, start, limit)]
        stops = [at for at in ends if text[at - 1] in ".,!?;:…"]
        if ends and start < (end := stops[0] if stops and text[ends[0] - 1] == "s" else ends[0]):
            yield Span(start, end)
