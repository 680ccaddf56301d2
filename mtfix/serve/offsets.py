"""Offsets in UTF-16 code units, which is what LanguageTool's clients and JavaScript count."""

from __future__ import annotations

from bisect import bisect_left

from mtfix.types import Span


class Utf16:
    """Converts code points (Python) of one text to UTF-16 code units."""

    def __init__(self, text: str) -> None:
        # characters outside the Basic Multilingual Plane take two code units
        self._wide = [i for i, character in enumerate(text) if character > "\uffff"]

    def units(self, offset: int) -> int:
        """Code units before the code point `offset`."""
        return offset + bisect_left(self._wide, offset)

    def length(self, span: Span) -> int:
        """Code units in the span."""
        return self.units(span.end) - self.units(span.start)
