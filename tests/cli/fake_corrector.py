"""A corrector without models: knows three words and one foreign language, and reads ahead like the real one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from typer.testing import Result

from mtfix.documents.edits import apply_edits, respected
from mtfix.types import Alternative, Correction, Detection, Document, Edit, Fingerprint, Flag, Gap, Span, Token

_Result = TypeVar("_Result")

FINGERPRINT = Fingerprint("0.0.0", {"detector": "abc"}, {"strictness": "balanced"})

HERE = Path(__file__).parent
Invoke = Callable[..., Result]

BAD = "A final father.\r\nHe refused.\nFine."
GOOD = "A late father.\r\nHe refused.\nFine."


def put(name: str, text: str) -> Path:
    path = Path(name)
    path.write_bytes(text.encode())
    return path


class FakeCorrector:
    """`final` becomes `late`, `refused` is only flagged, `victims` gets a suggestion."""

    fingerprint = FINGERPRINT

    def __init__(self, force: bool = False, failure: BaseException | None = None) -> None:
        self.force = force
        self.failure = failure
        self.taken = 0

    def fix(self, text: str | Document) -> Correction:
        if isinstance(text, Document) and text.reading:
            return text.reading.restored(self.fix(text.reading.read(text)))
        untouchable, text = (text.untouchable, text.text) if isinstance(text, Document) else ((), text)
        if "BOOM" in text and self.failure:
            raise self.failure
        if "Guten Tag" in text and not self.force:
            return Correction(text, text, (), (), skipped="looks like German", fingerprint=FINGERPRINT)
        edits = [
            Edit(
                Span(*match.span()),
                match.group(),
                new,
                "wrong-sense",
                0.9,
                "rewriter",
                applied,
                (Alternative("x", 0.05),),
            )
            for old, new, applied in (("final", "late", True), ("victims", "casualties", False))
            for match in re.finditer(old, text)
        ]
        edits = respected(sorted(edits, key=lambda edit: edit.span), untouchable, len(text))
        corrected = apply_edits(text, [edit for edit in edits if edit.applied])
        return Correction(text, corrected, self._flags(text, untouchable), tuple(edits), fingerprint=FINGERPRINT)

    def detect(self, text: str | Document) -> Detection:
        if isinstance(text, Document) and text.reading:
            return text.reading.restored(self.detect(text.reading.read(text)))
        correction = self.fix(text)
        text = correction.original
        return Detection(
            text, correction.flags, (Token(Span(0, 1), 0.25),), (Gap(0, 0.5),), correction.skipped, FINGERPRINT
        )

    def fix_many(self, texts: Iterable[str | Document]) -> Iterator[Correction]:
        return self._many(texts, self.fix)

    def detect_many(self, texts: Iterable[str | Document]) -> Iterator[Detection]:
        return self._many(texts, self.detect)

    def _many(self, texts: Iterable[str | Document], work: Callable[[str | Document], _Result]) -> Iterator[_Result]:
        source = iter(texts)
        while batch := list(islice(source, 3)):
            self.taken += len(batch)
            for text in batch:
                yield work(text)

    @staticmethod
    def _flags(text: str, untouchable: tuple[Span, ...]) -> tuple[Flag, ...]:
        found = re.finditer("final|refused|victims", text)
        flags = [Flag(Span(*m.span()), "wrong-sense", 0.91, f"“{m.group()}” looks wrong") for m in found]
        solid = [span for span in untouchable if span.start < span.end]
        return tuple(f for f in flags if not any(f.span.overlaps(span) for span in solid))


class Loader:
    """Stands in for `mtfix.load` and remembers what it was asked for."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure
        self.calls: list[dict[str, Any]] = []
        self.corrector = FakeCorrector()

    def __call__(self, **settings: Any) -> FakeCorrector:
        self.calls.append(settings)
        if self.failure is not None:
            raise self.failure
        self.corrector.force = settings["force"]
        return self.corrector
