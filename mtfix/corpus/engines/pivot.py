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

from wordfreq import zipf_frequency

from mtfix.corpus.engines.lexical import Reading, exchange, inflect, mend_articles, printed
from mtfix.corpus.wordnet import English, Pivot
from mtfix.documents.categories import FUNCTION_WORDS

# a candidate rarer than this is a dictionary curiosity, not what a translation engine prints
RAREST = 2.7
# lexicons hold more units of several words than translators print
SEVERAL = 0.3


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
        exchanged = exchange(sentence, density, self.english, rng, lambda found: self._exchange(found, pivot, rng))
        return mend_articles(exchanged, rng)

    def _exchange(self, found: Reading, pivot: int, rng: random.Random) -> str | None:
        confusions = self.confusions(pivot, found.lemma, found.pos)
        if not confusions:
            return None
        [choice] = rng.choices([c for c, _ in confusions], [w for _, w in confusions])
        return inflect(choice, found.tag)

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
                        scores[candidate] += 1 / (rank + 1) / len(foreign) / len(back)
        weighted = []
        for candidate, score in scores.items():
            if not candidate.islower() or not printed(candidate, lemma):
                continue
            frequency = zipf_frequency(candidate, "en")
            if frequency >= RAREST and candidate not in FUNCTION_WORDS:
                units = SEVERAL if " " in candidate else 1.0
                weighted.append((candidate, units * score * 2 ** (frequency - RAREST)))
        return weighted

