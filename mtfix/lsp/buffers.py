"""An editor's texts, and places in them as the editor counts: lines from 0, columns in units of its encoding."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from mtfix.types import Span

# nothing else ends a line in the protocol; str.splitlines would also break at U+2028, form feeds and the like
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


class Buffer(TextDocument):
    """A text that changes by parts."""

    @property
    def lines(self) -> Sequence[str]:
        return tuple(_LINE.findall(self.source))


class Buffers(Workspace):
    def _create_text_document(
        self, doc_uri: str, source: str | None = None, version: int | None = None, language_id: str | None = None
    ) -> Buffer:
        return Buffer(
            doc_uri, source=source, version=version, language_id=language_id, sync_kind=self._sync_kind,
            position_codec=self._position_codec,
        )  # fmt: skip


class Places:
    """Ranges of one state of a buffer."""

    def __init__(self, buffer: TextDocument) -> None:
        self._lines = buffer.lines
        self._codec = buffer.position_codec
        self._units = self._codec.client_num_units
        self._starts = [0, *accumulate(len(line) for line in self._lines)]

    def range(self, span: Span) -> types.Range:
        return types.Range(self._position(span.start), self._position(span.end))

    def span(self, there: types.Range) -> Span:
        return Span(self._offset(there.start), self._offset(there.end))

    def _offset(self, position: types.Position) -> int:
        if position.line >= len(self._lines):
            return self._starts[-1]
        place = self._codec.position_from_client_units(self._lines, position)
        return self._starts[place.line] + place.character

    def _position(self, offset: int) -> types.Position:
        line = bisect_right(self._starts, offset) - 1
        if line == len(self._lines):  # at the very end: on the last line, if that isn't ended
            ended = not self._lines or self._lines[-1].endswith(("\r", "\n"))
            line -= not ended
        text = self._lines[line][: offset - self._starts[line]] if line < len(self._lines) else ""
        return types.Position(line, self._units(text))


def touch(one: types.Range, other: types.Range) -> bool:
    """Whether the ranges share a place, be it only an end."""
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character
