"""How much likelier an edit makes its sentence to a language model: the rewriter that ships, read from left to right.

A post-edit that makes the English less likely was made for the sake of the source, which a reader does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mtfix.rewriter.language_model import LanguageModel

_BATCH = 8  # sentences scored together
_LONGEST = 512  # tokens; what comes later counts nothing


class LanguageModelGain:
    """Gain in log-probability (nats, summed over the sentence) of the second text of each pair over the first.

    models, threads, and what is raised: as for LanguageModel.
    """

    def __init__(self, models: Path | None = None, threads: int = 0) -> None:
        self._model = LanguageModel(models, threads, what="the filter of post-edits")

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        tokens = [self._model.encode(text).tokens for text in texts]
        found = self._model.score(tokens, longest=_LONGEST, together=_BATCH)
        scores = dict(zip(texts, map(sum, found), strict=True))
        return [scores[after] - scores[before] for before, after in pairs]
