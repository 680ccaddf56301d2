"""Marked-up text read as running prose: which stretch of the source stands where in the prose, and back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Literal

from mtfix.documents.edits import Part, Replacement, apply_edits, narrowed
from mtfix.types import Detection, Edit, Result, Span

Kind = Literal["text", "character", "fixed", "markup", "through"]


@dataclass(frozen=True, slots=True)
class Segment:
    """The stretch `source` of a marked-up text, read as `text`.

    text: as it stands. character: something else stands for it (an entity, a line break); an edit may take it away.
    fixed: as it stands, and no edit may touch it. markup: not read, or read as a break; it stays whatever is edited.
    through: markup that means nothing to the words around it; it stays too, and edits reach over it.
    """

    source: Span
    text: str
    kind: Kind

    @property
    def literal(self) -> bool:
        return self.kind in ("text", "fixed") and len(self.text) == self.source.end - self.source.start


class View:
    """The prose of a marked-up text.

    segments: sorted and disjoint; what lies between them is markup that is not read. escape: writes characters of
    prose as text of the source.
    """

    def __init__(self, source: str, segments: Iterable[Segment], escape: Callable[[str], str] = str) -> None:
        self.source = source
        self._escape = escape
        self.segments = list(_covering(source, segments))
        self._ends = list(accumulate(len(s.text) for s in self.segments))
        self._source_starts = [s.source.start for s in self.segments]
        self.text = "".join(s.text for s in self.segments)

    @property
    def untouchable(self) -> tuple[Span, ...]:
        """What is fixed, as spans of `text`, and the seams: where markup lies."""
        found = []
        for start, segment in zip(self._starts(), self.segments, strict=True):
            if segment.kind in ("fixed", "markup"):
                found.append(Span(start, start + len(segment.text)))
        return tuple(found)

    def _starts(self) -> list[int]:
        return [end - len(s.text) for end, s in zip(self._ends, self.segments, strict=True)]

    def locate(self, span: Span) -> Span:
        """Where a span of `text` lies in the source, with the markup inside it."""
        if span.start == span.end:
            at = self._place(span.start)
            return Span(at, at)
        return Span(self._at(span.start).start, self._at(span.end - 1).end)

    def into(self, span: Span) -> Span:
        """Where a span of the source lies in `text`; empty if nothing of it is read."""
        start = self._in_text(span.start, after=False)
        return Span(start, max(start, self._in_text(span.end, after=True)))

    def patches(self, edits: Iterable[Replacement]) -> list[Part]:
        """The edits of `text` as sorted patches of the source, markup kept.

        Where an edit reaches over markup, words stay on their side of it if old and new ones can be paired;
        otherwise all new words go before it. Raises ValueError for an edit of something fixed, for edits that
        overlap, and for edits made for another text.
        """
        edits = sorted(edits, key=lambda edit: edit.span)
        apply_edits(self.text, edits)  # checks them
        return [patch for edit in edits for part in narrowed(edit) for patch in self._patches(part)]

    def apply(self, edits: Iterable[Replacement]) -> str:
        """The source with the edits of `text`; raises ValueError like `patches`."""
        return apply_edits(self.source, self.patches(edits))

    def located(self, result: Result) -> Result:
        """A result for `text` as one for the source; an edit there covers the markup inside it."""
        flags = tuple(replace(flag, span=self.locate(flag.span)) for flag in result.flags)
        if isinstance(result, Detection):
            tokens = tuple(replace(token, span=self.locate(token.span)) for token in result.tokens)
            gaps = tuple(replace(gap, offset=self._place(gap.offset)) for gap in result.gaps)
            return replace(result, text=self.source, flags=flags, tokens=tokens, gaps=gaps)
        edits = tuple(self._located(edit) for edit in result.edits)
        text = apply_edits(self.source, [edit for edit in edits if edit.applied])
        return replace(result, original=self.source, text=text, flags=flags, edits=edits)

    def _located(self, edit: Edit) -> Edit:
        old = edit.span.of(self.text)
        wanted = [edit.replacement, *(a.replacement for a in edit.alternatives)]
        patches = [self.patches([Part(edit.span, old, words)]) for words in wanted]
        place = self._around(edit.span, [patch for made in patches for patch in made])
        original = place.of(self.source)
        words, *others = (
            apply_edits(original, [replace(p, span=p.span.shifted(-place.start)) for p in made]) for made in patches
        )
        alternatives = (replace(a, replacement=other) for a, other in zip(edit.alternatives, others, strict=True))
        return replace(edit, span=place, original=original, replacement=words, alternatives=tuple(alternatives))

    def _around(self, span: Span, patches: Sequence[Part]) -> Span:
        """What a span of `text` covers in the source, and markup beside it behind which a patch inserts words."""
        place = self.locate(span)
        ends = [place.end, *(patch.span.end for patch in patches)]
        return Span(min([place.start, *(patch.span.start for patch in patches)]), max(ends))

    def _patches(self, edit: Replacement) -> Iterator[Part]:
        if edit.span.start == edit.span.end:
            at = self._place(edit.span.start, to_insert=True)
            yield Part(Span(at, at), "", self._escape(edit.replacement))
            return
        replacement = self._escape(edit.replacement)
        for span in self._runs(edit.span):
            yield Part(span, span.of(self.source), replacement)
            replacement = ""

    def _runs(self, span: Span) -> Iterator[Span]:
        """The stretches of the source that a span of `text` covers, without markup."""
        first, last = self._index(span.start), self._index(span.end - 1)
        covered = self.segments[first : last + 1]
        if any(segment.kind == "fixed" for segment in covered):
            raise ValueError(f"the text at {span.start} must not be edited: {span.of(self.text)!r}")
        whole = self.locate(span)
        for is_markup, run in groupby(covered, key=lambda segment: segment.kind in ("markup", "through")):
            if not is_markup:
                parts = list(run)
                yield Span(max(parts[0].source.start, whole.start), min(parts[-1].source.end, whole.end))

    def _index(self, at: int) -> int:
        """The segment that holds the character at `at` of `text`."""
        return bisect_right(self._ends, at)

    def _at(self, at: int) -> Span:
        """Where the character at `at` of `text` lies in the source."""
        index = self._index(at)
        segment = self.segments[index]
        if not segment.literal:
            return segment.source
        start = segment.source.start + at - (self._ends[index] - len(segment.text))
        return Span(start, start + 1)

    def _place(self, at: int, *, to_insert: bool = False) -> int:
        """Where in the source `at` of `text` is: outside the markup of the word before, if that ends here.

        Raises ValueError where something is to be inserted and both sides may not be edited.
        """
        before = self.segments[self._index(at - 1)] if at > 0 else None
        after = self.segments[self._index(at)] if at < len(self.text) else None
        free_before = before is not None and before.kind in ("text", "character")
        free_after = after is not None and after.kind in ("text", "character")
        if to_insert and not free_before and not free_after:
            raise ValueError(f"nothing can be inserted at {at}")
        if after is None or (free_before and (not free_after or self.text[at].isalnum())):
            return self._at(at - 1).end if before is not None else 0
        return self._at(at).start

    def _in_text(self, at: int, *, after: bool) -> int:
        index = bisect_right(self._source_starts, at) - 1
        if index < 0:
            return 0
        segment, end = self.segments[index], self._ends[index]
        start = end - len(segment.text)
        into = at - segment.source.start
        if not segment.literal:
            return end if (after and into > 0) or at >= segment.source.end else start
        return min(start + into, end)


def _covering(source: str, segments: Iterable[Segment]) -> Iterator[Segment]:
    """The segments, and as unread markup what lies between them."""
    position = 0
    for segment in segments:
        if segment.source.start < position:
            raise ValueError(f"segments overlap at {segment.source.start}")
        if segment.source.start > position:
            yield Segment(Span(position, segment.source.start), "", "markup")
        yield segment
        position = segment.source.end
    if position < len(source):
        yield Segment(Span(position, len(source)), "", "markup")


class Segments:
    """Segments as a parser comes upon them, with a break where the prose stops and goes on elsewhere."""

    def __init__(self, source: str) -> None:
        self.found: list[Segment] = []
        self._source = source
        self._break, self._through = "", False

    def pause(self, text: str) -> None:
        """Between what is read before and what comes after stands `text`, or a longer break that is told as well."""
        self._break = max(self._break, text, key=len)

    def through(self) -> None:
        """What lies between what is read before and what comes next keeps no words apart."""
        self._through = not self._break

    def add(self, start: int, end: int, kind: Kind, text: str | None = None) -> None:
        """The stretch of the source is read as `text`, or as it stands."""
        if start == end:
            return
        if self._break and self.found:
            self.found.append(Segment(Span(self.found[-1].source.end, start), self._break, "markup"))
        elif self._through and self.found and self.found[-1].source.end < start:
            self.found.append(Segment(Span(self.found[-1].source.end, start), "", "through"))
        self._break, self._through = "", False
        self.found.append(Segment(Span(start, end), self._source[start:end] if text is None else text, kind))
