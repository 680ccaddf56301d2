"""Repairs that bring in a place which nobody has named.

A language model that is asked what a garbled name may have been names a place that often stands in such a sentence.
That is a new fact, not a repair: a reader could not tell it from one that the text bears out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

from mtfix.documents.words import words
from mtfix.names.gazetteer import COUNTRY, Gazetteer
from mtfix.names.ground import Names
from mtfix.names.spelling import key, likeness
from mtfix.senses.lexicon import own as lexicon

STEM = 4  # letters that names of one place share ("Kabul", "Kabuli")
ALIKE = 0.6  # likeness from which a name can be another spelling of what stands there ("Londres")


class Told:
    """What a document and the references beside it name."""

    def __init__(self, texts: Iterable[str], gazetteer: Gazetteer) -> None:
        self._texts, self._gazetteer = tuple(texts), gazetteer

    @classmethod
    def by(cls, text: str, names: Names) -> Told:
        """What the text and the references of `names` tell."""
        return cls([text, *(reference.text for reference in names.references)], names.gazetteer)

    @cached_property
    def _stems(self) -> frozenset[str]:
        """Read when the first name is in doubt: most texts have none."""
        return frozenset[str]().union(*map(_stems, self._texts))

    def invented(self, original: str, replacement: str) -> bool:
        """Whether the replacement names a place, no country, that is neither told nor a spelling of the original.

        Countries and their adjectives are words that translators leave as they are ("alemán"), and few enough to guess;
        a capitalised word that English has otherwise is part of a title as a rule ("Court of Human Rights").
        """
        old = [word.of(original) for word in words(original)]
        for word in words(replacement):
            new = word.of(replacement)
            if not new[0].isupper() or new.isupper() or key(new)[:STEM] in self._stems:
                continue
            levels = {place.level for place in self._gazetteer.places(new)}
            if not levels or COUNTRY in levels or lexicon().knows(new.lower()):
                continue
            if all(likeness(new, one) < ALIKE for one in old):
                return True
        return False


@lru_cache(maxsize=16)  # references are the same for many documents
def _stems(text: str) -> frozenset[str]:
    return frozenset(key(word.of(text))[:STEM] for word in words(text))
