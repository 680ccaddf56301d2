"""Gold worked out from other gold: spans from a reference, tags of words from spans.

Such gold is as good as the alignment it comes from; annotated gold is never replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mtfix.documents.words import words
from mtfix.evaluation.extra import require
from mtfix.evaluation.items import GoldSpan, Item
from mtfix.evaluation.readers.base import Broken

DERIVED = ("spans", "tags")


def with_derived(items: Iterable[Item | Broken], wanted: Sequence[str]) -> Iterator[Item | Broken]:
    """The items; "spans" adds those that the first reference changes, "tags" the words that spans touch."""
    for item in items:
        yield _with_derived(item, wanted) if isinstance(item, Item) else item


def _with_derived(item: Item, wanted: Sequence[str]) -> Item:
    spans = item.spans
    if "spans" in wanted and spans is None and item.references:
        spans = spans_of(item.text, item.references[0])
    if "tags" in wanted and item.tokens is None and spans is not None:
        item = _tagged(item, spans)
    return replace(item, spans=spans)


def spans_of(text: str, reference: str) -> tuple[GoldSpan, ...]:
    """The stretches of `text` that the reference words differently, each with the reference's words."""
    align = require("mtfix.corpus.align", what="deriving spans from references").align
    edits = [edit for edit in align(text, reference) if not edit.blank]
    return tuple(GoldSpan(e.span, category=e.category, repairs=(e.replacement,)) for e in edits)


def _tagged(item: Item, spans: Sequence[GoldSpan]) -> Item:
    """A word that a span touches is bad; where a span touches none, something is missing."""
    tokens = tuple(words(item.text))
    bad, gaps = [False] * len(tokens), [False] * (len(tokens) + 1)
    for gold in spans:
        touched = [i for i, token in enumerate(tokens) if token.overlaps(gold.span)]
        for i in touched:
            bad[i] = True
        if not touched:
            gaps[sum(token.end <= gold.span.start for token in tokens)] = True
    return replace(item, tokens=tokens, bad=tuple(bad), gaps=tuple(gaps))
