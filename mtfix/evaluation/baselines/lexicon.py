"""A lexicon of tortured phrases and nothing else: every phrase found is flagged and replaced.

The file is JSON lines with `tortured` (or `phrase`) and `expected`, as the Problematic Paper Screener's
lexicon gives them. The longest phrase wins; casing of the first letter is carried over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mtfix.documents.words import words
from mtfix.errors import ConfigError, InputError
from mtfix.evaluation.items import Item, Output, OutputEdit, ScoredSpan
from mtfix.evaluation.outputs import applied
from mtfix.evaluation.readers.base import RowError, lines, object_in, text_in
from mtfix.evaluation.systems import Options
from mtfix.types import Span

_CATEGORY = "tortured-phrase"


class LexiconBaseline:
    """`options.lexicon` is the file; ConfigError when there is none."""

    name = "lexicon"
    stored = False

    def __init__(self, options: Options) -> None:
        if options.lexicon is None:
            raise ConfigError("the baseline lexicon needs a file of phrases: name it with --lexicon.")
        self._path = options.lexicon
        self._phrases: dict[tuple[str, ...], str] = {}
        self._longest = 0
        self._digest = ""

    def start(self) -> None:
        from mtfix.evaluation.suites import file_digest

        self._digest = file_digest(self._path)
        for number, line in lines(self._path):
            try:
                row = object_in(line)
                phrase = text_in(row, "tortured" if "tortured" in row else "phrase")
                self._phrases.setdefault(_key(phrase), text_in(row, "expected"))
            except RowError as error:
                raise InputError(f"{self._path}:{number}: {error}.") from error
        self._longest = max(map(len, self._phrases), default=0)

    def stop(self) -> None:
        self._phrases = {}

    @property
    def signature(self) -> dict[str, Any]:
        return {"lexicon": self._digest[:12], "phrases": len(self._phrases)}

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        for item in items:
            edits = tuple(self._edits(item.text))
            flags = tuple(ScoredSpan(edit.span, 1.0, _CATEGORY) for edit in edits)
            yield Output(item.id, applied(item.text, edits), edits, flags)

    def _edits(self, text: str) -> Iterator[OutputEdit]:
        spans = words(text)
        tokens = [span.of(text).lower() for span in spans]
        i = 0
        while i < len(tokens):
            length = next((n for n in range(self._longest, 0, -1) if tuple(tokens[i : i + n]) in self._phrases), 0)
            if length:
                span = Span(spans[i].start, spans[i + length - 1].end)
                expected = self._phrases[tuple(tokens[i : i + length])]
                capital = text[span.start].isupper() and expected.islower()
                yield OutputEdit(span, expected[:1].upper() + expected[1:] if capital else expected, category=_CATEGORY)
            i += max(1, length)


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(span.of(phrase).lower() for span in words(phrase))
