"""A reference made of accepted repairs: of those of each place, the one that the output is nearest to.

A place with three accepted repairs and another with two make six references, and a text has many places. As human-
targeted references do (Snover et al. 2006, "A Study of Translation Edit Rate with Targeted Human Annotation"), one is
made that is as near to the output as any of them, place by place.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from mtfix.evaluation.items import GoldSpan, Item, Output, OutputEdit
from mtfix.evaluation.outputs import applied
from mtfix.evaluation.scores.filling import stretch


def nearest_accepted(item: Item, output: Output) -> str | None:
    """The text with an accepted repair in every gold span; the annotator's own where none is nearer to the output.

    None where repairs don't make up a reference: no spans, some without a repair or overlapping, or references that
    differ from the text elsewhere, too.
    """
    spans = sorted(item.spans or (), key=lambda gold: gold.span)
    if any(a.span.overlaps(b.span) for a, b in pairwise(spans)):
        return None
    if not spans or not item.references or not all(span.repairs for span in spans):
        return None
    if _with(item.text, spans, [0] * len(spans)) not in item.references:
        return None
    return _with(item.text, spans, [_nearest(item.text, span, output) for span in spans])


def _nearest(text: str, span: GoldSpan, output: Output) -> int:
    """Which of the span's repairs needs the fewest changes of words to become what the output has there."""
    made, with_repairs = stretch(text, span, output)
    if made is None or len(with_repairs) == 1:
        return 0
    distances = [Levenshtein.distance(made, words) for words in with_repairs]
    return distances.index(min(distances))


def _with(text: str, spans: Sequence[GoldSpan], chosen: Sequence[int]) -> str:
    return applied(text, [OutputEdit(s.span, s.repairs[i]) for s, i in zip(spans, chosen, strict=True)])
