"""What a system does to good text: every edit is harm; changed facts are counted apart."""

from __future__ import annotations

from collections.abc import Callable, Container
from difflib import SequenceMatcher
from typing import Any

from mtfix.documents.facts import negations, numbers
from mtfix.documents.quotes import quotations
from mtfix.documents.segment import sentences
from mtfix.documents.words import words
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.scores.base import Floats, Metric, Rows, ratio
from mtfix.judge.decide import opens_as_name
from mtfix.types import Span

_FACTS = ("numbers", "names", "negations", "quotations")


class Harm:
    """Applied edits and flags per 1,000 clean items (sentences in suites of sentences) and per 1,000 words."""

    metrics = {  # noqa: RUF012
        "edits_per_1000": Metric("items", "lower"),
        "edits_per_1000_words": Metric("", "lower"),
        "flags_per_1000": Metric("items", "lower"),
        "flags_per_1000_words": Metric("", "lower"),
        "changed_items": Metric("%", "lower"),
        **{f"{fact}_changed": Metric("items", "lower") for fact in _FACTS},
    }

    def __init__(self) -> None:
        self._rows = Rows(5 + len(_FACTS))

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        if not item.clean:
            return {}
        edits = sum(e.applied for e in output.edits) or int(output.corrected != item.text)
        flags = len(output.flags or ())
        facts = changed_facts(item.text, output.corrected)
        self._rows.add(block, [
            1, len(words(item.text)), edits, flags, float(output.corrected != item.text),
            *(float(facts[fact]) for fact in _FACTS),
        ])  # fmt: skip
        return {"harm_edits": edits, "harm_flags": flags, "facts_changed": sum(facts.values())}

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        items, count, edits, flags, changed, *facts = self._rows.sums(weights)
        return {
            "edits_per_1000": ratio(edits, items, 1000), "edits_per_1000_words": ratio(edits, count, 1000),
            "flags_per_1000": ratio(flags, items, 1000), "flags_per_1000_words": ratio(flags, count, 1000),
            "changed_items": ratio(changed, items, 100),
            **{f"{fact}_changed": float(n) if items else float("nan") for fact, n in zip(_FACTS, facts, strict=True)},
        }  # fmt: skip

    def curves(self) -> dict[str, Any]:
        return {}

    def counts(self) -> dict[str, int]:
        sums = self._rows.sums()
        return {"clean_items": int(sums[0]), "clean_words": int(sums[1]), "harmful_edits": int(sums[2])}


def changed_facts(before: str, after: str) -> dict[str, bool]:
    """Which kinds of facts differ between two versions of a text."""
    readings: dict[str, Callable[[str], Any]] = {
        "numbers": numbers, "names": _inner_names, "negations": negations,
        "quotations": lambda text: [span.of(text) for span in quotations(text)],
    }  # fmt: skip
    changed = {fact: before != after and read(before) != read(after) for fact, read in readings.items()}
    if before != after and not changed["names"]:
        changed["names"] = _names_changed(before, after)
    return changed


def _names_changed(before: str, after: str) -> bool:
    """Whether other words have capitals now, or the same in another order; casing alone changes no name."""
    old, new = words(before), words(after)
    lower = [[span.of(text).lower() for span in spans] for text, spans in ((before, old), (after, new))]
    recased: tuple[set[Span], set[Span]] = (set(), set())
    for first, second, size in SequenceMatcher(None, lower[0], lower[1], autojunk=False).get_matching_blocks():
        for one, other in zip(old[first : first + size], new[second : second + size], strict=True):
            if one.of(before) != other.of(after):
                recased[0].add(one)
                recased[1].add(other)
    return _names(before, recased[0]) != _names(after, recased[1])


def _names(text: str, but: Container[Span]) -> list[str]:
    """Words with a capital, in order; those that open a sentence only where they are not known in lower case, too."""
    found = []
    for sentence in sentences(text):
        spans = [span.shifted(sentence.start) for span in words(sentence.of(text))]
        for i, span in enumerate(span for span in spans if text[span.start].isalnum()):
            word = span.of(text)
            named = any(char.isupper() for char in word) and (i or opens_as_name(word))
            found += [word] if named and span not in but else []
    return found


def _inner_names(text: str) -> list[str]:
    """Capitalised words that don't begin a sentence, sorted, with repetitions: here a new capital counts, too."""
    found, opens = [], True
    for span in words(text):
        word = span.of(text)
        if not opens and word[:1].isupper():
            found.append(word)
        opens = word in {".", "!", "?", ":", "“", '"'} if not word[:1].isalnum() else False
    return sorted(found)
