"""What a person is told of a place that looks wrong: its kind and why, as far as something speaks for it."""

from __future__ import annotations

from itertools import pairwise

from mtfix.detector.spans import Suspicion
from mtfix.documents.categories import FUNCTION_WORDS, base_forms
from mtfix.documents.facts import numbers
from mtfix.documents.words import words
from mtfix.senses.lexicon import Confusion, own
from mtfix.types import Category, Edit, Flag, Span

# words that are never without their capital
_CAPITALS = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february april june july august september
    october november december i""".split()
)  # fmt: skip

# what can be seen in the words themselves; the detector knows better than rules of the others
_PLAIN = frozenset({"omission", "repetition", "casing", "name", "number-unit"})


def flag(
    sentence: str,
    suspicion: Suspicion,
    edit: Edit | None = None,
    *,
    confusion: Confusion | None = None,
    searched: bool = False,
) -> Flag:
    """The flag of a suspicion; `searched` says that a repair was looked for, found or not.

    `confusion`: why the words of the repair are taken for one another.
    """
    if edit is not None:
        message = f"{_complaint(edit.original.strip())}: {_repair(edit, confusion)}"
        return Flag(suspicion.span, edit.category, suspicion.score, message)
    seen = _category(sentence, suspicion.span)
    message = _REASONS.get(seen, _complaint)(suspicion.span.of(sentence))
    # a guess at the kind is no reason that a person could check
    category = seen if seen in _PLAIN or suspicion.kind is None else suspicion.kind
    return Flag(
        suspicion.span, category, suspicion.score, f"{message}: no trustworthy repair found" if searched else message
    )


def _complaint(text: str) -> str:
    return f"“{text}” looks wrong here" if text else "something seems to be missing here"


_REASONS = {
    "repetition": lambda text: f"“{text}” says something twice",
    "casing": lambda text: f"“{text}” lacks a capital",
    "function-word": lambda text: f"“{text}” is perhaps not the right little word here",
}


def _repair(edit: Edit, confusion: Confusion | None) -> str:
    new = edit.replacement.strip()
    if not new:
        return "perhaps it should go"
    if confusion is None:
        return f"perhaps “{new}”"
    alone = confusion.one in base_forms(edit.original.strip().lower())
    both = "both" if alone else f"“{confusion.one}” and “{confusion.other}”"
    return f"perhaps “{new}” ({confusion.language} “{confusion.word}” means {both})"


def _category(sentence: str, span: Span) -> Category:
    """What can be said of damage whose repair isn't known; "other" where only a guess could be made."""
    if span.start == span.end:
        return "omission"
    initial = not sentence[: span.start].strip()
    inner = [w.of(sentence) for w in words(sentence) if w.overlaps(span)]
    if _twice(sentence, span):
        return "repetition"
    if len(inner) == 1 and inner[0] in _CAPITALS:
        return "casing"
    if any(w[0].isupper() for w in inner[1 if initial else 0 :]):
        return "name"
    if numbers(span.of(sentence)):
        return "number-unit"
    if all(w.lower() in FUNCTION_WORDS or not w[0].isalnum() for w in inner):
        return "function-word"
    return "wrong-sense" if len(inner) == 1 and own().knows(inner[0].lower()) else "other"


def _twice(sentence: str, span: Span) -> bool:
    """Whether a word in the span is the same as its neighbour."""
    found = words(sentence)
    return any(
        a.of(sentence).lower() == b.of(sentence).lower() and a.of(sentence)[0].isalpha()
        for a, b in pairwise(found)
        if a.overlaps(span) or b.overlaps(span)
    )
