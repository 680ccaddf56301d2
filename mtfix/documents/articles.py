"""a or an: which of the two a word takes, by the sound it begins with, where its spelling tells."""

from __future__ import annotations

import re

from mtfix.documents.words import words
from mtfix.types import Span

_ARTICLES = ("a", "an")
_SILENT_H = re.compile(r"(?:hour|honest|honou?r|heir)", re.IGNORECASE)
# said both ways
_EITHER = re.compile(r"(?:herb|hist|hotel|habitual|hallucin|hypoth)", re.IGNORECASE)
# vowels that begin with the sound of y or w
_CONSONANT = re.compile(
    r"(?:eu|ewe|once\b|one\b|ouija|u(?:ni(?![nmd])|nanim|igh|[bcfhjkqrst][aeiou]|gand|kr|kulele)|u\b)", re.IGNORECASE
)


def article(word: str) -> str | None:
    """"a" or "an", or None where the spelling doesn't tell: numbers, acronyms, letters, words said both ways."""
    if not word[:1].isalpha() or (len(word) > 1 and word[:2].isupper()) or _EITHER.match(word):
        return None
    if _SILENT_H.match(word):
        return "an"
    first = word[0].lower()
    if first not in "abcdefghijklmnopqrstuvwxyz" or len(word) == 1 or word[1] == "-":
        return None
    return "an" if first in "aeiou" and not _CONSONANT.match(word) else "a"


def mended(text: str, span: Span, new: str, floor: int = 0) -> tuple[Span, str]:
    """The edit of `span` to `new`, which also mends an article that it would leave wrong.

    That is the article before the span, if it doesn't begin before `floor`, or the last word of `new`.
    """
    after = words(text[span.end : span.end + 100])
    following = after[0].shifted(span.end).of(text) if after else ""
    inner = words(new)
    glued = new[-1:].isalnum() and text[span.end : span.end + 1].isalnum()  # its end is only a part of a word
    if inner and inner[-1].of(new).lower() in _ARTICLES and not glued:
        return span, new[: inner[-1].start] + _right(inner[-1].of(new), following) + new[inner[-1].end :]
    start = max(0, span.start - 20)
    before = words(text[start : span.start])
    if not before:
        return span, new
    place = before[-1].shifted(start)
    old = place.of(text)
    # "Plan A" is no article
    alone = not text[: place.start].strip() or (text[place.start - 1].isspace() and old.islower())
    if old.lower() not in _ARTICLES or place.start < floor or not alone:
        return span, new
    right = _right(old, inner[0].of(new) if inner else following)
    if right == old:
        return span, new
    return Span(place.start, span.end), right + text[place.end : span.start] + new


def _right(old: str, following: str) -> str:
    """The article `old` as the word after it wants it, in the same casing."""
    right = article(following) or old.lower()
    if right == old.lower():
        return old
    return right.capitalize() if old[0].isupper() else right
