"""Pivot-sense confusion: the wrong sense that a trip through another language's lexicon brings back.

English lemma -> its synsets -> lemmas of the pivot language -> all their synsets -> English lemmas.
Indonesian `terakhir` or `mendiang` covers late, last and final, so "late father" comes back as
"final father". Paths are weighted by sense rank and by the frequency of the word they end in.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from lemminflect import getAllLemmas, getInflection
from wordfreq import zipf_frequency

from mtfix.corpus.wordnet import English, Pivot
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.words import words

_UPOS = {"NOUN": "n", "VERB": "v", "ADJ": "a", "ADV": "r"}
_TAGS = {
    "n": ("NN", "NNS"),
    "v": ("VB", "VBZ", "VBD", "VBG", "VBN"),
    "a": ("JJ", "JJR", "JJS"),
    "r": ("RB", "RBR", "RBS"),
}
# too frequent and too grammatical to be mistaken for one another by a lexicon
_LEAVE = frozenset("have be do get make go say one two three other more most many much very all".split())
# a candidate rarer than this is a dictionary curiosity, not what a translation engine prints
RAREST = 2.7


class PivotEngine:
    """Replaces content words of clean sentences by what the pivot lexicons confuse them with."""

    def __init__(self, english: English, pivots: Sequence[Pivot]) -> None:
        self.english = english
        self.pivots = list(pivots)
        self.confusions = lru_cache(maxsize=100_000)(self._confusions)

    @classmethod
    def from_folder(cls, folder: Path) -> PivotEngine:
        return cls(English(), [Pivot(path) for path in sorted(folder.glob("wn-data-*.tab.gz"))])

    def damage(self, sentence: str, density: float, rng: random.Random) -> str:
        """`sentence` with about `density` of its content words exchanged through one random pivot language."""
        pivot = rng.randrange(len(self.pivots))
        parts: list[str] = []
        position = 0
        for index, span in enumerate(words(sentence)):
            word = span.of(sentence)
            # a capital inside a sentence marks a name: lexicons don't confuse names
            if not word.isalpha() or len(word) < 3 or (index and not word.islower()) or rng.random() >= density:
                continue
            replacement = self._exchange(word.lower(), pivot, rng)
            if replacement is None:
                continue
            if word[0].isupper():
                replacement = replacement[0].upper() + replacement[1:]
            parts += [sentence[position : span.start], replacement]
            position = span.end
        return _articles("".join([*parts, sentence[position:]]), rng)

    def _exchange(self, word: str, pivot: int, rng: random.Random) -> str | None:
        reading = self._reading(word, rng)
        if reading is None:
            return None
        lemma, pos, tag = reading
        confusions = self.confusions(pivot, lemma, pos)
        if not confusions:
            return None
        [choice] = rng.choices([c for c, _ in confusions], [w for _, w in confusions])
        return _inflect(choice, tag)

    def _reading(self, word: str, rng: random.Random) -> tuple[str, str, str] | None:
        """One (lemma, part of speech, tag) the form can have, drawn by how frequent the lemma is."""
        if word in FUNCTION_WORDS:
            return None
        readings, weights = [], []
        for upos, lemmas in getAllLemmas(word).items():
            pos = _UPOS.get(upos, "")
            for lemma in map(str.lower, lemmas if pos else ()):
                tags = [t for t in _TAGS[pos] if word in getInflection(lemma, tag=t)] or [_TAGS[pos][0]]
                if lemma not in _LEAVE and self.english.ranked(lemma, pos):
                    readings.append((lemma, pos, rng.choice(tags)))
                    weights.append(1 + self.english.counts.get((lemma, pos), 0))
        return rng.choices(readings, weights)[0] if readings else None

    def _confusions(self, pivot: int, lemma: str, pos: str) -> list[tuple[str, float]]:
        """English lemmas that come back for `lemma`, with weights; direct synonyms included, itself not."""
        table = self.pivots[pivot]
        scores: dict[str, float] = defaultdict(float)
        for rank, synset in enumerate(self.english.ranked(lemma, pos)[:6]):
            foreign = table.lemmas.get(synset, [])
            for word in foreign:
                back = table.synsets[word, pos]
                for other in back:
                    for candidate in self.english.lemmas.get(other, ()):
                        if candidate.lower() != lemma and candidate.islower():
                            scores[candidate] += 1 / (rank + 1) / len(foreign) / len(back)
        weighted = []
        for candidate, score in scores.items():
            frequency = zipf_frequency(candidate, "en")
            if frequency >= RAREST and candidate not in FUNCTION_WORDS:
                weighted.append((candidate, score * 2 ** (frequency - RAREST)))
        return weighted


def _inflect(lemma: str, tag: str) -> str:
    """The inflected form; of a multi-word verb the first word, of other units the last."""
    head, _, rest = lemma.partition(" ")
    if rest and tag.startswith("V"):
        return f"{(getInflection(head, tag=tag) or (head,))[0]} {rest}"
    if rest:
        start, _, last = lemma.rpartition(" ")
        return f"{start} {(getInflection(last, tag=tag) or (last,))[0]}"
    return str((getInflection(lemma, tag=tag) or (lemma,))[0])


def _articles(sentence: str, rng: random.Random) -> str:
    """Mostly mend a/an before an exchanged word, as translation engines do; leave some broken."""
    spans = words(sentence)
    for first, second in zip(reversed(spans[:-1]), reversed(spans[1:]), strict=True):
        article, following = first.of(sentence).lower(), second.of(sentence)
        if article in ("a", "an") and rng.random() < 0.85:
            right = "an" if following[0].lower() in "aeiou" else "a"
            if right != article and following.islower():
                cased = right.capitalize() if first.of(sentence)[0].isupper() else right
                sentence = sentence[: first.start] + cased + sentence[first.end :]
    return sentence
