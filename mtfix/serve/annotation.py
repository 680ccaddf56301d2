"""Text with markup between, as LanguageTool's `data` parameter has it: what is read, and where it lies.

The *full* text is text and markup in their order; offsets in answers count in it. The *plain* text is
what is read: the text, and for markup what it is to be read as (`interpretAs`, often nothing).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from mtfix.types import Span


@dataclass(frozen=True, slots=True)
class Part:
    """`content` is text, or markup that reads as `reading`."""

    content: str
    markup: bool = False
    reading: str = ""


class Annotated:
    """The full and the plain text of parts, and how one lies in the other.

    `untouchable` are the stretches of the plain text that stand for markup, `breaks` the places in it where runs of
    text begin or markup is.
    """

    def __init__(self, parts: Iterable[Part]) -> None:
        full: list[str] = []
        plain: list[str] = []
        self._runs: list[_Run] = []
        here = there = 0
        for part in parts:
            reading = part.reading if part.markup else part.content
            if reading:
                in_plain, in_full = Span(here, here + len(reading)), Span(there, there + len(part.content))
                self._runs.append(_Run(in_plain, in_full, part.markup))
            full.append(part.content)
            plain.append(reading)
            here, there = here + len(reading), there + len(part.content)
        self.full, self.plain = "".join(full), "".join(plain)
        self.untouchable = tuple(run.plain for run in self._runs if run.markup)
        self.breaks = [
            run.plain.start
            for before, run in pairwise([_Run(Span(0, 0), Span(0, 0), False), *self._runs])
            if run.markup or before.markup or before.full.end < run.full.start
        ]

    @classmethod
    def of(cls, text: str) -> Annotated:
        """Text without markup."""
        return cls([Part(text)])

    def whole(self, span: Span) -> bool:
        """Whether the span lies in one run of text, so that replacing it in the full text takes no markup along."""
        inside = bisect_right(self.breaks, max(span.start, span.end - 1)) - bisect_right(self.breaks, span.start)
        return not inside and not any(span.overlaps(other) for other in self.untouchable)

    def place(self, span: Span) -> Span:
        """Where a span of the plain text lies in the full one, with the markup inside it."""
        start = self._offset(span.start, end=False)
        # the last character says where the end is: the next one may be behind markup
        return Span(start, max(start, self._offset(span.end - 1, end=True)) if span.end > span.start else start)

    def _offset(self, character: int, *, end: bool) -> int:
        """Where a character of the plain text begins or ends in the full one; all of a reading is its markup."""
        index = bisect_right(self._starts, character) - 1
        if index < 0:
            return 0
        run = self._runs[index]
        if run.markup:
            return run.full.end if end or character >= run.plain.end else run.full.start
        return min(run.full.start + character - run.plain.start + end, run.full.end)

    @cached_property
    def _starts(self) -> list[int]:
        return [run.plain.start for run in self._runs]


@dataclass(frozen=True, slots=True)
class _Run:
    """A part that is read, where it lies in the plain and in the full text."""

    plain: Span
    full: Span
    markup: bool
