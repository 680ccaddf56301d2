"""Reviews of made-up findings, without models and without a screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtfix.documents.edits import apply_edits
from mtfix.review.log import Log, open_log
from mtfix.review.mending import Own, corrections, on_one_line
from mtfix.review.points import points
from mtfix.review.session import Session, begin
from mtfix.types import Alternative, Category, Correction, Document, Edit, Flag, Span

# word -> category, repairs with their confidence (none: only a flag)
FINDINGS: dict[str, tuple[Category, list[tuple[str, float]]]] = {
    "final": ("wrong-sense", [("late", 0.83), ("dead", 0.12), ("last", 0.03)]),
    "victims": ("collocation", [("casualties", 0.42), ("losses", 0.2)]),
    "refused": ("wrong-sense", []),
    "talks": ("agreement-tense", [("talk", 0.2)]),
}
TEXT = (
    "Under his final father the army suffered many victims. He refused the offer.\n\n"
    "A second paragraph talks of the final victims.\n"
)


class Fake:
    """A corrector that knows the words of FINDINGS and leaves the untouchable alone."""

    def __init__(self) -> None:
        self.asked = 0

    def fix(self, text: str | Document) -> Correction:
        self.asked += 1
        document = Document(text) if isinstance(text, str) else text
        return correction(document.text, document.untouchable)

    def suggest(self, text: str | Document, places: Sequence[Span]) -> list[list[Edit]]:
        """Other words for "refused", and one that takes its neighbour along."""
        text = text if isinstance(text, str) else text.text
        found = []
        for place in places:
            words = place.of(text)
            news = ["declined", "rejected"] if words == "refused" else []
            made = [Edit(place, words, new, "wrong-sense", 0.3, "rewriter", False) for new in news]
            wider = Span(place.start - 1, place.end)
            found.append([*made, Edit(wider, wider.of(text), "-x", "other", 0.1, "rewriter", False)])
        return found


def correction(text: str, untouchable: tuple[Span, ...] = ()) -> Correction:
    flags, edits = [], []
    for match in re.finditer("|".join(FINDINGS), text):
        span, word = Span(*match.span()), match.group()
        if any(span.overlaps(other) for other in untouchable):
            continue
        category, repairs = FINDINGS[word]
        flags.append(Flag(span, category, 0.91, f"“{word}” looks wrong here"))
        if repairs:
            (best, sure), *others = repairs
            more = tuple(Alternative(words, confidence) for words, confidence in others)
            edits.append(Edit(span, word, best, category, sure, "rewriter", sure > 0.5, more))
    fixed = apply_edits(text, [edit for edit in edits if edit.applied])
    return Correction(text, fixed, tuple(flags), tuple(edits))


class Memory:
    """A record that forgets nothing, in place of a log."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def append(self, row: dict[str, Any]) -> None:
        self.rows.append(row)


def session(text: str = TEXT, record: Memory | Log | None = None, earlier: Session | None = None) -> Session:
    return begin(text, points(correction(text)), {"document": "a.txt"}, record or Memory(), earlier)


def kept(folder: Path) -> Log:
    return open_log(folder / "a.txt.review")


def typed(old: str, new: str) -> list[Own]:
    """Corrections of the first sentence of TEXT."""
    sentence = Span(0, TEXT.index(" He refused"))
    return corrections(TEXT, sentence, on_one_line(sentence.of(TEXT)).replace(old, new))
