"""How probable given answers about a place are, with a model of pairs of tokens in place of the real one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from mtfix.rewriter.forced import probabilities
from mtfix.rewriter.prompt import PromptEncoder
from mtfix.rewriter.requests import Reading
from mtfix.types import Span

SENTENCE = "the late father won a medal."


class Pairs:
    """How likely a token is depends on the one before it; notes what it reads."""

    def __init__(self) -> None:
        self.read: list[Reading] = []

    def score(self, readings: Sequence[Reading]) -> list[list[list[float]]]:
        self.read += readings
        return [[self.scored((*r.passage[:start], *ids))[start:] for start, ids in r.tails] for r in readings]

    @staticmethod
    def scored(ids: tuple[int, ...]) -> list[float]:
        return [0.0, *(-float(31 * a + 17 * b) % 7 / 7 for a, b in pairwise(ids))]


@pytest.mark.parametrize(
    ("place", "around", "wide", "answer"),
    [
        (Span(4, 8), 0, Span(3, 8), " gold"),
        (Span(4, 8), 1, Span(0, 15), "the gold father"),
        (Span(4, 8), 2, Span(0, 19), "the gold father won"),
        (Span(0, 3), 1, Span(0, 8), "gold late"),
        (Span(22, 27), 1, Span(19, 28), " a gold."),
        (Span(15, 15), 1, Span(8, 19), " father gold won"),
    ],
)
def test_the_answer_holds_so_many_words_more_on_either_side(
    make_encoder: Callable[..., PromptEncoder], place: Span, around: int, wide: Span, answer: str
) -> None:
    encoder, reader = make_encoder(), Pairs()
    new = " gold" if place.start == place.end else "gold"
    ((found,),) = probabilities(encoder, reader, [(SENTENCE, place, [(place, new)])], around)
    ((start, tail),) = reader.read[0].tails
    question, told = encoder.question(SENTENCE, wide), encoder.answer(answer)
    assert (reader.read[0].passage, start) == (encoder.passage(encoder.encode(SENTENCE)), len(reader.read[0].passage))
    assert tail == (*question, *told)
    whole = Pairs.scored((*reader.read[0].passage, *tail))
    assert found == pytest.approx(math.exp(sum(whole[-len(told) :])))


def test_a_place_without_changes_or_too_long_for_a_question_has_none(
    make_encoder: Callable[..., PromptEncoder],
) -> None:
    encoder = make_encoder(max_tokens=40)
    endless = "late " * 60
    asked = [(SENTENCE, Span(4, 8), []), (endless, Span(0, len(endless) - 1), [(Span(0, 4), "gold")])]
    assert probabilities(encoder, Pairs(), asked, 1) == [[], []]
