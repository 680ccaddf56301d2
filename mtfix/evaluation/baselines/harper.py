"""Harper, a rule-based grammar checker (PyPI harper-py), applied as a corrector.

Every lint is a flag; of each lint the first suggestion is applied, from left to right, where it does not
overlap one applied before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from mtfix.evaluation.extra import require
from mtfix.evaluation.items import Item, Output, OutputEdit, ScoredSpan
from mtfix.evaluation.outputs import applied
from mtfix.evaluation.systems import Options
from mtfix.types import Span


class HarperBaseline:
    """American English with Harper's own choice of rules, texts read as plain text."""

    name = "harper"
    stored = False

    def __init__(self, options: Options) -> None:
        del options
        self._linter: Any = None
        self._kind: Any = None

    def start(self) -> None:
        harper = require("harper", what="the baseline harper")
        self._linter, self._kind = harper.Linter(), harper.SuggestionKind

    def stop(self) -> None:
        self._linter = None

    @property
    def signature(self) -> dict[str, Any]:
        return {"harper-py": version("harper-py")}

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        for item in items:
            found = self._linter.lint(item.text, language="plaintext")
            lints = sorted(found, key=lambda lint: (lint.span.start, lint.span.end))
            flags = tuple(ScoredSpan(Span(lint.span.start, lint.span.end), 1.0, lint.lint_kind) for lint in lints)
            edits = tuple(self._edits(item.text, lints))
            yield Output(item.id, applied(item.text, edits), edits, flags)

    def _edits(self, text: str, lints: Iterable[Any]) -> Iterator[OutputEdit]:
        position = 0
        for lint in lints:
            start, end = lint.span.start, lint.span.end
            if not lint.suggestions or start < position:
                continue
            first, *others = [self._replacement(text[start:end], suggestion) for suggestion in lint.suggestions]
            position = end
            yield OutputEdit(Span(start, end), first, category=lint.lint_kind, alternatives=tuple(others))

    def _replacement(self, problem: str, suggestion: Any) -> str:
        if suggestion.kind == self._kind.REMOVE:
            return ""
        new: str = suggestion.replacement_text
        return problem + new if suggestion.kind == self._kind.INSERT_AFTER else new
