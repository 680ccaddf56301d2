"""What paraphrasing tools do to terms: neighbouring words exchanged one by one, each for what may have meant it.

The table of `mtfix.senses.channel` read backwards: a word is exchanged for those forms that it is the likeliest meaning
of ("signal" -> "flag", "noise" -> "commotion"), the more often the more usual they are. So sentences hold tortured
phrases of terms that no lexicon lists.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate

from wordfreq import zipf_frequency

from mtfix.corpus.engines.lexical import LEAVE, mend_articles
from mtfix.corpus.tokens import cut
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.senses.channel import LONGEST_UNIT, Channel
from mtfix.types import Span

RUNS = (0.3, 0.45, 0.25)  # shares of one, two and three words exchanged next to each other
STAYS = 0.15  # share of words within them that stay as they are
RAREST = 1.8  # as for spinners (thesaurus.py)
USUAL = 1.6  # a form ten times as frequent is drawn so many times as often
MENDED = 0.5  # share of the articles before exchanged words that go with them
_GRAMMATICAL = FUNCTION_WORDS | LEAVE

Choices = tuple[list[str], list[float]]  # forms, and their weights added up


class ChannelEngine:
    """Exchanges runs of content words of clean sentences."""

    def __init__(self, channel: Channel) -> None:
        found: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for form in channel.known():
            frequency = zipf_frequency(form, "en")
            if frequency >= RAREST and form not in FUNCTION_WORDS:
                for log, meant in channel.meant(form):
                    if meant != form:
                        found[meant].append((form, math.exp(log) * USUAL**frequency))
        self._forms: dict[str, Choices] = {
            meant: ([form for form, _ in pairs], list(accumulate(weight for _, weight in pairs)))
            for meant, pairs in found.items()
        }

    def damage(self, sentence: str, density: float, rng: random.Random) -> str:
        """`sentence` with about `density` of its words exchanged, in runs of up to three."""
        spans, printed = cut(sentence)
        starts = density * 1.2  # most runs are cut short by a word that can't be exchanged
        parts: list[str] = []
        position = index = left = 0
        while index < len(spans):
            size = self._size(printed, index)
            if not size or (not left and rng.random() >= starts):
                left, index = 0, index + 1
                continue
            left = (left or rng.choices((1, 2, 3), RUNS)[0]) - 1
            if rng.random() >= STAYS:
                place = Span(spans[index].start, spans[index + size - 1].end)
                parts += [sentence[position : place.start], self._exchanged(place.of(sentence), rng)]
                position = place.end
            index += size
        return mend_articles("".join([*parts, sentence[position:]]), rng, MENDED)

    def _size(self, printed: Sequence[str], index: int) -> int:
        """Words of the longest unit that can be exchanged at `index`; no names, nothing of function words alone."""
        for size in range(min(LONGEST_UNIT, len(printed) - index), 0, -1):
            words = printed[index : index + size]
            named = any(not w.islower() for w in (words if index else words[1:]))
            lower = [w.lower() for w in words]
            if not named and " ".join(lower) in self._forms and not _GRAMMATICAL.issuperset(lower):
                return size
        return 0

    def _exchanged(self, old: str, rng: random.Random) -> str:
        forms, weights = self._forms[" ".join(old.lower().split())]
        [new] = rng.choices(forms, cum_weights=weights)
        return new[0].upper() + new[1:] if old[0].isupper() else new
