"""M2, the format of grammatical error correction (Dahlmeier & Ng 2012; Bryant et al. 2017).

    S This are a sentence .
    A 1 2|||R:VERB:SVA|||is|||REQUIRED|||-NONE-|||0

Each annotator gives one reference; a sentence on which an annotator has no edit is right to them. Gold
spans are those of the first annotator; corrections that others give for the same span are further
repairs, as are those that one annotator separates by `||`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mtfix.evaluation.items import GoldSpan, Item
from mtfix.evaluation.readers.base import Broken, Format, RowError, Source, attempt, decoded, joined, lines
from mtfix.types import Span

_NOTHING = ("noop", "UNK")  # UNK: wrong, but the annotator has no correction


@dataclass(frozen=True, slots=True)
class _Annotation:
    """Tokens [start, end) become `repairs[0]`; the type is the annotator's."""

    start: int
    end: int
    type: str
    repairs: tuple[str, ...]
    annotator: int


def _read(source: Source) -> Iterator[Item | Broken]:
    for number, block in _blocks(source):
        yield from attempt(_item, block, source, f"{source.path}:{number}")


def _blocks(source: Source) -> Iterator[tuple[int, list[bytes]]]:
    """The line number of the first line and the lines of every sentence."""
    block: list[bytes] = []
    start = 1
    for number, line in lines(source.path):
        if line.strip():
            start = start if block else number
            block.append(line)
        elif block:
            yield start, block
            block = []
    if block:
        yield start, block


def _item(block: Sequence[bytes], source: Source, where: str) -> Item:
    first, *rest = [decoded(line) for line in block]
    if not first.startswith("S "):
        raise RowError("a sentence must begin with a line 'S …'")
    tokens = first[2:].split()
    text, places = joined(tokens)
    annotations: dict[int, list[_Annotation]] = defaultdict(list)
    for line in rest:
        found = _annotation(line, len(tokens))
        annotations[found.annotator] += [] if found.start < 0 else [found]
    if not annotations:  # nobody found anything wrong
        annotations[0] = []
    references = tuple(_corrected(tokens, annotations[who]) for who in sorted(annotations))
    others = [a for found in annotations.values() for a in found]
    spans = tuple(
        GoldSpan(_span(places, mine, len(text)), category=mine.type, repairs=_repairs(tokens, mine, others))
        for mine in sorted(annotations[min(annotations)], key=lambda a: (a.start, a.end))
    )
    return Item(where.rpartition("/")[2], text, references, spans=spans, group=source.group, where=where)


def _annotation(line: str, length: int) -> _Annotation:
    parts = line[2:].split("|||")
    if not line.startswith("A ") or len(parts) != 6:
        raise RowError(f"not an annotation: {line!r}")
    start, end = map(int, parts[0].split())
    if parts[1] in _NOTHING:
        return _Annotation(-1, -1, parts[1], (), int(parts[5]))
    if not 0 <= start <= end <= length:
        raise RowError(f"an edit of tokens {start} to {end}, and the sentence has {length}")
    repairs = tuple("" if r == "-NONE-" else r for r in parts[2].split("||"))
    return _Annotation(start, end, parts[1], repairs, int(parts[5]))


def _corrected(tokens: Sequence[str], edits: Sequence[_Annotation]) -> str:
    words = list(tokens)
    ordered = sorted(edits, key=lambda a: (a.start, a.end))
    for edit in reversed(ordered):  # sorted in reverse, insertions at one place would change places
        words[edit.start : edit.end] = edit.repairs[0].split()
    return " ".join(words)


def _span(places: Sequence[Span], edit: _Annotation, length: int) -> Span:
    """Characters of an edit. A deletion takes a space along, an insertion stands before its space."""
    if edit.start == edit.end:
        place = places[edit.start - 1].end if edit.start else 0
        return Span(place, place)
    start, end = places[edit.start].start, places[edit.end - 1].end
    if not edit.repairs[0]:
        return Span(start - 1, end) if start else Span(0, min(end + 1, length))
    return Span(start, end)


def _repairs(tokens: Sequence[str], edit: _Annotation, others: Sequence[_Annotation]) -> tuple[str, ...]:
    same = [r for a in others if (a.start, a.end) == (edit.start, edit.end) for r in a.repairs]
    return tuple(_fitted(tokens, edit, repair) for repair in dict.fromkeys((*edit.repairs, *same)))


def _fitted(tokens: Sequence[str], edit: _Annotation, repair: str) -> str:
    """The repair with the spaces that `_span` wants."""
    if edit.start < edit.end:  # where the span took a space along, a word must bring it back
        lacks = not edit.repairs[0] and repair
        return (f" {repair}" if edit.start else f"{repair} ") if lacks else repair
    return f" {repair}" if edit.start else f"{repair} " if tokens else repair


M2 = Format(_read)
