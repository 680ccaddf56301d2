"""Accidents of tools, as against mistakes of translation: words run together, rests of markup, broken names.

No reader meets them in real machine translation, and a model that learns them learns the tool.
"""

from __future__ import annotations

import re

from wordfreq import zipf_frequency

_WORD = re.compile(r"[^\W\d_]+")
# markup, digits inside words, articles that stand for a part of a name ("al-Sherif" → "the-Sherif")
_REST = re.compile(r"\d[^\W\d]+\d|[^\W\d]'os?\b|[<>{}^$\\]|\b(?:the|to|of)-[A-Z]|-(?:the|at)\b")
_KNOWN = 4  # letters of a word that need not be known
LEAST, MOST = 0.5, 1.8  # words that come back for every word


def accident(source: str, output: str) -> bool:
    """Whether the output holds what only an accident explains. Names may be unknown, other words may not."""
    words, given = _WORD.findall(output), _WORD.findall(source)
    if not LEAST * len(given) <= len(words) <= MOST * len(given):
        return True
    known = set(given)
    if set(_REST.findall(output)) - set(_REST.findall(source)):
        return True
    return any(_broken(word, known) for word in words if word not in known and len(word) >= _KNOWN)


def _broken(word: str, known: set[str]) -> bool:
    if word[0].isupper():  # a name with a foreign verb at its end: "Sahelha"
        return word.endswith("ha") and word.removesuffix("ha") in known
    return zipf_frequency(word, "en") == 0
