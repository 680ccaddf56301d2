"""Words that a language model did not expect: flagged from a threshold of surprisal on, never repaired.

The language model is the rewriter that ships (the causal model of its folder, int8), read as an
ordinary left-to-right model without any marker. It is SmolLM2-135M in the shipped models, further
trained to fill marked spans, so its surprisal on running text is close to that model's but not the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import log
from typing import Any

from mtfix.documents.words import words
from mtfix.errors import ConfigError
from mtfix.evaluation.items import Item, Output, ScoredSpan
from mtfix.evaluation.systems import Options
from mtfix.rewriter.language_model import LanguageModel
from mtfix.types import Span

_BATCH = 16  # texts scored together
_LONGEST = 1024  # tokens; what comes later in a text counts as expected


class SurprisalBaseline:
    """Surprisal of a word is -log2 of the probability of its tokens given all before, in bits.

    The score of a word is bits / (bits + threshold): 0.5 at the threshold, rising towards 1. It orders
    words by surprisal and is no probability of being wrong.
    """

    name = "surprisal"
    stored = False
    threshold = 0.5

    def __init__(self, options: Options) -> None:
        if options.surprisal <= 0:
            raise ConfigError("the threshold of surprisal must be above 0 bits.")
        self._options = options
        self._model: LanguageModel | None = None

    def start(self) -> None:
        self._model = LanguageModel(self._options.models, self._options.threads, what="the baseline surprisal")

    def stop(self) -> None:
        self._model = None

    @property
    def model(self) -> LanguageModel:
        if self._model is None:
            raise RuntimeError("start() has not been called")
        return self._model

    @property
    def signature(self) -> dict[str, Any]:
        return {"model": self.model.digest[:12], "bits": self._options.surprisal}

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        source = iter(items)
        while batch := list(islice(source, _BATCH)):
            for item, bits in zip(batch, self._bits([item.text for item in batch]), strict=True):
                limit = self._options.surprisal
                tokens = tuple(ScoredSpan(span, value / (value + limit)) for span, value in bits)
                flags = tuple(found for found in tokens if found.score >= 0.5)
                yield Output(item.id, item.text, flags=flags, tokens=tokens)

    def _bits(self, texts: Sequence[str]) -> Iterator[list[tuple[Span, float]]]:
        """Words of every text with their surprisal."""
        encoded = [self.model.encode(text) for text in texts]
        # one text at a time: padding must not change a result with its neighbours
        scores = self.model.score([found.tokens for found in encoded], longest=_LONGEST)
        for text, found, log_probs in zip(texts, encoded, scores, strict=True):
            places = [Span(*offsets) for offsets in found.offsets]
            yield by_word(words(text), places, [-p / log(2) for p in log_probs])


def by_word(spans: Sequence[Span], tokens: Sequence[Span], bits: Sequence[float]) -> list[tuple[Span, float]]:
    """Sum the bits of tokens over the words that they overlap most; tokens without bits count 0.

    A token of white space alone belongs to the word after it, as it does where both are one token.
    """
    sums = dict.fromkeys(spans, 0.0)
    first = 0
    for token, value in zip(tokens, bits, strict=False):
        while first < len(spans) and spans[first].end <= token.start:
            first += 1
        touched = [s for s in spans[first : first + 8] if s.overlaps(token)]
        if touched:
            sums[max(touched, key=lambda s: min(s.end, token.end) - max(s.start, token.start))] += value
        elif first < len(spans):
            sums[spans[first]] += value
    return list(sums.items())
