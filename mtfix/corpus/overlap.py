"""Keep training text apart from what will be measured on.

A sentence overlaps a held-out text when both are the same but for case, marks and spaces, or when more than
60 % of its runs of seven words stand in that text. Candidates come from MinHash signatures in an LSH Ensemble
(Zhu et al. 2016, made for containment), then the share is counted exactly.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

NGRAM = 7  # words
MOST = 0.6  # share of a sentence's n-grams
# candidates below the limit are asked for too, since a signature only estimates the share
_ASKED = 0.3
_PERMUTATIONS = 128
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Overlap:
    """The held-out text (its name) that a sentence overlaps, and the share of n-grams: 1.0 for the same text."""

    name: str
    share: float


class HeldOut:
    """Held-out texts, as (name, text)."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self._exact: dict[str, str] = {}
        self._grams: list[frozenset[str]] = []
        self._names: list[str] = []
        for name, text in texts:
            key = normalised(text)
            if key and key not in self._exact:
                self._exact[key] = name
                grams = ngrams(key)
                if grams:
                    self._grams.append(grams)
                    self._names.append(name)
        self._every = frozenset().union(*self._grams)
        self._index = _index(self._grams) if self._grams else None

    def __len__(self) -> int:
        return len(self._exact)

    def overlap(self, sentence: str) -> Overlap | None:
        """What the sentence overlaps most; None when it is apart from all held-out texts."""
        key = normalised(sentence)
        if key in self._exact:
            return Overlap(self._exact[key], 1.0)
        grams = ngrams(key)
        # most sentences share no n-gram with any text, and need no signature
        if self._index is None or not grams or len(grams & self._every) <= MOST * len(grams):
            return None
        found = [
            Overlap(self._names[place], len(grams & self._grams[place]) / len(grams))
            for place in self._index.query(_signature(grams), len(grams))
        ]
        most = max(found, key=lambda overlap: overlap.share, default=None)
        return most if most is not None and most.share > MOST else None


def digest(texts: Iterable[tuple[str, str]]) -> str:
    """A checksum of what the texts say, whatever their names, files and order: sha256, 64 hexadecimal digits."""
    found = {hashlib.sha256(normalised(text).encode()).hexdigest() for _, text in texts}
    return hashlib.sha256("".join(sorted(found)).encode()).hexdigest()


def normalised(text: str) -> str:
    """The words of a text in lower case, by one blank each."""
    return " ".join(_WORD.findall(text.lower()))


def ngrams(key: str) -> frozenset[str]:
    """Runs of seven words of a normalised text; none when it is shorter."""
    tokens = key.split()
    return frozenset(" ".join(tokens[i : i + NGRAM]) for i in range(len(tokens) - NGRAM + 1))


def _signature(grams: frozenset[str]) -> Any:
    from datasketch import MinHash

    signature = MinHash(num_perm=_PERMUTATIONS)
    signature.update_batch([gram.encode() for gram in sorted(grams)])
    return signature


def _index(texts: list[frozenset[str]]) -> Any:
    from datasketch import MinHashLSHEnsemble

    index = MinHashLSHEnsemble(threshold=_ASKED, num_perm=_PERMUTATIONS, num_part=8)
    index.index((place, _signature(grams), len(grams)) for place, grams in enumerate(texts))
    return index
