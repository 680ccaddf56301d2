"""One spelling for what romanisations and keyboards write differently, and how alike two names are."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe"})
_APART = re.compile(r"[\s\-–‐/.]+")
_NOT_LETTERS = re.compile(r"[^\w ]|_")
# romanisations of one sound, longest first; what is left of a name after this is compared too
_SOUNDS = [
    (re.compile(old), new)
    for old, new in (
        ("tch|tsch|sch|sh|ch|zh|dj|dzh|j", "j"), ("kh|gh|ph|th|dh|bh", lambda m: m[0][0]), ("ck|q|c|x", "k"),
        ("ou|oo|u|w", "u"), ("ee|ey|iy|y|i|e", "i"), ("ts|tz|z", "s"), ("v|f", "f"), ("o", "u"),
        (r"(\w)\1+", r"\1"), ("h", ""),
    )
]  # fmt: skip


@lru_cache(maxsize=65536)
def key(name: str) -> str:
    """Lower case without accents, apostrophes and hyphens: "‘Unābah" and "unabah" are one."""
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(_NOT_LETTERS.sub("", _APART.sub(" ", plain)).split())  # "Dadra & Nagar": one blank is left


@lru_cache(maxsize=65536)
def sound(name: str) -> str:
    """The key with the romanisations of one sound made one: "Khenj" and "Henzh" are one."""
    heard = key(name).replace(" ", "")
    for pattern, new in _SOUNDS:
        heard = pattern.sub(new, heard)
    return heard


def likeness(one: str, other: str) -> float:
    """How alike two names are as strings and as sounds, from 0 to 1 (Jaro-Winkler, indel ratio)."""
    # imported here: `mtfix --help` must not pay for it, and most texts need no comparison
    from rapidfuzz.distance import Indel, JaroWinkler

    a, b = key(one), key(other)
    spelt = (JaroWinkler.similarity(a, b) + Indel.normalized_similarity(a, b)) / 2
    return 0.6 * spelt + 0.4 * Indel.normalized_similarity(sound(one), sound(other))
