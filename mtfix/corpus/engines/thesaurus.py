"""What article spinners do: a synonym from a thesaurus for every second word, whatever the word means here.

No regard for sense, style or frequency ("bank" → "cant", "run" → "tally"), often none for inflection
("was ended" → "was finish"), and units of several words are exchanged whole ("prime minister" →
"premier"). The thesaurus is WordNet; its synsets are drawn as if all senses were alike.
"""

from __future__ import annotations

import random
from functools import lru_cache

from wordfreq import zipf_frequency

from mtfix.corpus.engines.lexical import Reading, exchange, inflect, printed
from mtfix.corpus.wordnet import English
from mtfix.documents.categories import FUNCTION_WORDS

# spinners print rarer words than translation engines do, but no words that nobody knows
RAREST = 1.8
AGAIN = 0.6  # how often another draw follows upon a unit of several words
BARE = 0.25  # share of synonyms left in their dictionary form


class ThesaurusEngine:
    """Replaces content words of clean sentences by synonyms of any of their senses."""

    def __init__(self, english: English) -> None:
        self.english = english
        self.synonyms = lru_cache(maxsize=100_000)(self._synonyms)

    def damage(self, sentence: str, density: float, rng: random.Random) -> str:
        """`sentence` with about `density` of its content words exchanged; a and an are left as they were."""
        return exchange(sentence, density, self.english, rng, lambda found: self._exchange(found, rng))

    def _exchange(self, found: Reading, rng: random.Random) -> str | None:
        senses = self.synonyms(found.lemma, found.pos)
        if not senses:
            return None
        chosen = rng.choice(rng.choice(senses))
        if " " in chosen and rng.random() < AGAIN:
            chosen = rng.choice(rng.choice(senses))
        return chosen if rng.random() < BARE else inflect(chosen, found.tag)

    def _synonyms(self, lemma: str, pos: str) -> list[list[str]]:
        """For every sense that has any, its other lemmas."""
        senses = []
        for synset in self.english.ranked(lemma, pos):
            others = [
                other
                for other in self.english.lemmas[synset]
                if other.islower()
                and printed(other, lemma)
                and other not in FUNCTION_WORDS
                and zipf_frequency(other, "en") >= RAREST
            ]
            if others:
                senses.append(others)
        return senses
