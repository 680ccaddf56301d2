"""What a word of a spun text may stand for, and what speaks for it: the evidence that the channel is fitted on.

Paraphrasing tools exchange words one by one, most often for a synonym in another sense ("deep learning" became
"profound learning"), so what a word stood for in other texts, and what dictionaries relate it to, are candidates.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mtfix.corpus.engines import morphology
from mtfix.corpus.engines.lexical import TAGS, UPOS, inflect, tags_of
from mtfix.corpus.rows import file_of
from mtfix.corpus.wordnet import English
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.words import words
from mtfix.senses.channel import LONGEST_UNIT
from mtfix.senses.lexicon import Senses
from mtfix.types import Span

FEATURES = 11
TINY = 1e-6  # what is left of a count when itself is taken from it
Table = dict[str, dict[str, float]]  # what forms or lemmas stood for, and how often
_UPOS = {tags[0][0]: upos for upos, pos in UPOS.items() for tags in [TAGS[pos]]}  # by the first letter of a Penn tag


@dataclass(frozen=True, slots=True)
class Exchange:
    """Lower-case forms that stand in the same place of a spun text and of the right one.

    source: what both are of, a right phrase or the name of an author's file. count: how often they are.
    """

    tortured: str
    meant: str
    source: str
    count: float = 1.0


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


def written(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Exchange], list[Exchange]]:
    """Exchanges of spun sentences whose repairs are marked: of single words, and of others (one for several, …).

    rows: as of a corpus (`mtfix.corpus.rows`), `id` beginning with the name of their file. Right words are counted by
    so much that they are as many as those exchanged, for most words of a text stay.
    """
    single: Counter[tuple[str, str, str]] = Counter()
    others: Counter[tuple[str, str, str]] = Counter()
    stayed: Counter[tuple[str, str]] = Counter()
    for row in rows:
        text, source, spots = row["damaged"], file_of(row) + ":", []
        for start, end, new, _ in row["edits"]:
            spots.append(Span(start, end))
            old, meant = forms(text[start:end]), forms(new)
            plain = all(word[0].isalpha() for word in (*old, *meant))
            if plain and old != meant and 0 < len(old) <= LONGEST_UNIT and 0 < len(meant) <= LONGEST_UNIT:
                found = single if len(old) == len(meant) == 1 else others
                found[" ".join(old), " ".join(meant), source] += 1
        stayed.update((w.of(text).lower(), source) for w in words(text) if not any(w.overlaps(s) for s in spots))
    plain_words = {pair: count for pair, count in stayed.items() if pair[0][0].isalpha()}
    scale = single.total() / max(1, sum(plain_words.values()))
    kept = [Exchange(word, word, source, count * scale) for (word, source), count in plain_words.items()]
    return (
        [Exchange(*pair, float(count)) for pair, count in single.items()] + kept,
        [Exchange(*pair, float(count)) for pair, count in others.items()],
    )


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
        """known: with right phrases for sources, and of files (`written`), whose names are no words."""
        self.english, self.senses = english, senses
        self.known = list(known)
        self.seen: Table = _table()
        self._lemmas: Table = _table()
        self._stood: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))  # where a lemma did
        self._own: dict[str, tuple[Table, Table]] = defaultdict(lambda: (_table(), _table()))  # by source
        for one in self.known:
            for of_forms, of_lemmas in ((self.seen, self._lemmas), self._own[one.source]):
                of_forms[one.tortured][one.meant] += one.count
                _count_lemmas(one, of_lemmas)
            if one.tortured != one.meant:
                for lemma in _lemmas(one.tortured):
                    self._stood[lemma][one.meant].add(one.source)
        self._phrases = Counter(w for source in self._own for w in source.split())

    def of(self, word: str, without: str = "") -> dict[str, list[float]]:
        """Each form that a lower-case form may stand for -> FEATURES numbers; itself among them.

        without: a source, of whose exchanges nothing is to be known.
        """
        own_seen, own_lemmas = self._own[without] if without in self._own else (_table(), _table())
        seen = _less(self.seen[word], own_seen[word])
        again = self._by_lemma(word, own_lemmas)
        phrases = Counter(dict.fromkeys(without.split(), 1))
        related = self._related(word)
        hops = Counter(
            meant for base in self._near(word) for meant, sources in self._stood.get(base, {}).items()
            if len(sources) > (without in sources)
        )  # fmt: skip
        total = sum(seen.values())
        found = {}
        for form in sorted({word, *seen, *again, *related, *hops}):
            same, part_of = form == word, max(0, self._phrases[form] - phrases[form])
            synonym, relative, languages = related.get(form, (0, 0, 0))
            found[form] = [
                math.log1p(seen.get(form, 0)), math.log1p(again.get(form, 0)), synonym, relative, math.log1p(languages),
                math.log1p(hops[form]), math.log1p(part_of), float(part_of > 0),
                float(same), float(same and word in FUNCTION_WORDS), same * math.log1p(total),
            ]  # fmt: skip
        return found

    def _by_lemma(self, word: str, without: Table) -> dict[str, float]:
        """What other forms of the word stood for, in the form that goes with this one."""
        found: dict[str, float] = defaultdict(float)
        for reading in _readings(word):
            for lemma, count in _less(self._lemmas.get(reading.lemma, {}), without.get(reading.lemma, {})).items():
                for form in _inflected(lemma, reading.tags):
                    found[form] = max(found[form], count)
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


def _table() -> Table:
    return defaultdict(lambda: defaultdict(float))


def _less(counts: Mapping[str, float], others: Mapping[str, float]) -> dict[str, float]:
    left = {form: count - others.get(form, 0.0) for form, count in counts.items()}
    return {form: count for form, count in left.items() if count > TINY}


def _count_lemmas(one: Exchange, table: Table) -> None:
    for old in _lemmas(one.tortured):
        for new in _lemmas(one.meant):
            table[old][new] += one.count


@lru_cache(maxsize=100_000)
def _lemmas(word: str) -> set[str]:
    return {lemma.lower() for found in morphology.lemmas(word).values() for lemma in found} or {word}


@lru_cache(maxsize=100_000)
def _readings(word: str) -> list[_Reading]:
    found = []
    for upos, lemmas in morphology.lemmas(word).items():
        pos = UPOS.get(upos, "")
        for lemma in lemmas if pos else ():
            found.append(_Reading(lemma.lower(), tuple(tags_of(word, lemma, pos))))
    return found or [_Reading(word, ("NN",))]


@lru_cache(maxsize=200_000)
def _inflected(lemma: str, tags: tuple[str, ...]) -> set[str]:
    """The forms with the tags that a dictionary has; of a lemma without any the lemma."""
    found = {inflect(lemma, tag).lower() for tag in tags if morphology.inflections(lemma, _UPOS[tag[0]])}
    return found or {lemma}
