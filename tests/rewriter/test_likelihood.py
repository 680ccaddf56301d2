"""By how much likelier a change makes a sentence, with a model of pairs of tokens in place of the real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.documents.words import words
from mtfix.rewriter.likelihood import AFTER, WINDOW, gains
from mtfix.rewriter.prompt import PromptEncoder
from mtfix.rewriter.requests import Reading
from mtfix.types import Span

WORDS = st.sampled_from("the late father of a gold medal won river é “that’s”".split())


class Pairs:
    """A token is as likely as the one before it says, so two tokens behind a change all is as likely as ever."""

    def __init__(self) -> None:
        self.read: list[Reading] = []

    def score(self, readings: Sequence[Reading]) -> list[list[list[float]]]:
        self.read += readings
        return [[scored((*r.passage[:start], *ids))[start:] for start, ids in r.tails] for r in readings]


def scored(ids: tuple[int, ...]) -> list[float]:
    return [0.0, *(-float(31 * a + 17 * b) % 7 for a, b in pairwise(ids))]


@given(st.lists(WORDS, min_size=1, max_size=40), st.data())
def test_the_gain_is_the_difference_of_the_whole_sentences(make_encoder, told: list[str], data: st.DataObject) -> None:
    encoder, sentence = make_encoder(), " ".join(told)
    places = st.lists(st.sampled_from(words(sentence)), max_size=3)
    changes = [(place, data.draw(WORDS)) for place in data.draw(places)]
    (found,) = gains(encoder, Pairs(), [(sentence, changes)])
    for (span, new), gain in zip(changes, found, strict=True):
        changed = sentence[: span.start] + new + sentence[span.end :]
        assert gain == pytest.approx(inner(encoder, changed) - inner(encoder, sentence))


def inner(encoder: PromptEncoder, text: str) -> float:
    """The likelihood of the text's own tokens."""
    ids = encoder.encode(text)
    return sum(scored(encoder.passage(ids))[-len(ids) :])


def test_the_sentence_is_read_once_for_all_and_a_little_behind_each(make_encoder: Callable[..., PromptEncoder]) -> None:
    reader, encoder = Pairs(), make_encoder()
    sentence = "the late father won " + "a gold medal of the river " * 20
    changes = [(Span(4, 8), "gold"), (Span(9, 15), "river"), (Span(4, 8), "gold")]
    gains(encoder, reader, [(sentence, changes)])
    (reading,) = reader.read
    assert reading.passage == encoder.passage(encoder.encode(sentence))
    assert len(reading.tails) == 4  # with and without each of the two
    assert all(AFTER < len(ids) < 5 + 2 * AFTER for _, ids in reading.tails)


def test_no_more_than_a_window_of_an_endless_sentence_is_read(make_encoder: Callable[..., PromptEncoder]) -> None:
    reader, encoder = Pairs(), make_encoder()
    sentence = "the late father won " * 5000
    place = Span(50_004, 50_008)
    assert gains(encoder, reader, [(sentence, [(place, "gold"), (Span(0, 2 * WINDOW), "the")])])[0][1] == 0
    assert max(len(reading.passage) for reading in reader.read) < WINDOW


def test_nothing_is_read_for_nothing(make_encoder: Callable[..., PromptEncoder]) -> None:
    assert gains(make_encoder(), Pairs(), [("the late father", []), ("", [])]) == [[], []]
