"""Tortured phrases put back for the established terms that they stand for ("profound learning").

Cabanac, Labbé and Magazinov (2021) collect them from papers whose text went through paraphrasing tools.
The lexicon is JSON lines with `tortured`, `expected` and, where the phrase alone proves nothing, `requires`
(terms that must stand near it too) and `excludes` (terms that must not).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mtfix.corpus.engines.base import Damage
from mtfix.corpus.tokens import cut
from mtfix.types import Category

_CATEGORY: Category = "tortured-phrase"
Part = Literal["train", "tune", "test"]


def part_of(expected: str) -> Part:
    """Which part of the lexicon an expected phrase is in, with all tortured forms of it: by its hash, four fifths are
    to learn from, a tenth to fit with and a tenth to measure on."""
    number = int(hashlib.sha256(" ".join(expected.lower().split()).encode("utf-8")).hexdigest(), 16)
    return "train" if number % 5 else "tune" if number // 5 % 2 else "test"


def stands_alone(row: Mapping[str, Any]) -> bool:
    """Whether a phrase of the lexicon is wrong wherever it stands, its right one is no guess, and its words touch."""
    return not (row["uncertain"] or row["requires"] or row["excludes"] or row["proximity"])


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to torture a term. Each of `requires` is a set of terms of which one must be there."""

    tortured: str
    requires: tuple[tuple[str, ...], ...] = ()
    excludes: tuple[str, ...] = ()

    def fits(self, text: str) -> bool:
        return all(any(_has(text, term) for term in terms) for terms in self.requires) and not any(
            _has(text, term) for term in self.excludes
        )


class TorturedEngine:
    """Puts tortured phrases in the place of the terms that a sentence holds."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._phrases: dict[tuple[str, ...], list[Phrase]] = defaultdict(list)
        for row in rows:
            # a proximity means that the words stand apart: no phrase; uncertain: the term is a guess
            if row.get("proximity") or row.get("uncertain") or any(c.isdigit() for c in row["expected"]):
                continue
            phrase = Phrase(
                row["tortured"],
                tuple(_any_of(term) for term in row.get("requires", ())),
                tuple(row.get("excludes", ())),
            )
            term = tuple(_tokens(row["expected"]))
            # a lone word ("power", "most") is a term only in its field, which takes a context to tell
            if (len(term) > 1 or (term and phrase.requires)) and phrase.tortured.lower() != row["expected"].lower():
                self._phrases[term].append(phrase)
        self._sizes: dict[str, list[int]] = defaultdict(list)  # lengths of the terms that begin with a word
        for term in sorted(self._phrases, key=len, reverse=True):
            for first in {term[0]} if len(term) > 1 else {term[0], f"{term[0]}s"}:
                if len(term) not in self._sizes[first]:
                    self._sizes[first].append(len(term))

    @classmethod
    def from_file(cls, path: Path) -> TorturedEngine:
        """Of a lexicon's phrases those to learn from: the others are fitted with and measured on (`part_of`)."""
        from mtfix.corpus.rows import read_jsonl

        return cls(row for row in read_jsonl(path) if part_of(row["expected"]) == "train")

    def damage(self, sentence: str, density: float, rng: random.Random, context: str = "") -> Damage:
        """Every known term tortured with a probability of twice the density, where its context allows it."""
        spans, printed = cut(sentence)
        tokens = [word.lower() for word in printed]
        parts: list[str] = []
        position = index = 0
        phrases: dict[str, Category] = {}
        while index < len(tokens):
            size, found = self._at(tokens, index)
            start, end = spans[index].start, spans[index + max(size, 1) - 1].end
            rest = f"{context} {sentence[:start]} {sentence[end:]}"
            fitting = [phrase for phrase in found if phrase.fits(f"{rest} {phrase.tortured}")]
            if fitting and rng.random() < 2 * density:
                term, chosen = sentence[start:end], rng.choice(fitting).tortured
                if tokens[index + size - 1].endswith("s") and not chosen.endswith("s") and self._plural(tokens, index):
                    chosen += "s"
                chosen = _cased(chosen, term, initial=index == 0)
                parts += [sentence[position:start], chosen]
                phrases[chosen] = _CATEGORY
                position = end
                index += size
            else:
                index += 1
        return Damage("".join([*parts, sentence[position:]]), phrases)

    def _at(self, tokens: Sequence[str], index: int) -> tuple[int, list[Phrase]]:
        """Length in words and phrases of the longest known term at `index`; plurals count."""
        for size in self._sizes.get(tokens[index], ()):
            if index + size > len(tokens):
                continue
            term = tuple(tokens[index : index + size])
            found = self._phrases.get(term) or self._phrases.get((*term[:-1], term[-1].removesuffix("s")))
            if found:
                return size, found
        return 0, []

    def _plural(self, tokens: Sequence[str], index: int) -> bool:
        size, _ = self._at(tokens, index)
        return tuple(tokens[index : index + size]) not in self._phrases


def _any_of(term: str | Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return (term,) if isinstance(term, str) else tuple(term["any"])


def _tokens(text: str) -> list[str]:
    return [word.lower() for word in cut(text)[1]]


def _has(text: str, term: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE) is not None


def _cased(phrase: str, term: str, *, initial: bool) -> str:
    """`phrase` in the casing of the term that it replaces."""
    if term.isupper() and len(term) > 1:
        return phrase
    heads = [word[0].isupper() for word in term.split() if word[0].isalpha()]
    if len(heads) > 1 and all(heads):
        return " ".join(word[0].upper() + word[1:] for word in phrase.split())
    if heads and heads[0] and (initial or len(heads) == 1):
        return phrase[0].upper() + phrase[1:]
    return phrase if any(letter.isupper() for letter in phrase[1:]) else phrase.lower()
