"""The words of a sentence, kept for the next one who asks: engines and alignment cut the same sentences many times."""

from __future__ import annotations

from functools import lru_cache

from mtfix.documents.words import words
from mtfix.types import Span


@lru_cache(maxsize=4096)
def cut(sentence: str) -> tuple[tuple[Span, ...], tuple[str, ...]]:
    """Spans and text of the words of a sentence, as `mtfix.documents.words` cuts them."""
    spans = tuple(words(sentence))
    return spans, tuple(span.of(sentence) for span in spans)
