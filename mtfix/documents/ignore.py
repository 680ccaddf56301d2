"""Stretches that a text itself asks to leave alone: remarks `mtfix:ignore`, and what stands before [sic]."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from mtfix.documents.protect import code
from mtfix.documents.words import words
from mtfix.types import Span

_REMARK = re.compile(r"(?<![\w:-])mtfix:ignore(?:-(?P<what>next-line|start|end))?(?![\w:-])")
_LINE_END = re.compile(r"\r\n|\r|\n")
# "(SIC)" is more often a classification of industries
_SIC = re.compile(r"\[[*_]{0,2}[Ss][Ii][Cc][*_]{0,2}[!.?]?\]|\([*_]{0,2}sic[*_]{0,2}[!.?]?\)")
_SIC_WORDS = 4  # back from the mark, within the clause: it stands behind the odd word or phrase
_SIC_CHARACTERS = 300
_OPENING = {"”": "“", '"': '"', "’": "‘", "»": "«", "'": "'"}


def ignored(text: str) -> list[Span]:
    """Spans of `text`, in any order, that are neither to be flagged nor edited.

    A line with `mtfix:ignore` in it; the next line that isn't blank after `mtfix:ignore-next-line`; all from
    `mtfix:ignore-start` to `mtfix:ignore-end`, or to the end of the text. The remark may stand in a comment of any
    kind; inside code spans and fenced code it is an example and means nothing. Before [sic]: the quotation
    that ends there, or up to four words of the clause.
    """
    return [*_remarks(text), *(Span(_sic_start(text, match.start()), match.end()) for match in _SIC.finditer(text))]


def _remarks(text: str) -> Iterator[Span]:
    found = list(_REMARK.finditer(text))
    if not found:
        return
    examples = code(text)
    starts = [example.start for example in examples]
    ends = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    lines = [Span(*pair) for pair in pairwise(ends)]
    opened: int | None = None
    for match in found:
        place = Span(*match.span())
        before = bisect_right(starts, place.start)
        if before and place.overlaps(examples[before - 1]):
            continue
        what = match["what"]
        if what == "start":
            opened = place.start if opened is None else opened
        elif what == "end":
            yield Span(place.start if opened is None else opened, place.end)
            opened = None
        else:
            here = bisect_right(ends, place.start) - 1
            yield lines[here] if what is None else place
            after = (line for line in lines[here + 1 :] if line.of(text).strip())
            if what == "next-line" and (following := next(after, None)):
                yield following
    if opened is not None:
        yield Span(opened, len(text))


def _sic_start(text: str, mark: int) -> int:
    line = max(text.rfind("\n", 0, mark), text.rfind("\r", 0, mark)) + 1
    first = max(line, mark - _SIC_CHARACTERS)
    before = text[first:mark].rstrip()
    inner = before.rstrip(".,;:!?…")
    opening = _OPENING.get(inner[-1:])
    if opening and (start := inner.rfind(opening, 0, len(inner) - 1)) >= 0:
        return first + start
    found = words(before)
    while found and not _is_word(found[-1].of(before)):
        found.pop()
    taken = mark - first
    for number, span in enumerate(reversed(found)):
        if number == _SIC_WORDS or not _is_word(span.of(before)):
            break
        taken = span.start
    return first + taken


def _is_word(token: str) -> bool:
    return any(character.isalnum() for character in token)
