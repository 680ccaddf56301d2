"""What a result contains, laid over the lines of its text: the common ground of all renderers."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, Protocol, TypeVar

from mtfix.types import Correction, Edit, Flag, Span

_LINE_END = re.compile(r"\r\n|\r|\n")


class Spanned(Protocol):
    @property
    def span(self) -> Span: ...


_S = TypeVar("_S", bound=Spanned)


@dataclass(frozen=True, slots=True)
class Item:
    """A result to show: the name of its document and the number of its first line there."""

    name: str
    correction: Correction
    first_line: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """One place to show: a repair that was made, one that is only suggested, or a flag without any."""

    span: Span
    kind: Literal["edit", "suggestion", "flag"]
    edit: Edit | None = None
    flag: Flag | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One line of a text without its end, or several that a mark joins. `number` counts from 1."""

    number: int
    span: Span
    marks: tuple[Mark, ...]


def marks(correction: Correction) -> list[Mark]:
    """Every edit, and every flag that no edit answers: sorted, disjoint."""
    flags, edits = _Places(correction.flags), _Places(correction.edits)
    found = [
        Mark(edit.span, "edit" if edit.applied else "suggestion", edit, _strongest(flags.touching(edit.span)))
        for edit in correction.edits
    ]
    return _disjoint(found + flag_marks(flag for flag in correction.flags if not edits.touching(flag.span)))


def flag_marks(flags: Iterable[Flag]) -> list[Mark]:
    """One mark for each flag; they may overlap where the flags do."""
    return [Mark(flag.span, "flag", flag=flag) for flag in flags]


def stretches(text: str, found: Sequence[Mark], *, first_line: int = 1, all_lines: bool = False) -> Iterator[Stretch]:
    """The lines that have marks (or all lines), in order; `found` is sorted and disjoint."""
    starts = line_starts(text)
    first, index = 0, 0
    while first < len(starts):
        last, taken = first, index
        while taken < len(found) and _line_of(starts, found[taken].span.start) <= last:
            # a mark that reaches over a line end pulls the following lines in
            span = found[taken].span
            last = max(last, _line_of(starts, max(span.start, span.end - 1)))
            taken += 1
        inside = tuple(found[index:taken])
        if all_lines or inside:
            end = max([_end(text, starts, last), *(mark.span.end for mark in inside)])
            yield Stretch(first_line + first, Span(starts[first], end), inside)
        first, index = last + 1, taken


def line_starts(text: str) -> list[int]:
    """Where the lines of `text` begin; a line end at the very end begins no further line."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    return starts[:-1] if starts[-1] == len(text) else starts


def column_starts(text: str) -> list[int]:
    """As `line_starts`, for `place`: a byte order mark stands in no column."""
    starts = line_starts(text)
    return [1, *starts[1:]] if text.startswith("\ufeff") and starts else starts


def place(starts: Sequence[int], offset: int, first_line: int = 1) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1, columns in code points."""
    index = _line_of(starts, offset)
    return first_line + index, offset - (starts[index] if starts else 0) + 1


def disjoint_flags(flags: Iterable[Flag]) -> list[Mark]:
    """The flags as marks for one line of context, where overlapping ones run into one."""
    return _disjoint(flag_marks(flags))


@dataclass(slots=True)
class Tally:
    """The sums under a listing."""

    edits: int = 0
    suggestions: int = 0
    open_flags: int = 0
    changed_lines: int = 0
    lines: int = 0
    skipped: int = 0
    found: bool = False

    def add(self, correction: Correction) -> None:
        self.skipped += correction.skipped is not None
        self.found = self.found or has_findings(correction)
        self.lines += len(line_starts(correction.original))
        found = marks(correction)
        self.edits += len(correction.applied)
        self.suggestions += sum(mark.kind == "suggestion" for mark in found)
        self.open_flags += sum(mark.kind == "flag" for mark in found)
        self.changed_lines += marked_lines(correction.original, correction.applied)

    def summary(self) -> str:
        """One line, like `3 edits in 2 of 41 lines; 1 flagged without a fix`."""
        parts = []
        if self.edits:
            parts.append(f"{counted(self.edits, 'edit')} in {self.changed_lines} of {counted(self.lines, 'line')}")
        if self.suggestions:
            parts.append(f"{counted(self.suggestions, 'suggestion')} not applied")
        if self.open_flags:
            parts.append(f"{self.open_flags} flagged without a fix")
        if not parts:
            parts.append(f"no findings in {counted(self.lines, 'line')}")
        elif not self.edits:
            parts[-1] += f" in {counted(self.lines, 'line')}"
        if self.skipped:
            parts.append(f"{self.skipped} skipped")
        return "; ".join(parts)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def marked_lines(text: str, found: Iterable[Spanned]) -> int:
    """How many lines of `text` the spans touch."""
    starts = line_starts(text)
    lines: set[int] = set()
    for each in found:
        last = max(each.span.start, each.span.end - 1)
        lines.update(range(_line_of(starts, each.span.start), _line_of(starts, last) + 1))
    return len(lines)


def has_findings(correction: Correction) -> bool:
    """What `--check` objects to: anything flagged or repaired."""
    return bool(correction.flags or correction.applied)


class _Places(Generic[_S]):
    """What lies at, or right beside, a span, without looking at all there is."""

    def __init__(self, found: Iterable[_S]) -> None:
        self._found = sorted(found, key=lambda each: each.span)
        self._starts = [each.span.start for each in self._found]
        self._longest = max((each.span.end - each.span.start for each in self._found), default=0)

    def touching(self, span: Span) -> list[_S]:
        first = bisect_left(self._starts, span.start - self._longest)
        last = bisect_right(self._starts, span.end)
        return [each for each in self._found[first:last] if each.span.touches(span)]


def _strongest(flags: Iterable[Flag]) -> Flag | None:
    return max(flags, key=lambda flag: flag.score, default=None)


def _disjoint(found: Iterable[Mark]) -> list[Mark]:
    result: list[Mark] = []
    position = 0
    for mark in sorted(found, key=lambda mark: mark.span):
        covered = mark.span.end <= position and mark.span.start < position
        if covered or (result and result[-1].span == mark.span):
            continue
        if mark.span.start < position:
            result.append(replace(mark, span=Span(position, mark.span.end)))
        else:
            result.append(mark)
        position = mark.span.end
    return result


def _line_of(starts: Sequence[int], offset: int) -> int:
    return max(bisect_right(starts, offset) - 1, 0)


def _end(text: str, starts: Sequence[int], index: int) -> int:
    """The end of a line without its line end."""
    end = starts[index + 1] if index + 1 < len(starts) else len(text)
    if text[end - 1 : end] == "\n":
        end -= 1
    if text[end - 1 : end] == "\r" and end > starts[index]:
        end -= 1
    return end
