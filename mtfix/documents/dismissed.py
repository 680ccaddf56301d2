"""Flags that an editor dismissed: known again by their words and the words beside them, wherever these have moved.

They are kept in a file of JSON lines that grows at its end, so that it can be kept under version control.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mtfix.documents.read import read_document
from mtfix.documents.vocabulary import Piece, pieces
from mtfix.documents.write import write_atomic
from mtfix.errors import InputError
from mtfix.types import Span

BESIDE = 2  # words on either side that must be the same; more, and every repair near by would bring flags back
_AROUND = 2_000  # characters that hold these words
_PARAGRAPH_END = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)")


@dataclass(frozen=True, slots=True)
class Dismissal:
    """What a flag covers and up to two words on either side in its paragraph, in lower case, with single spaces.

    `flagged` is empty where a word was said to be missing. everywhere: whatever stands beside.
    """

    flagged: str
    before: str = ""
    after: str = ""
    everywhere: bool = False


def dismissal(text: str, span: Span, *, everywhere: bool = False) -> Dismissal:
    """What is to be remembered of the flag at `span` of `text`. A missing word can't be dismissed everywhere."""
    cut = max(0, span.start - _AROUND)  # the whole of a long text would take long
    text, span = text[cut : span.end + _AROUND], span.shifted(-cut)
    paragraph = next(p for p in _paragraphs(text) if span.start <= p.end)
    inside = _pieces(text, paragraph)
    first = next((i for i, piece in enumerate(inside) if piece.span.end > span.start), len(inside))
    last = first
    while last < len(inside) and inside[last].span.start < span.end:
        last += 1
    here = _at(inside, first, last)
    return Dismissal(here.flagged, everywhere=True) if everywhere and here.flagged else here


class Dismissed:
    """The dismissed flags of a file; one that does not exist holds none. Raises InputError for a broken file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._know(_read(path))

    def add(self, text: str, span: Span, *, everywhere: bool = False) -> bool:
        """Remember, in the file too, that the flag at `span` was dismissed; False if it was already.

        everywhere: these words are right in any place. Raises InputError when the file cannot be written.
        """
        row = dismissal(text, span, everywhere=everywhere)
        rows = _read(self._path)  # others may have written meanwhile
        self._know(rows if row in rows else [*rows, row])
        if row not in rows:
            self._write()
        return row not in rows

    def remove(self, text: str, span: Span, *, everywhere: bool = False) -> bool:
        """Take a dismissal back; False if there was none. Raises InputError when the file cannot be written."""
        row = dismissal(text, span, everywhere=everywhere)
        rows = _read(self._path)
        self._know([other for other in rows if other != row])
        if row in rows:
            self._write()
        return row in rows

    def rows(self) -> list[str]:
        """The lines of the file, as they would be written."""
        return [_line(row) for row in self._rows]

    def holds(self, text: str, span: Span) -> bool:
        """Whether the flag at `span` of `text` was dismissed."""
        here = dismissal(text, span)
        return here in self._rows or Dismissal(here.flagged, everywhere=True) in self._rows

    def spans(self, text: str) -> list[Span]:
        """The stretches of `text` whose flags were dismissed; they may overlap.

        For a missing word that is the white space where it would stand.
        """
        return [span for paragraph in _paragraphs(text) for span in self._within(_pieces(text, paragraph))]

    def everywhere_in(self, text: str) -> DismissedEverywhere:
        """For a review of `text`: what is dismissed there is dismissed in any place."""
        return DismissedEverywhere(self, text)

    def _within(self, inside: Sequence[Piece]) -> Iterator[Span]:
        for first in range(len(inside) + 1):
            start = inside[first].form if first < len(inside) else ""
            for length in {*self._lengths.get(start, ()), *self._lengths.get("", ())}:
                here = _at(inside, first, first + length)
                if here in self._rows or Dismissal(here.flagged, everywhere=True) in self._rows:
                    yield _place(inside, first, first + length)

    def _know(self, rows: Iterable[Dismissal]) -> None:
        self._rows = dict.fromkeys(rows)  # a set that keeps the order of the file
        self._lengths: dict[str, set[int]] = {}
        for row in self._rows:
            parts = row.flagged.split()
            self._lengths.setdefault(parts[0] if parts else "", set()).add(len(parts))

    def _write(self) -> None:
        write_atomic(self._path, "".join(self.rows()))


@dataclass(frozen=True, slots=True)
class DismissedEverywhere:
    """The store for the spans of one text."""

    store: Dismissed
    text: str

    def add(self, span: Span) -> bool:
        return self.store.add(self.text, span, everywhere=True)

    def remove(self, span: Span) -> None:
        self.store.remove(self.text, span, everywhere=True)


def _at(inside: Sequence[Piece], first: int, last: int) -> Dismissal:
    before = [piece.form for piece in inside[max(0, first - 2 * BESIDE) : first] if piece.is_word]
    after = [piece.form for piece in inside[last : last + 2 * BESIDE] if piece.is_word]
    flagged = [piece.form for piece in inside[first:last]]
    return Dismissal(" ".join(flagged), " ".join(before[-BESIDE:]), " ".join(after[:BESIDE]))


def _place(inside: Sequence[Piece], first: int, last: int) -> Span:
    if first < last:
        return Span(inside[first].span.start, inside[min(last, len(inside)) - 1].span.end)
    start = inside[first - 1].span.end if first else inside[0].span.start if inside else 0
    return Span(start, inside[first].span.start if first < len(inside) else start)


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for match in _PARAGRAPH_END.finditer(text):
        yield Span(start, match.start())
        start = match.end()
    yield Span(start, len(text))


def _pieces(text: str, paragraph: Span) -> list[Piece]:
    return [
        Piece(piece.span.shifted(paragraph.start), piece.form.casefold(), piece.spaced)
        for piece in pieces(paragraph.of(text))
    ]


def _line(row: Dismissal) -> str:
    return json.dumps({name: value for name, value in asdict(row).items() if value or name == "flagged"},
                      ensure_ascii=False) + "\n"  # fmt: skip


def _read(path: Path) -> list[Dismissal]:
    if not path.exists():
        return []
    lines = read_document(path).text.removeprefix("\ufeff").split("\n")
    return [_row(line, f"{path}: line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _row(line: str, place: str) -> Dismissal:
    try:
        fields = json.loads(line)
        row = Dismissal(**fields)
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{place}: is no dismissed flag; repair or delete the line.") from error
    texts = (row.flagged, row.before, row.after)
    if not all(isinstance(text, str) for text in texts) or not isinstance(row.everywhere, bool):
        raise InputError(f"{place}: is no dismissed flag; repair or delete the line.")
    return row
