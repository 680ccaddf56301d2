"""English words that another language has one word for: what a translation takes for one another.

Indonesian `terakhir` is "final" and "late" alike, so that a "late father" can come back as a "final father". The
lexicon is evidence, for the judge and for people, and never a source of repairs. `scripts/build_senses.py` makes it
from the Open Multilingual Wordnet; what it holds and its licences: data/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mtfix.documents.categories import FUNCTION_WORDS, base_forms
from mtfix.documents.words import words

OWN = Path(__file__).parent / "data" / "senses.npz"
# ISO 639-3 code of each wordnet -> name; the order is that of the file's bits
LANGUAGES = {
    "bul": "Bulgarian", "cmn": "Chinese", "ell": "Greek", "fas": "Persian", "hrv": "Croatian", "ind": "Indonesian",
    "ita": "Italian", "pol": "Polish", "zsm": "Malay",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Confusion:
    """`languages`: how many have one word for both; `language` and `word`: the plainest case."""

    one: str
    other: str
    languages: int
    language: str
    word: str


class Senses:
    """Looks pairs of words up; the file is read at the first look."""

    def __init__(self, path: Path = OWN) -> None:
        self.path = path

    @cached_property
    def _tables(self) -> dict[str, Any]:
        with np.load(self.path) as file:
            return {name: file[name] for name in file.files}

    @cached_property
    def _words(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self._tables["words"].tobytes().decode().split("\n"))}

    @cached_property
    def _lemmas(self) -> list[str]:
        return str(self._tables["lemmas"].tobytes().decode()).split("\n")

    def knows(self, form: str) -> bool:
        """Whether the lower-case form is of a word that is confused with others at all."""
        return any(base in self._words for base in base_forms(form))

    def confused(self, lemma: str) -> dict[str, int]:
        """The words that other languages confuse with a lower-case lemma, and in how many."""
        number = self._words.get(lemma)
        return self._confused[number] if number is not None else {}

    @cached_property
    def _confused(self) -> list[dict[str, int]]:
        names, tables = list(self._words), self._tables
        found: list[dict[str, int]] = [{} for _ in names]
        for low, (start, end) in enumerate(pairwise(tables["starts"].tolist())):
            for place in range(start, end):
                high, count = int(tables["others"][place]), int(tables["languages"][place]).bit_count()
                found[low][names[high]] = found[high][names[low]] = count
        return found

    def confusion(self, old: str, new: str) -> Confusion | None:
        """Of a phrase and its replacement: how the one content word in which they differ is confused, if so."""
        one, other = _content(old), _content(new)
        one, other = [w for w in one if w not in other], [w for w in other if w not in one]
        if len(one) != 1 or len(other) != 1:
            return None
        found = [c for a in base_forms(one[0]) for b in base_forms(other[0]) if (c := self._pair(a, b))]
        return max(found, key=lambda c: c.languages, default=None)

    def _pair(self, one: str, other: str) -> Confusion | None:
        low, high = sorted((one, other))
        if low == high or low not in self._words or high not in self._words:
            return None
        tables, low_number = self._tables, self._words[low]
        start, end = tables["starts"][low_number : low_number + 2]
        place = int(start + np.searchsorted(tables["others"][start:end], self._words[high]))
        if place >= end or tables["others"][place] != self._words[high]:
            return None
        language = list(LANGUAGES.values())[int(tables["spoken"][place])]
        count = int(tables["languages"][place]).bit_count()
        return Confusion(one, other, count, language, self._lemmas[int(tables["example"][place])])


@lru_cache(maxsize=1)
def own() -> Senses:
    """The lexicon of the package."""
    return Senses()


def _content(text: str) -> list[str]:
    found = [w.of(text).lower() for w in words(text)]
    return [w for w in found if w[0].isalpha() and w not in FUNCTION_WORDS]
