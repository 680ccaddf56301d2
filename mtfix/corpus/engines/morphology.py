"""Lemmas and inflected forms, as lemminflect knows them, each asked for once: it copies its tables for every answer.

What these functions return is shared: it must not be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from lemminflect import getAllInflections, getAllLemmas, getInflection

_KEPT = 200_000  # answers of each kind; some 50 MB when full

Forms = Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=_KEPT)
def lemmas(word: str) -> Forms:
    """The lemmas that a form can have, by universal part of speech (NOUN, VERB, ADJ, ADV, AUX)."""
    found: Forms = getAllLemmas(word)
    return found


@lru_cache(maxsize=_KEPT)
def inflections(lemma: str, upos: str) -> Forms:
    """The forms that the dictionary has for a lemma, by Penn tag."""
    found: Forms = getAllInflections(lemma, upos=upos)
    return found


@lru_cache(maxsize=_KEPT)
def inflected(lemma: str, tag: str) -> tuple[str, ...]:
    """The spellings of a lemma's form with a Penn tag, by rule where the dictionary has none."""
    return tuple(getInflection(lemma, tag=tag))
