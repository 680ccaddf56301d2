"""What a word of a tortured phrase may stand for, and what speaks for it: the evidence that the channel is fitted on.

Paraphrasing tools exchange words one by one, most often for a synonym in another sense ("deep learning" became
"profound learning"), so what a word stood for in other phrases, and what dictionaries relate it to, are candidates.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mtfix.corpus.engines import morphology
from mtfix.corpus.engines.lexical import TAGS, UPOS, inflect, tags_of
from mtfix.corpus.wordnet import English
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.words import words
from mtfix.senses.channel import LONGEST_UNIT
from mtfix.senses.lexicon import Senses

FEATURES = 11
_UPOS = {tags[0][0]: upos for upos, pos in UPOS.items() for tags in [TAGS[pos]]}  # by the first letter of a Penn tag


@dataclass(frozen=True, slots=True)
class Exchange:
    """Lower-case forms that stand in the same place of a tortured phrase and of the right one; and the right one."""

    tortured: str
    meant: str
    phrase: str


def exchanges(rows: Iterable[Mapping[str, Any]]) -> list[Exchange]:
    """Of the lexicon's phrases that have as many words as the right ones, word by word; words that stay are among them.

    rows: `tortured` and `expected`. Those whose right phrase is a guess (`uncertain`) are left out.
    """
    found = []
    for row in rows:
        old, new = forms(row["tortured"]), forms(row["expected"])
        if len(old) == len(new) and not row.get("uncertain"):
            phrase = " ".join(new)
            found += [
                Exchange(a, b, phrase) for a, b in zip(old, new, strict=True) if a[0].isalpha() and b[0].isalpha()
            ]
    return found


def units(rows: Iterable[Mapping[str, Any]], known: Iterable[Exchange]) -> dict[str, Counter[str]]:
    """What several words stood for together, or one for several, and how often: "half and half" for "hybrid".

    Of phrases that have not as many words as the right ones: what is left of both without the words at their start and
    end that are the same or known to be exchanged for one another.
    """
    alike = {(one.tortured, one.meant) for one in known}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        old, new = forms(row["tortured"]), forms(row["expected"])
        if len(old) == len(new) or row.get("uncertain"):
            continue
        for side in (-1, 0):
            while min(len(old), len(new)) > 1 and (old[side] == new[side] or (old[side], new[side]) in alike):
                del old[side], new[side]
        plain = all(word[0].isalpha() for word in (*old, *new))
        if plain and len(old) <= LONGEST_UNIT and len(new) <= LONGEST_UNIT:
            found[" ".join(old)][" ".join(new)] += 1
    return found


def forms(phrase: str) -> list[str]:
    return [word.of(phrase).lower() for word in words(phrase)]


@dataclass(frozen=True, slots=True)
class _Reading:
    lemma: str
    tags: tuple[str, ...]


class Evidence:
    """Knows a lexicon's exchanges, WordNet and the lexicon of senses."""

    def __init__(self, known: Iterable[Exchange], english: English, senses: Senses) -> None:
        self.english, self.senses = english, senses
        self.known = list(known)
        self.seen: dict[str, Counter[str]] = defaultdict(Counter)
        self._lemmas: dict[str, Counter[str]] = defaultdict(Counter)
        self._of_phrase: dict[str, list[Exchange]] = defaultdict(list)
        for one in self.known:
            self.seen[one.tortured][one.meant] += 1
            self._of_phrase[one.phrase].append(one)
            _count_lemmas(one, self._lemmas)
        self._phrases = Counter(w for phrase in self._of_phrase for w in phrase.split())

    def of(self, word: str, without: str = "") -> dict[str, list[float]]:
        """Each form that a lower-case form may stand for -> FEATURES numbers; itself among them.

        without: a right phrase of the lexicon, of whose exchanges nothing is to be known.
        """
        own = self._of_phrase.get(without, [])
        seen = self.seen[word] - Counter(one.meant for one in own if one.tortured == word)
        again = Counter({form: count for form, count in self._by_lemma(word, own).items() if count > 0})
        phrases = Counter(dict.fromkeys(without.split(), 1))
        related = self._related(word)
        hops = Counter(
            meant for base in self._near(word) for meant, rows in self._stood.get(base, {}).items()
            if any(row.phrase != without for row in rows)
        )  # fmt: skip
        total = sum(seen.values())
        found = {}
        for form in sorted({word, *seen, *again, *related, *hops}):
            same, part_of = form == word, max(0, self._phrases[form] - phrases[form])
            synonym, relative, languages = related.get(form, (0, 0, 0))
            found[form] = [
                math.log1p(seen[form]), math.log1p(again[form]), synonym, relative, math.log1p(languages),
                math.log1p(hops[form]), math.log1p(part_of), float(part_of > 0),
                float(same), float(same and word in FUNCTION_WORDS), same * math.log1p(total),
            ]  # fmt: skip
        return found

    def _by_lemma(self, word: str, without: Iterable[Exchange]) -> dict[str, float]:
        """What other forms of the word stood for, in the form that goes with this one."""
        out: dict[str, Counter[str]] = defaultdict(Counter)
        for one in without:
            _count_lemmas(one, out)
        found: dict[str, float] = defaultdict(float)
        for reading in _readings(word):
            for lemma, count in self._lemmas.get(reading.lemma, {}).items():
                for form in _inflected(lemma, reading.tags):
                    found[form] = max(found[form], count - out[reading.lemma][lemma])
        return found

    def _related(self, word: str) -> dict[str, tuple[int, int, int]]:
        """Form -> whether a synonym, whether a relative in WordNet, languages that have one word for both."""
        found: dict[str, tuple[int, int, int]] = {}
        for reading in _readings(word):
            synonyms = self.english.synonyms.get(reading.lemma, set())
            relatives = self.english.relatives.get(reading.lemma, set())
            confused = self.senses.confused(reading.lemma)
            for other in {*synonyms, *relatives, *confused}:
                told = (int(other in synonyms), int(other in relatives), confused.get(other, 0))
                for form in _inflected(other, reading.tags):
                    a, b, c = found.get(form, (0, 0, 0))
                    found[form] = (max(a, told[0]), max(b, told[1]), max(c, told[2]))
        return found

    def _near(self, word: str) -> set[str]:
        """Lemmas that WordNet relates to the word."""
        groups = (self.english.synonyms, self.english.relatives)
        return {o for reading in _readings(word) for group in groups for o in group.get(reading.lemma, ())}

    @cached_property
    def _stood(self) -> dict[str, dict[str, list[Exchange]]]:
        """Lemma of a tortured form -> what it stood for -> where."""
        found: dict[str, dict[str, list[Exchange]]] = defaultdict(lambda: defaultdict(list))
        for one in self.known:
            if one.tortured != one.meant:
                for lemma in _lemmas(one.tortured):
                    found[lemma][one.meant].append(one)
        return found


def _count_lemmas(one: Exchange, table: dict[str, Counter[str]]) -> None:
    for old in _lemmas(one.tortured):
        for new in _lemmas(one.meant):
            table[old][new] += 1


def _lemmas(word: str) -> set[str]:
    return {lemma.lower() for found in morphology.lemmas(word).values() for lemma in found} or {word}


def _readings(word: str) -> list[_Reading]:
    found = []
    for upos, lemmas in morphology.lemmas(word).items():
        pos = UPOS.get(upos, "")
        for lemma in lemmas if pos else ():
            found.append(_Reading(lemma.lower(), tuple(tags_of(word, lemma, pos))))
    return found or [_Reading(word, ("NN",))]


def _inflected(lemma: str, tags: Iterable[str]) -> set[str]:
    """The forms with the tags that a dictionary has; of a lemma without any the lemma."""
    found = {inflect(lemma, tag).lower() for tag in tags if morphology.inflections(lemma, _UPOS[tag[0]])}
    return found or {lemma}
