"""What kind of damage an edit repairs, by what changed between the words (coarse, without a tagger)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mtfix.documents.words import words
from mtfix.types import Category

FUNCTION_WORDS = frozenset(
    """a an the this that these those of in on at to for from by with without about into over under between
    through during before after against as than and or but nor so if because while when where which who whom
    whose it its he him his she her they them their we us our you your i me my is are was were be been being
    am do does did done have has had having will would shall should may might can could must not no 's n't
    there here then also such up out off down""".split()
)


def categorise(original: str, replacement: str, *, initial: bool = False) -> Category:
    """The category of an edit from `original` to `replacement`.

    `initial` says that the edit begins its sentence, where a capital tells nothing about names.
    """
    old = [span.of(original) for span in words(original)]
    new = [span.of(replacement) for span in words(replacement)]
    old_lower, new_lower = [w.lower() for w in old], [w.lower() for w in new]
    if any(w[0].isdigit() for w in old + new) and Counter(old_lower) != Counter(new_lower):
        return "number-unit"
    if not old:
        return "omission"
    if old_lower == new_lower:
        return "casing" if old != new else "other"
    if Counter(old_lower) == Counter(new_lower):
        return "word-order"
    if len(old_lower) > len(new_lower) and _without_repeats(old_lower) == new_lower:
        return "repetition"
    if all(w in FUNCTION_WORDS or not w[0].isalnum() for w in old_lower + new_lower):
        return "function-word"
    inner_old, inner_new = (old[1:], new[1:]) if initial else (old, new)
    if Counter(filter(_capital, inner_old)) != Counter(filter(_capital, inner_new)):
        return "name"
    old_stems, new_stems = content_stems(old), content_stems(new)
    if old_stems == new_stems:
        return "agreement-tense" if len(old) == len(new) == 1 else "word-order"
    return "wrong-sense" if len(old) == len(new) == 1 else "collocation"


def _capital(word: str) -> bool:
    return word[0].isupper()


def _without_repeats(tokens: list[str]) -> list[str]:
    return [t for i, t in enumerate(tokens) if i == 0 or t != tokens[i - 1]]


def content_stems(tokens: Iterable[str]) -> Counter[str]:
    """Stems (first five letters) of the content words: enough to see that a word was moved."""
    return Counter(t.lower()[:5] for t in tokens if t[0].isalnum() and t.lower() not in FUNCTION_WORDS)
