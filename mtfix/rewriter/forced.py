"""How probable given answers to a question about a place are, also with a word more on either side of the place.

Each way to ask errs in its own way, and two together err less (Schick and Schütze 2021, "Exploiting Cloze Questions for
Few Shot Text Classification and Natural Language Inference", put several patterns together).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mtfix.documents.words import words
from mtfix.rewriter.likelihood import Change
from mtfix.rewriter.prompt import Prompt, PromptEncoder, canonical
from mtfix.rewriter.requests import Reader, Reading
from mtfix.types import Span

Asked = tuple[str, Span, Sequence[Change]]  # a sentence, a place of it, and changes in or beside the place


def probabilities(encoder: PromptEncoder, reader: Reader, asked: Sequence[Asked], around: int) -> list[list[float]]:
    """For every place the probability of each of its changes, when asked about it and `around` words on either side.

    Of none where that is too long to ask about.
    """
    readings: list[Reading] = []
    lengths: list[list[int]] = []
    for sentence, place, changes in asked:
        wide = canonical(sentence, _widened(sentence, place, around))
        prompt = encoder.prompts(sentence, [wide])[0]
        answers = [tuple(encoder.answer(_within(sentence, wide, *change))) for change in changes] if prompt else []
        readings.append(_reading(prompt, answers))
        lengths.append([len(answer) for answer in answers])
    told = reader.score(readings)
    return [
        [math.exp(sum(scores[-length:])) for scores, length in zip(tails, own, strict=True)]
        for tails, own in zip(told, lengths, strict=True)
    ]


def _reading(prompt: Prompt | None, answers: Sequence[tuple[int, ...]]) -> Reading:
    if prompt is None:
        return Reading((), ())
    return Reading(prompt.passage, tuple((len(prompt.passage), (*prompt.question, *answer)) for answer in answers))


def _widened(sentence: str, place: Span, around: int) -> Span:
    if not around:
        return place
    found = words(sentence)
    before = [word.start for word in found if word.end <= place.start][-around:]
    after = [word.end for word in found if word.start >= place.end][:around]
    return Span(before[0] if before else place.start, after[-1] if after else place.end)


def _within(sentence: str, wide: Span, span: Span, new: str) -> str:
    """What the change leaves of the wider place."""
    return sentence[wide.start : span.start] + new + sentence[span.end : wide.end]
